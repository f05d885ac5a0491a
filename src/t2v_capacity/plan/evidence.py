"""State an estimate's evidence: the published runs near it, the model's error on similar runs, and its class.

A clip's differences from a plain one are described in the same words for plans and for runs: only runs with the same
differences are evidence.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from t2v_capacity.assumptions.generation import FEW_STEPS
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.catalogue import Entry
from t2v_capacity.catalogue.compiled import package_entry
from t2v_capacity.catalogue.own_runs import TOKENS_APART, OwnRuns, is_near
from t2v_capacity.catalogue.published import Measurement, published, runs_of
from t2v_capacity.engine.figures import FIGURES, Known, Number
from t2v_capacity.engine.verbs import where
from t2v_capacity.plan.tree import View, remembered, views_of
from t2v_capacity.scenario.settings import Scenario, point

FEW, FIXED, CACHED, SPARSE = "few steps", "most seconds outside denoising", "a step cache", "sparse attention"
LIGHT = "a light decoder"
STREAMED, LINEAR, FACTORISED = "streamed chunks", "linear attention", "factorised attention"
OFFLOADED, IN_BLOCKS = "the model offloaded", "weights streamed"
# Of these, the model's own: without a run of it in the same runtime, its seconds are unknown.
OF_THE_MODEL = {STREAMED, LINEAR, FACTORISED}
IN_ORDER = (FEW, FIXED, CACHED, SPARSE, LIGHT, STREAMED, LINEAR, FACTORISED, OFFLOADED, IN_BLOCKS)  # of `does`
# Differences on which a run that timed denoising only is no evidence.
BEYOND_DENOISING = {FEW, FIXED, LIGHT}


def does(known: Known) -> dict[str, Number]:
    """Return whether a clip does each way, by its assumptions and figures: floats, or arrays of cells."""
    denoising = known["denoising_seconds"] * known["gpus_per_replica"] * known["time_factor"]
    return {
        FEW: known["steps"] <= FEW_STEPS,
        FIXED: 2 * denoising < known["gpu_seconds_per_video"],
        CACHED: known["cached_step_share"] > 0,
        SPARSE: known["attention_sparsity"] > 0,
        LIGHT: known["decoder_work_share"] < 1,
        STREAMED: (known["chunk_frames"] > 0) | (known["streamed"] > 0),
        LINEAR: known["linear_attention"] > 0,
        FACTORISED: known["factorised_attention"] > 0,
        OFFLOADED: known["model_resident"] < 1,
        IN_BLOCKS: known["blocks_streamed"] > 0,
    }


def ways(known: Known) -> frozenset[str]:
    """Return a clip's differences from a plain one, by its assumptions and figures."""
    return frozenset(way for way, done in does(known).items() if done)


def ways_in_words(ways: frozenset[str]) -> str:
    """Return ways in words."""
    return " and ".join(sorted(ways))


