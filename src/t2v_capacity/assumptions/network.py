"""Assumptions of the section `network`: how clips reach those who watch them."""

from t2v_capacity.assumptions.assumption import Quantity, Section, assume, share


class Network(Section):
    """How clips reach those who watch them."""

    views_per_video: Quantity = assume(
        "1", "view", "Views of a clip", 0, 1e9, "assumption: who asked for it watches it once, 2026-11"
    )
    cdn_hit_ratio: Quantity = share(
        "0%",
        "Share of views that caches serve",
        "neutral: no cache; 71 % of what reached Facebook's photo caches, "
        "https://research.fb.com/publications/an-analysis-of-facebook-photo-caching/, 2026-11",
    )
