"""A catalogue of one's own to begin with: each line with what it means, its unit and where the number is found; valid as written."""

from collections.abc import Iterator, Mapping

from t2v_capacity.catalogue import KINDS, UNKNOWN, Catalogue, Fact
from t2v_capacity.errors import Mistake, Mistakes, Place
from t2v_capacity.release import RELEASED
from t2v_capacity.reports.handover.init import HEADS
from t2v_capacity.scenario.settings import Scenario
from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS
from t2v_capacity.vocabulary.choices import CHOICES, LISTS
from t2v_capacity.vocabulary.quantities import is_date

OWN_MODEL, OWN_GPU, OWN_GENERATION = "my-model", "my-gpu", "my-generation"
CONFIG = "the transformer's config.json"
# Where each number is found.
WHERE = {
    "model_params": "the model card; exactly, the sum over the tensors of the transformer's weight files",
    "text_encoder_params": "the text encoder's model card, of its encoder alone",
    "vae_params": "the sum over the tensors of the VAE's weight files",
    "layers": f"{CONFIG}, often num_layers; blocks of all sorts together",
    "hidden_size": f"{CONFIG}, often num_attention_heads x attention_head_dim",
    "heads": f"{CONFIG}, often num_attention_heads",
    "ffn_size": f"{CONFIG}, often ffn_dim, or the shape of a feed-forward weight",
    "ffn_matrices": "the feed-forward block's code: SwiGLU and GEGLU are gated",
    "text_tokens": "the pipeline's largest prompt length, often max_sequence_length; prompts are padded to it",
    "patch": f"{CONFIG}, often patch_size",
    "vae_compression": "the VAE's config.json, or the paper: 4 x 8 x 8 is frequent",
    "vae_decode_flops_per_pixel": "count a decode with torch.utils.flop_counter, over frames x height x width of its output",
    "width": "the model card, the size that it is made for",
    "height": "the model card, the size that it is made for",
    "fps": "the model card",
    "steps": "the model card's example, often num_inference_steps",
    "passes_per_step": "the model card: 2 where guidance_scale is above 1",
    "active_share": "the paper: below 1 for a mixture of experts",
    "attention_window": "the paper, where attention_scope is windowed",
    "vae_tiling_factor": "time a decode with tiling and without",
    "vae_decode_bytes_per_pixel": "the peak memory of a decode less the weights, over the pixels that it holds at once",
    "vae_frames_at_once": "the VAE's code, or its config.json",
    "vae_tile_pixels": "the VAE's config.json: width x height of a tile",
    "gpu_memory": "nvidia-smi --query-gpu=memory.total --format=csv, or what another maker's tool reports",
    "memory_bandwidth": "the data sheet",
    "interconnect_bandwidth": "the data sheet",
    "host_link_bandwidth": "the data sheet: PCIe 5.0 x16 is 64 GB/s, PCIe 4.0 x16 is 32 GB/s",
    "gpu_power": "the data sheet, or the limit that is set",
    "gpu_idle_power": "read the power draw while the weights are loaded and nothing runs",
    "sustained_share": "1, unless the board has fewer watts for its peak than others of its generation",
    "gpus_per_server": "the server's data sheet; what is rented is whole servers",
    "gpu_price": "your contract, or the provider's price list, of one GPU without tax",
    "peak_flops": "the data sheet; halve a number that is marked `with sparsity`. bf16 and the kernel's format are needed, the rest may go",
    "linear_efficiency": "t2v-cap calibrate, from clips that you have timed",
    "vae_efficiency": "its ratio to linear_efficiency, which is one on all shipped GPUs",
    "attention_efficiency": "t2v-cap calibrate, from clips that you have timed",
    "softmax_share": "leave it; it matters where heads are smaller than 128",
}
_HEADING = """\
# A catalogue of your own, complete as it stands: its numbers are those of {model} and {gpu} until you write yours.
# Rename what begins with `my-`, and take away the parts that you do not need. An entry that is like another says only
# what differs: `my-gpu: {{extends: h200, gpu_price: 2.50}}`.
# Lines with a # are optional: they show what holds without them, and take effect without `# `.
# A scenario uses it by `catalogue:` and this file's name, or `--catalogue` on the command line.
# An editor checks this file by `t2v-cap schema catalogue --output catalogue.schema.json`.

# Where the numbers come from: answers cite it. A number may have its own: {{value: 96 GB, source: data-sheet}}.
sources:
  model-card: {{title: "my model's card (still the numbers of {model})", accessed: {released}}}
  data-sheet: {{title: "my GPU's data sheet (still the numbers of {gpu})", accessed: {released}}}
  price-list: {{title: "my price list (still the price of {gpu})", accessed: {released}}}
  guess: {{title: "assumption: as on {generation} GPUs, until clips are timed", accessed: {released}}}
"""


