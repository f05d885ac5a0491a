"""Every name of an assumption, a choice, and a figure as a type, for type checkers and editors: nothing imports this file when the program runs.

Written by tests/write_typed.py; renew it with `python tests/record.py docs`.
"""

from dataclasses import dataclass
from typing import Generic, TypedDict, TypeVar

Value = TypeVar("Value")
Word = TypeVar("Word")


@dataclass(frozen=True)
class Named:
    """The attributes of a plan, in base units: figures and assumptions, nan if one has no value, and choices."""

    requests_per_day: float
    """Requests per day (request/day)"""
    trps: float
    """Total requests per second (TRPS) (request/s)"""
    zone_span: float
    """Time zones over the hours that a zone's load fills (ratio)"""
    zone_flattening: float
    """Part of the swing that is left over the time zones (ratio)"""
    zoned_peak: float
    """Peak over average, over all time zones (ratio)"""
    levelled_peak: float
    """Peak over average, after deferral (ratio)"""
    peak_trps: float
    """Peak requests per second (request/s)"""
    regional_peak_trps: float
    """Peak requests per second of a region, of its own users alone (request/s)"""
    arrivals_over_requests: float
    """Arrivals over requests (ratio)"""
    generations_per_day: float
    """Generations per day (video/day)"""
    delivered_per_day: float
    """Videos delivered per day (video/day)"""
    generation_rate: float
    """Generations per second (video/s)"""
    peak_generation_rate: float
    """Peak generations per second (video/s)"""
    model_size: float
    """Model weights (byte)"""
    text_encoder_size: float
    """Text encoder weights (byte)"""
    model_and_encoder_size: float
    """Model and text encoder (byte)"""
    vae_size: float
    """VAE weights (byte)"""
    frames_per_video: float
    """Frames of a clip (frame/video)"""
    raw_video_size: float
    """Raw clip (byte/video)"""
    video_size: float
    """Stored clip (byte/video)"""
    user_profile_storage: float
    """User profiles (byte)"""
    interaction_storage_per_day: float
    """Interactions written (byte/day)"""
    index_storage_per_day: float
    """Index written (byte/day)"""
    storage_per_day: float
    """Storage written (byte/day)"""
    storage_per_month: float
    """Storage written in a month (byte/month)"""
    months_held: float
    """Months of clips held (month)"""
    full_months: float
    """Months held in which the fleet was full (month)"""
    months_written: float
    """Months of today's writing that are held (month)"""
    storage_held: float
    """Storage held (byte)"""
    hot_months: float
    """Months of clips held in hot storage (month)"""
    hot_share: float
    """Share of the bytes held that is hot (share)"""
    storage_on_disk: float
    """Storage on disk (byte)"""
    ingress_bandwidth: float
    """Ingress (bit/s)"""
    egress_bandwidth: float
    """Egress of generation (bit/s)"""
    peak_ingress_bandwidth: float
    """Peak ingress (bit/s)"""
    peak_egress_bandwidth: float
    """Peak egress of generation (bit/s)"""
    view_bandwidth: float
    """Egress of views (bit/s)"""
    peak_view_bandwidth: float
    """Peak egress of views (bit/s)"""
    hit_ratio_limit: float
    """Highest hit ratio a cache can have (share)"""
    origin_bandwidth: float
    """Egress of the origin (bit/s)"""
    rule_of_thumb_iterations: float
    """Iterations, by rule of thumb (iteration/video)"""
    rule_of_thumb_seconds: float
    """Inference time, by rule of thumb (second/video)"""
    rule_of_thumb_gpus: float
    """GPUs, by rule of thumb (gpu)"""
    rule_of_thumb_servers: float
    """Servers, by rule of thumb (server)"""
    latent_frames: float
    """Latent frames (frame)"""
    tokens_per_frame: float
    """Visual tokens of a latent frame (token/frame)"""
    visual_tokens: float
    """Visual tokens (token)"""
    sequence_tokens: float
    """Tokens in self-attention (token)"""
    keys_per_token: float
    """Keys that a token attends to (key)"""
    linear_flops_per_pass: float
    """FLOPs of linear layers in a pass (FLOP/pass)"""
    attention_flops_per_pass: float
    """FLOPs of attention in a pass (FLOP/pass)"""
    flops_per_pass: float
    """FLOPs of a pass (FLOP/pass)"""
    passes_per_video: float
    """Passes of a clip (pass/video)"""
    text_encoder_flops: float
    """FLOPs of the text encoder (FLOP/video)"""
    decoded_pixels: float
    """Pixels that the VAE decodes (pixel/video)"""
    vae_decode_flops: float
    """FLOPs of the VAE decode (FLOP/video)"""
    denoising_flops: float
    """FLOPs of denoising (FLOP/video)"""
    flops_per_video: float
    """FLOPs of a clip (FLOP/video)"""
    linear_seconds: float
    """Linear layers (second/video)"""
    attention_seconds: float
    """Attention (second/video)"""
    linear_attention_seconds: float
    """Slowness of linear attention (second/video)"""
    elementwise_seconds: float
    """Element-wise work (second/video)"""
    vae_decode_seconds: float
    """VAE decode (second/video)"""
    vae_encode_seconds: float
    """VAE encode (second/video)"""
    text_encoder_seconds: float
    """Text encoder (second/video)"""
    host_seconds: float
    """Work of the host (second/video)"""
    encoding_seconds: float
    """Encoding of the file, off the GPU (second/video)"""
    off_gpu_seconds: float
    """Seconds off the GPU (second/video)"""
    guidance_split: float
    """Passes side by side (gpu)"""
    tensor_split: float
    """GPUs that divide a layer's matrices (gpu)"""
    sequence_split: float
    """GPUs that share a sequence (gpu)"""
    forwards_per_video: float
    """Forwards of a clip on a GPU (pass/video)"""
    group_bandwidth: float
    """Link between the GPUs of a group (byte/s)"""
    exchanged_bytes: float
    """Bytes that a GPU of a group sends (byte/video)"""
    gathered_bytes: float
    """Bytes of weights that a GPU gathers (byte/video)"""
    communication_seconds: float
    """Exchange between GPUs (second/video)"""
    gathering_seconds: float
    """Gathering of weights (second/video)"""
    starting_seconds: float
    """Start of kernels and exchanges (second/video)"""
    denoising_seconds: float
    """Denoising by the group (second/video)"""
    offloaded_bytes: float
    """Bytes over the host link (byte/video)"""
    streaming_seconds: float
    """Streaming of blocks (second/video)"""
    offload_seconds: float
    """Offloading (second/video)"""
    gpu_seconds_per_video: float
    """GPU-seconds of a clip (second/video)"""
    generation_latency: float
    """Latency of a generation (second/video)"""
    weight_shards: float
    """GPUs that divide the weights (gpu)"""
    text_encoding_memory: float
    """Memory at text encoding (byte)"""
    activation_memory: float
    """Activations of a pass (byte)"""
    denoising_weights: float
    """Weights at denoising (byte)"""
    denoising_memory: float
    """Memory at denoising (byte)"""
    pixels_at_once: float
    """Pixels that the VAE decodes at once (pixel)"""
    vae_decode_weights: float
    """Weights at VAE decode (byte)"""
    vae_decode_buffers: float
    """Buffers of the VAE's decoder (byte)"""
    vae_decode_memory: float
    """Memory at VAE decode (byte)"""
    memory_needed: float
    """Memory needed on a GPU (byte)"""
    memory_usable: float
    """Memory that a GPU has for it (byte)"""
    resident_weights: float
    """Weights that a GPU must hold (byte)"""
    least_memory: float
    """Least memory in which a clip may run (byte)"""
    can_run: float
    """A clip can run: 1, or no value (ratio)"""
    busy_gpus: float
    """GPUs at work, on average (gpu)"""
    peak_busy_gpus: float
    """GPUs at work, at the peak (gpu)"""
    busy_replicas: float
    """Replicas at work, at the peak (replica)"""
    staffing_margin: float
    """Staffing margin aimed at (ratio)"""
    region_load: float
    """Load a region may have to carry (replica)"""
    replicas_by_utilization: float
    """Replicas of a region, by utilization (replica)"""
    replicas_by_waiting: float
    """Replicas of a region, by waiting (replica)"""
    latency_allowance: float
    """Latency that sizes the fleet, in clips' times (ratio)"""
    peak_over_level: float
    """Peak of all work over the peak planned for (ratio)"""
    replicas_by_latency: float
    """Replicas of a region, by the promise (replica)"""
    replicas_needed: float
    """Replicas that the load asks for (replica)"""
    gpus_had_per_server: float
    """GPUs of a server that can be had (gpu)"""
    replicas_per_server: float
    """Replicas in a server (replica/server)"""
    servers_per_replica: float
    """Servers that a replica spans (server/replica)"""
    servers_available: float
    """Servers that can be had (server)"""
    replicas: float
    """Replicas (replica)"""
    fleet_share: float
    """Fleet over what the load asks for (share)"""
    worked_share: float
    """Hours of the fleet that its load fills (share)"""
    servers_per_region: float
    """Servers at work in a region (server)"""
    spares_per_region: float
    """Spare servers in a region (server)"""
    down_per_region: float
    """Servers of a region that are down, on average (server)"""
    spares_slack: float
    """Spare servers beyond those that failures take (server)"""
    servers: float
    """Servers (server)"""
    gpus: float
    """GPUs rented (gpu)"""
    supply_ratio: float
    """Capacity of the fleet over the day's demand (ratio)"""
    served_share: float
    """Demand that is served (share)"""
    worked_gpus: float
    """GPUs at work on what is served, on average (gpu)"""
    utilization: float
    """Utilization of the replicas at the peak (share)"""
    average_utilization: float
    """Average utilization of what is rented (share)"""
    load_time: float
    """Time to load the weights (second)"""
    cold_start: float
    """Cold start (second)"""
    gpus_started_ahead: float
    """GPUs to start ahead of the morning rise (gpu)"""
    chance_growth: float
    """Growth of the queue that chance makes, on one day in twenty (ratio)"""
    longest_wait_p95: float
    """Longest wait of the day, 95th percentile over days (second)"""
    work_overload_time: float
    """Time of overload in a day, of all work (second)"""
    work_spread: float
    """Wait that an overload's work varies by, 95th percentile over days (second)"""
    deferred_wait_p95: float
    """Longest wait of work that can wait, 95th percentile over days (second)"""
    deferred_slack: float
    """Wait left under the target of work that can wait (second)"""
    generation_capacity: float
    """Clips that the fleet can make (video/s)"""
    overload_depth: float
    """Depth of the overload (ratio)"""
    overload_time: float
    """Time of overload in a day (second)"""
    overload_clips: float
    """Clips that arrive above capacity in a day (video)"""
    fluid_backlog: float
    """Clips that wait at the end of the overload, without chance (video)"""
    edge_room: float
    """Share of the replicas that all work leaves at the peak (share)"""
    edge_idle_share: float
    """Share of the replicas left, as the queue of all work feels the peak (share)"""
    edge_margin: float
    """Staffing margin of all work, as the queue feels the peak (ratio)"""
    edge_wait_probability: float
    """Share of all work that would wait, as the queue feels the peak (share)"""
    queues_at_peak: float
    """Queues that the peak of a day has time for (ratio)"""
    chance_tail: float
    """Clips by which a day's longest queue becomes e times as rare (video)"""
    queues_of_day: float
    """Queues of a day, on average (ratio)"""
    longest_over_tail: float
    """Longest queue of a day, in scales of its tail (ratio)"""
    chance_backlog: float
    """Clips that chance queues in a region at the worst moment of a day (video)"""
    backlog: float
    """Clips that wait at the end of the overload (video)"""
    chance_wait: float
    """Wait that chance adds to the longest of the day (second)"""
    urgent_chance_wait: float
    """Wait that chance adds to the longest of urgent requests (second)"""
    deferred_chance_wait: float
    """Wait that chance adds to the longest of work that can wait (second)"""
    longest_wait: float
    """Longest wait of the day (second)"""
    longest_queue_time: float
    """Time after the peak at which the queue that chance makes is longest (second)"""
    deferred_wait: float
    """Longest wait of work that can wait (second)"""
    queue_scale: float
    """Clips by which a queue of chance becomes e times as rare (video)"""
    queue_excess: float
    """Day's longest queue above its limit (ratio)"""
    refused_bound: float
    """Requests that a day refuses at the most (video/day)"""
    refused_per_day: float
    """Requests refused per day (video/day)"""
    refused_share: float
    """Demand that is refused (share)"""
    full_queue_wait: float
    """Longest wait of a full queue (second)"""
    urgent_share: float
    """Urgent part of the load at the peak (share)"""
    peak_bend: float
    """Bend of the load at its peak (ratio)"""
    peak_smoothing: float
    """Part of the peak that long clips level out (share)"""
    idle_share: float
    """Share of the replicas that urgent work leaves at the peak (share)"""
    peak_relief: float
    """Idle share that a passing peak is worth (share)"""
    felt_idle_share: float
    """Share of the replicas left, as the queue feels the peak (share)"""
    erlang_wait_probability: float
    """Share that would wait, arrivals one by one (share)"""
    squared_latency: float
    """Square of a clip's time (second-second/video/video)"""
    clip_variability: float
    """Spread of the clips' times (ratio)"""
    work_variability: float
    """Spread of the work of clips, all their runs among it (ratio)"""
    peak_margin: float
    """Staffing margin at the peak (ratio)"""
    wait_probability: float
    """Share of requests that wait (share)"""
    delayed_wait: float
    """Mean wait of those that wait (second/video)"""
    wait_tail: float
    """Scale of the tail of the wait (second/video)"""
    wait_mean: float
    """Mean wait (second/video)"""
    wait_p95: float
    """Wait, 95th percentile of urgent requests (second/video)"""
    slowest_seconds: float
    """Latency of the slowest clip (second/video)"""
    wait_chance: float
    """Share of requests that wait, by the tail of the wait (share)"""
    interrupted_share: float
    """Runs that are interrupted (share)"""
    runs_latency_p95: float
    """Latency of equal clips, 95th percentile of urgent requests (second/video)"""
    runs_latency_mean: float
    """Mean latency of clips (second/video)"""
    clip_excess: float
    """Clip's time beyond its mean, 95th percentile (second/video)"""
    latency_p95: float
    """Latency, 95th percentile of urgent requests (second/video)"""
    median_tail: float
    """Scale of the tail of the wait, as its median feels the peak (second/video)"""
    runs_latency_p50: float
    """Latency of equal clips, median of urgent requests (second/video)"""
    latency_spread: float
    """Spread of the latency, in clips' times squared (ratio)"""
    latency_skew: float
    """Skew of the latency, in clips' times cubed (ratio)"""
    latency_p50: float
    """Latency, median of urgent requests (second/video)"""
    latest_tail: float
    """Scale of the tail of the wait, as its 99th percentile feels the peak (second/video)"""
    runs_latency_p99: float
    """Latency of equal clips, 99th percentile of urgent requests (second/video)"""
    latest_excess: float
    """Clip's time beyond its mean, 99th percentile (ratio)"""
    latency_p99: float
    """Latency, 99th percentile of urgent requests (second/video)"""
    latency_room: float
    """Room that the target leaves to wait (second/video)"""
    latency_slack: float
    """Latency left under the target (second/video)"""
    held_price: float
    """Price of a reserved GPU-hour (USD/gpu-hour)"""
    load_floor: float
    """Quietest load over the peak (share)"""
    loaded_share: float
    """Share of hours with load (share)"""
    burst_limit: float
    """Most burst GPU-hours over the fleet's (share)"""
    reserved_load: float
    """Reserve over the peak of the load (share)"""
    burst_share: float
    """Burst GPU-hours over the fleet's (share)"""
    reserve_lean: float
    """Where the cheapest reserve lies (ratio)"""
    cheapest_reserved_fraction: float
    """Reserved fraction that costs least (share)"""
    paid_burst_share: float
    """Burst GPU-hours over the fleet's, cold starts among them (share)"""
    gpus_held: float
    """GPUs paid for, on average (gpu)"""
    gpu_hours_per_month: float
    """GPU-hours per month (gpu-hour/month)"""
    gpu_cost_per_month: float
    """GPU cost per month (USD/month)"""
    cold_saving: float
    """Saving of cold storage per month, after fees (USD/month)"""
    storage_cost_per_month: float
    """Storage cost per month (USD/month)"""
    egress_per_month: float
    """Bytes sent in a month (byte/month)"""
    egress_discount: float
    """Saving of free bytes and later egress tiers per month (USD/month)"""
    egress_cost_per_month: float
    """Egress cost per month (USD/month)"""
    request_cost_per_month: float
    """Request fees per month (USD/month)"""
    other_cost_per_month: float
    """Other cost per month (USD/month)"""
    cost_per_month: float
    """Cost per month (USD/month)"""
    cost_per_year: float
    """Cost per year (USD/year)"""
    cost_per_video: float
    """Cost of a delivered video (USD/video)"""
    cost_per_user: float
    """Cost per daily user and month (USD/user/month)"""
    gpu_cost_share: float
    """GPUs' share of the cost (share)"""
    storage_cost_share: float
    """Storage's share of the cost (share)"""
    request_cost_share: float
    """Requests' share of the cost (share)"""
    egress_cost_share: float
    """Egress's share of the cost (share)"""
    other_cost_share: float
    """Other costs' share (share)"""
    delivered_seconds_per_video: float
    """Seconds of video per clip (second/video)"""
    paid_seconds_per_video: float
    """Seconds of video sold per clip (second/video)"""
    revenue_per_video: float
    """Revenue per clip (USD/video)"""
    delivered_seconds_per_month: float
    """Seconds of video delivered per month (second/month)"""
    paid_seconds_per_month: float
    """Seconds of video sold per month (second/month)"""
    revenue_per_month: float
    """Revenue per month (USD/month)"""
    revenue_per_year: float
    """Revenue per year (USD/year)"""
    gross_margin: float
    """Gross margin (share)"""
    gpu_cost_per_second: float
    """GPU cost per delivered second, always on (USD/second)"""
    autoscaled_cost_per_second: float
    """GPU cost per delivered second, autoscaled (USD/second)"""
    break_even_price: float
    """Break-even price of a second of video (USD/second)"""
    not_on_demand_share: float
    """Share of the fleet that can't be had on demand (share)"""
    held_fraction: float
    """Share of the fleet that is held at every hour (share)"""
    not_on_demand_depth: float
    """How far up the day's load reaches what can't be had on demand (ratio)"""
    gpus_held_idle: float
    """GPUs held idle since they can't be had on demand, on average (gpu)"""
    committed_price: float
    """Price of the cheapest GPU-hour that is held (USD/gpu-hour)"""
    mix_committed_cost: float
    """Committed part of the cheapest buying mix (USD/month)"""
    mix_on_demand_cost: float
    """On-demand part of the cheapest buying mix (USD/month)"""
    mix_spot_cost: float
    """Spot part of the cheapest buying mix (USD/month)"""
    gpu_cost_mixed: float
    """GPU cost per month, cheapest buying mix (USD/month)"""
    gpu_price_next_year: float
    """Price of an on-demand GPU-hour a year from now (USD/gpu-hour)"""
    cold_start_share: float
    """Cold start over a day (share)"""
    root_share: float
    """Mean root of the day's load over the root of its peak (share)"""
    margin_share: float
    """Hours of the margin that a fleet keeps at every hour, over the fleet's (share)"""
    gpus_following: float
    """GPUs held where the fleet follows the day, on average (gpu)"""
    cheapest_burst_limit: float
    """Most burst GPU-hours over the fleet's, at the cheapest reserve (share)"""
    cheapest_reserved_load: float
    """Cheapest reserve over the peak of the load (share)"""
    cheapest_burst_share: float
    """Burst GPU-hours over the fleet's, at the cheapest reserve (share)"""
    cheapest_starting: float
    """GPUs starting above the cheapest reserve, on average (gpu)"""
    gpu_cost_on_demand: float
    """GPU cost per month, held at the peak on demand (USD/month)"""
    gpu_cost_following: float
    """GPU cost per month, autoscaled (USD/month)"""
    gpu_cost_all_reserved: float
    """GPU cost per month, all of it reserved (USD/month)"""
    gpu_cost_reserved: float
    """GPU cost per month, at the cheapest reserve (USD/month)"""
    interruptions_per_run: float
    """Interruptions of a clip's run on spot GPUs (ratio)"""
    interrupted_work: float
    """GPU-seconds of a clip on spot GPUs over those of one run (ratio)"""
    spot_seconds_per_video: float
    """GPU-seconds of a clip, interruptions among them (second/video)"""
    spot_work: float
    """GPUs at work over those without interruptions (ratio)"""
    paid_spot_price: float
    """Price of a spot GPU-hour, paid (USD/gpu-hour)"""
    capital_rate: float
    """Part of a server's price that a year of it costs (ratio)"""
    owned_server_price: float
    """Price of a GPU-hour that the server costs (USD/gpu-hour)"""
    owned_place_price: float
    """Price of a GPU-hour that its place costs (USD/gpu-hour)"""
    owned_electricity_price: float
    """Price of a GPU-hour that its electricity costs (USD/gpu-hour)"""
    owned_price: float
    """Price of an owned GPU-hour (USD/gpu-hour)"""
    owning_utilization: float
    """Average utilization from which owning beats renting by the hour (share)"""
    working_power: float
    """Power of a GPU at work, facility (watt/gpu)"""
    idle_power: float
    """Power of an idle GPU, facility (watt/gpu)"""
    active_energy_per_video: float
    """Energy of the work of a video (joule/video)"""
    fleet_power: float
    """Power of the fleet, on average (watt)"""
    peak_fleet_power: float
    """Power of the fleet at the peak (watt)"""
    nameplate_power: float
    """Rated power of the fleet, at the site (watt)"""
    site_power_share: float
    """Rated power of a site over what it may take (share)"""
    energy_per_video: float
    """Energy of a delivered video (joule/video)"""
    energy_per_month: float
    """Energy per month (joule/month)"""
    energy_per_year: float
    """Energy per year (joule/year)"""
    carbon_per_video: float
    """CO2 of a delivered video (kg/video)"""
    carbon_per_month: float
    """CO2 per month (kg/month)"""
    carbon_per_year: float
    """CO2 per year (kg/year)"""
    dau: float
    """Daily active users (user)"""
    videos_per_user_per_day: float
    """Videos requested per user and day (request/user/day)"""
    days_per_month: float
    """Days in a month (day/month)"""
    prompt_size: float
    """Bytes of a prompt (byte/request)"""
    request_share: float
    """Share of requests that goes to this product or stage (share)"""
    rejected_prompt_share: float
    """Prompts rejected before any GPU (share)"""
    failed_share: float
    """Runs that fail and are run again (share)"""
    rejected_output_share: float
    """Clips rejected after the GPU made them (share)"""
    peak_to_average: float
    """Peak over average of a day, in one time zone (ratio)"""
    time_zones: float
    """Time zones, an hour each, that users spread over evenly (ratio)"""
    deferrable_share: float
    """Work that can wait for a quiet hour (share)"""
    growth_per_month: float
    """Growth of users per month (share)"""
    model_params: float
    """Parameters of the diffusion model (parameter)"""
    text_encoder_params: float
    """Parameters of the text encoder (parameter)"""
    vae_params: float
    """Parameters of the VAE (parameter)"""
    active_share: float
    """Weights that one pass uses over all of them (ratio)"""
    layers: float
    """Layers of the transformer (layer)"""
    hidden_size: float
    """Hidden size (key)"""
    heads: float
    """Attention heads (head)"""
    ffn_size: float
    """Feed-forward size (key)"""
    ffn_matrices: float
    """Feed-forward matrices: 2 plain, 3 gated (matrix)"""
    counted_passes_per_layer: float
    """Reads and writes of hidden-size activations in a layer, counted (pass/layer)"""
    text_tokens: float
    """Text tokens (token)"""
    text_in_sequence: float
    """Text tokens are in the self-attention (ratio)"""
    attention_window: float
    """Tokens that a windowed attention sees (token)"""
    full_attention: float
    """Attention is full (ratio)"""
    factorised_attention: float
    """Attention is factorised (ratio)"""
    windowed_attention: float
    """Attention is windowed (ratio)"""
    linear_attention: float
    """Attention is linear (ratio)"""
    patch_frames: float
    """Latent frames in a patch (frame)"""
    patch_height: float
    """Latent height of a patch (pixel)"""
    patch_width: float
    """Latent width of a patch (pixel)"""
    vae_compression_frames: float
    """Frames in a latent frame (frame)"""
    vae_compression_height: float
    """Pixels in a latent pixel, by height (pixel)"""
    vae_compression_width: float
    """Pixels in a latent pixel, by width (pixel)"""
    vae_decode_flops_per_pixel: float
    """FLOPs of decoding a pixel (FLOP/pixel)"""
    vae_bytes_per_pixel: float
    """Bytes that decoding a pixel reads and writes (byte/pixel)"""
    vae_bytes_per_number: float
    """Bytes of a number that the VAE computes with: 2 in 16 bits, 4 in 32 (byte)"""
    vae_matrix_fill: float
    """Share of 128-wide matrices that the VAE's channels fill (ratio)"""
    vae_tiling_factor: float
    """Work of a tiled VAE decode over an untiled one (ratio)"""
    vae_frames_at_once: float
    """Frames that the VAE decodes at once (frame)"""
    vae_tile_pixels: float
    """Pixels of a VAE tile; more than a clip has where it works untiled (pixel)"""
    vae_decode_bytes_per_pixel: float
    """VAE decode buffers a pixel (byte/pixel)"""
    vae_encode_share: float
    """VAE encode over decode: 0 for text-to-video, 0.575 measured for image-to-video (ratio)"""
    width: float
    """Width of a frame (pixel)"""
    height: float
    """Height of a frame (pixel)"""
    fps: float
    """Frames per second (frame/s)"""
    duration: float
    """Length of a clip (second/video)"""
    bitrate: float
    """Bitrate of the top rendition (bit/s)"""
    bytes_per_pixel: float
    """Bytes of a raw pixel (byte/pixel)"""
    steps: float
    """Denoising steps (step/video)"""
    bytes_per_parameter: float
    """Bytes of a stored weight (byte/parameter)"""
    passes_per_step: float
    """Passes per step: 2 with guidance, 1 where it is distilled away (pass/step)"""
    passes_per_forward: float
    """Passes of a step that the pipeline runs in one batch (pass)"""
    cached_step_share: float
    """Steps whose result is taken from a cache (share)"""
    attention_sparsity: float
    """Attention left out by a sparse kernel, over steps and layers (share)"""
    sparse_kernel_efficiency: float
    """Rate of a sparse kernel over the dense one (ratio)"""
    decoder_work_share: float
    """FLOPs and bytes of the decode that a light decoder leaves (ratio)"""
    decoder_memory_share: float
    """Memory of the decode that a light decoder leaves (ratio)"""
    linear_efficiency: float
    """Share of the peak that linear layers reach (ratio)"""
    attention_efficiency: float
    """Share of the peak that the attention kernel reaches (ratio)"""
    softmax_share: float
    """Part of attention's time in exponentials, at head size 128 (share)"""
    exponential_rate: float
    """Rate of exponentials over that of the GPU's generation (ratio)"""
    uncounted_passes_per_layer: float
    """Reads and writes of hidden-size activations in a layer beyond those counted (ratio)"""
    elementwise_factor: float
    """Element-wise work left after fusing (ratio)"""
    vae_efficiency: float
    """Share of the peak that the VAE's convolutions reach (ratio)"""
    linear_attention_slowdown: float
    """Time of a FLOP of linear attention over one of a softmax kernel (ratio)"""
    vae_bytes_factor: float
    """Bytes that a VAE decode moves over those that were counted (ratio)"""
    vae_parallel_gpus: float
    """GPUs of a group that share the VAE decode (gpu)"""
    guidance_groups: float
    """Guidance passes that a group runs side by side (gpu)"""
    tensor_parallel: float
    """GPUs of a group that divide each layer's matrices (gpu)"""
    exchange_latency: float
    """Start of the exchanges of a layer in a pass shared by GPUs (second)"""
    gathering_latency: float
    """Start of the gathering of a layer's sharded weights (second)"""
    launch_latency: float
    """Start of a layer's kernels in a forward (second)"""
    host_seconds_per_pixel: float
    """Work of the host for each decoded pixel (second/pixel)"""
    encoding_seconds_per_pixel: float
    """Encoding of the file on a core, for each pixel (second/pixel)"""
    parallel_loss: float
    """Computing time lost for each GPU added to a group (ratio)"""
    communication_efficiency: float
    """Share of one direction of the link that exchanges reach (ratio)"""
    activation_buffers: float
    """Copies of the activations that a pass holds (ratio)"""
    host_copy_rate: float
    """Rate of copies to and from ordinary host memory (byte/s)"""
    blocks_streamed: float
    """The model's blocks come to the GPU one after another, in every forward (ratio)"""
    model_resident: float
    """The model and the VAE stay on the GPU (ratio)"""
    encoder_resident: float
    """The text encoder stays on the GPU (ratio)"""
    time_factor: float
    """True over predicted seconds: the model's own error (ratio)"""
    other_gpu_seconds_per_video: float
    """GPU-seconds that are not modelled: another model's upscaling (second/video)"""
    other_seconds_per_video: float
    """Seconds off the GPU: prompt rewriting, moderation (second/video)"""
    user_profile_size: float
    """Bytes of a user's profile (byte/user)"""
    indexing: float
    """Index bytes over clip bytes (share)"""
    rendition_factor: float
    """Bytes of all renditions over the top one (ratio)"""
    replication: float
    """Bytes on disk for a logical byte (ratio)"""
    retention: float
    """How long a clip is kept (second)"""
    hot_retention: float
    """How long clips stay hot (second)"""
    cold_view_share: float
    """Share of views of cold clips (share)"""
    service_age: float
    """Age of the service (second)"""
    gpus_per_server: float
    """GPUs in a server (gpu/server)"""
    peak_flops: float
    """Dense peak of a GPU at the compute precision (FLOP/s)"""
    attention_peak_flops: float
    """Dense peak of a GPU at the attention kernel's format (FLOP/s)"""
    vae_peak_flops: float
    """Dense 16-bit peak of a GPU, at which the VAE runs (FLOP/s)"""
    sustained_share: float
    """Rate that a board's power lets it sustain, over its generation's (ratio)"""
    gpu_memory: float
    """Memory of a GPU, as its driver reports it (byte)"""
    usable_memory_share: float
    """Memory left after context, allocator and communication (share)"""
    memory_error: float
    """Predicted over true memory of activations and buffers, at most; weights are exact (ratio)"""
    memory_bandwidth: float
    """Memory bandwidth of a GPU (byte/s)"""
    interconnect_bandwidth: float
    """Link between GPUs, both directions (byte/s)"""
    server_link_bandwidth: float
    """Network of a GPU to other servers, both directions (byte/s)"""
    host_link_bandwidth: float
    """Link between a GPU and its host, one direction (byte/s)"""
    gpu_power: float
    """Rated power of a GPU (watt/gpu)"""
    gpu_idle_power: float
    """Power of a GPU that holds weights and waits (watt/gpu)"""
    gpus_per_replica: float
    """GPUs that make one clip together (gpu)"""
    gpu_limit: float
    """GPUs that can be had (gpu)"""
    queue_limit: float
    """Requests that may wait; those that come to a full queue are refused (video)"""
    weights_sharded: float
    """The GPUs of a group divide the weights (ratio)"""
    max_utilization: float
    """Highest utilization at the peak (share)"""
    target_wait_probability: float
    """Share of requests that may wait at the peak (share)"""
    arrival_variability: float
    """Squared coefficient of variation of arrivals (ratio)"""
    service_variability: float
    """Squared coefficient of variation of a clip's time (ratio)"""
    target_latency: float
    """Target for p95 latency (second/video)"""
    target_deferred_wait: float
    """Longest wait promised to work that can wait (second)"""
    sized_by_latency: float
    """The promised latency sizes the fleet, in place of the share that starts at once (ratio)"""
    regions: float
    """Regions (region)"""
    regions_lost: float
    """Regions that may be lost (region)"""
    spare_servers: float
    """Spare servers in a region (server)"""
    spare_fraction: float
    """Spare share of the servers (share)"""
    failures_per_gpu_month: float
    """Failures that take a server out, per GPU and month (interruption/gpu/month)"""
    repair_time: float
    """Time until a server that failed is back (second)"""
    provision_time: float
    """Time to get a server (second)"""
    load_rate: float
    """Rate at which weights are loaded (byte/s)"""
    warm_up_time: float
    """Compilation and first passes (second)"""
    views_per_video: float
    """Views of a clip (view)"""
    cdn_hit_ratio: float
    """Share of views that caches serve (share)"""
    gpu_price: float
    """Price of a GPU-hour on demand (USD/gpu-hour)"""
    gpu_price_change_per_year: float
    """Yearly change of GPU prices (share)"""
    reserved_price: float
    """Price of a reserved GPU-hour; 0 where none is known (USD/gpu-hour)"""
    reserved_3_year_price: float
    """Three-year price of a reserved GPU-hour, or 0 (USD/gpu-hour)"""
    on_demand_limit: float
    """GPUs on demand at most, spot included (gpu)"""
    reserved_fraction: float
    """Reserved share of the fleet (share)"""
    spot_fraction: float
    """Spot share of the fleet (share)"""
    spot_price: float
    """Price of a spot GPU-hour; 0 where none is known (USD/gpu-hour)"""
    interruptions_per_hour: float
    """Interruptions per spot server and hour (interruption/server/hour)"""
    storage_price: float
    """Price of a byte held for a month (USD/byte-month)"""
    cold_storage_price: float
    """Price of a cold byte held for a month (USD/byte-month)"""
    retrieval_price: float
    """Price of a byte read from cold storage (USD/byte)"""
    cold_request_price: float
    """Price of moving a clip to cold storage (USD/request)"""
    request_price: float
    """Price of an upload request, one per clip (USD/request)"""
    egress_price: float
    """Price of a byte sent to a viewer (USD/byte)"""
    egress_free: float
    """Bytes sent in a month that are free; the tiers begin beyond them (byte/month)"""
    read_price: float
    """Price of a read request, one per view (USD/request)"""
    reads_free: float
    """Read requests in a month that are free (request/month)"""
    egress_from_2: float
    """Bytes sent in a month from which the second price holds (byte/month)"""
    egress_from_3: float
    """Bytes sent in a month from which the third price holds (byte/month)"""
    egress_from_4: float
    """Bytes sent in a month from which the fourth price holds (byte/month)"""
    egress_from_5: float
    """Bytes sent in a month from which the fifth price holds (byte/month)"""
    egress_from_6: float
    """Bytes sent in a month from which the sixth price holds (byte/month)"""
    egress_from_7: float
    """Bytes sent in a month from which the seventh price holds (byte/month)"""
    egress_price_2: float
    """Price of a byte sent, the second in a month's order (USD/byte)"""
    egress_price_3: float
    """Price of a byte sent, the third in a month's order (USD/byte)"""
    egress_price_4: float
    """Price of a byte sent, the fourth in a month's order (USD/byte)"""
    egress_price_5: float
    """Price of a byte sent, the fifth in a month's order (USD/byte)"""
    egress_price_6: float
    """Price of a byte sent, the sixth in a month's order (USD/byte)"""
    egress_price_7: float
    """Price of a byte sent, the seventh in a month's order (USD/byte)"""
    price_per_video_second: float
    """Price asked for a second of video (USD/second)"""
    server_price: float
    """Price of a server of one's own, with its GPUs, network and installation; 0 where none is known (USD/server)"""
    service_life: float
    """Years that a server of one's own is used (second)"""
    residual_share: float
    """Residual share of a server's price (share)"""
    cost_of_capital: float
    """Cost of capital per year (share)"""
    colocation_price: float
    """Price of a place for a kW of rated power, per month (USD/watt-month)"""
    electricity_price: float
    """Price of electricity that the place does not include (USD/joule)"""
    paid_share: float
    """Share of clips that are paid for (share)"""
    other_cost_per_video: float
    """Other cost of a delivered clip (USD/video)"""
    gpu_load_share: float
    """Share of its rated power that a GPU at work draws (share)"""
    host_power_factor: float
    """Power of a server over that of its GPUs (ratio)"""
    rated_power_factor: float
    """Rated power of a server over that of its GPUs (ratio)"""
    site_power_limit: float
    """Power that a region's site may take (watt)"""
    pue: float
    """Power of the site over that of its servers (ratio)"""
    carbon_intensity: float
    """CO2 equivalent of electricity (kg/joule)"""
    model: str
    """Model: its architecture, size, frame rate, frames and steps"""
    text_attention: str
    """How text reaches the visual tokens"""
    attention_scope: str
    """What a token attends to"""
    vae_tiling: str
    """Whether the VAE works in tiles: as the model is run, never, or always"""
    precision: str
    """Number format of the stored weights"""
    compute_precision: str
    """Number format of the linear layers' arithmetic"""
    attention_kernel: str
    """Attention kernel; the GPU generation's usual one unless set"""
    runtime: str
    """What runs the model: element-wise work is fused or not"""
    distilled: str
    """Distilled checkpoint: fewer steps, and passes without guidance"""
    step_cache: str
    """Cache that skips steps, by its published threshold"""
    sparse_attention: str
    """Attention that leaves out pairs of tokens"""
    decoder: str
    """What decodes the latent video: the model's VAE, or a light one"""
    offload: str
    """What leaves the GPU between stages"""
    gpu: str
    """GPU: its peaks, memory, bandwidths and power"""
    sized_by: str
    """Rule that sizes the fleet: 95% start without queueing, or the target latency is met"""
    egress: str
    """Prices of what is sent: one for all, or a provider's, which fall with the month's bytes"""
    sharding: str
    """Whether the GPUs of a group divide the weights"""


