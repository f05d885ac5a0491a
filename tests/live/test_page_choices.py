"""Choices in the browser: any options and values there are the estimate with those flags."""

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from pages import PLAN, TYPES, Opened, Page, close_to, same
from shared import plan_of, write
from t2v_capacity import calibrate
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.scenario.load import load_scenario, with_flags

pytestmark = pytest.mark.browser

Flags = dict[str, str]
GENERATIONS = ("a100-80gb-sxm", "h100-sxm", "b200-hgx")
# A page has the plan's provider, and no other.
OPTIONS = {name: Catalogue().options(name) for name in CHOICES if name != "provider"}
# What a reader types beside: what choices supply too, what is asked of a model, what waits for a cache, and what is
# the plan's own.
TYPED: dict[str, list[str]] = TYPES["typed"]
OF_PARTS: list[Flags] = TYPES["of_parts"]
# Why the page refuses, if it does, and every figure, its full value or nothing.
ANSWERED = "[side.refused, Object.fromEntries(DATA.order.map((name) => [name, full(side.figures[name])]))]"


def held(
    page: Page, cases: Sequence[Flags], path: str = PLAN, own: Sequence[str] = (), pins: Sequence[str] = ()
) -> int:
    """Hold the page to the command line in each case: the same figures to 1e-9, or both refuse.

    Return how many have figures.
    """
    taken = 0
    for flags, (refused, figures) in zip(cases, page.under(cases, ANSWERED), strict=True):
        plan: Estimate | None = None
        with suppress(Mistakes):
            exported = load_scenario(path, own, pins)
            plan = estimate(with_flags(exported, [f"{name}={text}" for name, text in flags.items()]))
        assert bool(refused) == (plan is None), (flags, refused)
        if plan is None:
            continue
        taken += 1
        assert {name: float(value) if value else None for name, value in figures.items()} == close_to(plan.figures), (
            flags
        )
    return taken


def every(choice: str) -> list[Flags]:
    """Return each option of a choice as flags."""
    return [{choice: option} for option in OPTIONS[choice]]


def kernels() -> Iterator[Flags]:
    """Yield every kernel with every runtime on a GPU of three generations."""
    for gpu in GENERATIONS:
        for kernel in OPTIONS["attention_kernel"]:
            for runtime in OPTIONS["runtime"]:
                yield {"gpu": gpu, "attention_kernel": kernel, "runtime": runtime}


def pairs(seed: int, count: int) -> Iterator[Flags]:
    """Yield drawn pairs: two of all choices and of what can be typed, each with a drawn value.

    Now and then there is a third.
    """
    draw = Random(seed)
    values = {**OPTIONS, **TYPED}
    for _ in range(count):
        names = draw.sample(sorted(values), draw.choice((2, 2, 3)))
        yield {name: draw.choice(values[name]) for name in names}


@pytest.mark.parametrize(
    ("cases", "least"),
    [([*every("gpu"), *every("model")], len(OPTIONS["gpu"]) + len(OPTIONS["model"]) - 10), ([*kernels()], 50)],
    ids=["gpus and models", "kernels and runtimes"],
)
def test_every_option_is_the_command_line(opened: Opened, cases: list[Flags], least: int) -> None:
    """With each option, every figure is the estimate with those flags, or both refuse.

    The options are each GPU and model, and each kernel and runtime on three generations.
    """
    assert held(opened(PLAN), cases) > least


@pytest.mark.parametrize(
    ("path", "own"),
    [
        (PLAN, []),
        ("scenarios/mochi.yaml", ["gpu=b200-hgx", "gpu_price=2", "resolution=720p"]),
        ("scenarios/wan2.2-h100.yaml", ["resolution=480p"]),
        ("scenarios/million-clips.yaml", ["model=null", "runtime=engine", "steps=null", "step_cache=none"]),
    ],
    ids=["plain", "flags", "named-frame", "taken-away"],
)
def test_drawn_pairs_are_the_command_line(opened: Opened, path: str, own: list[str]) -> None:
    """With two or three drawn choices and values, every figure is the estimate with those flags, or both refuse.

    It is so over flags of the export too.
    """
    page = opened(path, *(word for one in own for word in ("--set", one)))
    cases = [
        flags
        for flags in pairs(len(own), 300 if not own else 150)
        if not ({"width"} & {*flags} and any("resolution" in one for one in own))
    ]
    assert held(page, cases, path, own) > len(cases) // 3


