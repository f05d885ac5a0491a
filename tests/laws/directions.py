"""Which way each parameter pushes each figure: `+`, `-` or `either`.

directions.yaml in this folder says it by hand. A figure that does not stand there rises with each of its parameters.
"""

from pathlib import Path

import yaml

from t2v_capacity.formulas import FIGURES

_WRITTEN = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
_SIGNS = {"up": "+", "down": "-", "either": "either"}
PUSHES: dict[str, dict[str, str]] = {
    name: dict.fromkeys(figure.parameters, "+") for name, figure in FIGURES.items()
} | {figure: {name: _SIGNS[way] for way, names in ways.items() for name in names} for figure, ways in _WRITTEN.items()}
# A parameter that pushes either way has its reason.
assert all(len(reason) > 10 for ways in _WRITTEN.values() for reason in ways.get("either", {}).values())