class Figures(TypedDict):
    """The figures of a row; None if one has no value."""

    requests_per_day: float | None
    trps: float | None
    zone_span: float | None
    zone_flattening: float | None
    zoned_peak: float | None
    levelled_peak: float | None
    peak_trps: float | None
    regional_peak_trps: float | None
    arrivals_over_requests: float | None
    generations_per_day: float | None
    delivered_per_day: float | None
    generation_rate: float | None
    peak_generation_rate: float | None
    model_size: float | None
    text_encoder_size: float | None
    model_and_encoder_size: float | None
    vae_size: float | None
    frames_per_video: float | None
    raw_video_size: float | None
    video_size: float | None
    user_profile_storage: float | None
    interaction_storage_per_day: float | None
    index_storage_per_day: float | None
    storage_per_day: float | None
    storage_per_month: float | None
    months_held: float | None
    full_months: float | None
    months_written: float | None
    storage_held: float | None
    hot_months: float | None
    hot_share: float | None
    storage_on_disk: float | None
    ingress_bandwidth: float | None
    egress_bandwidth: float | None
    peak_ingress_bandwidth: float | None
    peak_egress_bandwidth: float | None
    view_bandwidth: float | None
    peak_view_bandwidth: float | None
    hit_ratio_limit: float | None
    origin_bandwidth: float | None
    rule_of_thumb_iterations: float | None
    rule_of_thumb_seconds: float | None
    rule_of_thumb_gpus: float | None
    rule_of_thumb_servers: float | None
    latent_frames: float | None
    tokens_per_frame: float | None
    visual_tokens: float | None
    sequence_tokens: float | None
    keys_per_token: float | None
    linear_flops_per_pass: float | None
    attention_flops_per_pass: float | None
    flops_per_pass: float | None
    passes_per_video: float | None
    text_encoder_flops: float | None
    decoded_pixels: float | None
    vae_decode_flops: float | None
    denoising_flops: float | None
    flops_per_video: float | None
    linear_seconds: float | None
    attention_seconds: float | None
    linear_attention_seconds: float | None
    elementwise_seconds: float | None
    vae_decode_seconds: float | None
    vae_encode_seconds: float | None
    text_encoder_seconds: float | None
    host_seconds: float | None
    encoding_seconds: float | None
    off_gpu_seconds: float | None
    guidance_split: float | None
    tensor_split: float | None
    sequence_split: float | None
    forwards_per_video: float | None
    group_bandwidth: float | None
    exchanged_bytes: float | None
    gathered_bytes: float | None
    communication_seconds: float | None
    gathering_seconds: float | None
    starting_seconds: float | None
    denoising_seconds: float | None
    offloaded_bytes: float | None
    streaming_seconds: float | None
    offload_seconds: float | None
    gpu_seconds_per_video: float | None
    generation_latency: float | None
    weight_shards: float | None
    text_encoding_memory: float | None
    activation_memory: float | None
    denoising_weights: float | None
    denoising_memory: float | None
    pixels_at_once: float | None
    vae_decode_weights: float | None
    vae_decode_buffers: float | None
    vae_decode_memory: float | None
    memory_needed: float | None
    memory_usable: float | None
    resident_weights: float | None
    least_memory: float | None
    can_run: float | None
    busy_gpus: float | None
    peak_busy_gpus: float | None
    busy_replicas: float | None
    staffing_margin: float | None
    region_load: float | None
    replicas_by_utilization: float | None
    replicas_by_waiting: float | None
    latency_allowance: float | None
    peak_over_level: float | None
    replicas_by_latency: float | None
    replicas_needed: float | None
    gpus_had_per_server: float | None
    replicas_per_server: float | None
    servers_per_replica: float | None
    servers_available: float | None
    replicas: float | None
    fleet_share: float | None
    worked_share: float | None
    servers_per_region: float | None
    spares_per_region: float | None
    down_per_region: float | None
    spares_slack: float | None
    servers: float | None
    gpus: float | None
    supply_ratio: float | None
    served_share: float | None
    worked_gpus: float | None
    utilization: float | None
    average_utilization: float | None
    load_time: float | None
    cold_start: float | None
    gpus_started_ahead: float | None
    chance_growth: float | None
    longest_wait_p95: float | None
    work_overload_time: float | None
    work_spread: float | None
    deferred_wait_p95: float | None
    deferred_slack: float | None
    generation_capacity: float | None
    overload_depth: float | None
    overload_time: float | None
    overload_clips: float | None
    fluid_backlog: float | None
    edge_room: float | None
    edge_idle_share: float | None
    edge_margin: float | None
    edge_wait_probability: float | None
    queues_at_peak: float | None
    chance_tail: float | None
    queues_of_day: float | None
    longest_over_tail: float | None
    chance_backlog: float | None
    backlog: float | None
    chance_wait: float | None
    urgent_chance_wait: float | None
    deferred_chance_wait: float | None
    longest_wait: float | None
    longest_queue_time: float | None
    deferred_wait: float | None
    queue_scale: float | None
    queue_excess: float | None
    refused_bound: float | None
    refused_per_day: float | None
    refused_share: float | None
    full_queue_wait: float | None
    urgent_share: float | None
    peak_bend: float | None
    peak_smoothing: float | None
    idle_share: float | None
    peak_relief: float | None
    felt_idle_share: float | None
    erlang_wait_probability: float | None
    squared_latency: float | None
    clip_variability: float | None
    work_variability: float | None
    peak_margin: float | None
    wait_probability: float | None
    delayed_wait: float | None
    wait_tail: float | None
    wait_mean: float | None
    wait_p95: float | None
    slowest_seconds: float | None
    wait_chance: float | None
    interrupted_share: float | None
    runs_latency_p95: float | None
    runs_latency_mean: float | None
    clip_excess: float | None
    latency_p95: float | None
    median_tail: float | None
    runs_latency_p50: float | None
    latency_spread: float | None
    latency_skew: float | None
    latency_p50: float | None
    latest_tail: float | None
    runs_latency_p99: float | None
    latest_excess: float | None
    latency_p99: float | None
    latency_room: float | None
    latency_slack: float | None
    held_price: float | None
    load_floor: float | None
    loaded_share: float | None
    burst_limit: float | None
    reserved_load: float | None
    burst_share: float | None
    reserve_lean: float | None
    cheapest_reserved_fraction: float | None
    paid_burst_share: float | None
    gpus_held: float | None
    gpu_hours_per_month: float | None
    gpu_cost_per_month: float | None
    cold_saving: float | None
    storage_cost_per_month: float | None
    egress_per_month: float | None
    egress_discount: float | None
    egress_cost_per_month: float | None
    request_cost_per_month: float | None
    other_cost_per_month: float | None
    cost_per_month: float | None
    cost_per_year: float | None
    cost_per_video: float | None
    cost_per_user: float | None
    gpu_cost_share: float | None
    storage_cost_share: float | None
    request_cost_share: float | None
    egress_cost_share: float | None
    other_cost_share: float | None
    delivered_seconds_per_video: float | None
    paid_seconds_per_video: float | None
    revenue_per_video: float | None
    delivered_seconds_per_month: float | None
    paid_seconds_per_month: float | None
    revenue_per_month: float | None
    revenue_per_year: float | None
    gross_margin: float | None
    gpu_cost_per_second: float | None
    autoscaled_cost_per_second: float | None
    break_even_price: float | None
    not_on_demand_share: float | None
    held_fraction: float | None
    not_on_demand_depth: float | None
    gpus_held_idle: float | None
    committed_price: float | None
    mix_committed_cost: float | None
    mix_on_demand_cost: float | None
    mix_spot_cost: float | None
    gpu_cost_mixed: float | None
    gpu_price_next_year: float | None
    cold_start_share: float | None
    root_share: float | None
    margin_share: float | None
    gpus_following: float | None
    cheapest_burst_limit: float | None
    cheapest_reserved_load: float | None
    cheapest_burst_share: float | None
    cheapest_starting: float | None
    gpu_cost_on_demand: float | None
    gpu_cost_following: float | None
    gpu_cost_all_reserved: float | None
    gpu_cost_reserved: float | None
    interruptions_per_run: float | None
    interrupted_work: float | None
    spot_seconds_per_video: float | None
    spot_work: float | None
    paid_spot_price: float | None
    capital_rate: float | None
    owned_server_price: float | None
    owned_place_price: float | None
    owned_electricity_price: float | None
    owned_price: float | None
    owning_utilization: float | None
    working_power: float | None
    idle_power: float | None
    active_energy_per_video: float | None
    fleet_power: float | None
    peak_fleet_power: float | None
    nameplate_power: float | None
    site_power_share: float | None
    energy_per_video: float | None
    energy_per_month: float | None
    energy_per_year: float | None
    carbon_per_video: float | None
    carbon_per_month: float | None
    carbon_per_year: float | None