def test_a_kernel_that_is_taken_away_is_the_gpus_usual_one(opened: Opened, tmp_path: Path) -> None:
    """A page of a plan whose flags take its kernel away has that of each GPU; one by hand is said to be kept."""
    write("gpu: a100-80gb-sxm\nattention_kernel: fa2\ndau: 1M\n", tmp_path / "plan.yaml")
    path, kept = str(tmp_path / "plan.yaml"), "attention_kernel: fa2 is kept on every GPU that runs it."
    page = opened(path)
    assert kept in page.tab.inner_text(".cheapest")
    page.choose("gpu", "h100-sxm")
    page.choose("attention_kernel", "fa3")
    assert "is kept" not in page.tab.inner_text(".cheapest")
    page = opened(path, "--set", "attention_kernel=null")
    assert kept not in page.tab.inner_text(".cheapest")
    cases: list[Flags] = [{"gpu": gpu, "runtime": runtime} for gpu in GENERATIONS for runtime in ("eager", "engine")]
    assert held(page, [{}, *cases], path, ["attention_kernel=null"]) == 1 + len(cases)


OWN = Path(__file__).with_name("own.yaml").read_text(encoding="utf-8")


def test_own_catalogue_is_chosen_from(opened: Opened, tmp_path: Path) -> None:
    """A model, a GPU and a kernel of one's own are options like any other."""
    write(OWN, tmp_path / "own.yaml")
    write("catalogue: own.yaml\ngpu: l40s\ndau: 1M\n", tmp_path / "plan.yaml")
    page = opened(str(tmp_path / "plan.yaml"))
    cases: list[Flags] = [
        {"gpu": "acme-one"},
        {"model": "our-film"},
        {"gpu": "acme-one", "model": "our-film", "precision": "fp8"},
    ]
    cases += [
        {"gpu": "h100-sxm"},
        {"gpu": "h100-sxm", "attention_kernel": "fa2"},
        {"gpu": "acme-one", "attention_kernel": "fa2"},
    ]

    assert held(page, cases, str(tmp_path / "plan.yaml")) == len(cases) - 1


def test_own_runs_are_of_their_gpu_and_runtime(opened: Opened, tmp_path: Path) -> None:
    """Own runs move the kernels and precisions of their GPU and runtime alone, and their band is that of the answer.

    It holds the slower of two, and no clip of less than half of their steps.
    """
    runs = write("- {seconds: 330, gpus: 1}\n- {seconds: 170, gpus: 1, steps: 20}\n", tmp_path / "runs.yaml")
    write(str(calibrate("scenarios/mochi.yaml", runs).document()["catalogue"]), tmp_path / "own.yaml")
    write(f"catalogue: own.yaml\n{Path(PLAN).read_text(encoding='utf-8')}", tmp_path / "plan.yaml")
    page = opened(str(tmp_path / "plan.yaml"))

    assert held(page, [*every("gpu")[::4], *kernels()], str(tmp_path / "plan.yaml")) > 50
    own = {"model": "mochi-1-preview", "runtime": "eager"}
    cases: list[Flags] = [{**own, "gpus_per_replica": "1", "steps": steps} for steps in ("9", "20", "64")]
    for flags, ends in zip(
        cases, page.under(cases, "[side.error.whose, side.error.low, side.error.high]"), strict=True
    ):
        plan = plan_of(tmp_path / "plan.yaml", [f"{name}={text}" for name, text in flags.items()])
        error = plan.model_error
        assert ends == [error.whose, pytest.approx(error.low), pytest.approx(error.high)]


