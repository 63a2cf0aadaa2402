"""What the desk goes by: from one report to the next, files one by one, calls not made."""

from __future__ import annotations

import pytest

from hueandcry.apps.reports import face
from hueandcry.apps.reports.face import Filters, GivenFile, GivenReporter
from hueandcry.core.errors import Conflict, NotFound
from hueandcry.core.types import MINUTE
from hueandcry.engine.blobs import face as blobs
from reports_scene import ACTOR, Reports, loss

pytestmark = pytest.mark.database

WORDS = ("apple orchard", "blue mountain", "cold river", "dark forest", "early bird")


@pytest.fixture
def reports(database: None, monkeypatch: pytest.MonkeyPatch) -> Reports:
    return Reports(monkeypatch)


def test_going_on_and_on_meets_every_report_of_the_queue_once_and_back_again(
    reports: Reports,
) -> None:
    for number, word in enumerate(WORDS):
        lost = (loss(),) if number % 2 else ()
        reports.waiting(f"{word} {word[::-1]} is all", losses=lost)
        reports.now += MINUTE
    queue = reports.numbers()
    pairs = [face.neighbours(number, Filters(), reports.now) for number in queue]
    assert [before for before, _ in pairs] == [None, *queue[:-1]]
    assert [after for _, after in pairs] == [*queue[1:], None]


def test_a_decided_report_still_has_the_neighbours_of_its_place(reports: Reports) -> None:
    for word in WORDS[:3]:
        reports.waiting(f"{word} {word[::-1]} is all")
    first, second, third = reports.numbers()
    reports.did(face.reject, second, "test")
    assert face.neighbours(second, Filters(), reports.now) == (first, third)
    assert face.neighbours(first, Filters(), reports.now) == (None, third)
    with pytest.raises(NotFound):
        face.neighbours(999_999, Filters(), reports.now)


def test_filters_of_lure_and_money_hold_together(reports: Reports) -> None:
    sent = reports.waiting("cold river in the dark", losses=(loss(),), lure="loan")
    reports.waiting("apple orchard in spring", lure="loan")
    reports.waiting("blue mountain in autumn", losses=(loss(),))
    assert reports.numbers(lure="loan", lost=True) == [sent.number]
    assert len(reports.numbers(lost=True)) == len(reports.numbers(lure="loan")) == 2
    assert (face.waiting(2), face.waiting(10)) == (2, 3)


def test_a_file_goes_into_quarantine_and_out_again_each_once(reports: Reports) -> None:
    given = GivenFile("a.txt", "text/plain", blobs.take([b"words"], 100))
    sent = reports.waiting("they sent me a file", files=(given,))
    (file,) = reports.opened(sent.number).files
    reports.did(face.lock_file, sent.number, file.number)
    assert [each.number for each in face.locked_files()] == [file.number]
    assert face.file_of(sent.number, file.number).state == "quarantined"
    with pytest.raises(Conflict):
        reports.did(face.lock_file, sent.number, file.number)
    reports.did(face.unlock_file, sent.number, file.number)
    assert face.locked_files() == []
    acts = [act for act in reports.opened(sent.number).acts if act.kind in ("lock", "unlock")]
    assert [act.detail for act in acts] == [str(file.number)] * 2
    with pytest.raises(NotFound):
        reports.did(face.lock_file, sent.number + 1, file.number)


def test_a_call_that_was_not_made_after_all_is_due_again(reports: Reports) -> None:
    sent = reports.waiting("call me", reporter=GivenReporter(phone="+66811112222"))
    call = reports.did(lambda actor, at: face.promise_call(actor, sent.number, at, "", at))
    with pytest.raises(Conflict):
        reports.did(face.not_called_back, call)
    reports.did(face.called_back, call)
    assert face.call_backs(reports.now) == []
    assert [each.number for each in face.calls_made(reports.now)] == [call]
    reports.did(face.not_called_back, call)
    assert [each.number for each in face.call_backs(reports.now)] == [call]
    with pytest.raises(NotFound):
        face.called_back(ACTOR, 999_999, reports.now)
