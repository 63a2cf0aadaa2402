"""What `hueandcry doctor --repair` mends by itself: only what loses nothing and can be done again.

Each repair says what it did, and leaves a line in the access log.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import Error, connection, models
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max

from hueandcry.apps.members import face as members
from hueandcry.core.errors import HueError
from hueandcry.core.types import DAY
from hueandcry.doors.cli import opening
from hueandcry.doors.cli.findings import Finding
from hueandcry.doors.cli.soundness import open_to_others
from hueandcry.engine import clock
from hueandcry.engine.jobs import leases
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.store import feed
from hueandcry.engine.store.work import unit_of_work

log = logging.getLogger("hueandcry.doctor")

#: A lease that ran out so long ago is its dead holder's.
STALE = DAY


def repair() -> list[Finding]:
    """Mends what can be mended safely, in order; gives what was done, and what could not be."""
    done = []
    for name, mend in REPAIRS:
        try:
            done += [_noted(name, what) for what in mend()]
        except (HueError, OSError, Error) as failed:
            done.append(Finding(name, "wrong", f"It could not be repaired: {failed}"))
    return done


def _noted(name: str, what: str) -> Finding:
    log.warning("doctor repaired %s: %s", name, what)
    with unit_of_work():
        members.log_access(members.AccessNote("doctor.repair", f"{name}: {what}"), clock.now())
    return Finding(name, "repaired", what)


def _tables() -> Iterator[str]:
    """Brings the tables to this version."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        opening.migrate()
        yield f"{len(plan)} steps to the tables of this version: {plan[-1][0]}"


def _permissions() -> Iterator[str]:
    """Takes secrets out of other accounts' sight."""
    for place in open_to_others(settings.DATA):
        os.chmod(place, 0o700 if place.is_dir() else 0o600)
        yield f"{place} is for this account alone again"


def _heads() -> Iterator[str]:
    """Puts a lost counter back, at the highest position that anything has."""
    for name, top in ((feed.FEED, _top("seq")), (feed.LEDGER, ledger.top())):
        with unit_of_work():
            made = feed.restore(name, top)
        if made:
            yield f"the counter {name} is back, at {top}"


def _top(field: str) -> int:
    """The highest feed position that any row has."""
    tops = [0]
    for model in _ours():
        try:
            model._meta.get_field(field)
        except FieldDoesNotExist:
            continue
        tops.append(model._default_manager.aggregate(top=Max(field))["top"] or 0)
    return max(tops)


def _ours() -> list[type[models.Model]]:
    return [m for m in apps.get_models() if m.__module__.startswith("hueandcry.")]


def _indexes() -> Iterator[str]:
    """Makes indexes and constraints again that somebody dropped."""
    for model in _ours():
        for index in missing(model):
            with connection.schema_editor() as editor:
                if isinstance(index, models.Index):
                    editor.add_index(model, index)
                else:
                    editor.add_constraint(model, index)
            yield f"{index.name} on {model._meta.db_table} is back"


def missing(model: type[models.Model]) -> list[Any]:
    """The named indexes and constraints of a table that the database does not have."""
    with connection.cursor() as cursor:
        held = connection.introspection.get_constraints(cursor, model._meta.db_table)
    wanted = [*model._meta.indexes, *model._meta.constraints]
    return [each for each in wanted if each.name not in held]


def _leases() -> Iterator[str]:
    """Forgets leases of workers that died long ago."""
    count = leases.forget_stale(clock.now() - STALE)
    if count:
        yield f"{count} leases of dead workers forgotten"


def _tiles() -> Iterator[str]:
    """Makes the ledger's tiles again from its entries."""
    lost = ledger.missing_tiles()
    if not lost:
        return
    if ledger.rebuild(f"doctor-{uuid4()}"[:36]):
        yield f"{len(lost)} parts of the published ledger made again from its entries"
    else:
        raise HueError("publishing", "The ledger is being published just now", do="Try again")


REPAIRS: tuple[tuple[str, Callable[[], Iterator[str]]], ...] = (
    ("tables", _tables),
    ("permissions", _permissions),
    ("counters", _heads),
    ("indexes", _indexes),
    ("leases", _leases),
    ("ledger tiles", _tiles),
)