def test_prices_are_those_of_the_plan(opened: Opened, tmp_path: Path) -> None:
    """Another GPU has the price of `prices:`, else that of the plan's provider, as the command line has it.

    The file that the page writes has the provider too.
    """
    prices = "prices: {l40s: 1.20 USD, b200: {on-demand: 6 USD, spot: 3 USD}}\ngpu_price: 2 USD\n"
    plan = "model: wan2.2-t2v-a14b\ngpu: h100-sxm\ndau: 1M\nspot_fraction: 20%\nprovider: coreweave\n"
    path = str(write(plan + prices, tmp_path / "plan.yaml"))
    page = opened(path, "--set", "prices.h200-sxm=5 USD")
    assert held(page, every("gpu"), path, ["prices.h200-sxm=5 USD"]) > len(OPTIONS["gpu"]) - 10
    there = plan_of(write(page.tab.evaluate(SENT, [["gpu", "a100-80gb-sxm"]]), tmp_path / "sent.yaml"))
    assert there.figures == close_to(plan_of(path, ["gpu=a100-80gb-sxm"]).figures)
    assert there.values["gpu_price"] == 2.7


def test_a_provider_by_flag_has_its_prices(opened: Opened, tmp_path: Path) -> None:
    """The page of `--provider` has the seller's price for the plan's own GPU too."""
    path = str(write("model: wan2.2-t2v-a14b\ngpu: h100-sxm\ndau: 1M\n", tmp_path / "plan.yaml"))
    page = opened(path, "--set", "provider=lambda")
    assert plan_of(path, ["provider=lambda"]).values["gpu_price"] != plan_of(path).values["gpu_price"]
    assert held(page, every("gpu"), path, ["provider=lambda"]) > 0


@pytest.mark.parametrize("price", ["0.5 USD", "12 USD"])
def test_a_typed_price_moves_no_other_gpu(opened: Opened, price: str) -> None:
    """A price of the plan's GPU, low or high, moves no option of another GPU by a cent."""
    page = opened("scenarios/wan2.2-h100.yaml")
    page.tab.evaluate("look({ all: true })")
    before = page.points()
    page.type("gpu_price", price)
    after = page.points()

    assert {option.partition(" ")[0] for option in before} > {"h100-sxm", "b200-hgx", "h200-sxm"}
    assert {name: cost for name, (cost, _latency) in after.items() if not name.startswith("h100-sxm ")} == {
        name: pytest.approx(cost, nan_ok=True)
        for name, (cost, _latency) in before.items()
        if not name.startswith("h100-sxm ")
    }
    assert after["h100-sxm 1"] != before["h100-sxm 1"]


def test_a_typed_price_stays_with_its_gpu(opened: Opened) -> None:
    """A typed price is of the GPU for which it was typed, however the GPU is changed: by the list, a button, a reset.

    Prices of the table come along. A link has them all.
    """
    page = opened(PLAN)
    page.type("gpu_price", "$2.2")
    page.choose("gpu", "b200-hgx")
    same(page, PLAN, ["gpu=b200-hgx"])
    page.type("gpu_price", "3")
    page.tab.click("[data-reset=gpu]")
    same(page, PLAN, ["gpu_price=2.2"])
    page.tab.evaluate("look({ all: true })")
    page.tab.locator("[data-price=h200-sxm]").first.fill("2 USD")
    page.tab.locator("[data-price=h200-sxm]").first.press("Tab")
    page.settle()
    for gpu, price in (("h200-sxm", "2"), ("b200-hgx", "3"), ("h100-sxm", "2.2")):
        page.choose("gpu", gpu)
        same(page, PLAN, [f"gpu={gpu}", f"gpu_price={price}"])
        page.choose("gpu", "a100-80gb-sxm")
        page.tab.evaluate("id => choose(SIDES[0], SIDES[0].options.find((one) => one.id === id))", f"{gpu} 1")
        page.settle()
        assert page.tab.evaluate("[SIDES[0].picks.gpu, SIDES[0].values.gpu_price]") == [gpu, float(price)]
        page.tab.click("[data-reset=runtime]")
    page.tab.wait_for_function("() => /gpu=h100-sxm.*gpu_price=2.2.*price/.test(location.hash)")
    page.tab.wait_for_function("() => location.hash === hash()")  # with the runtime's reset too
    page.tab.reload()
    page.settle()
    page.choose("gpu", "h200-sxm")
    same(page, PLAN, ["gpu=h200-sxm", "gpu_price=2"])


