"""Exhibits as people see them: lists with what stands on each, and a custody that names our own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain as joined

from django.db.models import Q

from hueandcry.apps.evidence import chain, queries, sealed
from hueandcry.apps.evidence.models import CustodyEvent, EarlierLine, Exhibit, Restriction
from hueandcry.apps.evidence.rules import State
from hueandcry.apps.evidence.service import SOURCE
from hueandcry.apps.evidence.views import ExhibitView, Happened, Line, Summary
from hueandcry.core import custody
from hueandcry.core.custody import Event
from hueandcry.core.errors import NotFound
from hueandcry.core.types import Micros


def summaries(
    states: Sequence[State], before: int | None, limit: int, search: str, at: Micros
) -> list[Summary]:
    """A page of exhibits, the newest first; a few statements, however many there are."""
    found = queries.listed(states, before, limit, search)
    rows = [row for row, _ in found]
    told, limits = _descriptions(rows), _limits(rows, at)
    return [Summary(row, view, told.get(row, ""), limits[row]) for row, view in found]


def _descriptions(rows: Sequence[int]) -> dict[int, str]:
    """What the first event of each says of it, where its record was not erased."""
    first = {"exhibit__in": rows, "n": 0}
    ours = CustodyEvent.objects.filter(**first).values_list("exhibit", "log_record")
    earlier = EarlierLine.objects.filter(**first).values_list("exhibit", "record")
    return {
        row: described(custody.read_record(bytes(record)))
        for row, record in joined(ours, earlier)
        if record is not None
    }


def described(first: Event) -> str:
    """What the first event says the thing is, without where it comes from."""
    return (first.description or "").partition(SOURCE)[0]


def _limits(rows: Sequence[int], at: Micros) -> dict[int, int]:
    """How many restrictions stand on each, those of what it was made of among them."""
    descent = _descent(rows)
    digests = {sha256 for each in descent.values() for sha256 in each}
    standing = Restriction.objects.filter(sha256__in=digests, ended_at=None)
    standing = standing.filter(Q(until=None) | Q(until__gt=at))
    marked = [bytes(sha256) for sha256 in standing.values_list("sha256", flat=True)]
    return {row: sum(sha256 in each for sha256 in marked) for row, each in descent.items()}


def _descent(rows: Sequence[int]) -> dict[int, set[bytes]]:
    """Each exhibit's digest and those of all that it was made of; one statement a generation."""
    known: dict[int, tuple[bytes, int | None]] = {}
    wanted: set[int] = set(rows)
    while wanted:
        found = Exhibit.objects.filter(pk__in=wanted).values_list("pk", "sha256", "parent")
        known |= {row: (bytes(sha256), parent) for row, sha256, parent in found}
        wanted = {parent for _, parent in known.values() if parent is not None} - known.keys()
    return {row: set(_digests(row, known)) for row in rows}


def _digests(row: int, known: Mapping[int, tuple[bytes, int | None]]) -> Iterable[bytes]:
    current: int | None = row
    while current is not None:
        sha256, current = known[current]
        yield sha256


def children(row: Exhibit) -> list[ExhibitView]:
    """What was made of an exhibit, in order."""
    return [queries.view(each) for each in Exhibit.objects.filter(parent=row).order_by("pk")]


def happened(row: Exhibit) -> list[Happened]:
    """The whole custody in order; raises NotFound once the exhibit was purged."""
    ours = {each.n: each.person_id for each in queries.custody(row)}
    return [_happened(row, line, ours) for line in chain.lines(row)]


def _happened(row: Exhibit, line: Line, ours: Mapping[int, int | None]) -> Happened:
    event = custody.read_record(line.record)
    person = ours.get(event.n)
    if person is not None and sealed.pseudonym(person) != event.actor.person:
        person = None  # somebody of ours noted what another one did
    named = "" if person is not None or event.n not in ours else _named(row, event)
    return Happened(event, person, named, line.origin, line.index, event.n in ours)


def _named(row: Exhibit, event: Event) -> str:
    name = sealed.opened(row.collector)
    return name if name and sealed.pseudonym_of_name(name) == event.actor.person else ""


def line(row: Exhibit, n: int) -> tuple[Line, int | None]:
    """Event `n` with what proves it, and its position in our ledger if it stands there.

    Raises NotFound where there is no such event.
    """
    lines = chain.lines(row)
    if not 0 <= n < len(lines):
        raise NotFound("custody_line", f"The custody of exhibit {row.number} has no event {n}")
    position = queries.custody(row).filter(n=n).values_list("log_index", flat=True).first()
    return lines[n], position
