"""What each option of a choice supplies and implies, as data.

The browser lays one layer of flags over a plan with these tables alone. A table has a row for every combination of the
options that it depends on: kernels have one for each GPU and kernel. Every number comes from the catalogue by the
functions that a scenario's own merge asks, and each comes with its source.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.architecture import ENCODE_OF_DECODE
from t2v_capacity.assumptions.choices import ACCELERATIONS, CHOICES, SHORTHANDS
from t2v_capacity.assumptions.generation import FEW_STEPS
from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import SHARE, STAGES
from t2v_capacity.assumptions.quantities import Range, show
from t2v_capacity.catalogue import AS_THE_MODEL, KINDS, LIST, MODEL_RUN, TILING, Catalogue, Entry, Fact, options_in
from t2v_capacity.catalogue.reading import quotable
from t2v_capacity.engine.constants import NO_GPU_LIMIT
from t2v_capacity.errors import Mistakes
from t2v_capacity.handover.page.evidence import own_data
from t2v_capacity.plan.evidence import has_engine
from t2v_capacity.plan.sellers import sold_by_few, spot_by_few
from t2v_capacity.plan.trials import QUICKER
from t2v_capacity.scenario.layers import Layer, Written
from t2v_capacity.scenario.load import ASKED, DEFAULT_KERNEL, OF_A_MODEL, Merge, default_settings
from t2v_capacity.scenario.mix import parts_in
from t2v_capacity.scenario.settings import Part, Scenario, Setting, point

_KERNEL = "attention_kernel"
# The choices whose options the rows of a table depend on, where that is more than the choice itself.
_OF = {
    "compute_precision": ("gpu", "compute_precision"),
    _KERNEL: ("gpu", _KERNEL),
    TILING: ("model", TILING),
    MODEL_RUN: ("model", "runtime"),
    **{name: ("model", name) for name in ACCELERATIONS},
}
# The tables that a choice takes besides its own, each with the option at which it says nothing more.
_BESIDES = {
    "gpu": (("compute_precision", ""), (_KERNEL, "")),
    "runtime": ((MODEL_RUN, ""),),
    "model": ((MODEL_RUN, ""), (TILING, AS_THE_MODEL), *((name, CHOICES[name].default) for name in ACCELERATIONS)),
}
# What own runs calibrate is of a runtime too.
_OF_RUNTIMES = ("compute_precision", _KERNEL)
_DEFAULTS = {name: choice.default or DEFAULT_KERNEL for name, choice in CHOICES.items()}
# The choices that a reader makes: the plan's provider stays, whose prices of all GPUs are in the table.
_CHOICES = {name: choice for name, choice in CHOICES.items() if name != "provider"}

# Choices that a distilled checkpoint may bring.
_BROUGHT = tuple(name for name in KINDS["distilled"].about if name in CHOICES)

_Supplied = dict[str, tuple[float | None, int]]
_Sources = dict[tuple[str, str, str, str], int]  # an entry, its source, its note and its date -> their place among all


def choice_data(scenario: Scenario) -> dict[str, Any]:
    """Return the options of every choice in a scenario's catalogue, what each supplies and implies, and the sources."""
    catalogue, sources = scenario.catalogue, _Sources()
    named = {name: _options(scenario, name) for name in _CHOICES}
    usual = _DEFAULTS | {"provider": scenario.option("provider")}
    tables = {name: _table(catalogue, name, named, usual, sources) for name in (*_CHOICES, MODEL_RUN)}
    return {
        "names": {
            name: {"label": choice.label, "default": _DEFAULTS[name], "of": choice.of}
            for name, choice in _CHOICES.items()
        },
        "options": {
            name: [_option_data(scenario, name, option) for option in options] for name, options in named.items()
        },
        "supplies": {name: [(name, ""), *_besides(catalogue, name)] for name in _CHOICES},
        "tables": tables,
        "implies": {
            "gpu": ["kernel"],
            "runtime": ["kernel"],
            "model": ["attention", "checkpoint"],
            "distilled": ["checkpoint"],
        },
        "implied": _implied_choices(catalogue, named),
        "optional": {name: KINDS[choice.kind].optional for name, choice in _CHOICES.items()},
        "accelerations": ACCELERATIONS,
        "same_picture": {name: _same_picture(catalogue, CHOICES[name].kind) for name in QUICKER},
        "without_engine": [name for name in named["model"] if not has_engine(catalogue.find("models", name))],
        "of_a_model": OF_A_MODEL,
        "asked": ASKED,
        "cheapest_clips": catalogue.find("providers", LIST).about["cheapest_clips"],
        "few_steps": FEW_STEPS,
        "frames": _frames(catalogue, named["model"]),
        "measured_steps": {
            entry.id: int(entry.about["steps"])
            for entry in catalogue.entries("step_caches").values()
            if entry.about.get("steps", "").isdecimal() and not entry.private
        },
        "own": own_data(catalogue),
        "start": _merge_data(Merge(catalogue)),
        **_source_data(sources),
    }


