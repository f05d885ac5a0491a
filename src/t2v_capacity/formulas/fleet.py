"""GPU-seconds -> replicas, servers and GPUs; how long a new one takes to start."""

import math

from t2v_capacity.engine.constants import (
    FEWEST_REFUSED,
    HALFIN_WHITT_BEND,
    NO_GPU_LIMIT,
    NO_SERVER_LIMIT,
    PI,
    SMALLEST_SPREAD,
    UNDEFINED,
)
from t2v_capacity.engine.figures import figure, main_figure
from t2v_capacity.engine.verbs import ceil, floor, log, maximum, minimum, sqrt, where
from t2v_capacity.formulas.staffing import servers_for


@figure("ratio", "A clip has its seconds, and a stream plays: 1, or no value", better="higher")
def clip_runs(gpu_seconds_per_video: float, playing_speed: float) -> float:
    """Without that a plan serves nothing, and its fleet and bill have no value, pinned GPUs or not.

    >>> clip_runs(gpu_seconds_per_video=300, playing_speed=1)
    1
    """
    return where(floor(playing_speed) > 0, where(gpu_seconds_per_video >= 0, 1, UNDEFINED), UNDEFINED)


@main_figure("gpu", "GPUs at work, on average", adds=True)
def busy_gpus(generation_rate: float, held_seconds: float, spot_work: float) -> float:
    """Clips a second times GPU seconds a clip is the number of GPUs at work (Little's law).

    The law is in Operations Research 9, 1961. Repeated work of spot GPUs counts too.

    >>> busy_gpus(generation_rate=10, held_seconds=300, spot_work=1.25)
    3750.0
    """
    return generation_rate * held_seconds * spot_work


@main_figure("gpu", "GPUs at work, at the peak", adds=True)
def peak_busy_gpus(peak_generation_rate: float, held_seconds: float, spot_work: float) -> float:
    """At the peak, clips a second times GPU seconds a clip is the number of GPUs at work (Little's law).

    What spot GPUs do twice counts too.

    >>> peak_busy_gpus(peak_generation_rate=17, held_seconds=300, spot_work=1.25)
    6375.0
    """
    return peak_generation_rate * held_seconds * spot_work


@figure("replica", "Replicas at work, at the peak", adds=True)
def busy_replicas(peak_busy_gpus: float, gpus_per_replica: float) -> float:
    """The load offered to the fleet, in replicas: a replica makes one clip at a time, with all of its GPUs.

    Batches of long clips gain 0% to 2% of throughput (ML.ENERGY leaderboard), so a replica takes one clip.

    >>> busy_replicas(peak_busy_gpus=5100, gpus_per_replica=2)
    2550.0
    """
    return peak_busy_gpus / gpus_per_replica


@figure("ratio", "Staffing margin aimed at", better="")
def staffing_margin(target_wait_probability: float) -> float:
    """Replicas beyond the load, in square roots of the load, at which the target share has to wait in a large fleet.

    Halfin and Whitt 1981 (https://doi.org/10.1287/opre.29.3.567): the share waiting is 1 / (1 + b Phi(b) / phi(b)).
    This inverse has the right first two terms for a share near 1 and the right limit near 0; it is within 0.2% of b
    from 1e-6 to 0.99.

    >>> staffing_margin(target_wait_probability=0.05)
    1.7398344294845913
    """
    return -log(target_wait_probability) * sqrt(
        2 / (PI - log(target_wait_probability) * (1 - (PI - 3) * target_wait_probability**HALFIN_WHITT_BEND))
    )


@figure("replica", "Load a region may have to carry")
def region_load(busy_replicas: float, regions: float, regions_lost: float) -> float:
    """The regions that are left share the whole load when some are lost.

    >>> region_load(busy_replicas=2550, regions=3, regions_lost=1)
    1275.0
    """
    return busy_replicas / maximum(1, regions - regions_lost)


@figure("replica", "Replicas of a region, by utilization")
def replicas_by_utilization(region_load: float, max_utilization: float) -> float:
    """Replicas that keep a region below its highest utilization at the peak.

    The cap leaves room for what a queue does not know: deploys, stragglers, a forecast that is off.

    >>> replicas_by_utilization(region_load=1_275, max_utilization=0.9)
    1416.6666666666667
    """
    return region_load / max_utilization


