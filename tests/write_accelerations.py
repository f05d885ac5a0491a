"""The generated page docs/accelerations.md: each lever, its measured effect, its use, and the error of the predictions."""

from collections.abc import Iterator, Sequence
from statistics import median

from fit.speedups import Accelerations, SpeedUp, accelerations, left_out
from t2v_capacity.answers.accuracy import errors_table
from t2v_capacity.assumptions.quantities import digits
from t2v_capacity.forms.report import Report
from t2v_capacity.forms.text import markdown
from texts import GENERATED

ACCELERATIONS_PAGE = "docs/accelerations.md"
# What to write, by lever of the pairs; and when it pays.
USE = {
    "distilled": (
        "`distilled: lightning-4`, `fastwan-3`, `h3-fast-4`, `turbodiffusion-4`, ...",
        "drafts, previews, a free tier, and any job whose clips look right with your own prompts: no other lever saves as much. The decode, the "
        "text encoder and the host remain: combine it with a light decoder and an engine",
    ),
    "step cache": (
        "`step_cache: teacache-0.20`, `magcache-e024k6r02`, ...",
        "an undistilled checkpoint of 30 steps and more, if the picture should stay close. Never use it on a distilled one: few steps don't resemble each other",
    ),
    "sparse attention": (
        "`sparse_attention: sta-0.91`, `vsa-0.90`, `sla-0.90`",
        "long clips and high resolutions, where attention is most of the time; at the shapes of its tuning. Short 480p clips gain little",
    ),
    "decoder": (
        "`decoder: lighttae`, `taehv`, `lightvae`",
        "a distilled checkpoint, whose clip is mostly decode. After fifty steps it saves a few percent and loses details",
    ),
    "guidance": ("`passes_per_step: 1`", "a checkpoint with guidance distilled into it: half the passes, the steps stay"),
    "kernel": ("`attention_kernel: fa3`, `sage2`", "always fa3 on Hopper: the picture stays. sage2 computes attention in 8 bits"),
    "compilation": ("`runtime: compiled`", "always, where the shapes are few: the picture stays"),
    "engine": ("`runtime: engine`", "always for a service: the picture stays"),
    "8-bit linear layers": ("`compute_precision: fp8`", "memory, first of all; seconds only where linear layers are most of the time"),
    "more GPUs": ("`gpus_per_replica: 8`", "latency, not cost: a group loses part of its GPUs' time"),
}
# What was tried and gained next to nothing, by whom.
NO_HELP = (
    (
        "fp8 linear layers on HunyuanVideo-1.5, H200",
        "1.00",
        "attention is 80% of the pass",
        "https://github.com/vllm-project/vllm-omni/pull/1516",
    ),
    (
        "text encoder on a GPU of its own, MiniMax-H3 on L20X",
        "1.00",
        "it saves memory (78 to 53 GB per GPU), and needs 190 s more to be ready",
        "https://github.com/vllm-project/vllm-omni/pull/5885",
    ),
    (
        "TeaCache 0.10 to 0.17 on MiniMax-H3, H100",
        "0.96 to 1.03",
        "no step is hit, or few; at 0.18 it is 1.20 at a PSNR of 23.9",
        "https://github.com/vllm-project/vllm-omni/pull/5840",
    ),
    ("TeaCache, five hits at most, MiniMax-H3 Ref2VA on B300", "1.10", "PSNR 41.6", "https://github.com/vllm-project/vllm-omni/pull/5952"),
    ("FlashInfer over Triton for VSA, MiniMax-H3", "1.11", "the same sparsity", "https://github.com/vllm-project/vllm-omni/pull/7034"),
    (
        "VAE decode in 16 bits, DGX Spark",
        "1.14",
        "MS-SSIM 0.9999",
        "https://github.com/hao-ai-lab/FastVideo/blob/2f3d4074064e4d86f99dc784ebbaa296e6f5925f/docs/getting_started/installation/spark_performance.md",
    ),
)


def accelerations_page() -> str:
    """Return docs/accelerations.md."""
    found = accelerations()
    parts = ["# Accelerations", GENERATED, *_lead(found), *_levers(found.rows), *_no_help(), *_near(found), *_left_out()]
    return "\n\n".join(parts) + "\n"


def _lead(found: Accelerations) -> Iterator[str]:
    yield (
        "Services rarely run a model as published. They use a distilled checkpoint, skip steps with a cache, skip attention, or "
        "decode with a smaller network. Each of these changes the picture. t2v-cap has four choices for them, with entries per model: "
        "`distilled`, `step_cache`, `sparse_attention` and `decoder`. An entry stores the measurement on that model, and its "
        "assumptions follow from it: the share of cached steps is 1 - 1 / speed-up. `t2v-cap list distilled`, `step_caches`, `sparse_attentions` and "
        "`decoders` show them with numbers, evidence and the published picture quality."
    )
    yield "```yaml\nmodel: wan2.1-t2v-14b\ngeneration:\n  distilled: lightning-4   # 4 steps of one pass\n  decoder: lighttae        # 1/22 of the decode\n```"
    yield (
        "A number set by hand takes precedence. A checkpoint brings the attention and the decoder of its training. An entry that the model does not "
        "have is refused, with a list of its entries. So is a cache on eight steps or fewer, unless it was measured there. A catalogue of your own adds "
        "entries: `step_caches: {my-model/mine: {speedup: 120/70, steps: 50, evidence: measured, quality: a vote}}`. The evidence of the plan follows: "
        "no published run did the same, so its band is the widest until you measure a clip."
    )
    judged = [row for row in found.rows if not row.gave]
    whole = found.summary
    yield (
        f"The comparison has {len(found.rows)} published pairs: a run, and the same run with one option switched on. {len(found.rows) - len(judged)} of "
        f"them gave an entry, so they test nothing. The other {len(judged)} speed-ups are predicted within {whole.median_error:.0%} at the median and "
        f"{whole.p90_error:.0%} at the 90th percentile."
    )


def _levers(rows: Sequence[SpeedUp]) -> Iterator[str]:
    yield "## Which lever"
    yield "The effect is the measured speed-up of published pairs: minimum, maximum, median. Not all pairs measured the same seconds."
    lines = [("lever", "effect", "use it for")]
    for lever, (flags, when) in USE.items():
        measured = sorted(row.measured for row in rows if row.lever == lever)
        middle = median(measured)
        effect = f"{digits(measured[0])} to {digits(measured[-1])}, {digits(middle)}" if len(measured) > 1 else digits(middle)
        lines.append((f"{lever}: {flags}", effect, when))
    yield _table(lines)


def _no_help() -> Iterator[str]:
    yield "## Levers that did not help"
    yield _table([("tried", "speed-up", "reason, or other effects", "source"), *NO_HELP])


def _near(found: Accelerations) -> Iterator[str]:
    yield "## Error of the predictions"
    yield (
        "A cache that others measured again on the same model matches its entry; the error comes from the time outside denoising. "
        "Counted hits are `cached_step_share` by the source's own count: a hit still computes some blocks, so the count is an upper bound of the "
        "share. FastWan-QAD and the 4-step clips depend on the decode, which is most of so short a clip."
    )
    yield markdown(Report("", "", (errors_table("lever", found.levers, "By lever"),))).strip()
    yield "Each pair, with its clip, its seconds and its source, is a row of `tests/authorities/speedups.yaml`."


def _left_out() -> Iterator[str]:
    yield "## Left out"
    yield _table([("published", "by", "reason"), *((one["what"], one["by"], one["why"]) for one in left_out())])


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    lines = [rows[0], ("---",) * len(rows[0]), *rows[1:]]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
