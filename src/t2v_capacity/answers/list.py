"""Lists of what is known: catalogue entries, figures, assumptions; each as rows of data and as a report."""

from collections import Counter
from collections.abc import Callable
from operator import itemgetter
from typing import Any

from typing_extensions import TypedDict

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.assumptions.quantities import Range, digits, show
from t2v_capacity.catalogue import KINDS, Catalogue
from t2v_capacity.catalogue.published import published
from t2v_capacity.catalogue.reading import Fact
from t2v_capacity.errors import Mistakes, nearest
from t2v_capacity.forms.answer import Answer, Page
from t2v_capacity.forms.data import Head, head
from t2v_capacity.forms.formula_text import in_names
from t2v_capacity.forms.report import Column, Report, Table, left_out, table
from t2v_capacity.forms.values import NAME_WIDTH
from t2v_capacity.formulas import FIGURES, GROUPS
from t2v_capacity.release import RELEASED

Row = dict[str, Any]
Rows = list[Row]
Listing = tuple[Rows, Table]
Cell = float | str | bool | list[str] | None
# Kinds of price -> the assumption that one of them may set, and the goods.
_PRICES = {
    "prices": ("gpu_price", "a GPU-hour"),
    "storage_prices": ("storage_price", "storage"),
    "egress_prices": ("egress_price", "egress"),
    "video_prices": ("price_per_video_second", "a second of video from an API"),
}
_SAID = ("provider", "region", "kind", "gpu", "date", "note")
_WIDE = 160
_ONE = {"egresses": "egress"}


class _List(TypedDict):
    list: str  # the name of what is listed


class ListDocument(Head, _List):
    """What t2v-cap list --format json writes."""

    rows: list[dict[str, Cell]]


def _entries(overlays: tuple[str, ...], kind: str, names: tuple[str, ...], about: tuple[str, ...] = ()) -> Listing:
    rows = []
    for entry in Catalogue(overlays).entries(kind).values():
        facts = {**entry.facts, **{name: at["bf16"] for name, at in entry.at_precision.items() if "bf16" in at}}
        values = {name: _read(name, facts[name]) if name in facts else None for name in names}
        sources = list(dict.fromkeys(fact.source for fact in facts.values()))
        said = {key: entry.about.get(key) for key in about}
        rows.append({"id": entry.id, "label": entry.label, "aliases": list(entry.aliases), **values, **said, "sources": sources})
    columns = (
        Column(_ONE.get(kind, kind.removesuffix("s")), itemgetter("id")),
        *(Column(name.replace("_", " "), _fact(name), number=True) for name in names),
        *(Column(key, _said(key)) for key in about),
        Column("name", itemgetter("label"), from_width=NAME_WIDTH),
    )
    return rows, table(columns, rows)


def _timed(rows: Rows, key: str) -> Rows:
    """Return rows of models or GPUs, each with how many published runs count as evidence of it."""
    runs = Counter(getattr(run, key) for run in published().runs if run.judged)
    return [row | {"runs": runs[row["id"]]} for row in rows]


_RUNS = Column("runs timed", lambda row: str(row["runs"] or "none"), number=True)


def _gpus(overlays: tuple[str, ...]) -> Listing:
    """List GPUs: what a plan takes of each, and whether anybody timed it."""
    facts = {"gpu_memory": "memory", "memory_bandwidth": "bandwidth", "peak_flops": "bf16 peak", "gpu_price": "USD/h"}
    rows = _timed(_entries(overlays, "gpus", tuple(facts))[0], "gpu")
    columns = (
        Column("gpu", itemgetter("id")),
        *(Column(heading, _price if name == "gpu_price" else _fact(name), number=True) for name, heading in facts.items()),
        _RUNS,
        Column("name", itemgetter("label"), from_width=NAME_WIDTH),
    )
    return rows, table(columns, rows)


def _price(row: Row) -> str:
    return "" if row["gpu_price"] is None else f"{row['gpu_price']:.2f}"


def _models(overlays: tuple[str, ...]) -> Listing:
    """List models: their size, what they make, their license, and whether anybody timed them."""
    names, about = ("model_params", "width", "height", "fps", "duration", "steps"), ("licence",)
    rows = _timed(_entries(overlays, "models", names, about)[0], "model")
    rows = [row | {"license": row.pop("licence")} for row in rows]
    columns = (
        Column("model", itemgetter("id")),
        Column("parameters", _fact("model_params"), number=True),
        Column("frame", lambda row: f"{row['width']:.0f}x{row['height']:.0f}", number=True),
        *(Column(name, _fact(name), number=True, from_width=NAME_WIDTH) for name in ("fps", "duration")),
        Column("steps", _fact("steps"), number=True),
        _RUNS,
        Column("license", _said("license"), wrap=True),
        Column("name", itemgetter("label"), from_width=_WIDE),
    )
    return rows, table(columns, rows)


