"""A catalogue of one's own to begin with: each line with what it means, its unit and where the number is found; valid as written.

`own_catalogue.yaml` is what is written, but for `$name`, which stands for a text, and `name: ?  # where`, for a number.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES, LISTS
from t2v_capacity.assumptions.quantities import is_date
from t2v_capacity.catalogue import KINDS, UNKNOWN, Catalogue, Entry, Fact
from t2v_capacity.errors import Mistake, Mistakes, Place
from t2v_capacity.handover.init import HEADS
from t2v_capacity.release import RELEASED
from t2v_capacity.scenario.settings import Scenario

OWN_MODEL, OWN_GPU = "my-model", "my-gpu"
TEMPLATE = Path(__file__).with_name("own_catalogue.yaml")
# The part of the text that begins here, or a number in it: its name, and where it is found.
_PART, _NUMBER = re.compile(r"(\w+):"), re.compile(r"    (\w+): \?  # (.*)")


def own_catalogue(plan: Scenario) -> str:
    """Return the text of a catalogue that begins with the numbers of a plan's model and GPU. Raise Mistakes if flags ask for more.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> text = own_catalogue(load_scenario(None, ["model=wan2.1-t2v-14b", "gpu=l40s"]))
    >>> print(*(line for line in text.splitlines() if line.startswith(("    layers", "    gpu_price: {"))), sep=chr(10))
        layers: 40
        gpu_price: {value: 1.09 USD/GPU-hour, source: price-list, as_of: 2026-09-25}
    """
    _check(plan)
    return "\n".join(_lines(plan.catalogue, {name: setting.value for name, setting in plan.choices.items()}))


def _check(plan: Scenario) -> None:
    """Refuse flags that say nothing of a catalogue."""
    flags = plan.layers[-1]
    written = {**flags.choices, **flags.shorthands, **flags.numbers, **flags.pins}
    places = {name: setting.place for name, setting in written.items() if name not in HEADS}
    if plan.as_of != RELEASED:
        places["as_of"] = Place(f"--as-of {plan.as_of}")
    why = "stands in a scenario, not in a catalogue; `--catalogue` takes `--model` and `--gpu`, whose numbers it begins with"
    if places:
        raise Mistakes([Mistake(f"`{name}` {why}", place) for name, place in places.items()])


def _lines(catalogue: Catalogue, chosen: Mapping[str, str]) -> Iterator[str]:
    """Yield the template's lines, filled; a number that an entry need not say is a comment."""
    generation = catalogue.generation(chosen)
    kernel = catalogue.kernel({**chosen, "attention_kernel": generation.about["kernel"]})
    entries = {"models": catalogue.find("models", chosen["model"]), "gpus": catalogue.find("gpus", chosen["gpu"])}
    entries |= {"generations": generation, "kernels": kernel}
    supplied = {name: fact for choice in ("model", "gpu") for name, (fact, _entry) in catalogue.supplied(choice, chosen).items()}
    price = supplied["gpu_price"]
    day = price.dated if is_date(price.dated) else RELEASED
    prices = {"gpus": f"{{value: {price.text}, source: price-list, as_of: {day}}}", "prices": price.text}
    if price.text == UNKNOWN:
        prices = {"gpus": UNKNOWN, "prices": ASSUMPTIONS["gpu_price"].default}
    texts = {**_texts(catalogue, entries), "model": chosen["model"], "gpu": chosen["gpu"], "released": RELEASED, "day": day}
    part = ""
    for line in Template(TEMPLATE.read_text(encoding="utf-8")).substitute(texts).split("\n"):
        if begins := _PART.fullmatch(line):
            part = begins[1]
        if not (number := _NUMBER.fullmatch(line)):
            yield line
            continue
        name, where = number.groups()
        entry = entries.get(part)
        text, optional = _number(name, entry, {**supplied, **(entry.facts if entry else {})}, chosen), ""
        if name == "gpu_price":
            text = prices[part]
        elif entry and name in KINDS[part].facts and name not in entry.facts:
            optional = "# "
        yield f"    # {_about(name, catalogue)} Where: {where}."
        yield f"{optional}    {name}: {text}"


def _texts(catalogue: Catalogue, entries: Mapping[str, Entry]) -> dict[str, str]:
    """Return the values of `$name` in the template; for an efficiency, the range of those shipped."""
    generation, kernel = entries["generations"], entries["kernels"]
    linear = generation.at_precision["linear_efficiency"]["bf16"]
    shipped = {name: [one.facts[name] for one in catalogue.entries("kernels").values()] for name in KINDS["kernels"].facts}
    shipped["linear_efficiency"] = [one.at_precision["linear_efficiency"]["bf16"] for one in catalogue.entries("generations").values()]
    spans = {name: sorted((fact.text for fact in facts), key=float) for name, facts in shipped.items()}
    return {
        **{name: f"{texts[0]} to {texts[-1]}" for name, texts in spans.items()},
        "vae_efficiency": f"{float(generation.facts['vae_efficiency'].text) / float(linear.text):.2f}",
        "frames": entries["models"].about["frames"],
        "generation": generation.id,
        "kernel": generation.about["kernel"],
        "format": kernel.about["format"],
    }


def _number(name: str, entry: Entry | None, facts: Mapping[str, Fact], chosen: Mapping[str, str]) -> str:
    """Return a number as an entry writes it: one, a list, one per precision; or the option of a choice."""
    if name in LISTS:
        return f"[{', '.join(facts[part].text for part in LISTS[name])}]"
    if entry and name in entry.at_precision:
        return f"{{{', '.join(f'{precision}: {fact.text}' for precision, fact in entry.at_precision[name].items())}}}"
    return chosen[name] if name in CHOICES else facts[name].text if name in facts else ASSUMPTIONS[name].default


def _about(name: str, catalogue: Catalogue) -> str:
    """Return a number's meaning and unit, or a choice's options."""
    if name in CHOICES:
        return f"{CHOICES[name].label}: {', '.join(catalogue.entries(CHOICES[name].kind))}."
    if name in LISTS:
        return "; ".join(f"{ASSUMPTIONS[part].label} ({ASSUMPTIONS[part].unit})" for part in LISTS[name]) + "."
    return f"{ASSUMPTIONS[name].label}. Unit: {ASSUMPTIONS[name].unit}."
