"""From a pasted message, a picture or an e-mail to what the page shows: what it looks like, why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from hueandcry.apps.detection import face as detection
from hueandcry.apps.detection.face import Assessment, Finding, Sort
from hueandcry.core.files import PICTURES
from hueandcry.core.types import PERSONAL, Micros, Signal
from hueandcry.doors.desk import languages, reasons
from hueandcry.doors.desk.taxonomy import named
from hueandcry.doors.web.advice import Advice
from hueandcry.doors.web.highlighting import Piece, pieces
from hueandcry.doors.web.links import is_open
from hueandcry.doors.web.message_advice import FINDINGS, LURES
from hueandcry.doors.web.pasted import MAX_TEXT
from hueandcry.doors.web.results import Result, public, result

#: Signals of one message that are looked up.
MAX_SIGNALS: Final = 20
#: Below this much confidence a language is given with a doubt.
_SURE: Final = 0.8
#: From this confidence on the form of a link is usual for one (core.extract.found).
_USUAL: Final = 0.6

Known = detection.Known


@dataclass(frozen=True, slots=True)
class Message:
    """All that is shown about one message."""

    advice: Advice
    names: tuple[str, ...]  #: lure and method, in words
    why: tuple[str, ...]
    signs: tuple[str, ...]  #: signs of trafficking that a job advert shows
    language: str  #: a sentence
    pieces: tuple[Piece, ...]  #: the words that were read
    parts: tuple[Result, ...]  #: each value in it
    warning: str | Promise  #: the one thing to know about this lure; empty without one
    was_text: bool  #: given as text, and not read from a file


class Public:
    """What the public may know of signals, looked up once each.

    `count` is told how many values name a person before they are looked up; what it raises (too
    many in a short time) ends the whole question.
    """

    def __init__(self, at: Micros, count: Callable[[int], None]) -> None:
        self._at = at
        self._count = count
        self.answers: dict[bytes, dict[str, Any]] = {}

    def __call__(self, signals: Sequence[Signal]) -> Mapping[bytes, str]:
        """Verdicts by signal key (detection's `Known`)."""
        asked = {s.key: s for s in signals if s.key not in self.answers}
        some = list(asked.values())[: max(0, MAX_SIGNALS - len(self.answers))]
        self._count(sum(signal.kind in PERSONAL for signal in some))
        for signal in some:
            self.answers[signal.key] = public(signal, self._at)
        return {s.key: self.answers[s.key]["verdict"] for s in signals if s.key in self.answers}


def assessed(file: bytes, sort: str, market: str | None, known: Public) -> Assessment | None:
    """What a picture, an e-mail or a text file looks like; None for one of another sort."""
    if sort in PICTURES:
        return detection.assess_picture(file, market, known)
    if sort == "message/rfc822":
        return detection.assess_mail(file, market, known)
    if sort == "text/plain":
        text = file[: 4 * MAX_TEXT].decode("utf-8-sig", "replace")[:MAX_TEXT]
        return replace(detection.assess_message(text, market, known), text=text)
    return None


def with_signs(seen: Assessment, text: str, market: str | None, known: Public) -> Assessment:
    """A message about work, with the signs of trafficking in it where they add up."""
    if seen.lure != "job":
        return seen
    advert = detection.assess_job(text, market=market, known=known)
    added = tuple(reason for reason in advert.reasons if reason.code == "signs_of_trafficking")
    if not added:
        return seen
    return replace(seen, reasons=(*seen.reasons, *added), indicators=advert.indicators)


def message(seen: Assessment, known: Public, given: str | None) -> Message:
    """An assessment in words; `given` is the text as it was pasted, None for a file."""
    text = seen.text if given is None else given
    seen = _with_links(seen, text, known)
    met = [indicator for indicator in seen.indicators if indicator.met]
    spans = [span for reason in seen.reasons for span in reason.spans]
    spans += [span for indicator in met for span in indicator.spans]
    found = {signal.signal.key: signal.signal for signal in seen.signals}
    suspected = seen.finding in (Finding.SCAM, Finding.SUSPICIOUS)
    return Message(
        advice=FINDINGS[seen.finding],
        names=tuple(named(seen.lure, seen.method)) if suspected else (),
        why=tuple(dict.fromkeys(map(reasons.sentence, seen.reasons))),
        signs=tuple(reasons.indicator(indicator.code) for indicator in met),
        language=_language(seen),
        pieces=tuple(pieces(text, spans)),
        parts=tuple(
            result(signal.value, known.answers[key])
            for key, signal in found.items()
            if key in known.answers
        ),
        warning=LURES.get(seen.lure, "") if suspected else "",
        was_text=given is not None,
    )


def _with_links(seen: Assessment, text: str, known: Public) -> Assessment:
    """The assessment, no milder than the links in it look of which nothing is publicly known.

    Words of a picture were read by eye, so to say: one misread letter makes a look-alike.
    """
    known([each.signal for each in seen.signals])
    if seen.sort is Sort.PICTURE:
        return seen
    some = [
        each
        for each in seen.signals
        if each.confidence >= _USUAL
        and (answer := known.answers.get(each.signal.key))
        and is_open(answer)
    ]
    return detection.with_found_links(seen, text, some)


def _language(seen: Assessment) -> str:
    if seen.language == "und":
        return _("We could not tell in which language it is.")
    name = languages.name(seen.language)
    if seen.language_rivals:
        other = languages.name(seen.language_rivals[0])
        return _("We read it as %(language)s; it may also be %(other)s.") % {
            "language": name,
            "other": other,
        }
    sure = seen.language_confidence >= _SURE
    words = _("We read it as %(language)s.") if sure else _("It is probably %(language)s.")
    return words % {"language": name}
