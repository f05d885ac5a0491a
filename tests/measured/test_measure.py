"""The printed lines time the plan's own clip with documented options, and are read back as that clip."""

import json
import re
import shlex
import sys
from pathlib import Path
from time import sleep
from types import ModuleType, SimpleNamespace

import pytest

from shared import Program, write
from t2v_capacity.measured.runs.reading import read_runs

# The options of each program, as its documentation lists them (read 2026-11; the places stand in engines.yaml).
DOCUMENTED = {
    "vllm serve": {"--omni", "--port", "--usp", "--enable-cpu-offload"},
    "python3 benchmarks/diffusion/diffusion_benchmark_serving.py": {
        *("--base-url", "--model", "--task", "--dataset", "--num-prompts", "--max-concurrency", "--width", "--height"),
        *("--num-frames", "--num-inference-steps", "--fps", "--output-file"),
    },
    "sglang generate": {
        *("--model-path", "--prompt", "--width", "--height", "--num-frames", "--num-inference-steps", "--num-gpus"),
        *("--ulysses-degree", "--perf-dump-path", "--text-encoder-cpu-offload", "--dit-cpu-offload"),
        *("--dit-layerwise-offload", "--vae-cpu-offload", "--adjust-frames", "--warmup"),
    },
}
# What FastVideo's contributing page asks of a benchmark.
BENCHMARK = {
    *("benchmark_id", "model", "init_kwargs", "generation_kwargs", "test_prompts", "run_config", "thresholds"),
}
PLAN = "model: wan2.2\ngpu: h100\nruntime: engine\nwidth: 1280\nheight: 720\nsteps: 30\ngpus_per_replica: 4\n"


@pytest.fixture(autouse=True)
def plan_at_hand(folder: Path) -> None:
    """Work in a folder that holds a plan."""
    write(PLAN, folder / "plan.yaml")


def test_every_option_is_documented(t2v_cap: Program) -> None:
    """Each line of the servers and of `sglang generate` has documented options alone, with the plan's clip."""
    rows = t2v_cap("measure", "plan.yaml", "--format", "json").json["rows"]
    lines = [line for row in rows for line in row["lines"]]
    for program, options in DOCUMENTED.items():
        (line,) = (line for line in lines if line.startswith(program))
        used = [word for word in shlex.split(line) if word.startswith("--")]
        assert set(used) <= options, program
        assert re.search(r"--usp 4|--ulysses-degree 4|--width 1280 --height 720 --num-frames 81", line)
    calibrate = [line for line in lines if line.startswith("t2v-cap calibrate plan.yaml")]
    assert len(calibrate) == 3  # diffusers makes a clip on one GPU
    assert [row["note"] for row in rows if not row["lines"]] == [
        "diffusers makes a clip on one GPU, and the plan's group has 4"
    ]


def test_fastvideo_gets_the_benchmark_that_it_asks_for(t2v_cap: Program) -> None:
    """The JSON has the documented keys, and the plan's clip and group."""
    (row,) = t2v_cap("measure", "plan.yaml", "--with", "fastvideo", "--format", "json").json["rows"]
    benchmark = json.loads(shlex.split(row["lines"][0])[1])

    assert set(benchmark) == BENCHMARK
    assert benchmark["model"]["model_path"] == "Wan-AI/Wan2.2-T2V-A14B-Diffusers"
    assert benchmark["init_kwargs"]["num_gpus"] == benchmark["run_config"]["required_gpus"] == 4
    clip = {"width": 1280, "height": 720, "num_frames": 81, "num_inference_steps": 30, "fps": 16}
    assert benchmark["generation_kwargs"] == clip


def test_the_script_for_diffusers_writes_a_run_of_the_plan(t2v_cap: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its Python, run with a pipeline that makes nothing, writes a file that `calibrate` reads as the plan's clip."""
    options = ("--gpus-per-replica", "1", "--with", "diffusers", "--format", "json")
    (row,) = t2v_cap("measure", "plan.yaml", *options).json["rows"]
    asked: list[dict[str, object]] = []

    class Pipeline:
        """A pipeline that notes what it is asked for."""

        @classmethod
        def from_pretrained(cls, _repository: str, torch_dtype: str) -> "Pipeline":
            assert torch_dtype == "bf16"
            return cls()

        def to(self, _device: str) -> "Pipeline":
            return self

        def __call__(self, **clip: object) -> None:
            asked.append(clip)
            sleep(0.001)

    torch, diffusers = ModuleType("torch"), ModuleType("diffusers")
    vars(torch).update(cuda=SimpleNamespace(synchronize=lambda: None), bfloat16="bf16")
    vars(diffusers)["DiffusionPipeline"] = Pipeline
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "diffusers", diffusers)
    script = "\n".join(row["lines"][1 : row["lines"].index("END")])
    exec(compile(script, "measure", "exec"), {})  # noqa: S102 - what the command prints

    assert len(asked) == 4
    assert asked[0]["num_inference_steps"] == 30
    (run,) = read_runs("diffusers.csv")
    assert run.seconds is not None
    tables = (run.layer.choices, run.layer.numbers, run.layer.pins)
    assert {name: str(written.value) for table in tables for name, written in table.items()} == {
        "model": "wan2.2-t2v-a14b",
        "runtime": "eager",
        "width": "1280",
        "height": "720",
        "steps": "30",
        "gpus_per_replica": "1",
        "frames_per_video": "81",
    }


