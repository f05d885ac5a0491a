"""The fitted constants as the catalogue's files write them."""

import re
from collections.abc import Mapping, Sequence

from fit.problem import ATTENTION, BY_RUNTIME, FAMILIES, LINEAR, OTHER, PARALLEL, WATTS
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.release import RELEASED

Constants = Mapping[str, float]
# A precision's linear efficiency over that in 16 bits: FP8 saves 1.34 to 2.0 times the linear seconds in measured
# pairs, 1.6 of a nominal 2; below it the rates are extrapolated.
RELATIVE = {"fp32": 1, "tf32": 1, "bf16": 1, "fp16": 1, "fp8": 0.8, "int8": 0.75, "fp4": 0.6}
# Kernels that are found from runs that are not in the fit, after it: the median of what these ask for; and what was
# assumed of three of them before there was a run of their generation, from the vendors' own kernels.
FROM_RUNS = {
    "hopper/sage2": ("204", "205", "206", "208", "209", "210"),
    "hopper/masked": ("m10", "n181"),
    "ampere/masked": ("m11",),
    "blackwell/masked": ("m28",),
    "blackwell/cudnn-masked": ("q048", "q049"),
    "blackwell/fa2": ("F1",),
    "tpu/splash": ("m16", "m17", "m18", "m19", "m20"),
    "cdna3/aiter": ("n262",),
    "cdna4/aiter": ("m15", "r087", "r105", "r106"),
}
ASSUMED = {"tpu/splash": 0.5, "cdna3/aiter": 0.42, "cdna4/aiter": 0.45}
_DEFAULT_GENERATION, _DEFAULT_KERNEL = "hopper", "hopper/fa3"


def short(value: float) -> str:
    """Return a number with the digits that the catalogue keeps: four, and no efficiency above the peak."""
    return f"{float(f'{value:.4g}')}"


def left_out_text(families: Mapping[str, Constants], sources: Mapping[str, Constants]) -> str:
    """Return left_out.yaml: for each family and each source, the constants that the runs of all the others give."""
    lines = [
        (
            "# What the fit gives where the runs of one family of models, or of one source, are left out: "
            "tests/fit/index.py predicts these with it."
        ),
        f"# Written by tests/fit/refit.py on {RELEASED}. A pair that only they measure falls back to its prior.",
        "families:",
    ]
    for family, found in families.items():
        lines += [f"  {family}:", f"    models: [{', '.join(FAMILIES[family])}]", *_constants(found)]
    lines.append("publications:")
    for source, found in sources.items():
        lines += [f"  {source}:", *_constants(found)]
    return "\n".join(lines) + "\n"


def _constants(found: Constants) -> list[str]:
    return [
        _mapping("assumptions", {name: found[name] for name in (*OTHER, *PARALLEL) if name in ASSUMPTIONS}),
        _mapping("linear_efficiency", {name: min(1, found[name]) for name in LINEAR}),
        _mapping("attention_efficiency", kernels(found)),
        _mapping("vae", {"over_linear": found["vae_over_linear"]}),
        *(_mapping(name, of_runtimes(found, name)) for name in BY_RUNTIME),
        _mapping("sustained_share", sustained(found)),
    ]


def _mapping(name: str, numbers: Constants) -> str:
    return f"    {name}: {{{', '.join(f'{key}: {short(value)}' for key, value in numbers.items())}}}"


def kernels(found: Constants) -> dict[str, float]:
    """Return the efficiency of each fitted pair, and of what runs one of them by itself."""
    own = {name: min(1.0, found[name]) for name in (*ATTENTION, *FROM_RUNS) if name in found}
    return own | {name: own[taken] for name, taken in _picked().items() if taken in own}


def _picked() -> dict[str, str]:
    """Return the kernel that each choice such as `sdpa` picks."""
    entries = Catalogue().entries("kernels").values()
    return {one.id: f"{one.id.partition('/')[0]}/{one.about['runs']}" for one in entries if "runs" in one.about}


def of_runtimes(found: Constants, name: str) -> dict[str, float]:
    """Return the number of an assumption that each runtime supplies."""
    return {runtime: found[key] if key else value for runtime, (key, value) in BY_RUNTIME[name].items()}


def sustained(found: Constants) -> dict[str, float]:
    """Return the rate that each board with little power for its peak keeps."""
    shares = {}
    for gpu in Catalogue().entries("gpus").values():
        watts = WATTS.get(gpu.about["generation"])
        if watts:
            power, peak = (
                float(gpu.facts["gpu_power"].text.split()[0]),
                float(gpu.at_precision["peak_flops"]["bf16"].text.split()[0]),
            )
            shares[gpu.id] = (power / peak / watts) ** found["power_exponent"]
    return {name: share for name, share in shares.items() if share < 0.99}


