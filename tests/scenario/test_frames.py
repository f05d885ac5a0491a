"""A frame by name, such as 480p: the model's own of that height, where it has one."""

from itertools import pairwise

import pytest

from shared import Program, plan_of, write
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.plan.estimate import Estimate

pytestmark = pytest.mark.usefixtures("folder")
OWN = "resolutions:\n  480p: {label: ours, source: mine, width: 850, height: 480, bitrate: 3 Mbps}\n"


def frame(plan: Estimate) -> tuple[float, float]:
    """Return the sides of a plan's frame."""
    return plan.known["width"], plan.known["height"]


@pytest.mark.parametrize(
    ("model", "name", "sides"),
    [
        # The sizes of the models' own repositories: Wan's `--size 832*480`, TI2V's 720P of 1280*704, Mochi's 848x480.
        ("wan2.1-t2v-14b", "480p", (832, 480)),
        ("wan2.2-t2v-a14b", "720p", (1280, 720)),
        ("wan2.2-ti2v-5b", "720p", (1280, 704)),
        ("mochi-1-preview", "480p", (848, 480)),
        ("cogvideox-5b", "480p", (720, 480)),
        # None of that height: 16:9 of YouTube's table, https://support.google.com/youtube/answer/6375112.
        ("hunyuanvideo", "480p", (854, 480)),
        ("wan2.2-t2v-a14b", "1080p", (1920, 1080)),
    ],
)
def test_a_named_frame_is_the_model_s_own(model: str, name: str, sides: tuple[int, int], t2v_cap: Program) -> None:
    """What the model's authors call 480p or 720p is meant, and the title shows it."""
    write("dau: 1M\n")
    flags = ["--model", model, "--resolution", name]

    assert frame(plan_of("my.yaml", [f"model={model}", f"resolution={name}"])) == sides
    assert f"{model}, {sides[0]}x{sides[1]}," in t2v_cap("estimate", "my.yaml", *flags).out.replace("\n", " ")


def test_a_named_frame_follows_the_model() -> None:
    """Another model brings its own frame, to the parts of a mix too; a side that is written stays as it is."""
    write("dau: 1M\nmodel: wan2.1-t2v-14b\nresolution: 480p\n")
    write("dau: 1M\nmodel: mochi-1-preview\nmix:\n  all: {resolution: 480p}\n", "mix.yaml")

    assert frame(plan_of("my.yaml")) == (832, 480)
    assert frame(plan_of("my.yaml", ["model=mochi-1-preview"])) == (848, 480)
    assert frame(plan_of("my.yaml", ["model=hunyuanvideo"])) == (854, 480)
    assert frame(plan_of("my.yaml", ["model=mochi-1-preview", "width=640"])) == (640, 480)
    for model, width in (("mochi-1-preview", 848), ("cogvideox-5b", 720)):
        (part,) = plan_of("mix.yaml", [f"model={model}"]).parts
        assert part.values["width"] == width


def test_a_frame_of_a_user_s_own_holds_for_every_model() -> None:
    """A catalogue that says what 480p is means it, whatever the model's own frame is."""
    write(OWN, "own.yaml")
    write("dau: 1M\ncatalogue: own.yaml\nmodel: wan2.1-t2v-14b\nresolution: 480p\n")

    assert frame(plan_of("my.yaml")) == (850, 480)


@pytest.mark.usefixtures("folder")
def test_the_source_of_a_named_frame_is_its_own() -> None:
    """A frame that was written with a source keeps it: the model's own sides are no reason to name another."""
    text = "model: wan2.1-t2v-14b\nresolution: {value: 480p, source: 'our app, 2026-11'}\n"
    settings = plan_of(write(text)).scenario.settings
    assert [settings[side].source for side in ("width", "height")] == ["our app, 2026-11"] * 2


def bitrate(frame: str) -> float:
    """Return the bitrate of a frame, in Mbit/s."""
    return plan_of(write("dau: 1M\n"), [f"resolution={frame}"]).known["bitrate"] / 1e6


@pytest.mark.parametrize(
    ("frame", "rate"),
    [
        # YouTube's rows, also for the whole latents and for the models' own frames next to them.
        *((frame, 2.5) for frame in ("854x480", "832x480", "864x480")),
        *((frame, 5) for frame in ("1280x720", "1280x704", "1280x736", "720x1280")),
        *((frame, 8) for frame in ("1920x1080", "1920x1088")),
        # Below and above all rows.
        ("256x256", 1),
        ("7680x4320", 40),
        # As many pixels as the geometric mean of two rows: 1,382,400 = sqrt(1280 x 720 x 1920 x 1080).
        ("1440x960", (5 * 8) ** 0.5),
        ("2304x1200", (8 * 16) ** 0.5),
    ],
)
def test_a_bitrate_is_that_of_a_named_frame_or_between_two(frame: str, rate: float) -> None:
    """A frame near a row has its bitrate, and halfway between two, in logarithms, the mean of theirs."""
    assert bitrate(frame) == pytest.approx(rate, rel=1e-12)


def test_a_user_s_own_frame_has_its_own_bitrate() -> None:
    """Each named frame keeps its bitrate, also where a user names one next to another."""
    write(
        "resolutions:\n  1088p: {label: ours, source: mine, width: 1920, height: 1088, bitrate: 12 Mbps}\n", "own.yaml"
    )
    write("dau: 1M\ncatalogue: own.yaml\n")

    rates = {"1088p": 12, "1920x1088": 12, "1080p": 8, "720p": 5, "1872x1080": 8, "1920x1100": 12}
    for frame, rate in rates.items():
        assert plan_of("my.yaml", [f"resolution={frame}"]).known["bitrate"] == rate * 1e6


def test_a_larger_frame_jumps_to_no_other_bitrate() -> None:
    """From 360p to 2160p each wider frame has at most 1.6 times as many percent more bits as pixels."""
    widths = range(640, 3840, 16)
    rates = [Catalogue().bitrate(width * width * 9 / 16)[0] for width in widths]

    for (width, rate), (wider, more) in pairwise(zip(widths, rates, strict=True)):
        assert 1 <= more / rate <= (wider / width) ** 3.6, width