def _of(catalogue: Catalogue, choice: str) -> tuple[str, ...]:
    """Return the choices that a choice's table depends on."""
    of = _OF.get(choice, (choice,))
    return (*of, "runtime") if choice in _OF_RUNTIMES and catalogue.calibrated else of


def _besides(catalogue: Catalogue, choice: str) -> tuple[tuple[str, str], ...]:
    """Return the tables that a choice takes besides its own."""
    tables = _BESIDES.get(choice, ())
    return (*tables, *_BESIDES["gpu"]) if choice == "runtime" and catalogue.calibrated else tables


def _frames(catalogue: Catalogue, models: Iterable[str]) -> dict[str, dict[str, list[float | None]]]:
    """Return the sides of each named frame that a model has of its own."""
    table = dict[str, dict[str, list[float | None]]]()
    for model, name in product(models, catalogue.names("resolutions")):
        frame = _sides(catalogue.frame(name, model))
        if frame != _sides(catalogue.find("resolutions", name).facts):
            table.setdefault(name, {})[model] = frame
    return table


def _sides(facts: Mapping[str, Fact]) -> list[float | None]:
    return [_number(side, facts[side].read(side)) for side in SHORTHANDS["resolution"][1]]


def _source_data(sources: _Sources) -> dict[str, Any]:
    """Return the sources as rows, in which each cited text is its place in a list, and that list.

    A row of the same entry as the row before has no name.
    """
    cited, rows, before = dict[str, int](), list[tuple[object, ...]](), ""
    for entry, source, note, dated in sources:
        row = ("" if entry == before else entry, cited.setdefault(source, len(cited)))
        before = entry
        date = "" if dated in source else dated  # a citation that names the date says it itself
        rows.append((*row, note, date) if note or date else row)
    return {"sources": rows, "cited": list(cited)}


def default_data() -> dict[str, float | None]:
    """Return every assumption as it is if it is neither set nor supplied."""
    return _values(default_settings())


def below_data(scenario: Scenario) -> dict[str, object]:
    """Return what lies below a plan's flags, and the flags: with these the reader's own are merged."""
    below, flags = scenario.below.copy(), scenario.layers[-1]
    if "provider" in flags.choices:  # which the page has no choice of
        seller = Layer("flag", "")
        seller.choices = {"provider": flags.choices["provider"]}
        below.lay(seller)
    below.lay_own_prices(flags)
    return {**_merge_data(below), "flags": _layer_data(scenario.catalogue, flags)}


