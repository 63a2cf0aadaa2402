"""What comes when a report was decided: it is read, and people look at what it shows."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hueandcry.apps.reports import face, files
from hueandcry.apps.reports.face import Flag, GivenFile, State
from hueandcry.apps.reports.models import Report, Value
from hueandcry.apps.reports.settings import TRUSTED
from hueandcry.core.errors import Conflict, TooLarge
from hueandcry.core.types import Kind
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work
from pictures_made import code, stored
from reports_scene import ACTOR, Reports

pytestmark = pytest.mark.database

LINK = "https://fake-bank.example/login"
HIDDEN = "https://other-bank.example/pay"


@pytest.fixture
def reports(database: None, monkeypatch: pytest.MonkeyPatch) -> Reports:
    return Reports(monkeypatch)


def picture(text: str) -> GivenFile:
    return GivenFile("screen.png", "image/png", blobs.take([stored(code(text))], 1 << 20))


def words(text: str) -> GivenFile:
    return GivenFile("note.txt", "text/plain", blobs.take([text.encode()], 1 << 20))


def add(
    reports: Reports, sent: face.Submitted, text: str = "", given: Sequence[GivenFile] = ()
) -> None:
    with unit_of_work():
        face.add(sent.code or "", text, reports.now, given)
    while files.read_next(reports.now):
        pass


def urls(reports: Reports, number: int) -> dict[str, bool]:
    """Link → whether it is new since the decision."""
    values = reports.opened(number).values
    return {v.signal.value: v.late for v in values if v.signal.kind is Kind.URL}


def added(reports: Reports) -> list[int]:
    return reports.numbers(again=Flag.ADDED)


@pytest.mark.parametrize("decision", ["confirmed", "rejected", "merged"])
def test_a_file_that_comes_after_the_decision_is_read_and_changes_none(
    reports: Reports, decision: str
) -> None:
    other = reports.waiting("an entirely different story")
    sent = reports.waiting("look at this", LINK)
    if decision == "confirmed":
        reports.confirmed(sent.number)
    elif decision == "rejected":
        reports.did(face.reject, sent.number, "other")
    else:
        reports.did(face.merge, sent.number, other.number)
    add(reports, sent, given=[picture(HIDDEN)])
    assert urls(reports, sent.number)["other-bank.example/pay"] is True
    assert Report.objects.get(pk=sent.number).state == decision
    assert reports.verdict(HIDDEN) == "unknown"
    assert added(reports) == [sent.number]


def test_no_rule_confirms_what_comes_after_the_decision(reports: Reports) -> None:
    with unit_of_work():
        policy.change(TRUSTED.name, "hotline", None, reports.now)
        policy.change("reports.trusted_likelihood", "50", None, reports.now)
    text = f"BANK ALERT: your account is locked. Verify your details within 24 hours: {LINK}"
    sent = reports.waiting(text, source=face.Source.HOTLINE)
    assert Report.objects.get().state == State.CONFIRMED
    add(reports, sent, given=[picture(HIDDEN)])
    assert urls(reports, sent.number)["other-bank.example/pay"] is True
    assert reports.verdict(HIDDEN) == "unknown" and added(reports) == [sent.number]


def test_a_file_that_was_not_read_before_the_decision_is_read_after_it(reports: Reports) -> None:
    sent = reports.waiting("look at this", LINK, files=(picture(HIDDEN),))
    reports.confirmed(sent.number)
    assert added(reports) == []
    while files.read_next(reports.now):
        pass
    assert added(reports) == [sent.number] and reports.verdict(HIDDEN) == "unknown"


def test_it_is_put_back_into_the_queue_with_its_claims_and_decided_anew(reports: Reports) -> None:
    sent = reports.waiting("look at this", LINK)
    first = reports.confirmed(sent.number).claims[0].claim
    add(reports, sent, given=[picture(HIDDEN)])
    reports.did(face.reopen, sent.number)
    assert reports.numbers() == [sent.number] and added(reports) == []
    assert (reports.verdict(LINK), reports.verdict(HIDDEN)) == ("scam", "unknown")
    claims = {made.signal.value: made.claim for made in reports.confirmed(sent.number).claims}
    assert claims["fake-bank.example/login"] == first  # it stood all the while
    assert reports.verdict(HIDDEN) == "scam"
    assert not Value.objects.filter(late=True).exists()
    reports.did(face.undo, sent.number)
    assert (reports.verdict(LINK), reports.verdict(HIDDEN)) == ("unknown", "unknown")


def test_what_was_put_back_and_is_then_taken_back_leaves_claims_to_be_decided(
    reports: Reports,
) -> None:
    sent = reports.waiting("look at this", LINK)
    reports.confirmed(sent.number)
    add(reports, sent, given=[picture(HIDDEN)])
    reports.did(face.reopen, sent.number)
    with unit_of_work():
        face.withdraw(sent.code or "", reports.now)
    assert reports.numbers(again=Flag.WITHDRAWN) == [sent.number]
    reports.did(face.undo, sent.number)
    assert reports.verdict(LINK) == "unknown"


def test_looked_at_it_stays_as_it_was_decided(reports: Reports) -> None:
    sent = reports.waiting("look at this", LINK)
    reports.did(face.reject, sent.number, "other")
    add(reports, sent, "one more thing")
    assert added(reports) == [sent.number]
    reports.did(face.stand, sent.number, "nothing-new")
    assert added(reports) == [] and Report.objects.get().state == State.REJECTED
    for answer in (lambda: reports.did(face.reopen, sent.number), lambda: _stand(reports, sent)):
        with pytest.raises(Conflict):
            answer()


def _stand(reports: Reports, sent: face.Submitted) -> None:
    reports.did(face.stand, sent.number, "nothing-new")


def test_what_comes_before_the_decision_asks_for_no_second_look(reports: Reports) -> None:
    sent = reports.waiting("look at this", LINK)
    add(reports, sent, "one more thing", [picture(HIDDEN)])
    assert added(reports) == [] and urls(reports, sent.number)["other-bank.example/pay"] is False


def test_files_of_what_was_taken_back_are_not_looked_into(reports: Reports) -> None:
    sent = reports.waiting("look at this", LINK, files=(picture(HIDDEN),))
    reports.confirmed(sent.number)
    with unit_of_work():
        face.withdraw(sent.code or "", reports.now)
    assert not files.read_next(reports.now)


def test_the_same_file_again_is_no_addition_and_ten_are_enough(reports: Reports) -> None:
    sent = reports.waiting("look at this")
    for _ in range(2):
        add(reports, sent, given=[words("a note")])
    kinds = [act.kind for act in reports.opened(sent.number).acts]
    assert kinds.count("add") == 1 and len(reports.opened(sent.number).files) == 1
    with pytest.raises(TooLarge):
        add(reports, sent, given=[words(f"note {n}") for n in range(10)])
    assert len(reports.opened(sent.number).files) == 1


def test_a_question_is_answered_by_words_and_not_by_a_file(reports: Reports) -> None:
    sent = reports.waiting("look at this")
    reports.did(face.ask, sent.number, "which bank?")
    add(reports, sent, given=[picture(HIDDEN)])
    assert Report.objects.get().state == State.ASKED and urls(reports, sent.number)
    add(reports, sent, "the green one", [words("a note")])
    assert Report.objects.get().state == State.WAITING


def test_an_addition_does_not_outlive_in_what_is_told_the_decision_that_was_undone(
    reports: Reports,
) -> None:
    sent = reports.waiting("look at this", LINK)
    reports.confirmed(sent.number)
    add(reports, sent, "one more thing", [picture(HIDDEN)])
    reports.did(face.undo, sent.number)
    reports.now += 3 * 86_400_000_000
    assert reports.told(sent.code).stage is face.Stage.RECEIVED


def test_a_transaction_that_a_bank_adds_to_a_decided_case_asks_for_a_second_look(
    reports: Reports,
) -> None:
    header = "case,story,amount,currency,to,reference\n"

    def take(row: str) -> None:
        lines = (header + row).splitlines(keepends=True)
        list(face.take_cases(ACTOR, face.read_cases(lines, "bank", "TH"), reports.now))

    take("A-1,They rang me,1000,THB,DE89370400440532013000,T1\n")
    reports.read()
    number = Report.objects.get().pk
    reports.did(face.reject, number, "other")
    take("A-1,They rang me,70,THB,GB29NWBK60161331926819,T9\n")
    assert added(reports) == [number] and Report.objects.get().state == State.REJECTED
    values = reports.opened(number).values
    assert {v.signal.value: v.late for v in values} == {
        "DE89370400440532013000": False,
        "GB29NWBK60161331926819": True,
    }