def _fact(name: str) -> Callable[[Row], str]:
    return lambda row: "" if row[name] is None else show(row[name], ASSUMPTIONS[name].unit, brief=True)


def _said(key: str) -> Callable[[Row], str]:
    return lambda row: row[key] or ""


def _read(name: str, fact: Fact) -> float:
    value = fact.read(name)
    assert not isinstance(value, Range)
    return float(value)


def _prices(overlays: tuple[str, ...]) -> Listing:
    """List what providers ask: for a GPU-hour, a byte held, a byte sent, and a second of video."""
    catalogue = Catalogue(overlays)
    asked = [(kind, entry) for kind in _PRICES for entry in catalogue.entries(kind).values()]
    rows = []
    for kind, entry in asked:
        name = _PRICES[kind][0]
        price = entry.facts[name]
        rows.append(
            {"id": entry.id, "label": entry.label, "list": kind, "assumption": name, "price": _read(name, price)}
            | {"unit": ASSUMPTIONS[name].unit, **{key: entry.about.get(key) for key in _SAID}, "sources": [price.source]}
        )
    columns = (
        Column("price of", lambda of: of[1].id),
        Column("asked", lambda of: of[1].facts[_PRICES[of[0]][0]].text, number=True),
        *(_about(key) for key in ("date", "provider")),
        *(_about("region", NAME_WIDTH), _about("kind"), _about("gpu"), _about("note", _WIDE)),
    )
    return rows, table(columns, asked, section=lambda of: _PRICES[of[0]][1])


def _about(key: str, from_width: int = 0) -> Column:
    return Column(key, lambda of: of[1].about.get(key) or "", from_width=from_width)


def _accelerations(overlays: tuple[str, ...], choice: str, names: tuple[str, ...], about: tuple[str, ...] = ()) -> Listing:
    """List the entries of an acceleration by model: numbers, what was measured of what, and what is known of the picture."""
    about = (*about, "speedup", "of")
    rows = _entries(overlays, CHOICES[choice].kind, names, (*about, "evidence", "quality", "note"))[0]
    rows = [dict(zip(("model", choice), row["id"].split("/"), strict=True)) | row for row in rows if "/" in row["id"]]
    columns = (
        Column(choice.replace("_", " "), itemgetter(choice)),
        *(Column(name.replace("_", " "), _fact(name), number=True) for name in names),
        *(Column(key.replace("_", " "), _said(key)) for key in about if any(row[key] for row in rows)),
        Column("evidence", _said("evidence")),
        Column("quality", _said("quality"), from_width=NAME_WIDTH, wrap=True),
        Column("name", itemgetter("label"), from_width=_WIDE),
        Column("note", _said("note"), from_width=_WIDE),
    )
    return rows, table(columns, rows, section=itemgetter("model"))


def _figures(_overlays: tuple[str, ...]) -> Listing:
    rows = [
        {"name": f.name, "unit": f.unit, "label": f.label, "group": f.group, "formula": in_names(f), "inputs": list(f.parameters)}
        for f in sorted(FIGURES.values(), key=lambda f: list(GROUPS).index(f.group))
    ]
    columns = (
        *(Column("figure", itemgetter("name")), Column("unit", itemgetter("unit")), Column("formula", itemgetter("formula"))),
        Column("meaning", itemgetter("label"), from_width=NAME_WIDTH),
    )
    return rows, table(columns, rows, section=itemgetter("group"))


def _assumptions(_overlays: tuple[str, ...]) -> Listing:
    keys = ("name", "section", "kind", "default", "unit", "low", "high", "bare", "label", "source")
    rows: Rows = [{key: "assumption" if key == "kind" else getattr(a, key) for key in keys} for a in ASSUMPTIONS.values()]
    words = [(c.name, c.section, "choice", c.default, c.label) for c in CHOICES.values()]
    words += [(name, home, "shorthand", "", f"stands for {', '.join(parts)}") for name, (home, parts) in SHORTHANDS.items()]
    rows += [dict.fromkeys(keys) | dict(zip(("name", "section", "kind", "default", "label"), word, strict=True)) for word in words]
    columns = (
        Column("assumption", itemgetter("name")),
        Column("default", itemgetter("default"), number=True),
        Column(
            "bounds", lambda row: row["kind"] if row["low"] is None else " to ".join(_end(row[end], row["unit"]) for end in ("low", "high"))
        ),
        Column("meaning", itemgetter("label")),
        Column("source", lambda row: row["source"] or "", from_width=_WIDE),
    )
    return rows, table(columns, rows, section=itemgetter("section"))


def _choices(overlays: tuple[str, ...]) -> Listing:
    """List the choices and what each may be."""
    catalogue = Catalogue(overlays)
    rows: Rows = [
        {"name": c.name, "section": c.section, "default": c.default or None, "label": c.label, "values": catalogue.options(c.name)}
        for c in CHOICES.values()
    ]
    columns = (
        Column("choice", itemgetter("name")),
        Column("default", lambda row: row["default"] or "the GPU's"),
        Column("values", lambda row: ", ".join(row["values"]), wrap=True),
    )
    return rows, table(columns, rows, section=itemgetter("section"))


