"""Days as people write them, in the reader's language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from django.utils.dateformat import format as formatted
from django.utils.translation import get_language

from hueandcry.core.times import read_time

_FORMATS: Final = {
    "en": "j F Y",
    # Thai readers count years from 543 BCE; the format writes the era, the code below the year.
    "th": "j F พ.ศ. ",
    "vi": r"\n\gà\y j \t\há\n\g n \nă\m Y",
}
_BUDDHIST_ERA: Final = 543


def day(text: str) -> str:
    """The day (UTC) of an instant in our own spelling."""
    moment = instant(text)
    language = get_language() or "en"
    shown = str(formatted(moment, _FORMATS.get(language, _FORMATS["en"])))
    return shown + str(moment.year + _BUDDHIST_ERA) if language == "th" else shown


def instant(text: str) -> datetime:
    """An instant in our own spelling, as Python has it."""
    return datetime.fromtimestamp(read_time(text) / 1_000_000, UTC)
