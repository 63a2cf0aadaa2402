"""What was found beside the text of a thing, such as where a code leads, joins its assessment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from msgspec import structs

from hueandcry.apps.detection.assessment import Assessment, Finding, Reason, Span
from hueandcry.apps.detection.links import Link, assess_links, read_link
from hueandcry.apps.detection.messages import Known
from hueandcry.apps.detection.reasons import reason
from hueandcry.core.extract import Found
from hueandcry.core.types import Kind, Verdict

#: From least to most that speaks against a thing.
_ORDER: Final = (Finding.UNKNOWN, Finding.ORDINARY, Finding.SUSPICIOUS, Finding.SCAM)
#: Of things in which something is known to be of that verdict.
_LIKELY: Final = {Verdict.SCAM: 0.97, Verdict.SUSPICIOUS: 0.6}
_FINDINGS: Final = {Verdict.SCAM: Finding.SCAM, Verdict.SUSPICIOUS: Finding.SUSPICIOUS}


def with_signals(
    found: Assessment, more: Sequence[Found], known: Known | None = None
) -> Assessment:
    """The assessment with these signals too, and with what this node knows of them."""
    held = {each.signal for each in found.signals}
    new = [each for each in more if each.signal not in held]
    found = replace(found, signals=(*found.signals, *new))
    said = known([each.signal for each in new]) if known and new else {}
    for each in new:
        found = _weighed(found, each, said.get(each.signal.key, ""))
    return found


def _weighed(found: Assessment, each: Found, verdict: str) -> Assessment:
    why = _why(each, verdict)
    if why is None:
        return found
    if verdict not in _FINDINGS:
        return replace(found, reasons=(*found.reasons, why))
    return at_least(found, _FINDINGS[Verdict(verdict)], _LIKELY[Verdict(verdict)], why)


def at_least(found: Assessment, finding: Finding, likelihood: float, *why: Reason) -> Assessment:
    """The assessment, no milder than this, with the reasons for it first."""
    if _ORDER.index(finding) > _ORDER.index(found.finding):
        found = replace(found, finding=finding)
    return replace(
        found, likelihood=max(found.likelihood, likelihood), reasons=(*why, *found.reasons)
    )


def _why(each: Found, verdict: str) -> Reason | None:
    if verdict not in (Verdict.SCAM, Verdict.SUSPICIOUS, Verdict.BENIGN):
        return None
    spans = [(each.start, each.end)] if each.end > each.start else []
    if each.kind is Kind.IMAGE_HASH:
        return reason("known_picture") if verdict != Verdict.BENIGN else None
    return reason(f"known_{verdict}", spans, kind=each.kind.value, value=each.value)


def moved(found: Assessment, by: int) -> Assessment:
    """The assessment of a text before which `by` more characters now stand."""
    if not by:
        return found
    return replace(
        found,
        reasons=tuple(
            replace(each, spans=tuple((start + by, end + by) for start, end in each.spans))
            for each in found.reasons
        ),
        signals=tuple(_further(each, by) for each in found.signals),
        amounts=tuple(
            structs.replace(a, start=a.start + by, end=a.end + by) for a in found.amounts
        ),
        accounts=tuple(
            structs.replace(a, start=a.start + by, end=a.end + by) for a in found.accounts
        ),
    )


def _further(each: Found, by: int) -> Found:
    """What stands nowhere in the text stays so."""
    if each.end == each.start:
        return each
    return structs.replace(each, start=each.start + by, end=each.end + by)


#: Of something inside something: that it has no words says nothing of the whole.
_OWN: Final = frozenset({"nothing_to_read", "too_short", "language_unknown", "words_not_read"})


def joined(found: Assessment, inner: Assessment) -> Assessment:
    """The assessment of a thing with that of a thing inside it, whose text follows its own."""
    inner = moved(inner, len(found.text) + 1 if inner.text else 0)
    held = {each.signal for each in found.signals}
    why = tuple(each for each in inner.reasons if each.code not in _OWN)
    found = replace(
        found,
        text=f"{found.text}\n{inner.text}" if inner.text else found.text,
        signals=(*found.signals, *(each for each in inner.signals if each.signal not in held)),
        amounts=(*found.amounts, *inner.amounts),
        accounts=(*found.accounts, *inner.accounts),
    )
    if inner.finding in (Finding.SCAM, Finding.SUSPICIOUS):
        return at_least(found, inner.finding, inner.likelihood, *why)
    return replace(found, reasons=(*found.reasons, *why))


#: Links of one thing that are judged one by one.
MAX_LINKS: Final = 20


def with_links(found: Assessment, links: Iterable[str], known: Known | None = None) -> Assessment:
    """The assessment, no milder than that of any of these links, which its text holds."""
    places = {link: found.text.find(link) for link in dict.fromkeys(links)}
    held = [(link, (at, at + len(link))) for link, at in places.items() if link and at >= 0]
    return _with_judged(found, held, known)


def with_found_links(found: Assessment, text: str, links: Iterable[Found]) -> Assessment:
    """The same of links and hosts that were found in `text`; nothing is known of them."""
    return _with_judged(
        found, [(_written(text, each), (each.start, each.end)) for each in links], None
    )


def _written(text: str, each: Found) -> str:
    """A link as it was written, which may show more than its value; else that value."""
    written = text[each.start : each.end]
    link = read_link(written)
    return written if isinstance(link, Link) and link.signal == each.signal else each.value


def _with_judged(
    found: Assessment, held: Sequence[tuple[str, Span]], known: Known | None
) -> Assessment:
    some = held[:MAX_LINKS]
    for (_, span), inner in zip(some, assess_links([link for link, _ in some], known), strict=True):
        if inner.finding not in (Finding.SCAM, Finding.SUSPICIOUS):
            continue
        here = [replace(each, spans=(span,) if each.spans else ()) for each in inner.reasons]
        why = [each for each in here if each not in found.reasons]
        found = at_least(found, inner.finding, inner.likelihood, *why)
        found = replace(found, lure=found.lure or inner.lure)
    return found
