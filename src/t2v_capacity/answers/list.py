"""Lists of what is known: catalogue entries, figures, assumptions; each as rows of data and as a report."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from typing_extensions import TypedDict

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.catalogue import KINDS, Catalogue
from t2v_capacity.catalogue.published import published
from t2v_capacity.errors import Mistakes, nearest
from t2v_capacity.forms.answer import Answer, fixed_answer
from t2v_capacity.forms.data import Head, document
from t2v_capacity.forms.formula_text import in_names
from t2v_capacity.forms.report import Column, Report, Telling, left_out, numbers, table
from t2v_capacity.forms.values import NAME_WIDTH
from t2v_capacity.formulas import FIGURES
from t2v_capacity.release import RELEASED

_Rows = list[dict[str, Any]]
_Listing = tuple[_Rows, Sequence[Column], Telling | None]  # and what tells the section of a row
_Lister = Callable[[Catalogue], _Listing]
_Cell = float | str | bool | list[str] | None
# Kinds of price -> the assumption that one of them may set, and the goods.
_PRICES = {
    "prices": ("gpu_price", "a GPU-hour"),
    "storage_prices": ("storage_price", "storage"),
    "egress_prices": ("egress_price", "egress"),
    "video_prices": ("price_per_video_second", "a second of video from an API"),
}
_ABOUT_A_PRICE = ("provider", "region", "kind", "gpu", "counted_fps", "date", "note")
_WIDE = 160
_WIDTHS = {"region": NAME_WIDTH, "quality": NAME_WIDTH, "note": _WIDE}


class _List(TypedDict):
    list: str  # the name of what is listed


class ListDocument(Head, _List):
    """What t2v-cap list --format json writes."""

    rows: list[dict[str, _Cell]]


def _entries(catalogue: Catalogue, kind: str, names: Sequence[str], about: Sequence[str] = ()) -> _Rows:
    """Return the entries of a kind, each with facts of these names and remarks of these keys."""
    rows = []
    for entry in catalogue.entries(kind).values():
        at_bf16 = {name: at["bf16"] for name, at in entry.at_precision.items() if "bf16" in at}
        facts = {**entry.facts, **at_bf16}
        values = {name: facts[name].read(name) if name in facts else None for name in names}
        sources = list(dict.fromkeys(fact.source for fact in facts.values()))
        remarks = {key: entry.about.get(key) for key in about}
        rows.append(
            {"id": entry.id, "label": entry.label, "aliases": list(entry.aliases)}
            | values
            | remarks
            | {"sources": sources}
        )
    return rows


def _plain(kind: str, names: Sequence[str], about: Sequence[str] = ()) -> _Lister:
    """List the entries of a kind that needs no table of its own."""

    def listing(catalogue: Catalogue) -> _Listing:
        rows = _entries(catalogue, kind, names, about)
        columns = (
            Column(kind.removesuffix("s"), "id"),
            *map(_fact_column, names),
            *(_about_column(key) for key in about if any(row[key] for row in rows)),
            Column("name", "label", from_width=NAME_WIDTH),
        )
        return rows, columns, None

    return listing


def _acceleration(kind: str, about: Sequence[str] = ()) -> _Lister:
    """List an acceleration by model: its numbers, its speedup and the evidence, and the quality of the picture."""
    return _plain(kind, KINDS[kind].facts, (*about, "speedup", "of", "evidence", "quality", "note"))


def _timed(rows: _Rows, key: str) -> _Rows:
    """Return rows of models or GPUs, each with how many published runs timed it, those of unknown kernels too."""
    runs = Counter(getattr(run, key) for run in published().runs)
    return [row | {"runs": runs[row["id"]]} for row in rows]


_RUNS = numbers("runs timed", lambda row: str(row["runs"] or "none"))


def _gpus(catalogue: Catalogue) -> _Listing:
    """List GPUs: what a plan takes of each, and whether anybody timed it."""
    names = ("gpu_memory", "memory_bandwidth", "peak_flops", "gpu_price")
    rows = _timed(_entries(catalogue, "gpus", names), "gpu")
    rows = [row | _asking_range(catalogue.sellers(row["id"])) for row in rows]
    columns = (
        Column("gpu", "id"),
        *map(_fact_column, names, ("memory", "bandwidth", "bf16 peak")),
        numbers("USD/h", "gpu_price", form=".2f"),
        numbers("sellers ask", _offers, from_width=NAME_WIDTH),
        _RUNS,
        Column("name", "label", from_width=NAME_WIDTH),
    )
    return rows, columns, None


def _asking_range(sellers: Mapping[str, float]) -> dict[str, _Cell]:
    """Return how many sell a GPU on demand in data centers of their own, and the ends of what they ask."""
    lowest, highest = (end(sellers.values(), default=None) for end in (min, max))
    return {"sellers": len(sellers), "lowest_price": lowest, "highest_price": highest}


def _offers(row: Mapping[str, _Cell]) -> str:
    """Return the ends of what sellers ask for a GPU, and how many they are."""
    return f"{row['lowest_price']:.2f} to {row['highest_price']:.2f} of {row['sellers']}" if row["sellers"] else ""


def _models(catalogue: Catalogue) -> _Listing:
    """List models: their size, what they make, their license, and whether anybody timed them."""
    names, about = ("model_params", "width", "height", "fps", "duration", "steps"), ("licence",)
    rows = _timed(_entries(catalogue, "models", names, about), "model")
    rows = [row | {"license": row.pop("licence")} for row in rows]
    columns = (
        Column("model", "id"),
        _fact_column("model_params", "parameters"),
        numbers("frame", lambda row: f"{row['width']:.0f}x{row['height']:.0f}"),
        *(_fact_column(name)._replace(from_width=NAME_WIDTH) for name in ("fps", "duration")),
        _fact_column("steps"),
        _RUNS,
        _about_column("license"),
        Column("name", "label", from_width=_WIDE),
    )
    return rows, columns, None


def _fact_column(name: str, heading: str = "") -> Column:
    """Return the column of a fact, empty where an entry has none."""
    unit, heading = ASSUMPTIONS[name].unit, heading or name.replace("_", " ")
    return numbers(heading, lambda row: "" if row[name] is None else show(row[name], unit, brief=True))


def _about_column(key: str) -> Column:
    """Return the column of a remark; long remarks need a wide page."""
    return Column(key.replace("_", " "), key, from_width=_WIDTHS.get(key, 0), wrap=key in ("license", "quality"))


def _prices(catalogue: Catalogue) -> _Listing:
    """List what providers ask: for a GPU-hour, a byte held, a byte sent, and a second of video."""
    rows, asked = _Rows(), dict[tuple[str, str], str]()
    for kind, (name, _goods) in _PRICES.items():
        for entry in catalogue.entries(kind).values():
            price = entry.facts[name]
            asked[kind, entry.id] = price.text
            head = {"id": entry.id, "label": entry.label, "list": kind, "assumption": name, "price": price.read(name)}
            remarks = {key: entry.about.get(key) for key in _ABOUT_A_PRICE}
            rows.append({**head, "unit": ASSUMPTIONS[name].unit, **remarks, "sources": [price.source]})

    columns = (
        Column("price of", "id"),
        numbers("asked", lambda row: asked[row["list"], row["id"]]),
        *map(_about_column, ("date", "provider", "region", "kind", "gpu", "note")),
    )
    return rows, columns, lambda row: _PRICES[row["list"]][1]


def _providers(catalogue: Catalogue) -> _Listing:
    """List who rents out GPUs: how each sells them, and how many GPUs it has a price of."""
    rows, prices = _Rows(), catalogue.entries("prices").values()
    for entry in catalogue.entries("providers").values():
        offers = [price.about for price in prices if price.about["provider"] == entry.label]
        kinds, gpus = ({offer[key] for offer in offers} for key in ("kind", "gpu"))
        head = {"id": entry.id, "label": entry.label, "aliases": list(entry.aliases)}
        rows.append({**head, "kinds": sorted(kinds), "gpus": len(gpus)})
    columns = (
        Column("provider", "id"),
        Column("name", "label"),
        numbers("GPUs", lambda row: str(row["gpus"] or "")),
        Column("sells", lambda row: ", ".join(row["kinds"]), wrap=True),
    )
    return rows, columns, None


def _figures(_catalogue: Catalogue) -> _Listing:
    rows = [
        {key: getattr(figure, key) for key in ("name", "unit", "label", "group")}
        | {"formula": in_names(figure), "inputs": list(figure.parameters)}
        for figure in FIGURES.values()
    ]
    columns = (
        Column("figure", "name"),
        Column("unit", "unit"),
        Column("formula", "formula"),
        Column("meaning", "label", from_width=NAME_WIDTH),
    )
    return rows, columns, "group"


def _assumptions(_catalogue: Catalogue) -> _Listing:
    keys = ("name", "section", "kind", "default", "unit", "low", "high", "bare", "label", "source")
    kinds: dict[str, Mapping[str, object]] = {"assumption": ASSUMPTIONS, "choice": CHOICES}
    rows: _Rows = [
        {key: getattr(known, key, None) for key in keys} | {"kind": kind}
        for kind, entries in kinds.items()
        for known in entries.values()
    ]
    for name, (home, parts) in SHORTHANDS.items():
        about = {"name": name, "section": home, "default": "", "label": f"stands for {', '.join(parts)}"}
        rows.append(dict.fromkeys(keys) | about | {"kind": "shorthand"})

    columns = (
        Column("assumption", "name"),
        numbers("default", "default"),
        Column("bounds", _bounds),
        Column("meaning", "label"),
        Column("source", "source", from_width=_WIDE),
    )
    return rows, columns, "section"


def _choices(catalogue: Catalogue) -> _Listing:
    """List the choices and what each may be."""
    rows: _Rows = [
        {
            "name": choice.name,
            "section": choice.section,
            "default": choice.default or None,
            "label": choice.label,
            "values": catalogue.options(choice.name),
        }
        for choice in CHOICES.values()
    ]
    columns = (
        Column("choice", "name"),
        Column("default", lambda row: row["default"] or "the GPU's"),
        Column("values", lambda row: ", ".join(row["values"]), wrap=True, widest=160),
    )
    return rows, columns, "section"


def _bounds(row: dict[str, Any]) -> str:
    """Return the bounds of an assumption; a choice or a shorthand has none."""
    if row["low"] is None:
        return str(row["kind"])
    low, high = (show(row[end], row["unit"], brief=True) for end in ("low", "high"))
    return f"{low} to {ASSUMPTIONS[row['name']].endless or high}"


def _document(what: str, rows: _Rows) -> ListDocument:
    """Return rows of a list as a JSON document."""
    return document(ListDocument, None, "list", RELEASED, list=what, rows=rows)


def list_answer(what: str, name: str | None = None, overlays: tuple[str, ...] = ()) -> Answer[Any, ListDocument]:
    """Return a list in all its forms, one entry of the catalogue to copy, or which lists there are.

    Raise Mistakes if no list or entry has the name.
    """
    if not what:
        return _menu_answer()
    if what not in LISTINGS:
        raise Mistakes(f"`{what}` is not a list; there are {', '.join(LISTINGS)}{nearest(what, LISTINGS)}")
    catalogue = Catalogue(overlays)
    rows, columns, section = LISTINGS[what][1](catalogue)
    if name is not None:
        return _entry_answer(what, name, catalogue, rows)
    listed = table(columns, rows, section=section)
    return Answer(
        rows,
        lambda _rows, page: Report(tables=(listed,), paragraphs=left_out(columns, page.width)),
        partial(_document, what),
    )


def _menu_answer() -> Answer[Any, ListDocument]:
    """Return the lists, and the content of each."""
    rows: _Rows = [{"name": name, "holds": holds} for name, (holds, _listing) in LISTINGS.items()]
    columns = (Column("list", "name"), Column("what it holds", "holds", wrap=True))
    foot = ["`t2v-cap list NAME` shows one; `t2v-cap list gpus h100-sxm` prints one entry, to copy"]
    return fixed_answer(rows, Report(tables=[table(columns, rows)], paragraphs=foot), _document("lists", rows))


def _entry_answer(what: str, name: str, catalogue: Catalogue, rows: _Rows) -> Answer[str, ListDocument]:
    """Return one entry of the catalogue with its sources, as YAML that `--catalogue` reads; as data, its row."""
    if what not in KINDS:
        raise Mistakes(
            f"`list {what}` takes no name; `t2v-cap explain {'gpus' if what == 'figures' else 'dau'}` tells of one"
        )
    kind = what
    if what == "prices":
        kind = next((kind for kind in _PRICES if name in catalogue.names(kind)), what)
    text = catalogue.as_written(kind, name)
    row = [row for row in rows if row["id"] == catalogue.find(kind, name).id]
    return fixed_answer(text, Report(tree=text.splitlines()), _document(what, row))


# The content of each list, as part of a sentence, and what makes its rows and its table.
LISTINGS: dict[str, tuple[str, _Lister]] = {
    "models": ("text-to-video models: parameters, frame, steps, license, runs that were timed", _models),
    "gpus": ("GPUs: memory, bandwidth, bf16 peak, list price, runs that were timed", _gpus),
    "generations": (
        "GPU generations, with the efficiencies that were fitted to their runs",
        _plain("generations", ("linear_efficiency", "vae_efficiency"), ("kernel", "evidence")),
    ),
    "kernels": (
        "attention kernels by GPU generation",
        _plain("kernels", ("attention_efficiency", "softmax_share"), ("format", "evidence")),
    ),
    "runtimes": ("what runs the model: eager, compiled, a serving engine", _plain("runtimes", ("elementwise_factor",))),
    "precisions": ("number formats of the stored weights", _plain("precisions", ("bytes_per_parameter",))),
    "distilled": ("distilled checkpoints by model", _acceleration("distilled", ("sparse_attention", "decoder"))),
    "step_caches": ("caches that skip steps, by model", _acceleration("step_caches")),
    "sparse_attentions": ("attention that skips blocks, by model", _acceleration("sparse_attentions")),
    "decoders": ("smaller decoders by model", _acceleration("decoders")),
    "prices": ("list prices with their dates: GPU-hours, storage, egress, seconds of video from an API", _prices),
    "providers": ("who rents out GPUs, and how many GPUs each has a price of", _providers),
    "figures": ("everything that a plan computes, with its formula", _figures),
    "assumptions": ("everything that you can set, with its default and bounds", _assumptions),
    "choices": ("everything that you can choose, with its options", _choices),
}
