"""Facts as data: models, GPUs, kernels, options and prices; and what a choice of one supplies to the assumptions.

Every entry is read by the same strict reader as a scenario. Those of the package are read when they are compiled, and a
start parses only what a choice needs. A user's own catalogue file has the same form, and is read when it is loaded.
A user's entries add to the package's or override them.
"""

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import ACCELERATIONS, CHOICES, SHORTHANDS
from t2v_capacity.assumptions.quantities import QuantityError
from t2v_capacity.assumptions.traffic import rates_of
from t2v_capacity.catalogue.compiled import HERE, package_entries, package_entry, package_ids, yaml_of
from t2v_capacity.catalogue.kinds import BILLED, FORMAT, FUSED, KINDS, MADE, NAMED, NEUTRAL, PRICE_KINDS, TILED
from t2v_capacity.catalogue.own_runs import CONSTANT, FACTORS, OwnRuns, own_runs_in
from t2v_capacity.catalogue.reading import UNKNOWN, Entry, Fact, Reading, quotable, read_date
from t2v_capacity.errors import Mistake, Mistakes, gathered, nearest, quote
from t2v_capacity.files.document import Document, parts, read_document, source_of
from t2v_capacity.files.source import Source
from t2v_capacity.release import RELEASED

OLDEST_PRICE = 180  # days
_NEAR = 1.03  # times the pixels of a named resolution, or fewer: a frame of whole latents, such as 1920x1088
# Prices of earlier days count only where there is none newer.
_STALE = (date.fromisoformat(RELEASED) - timedelta(days=OLDEST_PRICE)).isoformat()
NO_PRICE = "unknown: the catalogue has no dated price of this GPU"
# The provider whose prices are the medians of the list.
LIST = CHOICES["provider"].default
_FEW = 12
TILING = "vae_tiling"
# The kernel that PyTorch takes where a model's code passes a mask.
MASKED = "masked"
# What a model and a runtime say together: the format that the VAE computes in, and what is fused.
MODEL_RUN = "model_run"
AS_THE_MODEL = CHOICES[TILING].default


class ListPrice(NamedTuple):
    """A public service's list price in USD per second of video, and what the price is for.

    It is for models, their family and a frame's height; where clips are sold whole, for the seconds of each. Where a
    second is so many frames, whatever the clip plays, those are its `counted_fps`.
    """

    id: str
    label: str
    price: float
    family: str = ""
    models: str = ""
    frame_height: str = ""
    clip_seconds: str = ""
    counted_fps: str = ""


_Options = Mapping[str, str]  # choice -> its option
Supplied = dict[str, tuple[Fact, str]]  # assumption -> its fact, and the id of the entry that has it