MEASURED, SAME_GENERATION, EXTRAPOLATED = "measured", "same-generation", "extrapolated"
# True over predicted seconds: the model's error is a range of it.
FACTOR = "time_factor"
# The classes of the model's error: whether the kernel is stated, and how near the model's nearest published run is.
STATED, OPEN = "stated", "open"
NEAR, MIDDLE, FAR = "near", "middle", "far"
BANDS = tuple(f"{kernel}-{how}" for kernel in (STATED, OPEN) for how in (NEAR, MIDDLE, FAR))
OWN_RANGE, PINNED, OWN_RUNS = "time_factor", "pinned", "own-runs"
ERROR_CLASSES = (*BANDS, EXTRAPOLATED, OWN_RUNS, OWN_RANGE, PINNED)
# Runtimes that do the same under two names, and formats of 16 bits.
ALIKE = {"fused": "compiled", "bf16": "bf16", "fp16": "bf16"}
# The weights of differences in the distance between two runs, in doublings of tokens; any other weighs 1.
# The last two are the largest distances of runs. Near is one difference, or one doubling.
# In the middle are another GPU generation and one difference more.
DISTANCE = {"model": 1.5, "generation": 2.0, "card": 1.5, "option": 2.0, NEAR: 1.0, MIDDLE: 3.0}
# Cards of a generation are alike where their rates differ by no more than this: an H200 and an H100.
ALIKE_RATES = 0.01
_ENGINE = "engine"
# Facts that a user's catalogue may set without moving the seconds of a clip.
_NO_PHYSICS = {
    *("label", "aliases", "source", "note", "vendor", "successor", "same_picture", "evidence", "rows", "error", "ways"),
    *("gpu_price", "spot_price", "gpu_power", "gpu_idle_power", "rated_power_factor", "gpus_per_server"),
}
# The rates and efficiencies that the package's runs were predicted with: set by hand, nothing published is of them.
RATES = (
    "linear_efficiency",
    "attention_efficiency",
    "vae_efficiency",
    "softmax_share",
    "sustained_share",
    "elementwise_factor",
    "peak_flops",
    "attention_peak_flops",
    "vae_peak_flops",
    "memory_bandwidth",
    "interconnect_bandwidth",
)
# What a network is, of which its seconds follow: with another, nothing published is of the model.
NETWORK = "layers hidden_size heads ffn_size ffn_matrices vae_decode_flops_per_pixel".split()
# The stages of a clip whose seconds may be pinned, each a part of `gpu_seconds_per_video`.
TIMED_STAGES = ("denoising_seconds", "vae_decode_seconds", "vae_encode_seconds", "offload_seconds", "fixed_seconds")
# The figures that are a measurement of a clip's seconds where they are pinned, and of a stream's.
_TIMED, _PLAYED = "gpu_seconds_per_video", "generated_fps"
# The figures by which a plan is faster than its GPU.
PEAK_BY = (
    "gpu_seconds_per_video",
    "playing_speed",
    "passes_per_video",
    "linear_flops_per_pass",
    "attention_flops_per_pass",
    "vae_decode_flops",
)
# The figures whose error states the evidence of a plan: where stages are pinned, also what the rest of a clip takes.
EVIDENCE_BY = ("visual_tokens", "vae_group_share", *TIMED_STAGES, *PEAK_BY)


class Evidence(NamedTuple):
    """The evidence of a plan's seconds, and why it is no stronger; measured needs no reason."""

    kind: str
    reason: str = ""


class ModelError(NamedTuple):
    """True seconds over predicted ones, as factors that hold in a share of the published runs of a class."""

    low: float
    high: float
    share: float
    kind: str
    like: bool = True  # whether runs like the plan were measured
    predicted: float = 1.0  # the share of a clip's seconds that it is of: the others are pinned

    def of_a_share(self, share: float) -> "ModelError":
        """Return the error of a clip of whose seconds no more than a share has this one."""
        low, high = (1 + (end - 1) * share for end in (self.low, self.high))
        return self._replace(low=low, high=high, predicted=self.predicted * share)

    @property
    def whose(self) -> str:
        """The runs from which the error was found, in words."""
        words = {OWN_RANGE: "the range of time_factor", OWN_RUNS: "clips like your own runs"}
        return words.get(self.kind, "published runs" if self.like else "published runs unlike it")

    @property
    def promised(self) -> float | None:
        """The share of runs that it holds; none without a run like it, or if the class promises none."""
        return self.share if self.like and self.kind in (*BANDS, OWN_RUNS) else None


class Profile(NamedTuple):
    """The properties that a plan has in common with runs."""

    model: str
    generation: str
    kernel: str
    runtime: str
    precision: str
    gpus: float
    tokens: float
    steps: float
    rate: float
    ways: frozenset[str]

    @property
    def clip(self) -> str:
        """Its model and the GPUs of its group."""
        return f"{self.model} {self.gpus:.0f}"


def other_network(model: str, known: Mapping[str, object]) -> bool:
    """Return whether a network is another than the package's model of that name, by hand or in a user's catalogue."""
    listed = package_entry("models", model)
    return listed is not None and any(known[name] != listed.facts[name].read(name) for name in NETWORK)


def _timed_as(model: Entry) -> str:
    """Return the model under whose name runs of its network are listed: from an image or a text, or its successor."""
    return model.about.get("timed_as", model.id)


@remembered
def profile(scenario: Scenario, known: Known) -> Profile:
    """Return what a plan has in common with runs."""
    chosen, catalogue = scenario.chosen(), scenario.catalogue
    kernel, model = catalogue.kernel(chosen), catalogue.find("models", chosen["model"])
    return Profile(
        _timed_as(model) + "*" * other_network(model.id, known),
        catalogue.generation(chosen).id,
        kernel.about.get("runs") or kernel.id.partition("/")[2],
        model.about.get(chosen["runtime"], chosen["runtime"]),  # what an engine runs as it is written
        chosen["compute_precision"],
        known["gpus_per_replica"],
        known["visual_tokens"],
        known["steps"],
        known["vae_peak_flops"] * known["sustained_share"],
        ways(known),
    )


