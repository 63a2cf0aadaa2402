"""Reports that were taken back after claims were made of them: somebody looks, and decides."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from hueandcry.apps.reports import face
from hueandcry.apps.reports.face import Consent, Flag, State
from hueandcry.apps.reports.models import Act, Report, Value
from hueandcry.apps.reports.models import Consent as Held
from hueandcry.apps.reports.settings import TRUSTED
from hueandcry.core.errors import Conflict, Malformed
from hueandcry.core.types import DAY
from hueandcry.engine.policy import face as policy
from hueandcry.engine.purge import face as purge
from hueandcry.engine.store.work import unit_of_work
from reports_scene import AGREED, Reports

pytestmark = pytest.mark.database

LINK = "https://fake-bank.example/login"
OTHER = "https://other-bank.example/login"
TEXT = "Your parcel waits at the depot, please pay the customs fee of twenty today"


@pytest.fixture
def reports(database: None, monkeypatch: pytest.MonkeyPatch) -> Reports:
    return Reports(monkeypatch)


def by_code(do: Any, sent: face.Submitted, *args: Any) -> None:
    with unit_of_work():
        do(sent.code, *args)


def withdrawn(reports: Reports, sent: face.Submitted) -> face.Submitted:
    by_code(face.withdraw, sent, reports.now)
    return sent


def taken_back(reports: Reports, link: str = LINK) -> face.Submitted:
    """A confirmed report whose reporter took it back."""
    sent = reports.waiting(f"about {link}", link)
    reports.confirmed(sent.number)
    return withdrawn(reports, sent)


def to_look_at(reports: Reports) -> list[int]:
    return reports.numbers(again=Flag.WITHDRAWN)


def test_what_was_taken_back_after_claims_comes_into_a_list_of_its_own(reports: Reports) -> None:
    sent = taken_back(reports)
    assert reports.numbers() == [] and to_look_at(reports) == [sent.number]
    assert face.standing(reports.now).taken_back == 1
    assert face.looked_at_again(10)[Flag.WITHDRAWN] == 1
    assert {"undo", "stand"} <= reports.opened(sent.number).may


def test_without_claims_nobody_has_to_look(reports: Reports) -> None:
    sent = reports.waiting("x", LINK)
    reports.confirmed(sent.number, [])
    withdrawn(reports, sent)
    assert to_look_at(reports) == []
    assert "stand" not in reports.opened(sent.number).may
    with pytest.raises(Conflict):
        reports.did(face.stand, sent.number, "seen-by-us")


def test_undoing_is_one_answer_and_withdraws_the_claims(reports: Reports) -> None:
    sent = taken_back(reports)
    reports.did(face.undo, sent.number)
    assert reports.verdict(LINK) == "unknown" and to_look_at(reports) == []
    with pytest.raises(Conflict):
        reports.did(face.stand, sent.number, "seen-by-us")


def test_that_the_claims_stand_is_the_other_answer_with_its_reason_on_record(
    reports: Reports,
) -> None:
    sent = taken_back(reports)
    with pytest.raises(Malformed):
        reports.did(face.stand, sent.number, "because")
    assert to_look_at(reports) == [sent.number]
    reports.did(face.stand, sent.number, "reporter-is-suspect")
    assert reports.verdict(LINK) == "scam" and to_look_at(reports) == []
    last = reports.opened(sent.number).acts[-1]
    assert (last.kind, last.detail, last.before, last.after) == (
        *("stand", "reporter-is-suspect"),
        *(State.CONFIRMED, State.CONFIRMED),
    )
    assert Act.objects.get(kind="stand").log_index is not None
    with pytest.raises(Conflict):  # answered once
        reports.did(face.stand, sent.number, "reporter-is-suspect")


def test_an_answer_ends_what_was_kept_only_for_it(reports: Reports) -> None:
    sent = taken_back(reports)
    purge.run(reports.now)
    assert Value.objects.get().report_id == sent.number
    reports.did(face.stand, sent.number, "seen-by-us")
    purge.run(reports.now)
    assert Report.objects.get().purged_at == reports.now and not Value.objects.exists()
    assert reports.verdict(LINK) == "scam"


def test_an_answer_before_the_purge_leaves_nothing_to_be_kept_either(reports: Reports) -> None:
    sent = taken_back(reports)
    reports.did(face.stand, sent.number, "seen-by-us")
    purge.run(reports.now)
    assert Report.objects.get().purged_at == reports.now and not Value.objects.exists()


def test_consent_that_is_given_again_answers_by_itself(reports: Reports) -> None:
    sent = reports.waiting("x", LINK)
    reports.confirmed(sent.number)
    by_code(face.set_consents, sent, frozenset(), "web-2", reports.now)
    assert to_look_at(reports) == [sent.number]
    by_code(face.set_consents, sent, AGREED, "web-2", reports.now)
    assert to_look_at(reports) == []
    by_code(face.set_consents, sent, AGREED | {Consent.CONTACT}, "web-2", reports.now)
    assert to_look_at(reports) == [] and reports.verdict(LINK) == "scam"


def test_what_a_rule_raised_of_a_report_that_waits_is_to_be_decided_too(reports: Reports) -> None:
    with unit_of_work():
        policy.change(TRUSTED.name, "hotline", None, reports.now)
    text = f"Your bank account is locked, confirm at {LINK} or call +66 81 234 5678"
    sent = reports.waiting(text, source=face.Source.HOTLINE)
    row = Report.objects.get()
    assert (row.state, reports.verdict(LINK)) == (State.WAITING, "scam")
    withdrawn(reports, sent)
    assert to_look_at(reports) == [sent.number]
    purge.run(reports.now)
    assert Report.objects.get().purged_at is None and Value.objects.count() == 1
    reports.did(face.undo, sent.number)
    assert reports.verdict(LINK) == "unknown" and to_look_at(reports) == []
    assert Report.objects.get().state == State.WITHDRAWN


def test_who_follows_and_takes_back_flags_the_report_that_claimed_for_both(
    reports: Reports,
) -> None:
    first = reports.waiting(f"{TEXT} Ann", LINK)
    follower = reports.waiting(f"{TEXT} Bo", OTHER)
    reports.confirmed(first.number)
    assert reports.verdict(OTHER) == "scam"
    by_code(face.set_consents, follower, frozenset(), "web-2", reports.now)
    assert to_look_at(reports) == [first.number]
    reports.did(face.undo, first.number)
    assert reports.verdict(OTHER) == "unknown"
    shown = [value.signal.value for value in reports.opened(first.number).values]
    assert shown == [LINK.partition("://")[2]]  # what nobody agrees to share is not shown again


def test_a_purged_leader_holds_up_nobody_who_takes_back(reports: Reports) -> None:
    first = reports.waiting(f"{TEXT} Ann", LINK)
    follower = reports.waiting(f"{TEXT} Bo", OTHER)
    reports.confirmed(first.number)
    Report.objects.filter(pk=first.number).update(purge_after=reports.now)
    purge.run(reports.now)
    reports.now += DAY
    withdrawn(reports, follower)
    assert Report.objects.get(pk=follower.number).state == State.WITHDRAWN
    assert to_look_at(reports) == []


# --- after a restore -----------------------------------------------------------------------------


def erasures() -> set[tuple[str, bytes]]:
    """What the file that is kept apart from backups knows."""
    return purge.read_erasures(settings.DATA / purge.FILE)


def brought_back(sent: face.Submitted) -> None:
    """What a backup of before does: nobody took anything back, and nobody was told."""
    Held.objects.filter(report=sent.number).update(withdrawn_at=None)
    Report.objects.filter(pk=sent.number).update(flags=0)


def again(reports: Reports) -> int:
    with unit_of_work():
        return face.take_back_again(erasures(), reports.now)


def test_a_backup_does_not_bring_back_a_consent_that_was_taken_back(reports: Reports) -> None:
    sent = reports.waiting("x", LINK)
    reports.confirmed(sent.number)
    by_code(face.set_consents, sent, frozenset(), "web-2", reports.now + 5)
    brought_back(sent)
    assert reports.told(sent.code).consents == AGREED
    assert again(reports) == 1
    assert reports.told(sent.code).consents == frozenset()
    assert to_look_at(reports) == [sent.number]
    assert again(reports) == 0


def test_a_consent_that_was_given_again_later_stands(reports: Reports) -> None:
    sent = reports.waiting("x", LINK)
    by_code(face.set_consents, sent, frozenset(), "web-2", reports.now + 5)
    by_code(face.set_consents, sent, AGREED, "web-2", reports.now + 9)
    assert again(reports) == 0 and reports.told(sent.code).consents == AGREED


def test_a_withdrawal_that_a_backup_lost_is_to_be_looked_at_after_it(reports: Reports) -> None:
    sent = reports.waiting("take it back", LINK)
    reports.confirmed(sent.number)
    root = Report.objects.get().root
    assert face.erase_again({("report", purge.mac("report", root))}, reports.now) == 1
    assert Report.objects.get().story == "" and to_look_at(reports) == [sent.number]
    reports.did(face.undo, sent.number)
    assert Report.objects.get().state == State.WITHDRAWN and reports.verdict(LINK) == "unknown"
