"""Group sizes and GPUs beside each other, as a report and as data."""

from typing import Any

from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.questions.what_if.groups import SHOWN, Option, told
from t2v_capacity.reports.answers.estimate import show_value, warning_line
from t2v_capacity.reports.forms.data import document, scenario_data, warning_data, whole
from t2v_capacity.reports.forms.report import Column, Report, Table, conventions
from t2v_capacity.scenario.load import Scenario
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
            *(_shown(option, n) for n in ("generation_latency", "gpu_seconds_per_video", "memory_needed", "gpus", "cost_per_video")),
            _verdict(option),
        )
        for option in options
    )
    usable = show(options[0].figures["memory_usable"] or 0, "byte")
    sharding = "divide the weights" if options[-1].sharded else "hold all weights each; `--sharding weights` divides them"
    note = f"a GPU has {usable} to give; the GPUs of a group {sharding}"
    return _report(scenario, options, Table(columns, (("", rows),)), note)


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
            *(_shown(option, n) for n in names),
            _verdict(option),
        )
        for option in options
    ]
    split = sum(not option.against for option in options)
    sections = [(name, tuple(part)) for name, part in (("to choose from", rows[:split]), ("apart", rows[split:])) if part]
    note = "front: no other is both cheaper and faster; sharded: the GPUs of a group divide the weights"
    return _report(scenario, options, Table(columns, tuple(sections)), note)


def _report(scenario: Scenario, options: list[Option], table: Table, note: str) -> Report:
    days = scenario.values()["days_per_month"]
    notes = (note, *(warning_line(warning) for warning in told(options)))
    return Report(scenario.name, scenario.description or scenario.file, (table,), notes, conventions(days, scenario.as_of))


def _shown(option: Option, name: str) -> str:
    value = option.figures[name]
    return "" if value is None else show_value(name, value, brief=True)


def _verdict(option: Option) -> str:
    return "; ".join([*option.marks, *(f"{reason}: {text}" for reason, text in option.against.items())])


def options_document(command: str, scenario: Scenario, options: list[Option]) -> dict[str, Any]:
    """Return the options as the contract's rows over axes."""
    rows = [
        {
            "gpu": option.gpu,
            "gpus_per_replica": option.gpus_per_replica,
            "sharded": option.sharded,
            **{name: whole(option.figures[name]) if FIGURES[name].whole else option.figures[name] for name in SHOWN},
            "fits": option.fits,
            "evidence": option.evidence,
            "marks": list(option.marks),
            "against": dict(option.against),
            "error": "; ".join(f"{reason}: {text}" for reason, text in option.against.items()) or None,
        }
        for option in options
    ]
    axes = ["gpus_per_replica"] if command == "groups" else ["gpu"]
    return document(
        command, scenario.as_of, scenario=scenario_data(scenario), axes=axes, rows=rows, warnings=[warning_data(w) for w in told(options)]
    )