def _end(value: float, unit: str) -> str:
    return show(value, unit, brief=True) if value < 1e15 else digits(value)  # noqa: PLR2004


def list_document(what: str, rows: Rows) -> ListDocument:
    """Return rows of a list as a JSON document."""
    return {**head("list", RELEASED), "list": what, "rows": rows}


def list_answer(what: str = "", name: str | None = None, overlays: tuple[str, ...] = ()) -> Answer[Any, ListDocument]:
    """Return a list in all its forms, one entry of the catalogue to copy, or which lists there are; raise Mistakes if the name is none."""
    if not what:
        return _menu_answer()
    if what not in LISTINGS:
        raise Mistakes(f"`{what}` is not a list; there are {', '.join(LISTINGS)}{nearest(what, LISTINGS)}")
    if name is not None:
        return _entry_answer(what, name, overlays)
    rows, listed = LISTINGS[what](overlays)

    def report(page: Page) -> Report:
        return Report("", "", (listed,), tuple(left_out(listed.columns, page.width)))

    return Answer(rows, report, lambda: list_document(what, rows))


def _menu_answer() -> Answer[Any, ListDocument]:
    """Return the lists, and the content of each."""
    rows: Rows = [{"name": name, "holds": holds} for name, holds in MEANINGS.items()]
    columns = (Column("list", itemgetter("name")), Column("what it holds", itemgetter("holds"), wrap=True))
    foot = "`t2v-cap list NAME` shows one; `t2v-cap list gpus h100-sxm` prints one entry, to copy"
    return Answer(rows, lambda _page: Report("", "", (table(columns, rows),), (foot,)), lambda: list_document("lists", rows))


def _entry_answer(what: str, name: str, overlays: tuple[str, ...]) -> Answer[str, ListDocument]:
    """Return one entry of the catalogue with its sources, as YAML that `--catalogue` reads; as data, its row."""
    if what not in KINDS:
        raise Mistakes(f"`list {what}` takes no name; `t2v-cap explain {'gpus' if what == 'figures' else 'dau'}` tells of one")
    catalogue = Catalogue(overlays)
    kind = next((kind for kind in (_PRICES if what == "prices" else ()) if name in catalogue.names(kind)), what)
    text = catalogue.written(kind, name)
    rows = [row for row in LISTINGS[what](overlays)[0] if row["id"] == catalogue.find(kind, name).id]
    return Answer(
        text,
        lambda _page: Report("", "", (), tree=tuple(text.splitlines())),
        lambda: list_document(what, rows),
    )


LISTINGS: dict[str, Callable[[tuple[str, ...]], Listing]] = {
    "models": _models,
    "gpus": _gpus,
    "generations": lambda overlays: _entries(overlays, "generations", ("linear_efficiency", "vae_efficiency"), ("kernel", "evidence")),
    "kernels": lambda overlays: _entries(overlays, "kernels", ("attention_efficiency", "softmax_share"), ("format", "evidence")),
    "runtimes": lambda overlays: _entries(overlays, "runtimes", ("elementwise_factor",)),
    "precisions": lambda overlays: _entries(overlays, "precisions", ("bytes_per_parameter",)),
    "distilled": lambda overlays: _accelerations(overlays, "distilled", ("steps", "passes_per_step"), ("sparse_attention", "decoder")),
    "step_caches": lambda overlays: _accelerations(overlays, "step_cache", ("cached_step_share",)),
    "sparse_attentions": lambda overlays: _accelerations(overlays, "sparse_attention", KINDS["sparse_attentions"].facts),
    "decoders": lambda overlays: _accelerations(overlays, "decoder", KINDS["decoders"].facts),
    "egresses": lambda overlays: _entries(overlays, "egresses", ()),
    "prices": _prices,
    "figures": _figures,
    "assumptions": _assumptions,
    "choices": _choices,
}
# The content of each list, as part of a sentence.
MEANINGS = {
    "models": "text-to-video models: parameters, frame, steps, license, runs that were timed",
    "gpus": "GPUs: memory, bandwidth, bf16 peak, list price, runs that were timed",
    "generations": "GPU generations, with the efficiencies that were fitted to their runs",
    "kernels": "attention kernels by GPU generation",
    "runtimes": "what runs the model: eager, compiled, a serving engine",
    "precisions": "number formats of the stored weights",
    "distilled": "distilled checkpoints by model",
    "step_caches": "caches that skip steps, by model",
    "sparse_attentions": "attention that skips blocks, by model",
    "decoders": "smaller decoders by model",
    "egresses": "networks that deliver the clips, and their prices",
    "prices": "list prices with their dates: GPU-hours, storage, egress, seconds of video from an API",
    "figures": "everything that a plan computes, with its formula",
    "assumptions": "everything that you can set, with its default and bounds",
    "choices": "everything that you can choose, with its options",
}
