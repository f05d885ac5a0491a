"""Define the words in a scenario that stand for numbers: choices and shorthands.

The catalogue expands a choice. A shorthand stands for several assumptions.
"""

from typing import NamedTuple


class Choice(NamedTuple):
    """A word in a scenario that stands for numbers; without a default of its own, another choice gives it.

    The entries of some choices are `of` another: a kernel of a GPU's generation, a cache of a model. Their ids begin
    with it.
    """

    section: str
    name: str
    label: str
    default: str
    kind: str
    of: str = ""


CHOICES: dict[str, Choice] = {
    choice.name: choice
    for choice in (
        Choice(
            "architecture",
            "model",
            "Model: its architecture, size, frame rate, frames and steps",
            "mochi-1-preview",
            "models",
        ),
        Choice("architecture", "text_attention", "How text reaches the visual tokens", "joint", "text_attentions"),
        Choice("architecture", "attention_scope", "What a token attends to", "full", "attention_scopes"),
        Choice(
            "architecture",
            "vae_tiling",
            "Whether the VAE works in tiles: as the model is run, never, or always",
            "model",
            "vae_tilings",
        ),
        Choice("generation", "precision", "Number format of the stored weights", "bf16", "precisions"),
        Choice(
            "generation", "compute_precision", "Number format of the linear layers' arithmetic", "bf16", "precisions"
        ),
        Choice(
            "generation",
            "attention_kernel",
            "Attention kernel; the GPU generation's usual one unless set",
            "",
            "kernels",
            "gpu",
        ),
        Choice("generation", "runtime", "What runs the model: element-wise work is fused or not", "eager", "runtimes"),
        Choice(
            "generation",
            "distilled",
            "Distilled checkpoint: fewer steps, and passes without guidance",
            "none",
            "distilled",
            "model",
        ),
        Choice(
            "generation",
            "step_cache",
            "Cache that skips steps, by its published threshold",
            "none",
            "step_caches",
            "model",
        ),
        Choice(
            "generation",
            "sparse_attention",
            "Attention that leaves out pairs of tokens",
            "none",
            "sparse_attentions",
            "model",
        ),
        Choice(
            "generation",
            "decoder",
            "What decodes the latent video: the model's VAE, or a light one",
            "full",
            "decoders",
            "model",
        ),
        Choice("generation", "offload", "What leaves the GPU between stages", "none", "offloads"),
        Choice("serving", "gpu", "GPU: its peaks, memory, bandwidths and power", "h100-sxm", "gpus"),
        Choice(
            "serving",
            "sized_by",
            "Rule that sizes the fleet: about 95% start without queueing, or the target latency is met",
            "start",
            "sizings",
        ),
        Choice(
            "serving", "delivery", "Clips that are sent when made, or streams that play meanwhile", "clip", "deliveries"
        ),
        Choice("serving", "sharding", "Whether the GPUs of a group divide the weights", "none", "shardings"),
        Choice("cost", "provider", "Who rents out the GPUs; the list's median unless set", "list", "providers"),
    )
}
# Those whose entries a model has: each leaves out work that the model itself does, for another picture.
ACCELERATIONS = tuple(name for name, choice in CHOICES.items() if choice.of == "model")
# A word or a list that stands for several assumptions: its section, and those it stands for.
SHORTHANDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "resolution": ("video", ("width", "height")),
    "day_curve": ("traffic", ("peak_to_average", "time_zones")),
    "patch": ("architecture", ("patch_frames", "patch_height", "patch_width")),
    "vae_compression": ("architecture", ("vae_compression_frames", "vae_compression_height", "vae_compression_width")),
}


def shorthand_of(assumption: str) -> str:
    """Return the shorthand that stands for an assumption among others."""
    return next(name for name, (_section, parts) in SHORTHANDS.items() if assumption in parts)


# Those that a catalogue has too: lists of a number for each part.
LISTS = {name: parts for name, (section, parts) in SHORTHANDS.items() if section == "architecture"}
