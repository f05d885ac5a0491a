"""`t2v-cap fit`: a trace of requests becomes assumptions of traffic and waiting."""

from typing import Annotated

from t2v_capacity.api import ask
from t2v_capacity.cli.command_options import written_as_yaml
from t2v_capacity.cli.flags import argument, list_option
from t2v_capacity.errors import Mistakes, quote
from t2v_capacity.forms.answer import AnyAnswer
from t2v_capacity.measured.logs.fit_answer import overlay


@written_as_yaml(overlay)
def command(
    trace: Annotated[str, argument("Requests as CSV or lines of JSON (.gz too), or - for standard input.", "TRACE")],
    *,
    columns: Annotated[
        list[str],
        list_option(
            "Column names of time, user, status, duration, kind, resolution, length.", "--columns", "PART=COLUMN,..."
        ),
    ],
    statuses: Annotated[
        list[str],
        list_option(
            "Words for done, failed, rejected_prompt, rejected_output, refused.", "--statuses", "WORD=STATUS,..."
        ),
    ],
) -> AnyAnswer:
    """Fit users, peak and clustering to a request log.

    Writes a scenario for others to extend: dau, videos_per_user_per_day, day_curve (or peak_to_average),
    day_variability and arrival_variability; over two weeks weekend_level and growth_per_month. Run durations (not clip
    lengths) add service_variability; statuses add rejected_prompt_share, failed_share and rejected_output_share; kinds
    of clips become shares of a mix. With three or more whole days, each number has the range of its days.

    Columns are found by their usual names; rows may come in any order. Times without a zone are UTC; numbers are
    seconds since 1970.

    \b
    Examples:
      t2v-cap fit requests.csv --output traffic.yaml
      t2v-cap fit requests.csv.gz --columns time=created_at,user=uid
      t2v-cap fit requests.jsonl --columns time=event.time
      t2v-cap fit requests.csv --statuses nsfw=rejected_output
      zcat requests.csv.gz | t2v-cap fit - --format json
    """
    return ask.fit(trace, columns=_pairs("--columns", columns), statuses=_pairs("--statuses", statuses))


def _pairs(option: str, texts: list[str]) -> dict[str, str]:
    """Return an option's pairs of name and value. Raise Mistakes if a name has no value, or two."""
    pairs: dict[str, str] = {}
    for text in texts:
        for part in text.split(","):
            name, equals, word = (side.strip() for side in part.partition("="))
            if not (equals and name and word):
                form = "time=created_at,user=uid" if option == "--columns" else "nsfw=rejected_output"
                raise Mistakes(f"`{option}`: {quote(part)} is no pair; write {form}")
            if name in pairs:
                raise Mistakes(f"`{option}`: {quote(name)} is given twice")
            pairs[name] = word
    return pairs
