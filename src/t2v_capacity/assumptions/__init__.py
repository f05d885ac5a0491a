"""The assumptions: one Pydantic model per section, one typed field per assumption, one file per section."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from t2v_capacity.assumptions.architecture import Architecture
from t2v_capacity.assumptions.assumption import ASSUMPTIONS, Assumption
from t2v_capacity.assumptions.cost import Cost
from t2v_capacity.assumptions.energy import Energy
from t2v_capacity.assumptions.generation import Generation
from t2v_capacity.assumptions.network import Network
from t2v_capacity.assumptions.serving import Serving
from t2v_capacity.assumptions.storage import Storage
from t2v_capacity.assumptions.traffic import Traffic
from t2v_capacity.assumptions.video import Video


class Assumptions(BaseModel):
    """Every assumption, by its section: values in base units, or ranges of them."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True, arbitrary_types_allowed=True)

    traffic: Traffic
    architecture: Architecture
    video: Video
    generation: Generation
    storage: Storage
    serving: Serving
    network: Network
    cost: Cost
    energy: Energy


# Each section's model by its name.
SECTIONS: dict[str, Any] = {name: field.annotation for name, field in Assumptions.model_fields.items()}

for _section, _model in SECTIONS.items():
    for _name, _field in _model.model_fields.items():
        _declared = _field.json_schema_extra
        assert isinstance(_declared, Assumption)
        ASSUMPTIONS[_name] = _declared._replace(name=_name, section=_section)

__all__ = ["ASSUMPTIONS", "SECTIONS", "Assumption", "Assumptions"]
__all__ += ["Architecture", "Cost", "Energy", "Generation", "Network", "Serving", "Storage", "Traffic", "Video"]
