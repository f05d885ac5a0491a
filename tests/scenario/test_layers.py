"""Layers: what a choice replaces and what stays, and that every way to lay a flag gives one plan."""

from pathlib import Path

import pytest

from shared import refusal, write
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.scenario.layers import file_layers
from t2v_capacity.scenario.load import DEFAULT_KERNEL, load_scenario, merged, with_flags
from t2v_capacity.scenario.settings import Origin, Scenario
from texts import Recorded

BASE = """
model: wan2.2-t2v-a14b
gpu: h100-sxm
resolution: 720p
fps: 24
steps: 4
gpu_price: 1
gpus_per_server: 4
attention_kernel: fa3
"""


@pytest.fixture
def base(tmp_path: Path) -> str:
    """Return a scenario in which numbers were written by hand beside the choices that supply them."""
    return write(BASE, tmp_path / "base.yaml")


def _values(scenario: Scenario, *names: str) -> list[float]:
    return [scenario.values()[name] for name in names]


def test_a_date_is_a_day_of_the_calendar() -> None:
    """A plan is of the day that is asked for, and no plan is of a day that no calendar has."""
    assert load_scenario(None, as_of="2027-02-28").as_of == "2027-02-28"
    assert "`2027-02-30` is not a date" in refusal(load_scenario, None, as_of="2027-02-30")


def test_a_path_that_no_system_takes_is_refused() -> None:
    """A path with a zero character names no file, and is refused in words."""
    assert "can't be read: no file's name holds the character U+0000" in refusal(load_scenario, "a\0b.yaml")


@pytest.mark.parametrize("order", ["product.yaml, region.yaml", "region.yaml, product.yaml"])
def test_a_file_that_two_others_extend_lies_below_both(order: str, folder: Path) -> None:
    """Of two files over one base, the second resets nothing that the first says, in either order."""
    write("abstract: true\ndau: 100K\nregions: 1\ntarget_latency: 10 min\n", "base.yaml")
    write("extends: base.yaml\ndau: 2M\ntarget_latency: 5 min\n", "product.yaml")
    write("extends: base.yaml\nregions: 2\nregions_lost: 1\n", "region.yaml")
    plan = load_scenario(write(f"extends: [{order}]\nsteps: 20\n", folder / "plan.yaml"))

    assert _values(plan, "dau", "target_latency", "regions", "regions_lost", "steps") == [2e6, 300, 2, 1, 20]
    assert [Path(layer.file).name for layer in plan.layers[:1]] == ["base.yaml"]


def test_files_that_extend_one_twice_at_every_step_are_read_once(folder: Path) -> None:
    """Forty files, each of which extends the next one twice, are forty layers."""
    for index in range(40):
        write(f"extends: [{index + 1}.yaml, {index + 1}.yaml]\n", folder / f"{index}.yaml")
    write("dau: 2M\n", "40.yaml")
    layers = file_layers("0.yaml", [])

    assert [Path(layer.file).stem for layer in layers] == [str(index) for index in range(40, -1, -1)]


@pytest.mark.parametrize("choice", CHOICES)
def test_a_choice_in_force_changes_nothing_but_its_origin(base: str, choice: str) -> None:
    """Naming a choice in force already, by default or by an earlier layer, changes no value and warns of nothing."""
    for file in (base, "scenarios/start-up.yaml", "scenarios/lesson.yaml"):
        plan = load_scenario(file)
        again = load_scenario(file, [f"{choice}={plan.choices[choice].value}"])
        assert again.values() == plan.values()
        assert again.warnings == plan.warnings
        assert again.choices[choice].origin.kind == "flag"