def test_private_catalogue_stays_private(opened: Opened, tmp_path: Path) -> None:
    """Of a catalogue that is not open a page names what the plan chose, and no other entry."""
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    write(OWN, outside / "own.yaml")
    write("catalogue: ../outside/own.yaml\ngpu: acme-one\ndau: 1M\n", inside / "plan.yaml")
    page = opened(str(inside / "plan.yaml"))
    text = (tmp_path / "plan.html").read_text(encoding="utf-8")

    assert "our-film" not in text
    assert held(page, [{}], str(inside / "plan.yaml")) == 1


def test_reader_chooses(opened: Opened) -> None:
    """An option that is chosen changes inputs, figures and the title, stands in the address, and goes with a reset."""
    page = opened(PLAN)
    before = page.figures()
    page.choose("gpu", "b200-hgx")
    page.choose("runtime", "engine")
    same(page, PLAN, ["gpu=b200-hgx", "runtime=engine"])

    assert page.tab.input_value("#input-0-gpu_price") == "6.79 USD"
    assert "b200-hgx" in page.tab.inner_text("[data-title]")
    page.tab.wait_for_function("() => location.hash === '#gpu=b200-hgx&runtime=engine'")
    page.tab.reload()
    assert page.tab.input_value("select[data-choice=gpu]") == "b200-hgx"
    same(page, PLAN, ["gpu=b200-hgx", "runtime=engine"])
    page.tab.click("#reset-all")
    assert page.figures() == before


def test_order_of_choosing_counts_for_nothing(opened: Opened) -> None:
    """A kernel that is chosen where it is usual stays when the GPU is changed, as its flag would.

    Two readers who choose alike see alike.
    """
    page = opened("scenarios/million-clips.yaml")
    flags = [("attention_kernel", "sdpa"), ("gpu", "a100-80gb-sxm"), ("runtime", "engine")]
    found = []
    for order in (flags, flags[::-1]):
        page.reset()
        for name, option in order:
            page.choose(name, option)
        found.append(page.figures())

    assert found[0] == found[1]


def test_option_that_needs_more_says_why(opened: Opened) -> None:
    """A kernel of another generation, a format without a peak and a cache of another model can't be chosen.

    They say why.
    """
    page = opened(PLAN)
    for name, option, reason in (
        ("attention_kernel", "fa4", "does not run on hopper GPUs"),
        ("compute_precision", "fp4", "`h100-sxm` has no fp4 peak; it has"),
        ("distilled", "turbodiffusion-4", "not in the catalogue for wan2.2-t2v-a14b"),
    ):
        place = page.tab.locator(f"select[data-choice={name}] option[value={option}]")
        assert place.is_disabled()
        assert reason in place.text_content()


def test_what_the_command_line_refuses_changes_nothing(opened: Opened) -> None:
    """Few steps beside a step cache, and a limit that holds no replica, are refused with a reason.

    The answer stays.
    """
    page = opened(PLAN)
    for texts, name in ((("magcache-e006k2r04", "3"), "steps"), ((None, "1"), "gpu_limit")):
        page.reset()
        if texts[0]:
            page.choose("step_cache", texts[0])
        if name == "gpu_limit":
            page.tab.evaluate("changeInput(SIDES[0], 'gpus_per_replica', '8')")
        before = page.figures()
        page.tab.evaluate("([name, text]) => changeInput(SIDES[0], name, text)", [name, texts[1]])
        page.settle()

        assert page.tab.text_content(f"#input-0-{name}-error") != ""
        assert page.figures() == before


MIX = "scenarios/price-list.yaml"