@figure("replica", "Replicas of a region, by waiting")
def replicas_by_waiting(
    region_load: float, staffing_margin: float, arrival_variability: float, sessions_per_replica: float
) -> float:
    """Replicas of which about the target share of requests waits: the load, and a margin of its square root.

    The square-root rule keeps that share nearly the same at any size (Halfin and Whitt 1981,
    https://doi.org/10.1287/opre.29.3.567). In a fleet of a few replicas more wait: `wait_probability`. Clicks for
    several clips spread the load as so much larger clips would (A. A. Fredericks, Bell System Technical Journal 59,
    1980). Replicas of several sessions are so many servers.

    >>> replicas_by_waiting(region_load=1_275, staffing_margin=1.74, arrival_variability=1, sessions_per_replica=1)
    1337.1304273283229
    >>> replicas_by_waiting(region_load=100, staffing_margin=1.5, arrival_variability=4, sessions_per_replica=4)
    115.0
    """
    return region_load + staffing_margin * sqrt(maximum(1, arrival_variability) * region_load / sessions_per_replica)


@figure("ratio", "Latency that sizes the fleet, in clips' times", better="")
def latency_allowance(
    sized_by_latency: float, latency_room: float, slowest_seconds: float, generation_latency: float
) -> float:
    """Time that the latency target leaves for the GPUs, in times of one clip; 0 if the target does not size the fleet.

    >>> latency_allowance(sized_by_latency=1, latency_room=168, slowest_seconds=112, generation_latency=112)
    2.5
    """
    return sized_by_latency * (latency_room + slowest_seconds) / generation_latency


@figure("ratio", "Peak of all work over the peak planned for", better="")
def peak_over_level(zoned_peak: float, levelled_peak: float) -> float:
    """How far the peak would be above the one that is planned for, if nothing waited for a quiet hour.

    >>> peak_over_level(zoned_peak=1.75, levelled_peak=1.25)
    1.4
    """
    return zoned_peak / levelled_peak


@figure("replica", "Replicas of a region, by the promise", whole=True)
def replicas_by_latency(
    region_load: float,
    latency_allowance: float,
    arrival_variability: float,
    work_variability: float,
    service_variability: float,
    slowest_seconds: float,
    generation_latency: float,
    urgent_share: float,
    peak_over_level: float,
    zoned_peak: float,
    peak_bend: float,
    failed_share: float,
    interrupted_share: float,
    lost_p95: float,
    streamed: float,
    sessions_per_replica: float,
) -> float:
    """The fewest replicas with which `latency_p95` keeps its target.

    It is 0 where that is not asked or no number is enough. Waits are inverted by halving, so fleet and latency agree.

    >>> replicas_by_latency(
    ...     66.6, 2.6, 1, 0, 0, 300, 300, urgent_share=1, peak_over_level=1, zoned_peak=1.7, peak_bend=0.001,
    ...     failed_share=0, interrupted_share=0, lost_p95=0, streamed=0, sessions_per_replica=1
    ... )
    67.0
    """
    return servers_for(
        region_load,
        latency_allowance,
        arrival_variability,
        work_variability,
        service_variability,
        slowest_seconds / generation_latency,
        urgent_share,
        peak_over_level,
        zoned_peak,
        peak_bend,
        failed_share,
        interrupted_share,
        lost_p95,
        streamed,
        sessions_per_replica,
    )


@figure("replica", "Replicas that the load asks for", adds=True, whole=True)
def replicas_needed(
    regions: float, replicas_by_utilization: float, replicas_by_waiting: float, replicas_by_latency: float
) -> float:
    """Every region has what utilization asks for, and what the promise or else waiting asks for.

    The promise counts where it sizes the fleet and can be kept, else waiting does. A region has at least one replica.

    >>> replicas_needed(
    ...     regions=3, replicas_by_utilization=1_416.7, replicas_by_waiting=1_437.1, replicas_by_latency=1_425
    ... )
    4275
    """
    return regions * ceil(
        maximum(
            maximum(1, replicas_by_utilization),
            where(replicas_by_latency > 0, replicas_by_latency, replicas_by_waiting),
        )
    )