@pytest.mark.parametrize("choice", CHOICES)
def test_a_default_that_is_named_changes_nothing(tmp_path: Path, choice: str) -> None:
    """A scenario that names a default is the scenario that leaves it out, and one that takes a choice away again."""
    empty = write("dau: 1M\n", tmp_path / "empty.yaml")
    other = write("dau: 1M\nmodel: wan2.1-t2v-14b\ngpu: b200-hgx\nprecision: fp8\n", tmp_path / "other.yaml")
    plain = load_scenario(empty).values()
    assert load_scenario(empty, [f"{choice}={CHOICES[choice].default or DEFAULT_KERNEL}"]).values() == plain
    assert load_scenario(other, ["model=null", "gpu=null", "precision=null"]).values() == plain


@pytest.mark.parametrize(
    ("gpu", "runtime", "usual"),
    [
        ("a100-80gb-sxm", "eager", "fa2"),
        ("l40s", "engine", "fa2"),
        ("b200-hgx", "eager", "cudnn"),
        ("h100-sxm", "", "fa3"),
    ],
)
def test_null_gives_a_kernel_back_to_its_gpu(tmp_path: Path, gpu: str, runtime: str, usual: str) -> None:
    """A kernel that is taken away again is the GPU's usual one, whichever layer names the GPU."""
    rest = f"dau: 1M\nruntime: {runtime or 'null'}\n"
    without = load_scenario(write(f"gpu: {gpu}\n{rest}", tmp_path / "without.yaml"))
    stated = write(f"attention_kernel: sdpa\ngpu: {gpu}\n{rest}", tmp_path / "stated.yaml")
    elsewhere = write(f"gpu: a100-80gb-sxm\nattention_kernel: fa2\n{rest}", tmp_path / "elsewhere.yaml")
    for plan in (
        load_scenario(stated, ["attention_kernel=null"]),
        load_scenario(elsewhere, ["attention_kernel=null", f"gpu={gpu}"]),
        load_scenario(elsewhere, [f"gpu={gpu}", "attention_kernel=null"]),
        with_flags(load_scenario(elsewhere, ["attention_kernel=null"]), [f"gpu={gpu}"]),
    ):
        assert plan.option("attention_kernel") == without.option("attention_kernel") == usual
        assert plan.values() == without.values()
        assert not plan.by_hand("attention_kernel")


@pytest.mark.parametrize("gpu", ["gb200-nvl72", "h100-sxm", "a100-80gb-sxm"])
def test_a_stated_kernel_runs_as_the_model_of_a_later_layer_calls_it(tmp_path: Path, gpu: str) -> None:
    """PyTorch's own choice for a model that masks its attention is slower, whichever layer names the model."""
    stated = write(f"model: wan2.1-t2v-14b\ngpu: {gpu}\nattention_kernel: sdpa\n", tmp_path / "stated.yaml")
    flags = [f"gpu={gpu}", "attention_kernel=sdpa", "model=hunyuanvideo"]
    later, together = load_scenario(stated, ["model=hunyuanvideo"]), load_scenario(None, flags)

    (masked,), (plain,) = _values(later, "attention_efficiency"), _values(load_scenario(stated), "attention_efficiency")
    assert masked == together.values()["attention_efficiency"] < plain / 1.5


def test_what_is_asked_of_a_model_stays(base: str, recorded: Recorded) -> None:
    """Another model brings its own numbers, with a warning that names each place.

    The frame and the frame rate that were asked for stay.
    """
    file = write("extends: base.yaml\npasses_per_step: 1\n", Path(base).with_name("more.yaml"))
    plan = load_scenario(file, ["model=hunyuanvideo"])
    assert _values(plan, "width", "height", "fps", "steps") == [1280, 720, 24, 50]
    (warning,) = plan.warnings
    assert (warning.code, warning.names) == ("override-replaced", ("model", "steps", "passes_per_step"))
    recorded(warning.message)