def parts_data(catalogue: Catalogue, parts: Sequence[Part], below: Sequence[Layer]) -> list[dict[str, object]]:
    """Return the parts of a mix or the stages of a clip.

    Each has its share, layers, pins and stages, and whether it decodes. A stage that gets pixels encodes them.
    """
    rows = list[dict[str, object]]()
    encodes = False
    layers = parts_in(below, [], parts[0].home) if parts else {}
    for part in parts:
        encoded = [{"choices": {}, "numbers": {"vae_encode_share": ENCODE_OF_DECODE}}] if encodes else []
        encodes = part.home == STAGES and part.decodes
        rows.append(
            {
                "name": part.name,
                "share": point(SHARE, part.share.value),
                "fixed": part.fixed,
                "layers": [*encoded, *(_layer_data(catalogue, layer) for layer in layers[part.name])],
                "pins": {name: _number(name, setting.value) for name, setting in part.pins.items()},
                "decodes": encodes,
                "stages": parts_data(catalogue, part.stages, [*below, *layers[part.name]]),
            }
        )
    return rows


def _merge_data(merge: Merge) -> dict[str, object]:
    """Return what lies: choices with where they come from, and the numbers that they supplied and that are written."""
    chosen, provider = merge.choices, merge.choices["provider"].value
    prices = dict[str, dict[str, float | None]]()
    by_hand = [(gpu, name, setting) for (gpu, of, name), setting in merge.prices.items() if of in ("", provider)]
    for gpu, name, setting in (*((*key, setting) for key, setting in merge.own_prices.items()), *by_hand):
        prices.setdefault(gpu, {})[name] = _number(name, setting.value)
    return {
        "choices": {name: setting.value for name, setting in chosen.items() if name in _CHOICES},
        "origins": {name: "hand" if chosen[name].origin.by_hand else chosen[name].origin.kind for name in _CHOICES},
        "supplied": _values(merge.supplied),
        "written": _values(merge.framed()),
        "frames": {
            name: (setting.origin.entry, _number(name, setting.value))
            for name, setting in merge.written.items()
            if setting.origin.named_frame
        },
        "prices": prices,
    }


def _layer_data(catalogue: Catalogue, layer: Layer) -> dict[str, object]:
    """Return what a layer says: its choices, and its numbers with what its shorthands stand for.

    Null takes a name away.
    """
    numbers = dict[str, float | None]()
    frames = dict[str, tuple[str, float | None]]()
    for name, written in layer.shorthands.items():
        parts = {} if written.value is None else catalogue.shorthand(name, written.value)
        read = {part: _number(part, ASSUMPTIONS[part].read(text)) for part, (text, _entry) in parts.items()}
        numbers |= dict.fromkeys(SHORTHANDS[name][1]) | read
        frames |= {part: (entry, read[part]) for part, (_text, entry) in parts.items() if entry}
    for name, written in layer.numbers.items():
        frames.pop(name, None)
        numbers[name] = None if written.read is None else _number(name, written.read)
    chosen = {name: _option_id(catalogue, name, written) for name, written in layer.choices.items() if name in _CHOICES}
    owners = {name: written.owner[0] for name, written in layer.numbers.items() if written.owner[0]}
    return {"choices": chosen, "numbers": numbers, "frames": frames, "owners": owners}


def _option_id(catalogue: Catalogue, choice: str, written: Written) -> str | None:
    """Return an option as a merge knows it, by its id where it is an entry of its own; nothing for null."""
    if written.value is None:
        return None
    option = str(written.value).strip().lower()
    return option if CHOICES[choice].of else catalogue.find(CHOICES[choice].kind, option).id


def _values(settings: Mapping[str, Setting]) -> dict[str, float | None]:
    return {name: _number(name, setting.value) for name, setting in settings.items()}


def _number(name: str, quantity: float | Range) -> float | None:
    number = finite(point(name, quantity))
    if number is not None and number.is_integer() and number < NO_GPU_LIMIT:
        return int(number)  # which is shorter as JSON
    return number


