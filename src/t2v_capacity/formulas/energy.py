"""All of it -> watts, joules and carbon."""

from t2v_capacity.engine.constants import SECONDS_PER_DAY
from t2v_capacity.engine.figures import figure, main_figure
from t2v_capacity.engine.verbs import maximum, minimum


@figure("watt/gpu", "Power of a GPU at work, facility")
def working_power(gpu_power: float, gpu_load_share: float, host_power_factor: float, pue: float) -> float:
    """A board at work draws a share of its rated power; its host and the building add theirs.

    >>> working_power(gpu_power=700, gpu_load_share=0.93, host_power_factor=1.45, pue=1.15)
    1085.5424999999998
    """
    return gpu_power * gpu_load_share * host_power_factor * pue


@figure("watt/gpu", "Power of an idle GPU, facility")
def idle_power(gpu_idle_power: float, host_power_factor: float, pue: float) -> float:
    """A board that waits still draws power, and so do its host and the building.

    >>> idle_power(gpu_idle_power=120, host_power_factor=1.45, pue=1.15)
    200.1
    """
    return gpu_idle_power * host_power_factor * pue


@main_figure("joule/video", "Energy of the work of a video", mix="mean")
def active_energy_per_video(
    held_seconds: float, sessions_per_replica: float, playing_speed: float, working_power: float
) -> float:
    """GPU seconds of work times the power of a GPU at work: the energy of one run.

    A stream works on its own frames alone. Idle GPUs, failed runs and rejected clips are not counted. No figure
    follows from a pin of it: what a meter shows goes into `gpu_load_share`, or into a pin of `energy_per_video`.

    >>> active_energy_per_video(held_seconds=466.8, sessions_per_replica=2, playing_speed=2.5, working_power=651)
    243109.44
    """
    return held_seconds * sessions_per_replica / playing_speed * working_power


@figure("share", "Share of the held time that is work", better="")
def making_share(sessions_per_replica: float, playing_speed: float) -> float:
    """A stream holds its place while it plays: made faster than it plays, it leaves the GPU idle for the rest.

    >>> making_share(sessions_per_replica=2, playing_speed=2.5)
    0.8
    >>> making_share(sessions_per_replica=1, playing_speed=0.5)
    1
    """
    return minimum(1, sessions_per_replica / playing_speed)


@main_figure("watt", "Power of the fleet, on average")
def fleet_power(
    worked_gpus: float, making_share: float, gpus_held: float, working_power: float, idle_power: float
) -> float:
    """GPUs at work and GPUs that wait, over a day; burst GPUs that were handed back draw nothing here.

    >>> fleet_power(worked_gpus=6000, making_share=0.5, gpus_held=6400, working_power=1085, idle_power=200)
    3935000.0
    """
    return (
        minimum(worked_gpus * making_share, gpus_held) * working_power
        + maximum(0, gpus_held - worked_gpus * making_share) * idle_power
    )


@main_figure("watt", "Power of the fleet at the peak")
def peak_fleet_power(
    peak_busy_gpus: float, making_share: float, gpus: float, working_power: float, idle_power: float
) -> float:
    """Power of the fleet in the hour of its peak: every GPU is on, and as many work as the peak needs.

    It may draw more, for after an incident every GPU works; a site is planned by `nameplate_power`.

    >>> peak_fleet_power(peak_busy_gpus=10200, making_share=0.5, gpus=6400, working_power=1085, idle_power=200)
    5793500.0
    """
    return (
        minimum(peak_busy_gpus * making_share, gpus) * working_power
        + maximum(0, gpus - peak_busy_gpus * making_share) * idle_power
    )


@main_figure("watt", "Rated power of the fleet, at the site")
def nameplate_power(
    gpus: float, gpu_power: float, host_power_factor: float, rated_power_factor: float, pue: float, clip_runs: float
) -> float:
    """Power that a site must be built for: the rated power of every server, and the building's part.

    >>> nameplate_power(gpus=6400, gpu_power=700, host_power_factor=1.5, rated_power_factor=1.8, pue=1.25, clip_runs=1)
    10080000.0
    """
    return clip_runs * gpus * gpu_power * maximum(host_power_factor, rated_power_factor) * pue


@main_figure("joule/video", "Energy of a delivered video")
def energy_per_video(fleet_power: float, delivered_per_day: float) -> float:
    """The day's energy over the day's delivered clips: idle GPUs, failed runs and rejected clips included.

    >>> energy_per_video(fleet_power=3_935_000, delivered_per_day=864_000)
    393500.0
    """
    return fleet_power * SECONDS_PER_DAY / delivered_per_day


@main_figure("joule/month", "Energy per month")
def energy_per_month(energy_per_video: float, delivered_per_day: float, days_per_month: float) -> float:
    """The energy of the month's delivered clips, which is the fleet's average power through the month.

    >>> energy_per_month(energy_per_video=393_500, delivered_per_day=864_000, days_per_month=30)
    10199520000000
    """
    return energy_per_video * delivered_per_day * days_per_month


@main_figure("kg/video", "CO2 of a delivered video")
def carbon_per_video(energy_per_video: float, carbon_intensity: float) -> float:
    """The grid's CO2 equivalent of the energy used; making the hardware is not counted.

    >>> carbon_per_video(energy_per_video=393_500, carbon_intensity=0.0001336)
    52.5716
    """
    return energy_per_video * carbon_intensity


@main_figure("kg/month", "CO2 per month")
def carbon_per_month(energy_per_month: float, carbon_intensity: float) -> float:
    """The grid's CO2 equivalent of a month's energy; making the hardware is not counted.

    >>> carbon_per_month(energy_per_month=1.02e13, carbon_intensity=0.0001336)
    1362720000.0
    """
    return energy_per_month * carbon_intensity