def test_how_gpus_are_rented_stays(base: str) -> None:
    """Another GPU brings its own price, with a warning.

    The GPUs a server stay, and so does a kernel that runs there. Another kernel does not.
    """
    plan = load_scenario(base, ["gpu=h200"])
    assert _values(plan, "gpus_per_server") == [4]
    assert _values(plan, "gpu_price") != [1]
    assert plan.choices["attention_kernel"].value == "fa3"
    assert [warning.names for warning in plan.warnings] == [("gpu", "gpu_price")]
    plan = load_scenario(base, ["gpu=l40s"])
    assert plan.choices["attention_kernel"].value != "fa3"
    (replaced,) = [warning for warning in plan.warnings if "attention_kernel" in warning.names]
    assert f"`attention_kernel: fa3` ({base}:9:19)" in replaced.message


@pytest.mark.parametrize("gpu", Catalogue().names("gpus"))
def test_a_gpu_says_how_many_stand_in_a_server(base: str, gpu: str, tmp_path: Path) -> None:
    """A rack's GPUs come by the tray, others by the usual board, until a number is written, which stays.

    A further GPU brings its own.
    """
    expected = {"gb200-nvl72": 4, "gb300-nvl72": 4, "ascend-910c-die": 16}.get(gpu, 8)
    later = write(f"gpu: {gpu}\ndau: 1M\n", tmp_path / "later.yaml")
    for sets, wanted in (
        ([], expected),
        (["gpu=gb300"], 4),
        (["gpu=h200"], 8),
        (["gpu=null"], 8),
        (["gpus_per_server=2"], 2),
    ):
        assert _values(load_scenario(later, sets), "gpus_per_server") == [wanted]
    assert not load_scenario(later, ["gpus_per_server=2", f"gpu={gpu}"]).warnings
    assert _values(load_scenario(base, [f"gpu={gpu}"]), "gpus_per_server") == [4]
    assert _values(load_scenario(base, [f"gpu={gpu}", "gpus_per_server=null"]), "gpus_per_server") == [expected]


@pytest.mark.parametrize(
    ("choice", "one", "other", "name", "said", "usual"),
    [
        ("gpu", "b200-hgx", "l40s", "rated_power_factor", 1.79, 1.82),
        ("gpu", "gb200-nvl72", "mi300x", "rated_power_factor", 1.39, 1.82),
        ("model", "wan2.2-i2v-a14b", "wan2.2-t2v-a14b", "vae_encode_share", 0.575, 0),
    ],
)
def test_what_few_entries_say_goes_with_them(
    choice: str, one: str, other: str, name: str, said: float, usual: float, tmp_path: Path
) -> None:
    """A fact of few entries is supplied by those that have it, and is the default after another choice.

    What is written wins.
    """
    base = write(f"{choice}: {one}\n", tmp_path / "base.yaml")

    assert _values(load_scenario(base), name) == [said]
    assert _values(load_scenario(base, [f"{choice}={other}"]), name) == [usual]
    assert _values(load_scenario(base, [f"{choice}={other}", f"{choice}={one}"]), name) == [said]
    assert _values(load_scenario(base, [f"{name}=1.5"]), name) == [1.5]


def test_the_default_gpu_of_a_catalogue_of_ones_own_says_so_too(tmp_path: Path) -> None:
    """Servers that a user's entry writes for the default GPU count whether or not a GPU is named."""
    own = (
        "sources:\n  ours: {title: Our order, accessed: 2026-11-24}\n"
        "gpus:\n  h100-sxm: {source: ours, gpus_per_server: 2}\n"
    )
    write(own, tmp_path / "own.yaml")
    plan = write("catalogue: own.yaml\ndau: 1M\n", tmp_path / "plan.yaml")
    for sets in ([], ["gpu=h100-sxm"], ["gpu=null"]):
        assert _values(load_scenario(plan, sets), "gpus_per_server") == [2]
    assert [load_scenario(plan).choices[name].origin.kind for name in ("model", "gpu")] == [
        "default"
    ] * 2  # which nobody chose
    assert _values(load_scenario(plan, ["gpu=h200"]), "gpus_per_server") == [8]


