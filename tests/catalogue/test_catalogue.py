"""The catalogue: every entry and source is whole, defaults are what it supplies, and a user's own is checked."""

import math
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from shared import Program, write
from t2v_capacity.answers.list import LISTINGS, list_answer
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.catalogue import HERE, KINDS, NO_PRICE, Catalogue, Entry
from t2v_capacity.catalogue.kinds import PRICE_KINDS
from t2v_capacity.catalogue.published import published
from t2v_capacity.catalogue.reading import Reading, read_date
from t2v_capacity.errors import Mistakes
from t2v_capacity.files.document import Document, Scalar, parse_document
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.release import RELEASED
from t2v_capacity.scenario.load import DEFAULT_KERNEL, load_scenario
from t2v_capacity.scenario.settings import Scenario
from texts import Recorded

FILES = {path.name: path.read_text(encoding="utf-8") for path in sorted(HERE.glob("*.yaml"))}
WITH_SOURCES = [name for name, text in FILES.items() if "\nsources:\n" in f"\n{text}"]
every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
def test_an_excerpt_reads_as_the_whole_file_does(kind: str) -> None:
    """Each entry is what reading the whole file gives, and none is of another kind.

    An entry is found by its id or an alias, and the text of it alone reads as the same entry.
    """
    file, catalogue = KINDS[kind].file, Catalogue()
    entries = _read(kind, FILES[file])
    others = {name for other in KINDS if KINDS[other].file == file and other != kind for name in catalogue.names(other)}

    assert entries or kind == "calibrations"  # which users write
    assert catalogue.entries(kind) == entries
    assert catalogue.names(kind) == [*entries]
    for entry in entries.values():
        for name in (entry.id, *entry.aliases):
            assert catalogue.entry(kind, name) == Catalogue().entry(kind, name) == entry, name
            assert _read(kind, catalogue.as_written(kind, name)) == {entry.id: entry}, name
    assert not any(Catalogue().entry(kind, name) for name in {*others, "no-such-entry"} - {*entries})


def _read(kind: str, text: str) -> dict[str, Entry]:
    """Return the entries of a kind as the strict reader reads them in a text."""
    document = parse_document(text, f"catalogue/{KINDS[kind].file}")
    entries = Reading(kind, KINDS[kind], document, {}).entries
    return {name: entry._replace(changed=frozenset()) for name, entry in entries.items()}


@every_kind
def test_every_value_passes_its_assumption(kind: str) -> None:
    """Every value of the package's own entries is a quantity inside its bounds, with a source and its date.

    Prices have a full date.
    """
    for entry in Catalogue().entries(kind).values():
        by_precision = [(name, fact) for name, table in entry.at_precision.items() for fact in table.values()]
        for name, fact in [*entry.facts.items(), *by_precision]:
            assert ASSUMPTIONS[name].read(fact.text) is not None
            assert fact.source, f"{entry.id} {name}"
            assert read_date(fact.dated), f"{entry.id} {name}"
        assert set(KINDS[kind].needed) <= set(entry.about), entry.id
        if kind.endswith("prices"):
            assert str(read_date(entry.about["date"])) == entry.about["date"] <= RELEASED


@pytest.mark.parametrize("file", WITH_SOURCES)
def test_every_source_can_be_opened_and_is_cited(file: str) -> None:
    """A source has a title and the day it was read, and each is cited.

    It has an address or our page, or says that it is an assumption or a definition.
    """
    sources = parse_document(FILES[file], file).entries["sources"]
    cited = {
        line.partition("source: ")[2].strip().rstrip("}").partition(",")[0]
        for line in FILES[file].splitlines()
        if "source: " in line
    }

    assert isinstance(sources, Document)
    assert cited <= set(sources.entries)
    assert file not in {"prices.yaml", "gpus.yaml"} or cited == set(sources.entries)
    for name, source in sources.entries.items():
        assert isinstance(source, Document)
        said = {key: value.text for key, value in source.entries.items() if isinstance(value, Scalar)}
        assert said.get("title"), name
        assert read_date(said.get("accessed", "")), name
        assert "published" not in said or read_date(said["published"]), name
        assert said.get("access", "open") in {"open", "registration", "secondary", "assumption", "definition"}, name
        opened = said.get("url", "").startswith("https://") or "docs/accuracy.md" in said["title"]
        assert opened or said["access"] in {"assumption", "definition"}, name


