"""A command that was given wrongly: exit code 2, in the words of the other errors."""

from __future__ import annotations

from hueandcry.core.errors import Malformed


class Usage(Malformed):
    """An option or argument is not of the form that the command takes."""
