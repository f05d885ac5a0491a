"""Compare the cost of a delivered second on the plan's fleet with list prices of public services, on the sheet Answer."""

from t2v_capacity.handover.workbook.book import ANSWER, Book
from t2v_capacity.questions.search.apis import AUTOSCALED, BUILD, BUY, OWN, TOO_CLOSE, apis

_USD = '0.000" USD/s"'
_OWN = ((OWN, "Own GPUs, always on"), (AUTOSCALED, "Own GPUs, autoscaled"))


def write_list_prices(book: Book, row: int) -> int:
    """Write own cost and list prices, with whether to buy, and return the row below; nothing if the plan has no cost."""
    found = apis(book.plan)
    if not found:
        return row
    row = book.section(ANSWER, row + 1, "Build or buy, per second of video", 5, "list price", "always on", "autoscaled")
    for name, label in _OWN:
        value = book.plan.figures[name] or 0.0
        book.text(ANSWER, row, 0, label)
        for column, factor in ((1, 1.0), (2, found.low), (3, found.high)):
            book.formula(ANSWER, row, column, f"{name}*{factor!r}" if factor != 1 else name, value * factor, number=_USD)
        book.text(ANSWER, row, 4, f"= {name}, and over the model's error", "unit", "name")
        row += 1
    for one in book.plan.scenario.catalogue.video_list_prices():
        alike = one in found.alike
        book.text(ANSWER, row, 0, f"{one.label} API", *(("bold",) if alike else ()))
        book.number(ANSWER, row, 1, one.price, number=_USD)
        for column, (name, _label) in enumerate(_OWN if alike else (), 2):
            own, price = book.plan.figures[name] or 0.0, f"$B${row + 1}"
            verdict = f'IF({price}<{name}*{found.low!r},"{BUY}",IF({price}>{name}*{found.high!r},"{BUILD}","{TOO_CLOSE}"))'
            page = book.sheets[ANSWER]
            page.write_formula(row, column, f"={verdict}", book.style("right"), found.verdict(own, one.price))
        book.text(ANSWER, row, 4, "the plan's model and frame" if alike else "", "unit", "faint")
        row += 1
    return row