class Values(Figures):
    """The names of a row: those that it was asked for."""

    dau: float | None
    videos_per_user_per_day: float | None
    days_per_month: float | None
    prompt_size: float | None
    request_share: float | None
    rejected_prompt_share: float | None
    failed_share: float | None
    rejected_output_share: float | None
    peak_to_average: float | None
    time_zones: float | None
    deferrable_share: float | None
    growth_per_month: float | None
    model_params: float | None
    text_encoder_params: float | None
    vae_params: float | None
    active_share: float | None
    layers: float | None
    hidden_size: float | None
    heads: float | None
    ffn_size: float | None
    ffn_matrices: float | None
    counted_passes_per_layer: float | None
    text_tokens: float | None
    text_in_sequence: float | None
    attention_window: float | None
    full_attention: float | None
    factorised_attention: float | None
    windowed_attention: float | None
    linear_attention: float | None
    patch_frames: float | None
    patch_height: float | None
    patch_width: float | None
    vae_compression_frames: float | None
    vae_compression_height: float | None
    vae_compression_width: float | None
    vae_decode_flops_per_pixel: float | None
    vae_bytes_per_pixel: float | None
    vae_bytes_per_number: float | None
    vae_matrix_fill: float | None
    vae_tiling_factor: float | None
    vae_frames_at_once: float | None
    vae_tile_pixels: float | None
    vae_decode_bytes_per_pixel: float | None
    vae_encode_share: float | None
    width: float | None
    height: float | None
    fps: float | None
    duration: float | None
    bitrate: float | None
    bytes_per_pixel: float | None
    steps: float | None
    bytes_per_parameter: float | None
    passes_per_step: float | None
    passes_per_forward: float | None
    cached_step_share: float | None
    attention_sparsity: float | None
    sparse_kernel_efficiency: float | None
    decoder_work_share: float | None
    decoder_memory_share: float | None
    linear_efficiency: float | None
    attention_efficiency: float | None
    softmax_share: float | None
    exponential_rate: float | None
    uncounted_passes_per_layer: float | None
    elementwise_factor: float | None
    vae_efficiency: float | None
    linear_attention_slowdown: float | None
    vae_bytes_factor: float | None
    vae_parallel_gpus: float | None
    guidance_groups: float | None
    tensor_parallel: float | None
    exchange_latency: float | None
    gathering_latency: float | None
    launch_latency: float | None
    host_seconds_per_pixel: float | None
    encoding_seconds_per_pixel: float | None
    parallel_loss: float | None
    communication_efficiency: float | None
    activation_buffers: float | None
    host_copy_rate: float | None
    blocks_streamed: float | None
    model_resident: float | None
    encoder_resident: float | None
    time_factor: float | None
    other_gpu_seconds_per_video: float | None
    other_seconds_per_video: float | None
    user_profile_size: float | None
    indexing: float | None
    rendition_factor: float | None
    replication: float | None
    retention: float | None
    hot_retention: float | None
    cold_view_share: float | None
    service_age: float | None
    gpus_per_server: float | None
    peak_flops: float | None
    attention_peak_flops: float | None
    vae_peak_flops: float | None
    sustained_share: float | None
    gpu_memory: float | None
    usable_memory_share: float | None
    memory_error: float | None
    memory_bandwidth: float | None
    interconnect_bandwidth: float | None
    server_link_bandwidth: float | None
    host_link_bandwidth: float | None
    gpu_power: float | None
    gpu_idle_power: float | None
    gpus_per_replica: float | None
    gpu_limit: float | None
    queue_limit: float | None
    weights_sharded: float | None
    max_utilization: float | None
    target_wait_probability: float | None
    arrival_variability: float | None
    service_variability: float | None
    target_latency: float | None
    target_deferred_wait: float | None
    sized_by_latency: float | None
    regions: float | None
    regions_lost: float | None
    spare_servers: float | None
    spare_fraction: float | None
    failures_per_gpu_month: float | None
    repair_time: float | None
    provision_time: float | None
    load_rate: float | None
    warm_up_time: float | None
    views_per_video: float | None
    cdn_hit_ratio: float | None
    gpu_price: float | None
    gpu_price_change_per_year: float | None
    reserved_price: float | None
    reserved_3_year_price: float | None
    on_demand_limit: float | None
    reserved_fraction: float | None
    spot_fraction: float | None
    spot_price: float | None
    interruptions_per_hour: float | None
    storage_price: float | None
    cold_storage_price: float | None
    retrieval_price: float | None
    cold_request_price: float | None
    request_price: float | None
    egress_price: float | None
    egress_free: float | None
    read_price: float | None
    reads_free: float | None
    egress_from_2: float | None
    egress_from_3: float | None
    egress_from_4: float | None
    egress_from_5: float | None
    egress_from_6: float | None
    egress_from_7: float | None
    egress_price_2: float | None
    egress_price_3: float | None
    egress_price_4: float | None
    egress_price_5: float | None
    egress_price_6: float | None
    egress_price_7: float | None
    price_per_video_second: float | None
    server_price: float | None
    service_life: float | None
    residual_share: float | None
    cost_of_capital: float | None
    colocation_price: float | None
    electricity_price: float | None
    paid_share: float | None
    other_cost_per_video: float | None
    gpu_load_share: float | None
    host_power_factor: float | None
    rated_power_factor: float | None
    site_power_limit: float | None
    pue: float | None
    carbon_intensity: float | None
    model: str
    text_attention: str
    attention_scope: str
    vae_tiling: str
    precision: str
    compute_precision: str
    attention_kernel: str
    runtime: str
    distilled: str
    step_cache: str
    sparse_attention: str
    decoder: str
    offload: str
    gpu: str
    sized_by: str
    egress: str
    sharding: str


