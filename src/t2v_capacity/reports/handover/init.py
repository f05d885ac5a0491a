"""A scenario to begin with: what must be decided, then what is often changed, each line with its unit and source."""

from json import dumps

from t2v_capacity.errors import Mistake
from t2v_capacity.scenario.layers import flag_layer
from t2v_capacity.scenario.load import merged
from t2v_capacity.scenario.settings import Scenario, Setting
from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS, SECTIONS
from t2v_capacity.vocabulary.choices import CHOICES
from t2v_capacity.vocabulary.quantities import Range, is_date, show

# What no catalogue can know: written out, so that it is seen and decided.
DECIDE = tuple(
    "dau videos_per_user_per_day peak_to_average duration retention gpus_per_replica target_latency gpu_price price_per_video_second".split()
)
# What is good as it is for a first plan: shown in comments.
OFTEN = tuple(
    "growth_per_month rejected_prompt_share failed_share width height precision attention_kernel runtime offload steps time_factor "
    "replication sharding max_utilization regions regions_lost spare_fraction views_per_video cdn_hit_ratio reserved_price "
    "reserved_fraction storage_price egress_price paid_share pue carbon_intensity".split()
)
_PLACES = 17  # as many as tell two numbers apart


def starter(name: str, model: str, gpu: str) -> str:
    """Return the text of a scenario for a model on a GPU; raise Mistakes where either is unknown.

    >>> print(*starter("ours", "wan2.1-t2v-14b", "h100-sxm").splitlines()[5:9], sep=chr(10))
    name: "ours"
    # Model: its architecture, size, frame rate, frames and steps. `t2v-cap list models` shows them all.
    model: wan2.1-t2v-14b
    # GPU: its peaks, memory, bandwidths and power. `t2v-cap list gpus` shows them all.
    """
    mistakes: list[Mistake] = []
    layer = flag_layer([f"model={model}", f"gpu={gpu}"], (), mistakes)
    plan = merged([layer], mistakes)
    lines = [
        "# A capacity plan of a text-to-video service. Lines without a # are to be decided: they hold defaults until you",
        "# write your own, best with a source: {value: 1M, source: our forecast, as_of: 2026-11-24}. A range is `1 to 4`.",
        "# Lines with a # are good for a first plan: they show what holds, and take effect without `# `.",
        "# An editor checks this file by `t2v-cap schema scenario --output scenario.schema.json`.",
        "",
        f"name: {dumps(name, ensure_ascii=False)}",
    ]
    for choice in ("model", "gpu"):
        lines.append(f"# {CHOICES[choice].label}. `t2v-cap list {CHOICES[choice].kind}` shows them all.")
        lines.append(f"{choice}: {plan.choices[choice].value}")
    for section in SECTIONS:
        lines += _section(section, plan)
    lines += [
        "",
        "# What `t2v-cap check` holds the plan to, and `t2v-cap diff` a change of it.",
        '# budgets: ["cost_per_month <= 10M USD"]',
        '# gates: {fail_on: ["gpus > +10% and > +50"]}',
    ]
    return "\n".join(lines) + "\n"


def _section(section: str, plan: Scenario) -> list[str]:
    """Return a section's lines: what is to be decided, then the rest as comments; all of it is one where nothing is."""
    own = [name for name in (*DECIDE, *OFTEN) if (ASSUMPTIONS if name in ASSUMPTIONS else CHOICES)[name].section == section]
    if not own:
        return []
    decided = [name for name in own if name in DECIDE]
    lines = ["", f"{section}:" if decided else f"# {section}:"]
    for name in own:
        about, value = _choice(name, plan) if name in CHOICES else _assumption(name, plan.settings[name])
        lines += [f"  # {about}", f"  {name}: {value}"] if name in DECIDE else [f"  # {about}", f"#   {name}: {value}"]
    return lines


def _choice(name: str, plan: Scenario) -> tuple[str, str]:
    setting = plan.choices[name]
    return f"{CHOICES[name].label}. From: {setting.origin}.", setting.value


def _assumption(name: str, setting: Setting) -> tuple[str, str]:
    """Return what is said of an assumption, and its value as a person writes it, with the source that a catalogue gave it."""
    known, value = ASSUMPTIONS[name], setting.value
    assert not isinstance(value, Range)
    about = f"{known.label}. Unit: {known.unit}; {known.bounds()}"
    if setting.origin.kind == "default":
        return f"{about}. Default: {setting.source}.", known.default
    text = show(value, known.unit, _PLACES, brief=not known.unit.startswith("USD"))
    dated = f", as_of: {setting.as_of}" if is_date(setting.as_of) else ""
    source = dumps(setting.source, ensure_ascii=False)
    return f"{about}. From the {setting.origin}; default {known.default}.", f"{{value: {text}, source: {source}{dated}}}"
