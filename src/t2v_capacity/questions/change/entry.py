"""A scenario of a request: of the head, of the base or of both, with its verdict."""

from dataclasses import dataclass

from t2v_capacity.errors import Mistake
from t2v_capacity.questions.change.judge import Judged
from t2v_capacity.questions.change.pairing import DELETED, NEW, SAME

FAIL, WARN, PASS, UNREADABLE = "fail", "warn", "pass", "unreadable"


@dataclass(slots=True)
class ScenarioDiff:
    """A scenario of the head, of the base or of both: how it is paired, what changed, and what is wrong with it."""

    file: str  # as it is in the head, or in the base where it is gone
    base_file: str | None
    pairing: str
    judged: Judged | None = None
    mistakes: tuple[Mistake, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """Its status, in a word."""
        if self.judged is None:
            return UNREADABLE
        return FAIL if self.judged.fails else WARN if self.judged.warns else PASS

    @property
    def unchanged(self) -> bool:
        """Whether it passes and nothing of it changed."""
        return self.pairing == SAME and self.verdict == PASS and self.judged is not None and self.judged.unchanged and not self.notes

    @property
    def sides(self) -> tuple[bool, bool]:
        """Whether the base has it, and the head."""
        return self.pairing != NEW, self.pairing != DELETED

    def figure(self, name: str) -> tuple[float | None, float | None]:
        """Return a figure of the base and of the head."""
        return self.judged.difference.ends(name) if self.judged else (None, None)
