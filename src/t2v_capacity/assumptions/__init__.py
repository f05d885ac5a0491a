"""The assumptions: one Pydantic model per section, one typed field per assumption, one file per section."""

from pydantic import BaseModel, ConfigDict

from t2v_capacity.assumptions.architecture import Architecture
from t2v_capacity.assumptions.assumption import ASSUMPTIONS, Assumption, Section
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


SECTIONS: dict[str, type[Section]] = {
    model.__name__.lower(): model for model in (Traffic, Architecture, Video, Generation, Storage, Serving, Network, Cost, Energy)
}
assert [*SECTIONS] == [*Assumptions.model_fields]

for _section, _model in SECTIONS.items():
    for _name, _field in _model.model_fields.items():
        _declared = _field.json_schema_extra
        assert isinstance(_declared, Assumption)
        ASSUMPTIONS[_name] = _declared._replace(name=_name, section=_section)

__all__ = ["ASSUMPTIONS", "SECTIONS", "Assumption", "Assumptions", "Section"]
