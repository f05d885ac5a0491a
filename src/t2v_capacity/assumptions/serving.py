"""Assumptions of the section `serving`: what it runs on."""

from t2v_capacity.assumptions.assumption import GPU, Quantity, Section, assume, count, ratio, share, switch
from t2v_capacity.engine.constants import NO_GPU_LIMIT, NO_QUEUE_LIMIT


class Serving(Section):
    """GPUs, replicas, spares and latency targets."""

    gpus_per_server: Quantity = count(
        "8",
        "gpu/server",
        "GPUs in a server",
        1,
        1_024,
        "convention: HGX and DGX boards hold 8; https://www.nvidia.com/en-us/data-center/hgx/, 2026-11",
    )
    peak_flops: Quantity = assume(
        "989.4 TFLOP/s", "FLOP/s", "Dense peak of a GPU at the compute precision", 1e9, 1e18, GPU
    )
    attention_peak_flops: Quantity = assume(
        "989.4 TFLOP/s", "FLOP/s", "Dense peak of a GPU at the attention kernel's format", 1e9, 1e18, GPU
    )
    vae_peak_flops: Quantity = assume(
        "989.4 TFLOP/s", "FLOP/s", "Dense 16-bit peak of a GPU, at which the VAE runs", 1e9, 1e18, GPU
    )
    vae_float32_slowdown: Quantity = ratio("1", "Time of the VAE's products in 32 bits over that in TF32", 1, 16, GPU)
    sustained_share: Quantity = ratio(
        "1", "Rate that a board's power lets it sustain, over its generation's", 0.05, 1, GPU
    )
    gpu_memory: Quantity = assume("81_559 MiB", "byte", "Memory of a GPU, as its driver reports it", 1e9, 1e13, GPU)
    unified_memory: Quantity = switch("0", "The memory is the CPU's too, so that offload frees nothing")
    usable_memory_share: Quantity = share(
        "95%",
        "Memory left after context, allocator and communication",
        "assumption: about 5 % for context and allocator, 2026-11",
        low=0.1,
    )
    memory_error: Quantity = ratio(
        "4.1",
        "Predicted over true memory of activations and buffers, at most; weights are exact",
        1,
        1e6,
        "the least at which every published run could run: 4.06, HunyuanVideo on an L20, catalogue/runs.yaml, 2026-11",
    )
    memory_bandwidth: Quantity = assume("3_350 GB/s", "byte/s", "Memory bandwidth of a GPU", 1e9, 1e15, GPU)
    interconnect_bandwidth: Quantity = assume(
        "900 GB/s", "byte/s", "Link between GPUs, both directions", 1e8, 1e15, GPU
    )
    bridged_gpus: Quantity = count(
        "1_024", "gpu", "GPUs that share this link; a larger group goes over host links", 1, 1_024, GPU
    )
    switch_reduces: Quantity = switch("1", "The switch of a server adds up what its GPUs send")
    server_link_bandwidth: Quantity = assume(
        "100 GB/s",
        "byte/s",
        "Network of a GPU to other servers, both directions",
        1e8,
        1e15,
        "assumption, recalled and not opened: 400 Gbit/s a GPU, one ConnectX-7 each, NVIDIA DGX H100 user guide, "
        "https://docs.nvidia.com/dgx/dgxh100-user-guide/, 2026-11",
    )
    host_link_bandwidth: Quantity = assume(
        "64 GB/s",
        "byte/s",
        "Link between a GPU and its host, one direction; copies are slower (host_copy_rate)",
        1e8,
        1e15,
        GPU,
    )
    gpu_power: Quantity = assume("700 W", "watt/gpu", "Rated power of a GPU", 1, 1e5, GPU)
    gpu_idle_power: Quantity = assume("120 W", "watt/gpu", "Power of a GPU that holds weights and waits", 0, 1e5, GPU)
    gpus_per_replica: Quantity = count(
        "1", "gpu", "GPUs that make one clip together", 1, 1_024, "neutral: one GPU makes a clip, 2026-11"
    )
    gpu_limit: Quantity = count(
        "none", "gpu", "GPUs that can be had", 1, NO_GPU_LIMIT, "neutral: as many as are needed, 2026-11"
    )
    queue_limit: Quantity = count(
        "none",
        "video",
        "Requests that may wait, in all regions together; those that come to a full queue are refused",
        0,
        NO_QUEUE_LIMIT,
        "neutral: as many as come, 2026-11",
    )
    weights_sharded: Quantity = switch("0", "The GPUs of a group divide the weights")
    encoder_sharded: Quantity = switch("0", "The GPUs of a group divide the text encoder")
    max_utilization: Quantity = share(
        "90%",
        "Highest utilization at the peak",
        "assumption: lets the square-root rule decide for large fleets, 2026-11",
        low=0.05,
        high=0.999,
        other="80%",
    )
    target_wait_probability: Quantity = share(
        "5%",
        "Share of requests that wait at the peak of a large fleet; in a small one more do",
        "assumption: about nineteen in twenty start at once, 2026-11",
        low=1e-6,
        high=0.99,
    )
    arrival_variability: Quantity = ratio(
        "1",
        "Squared coefficient of variation of arrivals",
        0.1,
        100,
        "neutral: independent users; n clips a click give n, 2026-11",
    )
    service_variability: Quantity = ratio(
        "0",
        "Squared coefficient of variation of a clip's time",
        0,
        100,
        "neutral: clips of one kind; a pool of 10 s and 470 s clips reaches 3, 2026-11",
    )
    target_latency: Quantity = assume(
        "30 d",
        "second/video",
        "Target for p95 latency",
        0.1,
        2.592e6,
        "neutral: warns of nothing until a promise is written, 2026-11",
        bare=True,
    )
    target_deferred_wait: Quantity = assume(
        "forever",
        "second",
        "Longest wait promised to work that can wait",
        1,
        1e9,
        "neutral: warns of nothing until a promise is written, 2026-11",
    )
    streamed: Quantity = switch("0", "Frames are sent while they are made: a request is a session that plays")
    sized_by_latency: Quantity = switch(
        "0", "The promised latency sizes the fleet, in place of the share that starts at once"
    )
    regions: Quantity = count("1", "region", "Regions", 1, 1_000, "neutral: one, 2026-11")
    regions_lost: Quantity = count("0", "region", "Regions that may be lost", 0, 999, "neutral: none, 2026-11")
    spare_servers: Quantity = count("0", "server", "Spare servers in a region", 0, 1e5, "neutral: none, 2026-11")
    spare_fraction: Quantity = share(
        "5%",
        "Spare share of the servers",
        "assumption: failures alone take under 1 %, https://arxiv.org/abs/2407.21783, "
        "maintenance and deploys the rest, 2026-11",
    )
    provision_time: Quantity = assume(
        "5 min",
        "second",
        "Time to get a server",
        0,
        2.592e6,
        "assumption: virtual machines start in minutes, bare metal in 20 to 30 at CoreWeave, 2026-12",
    )
    load_rate: Quantity = assume(
        "0.4 GB/s",
        "byte/s",
        "Rate at which weights are loaded",
        1e6,
        1e12,
        "on new servers: Cosmos 3 0.4, https://github.com/stewtong/cosmos3-super-serving; Wan 2.2 0.35, cached 0.8 to "
        "1.6 (run s118), 2026-12",
    )
    warm_up_time: Quantity = assume(
        "1 min",
        "second",
        "Compilation and first passes",
        0,
        86_400,
        "assumption: compiling takes a minute or so, 2026-11",
    )
