"""What would make clips another picture than the model's own."""

from collections.abc import Iterator

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import ACCELERATIONS, CHOICES
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.plan.cells import bitrate
from t2v_capacity.plan.warnings.register import ROUNDING_ERROR, Case, Test, Text, any_of, note, warning
from t2v_capacity.scenario.settings import Scenario, point

# A checkpoint that isn't distilled is not run at fewer than one step in so many of its own.
_FEWER = 4
# A bitrate this many times below that of its frame's size was meant for another.
_LOW_BITRATE = 5


def _own(scenario: Scenario) -> tuple[float, float]:
    """Return the steps and the passes a step of the chosen checkpoint; the defaults are those of the default model."""
    distilled = scenario.choices["distilled"].value != CHOICES["distilled"].default
    if scenario.choices["model"].origin.kind == "default" and not distilled:
        return float(ASSUMPTIONS["steps"].default), float(ASSUMPTIONS["passes_per_step"].default)
    supplied = scenario.catalogue.supplied("distilled" if distilled else "model", scenario.chosen())
    return float(supplied["steps"][0].text), float(supplied["passes_per_step"][0].text)


def _too_few_steps(scenario: Scenario) -> Test | None:
    """Return the test of steps far below the checkpoint's, which was not distilled to so few.

    Return none if `steps` has a source. A distilled checkpoint is recognized by its distilled guidance: fewer passes
    per step than the model's own.
    """
    if scenario.settings["steps"].source and scenario.settings["steps"].origin.by_hand:
        return None
    if "gpu_seconds_per_video" in scenario.pins or scenario.settings["model_params"].origin.by_hand:
        return None
    steps, passes = _own(scenario)
    return lambda known: (known["steps"] * _FEWER < steps) & (known["passes_per_step"] >= passes)


@warning("steps-not-distilled", "steps", due_in=_too_few_steps, of="stage")
def _undistilled_steps(plan: Case) -> str:
    model, (own, _passes) = plan.scenario.choices["model"].value, _own(plan.scenario)
    return (
        f"{show(plan['steps'], 'step')} are far below the {own:g} of {model}, which is not distilled to so few; "
        "take a distilled model, or add the `source` of `steps`"
    )


@warning("base-checkpoint", "model distilled", of="stage")
def _base_checkpoint(plan: Case) -> str:
    """Warn of a base checkpoint where services run a distilled one, unless its steps or seconds were set by hand."""
    scenario = plan.scenario
    if not scenario.choices["model"].origin.by_hand:  # the default one is served as it is
        return ""
    model = scenario.catalogue.find("models", scenario.choices["model"].value)
    served = scenario.catalogue.entry("distilled", model.about.get("served", ""))
    set_by_hand = scenario.settings["steps"].origin.by_hand or "gpu_seconds_per_video" in scenario.pins
    distilled = scenario.choices["distilled"].value != CHOICES["distilled"].default
    if not served or model.private or set_by_hand or distilled:
        return ""
    steps, own = served.facts["steps"].text, show(plan["steps"], "step")
    return (
        f"{model.id} is the base checkpoint, {own}; "
        f"services run the distilled one, {steps} steps: add `--distilled {served.id.partition('/')[2]}`"
    )


def _most_skipped(scenario: Scenario) -> dict[str, float]:
    """Return the catalogue's largest share of each kind of skipped work that was written by hand without a source."""
    settings, entries = scenario.settings, scenario.catalogue.entries
    shares = {"cached_step_share": "step_caches", "attention_sparsity": "sparse_attentions"}
    by_hand = {
        name: kind for name, kind in shares.items() if settings[name].origin.by_hand and not settings[name].source
    }
    return {
        name: max(point(name, entry.facts[name].read(name)) for entry in entries(kind).values() if name in entry.facts)
        for name, kind in by_hand.items()
    }


def _beyond_catalogue(scenario: Scenario) -> Test | None:
    most = _most_skipped(scenario)
    return (
        any_of(lambda known: {name: known[name] > share + ROUNDING_ERROR for name, share in most.items()})
        if most
        else None
    )


@warning("skips-beyond-catalogue", due_in=_beyond_catalogue, of="stage")
def _skipping(plan: Case) -> Iterator[Text]:
    """Warn of steps or attention left out by hand, more than any acceleration of the catalogue leaves out."""
    for name, most in _most_skipped(plan.scenario).items():
        if plan[name] > most + ROUNDING_ERROR:
            excess = (
                f"{name} is {show(plan[name], 'share')}; "
                f"no acceleration in the catalogue skips more than {show(most, 'share')}"
            )
            yield Text(f"{excess}. Correct it, or add its `source`", (name,))


@note("another-picture")
def _another_picture(plan: Case) -> Iterator[Text]:
    """State the known effect of each chosen acceleration on picture quality."""
    chosen = plan.scenario.chosen()
    for name in ACCELERATIONS:
        if (
            chosen[name] != CHOICES[name].default
            and not (entry := plan.scenario.catalogue.acceleration(name, chosen)).private
        ):
            remarks = entry.about.get("quality", "nothing is said of it"), entry.about.get("note")
            known = "; ".join(remark for remark in remarks if remark)
            yield Text(f"`{name}: {chosen[name]}` changes the picture: {known}", (name,))


def _low_bitrate(scenario: Scenario) -> Test | None:
    """Return the test of a bitrate written by hand that is far below that of the frame's size.

    Return none if the bitrate follows the size.
    """
    if scenario.bitrate_follows:
        return None
    return lambda known: known["bitrate"] * _LOW_BITRATE < bitrate(scenario, known["width"], known["height"])


@warning("bitrate-unlike-frame", "bitrate width height", due_in=_low_bitrate, of="clip")
def _bitrate(plan: Case) -> str:
    usual = ASSUMPTIONS["bitrate"].show(bitrate(plan.scenario, plan["width"], plan["height"]))
    return (
        f"bitrate is {ASSUMPTIONS['bitrate'].show(plan['bitrate'])}, "
        f"and a frame of {plan['width']:.0f}x{plan['height']:.0f} usually has {usual}; "
        "set `bitrate`, or `bitrate: null` to take that"
    )
