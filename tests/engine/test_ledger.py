"""What the ledger promises, on both databases: entries, checkpoints, tiles, proofs."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest
from django.conf import settings
from django.db import connection

from engine import children
from engine.logs import (
    check_all_is_published,
    folder,
    leaves,
    log,
    opened,
    publish,
)
from hueandcry.apps.members.models import Card
from hueandcry.core import jcs, tlog
from hueandcry.core.errors import Conflict, Malformed, NotFound
from hueandcry.core.tiles import WIDTH, Tile, decode_bundle, edge_tiles
from hueandcry.engine.clock import now
from hueandcry.engine.jobs import leases
from hueandcry.engine.ledger import face, loops, publisher, queries
from hueandcry.engine.ledger.models import Checkpoint, Entry
from hueandcry.engine.store.work import commits, unit_of_work

# --- appending ----------------------------------------------------------------------------------


def test_an_entry_commits_to_the_record_that_its_row_can_open(database: None) -> None:
    row = children.card(children.member(), 1)
    with unit_of_work():
        assert face.append("trial.act", row, n=1, who=["a"], note=None) == 0
    record, salt, index = face.opening(Card.objects.get())
    assert record == jcs.canonical(
        {"v": 1, "type": "trial.act", "n": 1, "who": ["a"], "note": None}
    )
    tlog.check_opening(Entry.objects.get(index=index).entry, salt, record)


def test_an_undone_act_leaves_no_entry_and_no_gap(database: None) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work():
        face.append("trial", children.card(children.member(), 1), n=1)
        raise ZeroDivisionError
    log(2)
    assert list(Entry.objects.order_by("index").values_list("index", flat=True)) == [0, 1]
    assert face.head() == 2


def test_rows_appended_together_stand_in_their_order_and_have_their_keys(database: None) -> None:
    of = children.member()
    saved = children.card(of, 0)
    saved.save()
    rows = [saved, children.card(of, 1), children.card(of, 2)]
    with unit_of_work():
        indexes = face.append_many("trial", [(row, {"n": row.serial}) for row in rows])
    assert indexes == range(3)
    assert [row.log_index for row in Card.objects.order_by("serial")] == [0, 1, 2]
    assert [row.pk for row in rows] == [row.pk for row in Card.objects.order_by("serial")]


def test_what_is_kept_once_is_kept_once_by_whoever_comes_second(database: None) -> None:
    """Both have looked before either wrote: on SQLite the second cannot even begin."""
    of = children.member()
    looked = threading.Barrier(2)
    kept: list[bool] = []

    def find() -> Card | None:
        found = Card.objects.filter(member=of, serial=7).first()
        with suppress(threading.BrokenBarrierError):
            looked.wait(0.5)
        return found

    def keep() -> None:
        with unit_of_work():
            held = face.known(find)
            if held is None:
                face.append("trial", children.card(of, 7), n=1)
        kept.append(held is None)
        connection.close()

    threads = [threading.Thread(target=keep) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept) == [False, True]
    assert Card.objects.filter(member=of).count() == 1


def test_nothing_appended_takes_no_index(database: None) -> None:
    with unit_of_work():
        assert face.append_many("trial", []) == range(0)
    assert face.head() == 0


def test_equal_records_have_unequal_entries(database: None) -> None:
    of = children.member()
    with unit_of_work():
        face.append_many("trial", [(children.card(of, n), {"same": True}) for n in range(5)])
    assert len(set(Entry.objects.values_list("entry", flat=True))) == 5


def test_a_row_is_logged_once(database: None) -> None:
    row = children.card(children.member(), 1)
    with unit_of_work():
        face.append("trial", row)
    with pytest.raises(Conflict), unit_of_work():
        face.append("trial", row)
    assert face.head() == 1


@pytest.mark.parametrize("facts", [{"v": 2}, {"type": "x"}, {"n": 0.5}, {"n": 2**60}])
def test_a_fact_that_no_record_can_state_is_refused(
    database: None, facts: dict[str, object]
) -> None:
    with pytest.raises(Malformed), unit_of_work():
        face.append("trial", children.card(children.member(), 1), **facts)
    assert face.head() == 0 and not Card.objects.exists()


def test_an_erased_row_has_no_opening(database: None) -> None:
    log(1)
    Card.objects.update(log_salt=None, log_record=None)
    with pytest.raises(NotFound):
        face.opening(Card.objects.get())


# --- publishing ---------------------------------------------------------------------------------


def test_before_the_first_entry_there_is_nothing_to_sign(database: None) -> None:
    assert publish() is False
    assert face.checkpoint() is None and face.checkpoint_covering(0) is None


@pytest.mark.parametrize("sizes", [[1], [1, 1, 1], [255, 1, 1], [256], [300, 300], [700, 1, 70]])
def test_each_checkpoint_has_the_root_of_the_entries_that_it_covers(
    database: None, sizes: list[int]
) -> None:
    for n in sizes:
        log(n)
        assert publish() is False
        assert opened().size == face.head()
        assert opened().root == tlog.root(leaves())
    assert Checkpoint.objects.count() == len(sizes)
    check_all_is_published()


def test_a_backlog_is_published_in_steps(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher, "STEP", 100)
    log(250)
    assert [publish(), publish(), publish()] == [True, True, False]
    assert list(Checkpoint.objects.order_by("size").values_list("size", flat=True)) == [
        100,
        200,
        250,
    ]
    check_all_is_published()


def test_a_turn_without_work_writes_nothing_so_that_nobody_is_woken(database: None) -> None:
    log(3)
    publish()
    told: list[None] = []

    def tell() -> None:
        told.append(None)

    commits.subscribe(tell)
    try:
        assert publish() is False
        log(1)
        told.clear()
        with unit_of_work():
            pass
        assert leases.take(publisher.LEASE, "another", now(), publisher.LEASE_LENGTH)
        told.clear()
        assert publish() is False
    finally:
        commits.unsubscribe(tell)
    assert told == []


def test_only_the_newest_width_of_a_partial_tile_is_kept(database: None) -> None:
    for n in (3, 4, 250, 5):
        log(n)
        publish()
    files = {str(path.relative_to(folder().path)) for path in folder().path.rglob("*.p/*")}
    wanted = {tile.path for tile in edge_tiles(262)} | {"tile/entries/001.p/6"}
    assert files == wanted == {"tile/0/001.p/6", "tile/1/000.p/1", "tile/entries/001.p/6"}
    assert list((folder().path / "new").iterdir()) == []


def test_a_narrower_tile_is_read_out_of_the_wider_one(database: None) -> None:
    log(7)
    publish()
    entries = [
        bytes(entry) for entry in Entry.objects.order_by("index").values_list("entry", flat=True)
    ]
    assert folder().read(Tile(0, 0, 3)) == b"".join(leaves()[:3])
    assert decode_bundle(face.tile("tile/entries/000.p/3")) == entries[:3]
    log(300)
    publish()
    assert folder().read(Tile(0, 0, 3)) == b"".join(leaves()[:3])
    assert face.tile("tile/0/000") == b"".join(leaves()[:WIDTH])


@pytest.mark.parametrize("path", ["tile/0/001", "tile/0/000.p/8", "tile/1/000", "tile/entries/009"])
def test_a_tile_beyond_the_log_is_not_found(database: None, path: str) -> None:
    log(7)
    publish()
    with pytest.raises(NotFound):
        face.tile(path)


@pytest.mark.parametrize("path", ["../../secret", "tile/0/../0/000", "new/x", "tile/0/000.p/256"])
def test_a_path_that_is_no_tile_is_refused(database: None, path: str) -> None:
    with pytest.raises(Malformed):
        face.tile(path)


def test_a_reader_never_meets_a_torn_or_a_missing_tile(database: None) -> None:
    log(1)
    publish()
    wrong: list[str] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            for tile in (Tile(0, 0, 1), Tile(None, 0, 1)):
                try:
                    first.setdefault(tile, folder().read(tile))
                    if folder().read(tile) != first[tile]:
                        wrong.append(f"{tile.path} changed")
                except NotFound as error:
                    wrong.append(str(error))

    first: dict[Tile, bytes] = {}
    thread = threading.Thread(target=look)
    thread.start()
    for _ in range(30):
        log(11)
        publish()
    stop.set()
    thread.join()
    assert wrong == [] and len(first) == 2


# --- proofs -------------------------------------------------------------------------------------


def test_every_entry_is_proved_in_every_checkpoint_that_covers_it(database: None) -> None:
    for n in (1, 5, 250, 300):
        log(n)
        publish()
    hashes = leaves()
    for head in Checkpoint.objects.all():
        for index in {0, head.size // 2, head.size - 1}:
            path = face.proof(index, head.size)
            tlog.verify_inclusion(index, head.size, hashes[index], path, head.root)
        newest = opened()
        path = face.consistency(head.size, newest.size)
        tlog.verify_consistency(head.size, newest.size, head.root, newest.root, path)


def test_the_first_checkpoint_over_an_entry_is_found(database: None) -> None:
    for n in (2, 3, 4):
        log(n)
        publish()
    log(1)
    covering = [face.checkpoint_covering(index) for index in (0, 1, 2, 4, 5, 8, 9)]
    assert [head and head.size for head in covering] == [2, 2, 5, 5, 9, 9, None]
    assert face.checkpoint() == covering[5].note  # type: ignore[union-attr]


def test_there_is_no_proof_for_what_is_not_published(database: None) -> None:
    log(2)
    publish()
    log(2)
    with pytest.raises(NotFound):
        face.proof(3, 4)


def test_the_loop_publishes_what_was_committed(database: None) -> None:
    loop = loops.publishing(settings.DATA, children.signer, pace=0)
    log(5)
    assert loop.body() is False
    check_all_is_published()


def test_the_epoch_is_stored_and_names_the_origin(database: None) -> None:
    log(1)
    publish()
    assert queries.epoch() == 0
    assert opened().origin == f"{children.HOST}/log/0"
