"""The one family of errors that rules raise: what happened, why, and what to do.

A code is stable (scripts and translations hang on it); the words are for people. Doors turn an
error into their own shape and add nothing to it.
"""

from __future__ import annotations


class HueError(Exception):
    """Something was refused: a stable `code`, and words that say what, why and what to do."""

    def __init__(self, code: str, what: str, *, why: str = "", do: str = "") -> None:
        self.code = code
        self.what = what
        self.why = why
        self.do = do
        super().__init__(code, what, why, do)

    def __str__(self) -> str:
        sentences = (part.rstrip(".") + "." for part in (self.what, self.why, self.do) if part)
        return " ".join(sentences)


class Unreadable(HueError):
    """A value could not be read as any signal of the kind asked for."""


class Malformed(HueError):
    """Bytes that are not the form they claim to be: refused before anything looked at a value."""


class TooLarge(HueError):
    """Input beyond a stated bound of size, depth or count."""


class Untrusted(HueError):
    """A signature, key, proof or identity that does not hold."""


class ClockOff(Untrusted):
    """The times of a call lie outside the window: one of the two clocks is wrong."""


class NotPermitted(HueError):
    """The gate, a role or an agreement says no."""


class NotFound(HueError):
    """No such thing, or none that the asker may know of: the two read the same."""


class Conflict(HueError):
    """The thing is not in a state in which this can be done, or it already exists otherwise."""


class TooMany(HueError):
    """More than was agreed in this span of time: the same call is good again in `after` seconds."""

    after: int = 60


class Broken(HueError):
    """Stored state contradicts itself: a ledger, a tile or a receipt that does not verify."""


class Unreachable(HueError):
    """Nothing came back from outside: refused before connecting, no answer, or too much of one."""
