"""Assumptions of the section `storage`: what is kept."""

from t2v_capacity.assumptions.assumption import LESSON, Quantity, Section, assume, ratio


class Storage(Section):
    """Bytes kept: profiles, index and clips."""

    user_profile_size: Quantity = assume(
        "10 KB", "byte/user", "Bytes of a user's profile", 0, 1e12, f"{LESSON}, 2026-11"
    )
    indexing: Quantity = assume("25%", "share", "Index bytes over clip bytes", 0, 10, f"{LESSON}, 2026-11")
    rendition_factor: Quantity = ratio(
        "1",
        "Bytes of all renditions over the top one",
        1,
        10,
        "neutral: one file a clip; a full ladder is 3.3, "
        "https://developer.apple.com/documentation/http_live_streaming/hls_authoring_specification_for_apple_devices, "
        "2026-11",
    )
    replication: Quantity = ratio(
        "1",
        "Bytes on disk for a logical byte",
        1,
        10,
        "neutral: a cloud's price includes its copies; own disks 1.4, 2.1 or 3, "
        "https://www.usenix.org/conference/osdi14/technical-sessions/presentation/muralidhar, 2026-11",
    )
    retention: Quantity = assume(
        "forever",
        "second",
        "How long a clip is kept",
        3_600,
        3.1536e11,
        "assumption: nothing is deleted unless a policy says so, 2026-11",
    )
    service_age: Quantity = assume(
        "360 d",
        "second",
        "Age of the service",
        3_600,
        1.5768e9,
        "assumption: twelve months, the usual planning horizon, 2026-11",
    )