def own_catalogue(plan: Scenario) -> str:
    """Return the text of a catalogue that begins with the numbers of a plan's model and GPU; raise Mistakes where flags ask for more.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> text = own_catalogue(load_scenario(None, ["model=wan2.1-t2v-14b", "gpu=l40s"]))
    >>> print(*(line for line in text.splitlines() if line.startswith(("    layers", "    gpu_price: {"))), sep=chr(10))
        layers: 40
        gpu_price: {value: 1.09 USD/GPU-hour, source: price-list, as_of: 2026-09-25}
    """
    _check(plan)
    chosen = {name: setting.value for name, setting in plan.choices.items()}
    generation = plan.catalogue.generation(chosen).id
    heading = _HEADING.format(model=chosen["model"], gpu=chosen["gpu"], generation=generation, released=RELEASED)
    parts = (_model, _gpu, _generation, _kernel, _price)
    return "\n".join([heading, *("\n".join((*part(plan.catalogue, chosen), "")) for part in parts)])


def _check(plan: Scenario) -> None:
    """Refuse flags that say nothing of a catalogue."""
    flags = plan.layers[-1]
    written = {**flags.choices, **flags.shorthands, **flags.numbers, **flags.pins}
    places = {name: setting.place for name, setting in written.items() if name not in HEADS}
    if plan.as_of != RELEASED:
        places["as_of"] = Place(f"--as-of {plan.as_of}")
    why = "stands in a scenario, not in a catalogue; `--catalogue` takes `--model` and `--gpu`, whose numbers it begins with"
    if places:
        raise Mistakes([Mistake(f"`{name}` {why}", place) for name, place in places.items()])


def _model(catalogue: Catalogue, chosen: Mapping[str, str]) -> Iterator[str]:
    kind, entry = KINDS["models"], catalogue.find("models", chosen["model"])
    yield from ("models:", f"  {OWN_MODEL}:", "    label: My model", "    source: model-card")
    lists = {parts[0]: name for name, parts in LISTS.items()}
    rest = {part for parts in LISTS.values() for part in parts[1:]}
    facts = {name: fact for name, (fact, _entry) in catalogue.supplied("model", chosen).items()}
    for name in kind.facts:
        if name in lists:
            parts = LISTS[lists[name]]
            about = "; ".join(f"{ASSUMPTIONS[part].label} ({ASSUMPTIONS[part].unit})" for part in parts)
            yield f"    # {about}. Where: {WHERE[lists[name]]}."
            yield f"    {lists[name]}: [{', '.join(facts[part].text for part in parts)}]"
        elif name not in rest:
            yield from _fact(name, facts[name].text, optional=name not in entry.facts)
        if name == "fps" and "frames" in entry.about:
            yield from (
                "    # Frames of a clip, and with fps its length. Unit: frame. Where: the model card.",
                f"    frames: {entry.about['frames']}",
            )
        if name == "text_tokens":
            for choice in ("text_attention", "attention_scope"):
                options = ", ".join(catalogue.entries(CHOICES[choice].kind))
                yield f"    # {CHOICES[choice].label}: {options}. Where: the paper, or the transformer's code."
                yield f"    {choice}: {chosen[choice]}"


def _gpu(catalogue: Catalogue, chosen: Mapping[str, str]) -> Iterator[str]:
    kind, entry = KINDS["gpus"], catalogue.find("gpus", chosen["gpu"])
    yield from ("gpus:", f"  {OWN_GPU}:", "    label: My GPU", "    source: data-sheet")
    yield "    # Which generation it is of: one below, or a shipped one (hopper, blackwell, cdna3, ...), whose efficiencies it then has."
    yield f"    generation: {OWN_GENERATION}"
    yield from _rates("peak_flops", entry.at_precision["peak_flops"])
    facts = catalogue.supplied("gpu", chosen)
    for name in kind.facts:
        supplied = facts[name][0] if name in facts else Fact(ASSUMPTIONS[name].default, "")
        text = _priced(supplied) if name == "gpu_price" else supplied.text
        yield from _fact(name, text, optional=name not in entry.facts and name != "gpu_price")


