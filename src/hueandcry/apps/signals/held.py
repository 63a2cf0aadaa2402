"""What we hold under the name of one feed: the other side of what its owner lists now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import queries
from hueandcry.core.types import Micros
from hueandcry.engine.store.reading import reader

_PAGE: Final = 5_000
_HELD: Final = (
    "SELECT c.id, s.key FROM signals_claim c JOIN signals_signal s ON s.id = c.signal_id "
    "WHERE c.id > ? AND c.claimant_id = ? AND c.source = ? AND c.state = 0 AND c.valid_until > ? "
    f"ORDER BY c.id LIMIT {_PAGE}"
)


def held_from(source: str, at: Micros) -> Iterator[bytes]:
    """The signal keys of our live claims under this feed that have not ended."""
    number, us = known_source(source), members.us().id
    last = 0
    while number is not None:
        rows = reader().rows(_HELD, [last, us, number, at])
        yield from (bytes(key) for _, key in rows)
        if len(rows) < _PAGE:
            return
        last = rows[-1][0]


def known_source(source: str) -> int | None:
    """The number of a feed that somebody named before, without making one."""
    sql = "SELECT id FROM store_interned WHERE space = ? AND text = ?"
    rows = reader().rows(sql, [queries.SOURCE, source])
    return int(rows[0][0]) if rows else None