def test_an_engine_without_the_model_or_the_gpu_says_so(t2v_cap: Program) -> None:
    """Where an engine can't time the plan there are no lines, and the reason."""
    notes = {
        options: [row["note"] for row in t2v_cap("measure", "plan.yaml", *options, "--format", "json").json["rows"]]
        for options in (("--model", "mochi"), ("--gpu", "tpu-v6e", "--attention-kernel", "splash"))
    }
    (mochi, tpu) = notes.values()
    assert mochi[:3] == [
        f"it is not known that {engine} runs mochi-1-preview; if so, write `engines` and `repository` in its entry"
        for engine in ("vllm-omni", "sglang", "fastvideo")
    ]
    assert all("does not document GPUs of google" in note for note in tpu)


def test_a_mix_has_a_block_per_part(t2v_cap: Program) -> None:
    """Each part is timed with its own clip, and its last line calibrates with that clip."""
    parts = "mix:\n  short: {share: 60%, steps: 20}\n  long: {share: 40%, steps: 40}\n"
    write(f"gpu: h100\nmodel: wan2.2\n{parts}", "mix.yaml")
    rows = t2v_cap("measure", "mix.yaml", "--with", "sglang", "--format", "json").json["rows"]
    blocks = {row["part"]: row["lines"] for row in rows}

    assert {*blocks} == {"mix.short", "mix.long"}
    assert "--num-inference-steps 20" in blocks["mix.short"][0]
    assert "--steps=40" in blocks["mix.long"][-1]
    assert len({lines[-1].partition("--output ")[2] for lines in blocks.values()}) == 2  # none replaces another


GROUP = "gpus_per_replica: 4\nguidance_groups: 1\n"


@pytest.mark.parametrize(
    ("choices", "flags", "timed", "named"),
    [
        (
            "runtime: engine\nstep_cache: magcache-e006k2r04\noffload: encoder\n",
            (),
            "",
            "step_cache magcache-e006k2r04",
        ),
        ("distilled: lightning-4\n", ("--gpu", "h200", "--duration", "6 s"), "steps: 4\n", "distilled lightning-4"),
        ("passes_per_step: 1\ncompute_precision: fp8\n", (), "", "compute_precision fp8, passes_per_step 1"),
        ("gpus_per_replica: 4\nruntime: engine\n", (), GROUP, "guidance_groups 2"),
        ("gpus_per_replica: 4\nsharding: weights\n", (), GROUP, "sharding weights"),
    ],
)
def test_a_run_is_counted_as_the_clip_that_the_lines_make(
    choices: str, flags: tuple[str, ...], timed: str, named: str, t2v_cap: Program
) -> None:
    """Lines that set no cache, checkpoint or guidance make a plain clip: its seconds leave the efficiencies alone.

    The seconds are those of a plan of that clip, written by hand. The flags given to `measure` are the run's too.
    """
    write("model: wan2.2\n" + choices, "own.yaml")
    write("model: wan2.2\nruntime: engine\n" + timed, "timed.yaml")
    denoising = t2v_cap("estimate", "timed.yaml", *flags, "--format", "json").json["figures"]["denoising_seconds"][
        "value"
    ]
    (row,) = t2v_cap("measure", "own.yaml", *flags, "--with", "sglang", "--format", "json").json["rows"]
    steps = int(shlex.split(row["lines"][0])[shlex.split(row["lines"][0]).index("--num-inference-steps") + 1])
    stages = [{"name": "DenoisingStage", "duration_ms": denoising * 1000}]
    dump = {"total_duration_ms": denoising * 1100, "steps": stages, "denoise_steps_ms": [{"step": 0}] * steps}
    write(json.dumps(dump), "sglang.json")
    calibration = t2v_cap(*shlex.split(row["lines"][-1])[1:-2], "--format", "json").json

    assert named in row["note"]
    for efficiency in calibration["efficiencies"].values():
        assert efficiency["fitted"] == pytest.approx(efficiency["shipped"], rel=1e-6)
    assert [*calibration["gpus"]] == ["h200-sxm" if flags else "h100-sxm"]


