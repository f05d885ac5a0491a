"""The kinds of entries, from kinds.json: the file of each, its facts, what may be missing, and the forms of texts.

An entry `MODEL/RUNTIME` of `model_runs` has what a runtime makes of a model. Entries of `calibrations` are of a GPU and
a runtime, by a user's own runs.
"""

from pathlib import Path
from typing import Any

from pydantic_core import from_json

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.catalogue.reading import EntryKind

_FILE: dict[str, Any] = from_json(Path(__file__).with_suffix(".json").read_bytes())
# How GPU-hours are sold; `committed` is a price "from", whose term is not stated.
COMMITTED = "committed"
PRICE_KINDS = ("on-demand", "reserved", "spot", "marketplace", COMMITTED)
_FORMS = {**_FILE["forms"], "kind": ("|".join(PRICE_KINDS), f"one of {', '.join(PRICE_KINDS)}")}
KINDS = {name: EntryKind(**kind, forms=_FORMS) for name, kind in _FILE["kinds"].items()}
TILED, MADE = KINDS["vae_tilings"].facts, KINDS["model_runs"].facts
# What an entry says of itself in names, and the kind of entries that have them.
NAMED = _FILE["named"]
FORMAT, FUSED = "vae_bytes_per_number", ("elementwise_factor", "launch_latency")
# The kinds of offers at which a price of a GPU is billed. A marketplace's count only where it is chosen by name.
BILLED = {"gpu_price": ("on-demand", "marketplace"), "spot_price": ("spot",), "reserved_price": ("reserved",)}
# The value of an optional fact if an entry lacks it, which is the assumption's default where it is null; without it, an
# earlier value would stay.
NEUTRAL = {name: text or ASSUMPTIONS[name].default for name, text in _FILE["neutral"].items()}