def test_defaults_are_what_the_default_choices_supply() -> None:
    """A default is what the default model, GPU, kernel and formats supply, so that leaving them out changes nothing."""
    catalogue = Catalogue()
    chosen = {name: choice.default or DEFAULT_KERNEL for name, choice in CHOICES.items()}
    supplied = {name: fact for choice in CHOICES for name, (fact, _entry) in catalogue.supplied(choice, chosen).items()}
    width, height = (float(supplied[name].text) for name in ("width", "height"))
    supplied["bitrate"] = catalogue.bitrate(width * height)[1].facts["bitrate"]
    del supplied["duration"]  # the default clip is the lesson's 5 s, not the default model's longest
    defaults = {name: ASSUMPTIONS[name].default for name in supplied}

    assert {name: ASSUMPTIONS[name].read(fact.text) for name, fact in supplied.items()} == {
        name: ASSUMPTIONS[name].read(text) for name, text in defaults.items()
    }
    assert catalogue.implied("model", chosen) == {name: chosen[name] for name in ("text_attention", "attention_scope")}
    assert catalogue.implied("gpu", chosen) == {"attention_kernel": DEFAULT_KERNEL}


@pytest.mark.parametrize(("name", "kind"), [("gpu_price", "on-demand"), ("spot_price", "spot")])
def test_gpus_have_the_prices_of_the_price_list(name: str, kind: str) -> None:
    """A GPU's price is the median of the list: each provider's newest price in its own data centers, by term.

    Of two in the middle it is the higher. Rows over 180 days older than the release count only where there is none
    newer. A GPU without a price in the list has none.
    """
    catalogue = Catalogue()
    offers: dict[str, dict[str, Entry]] = {}
    for price in catalogue.entries("prices").values():
        if price.about["kind"] == kind:
            of_gpu, provider = offers.setdefault(price.about["gpu"], {}), price.about["provider"]
            if provider not in of_gpu or of_gpu[provider].about["date"] < price.about["date"]:
                of_gpu[provider] = price
    oldest = (date.fromisoformat(RELEASED) - timedelta(days=180)).isoformat()
    wanted, counted = {}, dict[str, list[Entry]]()
    for gpu, of_gpu in offers.items():
        fresh = [price for price in of_gpu.values() if price.about["date"] >= oldest] or [*of_gpu.values()]
        counted[gpu] = fresh
        ordered = sorted(fresh, key=_asked)
        same = [price for price in fresh if _asked(price) == _asked(ordered[len(ordered) // 2])]
        newest = max(same, key=lambda price: price.about["date"])
        of_list = newest.facts["gpu_price"]
        wanted[gpu] = (of_list.text, of_list.source, newest.about["date"], newest.about["provider"])
    facts = {gpu.id: gpu.facts[name] for gpu in catalogue.entries("gpus").values() if name in gpu.facts}

    assert {gpu: (fact.text, fact.source, fact.dated, fact.note) for gpu, fact in facts.items()} == wanted
    for gpu, fresh in counted.items():
        assert catalogue.sellers(gpu, kind) == {price.about["provider"]: _asked(price) for price in fresh}
        if kind == "on-demand":
            assert catalogue.entries("gpus")[gpu].about["sellers"] == str(len(fresh))


def _asked(price: Entry) -> float:
    return ASSUMPTIONS["gpu_price"].number(price.facts["gpu_price"].text)


def test_providers_are_those_of_the_price_list() -> None:
    """Every seller of the list is a provider by its name. No row is of a reserve with a term: none was found."""
    catalogue = Catalogue()
    rows = catalogue.entries("prices").values()
    labels = {one.label: one.id for one in catalogue.entries("providers").values() if one.id != "list"}

    assert {*labels} == {row.about["provider"] for row in rows}
    assert {row.about["kind"] for row in rows} == {*PRICE_KINDS} - {"reserved"}
    assert labels["RunPod Secure"] == "runpod"
    assert all(name == label.lower().replace(" ", "-") for label, name in labels.items() if name != "runpod")


def test_a_chosen_gpu_brings_its_price_and_date(tmp_path: Path) -> None:
    """A GPU that is chosen supplies `gpu_price` with its date.

    One without a price doesn't keep that of the GPU before it.
    """
    texts = {"a.yaml": "gpu: l40s\n", "b.yaml": "extends: a.yaml\ngpu: mi350x\n"}
    priced, unpriced = (
        load_scenario(write(text, str(tmp_path / name))).settings["gpu_price"] for name, text in texts.items()
    )

    assert (priced.value, priced.as_of, priced.origin.entry) == (1.55, "2026-10-07", "l40s")
    assert (unpriced.source, unpriced.as_of) == (NO_PRICE, "")
    assert isinstance(unpriced.value, float)
    assert math.isnan(unpriced.value)


def plan_of(tmp_path: Path, own: str) -> Scenario:
    """Return a plan on a GPU of one's own catalogue."""
    write(own, tmp_path / "own.yaml")
    return load_scenario(write("catalogue: own.yaml\ngpu: mine\n", str(tmp_path / "plan.yaml")))


DATED = """sources:
  memo: {title: Our memo, published: 2026-03, accessed: 2026-11-24}
  page: {title: A page, accessed: 2026-10-01}
gpus:
  mine:
    extends: h100-sxm
    source: memo
    gpu_memory: 90 GB
    gpu_power: {value: 600 W, source: page}
    gpu_price: {value: 2, source: memo, as_of: 2026-09-09}
"""


def test_a_fact_has_the_date_of_its_source(tmp_path: Path) -> None:
    """A fact is as old as its source's publication, or as its reading if that is not known.

    A fact may also say how old it is.
    """
    settings = plan_of(tmp_path, DATED).settings
    dates = {"gpu_memory": "2026-03", "gpu_power": "2026-10-01", "gpu_price": "2026-09-09"}
    dates["memory_bandwidth"] = Catalogue().find("gpus", "h100-sxm").facts["memory_bandwidth"].dated

    assert {name: settings[name].as_of for name in dates} == dates


OWN_GPU = """
  mine:
    gpu_memory: 90 GB
    memory_bandwidth: 3 TB/s
    interconnect_bandwidth: 900 GB/s
    host_link_bandwidth: 64 GB/s
    gpu_power: 700 W
    gpu_idle_power: 100 W
    peak_flops: {bf16: 900 TFLOP/s}
"""
OWN_PRICE = "\n  mine: {provider: Us, region: here, kind: on-demand, gpu: h100-sxm, date: 2026-11-01, gpu_price: 2}\n"


GENERATION = (
    "generations:\n"
    "  acme: {kernel: sdpa, evidence: extrapolated, vae_efficiency: 0.2, linear_efficiency: {bf16: 0.6}}\n"
)


@pytest.mark.parametrize("kernel", ["sdpa", "mine"])
def test_a_generation_without_kernels_is_told_the_line_to_write(
    tmp_path: Path, kernel: str, recorded: Recorded
) -> None:
    """If a user's generation has no kernel, the message has the line to write.

    With that line the GPU has a plan.
    """
    own = f"{GENERATION.replace('sdpa', kernel)}gpus:{OWN_GPU}    generation: acme\n"
    with pytest.raises(Mistakes) as error:
        plan_of(tmp_path, own)
    said = error.value.mistakes[0].message
    recorded(said)

    line = said.partition("such as `GENERATION/")[2].removesuffix("`")
    scenario = plan_of(tmp_path, f"{own}kernels:\n  acme/{line}\n")
    assert scenario.choices["attention_kernel"].value == kernel
    assert scenario.settings["attention_efficiency"].origin.entry == f"acme/{kernel}"
    assert estimate(scenario).figures["gpus"]


def _offers(*offers: tuple[str, str, str, float]) -> str:
    """Return own offers of the H100, each of a provider in a region on a day."""
    lines = (
        f"  offer-{index}: {{provider: {provider}, region: {region}, kind: on-demand, gpu: h100-sxm, date: {day}, "
        f"gpu_price: {price}}}\n"
        for index, (provider, region, day, price) in enumerate(offers)
    )
    return f"prices:\n{''.join(lines)}providers:\n  acme-us: {{label: Acme US}}\n"


OLD_CONTRACT = _offers(("Lambda", "us", "2026-06-01", 2.05))
TWO_OF_ACME = _offers(
    ("Acme EU", "eu", "2026-11-20", 3.1), ("Acme US", "a", "2026-11-21", 2.1), ("Acme US", "b", "2026-11-21", 1.1)
)
RENEWED = _offers(("Acme US", "us", "2026-11-01", 1.9), ("Acme US", "us", "2026-08-01", 2.4))


@pytest.mark.parametrize(
    ("own", "provider", "price"),
    [
        (OLD_CONTRACT, "list", 2.05),
        (OLD_CONTRACT, "lambda", 2.05),  # listed anew on 2026-09-20, at 3.99
        (OLD_CONTRACT, "nebius", 2.05),
        (TWO_OF_ACME, "acme-us", 2.1),  # the dearest of a day
        (TWO_OF_ACME, "list", 3.1),  # the higher of two
        (TWO_OF_ACME, "lambda", 3.1),
        (RENEWED, "acme-us", 1.9),
    ],
)
def test_own_offers_are_billed_before_listed_ones(own: str, provider: str, price: float, tmp_path: Path) -> None:
    """A user's offer counts before the list's, however old; that of the chosen provider before those of others."""
    file = write(own, tmp_path / "own.yaml")
    plan = load_scenario(None, ["dau=1M", "gpu=h100-sxm", f"provider={provider}"], catalogues=[file])

    assert plan.values()["gpu_price"] == price


def test_an_own_entry_may_have_the_name_of_a_listed_alias(tmp_path: Path) -> None:
    """`h100` is an alias of the listed H100, `b200` of the B200: a user's entry or alias of that name is meant."""
    own = write(
        "gpus:\n  h100: {extends: h100-sxm, gpu_power: 650 W}\n  acme: {extends: h200-sxm, aliases: [b200]}\n",
        tmp_path / "own.yaml",
    )
    catalogue = Catalogue((own,))

    assert [Catalogue().find("gpus", name).id for name in ("h100", "b200")] == ["h100-sxm", "b200-hgx"]
    assert [catalogue.find("gpus", name).id for name in ("h100", "b200", "h100-sxm")] == ["h100", "acme", "h100-sxm"]
    assert load_scenario(None, ["gpu=h100", "dau=1M"], catalogues=[own]).values()["gpu_power"] == 650


def test_prices_are_listed_with_a_users_own(tmp_path: Path, t2v_cap: Program) -> None:
    """`list prices` has every price of the four kinds, a user's own beside and instead of them."""
    text = f"prices:{OWN_PRICE}  lambda-h100-sxm: {{gpu_price: 1.11}}\n"
    text += "video_prices:\n  ours: {provider: Us, date: 2026-11-01, price_per_video_second: 0.2 USD/s}\n"
    own = write(text, str(tmp_path / "own.yaml"))
    kinds = ("prices", "storage_prices", "egress_prices", "video_prices")

    rows = t2v_cap("list", "prices", "--catalogue", own, "--format", "json").json["rows"]
    prices = {(row["list"], row["id"]): row["price"] for row in rows}
    assert set(prices) == {(kind, name) for kind in kinds for name in Catalogue((own,)).entries(kind)}
    assert prices["prices", "lambda-h100-sxm"] == 1.11
    assert prices["prices", "mine"] == 2
    assert prices["egress_prices", "gcp-internet"] == pytest.approx(0.12 / 2**30)


def test_the_menu_of_lists_names_each(t2v_cap: Program) -> None:
    """`list` alone names every list that there is, in the order in which completion offers them."""
    assert [row["name"] for row in t2v_cap("list", "--format", "json").json["rows"]] == list(LISTINGS)


def test_a_model_is_listed_with_what_decides(t2v_cap: Program) -> None:
    """The document of the models has the license, the frame and the steps."""
    (row,) = (
        row for row in t2v_cap("list", "models", "--format", "json").json["rows"] if row["id"] == "mochi-1-preview"
    )
    assert (row["license"], row["width"], row["steps"]) == ("Apache-2.0", 848, 64)


def test_a_run_is_counted_with_the_gpu_and_the_model_that_it_timed() -> None:
    """Lists count the published runs that an estimate can be near, those of unknown kernels among them.

    Each run counts once with its GPU and once with its model.
    """
    runs = published().runs
    for kind in ("gpus", "models"):
        counted = {row["id"]: row["runs"] for row in list_answer(kind).found if row["runs"]}
        assert sum(counted.values()) == len(runs)
        assert counted.keys() == {getattr(run, kind[:-1]) for run in runs}
    assert {run.gpu: Catalogue().find("gpus", run.gpu).about["generation"] for run in runs} == {
        run.gpu: run.generation for run in runs
    }
    timed = FILES["runs.yaml"].count("model: open-sora-plan-1.2,")
    assert counted["open-sora-plan-1.2"] == timed > 0


# Of kinds with very many like entries, every few are tried.
STRIDE = {"prices": 8, "models": 3, "gpus": 3}


@pytest.mark.wide
@pytest.mark.parametrize("kind", [kind for kind in LISTINGS if kind in KINDS])
def test_a_listed_entry_reads_back_as_it_is(kind: str, tmp_path: Path, t2v_cap: Program) -> None:
    """What `list KIND NAME` prints is a catalogue, which read with `--catalogue` says the same of that entry."""
    shipped = Catalogue()
    own = tmp_path / "own.yaml"
    for name, entry in [*shipped.entries(kind).items()][:: STRIDE.get(kind, 1)]:
        write(t2v_cap("list", kind, name).out, own)
        again = Catalogue((str(own),)).entries(kind)[name]
        assert (again.facts, again.at_precision, again.about) == (entry.facts, entry.at_precision, entry.about)
        assert set(again.aliases) == set(entry.aliases)


def test_a_users_entry_is_listed_and_left_where_it_stands(tmp_path: Path, t2v_cap: Program, recorded: Recorded) -> None:
    """A user's kernel is among the kernels and the values of its choice.

    A request for it by name is answered with where it stands.
    """
    own = write("kernels: {hopper/mine: {extends: hopper/fa3, evidence: extrapolated}}\n", tmp_path / "own.yaml")

    assert "hopper/mine" in t2v_cap("list", "kernels", "--catalogue", own).out
    assert " mine," in t2v_cap("list", "choices", "--catalogue", own).out
    recorded(t2v_cap("list", "kernels", "hopper/mine", "--catalogue", own, code=2).err)


def test_a_vae_computes_in_the_format_of_its_runtime() -> None:
    """Wan's own script decodes in 32 bits and an engine in 16, in whatever order they are chosen.

    A format by hand stays with both. SANA-Video's VAE, which is Wan's, stays in 32 bits: diffusers' example,
    SGLang's `vae_precision` and vLLM-Omni's recipe say so.
    """
    model, engine, format_by_hand = "model=wan2.2-t2v-a14b", "runtime=engine", "vae_bytes_per_number=4 B"
    formats = {
        sets: load_scenario(None, sets).values()["vae_bytes_per_number"]
        for sets in (
            (model,),
            (model, engine),
            (engine, model),
            (model, engine, format_by_hand),
            (engine, "model=mochi-1-preview"),
            ("model=sana-video-2b",),
            ("model=sana-video-2b", engine),
        )
    }

    assert [*formats.values()] == [4, 2, 2, 4, 2, 4, 4]


def test_an_engine_fuses_what_it_knows_of_a_model() -> None:
    """An engine runs LTX-2.3 as it is written, in whatever order they are chosen.

    The next model and `compiled` have their own again.
    """
    own, engine, compiled = "model=ltx-2.3-22b", "runtime=engine", "runtime=compiled"

    def fused(*sets: str) -> list[float]:
        return [load_scenario(None, sets).values()[name] for name in ("elementwise_factor", "launch_latency")]

    assert fused(own, engine) == fused(engine, own) == fused(own) != fused(engine)
    assert fused(engine, own, "model=mochi-1-preview") == fused(engine)
    assert fused(own, compiled) == fused(compiled)


def test_the_rack_of_an_nvl72_is_one_domain() -> None:
    """A group beyond a tray of an NVL72 exchanges over NVLink, where one beyond a server of B200 has the network."""
    rack, servers = (
        estimate(load_scenario(None, [f"gpu={gpu}", "gpus_per_replica=16"])).known
        for gpu in ("gb200-nvl72", "b200-hgx")
    )

    assert rack["group_bandwidth"] == rack["interconnect_bandwidth"] > servers["group_bandwidth"]


def test_choices_are_listed_within_160_columns(t2v_cap: Program) -> None:
    """In a pipe no line of `list choices` is longer, and every model and GPU of the files stands whole in one."""
    said = t2v_cap("list", "choices").out
    ids = [name for kind in ("models", "gpus") for name in yaml.safe_load(FILES[f"{kind}.yaml"])[kind]]

    assert max(map(len, said.splitlines())) <= 160
    assert len(ids) > 50
    assert {*ids} <= {word.rstrip(",") for word in said.split()}


def test_bounds_are_listed_with_their_units(t2v_cap: Program) -> None:
    """10^15 B/s is a petabyte per second, and 10^18 FLOP/s an exaFLOP per second."""
    rows = {line.split()[0]: line for line in t2v_cap("list", "assumptions").out.splitlines() if line}
    assert "  1 GB/s to 1 PB/s  " in rows["memory_bandwidth"]
    assert "  100 MB/s to 1 PB/s  " in rows["host_link_bandwidth"]
    assert "  1 GFLOP/s to 1 EFLOP/s  " in rows["peak_flops"]
