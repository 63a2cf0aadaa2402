"""Legal holds: a report that must be kept, whatever is due, until somebody releases it.

A hold names who asks for it and when somebody looks at it again. It does not lapse on that day:
what a court wants is not lost because nobody looked. It is only told of, until it is released or
held anew.
"""

from __future__ import annotations

from typing import Final

from hueandcry.apps.reports import acting, queries
from hueandcry.apps.reports.models import Report
from hueandcry.apps.reports.rules import Doing
from hueandcry.apps.reports.stories import Hold
from hueandcry.core.errors import Conflict, Malformed
from hueandcry.core.times import time_text
from hueandcry.core.types import DAY, Actor, Micros

#: A hold is looked at again at least once in a year.
REVIEW: Final[Micros] = 366 * DAY
_MOST: Final = 500  #: letters of a reason, or of who asks


def hold(actor: Actor, number: int, why: Hold, at: Micros) -> None:
    """Keeps a report and its reporter from being purged; held again, it has a new review.

    Raises Malformed for a hold that does not say why, who asks, or when it is looked at again;
    Conflict for a report that was purged.
    """
    reason, authority = _said("reason", why.reason), _said("authority", why.authority)
    if not at < why.review_at <= at + REVIEW:
        raise Malformed(
            "review", "A hold is looked at again within a year", do="Name a day that is to come"
        )
    detail = f"{authority}: {reason} ({time_text(why.review_at)})"
    fields = {"review_at": why.review_at}
    acting.do(queries.report(number), acting.Change(Doing.HOLD, None, fields, detail), actor, at)


def release(actor: Actor, number: int, reason: str, at: Micros) -> None:
    """Ends the hold on a report; raises Malformed without a reason, Conflict where there is none.

    What is due goes with the next purge.
    """
    detail = _said("reason", reason)
    row = queries.report(number)
    if row.review_at is None:
        raise Conflict("no_hold", f"Nothing holds report {number}")
    acting.do(row, acting.Change(Doing.FREE, None, {"review_at": None}, detail), actor, at)


def _said(name: str, text: str) -> str:
    text = text.strip()
    if not text or len(text) > _MOST:
        raise Malformed(name, f"The {name} of a hold has 1 to {_MOST} letters")
    return text


def overdue(at: Micros) -> int:
    """How many holds nobody has looked at again by the day that was named."""
    return Report.objects.filter(review_at__lte=at).count()
