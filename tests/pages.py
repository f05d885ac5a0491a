"""What the tests of the page in Chromium share: an open page, and its answers beside the command line's."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from places import TESTS
from shared import plan_of
from t2v_capacity.cli.app import run
from t2v_capacity.forms.values import show_value

PLAN = "scenarios/wan2.2-h100.yaml"
TYPES = yaml.safe_load((TESTS / "live" / "typed.yaml").read_text(encoding="utf-8"))
# What a piece of script says of the page with each of some flags, as JSON, for Playwright is slow with large arguments.
_UNDER = """(text) => JSON.stringify(JSON.parse(text).map((flags) => {
    const side = SIDES[0];
    forgetAll(side);
    take(side, flags);
    return %s;
}))"""


class Page:
    """A page that somebody has open, who hears of every request, dialog and error; the fixture `opened` gives it."""

    def __init__(self, browser: Any, folder: Path, *arguments: object, fragment: str = "", **how: Any) -> None:
        """Export a page of scenarios and flags, and open it."""
        assert run(["export", *map(str, arguments), str(folder / "plan.html"), "--samples", "100"]) == 0
        address = (folder / "plan.html").resolve().as_uri()
        self.context, self.heard = browser.new_context(**how), list[str]()
        self.tab = self.context.new_page()
        self.tab.on(
            "request", lambda request: self.heard.append(request.url) if request.url.split("#")[0] != address else None
        )
        self.tab.on("dialog", self.dismiss)
        self.tab.on("pageerror", lambda error: self.heard.append(f"error {error}"))
        self.tab.on("console", lambda message: self.heard.append(f"console {message.text}"))
        self.tab.goto(address + fragment)
        self.settle()

    def dismiss(self, dialog: Any) -> None:
        """Note a dialog that a script opened, and close it."""
        self.heard.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def settle(self) -> None:
        """Wait until all is drawn: it draws once a frame, and the options after that."""
        self.tab.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        self.tab.wait_for_selector("#options:not([aria-busy])")

    def type(self, name: str, text: str, side: int = 0) -> None:
        """Open the section of an input and type into it."""
        field = self.tab.locator(f"input[type=text][data-assumption='{name}'][data-side='{side}']")
        field.evaluate("field => { field.closest('details').open = true; }")
        field.fill(text)
        self.settle()

    def choose(self, name: str, option: str) -> None:
        """Open the section of a choice and choose an option."""
        field = self.tab.locator(f"select[data-choice={name}]")
        field.evaluate("field => { field.closest('details').open = true; }")
        field.select_option(option)
        self.settle()

    def reset(self) -> None:
        """Take all changes back."""
        self.tab.evaluate("resetAll()")
        self.settle()

    def download(self, file: Path) -> str:
        """Download the plan into a file, and return the name that the page gives it."""
        with self.tab.expect_download() as saved:
            self.tab.click("#download")
        saved.value.save_as(file)
        name: str = saved.value.suggested_filename
        return name

    def values_at(self, places: str, *what: str) -> list[Any]:
        """Return what each of some elements says: `dataset.value`, `textContent`."""
        self.settle()
        each = ", ".join(f"one.{name}" for name in what)
        found: list[Any] = self.tab.evaluate(f"[...document.querySelectorAll(`{places}`)].map(one => [{each}])")
        return found

    def figures(self, side: int = 0) -> dict[str, tuple[str, str]]:
        """Return the full value and the text of every figure."""
        found = self.values_at(
            f"#figures [data-figure][data-side='{side}']", "dataset.figure", "dataset.value", "textContent"
        )
        return {name: (value, text) for name, value, text in found}

    def value(self, figure: str) -> float:
        """Return a figure of the page."""
        return float(self.figures()[figure][0] or "nan")

    def points(self) -> dict[str, tuple[float, float]]:
        """Return the cost and the latency of each point; nan without a price."""
        found = self.values_at("[data-option]", "dataset.option", "dataset.cost", "dataset.latency")
        return {option: (float(cost or "nan"), float(latency)) for option, cost, latency in found}

    def flags_of(self, option: str) -> list[str]:
        """Return the settings with which the command line gives an option: a GPU with a group, and how that works."""
        script = "(id) => SIDES[0].options.filter((one) => one.id === id).map(({ picks, good }) => [picks, good])[0]"
        picks, texts = self.tab.evaluate(script, option)
        return [f"{name}={text}" for name, text in {**picks, **texts}.items()]

    def under(self, cases: Iterable[Mapping[str, str]], script: str) -> list[Any]:
        """Return what a piece of script says with each of these flags."""
        found: list[Any] = json.loads(self.tab.evaluate(_UNDER % script, json.dumps([*cases])))
        return found

    def close(self) -> None:
        """Close it; nothing may have been asked for, and nothing gone wrong."""
        self.context.close()
        assert self.heard == []


Opened = Callable[..., Page]


def close_to(figures: Mapping[str, float | None]) -> dict[str, Any]:
    """Return what figures compare equal with: the same to 1e-9 of their values, and null where they are."""
    return {name: None if value is None else pytest.approx(value, rel=1e-9, abs=0) for name, value in figures.items()}


def same(page: Page, path: str | Path, sets: Iterable[str] = (), side: int = 0) -> None:
    """Every figure of the page is the command line's, to 1e-9 of its value, and is shown in the same words."""
    plan, shown = plan_of(path, sets), page.figures(side)

    assert {name: float(value) if value else None for name, (value, _text) in shown.items()} == close_to(plan.figures)
    assert {name: text for name, (_value, text) in shown.items()} == {
        name: "none" if value is None else show_value(name, value) for name, value in plan.figures.items()
    }
