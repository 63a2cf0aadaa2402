"""What was done to accounts, one ledger entry each."""

from __future__ import annotations

from dataclasses import dataclass

from hueandcry.apps.members.models import Duty
from hueandcry.core.times import time_text
from hueandcry.core.types import Micros
from hueandcry.engine.ledger import face as ledger


@dataclass(frozen=True, slots=True)
class DutyView:
    """One act upon an account."""

    number: int
    kind: str
    subject: str
    person: int | None
    at: Micros
    log_index: int | None


def log(kind: str, subject: str, by: int | None, at: Micros) -> None:
    """Commits to an act upon an account in the caller's transaction."""
    row = Duty(kind=kind, subject=subject[:200], person_id=by, at=at)
    # Names are personal: the ledger commits to them by salt, and the row can be erased.
    ledger.append(f"members.{kind}", row, at=time_text(at), person=by, subject=row.subject)


def duties(before: int | None, limit: int) -> list[DutyView]:
    """The newest first, from below the number `before`."""
    rows = Duty.objects.order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [DutyView(r.pk, r.kind, r.subject, r.person_id, r.at, r.log_index) for r in rows[:limit]]