class Settable(TypedDict, Generic[Value, Word], total=False):
    """The inputs that can be set, by name."""

    dau: Value
    videos_per_user_per_day: Value
    days_per_month: Value
    prompt_size: Value
    request_share: Value
    rejected_prompt_share: Value
    failed_share: Value
    rejected_output_share: Value
    peak_to_average: Value
    time_zones: Value
    deferrable_share: Value
    growth_per_month: Value
    model_params: Value
    text_encoder_params: Value
    vae_params: Value
    active_share: Value
    layers: Value
    hidden_size: Value
    heads: Value
    ffn_size: Value
    ffn_matrices: Value
    counted_passes_per_layer: Value
    text_tokens: Value
    text_in_sequence: Value
    attention_window: Value
    full_attention: Value
    factorised_attention: Value
    windowed_attention: Value
    linear_attention: Value
    patch_frames: Value
    patch_height: Value
    patch_width: Value
    vae_compression_frames: Value
    vae_compression_height: Value
    vae_compression_width: Value
    vae_decode_flops_per_pixel: Value
    vae_bytes_per_pixel: Value
    vae_bytes_per_number: Value
    vae_matrix_fill: Value
    vae_tiling_factor: Value
    vae_frames_at_once: Value
    vae_tile_pixels: Value
    vae_decode_bytes_per_pixel: Value
    vae_encode_share: Value
    width: Value
    height: Value
    fps: Value
    duration: Value
    bitrate: Value
    bytes_per_pixel: Value
    steps: Value
    bytes_per_parameter: Value
    passes_per_step: Value
    passes_per_forward: Value
    cached_step_share: Value
    attention_sparsity: Value
    sparse_kernel_efficiency: Value
    decoder_work_share: Value
    decoder_memory_share: Value
    linear_efficiency: Value
    attention_efficiency: Value
    softmax_share: Value
    exponential_rate: Value
    uncounted_passes_per_layer: Value
    elementwise_factor: Value
    vae_efficiency: Value
    linear_attention_slowdown: Value
    vae_bytes_factor: Value
    vae_parallel_gpus: Value
    guidance_groups: Value
    tensor_parallel: Value
    exchange_latency: Value
    gathering_latency: Value
    launch_latency: Value
    host_seconds_per_pixel: Value
    encoding_seconds_per_pixel: Value
    parallel_loss: Value
    communication_efficiency: Value
    activation_buffers: Value
    host_copy_rate: Value
    blocks_streamed: Value
    model_resident: Value
    encoder_resident: Value
    time_factor: Value
    other_gpu_seconds_per_video: Value
    other_seconds_per_video: Value
    user_profile_size: Value
    indexing: Value
    rendition_factor: Value
    replication: Value
    retention: Value
    hot_retention: Value
    cold_view_share: Value
    service_age: Value
    gpus_per_server: Value
    peak_flops: Value
    attention_peak_flops: Value
    vae_peak_flops: Value
    sustained_share: Value
    gpu_memory: Value
    usable_memory_share: Value
    memory_error: Value
    memory_bandwidth: Value
    interconnect_bandwidth: Value
    server_link_bandwidth: Value
    host_link_bandwidth: Value
    gpu_power: Value
    gpu_idle_power: Value
    gpus_per_replica: Value
    gpu_limit: Value
    queue_limit: Value
    weights_sharded: Value
    max_utilization: Value
    target_wait_probability: Value
    arrival_variability: Value
    service_variability: Value
    target_latency: Value
    target_deferred_wait: Value
    sized_by_latency: Value
    regions: Value
    regions_lost: Value
    spare_servers: Value
    spare_fraction: Value
    failures_per_gpu_month: Value
    repair_time: Value
    provision_time: Value
    load_rate: Value
    warm_up_time: Value
    views_per_video: Value
    cdn_hit_ratio: Value
    gpu_price: Value
    gpu_price_change_per_year: Value
    reserved_price: Value
    reserved_3_year_price: Value
    on_demand_limit: Value
    reserved_fraction: Value
    spot_fraction: Value
    spot_price: Value
    interruptions_per_hour: Value
    storage_price: Value
    cold_storage_price: Value
    retrieval_price: Value
    cold_request_price: Value
    request_price: Value
    egress_price: Value
    egress_free: Value
    read_price: Value
    reads_free: Value
    egress_from_2: Value
    egress_from_3: Value
    egress_from_4: Value
    egress_from_5: Value
    egress_from_6: Value
    egress_from_7: Value
    egress_price_2: Value
    egress_price_3: Value
    egress_price_4: Value
    egress_price_5: Value
    egress_price_6: Value
    egress_price_7: Value
    price_per_video_second: Value
    server_price: Value
    service_life: Value
    residual_share: Value
    cost_of_capital: Value
    colocation_price: Value
    electricity_price: Value
    paid_share: Value
    other_cost_per_video: Value
    gpu_load_share: Value
    host_power_factor: Value
    rated_power_factor: Value
    site_power_limit: Value
    pue: Value
    carbon_intensity: Value
    model: Word
    text_attention: Word
    attention_scope: Word
    vae_tiling: Word
    precision: Word
    compute_precision: Word
    attention_kernel: Word
    runtime: Word
    distilled: Word
    step_cache: Word
    sparse_attention: Word
    decoder: Word
    offload: Word
    gpu: Word
    sized_by: Word
    egress: Word
    sharding: Word
