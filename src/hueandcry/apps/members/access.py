"""The access log: who looked at what, for which purpose, and what was refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet

from hueandcry.apps.members.models import Access
from hueandcry.core.types import DAY, Micros
from hueandcry.engine.policy import face as policy

KEPT: Final = policy.declare(
    policy.Setting(
        "access_log.days",
        int,
        400,
        "days for which the access log is kept",
        low=30,
        high=3_650,
    )
)


@dataclass(frozen=True, slots=True)
class AccessNote:
    """One access to be noted."""

    action: str
    subject: str = ""
    outcome: str = "ok"  #: ok or refused
    purpose: str = ""
    person: int | None = None
    token: int | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class AccessView:
    """One line of the access log."""

    number: int
    at: Micros
    action: str
    subject: str
    outcome: str
    purpose: str
    person: int | None
    login: str
    token: int | None
    address: str


def log_access(note: AccessNote, at: Micros) -> None:
    """Keeps a note of an access in the caller's transaction."""
    Access.objects.create(
        at=at,
        action=note.action[:64],
        subject=note.subject[:300],
        outcome=note.outcome,
        purpose=note.purpose[:300],
        person_id=note.person,
        token_id=note.token,
        address=note.address[:64],
        purge_after=at + policy.number(KEPT.name) * DAY,
    )


def count_accesses(at: Micros) -> int:
    """How many notes are due to be purged."""
    return _due(at).count()


def purge_accesses(at: Micros, limit: int) -> int:
    """Deletes some notes whose time is over and that nobody holds, in the caller's transaction."""
    ids = list(_due(at).order_by("id").values_list("id", flat=True)[:limit])
    deleted: int = Access.objects.filter(pk__in=ids).delete()[0]
    return deleted


def _due(at: Micros) -> QuerySet[Access]:
    free = Q(held_until=None) | Q(held_until__lte=at)
    return Access.objects.filter(free, purge_after__lte=at)


def accesses(
    before: int | None = None,
    limit: int = 100,
    *,
    person: int | None = None,
    action: str = "",
    since: Micros | None = None,
    until: Micros | None = None,
) -> list[AccessView]:
    """The newest first, from below the number `before`; the filters add up."""
    rows = Access.objects.select_related("person").order_by("-id")
    wanted = {
        "pk__lt": before,
        "person": person,
        "action": action or None,
        "at__gte": since,
        "at__lt": until,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    return [_view(row) for row in rows[:limit]]


def _view(row: Access) -> AccessView:
    return AccessView(
        row.pk,
        row.at,
        row.action,
        row.subject,
        row.outcome,
        row.purpose,
        row.person_id,
        row.person.login if row.person else "",
        row.token_id,
        row.address,
    )
