"""What the engine's store promises, on both databases."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator

import psycopg
import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from hueandcry.apps.members.models import Card, Member
from hueandcry.apps.reports.models import Band, Group
from hueandcry.engine.ledger.models import Checkpoint, Entry
from hueandcry.engine.store import adding, interned, reading
from hueandcry.engine.store.dialect import IN_CHUNK, connection_parameters, dialect
from hueandcry.engine.store.models import Interned
from hueandcry.engine.store.work import commits, unit_of_work

COLUMNS = ("size", "epoch", "root", "decided_at", "note")
ENTRY = ("index", "entry")


def checkpoint(size: int, note: bytes | None = None) -> tuple[object, ...]:
    return size, 0, bytes([size % 256]) * 32, 2**62 + size, note


def entry(index: int) -> tuple[int, bytes]:
    return index, index.to_bytes(33, "big")


@pytest.fixture
def told() -> Iterator[list[str]]:
    heard: list[str] = []

    def tell() -> None:
        heard.append("told")

    commits.subscribe(tell)
    yield heard
    commits.unsubscribe(tell)


# --- adding -------------------------------------------------------------------------------------


def groups(*sketches: bytes) -> list[Group]:
    return [Group(sketch=sketch, first_at=2**62, last_at=n) for n, sketch in enumerate(sketches)]


def test_added_rows_read_back_under_the_numbers_that_they_were_given(database: None) -> None:
    rows = groups(b"", bytes(range(256)), b"%s?")
    with transaction.atomic():
        adding.add(rows)
    assert list(Group.objects.order_by("pk")) == rows
    held = Group.objects.order_by("pk").values_list("sketch", "first_at", "last_at", "size")
    assert list(held) == [(row.sketch, 2**62, n, 1) for n, row in enumerate(rows)]


def test_a_number_is_given_once_whoever_adds_and_whatever_is_deleted(database: None) -> None:
    with transaction.atomic():
        adding.add(first := groups(b"a"))
        adding.add_parts(groups(b"b", b"c"))
    others = set(Group.objects.values_list("pk", flat=True))
    Group.objects.all().delete()
    with transaction.atomic():
        adding.add(again := groups(b"d"))
    made = Group.objects.create(sketch=b"e", first_at=0, last_at=0)
    assert len({*others, first[0].pk, again[0].pk, made.pk}) == 5


def test_a_key_of_the_wrong_length_is_never_added(database: None) -> None:
    with pytest.raises(ValidationError), transaction.atomic():
        adding.add_parts([Band(key=b"short", group_id=1)])
    assert not Band.objects.exists()


def test_rows_with_json_or_a_key_of_their_own_are_left_to_the_orm() -> None:
    assert adding.takes(Group)
    assert not adding.takes(Member)
    assert not adding.takes(Entry)


# --- dialect ------------------------------------------------------------------------------------


def test_inserted_bytes_nulls_and_large_numbers_read_back_as_they_were(database: None) -> None:
    every_byte = bytes(range(256)) + b"\\x'\"{},%s%%NULL"
    rows = [checkpoint(1), checkpoint(2, b""), checkpoint(3, every_byte)]
    dialect().insert(Checkpoint, COLUMNS, rows, "")
    assert list(Checkpoint.objects.order_by("size").values_list(*COLUMNS)) == rows


def test_inserted_json_booleans_and_texts_read_back_as_they_were(database: None) -> None:
    texts = ["plain", "", "ไทย, 'quoted' \"double\" {braces} \\ %s ?", "NULL"]
    columns = (
        *("fingerprint", "name", "country", "roles", "url", "serial"),
        *("is_self", "hosted", "barred"),
    )
    rows = [
        (bytes([n]) * 32, text, "TH", json.dumps([text, "asc"]), "", n, n == 0, False, False)
        for n, text in enumerate(texts)
    ]
    dialect().insert(Member, columns, rows, "")
    found = Member.objects.order_by("serial").values_list("name", "roles", "is_self")
    assert list(found) == [(text, [text, "asc"], n == 0) for n, text in enumerate(texts)]


def test_no_rows_are_inserted_updated_or_selected_without_complaint(database: None) -> None:
    dialect().insert(Entry, ENTRY, [], "")
    dialect().update(Entry, ENTRY, [])
    assert (
        list(dialect().select_in("SELECT 1 FROM ledger_entry WHERE entry {values}", [], "bytea"))
        == []
    )


def test_an_insert_that_does_nothing_on_conflict_keeps_what_was_there(database: None) -> None:
    dialect().insert(Entry, ENTRY, [(1, b"a" * 33)], "")
    dialect().insert(Entry, ENTRY, [(1, b"b" * 33), (2, b"c" * 33)], "ON CONFLICT DO NOTHING")
    assert dict(Entry.objects.values_list(*ENTRY)) == {1: b"a" * 33, 2: b"c" * 33}


def test_an_insert_that_updates_on_conflict_takes_what_is_new(database: None) -> None:
    update = 'ON CONFLICT ("index") DO UPDATE SET entry = excluded.entry'
    dialect().insert(Entry, ENTRY, [(1, b"a" * 33)], "")
    dialect().insert(Entry, ENTRY, [(1, b"b" * 33), (2, b"c" * 33)], update)
    assert dict(Entry.objects.values_list(*ENTRY)) == {1: b"b" * 33, 2: b"c" * 33}


def test_an_update_sets_bytes_and_nulls_of_the_named_rows_only(database: None) -> None:
    rows = [checkpoint(size, b"old") for size in (1, 2, 3)]
    dialect().insert(Checkpoint, COLUMNS, rows, "")
    changes = [(1, b"\x00new", 7), (2, None, 8), (9, b"nobody", 9)]
    dialect().update(Checkpoint, ("size", "note", "decided_at"), changes)
    found = list(Checkpoint.objects.order_by("size").values_list("size", "note", "decided_at"))
    assert found == [(1, b"\x00new", 7), (2, None, 8), (3, b"old", rows[2][3])]


def test_a_long_list_with_repetitions_finds_each_row_once(database: None) -> None:
    held = [entry(n) for n in range(2 * IN_CHUNK + 7)]
    dialect().insert(Entry, ENTRY, held, "")
    wanted = [value for _, value in held] * 2 + [b"x" * 33]
    sql = 'SELECT "index", entry FROM ledger_entry WHERE entry {values}'
    assert sorted(dialect().select_in(sql, wanted, "bytea")) == held
    by_index = 'SELECT "index", entry FROM ledger_entry WHERE "index" {values}'
    assert sorted(dialect().select_in(by_index, [3, 5, -1], "bigint")) == [held[3], held[5]]


def test_ids_given_out_are_never_given_out_again(database: None) -> None:
    with unit_of_work():
        ids = list(dialect().next_ids(Interned, 3))
        rows = [(key, "trial", f"text {key}") for key in ids]
        dialect().insert(Interned, ("id", "space", "text"), rows, "")
    Interned.objects.all().delete()
    with unit_of_work():
        later = list(dialect().next_ids(Interned, 2))
    assert len(set(ids)) == 3 and min(later) > max(ids)
    assert Interned.objects.create(space="trial", text="by itself").pk not in ids


def test_a_field_of_fixed_length_refuses_any_other_length(database: None) -> None:
    with pytest.raises(ValidationError):
        Entry.objects.create(index=1, entry=b"short")


# --- reading ------------------------------------------------------------------------------------


def test_a_reader_sees_what_is_committed_and_nothing_else(database: None) -> None:
    sql = 'SELECT entry FROM ledger_entry WHERE "index" = ?'
    with unit_of_work():
        dialect().insert(Entry, ENTRY, [entry(1)], "")
        assert reading.reader().rows(sql, [1]) == []
    assert reading.reader().rows(sql, [1]) == [(entry(1)[1],)]
    assert type(reading.reader().rows(sql, [1])[0][0]) is bytes


@pytest.mark.parametrize("n", [0, 1, 3, IN_CHUNK, 2 * IN_CHUNK + 1])
def test_a_reader_finds_many_values_each_once(database: None, n: int) -> None:
    held = [entry(index) for index in range(n)]
    dialect().insert(Entry, ENTRY, held, "")
    wanted = [value for _, value in held] + [value for _, value in held[:1]]
    sql = 'SELECT "index", entry FROM ledger_entry WHERE entry {many}'
    assert sorted(reading.reader().rows_in(sql, wanted)) == held


def test_a_reader_reads_nulls_texts_and_numbers(database: None) -> None:
    dialect().insert(Checkpoint, COLUMNS, [checkpoint(1)], "")
    Interned.objects.create(space="trial", text="ไทย")
    assert reading.reader().rows("SELECT size, note FROM ledger_checkpoint") == [(1, None)]
    assert reading.reader().rows("SELECT text FROM store_interned") == [("ไทย",)]


def test_a_reader_cannot_write(database: None) -> None:
    with pytest.raises((sqlite3.OperationalError, psycopg.errors.ReadOnlySqlTransaction)):
        reading.reader().rows("DELETE FROM ledger_entry")


def test_each_thread_has_a_reader_of_its_own(database: None) -> None:
    readers = [reading.reader()]

    def other() -> None:
        readers.append(reading.reader())
        reading.close_reader()

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert readers[0] is reading.reader() is not readers[1]


def test_a_reader_whose_server_went_away_is_opened_again(database: None) -> None:
    if connection.vendor != "postgresql":
        return  # a file does not go away
    [(pid,)] = reading.reader().rows("SELECT pg_backend_pid()")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    with pytest.raises(psycopg.OperationalError):
        reading.reader().rows("SELECT 1")
    assert reading.reader().rows("SELECT 1") == [(1,)]


# --- interned -----------------------------------------------------------------------------------


def test_a_text_keeps_its_number_and_each_space_has_its_own(database: None) -> None:
    number = interned.number("label", "x")
    assert interned.number("label", "x") == number != interned.number("source", "x")
    interned.forget()
    assert interned.number("label", "x") == number
    assert interned.text(number) == "x"
    assert interned.numbers("label") == {number: "x"}


def test_a_number_out_of_an_undone_transaction_is_not_remembered(database: None) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work():
        interned.number("label", "x")
        raise ZeroDivisionError
    other = interned.number("label", "y")
    number = interned.number("label", "x")
    assert interned.numbers("label") == {other: "y", number: "x"}
    assert interned.text(number) == "x"


def test_a_text_read_inside_a_transaction_is_remembered_after_it(database: None) -> None:
    number = interned.number("label", "x")
    interned.forget()
    with unit_of_work():
        assert interned.text(number) == "x"
    Interned.objects.all().delete()
    assert interned.text(number) == "x"


def test_a_number_that_nobody_made_has_no_text(database: None) -> None:
    with pytest.raises(Interned.DoesNotExist):
        interned.text(2**40)


# --- unit of work -------------------------------------------------------------------------------


def test_a_commit_is_announced_once_it_can_be_read(database: None, told: list[str]) -> None:
    with unit_of_work():
        Entry.objects.create(index=0, entry=bytes(33))
        assert told == []
    assert told == ["told"]
    assert reading.reader().rows("SELECT COUNT(*) FROM ledger_entry") == [(1,)]


def test_an_undone_unit_leaves_nothing_and_is_not_announced(
    database: None, told: list[str]
) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work():
        Entry.objects.create(index=0, entry=bytes(33))
        raise ZeroDivisionError
    assert told == [] and not Entry.objects.exists()


def test_a_unit_inside_a_transaction_is_refused_because_it_could_not_promise(
    database: None,
) -> None:
    with pytest.raises(RuntimeError), transaction.atomic(), unit_of_work():
        pass


def test_other_processes_hear_of_a_commit_on_postgresql(database: None) -> None:
    if connection.vendor != "postgresql":
        return  # SQLite tells by PRAGMA data_version
    with psycopg.connect(**connection_parameters(), autocommit=True) as listener:
        listener.execute("LISTEN hueandcry")
        with unit_of_work():
            pass
        heard = [notice.channel for notice in listener.notifies(timeout=5, stop_after=1)]
    assert heard == ["hueandcry"]


def test_tables_start_empty_in_each_test(database: None) -> None:
    assert not Card.objects.exists() and not Entry.objects.exists()