def _priced(fact: Fact) -> str:
    if fact.text == UNKNOWN:
        return fact.text
    return f"{{value: {fact.text}, source: price-list, as_of: {_day(fact)}}}"


def _day(fact: Fact) -> str:
    return fact.dated if is_date(fact.dated) else RELEASED


def _generation(catalogue: Catalogue, chosen: Mapping[str, str]) -> Iterator[str]:
    entry = catalogue.generation(chosen)
    yield from ("generations:", f"  {OWN_GENERATION}:", "    source: guess")
    yield "    # Its usual attention kernel: the part behind the / of an entry under `kernels:`."
    yield f"    kernel: {entry.about['kernel']}"
    yield from _evidence()
    shipped = catalogue.entries("generations").values()
    efficiencies = entry.at_precision["linear_efficiency"]
    yield from _rates(
        "linear_efficiency", efficiencies, _span("in bf16", (one.at_precision["linear_efficiency"]["bf16"] for one in shipped))
    )
    ratio = float(entry.facts["vae_efficiency"].text) / float(efficiencies["bf16"].text)
    yield from _fact("vae_efficiency", entry.facts["vae_efficiency"].text, f" ({ratio:.2f})")


def _kernel(catalogue: Catalogue, chosen: Mapping[str, str]) -> Iterator[str]:
    usual = {**chosen, "attention_kernel": catalogue.generation(chosen).about["kernel"]}
    entry = catalogue.kernel(usual)
    yield from ("kernels:", "  # Generation/kernel.", f"  {OWN_GENERATION}/{usual['attention_kernel']}:", "    source: guess")
    yield "    # Number format of its arithmetic, of which the GPU's peak_flops must say a peak."
    yield f"    format: {entry.about['format']}"
    yield from _evidence()
    for name in KINDS["kernels"].facts:
        shipped = _span("of all kernels", (one.facts[name] for one in catalogue.entries("kernels").values()))
        yield from _fact(name, entry.facts[name].text, shipped)


def _price(catalogue: Catalogue, chosen: Mapping[str, str]) -> Iterator[str]:
    fact = catalogue.supplied("gpu", chosen)["gpu_price"][0]
    yield "# What `t2v-cap list prices` shows beside the shipped prices. A plan takes the `gpu_price` of the GPU above."
    yield from ("prices:", "  my-offer:", "    provider: My provider", "    region: not stated")
    yield from ("    # How it is sold: on-demand, reserved, spot or marketplace.", "    kind: on-demand", f"    gpu: {OWN_GPU}")
    yield from ("    # The day on which the price held.", f"    date: {_day(fact)}", "    source: price-list")
    yield from _fact("gpu_price", ASSUMPTIONS["gpu_price"].default if fact.text == UNKNOWN else fact.text)


def _evidence() -> Iterator[str]:
    yield "    # What it rests on: measured, or extrapolated. `t2v-cap calibrate` writes measured, with your runs."
    yield "    evidence: extrapolated"


def _fact(name: str, text: str, more: str = "", *, optional: bool = False) -> Iterator[str]:
    """Yield what a number means and where it is found, then the number; as a comment where an entry need not say it."""
    yield f"    # {ASSUMPTIONS[name].label}. Unit: {ASSUMPTIONS[name].unit}. Where: {WHERE[name]}{more}."
    yield f"{'#     ' if optional else '    '}{name}: {text}"


def _rates(name: str, rates: Mapping[str, Fact], more: str = "") -> Iterator[str]:
    yield from _fact(name, f"{{{', '.join(f'{precision}: {fact.text}' for precision, fact in rates.items())}}}", more)


def _span(what: str, facts: Iterator[Fact]) -> str:
    texts = sorted((fact.text for fact in facts), key=float)
    return f"; those shipped, {what}, are {texts[0]} to {texts[-1]}"
