"""What is confirmed without a person, what the public is told, and floods."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from hueandcry.apps.detection import face as detection
from hueandcry.apps.members import face as members
from hueandcry.apps.reports import face, following, grouping
from hueandcry.apps.reports.face import Consent, Flag, GivenReporter, GivenValue, Source, Stage
from hueandcry.apps.reports.models import Band, Group, Release, Report
from hueandcry.apps.signals import face as signals
from hueandcry.core.errors import Conflict, Malformed, NotFound
from hueandcry.core.normal import normalise
from hueandcry.core.types import DAY, Actor, Audience, Kind, Tlp
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.policy import face as policy
from hueandcry.engine.purge import face as purge
from hueandcry.engine.store.work import unit_of_work
from reports_scene import ACTOR, Reports, loss
from signals_scene import US

pytestmark = pytest.mark.database

LINK = "https://fake-bank.example/login"
PHONE = "+66812345679"
ACCOUNT = "DE89370400440532013000"
STORY = "Dear customer, your parcel {n} is held. Pay {n} baht at once at our page or lose it"


@pytest.fixture
def reports(database: None, monkeypatch: pytest.MonkeyPatch) -> Reports:
    return Reports(monkeypatch)


Sure = Callable[[float], None]


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Sure:
    """Makes every text look like a scam, as likely as is said; nothing is found in it."""

    def set_to(likelihood: float) -> None:
        def assess(texts: Any, market: Any = None, known: Any = None) -> Any:
            for _ in texts:
                yield detection.Assessment(
                    detection.Sort.MESSAGE, detection.Finding.SCAM, likelihood
                )

        monkeypatch.setattr(detection, "assess_messages", assess)

    return set_to


def trust(reports: Reports, *intakes: str) -> None:
    with unit_of_work():
        policy.change("reports.trusted_intakes", ",".join(intakes), None, reports.now)


def from_token(reports: Reports) -> Actor:
    with unit_of_work():
        made = members.new_token(Audience.OWN, "bank", reports.now, scopes=("reports:write",))
    return Actor(US, token=made.number)


# --- rules that confirm --------------------------------------------------------------------------


def test_links_of_a_trusted_intake_are_confirmed_by_the_rule_and_can_be_undone(
    reports: Reports, looks: Sure
) -> None:
    looks(0.97)
    trust(reports, "hotline")
    sent = reports.waiting("x", LINK, source=Source.HOTLINE)
    assert reports.verdict(LINK) == "scam"
    (hit,) = face.hits()
    assert (hit.report, hit.rule, hit.claims, hit.undone) == (
        sent.number,
        "trusted-intake",
        1,
        False,
    )
    reports.did(face.undo, sent.number)
    assert reports.verdict(LINK) == "unknown" and face.hits()[0].undone
    assert reports.numbers() == [sent.number]


def test_the_rule_does_not_do_again_what_people_took_back(reports: Reports, looks: Sure) -> None:
    looks(1.0)
    trust(reports, "hotline")
    first = reports.waiting("one victim tells of it", LINK, source=Source.HOTLINE)
    reports.did(face.undo, first.number)
    second = reports.waiting("somebody else saw it too", LINK, source=Source.HOTLINE)
    assert reports.verdict(LINK) == "unknown"
    assert set(reports.numbers()) == {first.number, second.number}
    reports.confirmed(second.number)
    assert reports.verdict(LINK) == "scam"


@pytest.mark.parametrize(
    "more",
    [
        {"source": Source.PUBLIC},
        {"source": Source.HOTLINE, "consents": frozenset(), "wording": ""},
        {"source": Source.HOTLINE, "likelihood": 0.94},
    ],
    ids=["not trusted", "no consent", "not sure enough"],
)
def test_without_all_that_the_rule_asks_for_nothing_is_raised(
    reports: Reports, looks: Sure, more: dict[str, Any]
) -> None:
    looks(more.pop("likelihood", 0.99))
    trust(reports, "hotline")
    reports.waiting("x", LINK, **more)
    assert reports.verdict(LINK) == "unknown" and face.hits() == []


def test_the_rule_never_raises_what_an_allow_list_clears(reports: Reports, looks: Sure) -> None:
    looks(1.0)
    trust(reports, "hotline")
    sent = reports.waiting("x", "google.com", source=Source.HOTLINE)
    (value,) = reports.opened(sent.number).values
    reports.did(face.adjust, sent.number, face.Adjustment(ticks={value.number: True}))
    assert value.allowed and value.claim is None and face.hits() == []


def test_numbers_and_accounts_of_one_trusted_intake_wait_for_a_person(
    reports: Reports, looks: Sure
) -> None:
    looks(1.0)
    trust(reports, "hotline")
    given = (GivenValue(LINK), GivenValue(PHONE, "called"), GivenValue(ACCOUNT))
    sent = reports.waiting("x", given=given, source=Source.HOTLINE)
    assert (reports.verdict(LINK), reports.verdict(PHONE)) == ("scam", "unknown")
    assert reports.verdict(ACCOUNT) == "unknown"
    assert reports.numbers() == [sent.number]
    reports.confirmed(sent.number)
    assert reports.verdict(PHONE) == reports.verdict(ACCOUNT) == "scam"
    reports.did(face.undo, sent.number)
    assert {reports.verdict(value) for value in (LINK, PHONE, ACCOUNT)} == {"unknown"}


def test_rejecting_withdraws_what_the_rule_raised(reports: Reports, looks: Sure) -> None:
    looks(1.0)
    trust(reports, "hotline")
    given = (GivenValue(LINK), GivenValue(PHONE, "called"))
    sent = reports.waiting("x", given=given, source=Source.HOTLINE)
    reports.did(face.reject, sent.number, "not-a-scam")
    assert reports.verdict(LINK) == "unknown"


def test_unticking_withdraws_what_the_rule_raised(reports: Reports, looks: Sure) -> None:
    looks(1.0)
    trust(reports, "hotline")
    given = (GivenValue(LINK), GivenValue(PHONE, "called"))
    sent = reports.waiting("x", given=given, source=Source.HOTLINE)
    phone = next(v for v in reports.opened(sent.number).values if v.signal.kind is Kind.PHONE)
    reports.confirmed(sent.number, [phone.number])
    assert (reports.verdict(LINK), reports.verdict(PHONE)) == ("unknown", "scam")


def test_two_independent_trusted_intakes_confirm_an_account_together(
    reports: Reports, looks: Sure
) -> None:
    looks(0.2)
    bank = from_token(reports)
    trust(reports, "hotline", f"token:{bank.token}")
    reports.waiting("one victim tells of it", ACCOUNT, source=Source.HOTLINE)
    assert reports.verdict(ACCOUNT) == "unknown"
    reports.waiting("somebody else at the bank", ACCOUNT, source=Source.API, actor=bank)
    assert reports.verdict(ACCOUNT) == "scam"
    assert [hit.rule for hit in face.hits()] == ["two-sources"]


@pytest.mark.parametrize(
    "first",
    [
        {"given": (GivenValue(PHONE, "displayed"),)},
        {"text": f"pay by PromptPay {PHONE} at once"},
        {"given": (GivenValue(PHONE, "called"),), "consents": frozenset()},
        {"given": (GivenValue(PHONE, "called"),), "source": Source.PUBLIC},
    ],
    ids=["only displayed", "to pay to, as a program read it", "not to be shared", "from anybody"],
)
def test_a_source_counts_only_for_what_it_met_and_lets_us_share(
    reports: Reports, looks: Sure, first: dict[str, Any]
) -> None:
    looks(0.2)
    bank = from_token(reports)
    trust(reports, "hotline", "public", f"token:{bank.token}")
    told = {"text": "one victim tells of it", "source": Source.HOTLINE, **first}
    reports.waiting(**told)
    met = (GivenValue(PHONE, "called"),)
    reports.waiting("somebody else at the bank", given=met, source=Source.API, actor=bank)
    assert reports.verdict(PHONE) == "unknown" and face.hits() == []


def test_the_intake_of_everybody_is_never_trusted(reports: Reports, looks: Sure) -> None:
    looks(1.0)
    trust(reports, "public", "mail", "cli", "api")
    reports.waiting("x", LINK)
    assert reports.verdict(LINK) == "unknown"


def test_the_same_story_by_two_intakes_is_one_source(reports: Reports, looks: Sure) -> None:
    looks(0.2)
    bank = from_token(reports)
    trust(reports, "hotline", f"token:{bank.token}")
    words = "one and the same story, passed on by somebody else"
    reports.waiting(words, ACCOUNT, source=Source.HOTLINE, losses=(loss(),))
    reports.waiting(words, ACCOUNT, source=Source.API, actor=bank, losses=(loss(),))
    assert reports.verdict(ACCOUNT) == "unknown"


# --- floods --------------------------------------------------------------------------------------


def test_a_flood_of_a_thousand_is_one_line_of_the_queue(reports: Reports) -> None:
    with unit_of_work():
        for n in range(1_000):
            new = face.NewReport(Source.PUBLIC, "TH", STORY.format(n=n), receipt=False)
            face.submit(ACTOR, new, reports.now)
    assert reports.read() == 1_000
    assert Group.objects.count() == 1
    (line,) = face.queue(face.Filters(), reports.now).lines
    assert line.alike == 1_000
    reports.did(face.reject, line.number, "spam")
    while following.settle_some(reports.now):
        continue
    states = Report.objects.values_list("state", flat=True)
    assert sorted(set(states)) == ["merged", "rejected"] and list(states).count("merged") == 999


def test_new_values_of_a_flood_are_shown_with_the_report_that_stands_for_it(
    reports: Reports,
) -> None:
    first = reports.waiting(STORY.format(n=1), "one.example")
    second = reports.waiting(STORY.format(n=22), "two.example")
    reports.waiting(STORY.format(n=333), "kept-private.example", consents=frozenset())
    assert reports.numbers() == [first.number]
    values = {v.signal.value: v.origin for v in reports.opened(first.number).values}
    assert values == {"one.example": "field", "two.example": "alike"}
    assert second.number in reports.opened(first.number).alike


def test_what_is_not_ticked_in_a_report_is_not_where_it_is_shown_with_another(
    reports: Reports,
) -> None:
    first = reports.waiting(STORY.format(n=1))
    who = GivenReporter(phone=PHONE)
    reports.waiting(STORY.format(n=22), PHONE, "google.com", "two.example", reporter=who)
    values = {v.signal.value: v.ticked for v in reports.opened(first.number).values}
    assert values == {PHONE: False, "google.com": False, "two.example": True}


def test_a_rule_never_raises_what_only_reports_alike_name(reports: Reports, looks: Sure) -> None:
    looks(1.0)
    trust(reports, "hotline")
    reports.submitted(STORY.format(n=1), source=Source.HOTLINE)
    reports.submitted(STORY.format(n=22), values=(GivenValue(LINK),))
    assert reports.read() == 2
    (line,) = face.queue(face.Filters(), reports.now).lines
    assert line.source == Source.HOTLINE and reports.verdict(LINK) == "unknown"
    reports.confirmed(line.number)
    assert reports.verdict(LINK) == "scam"


@pytest.mark.parametrize("gone", ["withdrawn", "purged"])
def test_when_the_report_that_stands_for_others_is_gone_the_next_one_does(
    reports: Reports, gone: str
) -> None:
    first = reports.waiting(STORY.format(n=1), "one.example")
    if gone == "purged":
        reports.now += DAY
    second = reports.waiting(STORY.format(n=22), "two.example")
    third = reports.waiting(STORY.format(n=333), "three.example")
    if gone == "withdrawn":
        with unit_of_work():
            face.withdraw(first.code or "", reports.now)
    else:
        reports.now += 364 * DAY
        purge.run(reports.now)
    assert following.succeed_one() and not following.succeed_one()
    assert reports.numbers() == [second.number]
    values = {v.signal.value: v.origin for v in reports.opened(second.number).values}
    assert values == {"two.example": "field", "three.example": "alike"}
    reports.did(face.reject, second.number, "spam")
    assert following.settle_some(reports.now) == 1
    assert Report.objects.get(pk=third.number).into_id == second.number


def test_what_a_reporter_no_longer_shares_is_shown_with_no_other_report(reports: Reports) -> None:
    first = reports.waiting(STORY.format(n=1))
    both = [reports.waiting(STORY.format(n=n), "two.example") for n in (22, 333)]
    alone = reports.waiting(STORY.format(n=4_444), "four.example")
    with unit_of_work():
        face.set_consents(both[0].code or "", frozenset(), "test-1", reports.now)
        face.withdraw(alone.code or "", reports.now)
    assert [v.signal.value for v in reports.opened(first.number).values] == ["two.example"]
    with unit_of_work():
        face.set_consents(both[1].code or "", frozenset(), "test-1", reports.now)
    assert reports.opened(first.number).values == []


def test_a_report_that_is_merged_into_one_that_follows_it_leaves_that_one_standing(
    reports: Reports,
) -> None:
    first, second, third = (reports.waiting(STORY.format(n=n)) for n in (1, 22, 333))
    reports.did(face.merge, first.number, second.number)
    assert reports.numbers() == [second.number] and following.settle_some(reports.now) == 0
    reports.did(face.reject, second.number, "spam")
    assert following.settle_some(reports.now) == 1
    assert Report.objects.get(pk=third.number).into_id == second.number


def test_what_follows_a_merged_report_is_merged_where_that_one_went(reports: Reports) -> None:
    target = reports.waiting("an entirely different story about a loan")
    first = reports.waiting(STORY.format(n=1))
    second = reports.waiting(STORY.format(n=22))
    reports.did(face.merge, first.number, target.number)
    assert following.settle_some(reports.now) == 1
    assert Report.objects.get(pk=second.number).into_id == target.number


@pytest.mark.parametrize(
    "more",
    [
        {"losses": (loss(),)},
        {"flags": Flag.CHILD},
        {"consents": frozenset({Consent.SIGNALS, Consent.CONTACT})},
    ],
    ids=["money", "child", "wants to be called"],
)
def test_a_victim_is_never_hidden_behind_a_report_alike(
    reports: Reports, more: dict[str, Any]
) -> None:
    first = reports.waiting(STORY.format(n=1))
    victim = reports.waiting(STORY.format(n=22), **more)
    assert set(reports.numbers()) == {first.number, victim.number}
    assert Group.objects.count() == 1


def test_something_new_after_the_decision_is_decided_by_itself(reports: Reports) -> None:
    first = reports.waiting(STORY.format(n=1), "one.example")
    reports.confirmed(first.number)
    same = reports.waiting(STORY.format(n=22), "one.example")
    fresh = reports.waiting(STORY.format(n=333), "new.example")
    assert reports.numbers() == [fresh.number]
    while following.settle_some(reports.now):
        continue
    assert Report.objects.get(pk=same.number).into_id == first.number
    reports.now += 3 * DAY
    assert reports.told(same.code).stage is Stage.USED


def test_fewer_than_five_alike_are_never_named_to_a_reporter(reports: Reports) -> None:
    sent = [reports.waiting(STORY.format(n=n)) for n in range(4)]
    reports.now += 3 * DAY
    assert reports.told(sent[0].code).alike is None
    reports.waiting(STORY.format(n=4))
    assert reports.told(sent[0].code).alike is None
    reports.now += 3 * DAY
    assert reports.told(sent[0].code).alike == 5


def test_sketches_are_forgotten_when_no_more_like_them_came(reports: Reports) -> None:
    reports.waiting(STORY.format(n=1))
    reports.now += grouping.QUIET + 1
    purge.run(reports.now)
    assert not Band.objects.exists() and Group.objects.get().sketch == b""
    reports.waiting(STORY.format(n=2))
    assert Group.objects.count() == 2


def test_a_question_that_nobody_answers_comes_back_into_the_queue(reports: Reports) -> None:
    sent = reports.waiting("x")
    reports.did(face.ask, sent.number, "Which bank?")
    reports.now += 7 * DAY - 1
    assert following.remind_some(reports.now) == 0
    reports.now += 1
    assert following.remind_some(reports.now) == 1
    assert reports.numbers() == [sent.number]
    assert following.remind_some(reports.now) == 0


# --- the public ----------------------------------------------------------------------------------


def public(reports: Reports, value: str) -> tuple[str, list[str]]:
    (answer,) = face.public_check([value], reports.now)
    return answer["verdict"], [reason["code"] for reason in answer["reasons"]]


def test_the_public_is_told_of_a_number_only_once_a_person_released_it(reports: Reports) -> None:
    reports.confirmed(reports.waiting("x", given=(GivenValue(PHONE, "called"),)).number)
    signal = normalise(Kind.PHONE, PHONE)
    nothing = public(reports, "+66899999999")
    assert public(reports, PHONE) == nothing == ("unknown", ["no_claims"])
    reports.did(face.release, signal, "rings half the country")
    assert public(reports, PHONE) == ("scam", ["released"])
    reports.now += 30 * DAY + 1
    assert public(reports, PHONE) == nothing


def test_the_public_is_not_told_of_a_shielded_number_whatever_was_released(
    reports: Reports,
) -> None:
    reports.confirmed(reports.waiting("x", given=(GivenValue(PHONE, "called"),)).number)
    signal = normalise(Kind.PHONE, PHONE)
    reports.did(face.release, signal, "rings half the country")
    with unit_of_work():
        signals.shield([signal.key], UUID(int=1), reports.now)
    assert public(reports, PHONE) == ("unknown", ["no_claims"])
    with pytest.raises(Conflict, match="may be coerced"):
        reports.did(face.release, signal, "again")


def test_what_is_withdrawn_is_no_longer_told_whatever_was_released(reports: Reports) -> None:
    sent = reports.waiting("x", given=(GivenValue(PHONE, "called"),))
    reports.confirmed(sent.number)
    reports.did(face.release, normalise(Kind.PHONE, PHONE), "why")
    reports.did(face.undo, sent.number)
    assert public(reports, PHONE) == ("unknown", ["no_claims"])


def test_a_release_ends_at_once_and_only_once(reports: Reports) -> None:
    signal = normalise(Kind.PHONE, PHONE)
    reports.raised(PHONE, Kind.PHONE)
    reports.did(face.release, signal, "why")
    reports.did(face.end_release, signal)
    assert public(reports, PHONE)[0] == "unknown"
    with pytest.raises(NotFound):
        reports.did(face.end_release, signal)
    logged = [json.loads(ledger.opening(row)[0]) for row in Release.objects.order_by("pk")]
    assert [entry["type"] for entry in logged] == ["report.release", "report.release-end"]


def test_a_clear_claim_on_a_number_is_not_told_without_a_release(reports: Reports) -> None:
    reports.raised(PHONE, Kind.PHONE, tlp=Tlp.CLEAR)
    assert public(reports, PHONE) == ("unknown", ["no_claims"])


def test_a_number_that_was_only_displayed_is_never_released(reports: Reports) -> None:
    reports.confirmed(reports.waiting("x", given=(GivenValue(PHONE, "displayed"),)).number)
    with pytest.raises(Conflict):
        reports.did(face.release, normalise(Kind.PHONE, PHONE), "why")
    with pytest.raises(Malformed):
        reports.did(face.release, normalise(Kind.DOMAIN, "evil.example"), "why")


def test_what_names_nobody_is_told_by_its_label(reports: Reports) -> None:
    reports.raised("evil.example", tlp=Tlp.CLEAR)
    reports.raised("quiet.example", tlp=Tlp.GREEN)
    assert public(reports, "evil.example")[0] == "scam"
    assert public(reports, "quiet.example")[0] == "unknown"


def test_over_releases_are_purged(reports: Reports) -> None:
    reports.raised(PHONE, Kind.PHONE)
    reports.did(face.release, normalise(Kind.PHONE, PHONE), "why")
    reports.now += 31 * DAY
    assert purge.run(reports.now).counts["releases"] == 1