@figure("gpu", "GPUs of a server that can be had", whole=True, better="")
def gpus_had_per_server(gpus_per_server: float, gpu_limit: float, regions: float) -> float:
    """Where a region gets fewer GPUs than a server has, these are a part of one.

    >>> gpus_had_per_server(gpus_per_server=8, gpu_limit=7, regions=2)
    3
    """
    return where(
        gpu_limit < NO_GPU_LIMIT, minimum(gpus_per_server, maximum(1, floor(gpu_limit / regions))), gpus_per_server
    )


@figure("replica/server", "Replicas in a server", whole=True, better="")
def replicas_per_server(gpus_had_per_server: float, gpus_per_replica: float) -> float:
    """Replicas that a server holds whole; a larger one is counted as one, and spans several servers.

    >>> replicas_per_server(gpus_had_per_server=8, gpus_per_replica=3)
    2
    """
    return maximum(1, floor(gpus_had_per_server / gpus_per_replica))


@figure("server/replica", "Servers that a replica spans", whole=True, better="")
def servers_per_replica(gpus_per_replica: float, gpus_had_per_server: float) -> float:
    """Servers that a replica needs: one, unless it must straddle.

    >>> servers_per_replica(gpus_per_replica=12, gpus_had_per_server=8)
    2
    """
    return ceil(gpus_per_replica / gpus_had_per_server)


@figure("server", "Servers that can be had", whole=True, better="")
def servers_available(gpu_limit: float, gpus_had_per_server: float) -> float:
    """Servers are had whole, up to the GPUs that there are.

    >>> servers_available(gpu_limit=50, gpus_had_per_server=8)
    6
    """
    return where(gpu_limit < NO_GPU_LIMIT, floor(gpu_limit / gpus_had_per_server), NO_SERVER_LIMIT)


@main_figure("replica", "Replicas", adds=True, whole=True)
def replicas(
    replicas_needed: float,
    regions: float,
    servers_available: float,
    servers_per_replica: float,
    replicas_per_server: float,
) -> float:
    """The fleet is the smaller of what the load asks for and what can be had; a rented server is filled.

    A region has at least one replica. Where regions can't have the same servers, each is sent what its own carry.

    >>> replicas(replicas_needed=83, regions=3, servers_available=20, servers_per_replica=2, replicas_per_server=3)
    30
    >>> [replicas(needed, 2, NO_SERVER_LIMIT, servers_per_replica=1, replicas_per_server=8) for needed in (5, 17)]
    [16, 32]
    """
    return minimum(
        regions * replicas_per_server * ceil(replicas_needed / regions / replicas_per_server),
        where(
            servers_available < NO_SERVER_LIMIT,
            maximum(regions, floor(servers_available / servers_per_replica) * replicas_per_server),
            NO_SERVER_LIMIT,
        ),
    )


@figure("share", "Fleet over what the load asks for", better="higher")
def fleet_share(replicas: float, replicas_needed: float) -> float:
    """The part of the fleet that the load asks for and that there is.

    It is all of it, unless no more can be had or a smaller fleet is pinned.

    >>> fleet_share(replicas=60, replicas_needed=80)
    0.75
    """
    return minimum(1, replicas / replicas_needed)


@figure("server", "Servers at work in a region", whole=True)
def servers_per_region(
    replicas: float, regions: float, replicas_per_server: float, servers_per_replica: float, clip_runs: float
) -> float:
    """Servers that hold a region's replicas; a server is rented whole.

    >>> servers_per_region(replicas=33, regions=3, replicas_per_server=2, servers_per_replica=3, clip_runs=1)
    18
    """
    return clip_runs * ceil(replicas / regions / replicas_per_server) * servers_per_replica


@figure("server", "Spare servers in a region", whole=True)
def spares_per_region(servers_per_region: float, spare_servers: float, spare_fraction: float) -> float:
    """Each region keeps a fixed number of spare servers and a share of those at work, rounded up.

    >>> spares_per_region(servers_per_region=50, spare_servers=1, spare_fraction=0.05)
    4
    """
    return spare_servers + ceil(spare_fraction * servers_per_region)