def computed_with(run: Measurement | Profile) -> tuple[str, str, str]:
    """Return the kernel, the runtime and the precision of a run or a plan, by class."""
    return run.kernel, ALIKE.get(run.runtime, run.runtime), ALIKE.get(run.precision, run.precision)


def _same_card(run: Measurement, plan: Profile) -> bool:
    """Return whether a run's GPU is of the plan's generation and rate."""
    return run.generation == plan.generation and abs(run.rate / plan.rate - 1) < ALIKE_RATES


def _alike(run: Measurement, plan: Profile) -> bool:
    """Return whether a plain run had the plan's kernel, runtime and precision."""
    return run.judged and computed_with(run) == computed_with(plan)


def near(scenario: Scenario, known: Known) -> tuple[Measurement, ...]:
    """Return the published runs near a plan.

    They have its model, card, kernel, runtime, precision, group and ways, and half to twice its tokens. `known`
    are the plan's assumptions and figures, by name.
    """
    _part, scenario, known, _whole = worst(scenario, known)
    plan = profile(scenario, known)
    return tuple(run for run in _near(plan) if plan.ways <= run.ways)


def _near(plan: Profile) -> list[Measurement]:
    """Return the runs near a plan, whatever it does otherwise than a plain clip."""
    return [
        run
        for run in runs_of(plan.model)
        if run.gpus == plan.gpus
        and _same_card(run, plan)
        and _alike(run, plan)
        and is_near(run.tokens, plan.tokens, plan.tokens)
    ]


@remembered
def worst(scenario: Scenario, known: Known) -> View:
    """Return the part of a mix whose seconds are known least; else the plan itself.

    Of several it is the part that may be furthest off. Where clips are made in stages, it is one of these.
    """

    def doubt(view: View) -> tuple[int, float]:
        error = model_error(view.scenario, view.known)
        kind = evidence_of(view.scenario, view.known).kind
        return (MEASURED, SAME_GENERATION, EXTRAPOLATED).index(kind), error.high / error.low

    return max(views_of(scenario, known, "stage"), key=doubt)


def at_peak(known: Known) -> Number:
    """Return the GPU-seconds of a clip if every GPU worked at its whole dense peak: no plan is faster."""
    attention = known["attention_flops_per_pass"] * (1 - known["attention_sparsity"])
    denoising = known["passes_per_video"] * (
        known["linear_flops_per_pass"] / known["peak_flops"] + attention / known["attention_peak_flops"]
    )
    return denoising + known["vae_decode_flops"] / known["vae_peak_flops"]


def made_seconds(known: Known) -> Number:
    """Return the GPU-seconds of a clip, of a stream those of its frames per second, which may be pinned."""
    # A stage, which is never streamed, has no such speed.
    played = known["duration"] * known["gpus_per_replica"] / known.get("playing_speed", 1.0)
    return where(known["streamed"] > 0, played, known["gpu_seconds_per_video"])


def faster_than_peak(known: Known) -> Number:
    """Return whether a plan asks more of a GPU than its peak: of floats, or of arrays of cells."""
    return made_seconds(known) * (1 + 1e-9) < at_peak(known)


def is_timed(scenario: Scenario) -> bool:
    """Return whether a pin says how long a clip takes, or how many frames per second a stream has."""
    return _TIMED in scenario.pins or (scenario.streams and _PLAYED in scenario.pins)


@remembered
def evidence_of(scenario: Scenario, known: Known) -> Evidence:
    """Return whether runs like this one were measured, and why not.

    A pinned `gpu_seconds_per_video` is the user's own measurement, and so is the `generated_fps` of a stream. So are
    pinned stages of a clip, such as `denoising_seconds`, that are most of its seconds: nine tenths where the rest is
    extrapolated.

    Same generation: the plan's GPU generation was timed with another model, kernel, runtime, size, group or option. Or
    its model was timed elsewhere, with the same kernel and runtime.

    Extrapolated: neither was timed. Rates by hand or of a user's own catalogue are extrapolated too, until that
    catalogue holds the result of `calibrate`. So is a clip longer or larger than any that was timed of its model. So is
    what exceeds the peak of its GPU.

    The evidence of a mix is its worst part's, and that of a clip its worst stage's.
    """
    if scenario.inner:
        view = worst(scenario, known)
        evidence = evidence_of(view.scenario, view.known)
        return evidence._replace(reason=f"{view.name}: {evidence.reason}") if evidence.reason else evidence
    rest = _evidence_of_rest(scenario, known)
    timed = is_timed(scenario) or _predicted_share(scenario, known) < (0.1 if rest.kind == EXTRAPOLATED else 0.5)
    return Evidence(MEASURED) if timed and not faster_than_peak(known) else rest


