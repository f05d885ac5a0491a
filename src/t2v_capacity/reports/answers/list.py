"""Lists of what is known: catalogue entries, figures, assumptions; each as rows of data and as a report."""

from collections.abc import Callable
from typing import Any

from t2v_capacity import RELEASED
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.errors import Mistakes, nearest
from t2v_capacity.formulas import FIGURES, GROUPS
from t2v_capacity.reports.forms.answer import Answer
from t2v_capacity.reports.forms.data import document
from t2v_capacity.reports.forms.notation import in_names
from t2v_capacity.reports.forms.report import Column, Report, Table
from t2v_capacity.reports.forms.values import NAME_WIDTH
from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS
from t2v_capacity.vocabulary.choices import CHOICES, SHORTHANDS
from t2v_capacity.vocabulary.quantities import digits, show

Rows = list[dict[str, Any]]
# Kinds of price -> the assumption that one of them may be, and what is sold.
_PRICES = {
    "prices": ("gpu_price", "a GPU-hour"),
    "storage_prices": ("storage_price", "storage"),
    "egress_prices": ("egress_price", "egress"),
    "video_prices": ("price_per_video_second", "a second of video from an API"),
}


def _models(overlays: tuple[str, ...]) -> tuple[Rows, Report]:
    return _entries(overlays, "models", ("model_params", "width", "height", "fps", "duration", "steps"))


def _gpus(overlays: tuple[str, ...]) -> tuple[Rows, Report]:
    return _entries(overlays, "gpus", ("peak_flops",))


def _entries(overlays: tuple[str, ...], kind: str, names: tuple[str, ...]) -> tuple[Rows, Report]:
    rows, shown = [], []
    for entry in Catalogue(overlays).entries(kind).values():
        facts = {**entry.facts, **{name: at["bf16"] for name, at in entry.at_precision.items() if "bf16" in at}}
        values = {name: float(ASSUMPTIONS[name].read(facts[name].text)) for name in names if name in facts}  # type: ignore[arg-type]
        sources = list(dict.fromkeys(fact.source for fact in facts.values()))
        rows.append(
            {"id": entry.id, "label": entry.label, "aliases": list(entry.aliases), **{n: values.get(n) for n in names}, "sources": sources}
        )
        cells = (show(values[n], ASSUMPTIONS[n].unit, brief=True) if n in values else "" for n in names)
        shown.append((entry.id, *cells, entry.label))
    headings = (
        Column(kind.removesuffix("s")),
        *(Column(n.replace("_", " "), number=True) for n in names),
        Column("name", from_width=NAME_WIDTH),
    )
    return rows, Report("", "", (Table(headings, (("", tuple(shown)),)),))


def _prices(overlays: tuple[str, ...]) -> tuple[Rows, Report]:
    """List what providers ask: for a GPU-hour, a byte held, a byte sent, and a second of video."""
    rows: Rows = []
    sections = []
    for kind, (fact, heading) in _PRICES.items():
        shown = []
        for entry in Catalogue(overlays).entries(kind).values():
            price, about = entry.facts[fact], entry.about
            said = {key: about.get(key) for key in ("provider", "region", "kind", "gpu", "date", "note")}
            rows.append(
                {"id": entry.id, "label": entry.label, "list": kind, "assumption": fact}
                | {"price": float(ASSUMPTIONS[fact].read(price.text)), "unit": ASSUMPTIONS[fact].unit}  # type: ignore[arg-type]
                | {**said, "sources": [price.source]}
            )
            shown.append((entry.id, price.text, *(said[key] or "" for key in ("date", "provider", "region", "kind", "gpu", "note"))))
        sections.append((heading, tuple(shown)))
    columns = (
        *(Column("price of"), Column("asked", number=True), Column("date"), Column("provider"), Column("region", from_width=NAME_WIDTH)),
        *(Column("kind"), Column("gpu"), Column("note", from_width=160)),
    )
    return rows, Report("", "", (Table(columns, tuple(sections)),))


def _figures(_overlays: tuple[str, ...]) -> tuple[Rows, Report]:
    rows: Rows = [
        {"name": f.name, "unit": f.unit, "label": f.label, "group": f.group, "formula": in_names(f), "inputs": list(f.parameters)}
        for f in sorted(FIGURES.values(), key=lambda f: list(GROUPS).index(f.group))
    ]
    sections: dict[str, list[tuple[str, ...]]] = {}
    for row in rows:
        sections.setdefault(row["group"], []).append((row["name"], row["unit"], row["formula"], row["label"]))
    columns = (Column("figure"), Column("unit"), Column("formula"), Column("meaning", from_width=NAME_WIDTH))
    return rows, Report("", "", (Table(columns, tuple((name, tuple(cells)) for name, cells in sections.items())),))


def _assumptions(_overlays: tuple[str, ...]) -> tuple[Rows, Report]:
    rows: Rows = [
        {
            "name": a.name,
            "section": a.section,
            "kind": "assumption",
            "default": a.default,
            "unit": a.unit,
            "low": a.low,
            "high": a.high,
            "bare": a.bare,
            "label": a.label,
            "source": a.source,
        }
        for a in ASSUMPTIONS.values()
    ]
    words = [(c.name, c.section, "choice", c.default, c.label) for c in CHOICES.values()]
    words += [(name, home, "shorthand", "", f"stands for {', '.join(parts)}") for name, (home, parts) in SHORTHANDS.items()]
    for name, section, kind, default, label in words:
        rows.append(dict.fromkeys(rows[0]) | {"name": name, "section": section, "kind": kind, "default": default, "label": label})
    sections: dict[str, list[tuple[str, ...]]] = {row["section"]: [] for row in rows}
    for row in rows:
        bounds = f"{_end(row['low'], row['unit'])} to {_end(row['high'], row['unit'])}" if row["kind"] == "assumption" else row["kind"]
        sections[row["section"]].append((row["name"], row["default"], bounds, row["label"], row["source"] or ""))
    columns = (Column("assumption"), Column("default", number=True), Column("bounds"), Column("meaning"), Column("source", from_width=160))
    return rows, Report("", "", (Table(columns, tuple((name, tuple(cells)) for name, cells in sections.items())),))


def _end(value: float, unit: str) -> str:
    return show(value, unit, brief=True) if value < 1e15 else digits(value)  # noqa: PLR2004


def list_answer(what: str, overlays: tuple[str, ...] = ()) -> Answer[Rows]:
    """Return a list in all its forms; raise Mistakes where there is none of that name."""
    if what not in LISTINGS:
        raise Mistakes(f"`{what}` is not a list; there are {', '.join(LISTINGS)}{nearest(what, LISTINGS)}")
    rows, report = LISTINGS[what](overlays)
    return Answer(rows, lambda _page: report, lambda: document("list", RELEASED, list=what, rows=rows))


LISTINGS: dict[str, Callable[[tuple[str, ...]], tuple[Rows, Report]]] = {
    "models": _models,
    "gpus": _gpus,
    "prices": _prices,
    "figures": _figures,
    "assumptions": _assumptions,
}