class Catalogue:
    """The package's entries with a user's over them; of the package's, those are read that are asked for."""

    def __init__(
        self, overlays: tuple[str | Source, ...] = (), as_of: str = RELEASED, documents: Sequence[Document] = ()
    ) -> None:
        """Read the users' files, and `documents` that are parsed already. Raise Mistakes with all of their mistakes.

        What software picks is that of the day `as_of`.
        """
        self.as_of = as_of
        self.in_group = False  # whether a script shares a clip among several GPUs
        self._whole: dict[str, dict[str, Entry]] = {}
        self._own_runs: dict[str, OwnRuns | None] = {}  # by GPU and runtime
        self._prices_of: dict[tuple[str, str], dict[str, float]] = {}  # by GPU and kind of sale
        sources = {source.name: source for source in map(source_of, overlays)}
        self.files = tuple(sources)
        self.overlays = [*map(read_document, sources.values()), *documents]
        self.overlaid = bool(self.overlays)  # whether a user's file is applied over the package's entries
        with gathered() as mistakes:
            kinds = {
                kind: document.keys[kind]
                for document in self.overlays
                for kind in parts(document, ("sources", *KINDS), "a catalogue", mistakes)
            }
        for kind, place in kinds.items():
            if kind.startswith(("storage_", "egress_")):
                raise Mistakes(f"`{kind}` are listed, and not billed; write `{kind[:-1]}` in the plan", place)
            if kind != "sources":
                self.entries(kind)

    def on(self, day: str, *, in_group: bool = False) -> "Catalogue":
        """Return the catalogue on another day, for clips that a script shares among several GPUs if `in_group`."""
        other = copy(self)
        other.as_of, other.in_group = day, in_group
        return other

    def entries(self, kind: str) -> dict[str, Entry]:
        """Return the entries of a kind by their id.

        >>> sorted(Catalogue().entries("precisions"))[:3]
        ['bf16', 'fp16', 'fp32']
        """
        if kind not in self._whole:
            entries = {entry.id: entry for entry in package_entries(kind)}
            for document in self.overlays:
                entries = Reading(kind, KINDS[kind], document, entries).entries
            self._whole[kind] = entries
            for document in self.overlays:
                self._check(kind, document)
        return self._whole[kind]

    def over(self, document: Document) -> "Catalogue":
        """Return this catalogue with one more user's file over it."""
        other = Catalogue((), self.as_of, [*self.overlays, document])
        other.files = self.files
        return other

    def names(self, kind: str) -> list[str]:
        """Return the ids of a kind; read its entries only if another catalogue was applied over them.

        >>> Catalogue().names("runtimes")
        ['eager', 'fused', 'compiled', 'engine']
        """
        return list(self._whole.get(kind) or package_ids(kind))

    def options(self, choice: str) -> list[str]:
        """Return the values of a choice, or of `resolution`.

        Kernels are those of any generation, and caches those of any model.

        >>> Catalogue().options("runtime"), Catalogue().options("attention_kernel")[:3]
        (['eager', 'fused', 'compiled', 'engine'], ['aiter', 'cudnn', 'cudnn-masked'])
        """
        return options_in(choice, self.names(CHOICES[choice].kind)) if choice in CHOICES else self.names(f"{choice}s")

    def as_written(self, kind: str, name: str) -> str:
        """Return an entry of the package with its sources as it is written. Raise Mistakes if it is a user's.

        The text is a catalogue to copy.

        >>> print(Catalogue().as_written("runtimes", "eager").splitlines()[-3])
        runtimes:
        """
        entry = self.find(kind, name)
        if entry.changed:
            raise Mistakes(f"{quote(name)} stands in a catalogue of your own; copy it from there")
        return yaml_of(kind, entry.id)

    def _mentioning(self, kind: str, word: str = "") -> Iterable[Entry]:
        """Return the entries of a kind; of the package's own, those without the word are left out, unparsed."""
        return self._whole[kind].values() if kind in self._whole else package_entries(kind, word)

    def sellers(self, gpu: str, kind: str = PRICE_KINDS[0]) -> Mapping[str, float]:
        """Return what each provider asks for a GPU-hour of a kind, on demand, in USD: its newest listed price.

        Prices over 180 days older than the release count only where there is none newer, as in the list's median.

        >>> Catalogue().sellers("h100-pcie")
        {'Hyperstack': 2.5, 'Lambda': 3.29, 'RunPod Secure': 2.89}
        """
        if (gpu, kind) not in self._prices_of:
            offers = self._newest(gpu, (kind,))
            fresh = {seller: offer for seller, offer in offers.items() if offer.about["date"] >= _STALE}
            self._prices_of[gpu, kind] = {seller: _price_of(offer) for seller, offer in (fresh or offers).items()}
        return self._prices_of[gpu, kind]

    def _newest(self, gpu: str, kinds: Collection[str]) -> dict[str, Entry]:
        """Return each provider's offer of a GPU that is of one of these kinds.

        It is the newest, and of a day the dearest; one of a user's catalogue stands above all that are listed.
        """
        offers = [
            offer
            for offer in self._mentioning("prices", gpu)
            if offer.about["gpu"] == gpu and offer.about["kind"] in kinds
        ]
        offers.sort(key=lambda offer: (mine := bool(offer.changed), offer.about["date"], mine and _price_of(offer)))
        return {offer.about["provider"]: offer for offer in offers}

    def _prices(self, chosen: _Options) -> Supplied:
        """Return the prices of the chosen GPU, unknown where no seller has one.

        Those of a user's catalogue stand above the list's, and in each those of a chosen provider above the median.
        """
        gpu = self.find("gpus", chosen["gpu"])
        prices = _first_facts(("gpu_price", "spot_price"), gpu)
        if chosen["provider"] == LIST and not self.overlaid:
            return prices

        seller = self.find("providers", chosen["provider"])
        for price, kinds in BILLED.items():
            if price in gpu.changed:
                continue
            offers = self._newest(gpu.id, kinds)
            own = sorted((offer for offer in offers.values() if offer.changed), key=_price_of)
            offer = offers.get(seller.label)
            if own and offer not in own:
                offer = own[len(own) // 2]
            if offer:
                prices[price] = offer.facts["gpu_price"], offer.id
            elif seller.id != LIST and price in prices:
                prices[price] = Fact(UNKNOWN, f"unknown: {seller.label} lists no such price of this GPU"), seller.id
        return prices

    def same_picture(self, kind: str, name: str) -> bool:
        """Return whether an entry makes the picture that any other of its kind makes.

        >>> Catalogue().same_picture("kernels", "hopper/fa3"), Catalogue().same_picture("precisions", "fp8")
        (True, False)
        """
        return self.find(kind, name).about.get("same_picture") == "true"

    def video_list_prices(
        self, clips: Sequence[tuple[float, float, float]] = (), rejected: float = 0, model: str = ""
    ) -> list[ListPrice]:
        """Return the list prices of public services in USD per second of video, the cheapest first.

        `clips` are shares of clips, each with its seconds and frames; without any each price is as listed. What is sold
        by the clip costs as much for a shorter one, of several lengths the least that is long enough. A service is left
        out where a clip is longer. Where a check rejects a share of the clips, a price is that of a second that passes:
        a service bills the others too. What counts frames as seconds asks for the frames of a clip of its `model`;
        another model's clip has other frames.

        >>> listed = Catalogue().video_list_prices()
        >>> listed[3].label, listed[3].price, listed[-1].price
        ('LTX-2 Fast', 0.04, 0.4)
        """
        listed, seconds = list[ListPrice](), math.fsum(share * duration for share, duration, _frames in clips)
        for service in self._mentioning("video_prices"):
            price = service.facts["price_per_video_second"].point("price_per_video_second")
            about = [service.about.get(key, "") for key in ListPrice._fields[3:]]
            lengths = [float(length) for length in service.about.get("clip_seconds", "").split()]
            counted = float(service.about.get("counted_fps", 0))
            counts_frames = counted and model in service.about.get("models", "").split()
            billed = 0.0
            for share, duration, frames in clips:
                whole = min((length for length in lengths or [duration] if length >= duration), default=math.inf)
                billed += share * whole * (frames / duration / counted if counts_frames else 1)
            price = price * billed / seconds if clips else price
            if price < math.inf:
                listed.append(ListPrice(service.id, service.label, price / (1 - rejected), *about))
        return sorted(listed, key=lambda service: (service.price, service.id))

    def _check(self, kind: str, document: Document) -> None:
        """Refuse the words of a user's entries that name nothing: a generation, a GPU."""
        table = document.entries.get(kind)
        keys = table.keys if isinstance(table, Document) else {}
        with gathered() as mistakes:
            for name, place in keys.items():
                about = self._whole[kind][name].about
                unknown = (self._why_unknown(key, text) for key, text in about.items() if key in NAMED)
                mistakes += [Mistake(f"`{name}`: {reason}", place) for reason in filter(None, unknown)]

    def _why_unknown(self, key: str, text: str) -> str:
        """Return that a text names no entry of its kind; nothing if it names one."""
        entries = self.entries(NAMED[key])
        if text in entries:
            return ""
        known = quotable(entries)
        few = f"; there are {', '.join(known)}" if len(known) <= _FEW else ""
        return f"`{key}` is {quote(text)}, which is not known{nearest(text, known) or few}"

    def entry(self, kind: str, name: str) -> Entry | None:
        """Return an entry by its id, else by an alias, a user's before the package's; nothing if there is none."""
        wanted = name.strip().lower()
        if kind not in self._whole:
            return package_entry(kind, wanted)
        entries = self.entries(kind)
        return entries.get(wanted) or next(
            (entry for entry in reversed(entries.values()) if wanted in entry.aliases), None
        )

    def find(self, kind: str, name: str) -> Entry:
        """Return an entry by its id or an alias. Raise Mistakes with the nearest name if there is none."""
        if entry := self.entry(kind, name):
            return entry
        from t2v_capacity.assumptions.synonyms import UNPUBLISHED, VALUE_SYNONYMS, meant

        wanted, entries = name.strip().lower(), self.entries(kind)
        if kind == "models" and wanted.startswith(UNPUBLISHED):
            more = "it is sold as a service, and its architecture is not published"
            raise Mistakes(f"`{name}` is not among the known models: {more}; `t2v-cap list models` shows them")
        count, by, gpu = wanted.partition("x")
        if kind == "gpus" and by and count.isdecimal() and self.entry(kind, gpu):
            raise Mistakes(f"`{name}` is {count} GPUs; write `--gpu {gpu} --gpus-per-replica {count}`")
        known = [known for entry in entries.values() if not entry.private for known in (entry.id, *entry.aliases)]
        few = (
            f"; there are {', '.join(quotable(entries))}"
            if len(entries) <= _FEW
            else f"; `t2v-cap list {kind}` shows them"
        )
        raise Mistakes(
            f"`{name}` is not among the known {kind.replace('_', ' ')}{meant(wanted, known, VALUE_SYNONYMS) or few}"
        )

    def implied(self, choice: str, chosen: _Options) -> dict[str, str]:
        """Return the other choices that a choice makes.

        A model makes its kind of attention, a GPU its usual kernel, and a checkpoint its decoder.
        """
        if choice in ("model", "distilled"):
            about = self.find("models", chosen["model"]).about if choice == "model" else {}
            brought = self.acceleration("distilled", chosen).about
            usual = {
                name: brought.get(name, CHOICES[name].default) for name in KINDS["distilled"].about if name in CHOICES
            }
            other = {name: option for name, option in usual.items() if option != chosen[name]}
            return {name: about[name] for name in ("text_attention", "attention_scope") if name in about} | other
        return {"attention_kernel": self.usual_kernel(chosen)} if choice in ("gpu", "runtime") else {}

    def usual_kernel(self, chosen: _Options) -> str:
        """Return the kernel that the chosen runtime takes on the chosen GPU's generation.

        >>> Catalogue().usual_kernel({"gpu": "h100-sxm", "runtime": "engine"})
        'fa3'
        """
        about = self.generation(chosen).about
        word = self.find("runtimes", chosen["runtime"]).about.get("kernel", "kernel")
        return about.get(word, about["kernel"])

    def acceleration(self, choice: str, chosen: _Options) -> Entry:
        """Return the entry of an acceleration that the chosen model has.

        If the model lacks it, raise Mistakes with those that it has.
        """
        kind, model, option = CHOICES[choice].kind, chosen["model"], chosen[choice].strip().lower()
        if option == CHOICES[choice].default:
            return self.find(kind, option)
        if entry := self.entry(kind, f"{model}/{option}"):
            return entry
        options = self._options_with(kind, model)
        near = nearest(option, options) or f", which has {', '.join(options) or 'none'}"
        raise Mistakes(f"`{option}` is not in the catalogue for {model}{near}")

    def _options_with(self, kind: str, owner: str) -> list[str]:
        """Return the options that a model or a GPU's generation has."""
        return [name.partition("/")[2] for name in quotable(self.entries(kind)) if name.startswith(f"{owner}/")]

    def kernel_that_runs(self, chosen: _Options) -> Entry | None:
        """Return the entry of the chosen kernel on the chosen GPU, or on its generation; nothing if there is none.

        A kernel that picks another, as PyTorch's `sdpa` does, is the one that it picks for the plan.

        >>> plan = {"gpu": "h100-sxm", "attention_kernel": "sdpa"}
        >>> [Catalogue(as_of=day).kernel(plan).id for day in ("2025-11-01", "2026-11-01")]
        ['hopper/fa2', 'hopper/cudnn']
        """
        generation, kernel = self.generation(chosen).id, chosen["attention_kernel"].strip().lower()
        # A user's own runs are of one GPU.
        own = self.entries("kernels").get(f"{self.find('gpus', chosen['gpu']).id}/{kernel}") if self.overlaid else None
        entry = own or self.entry("kernels", f"{generation}/{kernel}")
        if own or not entry or "runs" not in entry.about or entry.changed:
            return entry
        return self.kernel_that_runs({**chosen, "attention_kernel": self.delegate_of(entry, chosen)})

    def delegate_of(self, kernel: Entry, chosen: _Options) -> str:
        """Return the kernel that another one picks: for a mask, for a group's script, or on the catalogue's day."""
        if self.masks(chosen):
            return kernel.about.get("mask", MASKED)
        if self.in_group and "group" in kernel.about:
            return kernel.about["group"]
        return kernel.about["runs" if self.as_of >= kernel.about.get("since", "") else "before"]

    def masks(self, chosen: _Options) -> bool:
        """Return whether the model's code for the runtime passes a mask to PyTorch's attention.

        >>> Catalogue().masks({"model": "hunyuanvideo", "runtime": "eager"})
        True
        """
        model = self.find("models", chosen["model"]) if "model" in chosen else None
        return model is not None and chosen["runtime"] in model.about.get(MASKED, "").split()

    def delegated_kernel(self, chosen: _Options) -> str:
        """Return the kernel that a choice such as `sdpa` picks; nothing if the choice is a kernel itself.

        >>> Catalogue().delegated_kernel({"gpu": "a100-80gb-sxm", "attention_kernel": "sdpa"})
        'fa2'
        """
        kernel = self.kernel(chosen).id.partition("/")[2]
        return "" if kernel == chosen["attention_kernel"] else kernel

    def kernel(self, chosen: _Options) -> Entry:
        """Return the entry of the chosen kernel on the chosen GPU or its generation. Raise Mistakes if it has none."""
        if entry := self.kernel_that_runs(chosen):
            return entry
        from t2v_capacity.assumptions.synonyms import VALUE_SYNONYMS, meant

        generation, kernel = self.generation(chosen).id, chosen["attention_kernel"].strip().lower()
        options = self._options_with("kernels", generation)
        elsewhere = sorted({name.partition("/")[2] for name in quotable(self.entries("kernels"))})
        what = f"does not run on {generation} GPUs" if kernel in elsewhere else "is not among the known kernels"
        near = "" if kernel in elsewhere else meant(kernel, (*options, *elsewhere), VALUE_SYNONYMS)
        line = f"`GENERATION/{kernel}: {{extends: hopper/sdpa, evidence: extrapolated}}`"
        none = f"the catalogue has no kernel of its generation, write one under `kernels:`, such as {line}"
        has = f"there are {', '.join(options)}" if options else none
        raise Mistakes(f"`{kernel}` {what}{near or f'; {has}'}")

    @property
    def calibrated(self) -> bool:
        """Whether a user's file has what own runs gave."""
        return self.overlaid and bool(self.entries("calibrations"))

    def own_runs(self, chosen: _Options) -> OwnRuns | None:
        """Return what the user's own runs give for the chosen GPU and runtime; nothing where there are none.

        Their factors are on a peak: on another, they say nothing.
        """
        if not self.calibrated:
            return None
        gpu = self.find("gpus", chosen["gpu"])
        name = f"{gpu.id}/{chosen['runtime']}"
        if name not in self._own_runs:
            kind, peak = KINDS["calibrations"], f"{self._peak(gpu, 'bf16').point('peak_flops'):g} FLOP/s"
            files = [Reading("calibrations", kind, document, {}).entries.get(name) for document in self.overlays]
            entries = [entry for entry in files if entry and entry.about.get("peak", peak) == peak]
            self._own_runs[name] = own_runs_in(entries)
        return self._own_runs[name]

    def generation(self, chosen: _Options) -> Entry:
        """Return the entry of the chosen GPU's generation."""
        return self.find("generations", self.find("gpus", chosen["gpu"]).about["generation"])

    def supplied(self, choice: str, chosen: _Options) -> Supplied:
        """Return the assumptions that a choice supplies, given the others."""
        together = {
            "compute_precision": self._linear,
            "attention_kernel": self._attention,
            TILING: self._tiles,
            MODEL_RUN: self._model_run,
            "provider": self._prices,
        }
        if choice in together:
            return together[choice](chosen)
        kind = CHOICES[choice].kind
        if choice in ACCELERATIONS:
            own = self.acceleration(choice, chosen)
            return _first_facts(KINDS[kind].facts, own, self.find("models", chosen["model"]), own)
        entry = self.find(kind, chosen[choice])
        neutral = [name for name in KINDS[kind].optional if name in NEUTRAL]
        supplied = _first_facts((*neutral, *entry.facts), entry)
        if choice == "gpu":
            generation = self.generation(chosen)
            supplied["vae_peak_flops"] = (self._peak(entry, "bf16"), entry.id)
            supplied |= _first_facts(generation.facts, generation) | self._prices(chosen)
            supplied |= self._linear(chosen) | self._attention(chosen)
        if choice in ("model", "runtime"):
            supplied |= self._model_run(chosen) | self._rates_of_runtime(choice, chosen)
        if choice == "model":
            for name in (TILING, *ACCELERATIONS):
                if chosen.get(name, CHOICES[name].default) != CHOICES[name].default:
                    supplied |= self.supplied(name, chosen)
        return supplied

    def _rates_of_runtime(self, choice: str, chosen: _Options) -> Supplied:
        """Return the rates that a runtime supplies: where own runs are of a GPU and a runtime, those of both."""
        if choice != "runtime" or not self.calibrated:
            return {}
        rates = self._linear(chosen) | self._attention(chosen)
        return {name: rates[name] for name in (*FACTORS, CONSTANT)}

    def _tiles(self, chosen: _Options) -> Supplied:
        """Return the tiling of the VAE: that of the option, or that of the model's entry.

        The model's tiling counts if requested, or if the option has tiles and the model has tiles of its own.
        """
        option, model = self.find("vae_tilings", chosen[TILING]), self.find("models", chosen["model"])
        supplied, pixels = _first_facts(TILED, option), "vae_tile_pixels"
        tiles = supplied[pixels][0].text != NEUTRAL[pixels]
        of_the_model = option.id == AS_THE_MODEL or (tiles and pixels in model.facts)
        return _first_facts(TILED, model) if of_the_model else supplied

    def _model_run(self, chosen: _Options) -> Supplied:
        """Return the bytes of a number in the VAE, what is fused of the model, and what the runtime makes of the rest.

        The bytes are the runtime's, else those of the model's own script: so are those of an engine that fuses nothing.
        """
        model, runtime = self.find("models", chosen["model"]), self.find("runtimes", chosen["runtime"])
        fuses = self.find("runtimes", model.about.get(runtime.id, runtime.id))
        fused = FUSED if runtime.id != CHOICES["runtime"].default else ()
        supplied = _first_facts((FORMAT, *fused), fuses, model)
        if not self._options_with("model_runs", model.id):
            return supplied
        return supplied | _first_facts(MADE, self.entry("model_runs", f"{model.id}/{runtime.id}") or model, model)

    def _linear(self, chosen: _Options) -> Supplied:
        gpu, generation = self.find("gpus", chosen["gpu"]), self.generation(chosen)
        entry = self.find("precisions", chosen["compute_precision"])
        precision = entry.about.get("computes_as", entry.id)  # blocks with a scale reach the peak of their numbers
        if precision != entry.id and "fp4" not in gpu.at_precision["peak_flops"]:
            raise Mistakes(f"`{gpu.id}` computes no blocks with a scale, as GPUs with an fp4 peak do")
        peak, own = self._peak(gpu, precision), gpu.at_precision.get("linear_efficiency", {})
        efficiencies = generation.at_precision["linear_efficiency"]
        efficiency = own.get(precision) or efficiencies.get(precision) or efficiencies.get("bf16")
        if efficiency is None:
            has = "" if generation.private else f"; it has {', '.join(efficiencies)}"
            raise Mistakes(f"`{generation.id}` has no linear_efficiency for {precision}{has}")
        supplied = {
            "peak_flops": (peak, gpu.id),
            "linear_efficiency": (efficiency, (gpu if precision in own else generation).id),
        }
        return supplied | self._by_own_runs(supplied, chosen)

    def _by_own_runs(self, supplied: Supplied, chosen: _Options) -> Supplied:
        """Return the efficiencies by the factors of the user's own runs, and their constant per clip."""
        if not self.calibrated:
            return {}
        runs, gpu = self.own_runs(chosen), self.find("gpus", chosen["gpu"])
        if runs is None:
            none = Fact(ASSUMPTIONS[CONSTANT].default, "none of this runtime was measured")
            return {CONSTANT: (gpu.facts.get(CONSTANT, none), gpu.id)}
        scaled = {name: runs.scaled(name, supplied[name][0]) for name in FACTORS if name in supplied}
        return {name: (fact, runs.id) for name, fact in (scaled | {CONSTANT: runs.constant}).items()}

    def _attention(self, chosen: _Options) -> Supplied:
        gpu, kernel = self.find("gpus", chosen["gpu"]), self.kernel(chosen)
        supplied = {
            "attention_peak_flops": (self._peak(gpu, kernel.about["format"]), gpu.id),
            **_first_facts(kernel.facts, kernel),
        }
        return supplied | self._by_own_runs(supplied, chosen)

    def _peak(self, gpu: Entry, precision: str) -> Fact:
        peaks = gpu.at_precision["peak_flops"]
        if precision not in peaks:
            has = "" if gpu.private else f"; it has {', '.join(peaks)}"
            raise Mistakes(f"`{gpu.id}` has no {precision} peak{has}")
        return peaks[precision]

    def shorthand(self, name: str, value: object) -> dict[str, tuple[str, str]]:
        """Return a shorthand's parts: assumption -> (text, entry's id). Raise Mistakes if it is invalid."""
        if name == "day_curve":  # of the users of all zones together, which zones don't flatten again
            return {"peak_to_average": (repr(max(rates_of(value))), ""), "time_zones": ("0", "")}

        parts = SHORTHANDS[name][1]
        size = re.fullmatch(r"\s*([0-9]+)\s*[xX×*]\s*([0-9]+)\s*", str(value), re.ASCII)  # noqa: RUF001
        texts = size.groups() if name == "resolution" and size else value
        if isinstance(texts, (list, tuple)) and len(texts) == len(parts):
            return {part: (text, "") for part, text in zip(parts, texts, strict=True)}
        if name != "resolution":
            example = "4, 8, 8" if name == "vae_compression" else "1, 2, 2"
            written = f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)
            raise QuantityError(f"{quote(written)} is not a list of frames, height and width, such as [{example}]")

        frame = str(value).strip().lower()
        if re.fullmatch(r"[0-9]+p|[48]k", frame):
            entry = self.find("resolutions", {"4k": "2160p"}.get(frame, frame))
            return {part: (entry.facts[part].text, entry.id) for part in parts}  # its source is that of `frame`
        named = f"{value}p" in self.names("resolutions")
        raise QuantityError(
            f"`{value}` is not a frame size; {f'did you mean {value}p?' if named else 'write it as 854x480 or 480p'}"
        )

    def frame(self, resolution: str, model: str) -> Mapping[str, Fact]:
        """Return the sides of a named frame: a model's own of that height, where it has one.

        A user's own definition of the name holds for every model.

        >>> [Catalogue().frame("480p", model)["width"].text for model in ("wan2.1-t2v-14b", "hunyuanvideo")]
        ['832', '854']
        """
        named, own = self.find("resolutions", resolution), self.find("models", model)
        height = own.about.get("frame_height", own.facts["height"].text)
        if named.changed or float(height) != float(named.facts["height"].text):
            return named.facts
        return own.facts

    @cached_property
    def bitrates(self) -> list[tuple[float, float, float, Entry]]:
        """The bitrates by pixels, the smallest first: up to how many, the rate there, and its power of fewer.

        Near a named resolution it is that one's; of two near each other, up to their middle the smaller one's. Between
        two others it is a straight line in logarithms.
        """
        steps = list[tuple[float, float, float, Entry]]()
        for entry in sorted((self.find("resolutions", name) for name in self.names("resolutions")), key=_pixels):
            pixels, rate = _pixels(entry), entry.facts["bitrate"].point("bitrate")
            if steps:
                most, lower, _power, smaller = steps[-1]
                if most < pixels / _NEAR:
                    power = math.log(rate / lower) / math.log(pixels / _NEAR / most)
                    steps.append((pixels / _NEAR, rate, power, entry))
                else:
                    steps[-1] = math.sqrt(_pixels(smaller) * pixels), lower, 0.0, smaller
            steps.append((pixels * _NEAR, rate, 0.0, entry))
        return steps

    def bitrate(self, pixels: float) -> tuple[float, Entry]:
        """Return the bitrate for a frame size, and the named resolution that it is near, or the next larger one."""
        most, rate, power, entry = next((step for step in self.bitrates if pixels <= step[0]), self.bitrates[-1])
        return rate * (pixels / most) ** power, entry


