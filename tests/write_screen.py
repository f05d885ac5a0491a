"""The picture of a terminal in README: an SVG of the first screen of the first example, as the program prints it."""

import re
from collections.abc import Iterator
from html import escape

from goldens import screen_of

SCREEN = "docs/screen.svg"
_COMMAND = "$ t2v-cap estimate scenarios/mochi.yaml"
_COLUMNS = 80
# Pixels of a letter, a line and the margin.
_LETTER, _LINE, _MARGIN = 8.4, 18, 20


def screen_svg() -> str:
    """Return the picture: one `text` element a line, in a font whose letters have one width."""
    lines = [(_COMMAND, "command"), *_styled(screen_of("mochi").splitlines())]
    width, height = round(_COLUMNS * _LETTER + 2 * _MARGIN), _LINE * len(lines) + 2 * _MARGIN
    texts = [
        (
            f'<text class="{style}" x="{_MARGIN}" y="{_MARGIN + _LINE * (number + 1) - 4}" '
            f'textLength="{len(line) * _LETTER:.1f}">{_spans(line, style)}</text>'
        )
        for number, (line, style) in enumerate(lines)
        if line
    ]
    style = (
        "text{font:14px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;white-space:pre;fill:#d5d9e0}"
        ".command{fill:#8fd694}.title{font-weight:bold;fill:#fff}.quiet{fill:#8b93a1}"
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img">'
    )
    title = "<title>What t2v-cap estimate scenarios/mochi.yaml prints in a terminal</title>"
    ground = f'<rect width="{width}" height="{height}" rx="8" fill="#14171c"/>'
    return "\n".join((head, title, f"<style>{style}</style>", ground, *texts, "</svg>\n"))


def _styled(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each line with its style, as the terminal has it: the title and the answer are bold, what is above dim."""
    style, blocks = "title", 0
    for line in lines:
        if not line:
            blocks += 1
        style = ("quiet", "title", "line", "line")[min(blocks, 3)]
        if line == lines[0]:
            style = "title"
        elif line.startswith("GB ="):
            style = "quiet"
        yield line, style


def _spans(line: str, style: str) -> str:
    """Return a line, the word that begins it and the band of a figure in styles of their own."""
    if style != "line":
        return escape(line)
    if label := re.match(r"(?:why|save|or buy|proof|more) +", line):
        return f'<tspan class="title">{label[0]}</tspan>{escape(line[label.end() :])}'
    band = re.search(r"  [\d.]+[KMBT]? to [\d.]+[KMBT]?  ", line)
    if not band:
        return escape(line)
    return f'{escape(line[: band.start()])}<tspan class="quiet">{band[0]}</tspan>{escape(line[band.end() :])}'
