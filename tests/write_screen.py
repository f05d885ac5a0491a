"""The picture of a terminal in README: an SVG of the first screen of the first example, as the program prints it."""

from collections.abc import Iterator
from html import escape

from goldens import screen_of

SCREEN = "docs/screen.svg"
_COMMAND = "$ t2v-cap estimate scenarios/mochi.yaml"
_COLUMNS = 80
# Pixels of a letter, a line and the margin.
_LETTER, _LINE, _MARGIN = 8.4, 18, 20
_HEADINGS = ("RESOURCES", "TRAFFIC AND STORAGE", "WHY ", "ALTERNATIVES")


def screen_svg() -> str:
    """Return the picture: one `text` element a line, in a font whose letters have one width."""
    lines = [(_COMMAND, "command"), *_styled(screen_of("mochi").splitlines())]
    width, height = round(_COLUMNS * _LETTER + 2 * _MARGIN), _LINE * len(lines) + 2 * _MARGIN
    texts = [
        (
            f'<text class="{style}" x="{_MARGIN}" y="{_MARGIN + _LINE * (number + 1) - 4}" '
            f'textLength="{len(line) * _LETTER:.1f}">{escape(line)}</text>'
        )
        for number, (line, style) in enumerate(lines)
        if line
    ]
    style = (
        "text{font:14px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;white-space:pre;fill:#d5d9e0}"
        ".command{fill:#8fd694}.title,.heading{font-weight:bold;fill:#fff}.warning{fill:#f3c969}.quiet{fill:#8b93a1}"
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img">'
    )
    title = "<title>What t2v-cap estimate scenarios/mochi.yaml prints in a terminal</title>"
    ground = f'<rect width="{width}" height="{height}" rx="8" fill="#14171c"/>'
    return "\n".join((head, title, f"<style>{style}</style>", ground, *texts, "</svg>\n"))


def _styled(lines: list[str]) -> Iterator[tuple[str, str]]:
    warned = False
    for number, line in enumerate(lines):
        warned = line.startswith("warning ") or (warned and line.startswith("  "))
        if number == 0:
            yield line, "title"
        elif warned:
            yield line, "warning"
        elif line.startswith(_HEADINGS):
            yield line, "heading"
        else:
            yield line, "quiet" if number in (1, 2) or line.startswith(("more:", "GB =")) else "line"
