"""A command that was given wrongly: exit code 2, in the words of the other errors."""

from __future__ import annotations

from hueandcry.core.errors import HueError, Malformed
from hueandcry.core.times import read_rfc3339
from hueandcry.core.types import Micros


class Usage(Malformed):
    """An option or argument is not of the form that the command takes."""


def instant(name: str, text: str) -> Micros:
    """A time that an option gives; raises Usage, which names the option."""
    try:
        return read_rfc3339(text)
    except HueError as error:
        raise Usage(name, f"{text!r} is no time", do="Write 2027-01-31T00:00:00Z") from error
