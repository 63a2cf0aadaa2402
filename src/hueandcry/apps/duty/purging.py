"""What of duty is purged: how people are reached once they left the desk, and what is long over."""

from __future__ import annotations

from typing import Final

from django.db.models import Model, QuerySet

from hueandcry.apps.duty import queries, roster, settings
from hueandcry.apps.duty.models import Change
from hueandcry.core.types import Micros
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.purge import face as purge

TABLES: Final = (
    "duty_contact",
    "duty_shift",
    "duty_call",
    "duty_notice",
    "duty_handover",
    "duty_change",
)


def _due(at: Micros) -> tuple[QuerySet[Model], ...]:
    before = at - settings.kept()
    return (
        queries.contacts_without(list(roster.desk())),
        queries.old_shifts(before),
        queries.old_calls(before),
    )


def count(at: Micros) -> int:
    """How many rows are due."""
    before = at - settings.kept()
    emptied = (queries.old_notes(before), queries.old_changes(before))
    return sum(rows.count() for rows in (*_due(at), *emptied))


def step(at: Micros, limit: int) -> int:
    """Purges some rows of one table in the caller's transaction; how many."""
    for rows in _due(at):
        found = list(rows.order_by("pk").values_list("pk", flat=True)[:limit])
        if found:
            rows.model._default_manager.filter(pk__in=found).delete()
            return len(found)
    return _empty(at - settings.kept(), limit)


def _empty(before: Micros, limit: int) -> int:
    """Purges the words of old notes, else what the ledger's entries of old changes disclose."""
    notes = queries.old_notes(before)
    if found := list(notes.order_by("pk").values_list("pk", flat=True)[:limit]):
        return notes.filter(pk__in=found).update(said="")
    changes = queries.old_changes(before).order_by("pk").values_list("pk", flat=True)[:limit]
    return ledger.erase_openings(Change, list(changes))


purge.register(purge.Sort("duty", count, step, TABLES))
