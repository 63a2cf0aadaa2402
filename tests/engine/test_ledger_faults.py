"""The publisher killed at any step, run twice at once, and on damaged files, on both databases."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
from django.db import connection

from databases import run_children
from engine import children
from engine.logs import (
    SCRIPT,
    check_all_is_published,
    folder,
    log,
    opened,
    publish,
)
from hueandcry.core.errors import Broken
from hueandcry.core.tiles import Tile
from hueandcry.engine.clock import now
from hueandcry.engine.jobs import leases
from hueandcry.engine.ledger import publisher
from hueandcry.engine.ledger.folder import LogFolder
from hueandcry.engine.ledger.models import Checkpoint, Entry


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", sorted(children.STEPS))
def test_a_publisher_killed_at_any_step_leaves_a_log_that_goes_on(
    database: None, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    log(300)
    publish()
    log(300)
    [(code, output)] = run_children(SCRIPT, [("die", step, when)])
    assert code == children.KILLED, output
    decided = dict(Checkpoint.objects.values_list("size", "root"))
    log(7)
    monkeypatch.setattr(publisher, "now", lambda: now() + publisher.LEASE_LENGTH)
    while publish("the next process"):
        continue
    check_all_is_published()
    kept = dict(Checkpoint.objects.values_list("size", "root"))
    assert decided.items() <= kept.items()
    assert {600, 607} >= kept.keys() - {300} >= {607}
    assert list((folder().path / "new").iterdir()) == []


def test_the_lease_of_a_killed_publisher_keeps_others_out_until_it_runs_out(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(3)
    run_children(SCRIPT, [("die", "decision", "before")])
    assert publish() is False and not Checkpoint.objects.exists()
    monkeypatch.setattr(publisher, "now", lambda: now() + publisher.LEASE_LENGTH)
    publish()
    check_all_is_published()


def test_what_was_decided_is_signed_as_it_stands_though_the_log_has_grown(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(3)
    with monkeypatch.context() as patch:
        patch.setattr(publisher, "_sign", lambda head, signer: None)
        publish()
    decided = Checkpoint.objects.get()
    log(4)
    assert publish() is True
    assert (opened().size, opened().root) == (3, decided.root)
    assert publish() is False
    check_all_is_published()


def test_a_publisher_that_lost_its_lease_decides_nothing(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(3)
    write = LogFolder.write

    def slow(self: LogFolder, tiles: object) -> None:
        write(self, tiles)  # type: ignore[arg-type]
        late = now() + publisher.LEASE_LENGTH
        assert leases.take(publisher.LEASE, "another", late, publisher.LEASE_LENGTH)

    monkeypatch.setattr(LogFolder, "write", slow)
    publish()
    assert not Checkpoint.objects.exists()
    assert leases.take(publisher.LEASE, "another", now(), publisher.LEASE_LENGTH)


def test_of_publishers_at_once_one_wins_and_all_is_published_once(database: None) -> None:
    children.member()
    commands = [("publish",)] * 4 + [("ledger", "9", "20")] + [("publish",)] * 2
    log(400)
    outcomes = run_children(SCRIPT, commands)
    assert [code for code, _ in outcomes] == [0] * len(commands), outcomes
    while publish(str(uuid4())):
        continue
    check_all_is_published()


def test_a_publisher_that_gets_the_lease_when_all_is_done_decides_nothing(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(5)
    take = leases.take

    def late(name: str, holder: str, at: int, length: int) -> bool:
        monkeypatch.setattr(leases, "take", take)
        publish("another, who was faster")
        return take(name, holder, at, length)

    monkeypatch.setattr(leases, "take", late)
    assert publish() is False
    assert Checkpoint.objects.count() == 1
    check_all_is_published()


def test_two_publishers_of_one_head_decide_it_once(database: None) -> None:
    log(5)
    started = threading.Barrier(2)
    failed: list[BaseException] = []

    def turn(holder: str) -> None:
        try:
            started.wait()
            publish(holder)
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=turn, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == [] and Checkpoint.objects.count() == 1
    check_all_is_published()


def test_lost_tiles_are_made_again_from_the_entries(database: None) -> None:
    log(600)
    publish()
    for path in folder().path.rglob("*"):
        if path.is_file():
            path.unlink()
    log(1)
    publish()
    check_all_is_published()


def test_a_changed_tile_at_the_edge_is_made_again(database: None) -> None:
    log(5)
    publish()
    target = folder().path / Tile(0, 0, 5).path
    target.write_bytes(bytes(160))
    log(1)
    publish()
    check_all_is_published()


@pytest.mark.parametrize("where", [0, 4])
def test_nothing_is_signed_over_entries_that_were_changed(database: None, where: int) -> None:
    log(5)
    publish()
    Entry.objects.filter(index=where).update(entry=b"\x01" + bytes(32))
    for path in folder().path.rglob("tile/0/*/*"):
        path.unlink()
    log(1)
    with pytest.raises(Broken):
        publish()
    assert opened().size == 5


def test_nothing_is_signed_over_a_gap(database: None) -> None:
    log(5)
    publish()
    log(5)
    Entry.objects.filter(index=7).delete()
    with pytest.raises(Broken):
        publish()
    assert opened().size == 5
    assert leases.take(publisher.LEASE, "another", now(), 1), "a failed turn keeps no lease"
