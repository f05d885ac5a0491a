"""Group sizes beside each other, as a report; and what they share with GPUs beside each other."""

from typing import Any

from t2v_capacity.questions.what_if.groups import SHOWN, Option, told
from t2v_capacity.reports.forms.answer import Rows
from t2v_capacity.reports.forms.data import document, scenario_data, warning_data
from t2v_capacity.reports.forms.report import Column, Report, Table, conventions
from t2v_capacity.reports.forms.values import show_value
from t2v_capacity.scenario.settings import Scenario
from t2v_capacity.vocabulary.names import plain
from t2v_capacity.vocabulary.quantities import show


def groups_report(scenario: Scenario, options: list[Option]) -> Report:
    """Return group sizes as a report: latency, GPU-seconds and memory of each, what it costs, and which to take."""
    columns = (
        Column("GPUs a replica", number=True),
        *(Column(heading, number=True) for heading in ("latency", "GPU-seconds", "memory a GPU", "GPUs", "cost a clip")),
        Column("", wrap=True),
    )
    rows = tuple(
        (
            str(option.gpus_per_replica),
            *(shown(option, n) for n in ("generation_latency", "gpu_seconds_per_video", "memory_needed", "gpus", "cost_per_video")),
            verdict(option),
        )
        for option in options
    )
    usable = show(options[0].figures["memory_usable"] or 0, "byte")
    sharding = "divide the weights" if options[-1].sharded else "hold all weights each; `--sharding weights` divides them"
    note = f"a GPU has {usable} to give; the GPUs of a group {sharding}"
    return report(scenario, options, Table(columns, (("", rows),)), note)


def report(scenario: Scenario, options: list[Option], table: Table, note: str) -> Report:
    """Return a table of options as a report, with a note on it and the warnings of all of them."""
    days = scenario.values()["days_per_month"]
    notes = (note, *(str(warning) for warning in told(options)))
    return Report(scenario.name, scenario.description or scenario.file, (table,), notes, conventions(days, scenario.as_of))


def shown(option: Option, name: str) -> str:
    """Return an option's figure as a person reads it, or nothing where it has no value."""
    value = option.figures[name]
    return "" if value is None else show_value(name, value, brief=True)


def verdict(option: Option) -> str:
    """Return an option's marks and what speaks against it."""
    return "; ".join([*option.marks, *(f"{reason}: {text}" for reason, text in option.against.items())])


def options_document(command: str, scenario: Scenario, options: list[Option]) -> dict[str, Any]:
    """Return the options as the contract's rows over axes."""
    rows = [
        {
            "gpu": option.gpu,
            "gpus_per_replica": option.gpus_per_replica,
            "sharded": option.sharded,
            **{name: plain(name, option.figures[name]) for name in SHOWN},
            "fits": option.fits,
            "evidence": option.evidence,
            "marks": list(option.marks),
            "against": dict(option.against),
            "error": _verdict_error(option),
        }
        for option in options
    ]
    axes = ["gpus_per_replica"] if command == "groups" else ["gpu"]
    return document(
        command, scenario.as_of, scenario=scenario_data(scenario), axes=axes, rows=rows, warnings=[warning_data(w) for w in told(options)]
    )


def _verdict_error(option: Option) -> str | None:
    return "; ".join(f"{reason}: {text}" for reason, text in option.against.items()) or None


def groups_answer(scenario: Scenario, options: list[Option]) -> Rows[list[Option]]:
    """Return group sizes in all their forms."""
    answer = Rows(options, lambda _page: groups_report(scenario, options), lambda: options_document("groups", scenario, options))
    answer.codes = lambda index: list(dict.fromkeys(warning.code for warning in options[index].warnings))
    return answer
