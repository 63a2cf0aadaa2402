"""The treaty registry: what is in force between whom, as a person told this node from a source."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from hueandcry.apps.cooperation import queries, rules
from hueandcry.apps.cooperation.models import Treaty, TreatyList
from hueandcry.apps.cooperation.rules import Doing
from hueandcry.apps.cooperation.treaty_file import TreatyRow, read
from hueandcry.core.law import InForce
from hueandcry.core.times import time_text
from hueandcry.core.types import Actor, Micros
from hueandcry.engine.ledger import face as ledger


@dataclass(frozen=True, slots=True)
class TreatyView:
    """One row of the registry, with when it was looked up."""

    row: TreatyRow
    checked: date


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file changed: rows that it brought, and rows that it took the place of."""

    rows: int
    replaced: int


def import_treaties(actor: Actor, name: str, data: bytes, at: Micros) -> Imported:
    """Takes in a file of the registry as a whole, in the caller's transaction, or nothing of it.

    It takes the place of all that was known of each instrument and party that it names.
    """
    person = rules.check_may(actor, Doing.REGISTER)
    checked, rows = read(name, data)
    digest = hashlib.sha256(data).digest()
    made = TreatyList(digest=digest, file=data, checked=checked, person_id=person, at=at)
    ledger.append("treaties.import", made, at=time_text(at), digest=digest.hex(), person=person)
    replaced = queries.drop_treaties({row.about for row in rows})
    Treaty.objects.bulk_create(_stored(row, made) for row in rows)
    return Imported(len(rows), replaced)


def treaties(instrument: str = "", party: str = "") -> list[TreatyView]:
    """What the registry says, by instrument and party."""
    rows = queries.treaties(instrument, {party} if party else ())
    return [TreatyView(_read(row), row.list.checked) for row in rows]


def in_force(*countries: str) -> list[InForce]:
    """What is in force for any of these countries, on whichever days."""
    rows = (_read(row).in_force for row in queries.treaties("", set(countries)))
    return [row for row in rows if row is not None]


def _stored(row: TreatyRow, made: TreatyList) -> Treaty:
    return Treaty(
        instrument=row.instrument,
        party=row.party,
        with_party=row.with_party,
        signed=row.signed,
        since=row.since,
        until=row.until,
        excluded=list(row.excluded),
        reservations=row.reservations,
        declarations=row.declarations,
        authority=row.authority,
        languages=list(row.languages),
        point=row.point,
        source=row.source,
        list=made,
    )


def _read(row: Treaty) -> TreatyRow:
    return TreatyRow(
        row.instrument,
        row.party,
        row.with_party,
        row.signed,
        row.since,
        row.until,
        tuple(row.excluded),
        row.reservations,
        row.declarations,
        row.authority,
        tuple(row.languages),
        row.point,
        row.source,
    )
