"""The fit's problem: its runs, its unknowns with their priors, and what the package's formulas predict for them.

A prior is a share of the peak that published kernel benchmarks reach, or a count of a layer's operations; they were
recalled, not retrieved again. `sigma` is how far, in proportion, a constant may leave it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from t2v_capacity.catalogue import Catalogue
from t2v_capacity.engine.figures import FIGURES, ancestors, evaluate, ordered
from t2v_capacity.measured.runs.reading import Run, ran
from t2v_capacity.scenario.load import merged

Array = npt.NDArray[np.float64]

# Name -> (prior, sigma).
LINEAR = {
    "ampere": (0.80, 0.08),
    "hopper": (0.70, 0.08),
    "hopper-h20": (0.93, 0.08),
    "ada": (0.85, 0.08),
    "blackwell": (0.68, 0.08),
    "blackwell-rtx": (0.85, 0.08),
}
ATTENTION = {
    "ampere/fa2": (0.70, 0.12),
    "hopper/fa2": (0.37, 0.12),
    "hopper/fa3": (0.65, 0.12),
    "hopper/cudnn": (0.62, 0.12),
    "hopper-h20/fa2": (0.62, 0.12),
    "hopper-h20/fa3": (0.90, 0.12),
    "hopper-h20/cudnn": (0.86, 0.12),
    "ada/fa2": (0.90, 0.12),
    "blackwell/cudnn": (0.55, 0.12),
    "blackwell/fa4": (0.62, 0.12),
    "blackwell-rtx/fa2": (0.90, 0.12),
    "blackwell-rtx/cudnn": (0.75, 0.12),
}
OTHER = {
    "uncounted_passes_per_layer": (60, 0.7),  # the inputs and outputs of products and attention are 25 to 30 of them
    "fused": (0.39, 0.3),  # element-wise work left: 51 of 153 reads and writes a layer, counted
    "compiled": (0.25, 0.4),  # by torch.compile of all of it, or by a serving engine
    "launch": (0.0005, 0.5),  # seconds to start a layer's 60 to 90 kernels from Python
    "vae_over_linear": (
        1,
        0.5,
    ),  # a convolution is a matrix product whose inputs are gathered: the rate of linear layers, within a half
    "vae_bytes_factor": (1.5, 0.4),
    "power_exponent": (0.6, 0.4),
}
PARALLEL = {
    "communication_efficiency": (0.55, 0.4),
    "parallel_loss": (0.02, 0.5),
    "exchange_eager": (0.001, 0.5),  # seconds to start the four exchanges of a layer in a forward, from Python
    "exchange_engine": (0.0003, 1.0),  # with CUDA graphs
}
# What a runtime supplies: the unknown that says it, or a number.
BY_RUNTIME: dict[str, dict[str, tuple[str, float]]] = {
    "elementwise_factor": {
        "eager": ("", 1.0),
        "fused": ("fused", 0),
        "compiled": ("compiled", 0),
        "engine": ("compiled", 0),
    },
    "exchange_latency": {
        **dict.fromkeys(("eager", "fused", "compiled"), ("exchange_eager", 0.0)),
        "engine": ("exchange_engine", 0),
    },
    "launch_latency": {"eager": ("launch", 0), "fused": ("launch", 0), "compiled": ("", 0.0), "engine": ("", 0.0)},
}
PRIORS = LINEAR | ATTENTION | OTHER
# W for each dense 16-bit TFLOP/s of a board that its power doesn't slow: A100 SXM, H100 SXM, H20, RTX 4090 less a
# little, B200, RTX 5090.
WATTS = {"ampere": 1.28, "hopper": 0.7075, "hopper-h20": 2.7, "ada": 1.66, "blackwell": 0.444, "blackwell-rtx": 1.19}
MOST_IN_A_GROUP = 16  # beyond it a clip has other bottlenecks, and a source splits the VAE as it likes
NOISE = 0.08  # of a whole clip's seconds: two runs of HunyuanVideo with equal FLOPs differ by 10 %
STAGE_NOISE = 0.1  # of a stage that was timed apart
FAMILIES = {
    "wan-14b": ("wan2.1-t2v-14b", "wan2.2-t2v-a14b"),
    "wan-1.3b": ("wan2.1-t2v-1.3b",),
    "wan-5b": ("wan2.2-ti2v-5b",),
    "hunyuanvideo": ("hunyuanvideo",),
    "mochi": ("mochi-1-preview",),
    "cogvideox": ("cogvideox-2b", "cogvideox-5b", "cogvideox1.5-5b"),
    "cosmos-predict2": ("cosmos-predict2-2b-video2world",),
}

_FITTED = (
    *(
        "linear_efficiency",
        "attention_efficiency",
        "vae_efficiency",
        "sustained_share",
        "elementwise_factor",
        "vae_bytes_factor",
    ),
    *("uncounted_passes_per_layer", "communication_efficiency", "parallel_loss"),
    *("exchange_latency", "launch_latency"),
)
_TARGETS = ("generation_latency", "denoising_seconds", "group_decode_seconds", "gpu_seconds_per_video")


@dataclass(frozen=True)
class Row:
    """A run with what its constants depend on."""

    run: Run
    model: str
    generation: str
    pair: str  # GPU generation and kernel
    runtime: str
    power: float  # watts for its peak over what its generation needs
    scale: float  # linear efficiency at its compute precision over that in 16 bits
    linear: float  # the shipped linear efficiency of its generation in 16 bits
    values: Mapping[str, float]

    @property
    def seconds(self) -> float:
        """What was measured."""
        assert self.run.seconds
        return self.run.seconds

    @property
    def noise(self) -> float:
        """The relative error that the fit expects of it."""
        return STAGE_NOISE if self.run.figure == "group_decode_seconds" else NOISE


def rows_of(runs: Iterable[Run]) -> list[Row]:
    """Return the runs with the values that the package's catalogue gives each.

    A generation without runs in the fit keeps its own.
    """
    catalogue, rows = Catalogue(), []
    for run in runs:
        scenario = merged([run.layer], [], catalogue=catalogue)
        chosen = {name: setting.value for name, setting in scenario.choices.items()}
        values = ran(scenario)
        generation, kernel = catalogue.generation(chosen), catalogue.kernel(chosen)
        watts = values["gpu_power"] / (values["vae_peak_flops"] / 1e12) / WATTS.get(generation.id, 0.001)
        linear = float(generation.at_precision["linear_efficiency"]["bf16"].text)
        scale = values["linear_efficiency"] / linear
        rows.append(
            Row(run, chosen["model"], generation.id, kernel.id, chosen["runtime"], min(1, watts), scale, linear, values)
        )
    return rows


def parallel(row: Row) -> bool:
    """Return whether a run tells something of several GPUs: its kernel known, nothing offloaded, a plain run.

    Runs that were gathered after the fit judge it, and make none.
    """
    about, choices = row.run.about, row.run.layer.choices
    plain = (
        "option" not in about
        and about["confidence"] != "low"
        and "offload" not in choices
        and row.values.get("gpus_per_replica", 1) > 1
    ) and not any(reason in about["why"] for reason in ("inferred from its time", "gathered after the fit"))
    known = (
        about["kernel"] in ("stated", "unambiguous")
        and row.pair in ATTENTION
        and row.values["gpus_per_replica"] <= MOST_IN_A_GROUP
    )
    # The peak of the L20 is unofficial.
    return plain and known and row.run.seconds is not None and choices["gpu"].value != "l20"


class Predictor:
    """Predicts the seconds of runs from the unknowns, by the package's formulas, all runs and trials at once."""

    def __init__(self, rows: list[Row]) -> None:
        """Evaluate once whatever the unknowns don't touch."""
        self.rows = rows
        whole = [evaluate(row.values) | dict(row.values) for row in rows]
        touched = {f.name for f in ordered() if set(_FITTED) & ancestors([f.name])}
        needed = ancestors(_TARGETS) | set(_TARGETS)
        self.formulas = [f for f in ordered() if f.name in touched & needed]
        names = {p for f in self.formulas for p in f.parameters} - {f.name for f in self.formulas}
        self.known = {name: np.array([[values[name]] for values in whole]) for name in names}
        self.target = np.array([_TARGETS.index(row.run.figure) for row in rows])

    def seconds(self, constants: Mapping[str, Array | float]) -> Array:
        """Return predicted seconds, a row a run and a column a trial."""
        values: dict[str, Array] = {**self.known, **over(self.rows, constants)}
        for f in self.formulas:
            values[f.name] = f.formula(*[values[parameter] for parameter in f.parameters])
        shape = np.broadcast_shapes(*(np.shape(values[name]) for name in _TARGETS))
        found = np.stack([np.broadcast_to(values[name], shape) for name in _TARGETS])
        return np.asarray(found[self.target, np.arange(len(self.rows))])


