"""What a link looks like from its spelling alone, where nothing is publicly known about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hueandcry.apps.detection import face as detection
from hueandcry.apps.detection.face import Assessment, Finding, Reason
from hueandcry.core.types import Kind, Verdict
from hueandcry.doors.desk import reasons
from hueandcry.doors.desk.taxonomy import named
from hueandcry.doors.web.advice import UNKNOWN, Advice
from hueandcry.doors.web.message_advice import FINDINGS, LURES

LINKS: Final = frozenset({Kind.URL, Kind.DOMAIN})

#: How it was looked at, which is all that was done.
HOW: Final = _("We looked only at how it is written. We never open a link.")
#: What an honest-looking name and one in between say alike: one bad host in four has such a name.
_NOTHING: Final = _("How it is written does not tell whether it is a scam.")
_SILENT: Final = frozenset({"undecided", "host_of_ordinary"})


@dataclass(frozen=True, slots=True)
class Look:
    """What the spelling of one link says, in words."""

    advice: Advice
    why: tuple[str, ...]
    names: tuple[str, ...]  #: whose trust it abuses, and how
    warning: str | Promise  #: the one thing to know about that; empty without one


def is_open(answer: Mapping[str, Any]) -> bool:
    """Whether a public answer is about a link, and leaves it to be looked at."""
    return answer["kind"] in LINKS and answer["verdict"] == Verdict.UNKNOWN


def look(text: str) -> Look:
    """What a link or host looks like. Whose name it is clears it; an honest look alone never."""
    seen = detection.assess_link(text)
    bad = seen.finding in (Finding.SCAM, Finding.SUSPICIOUS)
    return Look(
        FINDINGS[seen.finding] if bad or _is_owned(seen) else UNKNOWN,
        tuple(dict.fromkeys(map(_sentence, seen.reasons))),
        tuple(named(seen.lure, seen.method)) if bad else (),
        LURES.get(seen.lure, "") if bad else "",
    )


def _is_owned(seen: Assessment) -> bool:
    return seen.finding is Finding.ORDINARY and not any(r.code in _SILENT for r in seen.reasons)


def _sentence(reason: Reason) -> str:
    return str(_NOTHING) if reason.code in _SILENT else reasons.sentence(reason)