def options_in(choice: str, ids: list[str]) -> list[str]:
    """Return the options of a choice that its entries' ids name: of `hopper/fa3`, a generation's entry, it is `fa3`."""
    if not CHOICES[choice].of:
        return ids
    return [
        *(name for name in ids if "/" not in name),
        *sorted({name.partition("/")[2] for name in ids if "/" in name}),
    ]


def _first_facts(names: Iterable[str], *entries: Entry) -> Supplied:
    """Return facts, each of the first entry that has it. A fact that none has is neutral, and counts as the last's."""
    owners = {name: next((entry for entry in entries if name in entry.facts), entries[-1]) for name in names}
    return {name: (entry.facts.get(name) or _neutral(name), entry.id) for name, entry in owners.items()}


def _neutral(name: str) -> Fact:
    """Return an optional fact that an entry lacks."""
    return Fact(
        NEUTRAL[name], NO_PRICE if NEUTRAL[name] == UNKNOWN else "neutral where the catalogue says nothing, 2026-11"
    )


def _price_of(offer: Entry) -> float:
    return offer.facts["gpu_price"].point("gpu_price")


def _pixels(entry: Entry) -> float:
    return float(entry.facts["width"].text) * float(entry.facts["height"].text)


__all__ = ["HERE", "KINDS", "NO_PRICE", "UNKNOWN", "Catalogue", "Entry", "Fact", "read_date"]
