"""Requests -> bandwidth."""

from t2v_capacity.constants import BITS_PER_BYTE
from t2v_capacity.figures import Number, figure


@figure("bit/s", label="Ingress", group="network", adds=True)
def ingress_bandwidth(trps: Number, prompt_size: Number) -> Number:
    """Average bandwidth of the prompts that come in.

    >>> ingress_bandwidth(trps=11574.074074074075, prompt_size=2_000)
    185185185.1851852
    """
    return trps * prompt_size * BITS_PER_BYTE


@figure("bit/s", label="Egress", group="network", adds=True)
def egress_bandwidth(trps: Number, video_size: Number) -> Number:
    """Average bandwidth of the clips that go out to those who asked for them, once each.

    >>> egress_bandwidth(trps=11574.074074074075, video_size=1_250_000)
    115740740740.74075
    """
    return trps * video_size * BITS_PER_BYTE