@pytest.mark.parametrize(
    ("entry", "name", "amount"),
    [
        ("runtimes: {eager: {extends: eager, elementwise_factor: 1.7}}", "elementwise_factor", 1.7),
        ("deliveries: {clip: {extends: clip, service_variability: 2}}", "service_variability", 2),
        ("precisions: {bf16: {extends: bf16, bytes_per_parameter: 3 B}}", "bytes_per_parameter", 3),
        ("offloads: {none: {extends: none, encoder_resident: 0}}", "encoder_resident", 0),
        ("models: {mochi-1-preview: {extends: mochi-1-preview, steps: 30}}", "steps", 30),
        ("gpus: {h100-sxm: {extends: h100-sxm, gpu_price: 2}}", "gpu_price", 2),
    ],
)
def test_own_entries_of_default_options_count(entry: str, name: str, amount: float, tmp_path: Path) -> None:
    """A user's entry of a default option holds whether a plan names the option or not."""
    own = write(f"{entry}\n", tmp_path / "own.yaml")

    assert load_scenario(None, ["dau=1M"], catalogues=[own]).values()[name] == amount
    assert load_scenario(None, ["dau=1M"]).values()[name] != amount


def test_what_a_model_implies_is_its_own(tmp_path: Path) -> None:
    """Another model brings how text reaches its tokens, whatever was chosen for the one before, with a warning.

    A kernel stays.
    """
    for text, names in (
        ("text_attention: joint\nattention_kernel: fa2\n", "text_attention"),
        ("text_in_sequence: 1\n", "text_in_sequence"),
    ):
        plan = load_scenario(write(f"model: mochi-1-preview\n{text}", tmp_path / "base.yaml"), ["model=wan2.1-t2v-14b"])
        assert plan.choices["text_attention"].value == "cross"
        assert ("attention_kernel" in text) == (plan.choices["attention_kernel"].value == "fa2")
        assert _values(plan, "text_in_sequence") == [0]
        assert [warning.names for warning in plan.warnings] == [("model", names)]
    assert load_scenario(None, ["dau=1M"]).choices["attention_kernel"] == ("fa3", Origin("default"), "")


def test_a_value_is_told_as_it_was_written(base: str, tmp_path: Path) -> None:
    """A value's text is that of the layer that counts.

    There is none of a default, of what a choice supplied, or of a number.
    """
    plan = load_scenario(base, ["fps=2_4", "model=hunyuanvideo"])
    assert [plan.written_text(name) for name in ("fps", "gpu_price", "steps", "dau")] == ["2_4", "1", "", ""]
    assert with_flags(plan, (), {"fps": 8.0}).written_text("fps") == ""
    assert load_scenario(base, ["fps=2_4"]).as_written("fps") == "2_4"
    write("width: 640\nheight: 352\n", framed := tmp_path / "framed.yaml")
    widths = [load_scenario(str(framed), sets).as_written("width") for sets in ((), ("resolution=480p",))]
    assert widths == ["640", None]
    assert load_scenario(base, ["bitrate=2 Mbps"]).bitrates() == []
    assert len(load_scenario(base).bitrates()) > 1


def test_a_layer_knows_its_file_and_a_number_its_flag() -> None:
    """A layer has the name of its file, and a number in base units the flag that would say it."""
    plan = with_flags(load_scenario("scenarios/mochi.yaml"), numbers={"gpus": 7.0, "dau": 5.0})
    assert [layer.file for layer in plan.layers][:1] == ["scenarios/mochi.yaml"]
    assert [str(plan.setting(name).origin) for name in ("gpus", "dau")] == ["--pin gpus=7.0", "--dau 5 users"]