def rewritten(text: str, found: Constants, runs: Mapping[str, Sequence[str]]) -> str:
    """Return catalogue/efficiencies.yaml with the fitted numbers in the place of those that it has.

    `runs` are the ids of the runs of each generation and kernel.
    """
    runs = {**runs, **FROM_RUNS, **{name: runs.get(taken, ()) for name, taken in _picked().items()}}
    section, entry, lines = "", "", []
    for line in text.splitlines():
        if heading := re.fullmatch(r"(\w+):", line):
            section = heading[1]
        elif heading := re.fullmatch(r"  (\S+):", line):
            entry = heading[1]
        lines.append(_of_runs(_line(line, section, entry, found), runs[entry]) if entry in runs else line)
    return "\n".join(lines) + "\n"


def _of_runs(line: str, ids: Sequence[str]) -> str:
    """Return a line with the number of its entry's runs, or with their ids."""
    if line.startswith("    rows:"):
        return f"    rows: {len(ids)}"
    if ids and line.startswith("    evidence:"):
        return "    evidence: measured"
    return re.sub(r"(?<=rows )[\w-]+( [\w-]+)*", " ".join(ids), line) if line.startswith("    note:") and ids else line


def _line(line: str, section: str, entry: str, found: Constants) -> str:
    if section == "kernels" and line.startswith("    attention_efficiency:") and entry in kernels(found):
        return f"    attention_efficiency: {short(kernels(found)[entry])}"
    if section == "generations" and line.startswith("    linear_efficiency:") and entry in LINEAR:
        numbers = ", ".join(
            f"{precision}: {short(min(1, found[entry]) * share)}" for precision, share in RELATIVE.items()
        )
        return f"    linear_efficiency: {{{numbers}}}"
    if section == "generations" and line.startswith("    vae_efficiency:"):
        bf16 = min(1, found[entry]) if entry in LINEAR else _bf16(entry)
        return f"    vae_efficiency: {short(bf16 * found['vae_over_linear'])}"
    return line


def _bf16(generation: str) -> float:
    return float(Catalogue().find("generations", generation).at_precision["linear_efficiency"]["bf16"].text)


def with_defaults(text: str, found: Constants) -> str:
    """Return assumptions/generation.py with the fitted defaults in the place of those that it has."""
    for name, number in assumption_defaults(found).items():
        text = re.sub(rf'(    {name}: Quantity = \w+\(\s*")[\d.e+-]+', rf"\g<1>{number}", text)
    return text


def with_facts(text: str, facts: Mapping[tuple[str, str], str]) -> str:
    """Return a file of the catalogue with new numbers for the facts of some entries, by entry and fact."""
    entry, lines = "", []
    for line in text.splitlines():
        heading = re.fullmatch(r"  (\S+):", line)
        entry = heading[1] if heading else entry
        lines.append(_with_facts_of(entry, line, facts))
    return "\n".join(lines) + "\n"


def _with_facts_of(entry: str, line: str, facts: Mapping[tuple[str, str], str]) -> str:
    for (owner, name), number in facts.items():
        if owner == entry:
            fact = rf"((?:^    |, ){name}: (?:\{{value: )?)[\d.e+-]+"
            line = re.sub(fact, rf"\g<1>{number}", line)
    return line


def runtime_facts(found: Constants) -> dict[tuple[str, str], str]:
    """Return the numbers that each runtime supplies."""
    return {(one, name): short(value) for name in BY_RUNTIME for one, value in of_runtimes(found, name).items()}


def board_facts(found: Constants) -> dict[tuple[str, str], str]:
    """Return the rate that each board with little power for its peak keeps."""
    return {(gpu, "sustained_share"): short(share) for gpu, share in sustained(found).items()}


def assumption_defaults(found: Constants) -> dict[str, str]:
    """Return the defaults of the assumptions that the fit gives: those of the default GPU and its kernel."""
    plain = [name for name in (*OTHER, *PARALLEL) if name in ASSUMPTIONS]
    return {
        "linear_efficiency": short(found[_DEFAULT_GENERATION]),
        "attention_efficiency": short(found[_DEFAULT_KERNEL]),
        "vae_efficiency": short(found[_DEFAULT_GENERATION] * found["vae_over_linear"]),
        **{name: short(found[name]) for name in plain},
        **{
            f"{name} of {runtime}": short(value)
            for name in BY_RUNTIME
            for runtime, value in of_runtimes(found, name).items()
        },
        **{name: short(of_runtimes(found, name)["eager"]) for name in BY_RUNTIME},
        **{f"sustained_share of {name}": short(value) for name, value in sustained(found).items()},
    }