def over(rows: list[Row], constants: Mapping[str, Array | float]) -> dict[str, Array]:
    """Return the fitted assumptions of each run: shape (runs, trials)."""

    def each(names: Iterable[tuple[str, float]]) -> Array:
        return np.stack(
            np.broadcast_arrays(
                *(np.atleast_1d(np.asarray(constants.get(name, known), dtype=float)) for name, known in names)
            )
        )

    linear = np.minimum(1, each((row.generation, row.linear) for row in rows))
    one = {name: np.atleast_1d(np.asarray(constants[name], dtype=float)) for name in constants}
    by_runtime = {
        name: {runtime: one[key] if key in one else np.array([value]) for runtime, (key, value) in table.items()}
        for name, table in BY_RUNTIME.items()
    }
    scale = np.array([[row.scale] for row in rows])
    found = {
        "linear_efficiency": linear * scale,
        "attention_efficiency": np.minimum(1, each((row.pair, row.values["attention_efficiency"]) for row in rows)),
        "vae_efficiency": linear * constants["vae_over_linear"],
        "sustained_share": np.array([[row.power] for row in rows]) ** constants["power_exponent"],
        **{
            name: np.stack(np.broadcast_arrays(*(table[row.runtime] for row in rows)))
            for name, table in by_runtime.items()
        },
    }
    return found | {name: np.asarray(constants[name]) for name in constants if name in FITTED_ASSUMPTIONS}


FITTED_ASSUMPTIONS = tuple(name for name in _FITTED if name in (*OTHER, *PARALLEL))
assert set(_TARGETS) <= set(FIGURES)
