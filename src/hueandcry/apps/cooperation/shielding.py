"""Persons who may be coerced: what a request names as theirs is kept off the lists of others.

An act upon the request only notes the keys of these values, before a referral is closed. A loop
shields them once we have sent the request, or one of our people has accepted it: nobody takes an
account off our lists by sending us a document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from hueandcry.apps.cooperation import matching, queries, rules, sealed
from hueandcry.apps.cooperation.models import Request
from hueandcry.apps.signals import face as signals
from hueandcry.core.errors import Conflict
from hueandcry.core.extract import extract
from hueandcry.core.machine import REQUEST, Side
from hueandcry.core.types import PERSONAL, Kind, Micros, Signal
from hueandcry.engine import clock
from hueandcry.engine.jobs.rows import each_alone

#: Fields that name persons, each of whom may be coerced.
_PERSONS: Final = ("persons", "subjects")
_KINDS: Final = PERSONAL | {Kind.WALLET}
_KEYS: Final = "keys"


def values(given: Mapping[str, Any]) -> frozenset[Signal]:
    """What fields name as the account, number, address, handle or wallet of who may be coerced.

    Whatever stands in the record of such a person; of the items what is named, where every person
    whom the request names may be coerced: else nobody knows whose they are.
    """
    persons = [each for name in _PERSONS for each in given.get(name) or ()]
    coerced = [each for each in persons if each.get("possibly_coerced") is True]
    found = {signal for each in coerced for signal in _named_in(each.values())}
    if coerced and len(coerced) == len(persons):
        found.update(matching.signals_of(given.get("items") or ()))
    return frozenset(each for each in found if each.kind in _KINDS)


def _named_in(texts: Iterable[object]) -> Iterable[Signal]:
    for text in texts:
        if isinstance(text, str):
            yield from (each.signal for each in extract(text).signals)


def noted(given: Mapping[str, Any], before: str = "") -> str:
    """The keys of these values, sealed, with those that were noted `before`."""
    keys = {each.key.hex() for each in values(given)} | set(sealed.opened(before).get(_KEYS, ()))
    return sealed.seal({_KEYS: sorted(keys)} if keys else {})


def shield_all() -> bool:
    """Shields what requests that left, or were accepted, name; False: no more at once."""
    each_alone(queries.unshielded(), lambda row: _turn(row, clock.now()))
    return False


def _turn(row: Request, at: Micros) -> None:
    """Nothing of it is noted any more once its values are shielded, or never will be."""
    if rules.shields(Side(row.side), row.before or row.state, row.outside or row.document):
        keys = [bytes.fromhex(each) for each in sealed.opened(row.coerced)[_KEYS]]
        signals.shield(keys, UUID(bytes=row.uuid), at)
    elif row.state not in REQUEST.final:
        return
    if Request.objects.filter(pk=row.pk, version=row.version).update(coerced="") != 1:
        raise Conflict("moved_on", "The request moved on while what it names was shielded")


def doubts(row: Request) -> list[str]:
    """How much acceptance would take off the lists of others, as people should know before."""
    count = len(sealed.opened(row.coerced).get(_KEYS, ()))
    if not count or row.side != Side.REQUESTED:
        return []
    return [
        f"It names {count} accounts, numbers or handles of who may be coerced: once it is accepted"
        " no list and no look-up of others shows them"
    ]
