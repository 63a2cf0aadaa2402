"""The message assessor: what a text looks like, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from hueandcry.apps.detection.assessment import Assessment, Finding, Sort
from hueandcry.apps.detection.language import language_of
from hueandcry.apps.detection.reasons import reason
from hueandcry.core.types import Signal

#: Verdicts ("scam", "suspicious", "benign") by signal key, of what the asker already claims.
Known = Callable[[Sequence[Signal]], Mapping[bytes, str]]


def assess_message(text: str, market: str | None = None, known: Known | None = None) -> Assessment:
    """What one message looks like; never raises, whatever it holds."""
    return next(assess_messages([text], market, known))


def assess_messages(
    texts: Iterable[str], market: str | None = None, known: Known | None = None
) -> Iterator[Assessment]:
    """One assessment for each text, in order."""
    for text in texts:
        language = language_of(text)
        why = "too_short" if text.strip() else "nothing_to_read"
        yield Assessment(
            Sort.MESSAGE,
            Finding.UNKNOWN,
            0.5,
            language.code,
            language.confidence,
            language.rivals,
            reasons=(reason(why),),
        )
