"""Every query of duty."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import Count, F, Q, QuerySet

from hueandcry.apps.duty.models import Call, Change, Contact, HandOver, Notice, Position, Shift
from hueandcry.apps.duty.rules import Channel
from hueandcry.core.types import Micros

WAITING = Notice.State.WAITING


# --- the roster -----------------------------------------------------------------------------------


def shifts(since: Micros, until: Micros) -> list[Shift]:
    """The shifts that stand and lie in a span, in order."""
    rows = Shift.objects.filter(removed_at=None, ends__gt=since, begins__lt=until)
    return list(rows.order_by("begins", "second", "id"))


def any_shift() -> bool:
    return Shift.objects.filter(removed_at=None).exists()


def remove_shift(number: int, at: Micros) -> int:
    """Takes a shift out of the roster, once; rows changed."""
    return Shift.objects.filter(pk=number, removed_at=None).update(removed_at=at)


def contacts(people: Collection[int]) -> dict[int, str]:
    """Person → how they are reached, sealed."""
    return dict(Contact.objects.filter(person__in=people).values_list("person_id", "reach"))


def contact(person: int | None) -> str:
    """How somebody is reached, sealed; empty where nobody said."""
    row = Contact.objects.filter(person=person).first()
    return "" if row is None else row.reach


# --- calls ----------------------------------------------------------------------------------------


def position(stream: str) -> int:
    """How far a stream was looked at."""
    row = Position.objects.filter(stream=stream).first()
    return 0 if row is None else row.number


def move(stream: str, seen: int, number: int) -> int:
    """Says how far a stream was looked at, where it still stands at `seen`; rows changed."""
    Position.objects.get_or_create(stream=stream)
    return Position.objects.filter(stream=stream, number=seen).update(number=number)


def call(number: int) -> Call | None:
    return Call.objects.filter(pk=number).first()


def due_calls(at: Micros, limit: int) -> list[Call]:
    """Calls whose next step is due, the oldest first."""
    rows = Call.objects.filter(next_at__lte=at, ended_at=None)
    return list(rows.order_by("next_at", "id")[:limit])


def open_calls(limit: int, after: int = 0) -> list[Call]:
    """Calls that nobody answered and that are not done with, the oldest first."""
    rows = Call.objects.filter(ended_at=None, pk__gt=after).order_by("id")
    return list(rows[:limit])


def count_open() -> int:
    return Call.objects.filter(ended_at=None).count()


def go_on(row: Call, step: int, next_at: Micros | None) -> int:
    """Takes a call to its next step, where it still is at the one before; rows changed."""
    rows = Call.objects.filter(pk=row.pk, step=row.step, next_at=row.next_at, ended_at=None)
    return rows.update(step=step, next_at=next_at)


def end(number: int, how: str, at: Micros, person: int | None = None) -> int:
    """Ends a call, once; rows changed."""
    rows = Call.objects.filter(pk=number, ended_at=None)
    return rows.update(ended_at=at, end=how, person=person, next_at=None)


def supersede(new: Call, at: Micros) -> int:
    """Ends the open call of the same clock, before the new one of it is stored; rows changed."""
    rows = Call.objects.filter(request=new.request_id, rule=new.rule, ended_at=None)
    return rows.update(ended_at=at, end=Call.End.SUPERSEDED, next_at=None)


# --- notices --------------------------------------------------------------------------------------


def told(row: Call) -> frozenset[int]:
    """The people for whom there are notices of a call, delivered or not."""
    rows = Notice.objects.filter(call=row, person__isnull=False)
    return frozenset(rows.values_list("person_id", flat=True))


def add(notices: Iterable[Notice]) -> None:
    Notice.objects.bulk_create(notices)


def due_channels(at: Micros) -> list[str]:
    """The channels for which something may be tried now."""
    rows = Notice.objects.filter(state=WAITING, due_at__lte=at)
    return list(rows.values_list("channel", flat=True).distinct().order_by())


def next_due(channel: Channel, at: Micros) -> Notice | None:
    """The oldest notice that may be tried now, with its call."""
    rows = Notice.objects.filter(channel=channel, state=WAITING, due_at__lte=at)
    return rows.order_by("id").select_related("call").first()


def take(row: Notice, at: Micros, until: Micros) -> int:
    """Takes a notice in hand until an instant; 0 when somebody else has it."""
    rows = Notice.objects.filter(pk=row.pk, state=WAITING, due_at__lte=at, attempts=row.attempts)
    return rows.update(due_at=until, attempts=F("attempts") + 1)


def settle(row: Notice, state: str, at: Micros, outcome: str, due_at: Micros) -> int:
    """Says how a try ended; a notice that waits on is due at `due_at`."""
    done = None if state == WAITING else at
    rows = Notice.objects.filter(pk=row.pk, state=WAITING)
    return rows.update(state=state, done_at=done, outcome=outcome[:300], due_at=due_at)


def notices(calls: Collection[int]) -> list[Notice]:
    """The notices of these calls, in order."""
    return list(Notice.objects.filter(call__in=calls).order_by("id"))


def faring(since: Micros) -> dict[str, tuple[int, int]]:
    """Channel → (notices that failed and are tried again, notices given up since)."""
    waits = Count("id", filter=Q(state=WAITING, outcome__gt=""))
    failed = Count("id", filter=Q(state=Notice.State.FAILED, done_at__gte=since))
    rows = Notice.objects.filter(state__in=(WAITING, Notice.State.FAILED)).values("channel")
    found = rows.annotate(waits=waits, failed=failed).order_by()
    return {row["channel"]: (row["waits"], row["failed"]) for row in found}


def newest_outcome(channel: str) -> str:
    """What the newest notice that did not arrive came to."""
    rows = Notice.objects.filter(channel=channel, state__in=(WAITING, Notice.State.FAILED))
    return rows.exclude(outcome="").order_by("-id").values_list("outcome", flat=True).first() or ""


# --- notes ----------------------------------------------------------------------------------------


def notes(limit: int) -> list[HandOver]:
    """Hand-over notes, the newest first."""
    return list(HandOver.objects.order_by("-id")[:limit])


def note(number: int) -> HandOver | None:
    return HandOver.objects.filter(pk=number).first()


def take_note(number: int, person: int, at: Micros) -> int:
    """Says who took over by a note, once; rows changed."""
    rows = HandOver.objects.filter(pk=number, taken_at=None)
    return rows.update(taken_by=person, taken_at=at)


# --- what is over ---------------------------------------------------------------------------------


def old_shifts(before: Micros) -> QuerySet[Shift]:
    return Shift.objects.filter(ends__lte=before)


def old_calls(before: Micros) -> QuerySet[Call]:
    return Call.objects.filter(ended_at__lte=before)


def old_notes(before: Micros) -> QuerySet[HandOver]:
    return HandOver.objects.filter(at__lte=before).exclude(said="")


def old_changes(before: Micros) -> QuerySet[Change]:
    return Change.objects.filter(at__lte=before, log_record__isnull=False)


def contacts_without(people: Collection[int]) -> QuerySet[Contact]:
    """How those are reached who are not among these."""
    return Contact.objects.exclude(person__in=people)
