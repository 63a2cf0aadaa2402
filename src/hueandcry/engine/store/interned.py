"""Texts stored once, named by small numbers; the cache only ever holds committed rows."""

from __future__ import annotations

from django.db import connection, transaction

from hueandcry.core.errors import Broken
from hueandcry.engine.store.dialect import dialect
from hueandcry.engine.store.models import Interned

_numbers: dict[tuple[str, str], int] = {}
_texts: dict[int, str] = {}


def number(space: str, text: str) -> int:
    """The number of `text` in `space`, made when new; stable for the life of the database."""
    known = _numbers.get((space, text))
    if known is not None:
        return known
    found = _find(space, text)
    if found is None:
        _make(space, text)
        found = _find(space, text)
    if found is None:
        raise Broken("interned", f"The number of {text!r} could not be stored")
    number = found
    # A number that a rolled-back transaction made must not outlive it in the cache.
    transaction.on_commit(lambda: _remember(space, text, number))
    return number


def _find(space: str, text: str) -> int | None:
    sql = "SELECT id FROM store_interned WHERE space = %s AND text = %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [space, text])
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def _make(space: str, text: str) -> None:
    # Apart: else two writers with two new texts each, in turn, would wait for each other.
    sql = "INSERT INTO store_interned (space, text) VALUES (%s, %s) ON CONFLICT DO NOTHING"
    with dialect().apart() as cursor:
        cursor.execute(sql, [space, text])


def text(number: int) -> str:
    """The text that `number` stands for; raises Interned.DoesNotExist when there is none."""
    known = _texts.get(number)
    if known is None:
        row = Interned.objects.get(pk=number)
        transaction.on_commit(lambda: _remember(row.space, row.text, number))
        known = row.text
    return known


def numbers(space: str) -> dict[int, str]:
    """Every number in `space` with its text, read afresh."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, text FROM store_interned WHERE space = %s", [space])
        return dict(cursor.fetchall())


def _remember(space: str, text: str, number: int) -> None:
    _numbers[space, text] = number
    _texts[number] = text


def forget() -> None:
    """Empties the cache: for tests that swap databases under one process."""
    _numbers.clear()
    _texts.clear()