def _options(scenario: Scenario, choice: str) -> list[str]:
    """Return the options that a page may name: of a private catalogue only what the plan chose."""
    options = options_in(choice, quotable(scenario.catalogue.entries(CHOICES[choice].kind)))
    return list(dict.fromkeys([*options, scenario.option(choice), scenario.below.choices[choice].value]))


def _option_data(scenario: Scenario, choice: str, option: str) -> dict[str, object]:
    """Return how an option stands in a list: its group, its name, and what it brings."""
    if CHOICES[choice].of:
        return {"value": option, "label": option}
    entry = scenario.catalogue.find(CHOICES[choice].kind, option)
    if choice == "gpu":
        return {"value": option, "label": entry.label, **_gpu_data(scenario, entry)}
    if choice == "model":
        size = f"{entry.facts['width'].text}x{entry.facts['height'].text}"
        brings = f"{show(_point(entry.facts, 'model_params'), '1')}, {size}"
        return {"value": option, "label": entry.label, "group": entry.about.get("developer", "other"), "brings": brings}
    return {"value": option, "label": option, "brings": entry.about.get("label", "")}


def _same_picture(catalogue: Catalogue, kind: str) -> list[str]:
    """Return the options that make the picture that any other of their kind makes; of a kernel wherever it runs."""
    return [
        entry.rpartition("/")[2] for entry in quotable(catalogue.entries(kind)) if catalogue.same_picture(kind, entry)
    ]


def _gpu_data(scenario: Scenario, entry: Entry) -> dict[str, object]:
    """Return a GPU's group, what it brings and how many ask its list price, with the least and the most of these."""
    provider = scenario.option("provider")
    listed, owner = scenario.catalogue.supplied("provider", {"gpu": entry.id, "provider": provider})["gpu_price"]
    own = owner != entry.id or "gpu_price" in entry.changed
    asked = () if own else scenario.catalogue.sellers(entry.id).values()
    peaks = entry.at_precision["peak_flops"]
    peak = peaks.get("bf16") or next(iter(peaks.values()))
    price = _point({"gpu_price": listed}, "gpu_price")
    brings = [
        show(_point({"peak_flops": peak}, "peak_flops"), "FLOP/s", exact=False),
        "no price" if math.isnan(price) else f"{price:g} USD",
    ]
    if not entry.label.endswith("GB"):
        brings.insert(0, show(_point(entry.facts, "gpu_memory"), "byte"))
    return {
        "group": f"{entry.label.partition(' ')[0]}, {entry.about['generation']}",
        "brings": ", ".join(brings),
        "vendor": entry.about.get("vendor", "other"),
        "generation": entry.about["generation"],
        "successor": "" if entry.private else entry.about.get("successor", ""),
        "asked": [ask(asked) for ask in (min, max) if asked],
        "few": not own and sold_by_few(entry),
        "few_spot": provider == LIST and spot_by_few(scenario.catalogue, entry),
    }


def _point(facts: Mapping[str, Fact], name: str) -> float:
    return facts[name].point(name)


def _table(
    catalogue: Catalogue, choice: str, named: Mapping[str, list[str]], usual: Mapping[str, str], sources: _Sources
) -> dict[str, object]:
    """Return the table of a choice: a row for every combination of the options that it depends on, in their order.

    A row is its place among the different ones: the value and the source of every name in turn, both null where it
    supplies none; or why the option can't be. What most rows have is first, and a row ends with the last name that it
    supplies. Choices that a table does not depend on are the `usual` ones.
    """
    of = _of(catalogue, choice)
    rows = [
        _row(catalogue, choice, {**usual, **dict(zip(of, options, strict=True))}, sources)
        for options in product(*(named[name] for name in of))
    ]
    names = [
        name for name, _rows in Counter(name for row in rows if isinstance(row, dict) for name in row).most_common()
    ]

    def short(row: _Supplied) -> list[float | None]:
        last = max((names.index(name) + 1 for name in row), default=0)
        return [part for name in names[:last] for part in row.get(name, (None, None))]

    written = [short(row) if isinstance(row, dict) else row for row in rows]
    values = list({repr(row): row for row in written}.values())
    return {"of": of, "names": names, "rows": [values.index(row) for row in written], "values": values}