@remembered
def _evidence_of_rest(scenario: Scenario, known: Known) -> Evidence:
    """Return the evidence of the seconds that are predicted, of a clip in one stage."""
    if faster_than_peak(known):
        return Evidence(EXTRAPOLATED, "the plan is faster than the peak of its GPU")
    if by_hand := [*filter(scenario.by_hand, RATES)]:
        return Evidence(EXTRAPOLATED, f"{', '.join(by_hand)} set by hand")
    plan = profile(scenario, known)
    if (own := _own_evidence(scenario, plan)) is not None:
        return own
    return _package_evidence(plan)


def timed_in_words(scenario: Scenario, known: Known) -> str:
    """Return the evidence of a plan in words; where no run is like it, what was timed instead."""
    _part, scenario, known, _whole = worst(scenario, known)
    kind = evidence_of(scenario, known).kind
    if kind == MEASURED:
        return "by your own runs" if own_rows(scenario) else "timed"
    if kind != SAME_GENERATION:
        return kind
    plan, gpu = profile(scenario, known), scenario.option("gpu")
    runs = [run for run in published().runs if run.generation == plan.generation]
    models = {run.network for run in runs if run.gpu == gpu}
    if plan.model in models or own_rows(scenario):
        return "timed with other settings"
    if models:
        return "timed with another model"
    return "similar GPUs timed" if runs else "timed on other GPUs"


def has_engine(model: Entry) -> bool:
    """Return whether a serving engine is listed for a model, or a published run of it was in one."""
    # Diffusers is among those that run a model, and serves none.
    return (
        not {"", "diffusers"}.issuperset(model.about.get("engines", "").split(", "))
        or _ENGINE in model.about
        or any(run.runtime == _ENGINE for run in runs_of(_timed_as(model)))
    )


def no_engine(scenario: Scenario, known: Known) -> str:
    """Return that no engine is listed for a model of a plan in an engine, which was not timed; else nothing."""
    model = scenario.option("model")
    listed = scenario.option("runtime") != _ENGINE or has_engine(scenario.catalogue.find("models", model))
    return "" if listed or evidence_of(scenario, known).kind == MEASURED else f"no engine listed for {model}"


def unmeasured(scenario: Scenario) -> Callable[[Mapping[str, float]], bool]:
    """Return the test of whether a plan is not measured; one that is faster than its GPU has a warning of its own."""
    return lambda known: not faster_than_peak(known) and evidence_of(scenario, known).kind != MEASURED


@lru_cache
def _package_evidence(plan: Profile) -> Evidence:
    """Return the evidence that the package's runs give to a plan on the package's catalogue."""
    like, runs = _near(plan), published().runs
    if any(plan.ways <= run.ways for run in like):
        return Evidence(MEASURED)
    longest = max(run.tokens for run in runs_of(plan.model) or runs)
    if not plan.tokens <= TOKENS_APART * longest:
        return Evidence(EXTRAPOLATED, "more than twice the tokens of any clip timed of its model")
    if (own := plan.ways & OF_THE_MODEL) and not any(
        own <= run.ways and computed_with(run)[1] == computed_with(plan)[1] for run in runs
    ):
        return Evidence(EXTRAPOLATED, f"no published run of {ways_in_words(own)} in this runtime")

    if not any(
        (run.generation == plan.generation and run.judged) or (run.network == plan.model and _alike(run, plan))
        for run in runs
    ):
        return Evidence(EXTRAPOLATED, "no published run of this GPU generation")
    return Evidence(SAME_GENERATION, f"no run like it has {ways_in_words(plan.ways)}" if like else _unlike(plan))


def _unlike(plan: Profile) -> str:
    """Return why no run is like a plan: what the nearest run of its model has otherwise."""
    nearest = _nearest(plan)
    if not nearest:
        return "no published run is of its model"
    return f"its nearest run differs in {', '.join(_differences(nearest[0], plan)[:4])}"  # in a short line


@lru_cache
def _nearest(plan: Profile) -> tuple[Measurement, ...]:
    """Return the published run of its model that is nearest to a plan; nothing without one."""
    return _nearest_of(runs_of(plan.model), plan)


