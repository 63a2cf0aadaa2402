"""The whole-ledger check finds what was changed, and nothing else, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings

from engine import children
from engine.logs import (
    KEYS,
    folder,
    log,
    publish,
    report,
)
from hueandcry.apps.members.models import Card
from hueandcry.core import notes
from hueandcry.engine.keys import ed25519
from hueandcry.engine.ledger import publisher
from hueandcry.engine.ledger.models import Checkpoint, Entry
from hueandcry.engine.ledger.verify import verify


@pytest.fixture
def whole(database: None) -> Iterator[None]:
    """600 entries under three checkpoints, the last one not at the end of the log."""
    for n in (100, 200, 290):
        log(n)
        publish()
    log(10)
    assert report().holds
    yield


def codes() -> set[str]:
    found = report()
    assert {defect.code for defect in found.defects} == set(found.counts)
    return set(found.counts)


def test_a_whole_ledger_is_read_to_the_end(whole: None) -> None:
    seen: list[tuple[int, int]] = []
    found = verify(settings.DATA, KEYS, lambda done, total: seen.append((done, total)))
    assert (found.entries, found.checkpoints, found.openings, found.defects) == (600, 3, 600, ())
    assert seen[-1] == (1200, 1200)


def test_an_empty_ledger_holds(database: None) -> None:
    assert report().holds


def test_an_erased_opening_is_no_defect(whole: None) -> None:
    Card.objects.filter(log_index=5).delete()
    Card.objects.filter(log_index=6).update(log_salt=None, log_record=None)
    found = report()
    assert found.holds and found.openings == 598


def test_a_changed_record_is_found(whole: None) -> None:
    Card.objects.filter(log_index=5).update(log_record=b"{}")
    assert codes() == {"opening_wrong"}


def test_a_row_under_another_index_is_found(whole: None) -> None:
    Card.objects.filter(log_index=5).delete()
    Card.objects.filter(log_index=6).update(log_index=5)
    assert codes() == {"opening_wrong"}


def test_a_row_beyond_the_log_is_found(whole: None) -> None:
    Card.objects.filter(log_index=5).update(log_index=600)
    assert codes() == {"opening_beyond"}


def test_a_missing_entry_is_found(whole: None) -> None:
    Entry.objects.filter(index=595).delete()
    assert codes() == {"entry_missing"}


def test_an_entry_beyond_the_head_is_found(whole: None) -> None:
    Entry.objects.create(index=600, entry=bytes(33))
    assert codes() == {"entry_beyond"}


def test_a_changed_entry_is_found_in_tiles_roots_and_opening(whole: None) -> None:
    Entry.objects.filter(index=150).update(entry=b"\x01" + bytes(32))
    assert codes() == {"opening_wrong", "checkpoint_root", "tile_differs"}
    assert report().counts["checkpoint_root"] == 2  # those over 300 and 590, not the one over 100


@pytest.mark.parametrize("name", ["0/000", "0/002.p/78", "1/000.p/2", "entries/001"])
def test_a_changed_tile_is_found(whole: None, name: str) -> None:
    path = folder().path / "tile" / name
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert codes() == {"tile_differs"}


@pytest.mark.parametrize("name", ["0/000", "0/002.p/78", "1/000.p/2", "entries/001"])
def test_a_tile_cut_short_or_missing_is_found(whole: None, name: str) -> None:
    path = folder().path / "tile" / name
    path.write_bytes(path.read_bytes()[:-10])
    assert codes() <= {"tile_differs", "tile_missing"} and not report().holds
    path.unlink()
    assert codes() == {"tile_missing"}


def test_a_changed_root_is_found(whole: None) -> None:
    Checkpoint.objects.filter(size=300).update(root=bytes(32))
    assert codes() == {"checkpoint_root", "checkpoint_note"}


def test_a_signature_of_nobody_known_is_found(whole: None) -> None:
    key = ed25519.generate()
    stranger = publisher.LogSigner(children.HOST, key.public, key.sign)
    row = Checkpoint.objects.get(size=300)
    name = stranger.key(0)
    head = notes.Checkpoint(name.name, 300, row.root)
    row.note = notes.sign_checkpoint(head, name, stranger.sign).encode()
    row.save()
    assert codes() == {"checkpoint_signature"}


def test_a_changed_note_is_found(whole: None) -> None:
    row = Checkpoint.objects.get(size=300)
    assert row.note is not None
    row.note = row.note.replace(b"\n300\n", b"\n301\n")
    row.save()
    assert codes() == {"checkpoint_signature"}


def test_the_note_of_another_head_is_found(whole: None) -> None:
    other = Checkpoint.objects.get(size=100).note
    Checkpoint.objects.filter(size=300).update(note=other)
    assert codes() == {"checkpoint_note"}


def test_only_the_newest_checkpoint_may_be_without_a_signature(whole: None) -> None:
    Checkpoint.objects.filter(size=590).update(note=None)
    assert codes() == set()
    Checkpoint.objects.filter(size=300).update(note=None)
    assert codes() == {"checkpoint_unsigned"}


def test_a_checkpoint_over_more_than_there_is_is_found(whole: None) -> None:
    Checkpoint.objects.filter(size=590).update(size=601)
    assert "checkpoint_beyond" in codes()


def test_a_report_spells_out_a_bounded_number_of_defects(whole: None) -> None:
    Card.objects.update(log_record=b"{}")
    found = report()
    assert found.counts == {"opening_wrong": 600} and len(found.defects) == 100
