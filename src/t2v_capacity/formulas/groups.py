"""How the GPUs of a group divide what a layer does outside of its matrices, and the VAE."""

from t2v_capacity.engine.figures import figure
from t2v_capacity.engine.verbs import minimum, where


@figure("ratio", "Times that element-wise work is done", mix="mean", stages="max")
def elementwise_repeats(tensor_split: float, tensor_divided_share: float) -> float:
    """Times that the GPUs which divide a layer's matrices do its element-wise work, all together.

    Norms of queries and keys, rotary embedding and the feed-forward activation are divided (Megatron-LM,
    arXiv:1909.08053). Only the residual stream repeats.

    >>> elementwise_repeats(tensor_split=4, tensor_divided_share=0.7)
    1.9000000000000004
    """
    return tensor_split - tensor_divided_share * (tensor_split - 1)


@figure("byte/s", "Link between the GPUs of a group", better="higher", adds=False)
def group_bandwidth(
    gpus_per_replica: float,
    gpus_per_server: float,
    bridged_gpus: float,
    interconnect_bandwidth: float,
    host_link_bandwidth: float,
    server_link_bandwidth: float,
) -> float:
    """Bandwidth of each GPU to the others of its group, both directions.

    Within a server it is that of its own link, beyond it that of the network. Bridges join some boards of a server; a
    larger group goes over both directions of their host links.

    >>> group_bandwidth(
    ...     gpus_per_replica=4, gpus_per_server=8, bridged_gpus=2, interconnect_bandwidth=600e9,
    ...     host_link_bandwidth=64e9, server_link_bandwidth=100e9
    ... )
    128000000000.0
    >>> group_bandwidth(
    ...     gpus_per_replica=16, gpus_per_server=8, bridged_gpus=16, interconnect_bandwidth=900e9,
    ...     host_link_bandwidth=64e9, server_link_bandwidth=100e9
    ... )
    100000000000.0
    """
    return minimum(
        where(
            gpus_per_replica > bridged_gpus,
            minimum(interconnect_bandwidth, 2 * host_link_bandwidth),
            interconnect_bandwidth,
        ),
        where(gpus_per_replica > gpus_per_server, server_link_bandwidth, interconnect_bandwidth),
    )


@figure("ratio", "Activations sent to add up matrices", mix="mean", stages="max")
def reduced_copies(
    tensor_split: float, switch_reduces: float, gpus_per_server: float, text_in_sequence: float
) -> float:
    """Shares of half a sum's activations that the GPUs of a divided matrix send in a layer to add up their results.

    A ring sends 2 (t - 1) / t of the activations for each of two sums a layer, or three with a cross-attention. A
    switch that adds them up takes (1 + 1 / t) of them (NVLink SHARP), less from four GPUs on, within a server.

    >>> reduced_copies(tensor_split=16, switch_reduces=1, gpus_per_server=8, text_in_sequence=0)
    45
    >>> reduced_copies(tensor_split=8, switch_reduces=1, gpus_per_server=8, text_in_sequence=1)
    9.0
    """
    return (3 - text_in_sequence) * minimum(
        tensor_split - 1,
        tensor_split - where(tensor_split > gpus_per_server, 0, switch_reduces) * (tensor_split - 1) / 2,
    )


@figure("second/video", "Start of a decoder's kernels", stages="sum", role="decode")
def vae_starting_seconds(
    decoded_pixels: float, vae_layers_per_pixel: float, launch_latency: float, decoder_work_share: float
) -> float:
    """Seconds in which the host starts the layers of a VAE that decodes tile by tile, one call after another.

    A fast GPU waits for the next layer of a small tile. MiniMax-H3 takes 196 calls of 36 layers for 124 frames of
    1344x768: 7.0 s from Python, where a GB200 took 6.4 to 7.9 s, and compiled 2.8 s.

    >>> vae_starting_seconds(
    ...     decoded_pixels=130e6, vae_layers_per_pixel=5e-5, launch_latency=0.001, decoder_work_share=0.5
    ... )
    3.25
    """
    return decoded_pixels * vae_layers_per_pixel * launch_latency * decoder_work_share


@figure("ratio", "Time of a shared VAE over that of one GPU", mix="mean", stages="max")
def vae_group_share(vae_parallel_gpus: float, gpus_per_replica: float, vae_serial_share: float) -> float:
    """Time in which a group runs the VAE, over that of one GPU: the GPUs that share it do all but its serial part.

    >>> vae_group_share(vae_parallel_gpus=8, gpus_per_replica=4, vae_serial_share=0.2)
    0.4
    """
    return vae_serial_share + (1 - vae_serial_share) / minimum(vae_parallel_gpus, gpus_per_replica)


@figure("second/video", "VAE decode by the group", stages="sum", role="decode")
def group_decode_seconds(vae_decode_seconds: float, vae_group_share: float) -> float:
    """Seconds of the VAE decode as a group runs it: what a log prints as the time of its decode.

    >>> group_decode_seconds(vae_decode_seconds=8, vae_group_share=0.25)
    2.0
    """
    return vae_decode_seconds * vae_group_share