def test_laid_flags_are_one_layer_with_those_before() -> None:
    """Flags that are laid later stand beside the scenario's own, if any, and the later of two flags counts.

    A price stays that of the GPU for which it was written.
    """
    file, changes = "scenarios/wan2.2-h100.yaml", ["gpu=b200-hgx", "steps=30"]
    for plan, own in (
        (load_scenario(file, ["retention=9 d", "steps=20"]), ["retention=9 d"]),
        (merged(file_layers(file, []), []), []),
    ):
        there, loaded = (
            with_flags(plan, changes, {"dau": 5e5}, ["gpus=7"]),
            load_scenario(file, [*own, *changes, "dau=500K"], ["gpus=7"]),
        )
        assert (there.values(), there.warnings) == (loaded.values(), loaded.warnings)
    priced = with_flags(load_scenario(file, ["gpu_price=1"]), changes)
    assert priced.values()["gpu_price"] == load_scenario(file, changes).values()["gpu_price"] != 1
    assert load_scenario(file, ["gpu_price=1", *changes]).values()["gpu_price"] == 1


def test_what_flags_say_of_a_stage_is_laid_on_what_flags_said() -> None:
    """Whether a stage is decoded stays as a flag said until a later one says otherwise."""
    said = load_scenario("scenarios/two-stage.yaml", ["stages.base.decoded=true"])
    decodes = [
        [stage.decodes for stage in with_flags(said, [text]).stages]
        for text in ("steps=9", "stages.base.steps=9", "stages.base.decoded=false")
    ]
    assert decodes == [[True, True], [True, True], [False, True]]


def test_a_share_has_the_place_where_it_was_said() -> None:
    """A part's share is the file's until a flag says another; the others' then follow, and are the file's still."""
    said = load_scenario("scenarios/price-list.yaml", ["mix.hd.share=20%"])
    shares = {part.name: part.share.origin for part in said.parts}
    assert {name for name, origin in shares.items() if origin.kind == "file"} == {"long", "teaser", "preview"}
    assert (shares["standard"].kind, shares["hd"].kind) == ("default", "flag")
    assert [name for name, origin in shares.items() if not origin.place] == ["standard"]


