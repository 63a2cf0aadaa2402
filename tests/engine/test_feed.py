"""Feed and ledger order under writers in processes of their own, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from databases import run_children, start_children
from engine import children
from hueandcry.apps.members.models import Card
from hueandcry.core import tlog
from hueandcry.core.errors import Broken
from hueandcry.engine.ledger.models import Entry
from hueandcry.engine.store import feed, interned
from hueandcry.engine.store.models import Head, Interned
from hueandcry.engine.store.reading import reader

SCRIPT = Path(children.__file__)
WRITERS = 4


@pytest.fixture
def trial_feed(database: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE trial_feed (seq BIGINT PRIMARY KEY, writer INTEGER)")
        yield
        cursor.execute("DROP TABLE trial_feed")


def check(outcomes: list[tuple[int, str]]) -> None:
    assert [code for code, _ in outcomes] == [0] * len(outcomes), outcomes


def sequence() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM trial_feed ORDER BY seq")
        return [row[0] for row in cursor.fetchall()]


def test_positions_start_at_one_and_advance_by_what_was_asked(database: None) -> None:
    assert feed.advance(feed.FEED, 3) == 1
    assert feed.advance(feed.FEED, 2) == 4
    assert feed.position(feed.FEED) == 5


def test_a_missing_head_is_said_and_not_made_up(database: None) -> None:
    Head.objects.all().delete()
    with pytest.raises(Broken):
        feed.advance(feed.FEED, 1)


def test_writers_that_roll_back_leave_no_gap_and_no_duplicate(trial_feed: None) -> None:
    check(run_children(SCRIPT, [("feed", writer, 40) for writer in range(WRITERS)]))
    rows = sequence()
    assert rows == list(range(1, len(rows) + 1))
    assert feed.position(feed.FEED) == len(rows) > 0


def test_a_reader_that_pages_by_position_never_misses_a_row(trial_feed: None) -> None:
    running = start_children(SCRIPT, [("feed", writer, 80) for writer in range(WRITERS)])
    seen: list[int] = []
    going = True
    while going:
        going = any(child.poll() is None for child in running)
        page = "SELECT seq FROM trial_feed WHERE seq > ? ORDER BY seq LIMIT 7"
        while rows := reader().rows(page, [seen[-1] if seen else 0]):
            seen += [row[0] for row in rows]
    outputs = [child.communicate()[0] for child in running]
    check([(child.returncode, said) for child, said in zip(running, outputs, strict=True)])
    assert seen == sequence() == list(range(1, len(seen) + 1))


def test_ledger_indexes_have_no_gap_and_each_opens_its_row(database: None) -> None:
    children.member()
    check(run_children(SCRIPT, [("ledger", writer, 30) for writer in range(WRITERS)]))
    entries = dict(Entry.objects.values_list("index", "entry"))
    assert sorted(entries) == list(range(feed.position(feed.LEDGER)))
    cards = list(Card.objects.order_by("log_index"))
    assert [card.log_index for card in cards] == sorted(entries)
    for card in cards:
        assert card.log_salt is not None and card.log_record is not None
        tlog.check_opening(bytes(entries[card.log_index or 0]), card.log_salt, card.log_record)


def test_feed_and_ledger_in_either_order_never_wait_for_each_other(trial_feed: None) -> None:
    children.member()
    check(run_children(SCRIPT, [("both", writer, 60) for writer in range(WRITERS)]))
    assert feed.position(feed.FEED) == feed.position(feed.LEDGER) == len(sequence()) > 0


def test_new_texts_in_any_order_never_make_writers_wait_for_each_other(database: None) -> None:
    check(run_children(SCRIPT, [("intern", writer, 40) for writer in range(WRITERS)]))
    texts = list(Interned.objects.values_list("text", flat=True))
    assert len(texts) == len(set(texts)) > 0
    numbers = interned.numbers("trial")
    assert all(interned.number("trial", text) == key for key, text in numbers.items())