def test_an_offloaded_plan_is_timed_offloaded(t2v_cap: Program) -> None:
    """Where the tool has an option for it the lines set it, and the run is counted so."""
    rows = {
        offload: t2v_cap("measure", "--model", "wan2.2", "--offload", offload, "--format", "json").json["rows"]
        for offload in ("encoder", "all")
    }
    (vllm_omni, _sglang, _fastvideo, diffusers), sglang = rows["all"], rows["encoder"][1]
    assert vllm_omni["lines"][0].endswith("--enable-cpu-offload &")
    assert "pipe.enable_model_cpu_offload()" in diffusers["lines"]
    assert "--text-encoder-cpu-offload true" in sglang["lines"][0]
    for row in (vllm_omni, diffusers, sglang):
        assert "offload" not in row["note"]
        assert "--offload=none" not in row["lines"][-1]


def test_a_model_of_ones_own_is_timed_if_it_is_a_fine_tune(t2v_cap: Program) -> None:
    """Of the same architecture it runs where its base does, with the base's weights until it names its own.

    An architecture of its own has neither the base's weights nor its engines.
    """
    known = "{repository: me/tuned, steps: 30}", "{steps: 30}", "{layers: 32}", "{layers: 32, model_params: 12B}"
    entries = [f"  mine{at}: {{extends: wan2.1-t2v-14b, {text[1:]}" for at, text in enumerate(known)]
    write("models:\n" + "\n".join(entries), "own.yaml")
    options = ("--catalogue", "own.yaml", "--runtime", "engine", "--format", "json")
    tuned, base, *others = (t2v_cap("measure", "--model", f"mine{at}", *options).json["rows"] for at in range(4))

    assert [len(row["lines"]) > 0 for row in tuned] == [True, True, True, True]
    assert "vllm serve me/tuned --omni" in tuned[0]["lines"][0]
    assert tuned[0]["note"] == ""
    assert "vllm serve Wan-AI/Wan2.1-T2V-14B-Diffusers --omni" in base[0]["lines"][0]
    assert base[0]["note"] == "these lines load the weights of wan2.1-t2v-14b"
    assert not any(row["lines"] for rows in others for row in rows)
    for at in range(4):
        best = t2v_cap("compare", "--model", f"mine{at}", "--gpu", "h100", *options).json["best"]
        assert best["note"] == ("" if at < 2 else f"no engine listed for mine{at}")


def test_an_engine_that_has_runs_of_a_model_times_it(t2v_cap: Program) -> None:
    """SGLang's cookbook serves MiniMax-H3 with `--model-variant fl2va`; runs.yaml has clips of it."""
    (row,) = t2v_cap("measure", "--model", "minimax-h3", "--with", "sglang", "--format", "json").json["rows"]
    assert "--model-path MiniMaxAI/MiniMax-H3 --model-variant fl2va " in row["lines"][0]


def test_an_unknown_engine_is_refused(t2v_cap: Program) -> None:
    """The error has the nearest engine."""
    said = t2v_cap("measure", "plan.yaml", "--with", "sglan", code=2).err
    assert said.startswith("error: `--with` is no `sglan`; did you mean `sglang`?")


def test_sglang_times_the_plans_own_clip_warm(t2v_cap: Program) -> None:
    """By its rule 8 GPUs make 40 latents of 33, so 157 frames of 129; and its first clip compiles kernels."""
    options = ("--model", "hunyuanvideo", "--gpus-per-replica", "8", "--with", "sglang", "--format", "json")
    (row,) = t2v_cap("measure", *options).json["rows"]
    words = shlex.split(row["lines"][0])

    assert words[words.index("--num-frames") + 1] == "129"
    assert words[words.index("--adjust-frames") + 1] == "false"
    assert "--warmup" in words


def test_frames_that_no_tool_makes_are_named(t2v_cap: Program) -> None:
    """Of 5 s at 16 fps a plan counts 77 frames, 1 + 19 x 4, and tools make 81: each block of that clip says so."""
    for duration, noted in (("5 s", True), ("5.0625 s", False)):
        options = ("--model", "wan2.2", "--duration", duration, "--format", "json")
        rows = t2v_cap("measure", *options).json["rows"]
        assert [("77 of 80 frames" in row["note"], bool(row["lines"])) for row in rows] == [(noted, True)] * 4
    write("model: wan2.2\nmix: {short: {share: 60%}, long: {share: 40%, duration: 5 s}}\n", "mix.yaml")
    rows = t2v_cap("measure", "mix.yaml", "--format", "json").json["rows"]
    assert {row["part"] for row in rows if "77 of 80 frames" in row["note"]} == {"mix.long"}


@pytest.mark.usefixtures("folder")
def test_a_part_has_the_note_of_its_own_frames(t2v_cap: Program) -> None:
    """Of 80 frames a VAE that adds four at a time makes 77; a part whose name begins alike makes its 81 whole."""
    mix = "mix:\n  a: {share: 50%}\n  ab: {share: 50%, duration: 5 s}\n"
    write(f"model: wan2.2-t2v-a14b\ngpu: h100-sxm\n{mix}", "plan.yaml")
    rows = t2v_cap("measure", "plan.yaml", "--with", "diffusers", "--format", "json").json["rows"]
    assert {row["part"]: "77 of 80 frames" in row["note"] for row in rows} == {"mix.a": False, "mix.ab": True}