@pytest.mark.parametrize(
    ("text", "by_hand"), [("dau: 1M", False), ("width: 848", True), ("height: 480", True), ("bitrate: 2 Mbps", True)]
)
def test_a_bitrate_follows_a_frame_that_is_written(text: str, by_hand: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """A bitrate keeps its default until a side of the frame is written, or itself; then it says where it comes from."""
    file = write(f"{text}\n", tmp_path / "plan.yaml")
    assert (load_scenario(file).settings["bitrate"].origin.kind != "default") == by_hand


@pytest.mark.parametrize(
    "text",
    [
        "abstract: false",
        "traffic:",
        "pins:",
        "pins: {}",
        "catalogue: []",
        "extends: []",
        "patch: [1, 2, 2]",
        "steps: null",
    ],
)
def test_an_empty_form_is_no_mistake(text: str, folder: Path) -> None:
    """A section, pins or a list without a line says nothing, and so does a base that is none."""
    write("dau: 1M\n", folder / "plain.yaml")
    write(f"dau: 1M\n{text}\n", folder / "plan.yaml")
    assert load_scenario("plan.yaml").values() == load_scenario("plain.yaml").values()


def test_a_pin_may_be_a_range(folder: Path) -> None:
    """A pin written by its ends is the range that `to` writes, with its middle where there is one.

    Its point is between them.
    """
    write(
        "dau: 1M\npins: {video_size: {low: 1 MB, high: 4 MB}, gpus: {low: 10, mid: 30, high: 40, note: a guess}}\n",
        folder / "plan.yaml",
    )
    write("dau: 1M\npins: {video_size: 1 MB to 4 MB}\n", folder / "text.yaml")
    plan, text = load_scenario("plan.yaml"), load_scenario("text.yaml")
    assert plan.ranges() == {"video_size": (1e6, 4e6, None), "gpus": (10, 40, 30)}
    assert plan.pins["video_size"].value == text.pins["video_size"].value
    assert plan.values()["video_size"] == pytest.approx(2e6)
    assert plan.values()["gpus"] == 30
    assert plan.pins["gpus"].note == "a guess"


CURVE = [0.5] * 12 + [1.0] * 11 + [2]


@pytest.fixture
def curved(tmp_path: Path) -> str:
    """A plan with a curve of the day over a plan with a peak of its own, and zones that would flatten it."""
    write("peak_to_average: 3\ntime_zones: 12\n", tmp_path / "below.yaml")
    text = (
        f"traffic:\n  day_curve: {{value: {CURVE}, source: our log}}\n"
        "mix: {hd: {width: 1280, share: 20%}, sd: {}}\n"
    )
    return write(f"extends: below.yaml\n{text}", tmp_path / "curved.yaml")


def test_a_curve_supplies_its_peak_and_is_kept(curved: str) -> None:
    """A curve of the day supplies the peak, is not flattened by zones, and lies in every scenario made of the plan."""
    plan = load_scenario(curved)
    values, others = (
        plan.values(),
        (with_flags(plan, ["dau=5M"], {"growth_per_month": 0.1}), plan.but(name="x"), plan.parts[0].scenario),
    )
    assert plan.day_curve == pytest.approx([rate * 24 / sum(CURVE) for rate in CURVE])
    assert values["peak_to_average"] == pytest.approx(2 * 24 / sum(CURVE))
    assert values["time_zones"] == 0
    assert plan.settings["peak_to_average"].source == "our log"
    assert all(other.day_curve == plan.day_curve for other in others)
    flagged = load_scenario(None, [f"day_curve={','.join(map(str, CURVE))}"])
    assert flagged.day_curve == plan.day_curve
    assert load_scenario(None, ["dau=5M"]).day_curve == ()


@pytest.mark.parametrize("flag", ["peak_to_average=2", "time_zones=8", "peak_to_average=2 to 3"])
def test_a_later_peak_drops_the_curve(curved: str, flag: str) -> None:
    """A flag that says another peak, or zones, drops the curve, of the plan and its parts.

    A warning names both places.
    """
    plan = load_scenario(curved, [flag])
    (warning,) = plan.warnings
    assert plan.day_curve == plan.parts[0].scenario.day_curve == ()
    assert (warning.code, warning.names) == ("override-replaced", (flag.partition("=")[0], "day_curve"))
    assert f"`day_curve` ({curved}:3:22)" in warning.message
    assert (
        load_scenario(curved, ["day_curve=null"]).day_curve
        == load_scenario(curved, ["peak_to_average=null"]).day_curve
        == ()
    )
    assert load_scenario(curved, ["day_curve=null"]).values()["peak_to_average"] == 1.7


@pytest.mark.parametrize("nothing", ["null", "~", ""])
def test_null_takes_away(tmp_path: Path, nothing: str) -> None:
    """A null in a file takes away what the file that it extends has set: a number, a choice, a pin."""
    write("dau: 5M\nmodel: wan2.2\npins: {video_size: 1 MB}\n", tmp_path / "base.yaml")
    text = f"extends: base.yaml\ndau: {nothing}\nmodel: {nothing}\npins:\n  video_size: {nothing}\n"
    write(text, tmp_path / "child.yaml")
    child = load_scenario(str(tmp_path / "child.yaml"))

    assert child.settings["dau"].origin.kind == "default"
    assert child.choices["model"].origin.kind == "default"
    assert child.pins == {}


@pytest.mark.usefixtures("folder")
def test_all_prices_that_are_set_aside_are_named() -> None:
    """Another GPU has neither of two prices; both are named with their lines."""
    (warning,) = load_scenario(write("gpu: h100-sxm\ngpu_price: 3\nreserved_price: 2\n"), ["gpu=l40s"]).warnings
    assert warning.message == (
        "`gpu: l40s` (--gpu l40s) sets aside prices of h100-sxm: `gpu_price` (my.yaml:2:12), "
        "`reserved_price` (my.yaml:3:17)"
    )


def test_a_flag_may_have_hyphens() -> None:
    """A name after `--set` is read with hyphens too, as the flag of that name is."""
    assert load_scenario(None, ["peak-to-average=2"]).settings["peak_to_average"].value == 2
