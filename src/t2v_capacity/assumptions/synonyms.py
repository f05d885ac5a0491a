"""Other words that people use for ours: a table, from ours to theirs, and what was meant by a word that nothing has.

A word of theirs may mean several of ours; no word of theirs is one of ours. `tests/scenario/test_words.py` holds the tables to that.
"""

from collections.abc import Iterable

from t2v_capacity.errors import nearest

# Names, and keys of a scenario file.
NAMES = {
    "dau": "users daily_users active_users daily_active_users mau number_of_users customers",
    "videos_per_user_per_day": "videos clips generations videos_per_user clips_per_user requests_per_user videos_per_day clips_per_day",
    "peak_to_average": "peak peak_factor peak_ratio peak_hour burst burstiness hours_of_day hours_per_day active_hours diurnal",
    "growth_per_month": "growth growth_rate monthly_growth mom",
    "days_per_month": "days month_days",
    "prompt_size": "prompt prompt_bytes prompt_length",
    "failed_share": "failures failure_rate error_rate retries retry_rate",
    "rejected_prompt_share": "moderation rejected rejection_rate blocked",
    "rejected_output_share": "rejected moderation discarded",
    "deferrable_share": "batch batch_share offline_share",
    "model_params": "params parameters model_parameters n_params",
    "text_encoder_params": "encoder_params",
    "layers": "num_layers n_layers depth blocks",
    "hidden_size": "hidden_dim dim d_model embed_dim",
    "heads": "num_heads n_heads num_attention_heads",
    "ffn_size": "ffn_dim mlp_size intermediate_size",
    "text_tokens": "prompt_tokens max_sequence_length",
    "fps": "frame_rate framerate frames_per_second",
    "duration": "length clip_length video_length clip_duration seconds seconds_per_video num_frames frames",
    "resolution": "size frame_size video_size_pixels res quality",
    "bitrate": "bit_rate bandwidth_per_video",
    "steps": "num_steps denoising_steps sampling_steps inference_steps num_inference_steps iterations",
    "passes_per_step": "cfg guidance guidance_scale passes",
    "cached_step_share": "cache caching teacache step_caching",
    "attention_sparsity": "sparsity",
    "time_factor": "slowdown speedup overhead fudge_factor calibration",
    "retention": "keep keep_for ttl retention_days retention_period",
    "replication": "replicas_of_data copies replication_factor",
    "rendition_factor": "renditions transcodes transcoding",
    "indexing": "index index_overhead",
    "user_profile_size": "profile_size user_size",
    "gpus_per_server": "gpus_per_node gpus_per_host",
    "tensor_parallel": "tp tensor_parallel_size",
    "gpus_per_replica": "sequence_parallel ulysses parallelism gpus_per_clip group_size",
    "max_utilization": "utilisation max_utilisation target_utilization headroom",
    "target_latency": "latency sla slo max_latency latency_target",
    "target_wait_probability": "wait_probability_target",
    "queue_limit": "max_queue queue_size queue_length queue_depth max_queue_length max_queue_size queue_capacity admission_limit",
    "regions": "num_regions datacenters data_centers zones",
    "spare_fraction": "spares spare redundancy",
    "spare_servers": "spares spare",
    "provision_time": "startup_time boot_time",
    "peak_flops": "flops tflops",
    "gpu_memory": "vram memory gpu_ram hbm",
    "interconnect_bandwidth": "nvlink interconnect",
    "host_link_bandwidth": "pcie",
    "gpu_power": "power tdp watts",
    "views_per_video": "views views_per_clip plays",
    "cdn_hit_ratio": "cdn hit_ratio cache_hit_ratio",
    "gpu_price": "price gpu_cost price_per_gpu_hour gpu_hour_price hourly_price cost_per_gpu_hour",
    "storage_price": "price_per_gb storage_cost",
    "egress_price": "egress_cost bandwidth_price",
    "reserved_fraction": "reserved reserved_share",
    "reserved_price": "reservation_price commitment_price",
    "price_per_video_second": "revenue_per_second sale_price",
    "paid_share": "paying_share conversion",
    "carbon_intensity": "co2_intensity grid_intensity",
    "precision": "quantization quantisation quant dtype weight_precision weights_dtype",
    "compute_precision": "compute_dtype matmul_precision",
    "attention_kernel": "attention kernel attn flash_attention attention_backend attn_implementation",
    "runtime": "engine framework backend compile torch_compile",
    "offload": "offloading cpu_offload",
    "gpu": "gpu_type gpu_model accelerator hardware card device",
    "model": "model_name checkpoint",
    "sharding": "fsdp shard_weights",
    "vae_compression": "vae_stride compression",
    "patch": "patch_size",
    "gpus": "num_gpus gpu_count number_of_gpus n_gpus",
    "servers": "nodes hosts num_servers machines",
    "trps": "rps qps requests_per_second tps",
    "peak_trps": "peak_rps peak_qps",
    "cost_per_month": "cost monthly_cost bill spend",
    "cost_per_video": "cost cost_per_clip",
    "cost_per_user": "cost",
    "gross_margin": "margin profit",
    "revenue_per_month": "revenue",
    "latency_p95": "latency p95 p95_latency response_time",
    "wait_p95": "wait waiting_time queue_time",
    "generation_latency": "latency generation_time",
    "storage_on_disk": "storage disk",
    "storage_per_day": "storage daily_storage",
    "storage_per_month": "storage monthly_storage",
    "egress_bandwidth": "egress_rate bandwidth",
    "ingress_bandwidth": "ingress bandwidth",
    "memory_needed": "memory vram",
    "fleet_power": "power",
    "energy_per_video": "energy energy_per_clip",
    "carbon_per_video": "carbon co2 emissions",
    "carbon_per_month": "carbon co2 emissions",
    "extends": "base inherits include import",
    "name": "title",
    "pins": "overrides fixed",
    "budgets": "limits budget",
}
# Figures that an assumption holds below a limit, which who sets the figure may mean.
LIMITS = {
    "gpus": "gpu_limit",
    "latency_p95": "target_latency",
    "deferred_wait": "target_deferred_wait",
    "utilization": "max_utilization",
}
# Options of one command, which people try on another.
OPTIONS = {
    "budget": "check",
    "over": "sweep",
    "until": "solve",
    "limit": "forecast",
    "against": "diff",
    "fail_on": "diff",
    "pooled": "total",
}
# Models sold as a service, without a published architecture; each word begins their names.
UNPUBLISHED = tuple("sora veo kling runway gen-3 gen-4 pika luma ray hailuo seedance vidu dream-machine nova-reel".split())
# Values of choices.
VALUES = {
    "fa2": "flash flash2 flash-attn flash-attention flash-attention-2 flashattention flashattention2",
    "fa3": "flash flash3 flash-attn flash-attention flash-attention-3 flashattention flashattention3",
    "sdpa": "torch pytorch math xformers native default",
    "sage2": "sageattention sageattention2 sage-attention",
    "bf16": "bfloat16 half 16bit",
    "fp16": "float16 half 16bit",
    "fp32": "float32 float full single",
    "fp8": "float8 8bit e4m3",
    "int8": "8bit w8a8",
    "int4": "4bit w4a16 q4",
    "fp4": "4bit",
    "eager": "pytorch torch diffusers",
    "compiled": "compile torch.compile torch-compile inductor",
    "engine": "vllm sglang tensorrt trt tensorrt-llm",
    "weights": "fsdp zero3",
    "encoder": "t5 text-encoder",
    "all": "cpu sequential",
    "full": "dense",
}
# Units, and words for amounts.
UNITS = {
    "min": "m mins minuts",
    "h": "hr hrs",
    "d": "dy",
    "s": "secs",
    "K": "thousand thousands",
    "M": "million millions mio mn mln",
    "B": "billion billions bn",
}
COMMANDS = {
    "--help": "usage man",
    "--version": "about",
    "--show-completion": "completion completions",
    "estimate": "plan run calculate compute size",
    "explain": "why show describe",
    "list": "ls models gpus assumptions figures",
    "check": "validate lint test",
    "init": "new create start",
    "solve": "find optimize optimise",
    "total": "sum add",
    "fit": "trace log import learn",
    "compare": "gpu",
}


def meant(text: str, known: Iterable[str], theirs: dict[str, str]) -> str:
    """Return "; did you mean `dau`?" for what a word of theirs means, else for the nearest known name; or nothing.

    >>> meant("users", ["dau", "steps"], NAMES), meant("duu", ["dau", "steps"], NAMES), meant("x", ["dau"], NAMES)
    ('; did you mean `dau`?', '; did you mean `dau`?', '')
    >>> meant("flash", ["sdpa", "fa2", "fa3"], VALUES)
    '; did you mean `fa2` or `fa3`?'
    """
    known = list(known)
    word = text.strip().lower()
    spelled = {word, word.replace("-", "_"), word.replace("_", "-"), word.replace(" ", "_")}
    ours = [f"`{name}`" for name, words in theirs.items() if name in known and not spelled.isdisjoint(words.split())]
    if not ours:
        return nearest(text.strip(), known)
    return f"; did you mean {', '.join(ours[:-1])}{' or ' if ours[1:] else ''}{ours[-1]}?"