def _nearest_of(runs: Iterable[Measurement], plan: Profile) -> tuple[Measurement, ...]:
    """Return the run that is nearest to a plan, of equals one with a known kernel; nothing where there are none."""
    return tuple(sorted(runs, key=lambda run: (_distance(run, plan), not run.kernel))[:1])


def _differences(run: Measurement, plan: Profile) -> list[str]:
    """Return what a run of the plan's model has otherwise than the plan, in words."""
    names = ("kernel" if run.kernel else "kernel (unknown)", "runtime", "precision")
    parts = zip(names, computed_with(run), computed_with(plan), strict=True)
    others = {
        "GPU": not _same_card(run, plan),
        **{name: of_run != of_plan for name, of_run, of_plan in parts},
        "group": run.gpus != plan.gpus,
        "size": not is_near(run.tokens, plan.tokens, plan.tokens),
    }
    return [name for name, differs in others.items() if differs] or ["settings"]


def physics(entry: Entry) -> frozenset[str]:
    """Return the facts of users' files on an entry that moves the seconds of a clip.

    Which GPU a GPU extends moves none: runs are alike by its generation and its rates.
    """
    return entry.changed - _NO_PHYSICS - ({"extends"} if "generation" in entry.about else set())


def _own_evidence(scenario: Scenario, plan: Profile) -> Evidence | None:
    """Return the evidence of a user's own GPU, kernel or runtime; nothing if these are the package's."""
    catalogue, chosen = scenario.catalogue, scenario.chosen()
    if not catalogue.overlaid:
        return None
    if (runs := _calibrated(scenario)) is not None:
        if not any(plan.ways <= frozenset(run.split(" + ")) for run in runs.ways):
            return Evidence(SAME_GENERATION, f"no run of your own has {ways_in_words(plan.ways)}")
        if runs.error(plan.clip, plan.tokens, plan.steps) < math.inf or any(
            plan.ways <= run.ways for run in _near(plan)
        ):
            return Evidence(MEASURED)
        return Evidence(SAME_GENERATION, "your own runs differ in model, group, size or steps")

    gpu = catalogue.find("gpus", chosen["gpu"])
    if chosen["compute_precision"] not in gpu.at_precision.get("linear_efficiency", {}):
        gpu = gpu._replace(changed=gpu.changed - {"linear_efficiency"})  # that of another precision
    software = catalogue.kernel(chosen), catalogue.find("runtimes", chosen["runtime"])
    names = [entry.id for entry in (gpu, catalogue.generation(chosen), *software) if physics(entry)]
    timed = f"{gpu.id}/{chosen['runtime']}" in catalogue.entries("calibrations") and not catalogue.own_runs(chosen)
    missing = "was calibrated on another peak: calibrate it again" if timed else "was not calibrated"
    return Evidence(EXTRAPOLATED, f"{', '.join(names)} of your own catalogue {missing}") if names else None


def _calibrated(scenario: Scenario) -> OwnRuns | None:
    """Return the user's own runs of a plan's GPU and runtime, if one had its precision and kernel; else nothing."""
    catalogue, chosen = scenario.catalogue, scenario.chosen()
    runs, kernel = catalogue.own_runs(chosen), catalogue.kernel(chosen).id.rpartition("/")[2]
    return runs if runs and f"{chosen['compute_precision']} {kernel}" in runs.timed else None


def uncalibrated(scenario: Scenario) -> str:
    """Return that the user timed others than a plan's GPU and runtime, by name; nothing where these were timed."""
    entries = scenario.catalogue.entries("calibrations").values() if scenario.catalogue.overlaid else ()
    timed = [" with ".join(entry.id.split("/")) for entry in entries if not entry.private]
    if not timed or _calibrated(scenario):
        return ""
    others = ", ".join(timed)
    return f"your own runs are of {others}: this GPU, peak, precision, kernel or runtime is not among them"