def test_mix_is_the_command_line(opened: Opened, tmp_path: Path) -> None:
    """A mix on the page is the estimate with those flags, and so is its file.

    It is so for every GPU, what parts set and leave, drawn pairs, and each part's figures.
    """
    pins = ["mix.preview.video_size=0.5MB"]
    page = opened(MIX, "--set", "mix.hd.share=20%", "--pin", *pins)
    own = ["mix.hd.share=20%"]
    assert (
        held(
            page, [{}, {"steps": "10"}, {"target_latency": "5 min"}, *every("gpu")[::3], *pairs(7, 60)], MIX, own, pins
        )
        > 40
    )
    assert held(page, OF_PARTS, MIX, own, pins) == len(OF_PARTS) - 2

    typed = OF_PARTS[6]
    there = plan_of(write(page.tab.evaluate(SENT, [*typed.items()]), tmp_path / "sent.yaml"))
    page.tab.wait_for_function("() => location.hash.includes('mix.teaser.share=22.5%25')")
    page.tab.reload()
    page.settle()
    plan = plan_of(MIX, [*own, *(f"{name}={text}" for name, text in typed.items())], pins)
    assert there.figures == close_to(plan.figures)
    assert {name: float(value) if value else None for name, (value, _text) in page.figures().items()} == close_to(
        plan.figures
    )
    assert page.tab.input_value("[data-assumption='mix.teaser.share']") == "22.5%"
    found = page.values_at("[data-part-figure]", "dataset.partFigure", "dataset.value")
    assert len(found) == 8 * len(plan.parts) == 40
    for name, value in found:
        part = next(one for one in plan.parts if name.startswith(f"mix.{one.name}."))
        clip, sold = (part.figures[one] for one in ("cost_per_video", "revenue_per_video"))
        margin = 1 - clip / sold if sold else math.nan
        money = {
            "gross_margin": margin,
            "break_even_price": clip / (part.figures["paid_seconds_per_video"] or math.nan),
        }
        wanted = {**part.values, **part.figures, **money, "share": part.share}[name.split(".")[2]]
        assert float(value or "nan") == pytest.approx(wanted, rel=1e-9, nan_ok=True), name
    assert page.tab.evaluate("[SIDES[0].kind, SIDES[0].error.low]") == [
        plan.evidence,
        pytest.approx(plan.model_error.low),
    ]


ADDED = {"share": "25%", "price_per_video_second": "0.3 USD", "steps": "12", "width": "640"}


@pytest.mark.parametrize("path", [PLAN, MIX, "scenarios/two-stage.yaml"])
def test_products_are_those_of_the_file(opened: Opened, path: str, tmp_path: Path) -> None:
    """A product is added, its share, price and clip are changed: every figure is that of the file that the page writes.

    The link keeps it, and without it the plan is as it was.
    """
    page = opened(path)
    before = page.figures()
    page.tab.click("[data-add-product]")  # without a name: it is asked for
    assert page.tab.evaluate("document.activeElement.dataset.productName") == "0"
    assert page.tab.locator("[data-remove-product]").count() == 0
    for name in ("promo", "poster"):
        page.tab.fill("[data-product-name]", name)
        page.tab.click("[data-add-product]")
    assert page.tab.evaluate("document.activeElement.dataset.assumption").endswith(".share")
    first, second = (
        button.get_attribute("data-remove-product") for button in page.tab.locator("[data-remove-product]").all()
    )
    assert (first, second) == ("promo", "poster")
    for name, text in ADDED.items():
        page.type(f"mix.{first}.{name}", text)
    page.choose("gpu", "h200-sxm")
    for _reload in range(2):
        page.download(tmp_path / "plan.yaml")
        plan = plan_of(tmp_path / "plan.yaml")
        assert {name: float(value) if value else None for name, (value, _text) in page.figures().items()} == close_to(
            plan.figures
        )
        assert {first, second} < {part.name for part in plan.parts}
        page.tab.wait_for_function("name => location.hash.includes(name)", arg=str(second))
        page.tab.reload()
        page.settle()
    for name in (first, second):
        page.tab.click(f"[data-remove-product={name}]")
    page.tab.click("[data-reset=gpu]")
    page.settle()
    assert page.figures() == before


APART = """
dau: 20K
pins: {gpu_seconds_per_video: 240 s}
mix:
  clip: {share: 60%, target_latency: 10 min}
  hd: {share: 20%, pins: {gpu_seconds_per_video: 900 s}}
  take: {duration: 8 s, pins: {gpu_seconds_per_video: 2 h}}
"""


def test_parts_keep_their_own_pins_and_promises(opened: Opened, tmp_path: Path) -> None:
    """A pin that some parts replace is the others' own, also in the file that the page writes.

    Long clips that promise nothing make no other part late.
    """
    plan = plan_of(write(APART, tmp_path / "apart.yaml"))
    page = opened(str(tmp_path / "apart.yaml"))
    shown = dict(page.values_at("[data-part-figure]", "dataset.partFigure", "dataset.value"))
    for part in plan.parts:
        for name in ("generation_latency", "latency_p95", "gpus"):
            assert float(shown[f"mix.{part.name}.{name}"]) == pytest.approx(part.figures[name], rel=1e-9)
    assert page.tab.evaluate("late(SIDES[0].figures)") is False
    assert page.tab.evaluate("SIDES[0].figures.latency_slack") == pytest.approx(plan.known["latency_slack"])
    page.download(tmp_path / "alone.yaml")
    assert plan_of(tmp_path / "alone.yaml").figures == close_to(plan.figures)