def _row(catalogue: Catalogue, choice: str, chosen: Mapping[str, str], sources: _Sources) -> _Supplied | str | None:
    """Return what an option supplies with the others, or why it can't be; nothing where it has no entry."""
    if not _has_entry(catalogue, choice, chosen):
        return None
    try:
        supplied = _supplied_alone(catalogue, choice, chosen)
    except Mistakes as error:
        return error.mistakes[0].message.removeprefix(f"`{chosen['gpu']}`")  # so that GPUs share it
    return {name: _with_source(name, fact, entry, sources) for name, (fact, entry) in supplied.items()}


def _has_entry(catalogue: Catalogue, choice: str, chosen: Mapping[str, str]) -> bool:
    """Return whether the option has an entry for the GPU or the model that it depends on."""
    if choice == _KERNEL:
        return catalogue.kernel_that_runs(chosen) is not None
    plain = choice not in ACCELERATIONS or chosen[choice] == CHOICES[choice].default
    return plain or f"{chosen['model']}/{chosen[choice]}" in catalogue.entries(CHOICES[choice].kind)


def _supplied_alone(catalogue: Catalogue, choice: str, chosen: Mapping[str, str]) -> Mapping[str, tuple[Fact, str]]:
    """Return what a choice supplies without what the other tables say."""
    peaks = catalogue.find("gpus", chosen["gpu"]).at_precision["peak_flops"]
    usual = {
        **chosen,
        _KERNEL: catalogue.usual_kernel(chosen),
        "compute_precision": "bf16" if "bf16" in peaks else next(iter(peaks)),
    }
    supplied = catalogue.supplied(choice, usual if choice == "gpu" else chosen)
    tables = [table for table, nothing in _besides(catalogue, choice) if not nothing]
    others = {name for table in tables for name in catalogue.supplied(table, usual)}
    return {name: fact for name, fact in supplied.items() if name not in others}


def _with_source(name: str, fact: Fact, entry: str, sources: _Sources) -> tuple[float | None, int]:
    key = (entry, fact.source, fact.note, fact.dated)
    return _number(name, fact.read(name)), sources.setdefault(key, len(sources))


def _implied_choices(catalogue: Catalogue, named: Mapping[str, Iterable[str]]) -> dict[str, dict[str, object]]:
    """Return the choices that others make.

    GPU and runtime make a kernel, a model makes its attention, and a distilled checkpoint makes what it brings.
    """
    kernels = {gpu: catalogue.usual_kernel(_DEFAULTS | {"gpu": gpu}) for gpu in named["gpu"]}
    for gpu, runtime in product(named["gpu"], named["runtime"]):
        kernel = catalogue.usual_kernel(_DEFAULTS | {"gpu": gpu, "runtime": runtime})
        if kernel != kernels[gpu]:
            kernels[f"{gpu}/{runtime}"] = kernel
    attention = {model: catalogue.implied("model", _DEFAULTS | {"model": model}) for model in named["model"]}
    brought = {
        entry.id: {name: entry.about[name] for name in _BROUGHT if name in entry.about}
        for entry in catalogue.entries("distilled").values()
        if "/" in entry.id and not entry.private
    }
    return {
        "kernel": {"of": ("gpu", "runtime"), "name": _KERNEL, "rows": kernels, "usual": {}},
        "attention": {"of": ("model",), "rows": attention, "usual": {}},
        # What a checkpoint doesn't say is usual again; of a choice that is made already nothing is said.
        "checkpoint": {
            "of": ("model", "distilled"),
            "rows": brought,
            "usual": {name: CHOICES[name].default for name in _BROUGHT},
        },
    }
