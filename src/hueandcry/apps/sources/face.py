"""Sources: lists of others that this node takes by itself, on a schedule. Import only this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from hueandcry.apps.sources import previewing, rules, running, service
from hueandcry.apps.sources.calling import Credentials
from hueandcry.apps.sources.models import Run, Source
from hueandcry.apps.sources.previewing import Preview
from hueandcry.apps.sources.rules import MEANINGS, PROBLEMS, Mapping, Outcome, What
from hueandcry.apps.sources.service import NewSource
from hueandcry.core.errors import Conflict
from hueandcry.core.types import Actor, Micros
from hueandcry.engine import clock

__all__ = [
    "MEANINGS",
    "PROBLEMS",
    "Credentials",
    "Mapping",
    "NewSource",
    "Outcome",
    "Preview",
    "RunView",
    "SourceView",
    "What",
    "add",
    "hasten",
    "pause",
    "preview",
    "preview_new",
    "remove",
    "resume",
    "run_now",
    "runs",
    "source",
    "sources",
]


@dataclass(frozen=True, slots=True)
class RunView:
    """One run and its account; `outcome` is empty while it runs."""

    number: int
    started: Micros
    ended: Micros | None
    by_hand: bool
    outcome: str
    rows: int
    accepted: int
    merged: int
    rejected: int
    retracted: int
    pages: int
    reasons: dict[str, int]
    skipped: dict[str, int]
    problems: dict[str, int]
    sample: list[dict[str, Any]]
    code: str
    error: str


@dataclass(frozen=True, slots=True)
class SourceView:
    """One source; whether it has a secret is told, the secret never."""

    name: str
    what: str
    address: str
    feed: str
    every: int
    mapping: Mapping
    gone: str
    note: str
    auth: str
    state: str
    added_at: Micros
    person: int | None
    next_due: Micros | None  #: None while it is paused
    failures: int
    running: bool
    last: RunView | None


def sources() -> list[SourceView]:
    """Every source that is not removed, by name."""
    rows = Source.objects.exclude(state=Source.State.REMOVED).order_by("name")
    return [_view(row) for row in rows]


def source(name: str) -> SourceView:
    """One source; raises NotFound."""
    return _view(service.get(name))


def runs(name: str, limit: int = 50, before: int | None = None) -> list[RunView]:
    """Its runs, the newest first; `before`: those with smaller numbers."""
    rows = Run.objects.filter(source=service.get(name)).order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [_run(row) for row in rows[:limit]]


def add(actor: Actor, new: NewSource, at: Micros) -> SourceView:
    """Saves a source in the caller's transaction; due at once, unless paused right after."""
    return _view(service.add(actor, new, at))


def pause(actor: Actor, name: str, at: Micros) -> SourceView:
    """Stops its schedule; raises Conflict when it is paused already."""
    return _view(service.pause(actor, name, at))


def resume(actor: Actor, name: str, at: Micros) -> SourceView:
    """Takes up its schedule; raises Conflict when it was not paused."""
    return _view(service.resume(actor, name, at))


def hasten(actor: Actor, name: str, at: Micros) -> SourceView:
    """Makes it due at once, for its loop to run; raises Conflict while it is paused."""
    return _view(service.hasten(actor, name, at))


def remove(actor: Actor, name: str, at: Micros) -> SourceView:
    """Ends it for good and forgets its secret; what it brought stays."""
    return _view(service.remove(actor, name, at))


def preview(actor: Actor, name: str, at: Micros, *, anew: bool = False) -> Preview:
    """Fetches the source and says what a run would change; writes nothing."""
    service.may_run(actor)
    return previewing.preview(service.get(name), at, anew=anew)


def preview_new(actor: Actor, new: NewSource, at: Micros) -> Preview:
    """The same of a source that is not saved yet."""
    service.may_change(actor)
    return previewing.preview(service.unsaved(new, at), at, anew=True)


def run_now(actor: Actor, name: str, *, accept_gone: bool = False) -> RunView:
    """Runs it here and now, paused or not, in transactions of its own.

    Raises Conflict while somebody else runs it. What the source does wrong is the run's outcome.
    """
    service.may_run(actor)
    found = service.get(name)
    row = running.run(found.pk, str(uuid4()), by_hand=True, accept_gone=accept_gone)
    if row is None:
        raise Conflict("running", f"The source {name} is being run just now", do="Wait for it")
    return _run(row)


def _view(row: Source) -> SourceView:
    last = Run.objects.filter(source=row).order_by("-pk").first()
    return SourceView(
        name=row.name,
        what=row.what,
        address=row.address,
        feed=row.feed,
        every=row.every,
        mapping=rules.read_mapping(row.mapping),
        gone=row.gone,
        note=row.note,
        auth=row.auth,
        state=row.state,
        added_at=row.added_at,
        person=row.person_id,
        next_due=row.next_due if row.state == Source.State.ACTIVE else None,
        failures=row.failures,
        running=row.held_until > clock.now(),
        last=_run(last) if last else None,
    )


def _run(row: Run) -> RunView:
    return RunView(
        number=row.pk,
        started=row.started,
        ended=row.ended,
        by_hand=row.by_hand,
        outcome=row.outcome,
        rows=row.rows,
        accepted=row.accepted,
        merged=row.merged,
        rejected=row.rejected,
        retracted=row.retracted,
        pages=row.pages,
        reasons=row.reasons,
        skipped=row.skipped,
        problems=row.problems,
        sample=row.sample,
        code=row.code,
        error=row.error,
    )