@main_figure("server", "Servers", adds=True, whole=True)
def servers(regions: float, servers_per_region: float, spares_per_region: float, servers_available: float) -> float:
    """Every region runs its servers and its spares, as far as servers can be had.

    >>> servers(regions=3, servers_per_region=6, spares_per_region=2, servers_available=20)
    20
    >>> servers(regions=3, servers_per_region=6, spares_per_region=2, servers_available=NO_SERVER_LIMIT)
    24
    """
    return minimum(regions * (servers_per_region + spares_per_region), maximum(regions, servers_available))


@main_figure("gpu", "GPUs rented", adds=True, whole=True)
def gpus(servers: float, gpus_had_per_server: float) -> float:
    """Every GPU of a rented server is paid for, at work or not.

    >>> gpus(servers=24, gpus_had_per_server=8)
    192
    """
    return servers * gpus_had_per_server


@figure("ratio", "Capacity of the fleet over the day's demand", better="higher")
def supply_ratio(replicas: float, gpus_per_replica: float, gpus: float, busy_gpus: float) -> float:
    """GPUs that can work over those that the day's demand keeps at work; 1 or more serves every clip in the end.

    A fleet works with its replicas, and with no more GPUs than it has.

    >>> supply_ratio(replicas=10, gpus_per_replica=2, gpus=24, busy_gpus=80)
    0.25
    """
    return minimum(replicas * gpus_per_replica, gpus) / busy_gpus


@main_figure("share", "Demand that is served", better="higher")
def served_share(supply_ratio: float, refused_share: float, clip_runs: float) -> float:
    """A fleet below the day's demand makes what it can, and the queue grows.

    A larger fleet serves all that a full queue does not refuse.

    >>> served_share(supply_ratio=0.25, refused_share=0, clip_runs=1)
    0.25
    >>> served_share(supply_ratio=1.25, refused_share=0.25, clip_runs=1)
    0.75
    """
    return clip_runs * minimum(
        supply_ratio, maximum(SMALLEST_SPREAD, 1 - where(refused_share > FEWEST_REFUSED, refused_share, 0))
    )


@figure("gpu", "GPUs at work on what is served, on average", adds=True)
def worked_gpus(busy_gpus: float, served_share: float) -> float:
    """A fleet that cannot carry the day's demand works on the part that it serves.

    >>> worked_gpus(busy_gpus=80, served_share=0.25)
    20.0
    """
    return busy_gpus * served_share


@main_figure("share", "Utilization of the replicas at the peak", most=math.inf, better="")
def utilization(busy_replicas: float, replicas: float) -> float:
    """At the peak this share of the replicas is at work; a value of 1 or more is an overload.

    >>> utilization(busy_replicas=2550, replicas=3000)
    0.85
    """
    return busy_replicas / replicas


@main_figure("share", "Average utilization of the whole fleet", better="higher")
def average_utilization(worked_gpus: float, gpus: float) -> float:
    """Over a day this share of the fleet's GPUs is at work: peak, headroom, rounding, spares and lost regions show.

    Of a fleet that follows the day it is the share of all its GPUs, not of those that are held (`gpus_held`).

    >>> average_utilization(worked_gpus=3000, gpus=6400)
    0.46875
    """
    return worked_gpus / gpus


@figure("second", "Time to load the weights")
def load_time(model_and_encoder_size: float, vae_size: float, load_rate: float) -> float:
    """A new replica reads the model, its text encoder and its VAE before it can work.

    >>> load_time(model_and_encoder_size=29.4e9, vae_size=0.5e9, load_rate=1e9)
    29.9
    """
    return (model_and_encoder_size + vae_size) / load_rate


@main_figure("second", "Cold start")
def cold_start(provision_time: float, load_time: float, warm_up_time: float) -> float:
    """The time from asking for a server to its first clip.

    A machine is provisioned, the weights are loaded, and kernels are compiled and warmed.

    >>> cold_start(provision_time=300, load_time=29.9, warm_up_time=60)
    389.9
    """
    return provision_time + load_time + warm_up_time
