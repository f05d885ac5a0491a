"""GPUs beside each other, as a report."""

from t2v_capacity.questions.what_if.groups import Option
from t2v_capacity.reports.answers.groups import options_document, report, shown, verdict
from t2v_capacity.reports.forms.answer import Rows
from t2v_capacity.reports.forms.report import Column, Report, Table
from t2v_capacity.scenario.settings import Scenario


def comparison_report(scenario: Scenario, options: list[Option]) -> Report:
    """Return GPUs as a report, those that something speaks against apart, below."""
    columns = (
        Column("gpu"),
        Column("a replica", number=True),
        *(Column(heading, number=True) for heading in ("GPU-seconds", "latency p95", "GPUs")),
        *(Column(heading, number=True) for heading in ("cost a month", "cost a clip")),
        Column("energy a clip", number=True, from_width=110),
        Column("", wrap=True),
    )
    names = ("gpu_seconds_per_video", "latency_p95", "gpus", "cost_per_month", "cost_per_video", "energy_per_video")
    rows = [
        (
            option.gpu,
            f"{option.gpus_per_replica}{' sharded' if option.sharded else ''}",
            *(shown(option, n) for n in names),
            verdict(option),
        )
        for option in options
    ]
    split = sum(not option.against for option in options)
    sections = [(name, tuple(part)) for name, part in (("to choose from", rows[:split]), ("apart", rows[split:])) if part]
    note = "front: no other is both cheaper and faster; sharded: the GPUs of a group divide the weights"
    return report(scenario, options, Table(columns, tuple(sections)), note)


def compare_answer(scenario: Scenario, options: list[Option]) -> Rows[list[Option]]:
    """Return GPUs in all their forms."""
    answer = Rows(options, lambda _page: comparison_report(scenario, options), lambda: options_document("compare", scenario, options))
    answer.codes = lambda index: list(dict.fromkeys(warning.code for warning in options[index].warnings))
    return answer
