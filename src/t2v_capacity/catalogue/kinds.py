"""The kinds of entries: the file of each, the facts that its entries state, and what may be missing."""

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import LISTS
from t2v_capacity.catalogue.reading import UNKNOWN, EntryKind


def _price(fact: str, *about: str, also: tuple[str, ...] = ()) -> EntryKind:
    """Return the kind of what a provider asks for something, by its date.

    `also` names what more there is to say of some entries.
    """
    needed = ("provider", *about, "date")
    return EntryKind("prices.yaml", (fact,), about=(*needed, *also), needed=needed)


def _acceleration(*facts: str, about: tuple[str, ...] = ()) -> EntryKind:
    """Return the kind of what leaves out work of a model.

    Its entries say what was measured, on what, and what is known of the picture.
    """
    return EntryKind(
        "accelerations.yaml", facts, about=("evidence", "quality", "speedup", "of", *about), optional=facts
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TILED = ("vae_tile_pixels", "vae_tiling_factor")
_OF_SOME_MODELS = _words(
    "active_share kv_head_share chunk_frames window_frames cache_passes vae_tiling_factor vae_decode_bytes_per_pixel "
    "vae_frames_at_once vae_tile_pixels vae_encode_share passes_per_forward counted_passes_per_layer "
    "vae_bytes_per_pixel vae_matrix_fill vae_bytes_per_number activation_buffers tensor_divided_share "
    "vae_layers_per_pixel vae_parallel_gpus"
)
_OF_SOME_GPUS = _words(
    "sustained_share exponential_rate gpu_price spot_price gpus_per_server server_link_bandwidth rated_power_factor "
    "other_gpu_seconds_per_video bridged_gpus switch_reduces vae_serial_share unified_memory vae_float32_slowdown"
)
_OF_SOME_RUNTIMES = _words("guidance_groups exchange_latency launch_latency host_copy_rate activation_share")
_OF_OWN_RUNS = _words("rows linear attention timed ways like")
FORMAT = "vae_bytes_per_number"
FUSED = ("elementwise_factor", "launch_latency")
# What a runtime makes of a model: its entry `MODEL/RUNTIME` says it, else that of the model.
MADE = _words("vae_bytes_per_pixel text_encoder_params vae_parallel_gpus")
KINDS: dict[str, EntryKind] = {
    "models": EntryKind(
        "models.yaml",
        (
            *_words(
                "model_params text_encoder_params vae_params layers hidden_size heads ffn_size ffn_matrices text_tokens"
            ),
            *(*LISTS["patch"], *LISTS["vae_compression"], "vae_decode_flops_per_pixel"),
            *_words("width height fps steps passes_per_step"),
            *_OF_SOME_MODELS,
        ),
        about=_words(
            "developer licence frames frame_height text_attention attention_scope served engine masked repository "
            "engines timed_as"
        ),
        optional=_OF_SOME_MODELS,
    ),
    "model_runs": EntryKind("models.yaml", MADE, optional=MADE),
    "gpus": EntryKind(
        "gpus.yaml",
        (
            *_words("gpu_memory memory_bandwidth interconnect_bandwidth host_link_bandwidth gpu_power gpu_idle_power"),
            *_OF_SOME_GPUS,
        ),
        at_precision=("peak_flops", "linear_efficiency"),
        about=_words("vendor generation successor evidence rows sellers"),
        optional=(*_OF_SOME_GPUS, "linear_efficiency"),
        needed=("generation",),
    ),
    "generations": EntryKind(
        "efficiencies.yaml",
        ("vae_efficiency",),
        at_precision=("linear_efficiency",),
        about=("kernel", "engine_kernel", "evidence", "rows"),
        needed=("kernel", "evidence"),
    ),
    "kernels": EntryKind(
        "efficiencies.yaml",
        ("attention_efficiency", "softmax_share"),
        about=_words("format evidence rows error ways timed same_picture runs since before group mask"),
        needed=("format", "evidence"),
    ),
    "calibrations": EntryKind(  # of a GPU and a runtime, by a user's own runs
        "efficiencies.yaml", ("other_gpu_seconds_per_video",), about=(*_OF_OWN_RUNS, "peak"), needed=_OF_OWN_RUNS
    ),
    "precisions": EntryKind("options.yaml", ("bytes_per_parameter",), about=("same_picture", "computes_as")),
    "resolutions": EntryKind("options.yaml", ("width", "height", "bitrate")),
    "text_attentions": EntryKind("options.yaml", ("text_in_sequence",)),
    "attention_scopes": EntryKind("options.yaml", ("full_attention", "factorised_attention", "linear_attention")),
    "vae_tilings": EntryKind("options.yaml", TILED, optional=TILED),
    "distilled": _acceleration("steps", "passes_per_step", about=("sparse_attention", "decoder")),
    "step_caches": _acceleration("cached_step_share", about=("steps",)),
    "sparse_attentions": _acceleration("attention_sparsity", "sparse_kernel_efficiency"),
    "decoders": _acceleration("decoder_work_share", "decoder_memory_share"),
    "offloads": EntryKind(
        "options.yaml",
        ("model_resident", "encoder_resident", "blocks_streamed", "encoder_at_once"),
        about=("same_picture",),
        optional=("encoder_at_once",),
    ),
    "shardings": EntryKind("options.yaml", ("weights_sharded", "encoder_sharded")),
    "deliveries": EntryKind("options.yaml", ("streamed", "service_variability")),
    "sizings": EntryKind("options.yaml", ("sized_by_latency",)),
    "runtimes": EntryKind(
        "options.yaml",
        ("elementwise_factor", *_OF_SOME_RUNTIMES, FORMAT),
        about=("same_picture", "kernel"),
        optional=(*_OF_SOME_RUNTIMES, FORMAT),
    ),
    "providers": EntryKind("prices.yaml", (), about=("cheapest_clips", "sells")),
    "prices": _price("gpu_price", "region", "kind", "gpu"),
    "storage_prices": _price("storage_price", "region"),
    "egress_prices": _price("egress_price", "region"),
    "video_prices": _price(
        "price_per_video_second", also=_words("family models frame_height clip_seconds counted_fps")
    ),
}
# How GPU-hours are sold; `committed` is a price "from", whose term is not stated.
COMMITTED = "committed"
PRICE_KINDS = ("on-demand", "reserved", "spot", "marketplace", COMMITTED)
# The kinds of offers at which a price of a GPU is billed. A marketplace's count only where it is chosen by name.
BILLED = {"gpu_price": ("on-demand", "marketplace"), "spot_price": ("spot",), "reserved_price": ("reserved",)}
# The value of an optional fact if an entry lacks it; without it, an earlier value would stay.
NEUTRAL = {
    **dict.fromkeys(
        _words(
            "active_share kv_head_share passes_per_forward vae_matrix_fill exponential_rate vae_tiling_factor "
            "sustained_share vae_parallel_gpus encoder_at_once vae_float32_slowdown"
        ),
        "1",
    ),
    "counted_passes_per_layer": "150",
    **dict.fromkeys(
        _words(
            "vae_layers_per_pixel vae_serial_share switch_reduces unified_memory chunk_frames window_frames "
            "cache_passes"
        ),
        "0",
    ),
    "tensor_divided_share": "0.7",
    "bridged_gpus": "1_024",
    "activation_buffers": "41",
    "vae_bytes_per_pixel": "50_000 B",
    "vae_bytes_per_number": "2 B",
    "vae_decode_bytes_per_pixel": "6_000 B",
    "vae_frames_at_once": "8",
    "vae_tile_pixels": "1e12",
    **{name: ASSUMPTIONS[name].default for name in _OF_SOME_RUNTIMES},
    **{
        name: ASSUMPTIONS[name].default
        for kind in KINDS.values()
        if kind.file == "accelerations.yaml"
        for name in kind.optional
    },
    "gpu_price": UNKNOWN,
    "spot_price": UNKNOWN,
}
