"""What was found beside the text of a thing, such as where a code leads, joins its assessment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from hueandcry.apps.detection.assessment import Assessment, Finding, Reason
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
    return reason(f"known_{verdict}", spans, value=each.value)
