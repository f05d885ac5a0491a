"""Report GPUs side by side."""

from t2v_capacity.answers.estimate_document import AdviceData, advice_data
from t2v_capacity.answers.groups import BAND, VERDICT, GroupsDocument, OptionRow, best_sentence, figure_column, option_rows, options_answer
from t2v_capacity.forms.answer import Rows
from t2v_capacity.forms.data import head, scenario_data, warnings_data
from t2v_capacity.forms.report import Column, Report, left_out, of_scenario, table, warning_lines
from t2v_capacity.questions.what_if.groups import Options

# From so many columns on the page has room, the names of GPUs uncut: for the bill that GPUs would have if they came and went; for that
# at the cheapest reserve; and for why a GPU stands apart, in words.
_ROOMY, _RESERVED, _WORDS = 120, 132, 140
_APART = Column("", lambda row: "; ".join([*row["marks"], *row["against"]]), wrap=True)
_COLUMNS = (
    Column("gpu", lambda row: row["gpu"]),
    Column("a replica", lambda row: f"{row['gpus_per_replica']}{' sharded' if row['sharded'] else ''}", number=True),
    Column("runtime", lambda row: row["runtime"], from_width=110),
    *(
        figure_column("GPU-seconds", "gpu_seconds_per_video", 145),
        figure_column("latency", "latency_p95"),
        figure_column("GPUs", "gpus"),
        BAND,
    ),
    *(
        figure_column("cost per month", "cost_per_month"),
        figure_column("with the day", "gpu_cost_following", _ROOMY),
        figure_column("reserved", "gpu_cost_reserved", _RESERVED),
    ),
    *(figure_column("cost a clip", "cost_per_video", 95), figure_column("energy a clip", "energy_per_video", 160)),
)
_NOTE = "front: no other is both cheaper and faster; sharded: the GPUs of a group divide the weights"
_BILL = "with the day: the GPUs alone, rented as the day asks for them"
_BILLS = "with the day, reserved: the GPUs alone, rented as the day asks for them, or at the cheapest reserve"


def comparison_report(found: Options, width: int | None = None) -> Report:
    """Return GPUs as a report, those that something speaks against apart, below; a narrow page says that in a word each."""
    scenario, options = found.scenario, found.options
    known = bool(scenario.values()["reserved_price"])  # without one the column would repeat the one before it
    columns = (*(one for one in _COLUMNS if known or one.heading != "reserved"), VERDICT if width is None or width >= _WORDS else _APART)
    rows = table(columns, option_rows(options), section=lambda row: "apart" if row["against"] else "to choose from")
    apart = [("why a GPU stands apart", _WORDS)] if any(option.against for option in options) else []
    both = known and (width is None or width >= _RESERVED)
    bills = [_BILLS if both else _BILL] if width is None or width >= _ROOMY else []
    notes = [
        _NOTE,
        *bills,
        *left_out(columns, width, *apart),
        *warning_lines(found.warnings),
    ]
    return of_scenario(scenario, [rows], notes)._replace(lead=(best_sentence(found),))


class CompareDocument(GroupsDocument):
    """What t2v-cap compare --format json writes."""

    best: AdviceData | None
    """The cheapest that serves the plan, whatever is shown; null where none does"""


def compare_document(found: Options) -> CompareDocument:
    """Return GPUs as the contract's rows over an axis."""
    return {
        **head("compare", found.scenario.as_of),
        "scenario": scenario_data(found.scenario),
        "axes": ["gpu"],
        "rows": option_rows(found.options),
        "best": advice_data(found.best.trial) if found.best else None,
        "warnings": warnings_data(found.warnings),
    }


def compare_answer(found: Options) -> Rows[Options, CompareDocument, OptionRow]:
    """Return GPUs in all their forms."""
    return options_answer(found, lambda page: comparison_report(found, page.width), lambda: compare_document(found))
