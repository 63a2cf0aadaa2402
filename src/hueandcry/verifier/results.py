"""What comes out of the ten checks: results, the reason of each, and what it means to a judge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from hueandcry.core.errors import HueError


class Result(StrEnum):
    """How a check ended."""

    PASS = "PASS"
    FAIL = "FAIL"
    NOT_CHECKED = "NOT CHECKED"


class NotCheckedError(Exception):
    """A check could not be made; nothing was found wrong. `code` is stable, `why` is for people."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(code, why)
        self.code = code
        self.why = why


@dataclass(frozen=True, slots=True)
class Meaning:
    """A check's name, and what each of its results means, in words for a judge."""

    name: str
    passed: str
    failed: str
    open: str


#: Number of the check → its words.
MEANINGS: Final[dict[int, Meaning]] = {
    1: Meaning(
        "file as shipped",
        "The file is, byte for byte, the one that the note of its sender describes.",
        "The file is not the one that was sent: it was changed, cut short or exchanged.",
        "It is not known whether this is the file that was sent.",
    ),
    2: Meaning(
        "shipping note",
        "The note was signed by a known organisation with a key that was its own at that time.",
        "The note does not prove who sent the file.",
        "It is not known who sent the file.",
    ),
    3: Meaning(
        "opened",
        "What was read is what the sender had sealed, whole.",
        "The file does not open, or holds something else than its sender sealed.",
        "It is not known whether what was read is what the sender had sealed.",
    ),
    4: Meaning(
        "bag whole",
        "Every file listed in the package is there and unchanged, and no other is.",
        "The package is not whole: a file is missing, changed, added, or dangerous to unpack.",
        "The files of the package were not compared with its lists.",
    ),
    5: Meaning(
        "statement",
        "A known organisation vouches by its signature for this list of files and this recipient.",
        "Nobody who is known vouches for these files and this recipient.",
        "It is not known who vouches for these files.",
    ),
    6: Meaning(
        "in the log",
        "The package and every line of custody stand in their logs, whose later states contain"
        " all earlier ones: nothing was put in between or taken out.",
        "The package or a line of custody is not proved to stand in its log.",
        "It is not known whether the package and its custody stand in any log.",
    ),
    7: Meaning(
        "log and witnesses",
        "The logs are those of known organisations, and as many independent witnesses as the"
        " policy asks for saw the same log.",
        "The log is not signed as it must be, or too few independent witnesses saw it.",
        "It is not known whose logs these are, or whether anybody else saw them.",
    ),
    8: Meaning(
        "time-stamp",
        "An independent time-stamping authority confirms that all of it existed at that time.",
        "The time-stamp does not belong to this package, or not to a trusted authority.",
        "No independent time-stamping authority was asked to confirm when it existed.",
    ),
    9: Meaning(
        "custody",
        "It is proved who had each exhibit from its first event on, each step signed, in order, and"
        " that the exhibit is the one that was taken in.",
        "The account of who had the exhibits does not hold.",
        "The account of who had the exhibits was not checked against known keys.",
    ),
    10: Meaning(
        "case file",
        "The machine-readable description tells of the same exhibits and the same custody.",
        "The machine-readable description contradicts the exhibits or the custody.",
        "The machine-readable description was not compared.",
    ),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One of the ten, as it ended."""

    n: int
    result: Result
    code: str  #: stable; empty where it passed
    reason: str

    @property
    def name(self) -> str:
        return MEANINGS[self.n].name

    @property
    def meaning(self) -> str:
        """What the result means, for a judge."""
        words = MEANINGS[self.n]
        return {
            Result.PASS: words.passed,
            Result.FAIL: words.failed,
            Result.NOT_CHECKED: words.open,
        }[self.result]

    def value(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "name": self.name,
            "result": self.result.value,
            "code": self.code,
            "reason": self.reason,
            "meaning": self.meaning,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """All ten checks in order, and which of them had to pass."""

    checks: Sequence[Check]
    required: frozenset[int]
    trusted: bool  #: whether there was a policy: without one nothing is accepted

    @property
    def accepted(self) -> bool:
        """Every required check passed, and none at all failed."""
        passed = {check.n for check in self.checks if check.result is Result.PASS}
        failed = any(check.result is Result.FAIL for check in self.checks)
        return self.trusted and not failed and self.required <= passed

    def value(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "outcome": "accepted" if self.accepted else "refused",
            "required": sorted(self.required),
            "checks": [check.value() for check in self.checks],
        }


def made(n: int, check: Callable[[], str]) -> Check:
    """Makes a check: what it returns is the reason why it passed, what it raises why it did not."""
    try:
        return Check(n, Result.PASS, "", check())
    except NotCheckedError as missing:
        return Check(n, Result.NOT_CHECKED, missing.code, missing.why)
    except HueError as wrong:
        return Check(n, Result.FAIL, wrong.code, str(wrong))


def left_open(numbers: Iterable[int], code: str, why: str) -> list[Check]:
    """Checks that could not be made, all for one reason."""
    return [Check(n, Result.NOT_CHECKED, code, why) for n in numbers]