STAGES = "scenarios/two-stage.yaml"
# Parts: one keeps the plan's stages, one changes and pins them, and one has none of the first, and pixels between two.
STAGED_MIX = f"""extends: {Path(STAGES).resolve()}
stages: {{base: {{decoded: true, attention_sparsity: 30%}}}}
mix:
  as_is: {{share: 50%}}
  other: {{share: 30%, duration: 8 s, steps: 12, stages: {{
    2: {{resolution: 1280x704, pins: {{denoising_seconds: 9 s}}}}, 1: {{}}}}}}
  plain: {{resolution: 1280x704, steps: 20, stages: {{base: null, refine: {{resolution: null, steps: null}}}}}}
"""
SENT = (
    "flags => { forgetAll(SIDES[0]); "
    "for (const [name, text] of flags) take(SIDES[0], { [name]: text }); return overlay(SIDES[0]); }"
)


@pytest.mark.parametrize(
    ("staged", "own", "pins"),
    [
        ("", [], []),
        (
            "",
            ["stages.base.decoded=true", "stages.refine.steps=4"],
            ["stages.base.denoising_seconds=9 s", "vae_encode_seconds=1 s"],
        ),
        (STAGED_MIX, ["mix.other.stages.base.steps=6"], []),
    ],
    ids=["plain", "flags", "mix"],
)
def test_stages_are_the_command_line(
    opened: Opened, staged: str, own: list[str], pins: list[str], tmp_path: Path
) -> None:
    """Clips in stages on the page are the estimate with those flags.

    This holds for every figure, what a stage shows, the evidence, and the plan that is sent.
    """
    path = write(staged, tmp_path / "mix.yaml") if staged else STAGES
    words = [word for flag, texts in (("--set", own), ("--pin", pins)) for text in texts for word in (flag, text)]
    page = opened(path, *words)
    cases: list[Flags] = [
        {},
        {"steps": "10"},
        {"duration": "8 s"},
        {"step_cache": "none", "fps": "30"},
        *every("gpu")[::6],
        *pairs(8, 40),
    ]
    assert held(page, cases, path, own, pins) > 24
    typed = (
        {"mix.other.stages.2.steps": "5", "mix.as_is.stages.base.width": "640", "mix.plain.share": "40%"}
        if staged
        else {"stages.base.width": "640", "stages.refine.passes_per_step": "2"}
    )
    assert held(page, [typed], path, own, pins) == 1

    flags = {"gpu": "b200-hgx", "passes_per_step": "2", "fps": "30", **typed}
    sent = write(page.tab.evaluate(SENT, [*flags.items()]), tmp_path / "sent.yaml")
    plan, there = plan_of(path, [*own, *(f"{name}={text}" for name, text in flags.items())], pins), plan_of(sent)
    assert there.figures == close_to(plan.figures)
    made = [(f"{part.name}.{stage.name}", stage.figures) for part in plan.parts for stage in part.stages]
    made = made or [(stage.name, stage.figures) for stage in plan.stages]
    shown = {
        name: float(value)
        for name, value in page.values_at("[data-stage-figure]", "dataset.stageFigure", "dataset.value")
    }
    wanted = {
        f"{name}.{figure}": found[figure] for name, found in made for figure in ("visual_tokens", "denoising_seconds")
    }
    wanted |= {f"{name}.vae_seconds": found["vae_decode_seconds"] + found["vae_encode_seconds"] for name, found in made}
    assert shown == pytest.approx(wanted, rel=1e-9)
    error = [plan.model_error.low, plan.model_error.high]
    assert page.tab.evaluate("[SIDES[0].kind, SIDES[0].error.low, SIDES[0].error.high]") == [
        plan.evidence,
        *map(pytest.approx, error),
    ]