def model_error(scenario: Scenario, known: Known) -> ModelError:
    """Return the model's error on a plan's seconds, as factors; a `time_factor` set by hand replaces that of the runs.

    The class says whether its kernel is written by hand, and how near its model's nearest published run is.
    `known` are the plan's assumptions and figures. Where part of a clip's seconds is pinned, the rest alone may be off.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/wan2.2-h100.yaml"))
    >>> error = model_error(plan.scenario, plan.known)
    >>> error.kind, error.high, error.promised
    ('stated-near', 1.2, 0.9)
    """
    if scenario.inner:  # that of its worst part or stage
        stage = worst(scenario, known)
        error = model_error(stage.scenario, stage.known)
        return error.of_a_share(_predicted_share(whole.scenario, whole.known)) if (whole := stage.whole) else error

    index = published()
    if is_timed(scenario):
        return ModelError(1.0, 1.0, index.share, PINNED)
    if scenario.by_hand(FACTOR):
        return ModelError(*factor_ends(scenario), index.share, OWN_RANGE)

    rests_on = _evidence_of_rest(scenario, known).kind
    measured = rests_on == MEASURED
    plan = profile(scenario, known)
    kind = EXTRAPOLATED
    if measured or (rests_on == SAME_GENERATION and not _is_untimed(plan)):
        stated = scenario.by_hand("attention_kernel")
        kind = class_of(plan, _nearest(plan), stated=stated, measured=measured)
    ends, runs = index.ends(kind), _calibrated(scenario) if measured else None
    own = runs.error(plan.clip, plan.tokens, plan.steps) if runs else math.inf
    if own < math.inf:  # wider than the published band where own runs contradict it
        ends, kind = (1 / own, own), OWN_RUNS
    return ModelError(*ends, index.share, kind, measured).of_a_share(_predicted_share(scenario, known))


def factor_ends(scenario: Scenario) -> tuple[float, float]:
    """Return the ends of a `time_factor`, as factors on its point; 1 and 1 where it is no range."""
    factor = scenario.settings[FACTOR].value
    middle = point(FACTOR, factor)
    return (factor.low / middle, factor.high / middle) if isinstance(factor, Range) else (1.0, 1.0)


def class_of(plan: Profile, runs: Iterable[Measurement], *, stated: bool, measured: bool) -> str:
    """Return the class of the model's error on a plan by the runs that are known of its model.

    A plan that is not measured is never near.
    """
    nearest = min((_distance(run, plan) for run in runs if run.network == plan.model), default=math.inf)
    how = FAR if nearest > DISTANCE[MIDDLE] else MIDDLE
    if measured and nearest <= DISTANCE[NEAR]:
        how = NEAR
    return f"{STATED if stated else OPEN}-{how}"


def _predicted_share(scenario: Scenario, known: Known) -> float:
    """Return the share of a clip's seconds that the model predicts: all but the pinned stages, which were measured."""
    stages = [name for name in TIMED_STAGES if name in scenario.pins]
    if not stages:
        return 1.0
    clip = FIGURES["gpu_seconds_per_video"]
    given = {**known, "other_gpu_seconds_per_video": 0.0}
    whole, rest = clip.of(given), clip.of(given | dict.fromkeys(stages, 0.0))
    return rest / whole if whole > 0 else 1.0


def own_rows(scenario: Scenario) -> str:
    """Return the number of the user's own runs that calibrate a plan; nothing if it is not calibrated."""
    return str(runs.rows) if (runs := _calibrated(scenario)) else ""


def _is_untimed(plan: Profile) -> bool:
    """Return whether no run of the plan's generation did what the plan does beyond a plain clip."""
    return bool(plan.ways) and not any(
        run.judged and run.generation == plan.generation and plan.ways <= run.ways for run in published().runs
    )


def nearest_runs(scenario: Scenario, known: Known) -> tuple[Measurement, ...]:
    """Return the nearest published run of the plan's model, and the nearest of its generation, kernel and runtime.

    Return one run where it is both. `known` are the plan's assumptions and figures, by name. A plan on a user's own
    constants has none, since these would predict others.
    """
    _part, scenario, known, _whole = worst(scenario, known)
    plan = profile(scenario, known)
    if _own_evidence(scenario, plan):
        return ()
    alike = (run for run in published().runs if run.generation == plan.generation and _alike(run, plan))
    return tuple(dict.fromkeys((*_nearest(plan), *_nearest_of(alike, plan))))


def _distance(run: Measurement, plan: Profile) -> float:
    """Return a run's distance from a plan, in doublings of tokens and GPUs plus other differences."""
    return (
        abs(math.log2(run.tokens / max(plan.tokens, 1)))
        + abs(math.log2(run.gpus / plan.gpus))
        + DISTANCE["model"] * (run.network != plan.model)
        + DISTANCE["card" if run.generation == plan.generation else "generation"] * (not _same_card(run, plan))
        + sum(of_run != of_plan for of_run, of_plan in zip(computed_with(run), computed_with(plan), strict=True))
        + DISTANCE["option"] * bool(run.option)
        + len(plan.ways ^ run.ways)
    )
