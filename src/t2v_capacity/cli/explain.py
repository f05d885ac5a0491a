"""`t2v-cap explain`: where one figure comes from."""

from typing import Annotated

from t2v_capacity.api.plan import Plan
from t2v_capacity.cli.command_options import FORMS_OF_ONE, on_scenario
from t2v_capacity.cli.flags import argument, option
from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.answer import AnyAnswer
from t2v_capacity.scenario.folders import is_there


def _of_no_plan(figure: str | None = None, **_own: object) -> AnyAnswer | None:
    """Return the meaning of a code or a word, or the definition of a figure or an assumption, without a plan.

    Return nothing for what takes a plan or a file. Raise Mistakes for a name of nothing.
    """
    from t2v_capacity.answers.explain import definition_answer, guide_answer, word_answer
    from t2v_capacity.assumptions.names import ASSUMPTION, CHOICE, FIGURE, kind_of, name_in, unknown
    from t2v_capacity.plan.glossary import guides, meaning_of

    word = figure or ""
    name = name_in(word)
    if (code := name.replace("_", "-")) in guides():
        return guide_answer(guides()[code])
    if kind_of(name) in (FIGURE, ASSUMPTION):
        return definition_answer(name)
    if not word or is_there(word):
        return None
    if meaning_of(word):
        return word_answer(word)
    if kind_of(name) or "." in word:  # of a part, or a file that is missing
        return None
    raise Mistakes(unknown(word, FIGURE, ASSUMPTION, CHOICE))


@on_scenario(FORMS_OF_ONE, alone=_of_no_plan)
def command(
    plan: Plan,
    figure: Annotated[
        str | None, argument("A figure, an assumption, a choice, a warning's code or a word.", "FIGURE|NAME|CODE|WORD")
    ] = None,
    depth: Annotated[int | None, option("Levels of inputs to show; 3 unless set, in JSON all.", "--depth", "N")] = None,
) -> AnyAnswer:
    """Show where a figure or an assumption comes from.

    For a figure: its formula, in names and in numbers, down to the assumptions and their sources. For an assumption:
    meaning, bounds and source. For a choice: the values it supplies. For a warning: its meaning and remedy. For
    a word of a screen or the name of an option: what it means.

    \b
    Examples:
      t2v-cap explain scenarios/mochi.yaml storage_per_day
      t2v-cap explain scenarios/lesson.yaml rule_of_thumb_gpus --dau 200e6
      t2v-cap explain scenarios/mochi.yaml gpus --depth 1
      t2v-cap explain scenarios/mochi.yaml precision
      t2v-cap explain gpus
      t2v-cap explain memory-does-not-fit
      t2v-cap explain headroom
      t2v-cap explain scenarios/mochi.yaml trps --format json
    """
    return plan.explain(figure or "", depth)
