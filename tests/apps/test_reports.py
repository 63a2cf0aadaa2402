"""Reports: accepted, read, decided, taken back; and what comes of them."""

from __future__ import annotations

import random
import threading
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from hueandcry.apps.detection import face as detection
from hueandcry.apps.members import face as members
from hueandcry.apps.reports import face, sealed
from hueandcry.apps.reports.face import (
    Adjustment,
    Consent,
    Desk,
    Flag,
    GivenReporter,
    GivenValue,
    Stage,
    State,
)
from hueandcry.apps.reports.models import Act, Report, Reporter, Value
from hueandcry.apps.signals import face as signals
from hueandcry.core.errors import Conflict, HueError, Malformed, NotFound, NotPermitted, TooLarge
from hueandcry.core.normal import normalise
from hueandcry.core.types import DAY, Audience, Kind, Verdict
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.store.work import unit_of_work
from hueandcry.engine.timeline import face as timeline
from reports_scene import ACTOR, Reports, loss

pytestmark = pytest.mark.database

LINK = "https://fake-bank.example/login"
HOUR = DAY // 24


@pytest.fixture
def reports(database: None, monkeypatch: pytest.MonkeyPatch) -> Reports:
    return Reports(monkeypatch)


# --- accepting -----------------------------------------------------------------------------------


def test_what_somebody_wrote_stands_nowhere_in_the_clear(reports: Reports) -> None:
    who = GivenReporter(name="Somchai Jaidee", phone="+66812345678")
    sent = reports.waiting("they took my savings", LINK, reporter=who)
    rows: list[Any] = [Report.objects.get(), Reporter.objects.get(), *Value.objects.all()]
    stored = " ".join(repr(vars(row)) for row in rows)
    for words in ("savings", "fake-bank", "Somchai", "812345678", sent.code or "?"):
        assert words not in stored
    assert reports.opened(sent.number).text == "they took my savings"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"text": " \n"}, "report_empty"),
        ({"market": "Thailand"}, "market"),
        ({"language": "Thai!"}, "language"),
        ({"lure": "A Lure"}, "lure"),
        ({"wording": ""}, "wording"),
        ({"happened_at": 2**62}, "happened_at"),
        ({"losses": (loss("1,000"),)}, "amount"),
        ({"losses": (loss(currency="baht"),)}, "currency"),
        ({"losses": (loss(rail="pigeon"),)}, "rail"),
        ({"values": (GivenValue("x", "shouted"),)}, "role"),
        ({"values": (GivenValue("x" * 2_001),)}, "report_field"),
        ({"values": (GivenValue("x"),) * 201}, "report_values"),
        ({"values": (GivenValue("\ud800"),)}, "not_text"),
        ({"wording": "one\x00two"}, "wording"),
    ],
)
def test_a_report_that_cannot_be_kept_is_refused_and_nothing_is_kept(
    reports: Reports, wrong: dict[str, Any], code: str
) -> None:
    with pytest.raises((Malformed, TooLarge)) as refused:
        reports.submitted(**{"text": "something", **wrong})
    assert refused.value.code == code
    assert not Report.objects.exists() and not Act.objects.exists()


def test_a_story_that_is_too_long_is_cut_and_flagged_and_never_refused(reports: Reports) -> None:
    sent = reports.waiting("ก" * 1_000_000)
    assert Flag.CUT in sent.flags
    assert len(reports.opened(sent.number).text) == face.MAX_STORY


@pytest.mark.parametrize(
    "text",
    [
        "😀" * 300,
        "\u202e\u2066 evil.example \u202c" * 50,
        "a\x00b\x1b[31m",
        "\ud800 half a letter \udfff",
        "https://" + "a" * 100_000 + ".example/",
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "ก" + "\u0e31" * 19_999,
        "\ufdfa" * 20_000,
        "ខ្ញុំ 我 ကျွန်တော် ผม " * 500,
    ],
    ids=["emoji", "marks", "control", "halves", "url", "html", "combining", "growing", "mixed"],
)
def test_whatever_is_written_is_kept_read_and_shown(reports: Reports, text: str) -> None:
    sent = reports.waiting(text)
    opened = reports.opened(sent.number)
    assert opened.line.state is State.WAITING
    assert opened.text == text[: face.MAX_STORY] or "\ufffd" in opened.text
    reports.did(face.reject, sent.number, "spam")


def test_when_anything_fails_nothing_of_a_report_is_kept(
    reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> int:
        raise OSError("the disk is full")

    monkeypatch.setattr(ledger, "append", fails)
    with pytest.raises(OSError, match="full"):
        reports.submitted("words", losses=(loss(),), reporter=GivenReporter(name="Mai"))
    for table in (Report, Reporter, Act):
        assert not table.objects.exists()


def test_a_form_that_is_posted_twice_makes_one_report_and_shows_one_code(reports: Reports) -> None:
    form = face.new_form(reports.now)
    first = reports.submitted("the same words", form=form)
    second = reports.submitted("the same words", form=form)
    assert (first.number, first.code) == (second.number, second.code)
    assert (first.again, second.again) == (False, True)
    other = reports.submitted("the same words", form=face.new_form(reports.now))
    assert other.number != first.number and other.code != first.code


def test_a_form_that_is_posted_twice_at_once_makes_one_report(reports: Reports) -> None:
    form, made = face.new_form(reports.now), []

    def post() -> None:
        try:
            made.append(reports.submitted("a double click", form=form))
        finally:
            connection.close()

    posts = [threading.Thread(target=post) for _ in range(4)]
    for each in posts:
        each.start()
    for each in posts:
        each.join(60)
    assert len(made) == 4 and len({(sent.number, sent.code) for sent in made}) == 1
    assert Report.objects.count() == Act.objects.count() == 1


def test_a_form_shows_its_code_again_for_an_hour_only(reports: Reports) -> None:
    form = face.new_form(reports.now)
    reports.submitted("words", form=form)
    reports.now += 2 * HOUR
    with pytest.raises(Conflict, match="sent before"):
        reports.submitted("words", form=form)


@pytest.mark.parametrize("form", ["made-up", "é" * 400, "A" * 300])
def test_a_form_that_is_not_ours_or_too_old_is_refused(reports: Reports, form: str) -> None:
    with pytest.raises(Conflict, match="too old"):
        reports.submitted("words", form=form)
    old = face.new_form(reports.now - DAY)
    with pytest.raises(Conflict, match="too old"):
        reports.submitted("words", form=old)


def test_money_lost_within_72_hours_opens_the_lane(reports: Reports) -> None:
    sent = reports.submitted("gone", losses=(loss(at=reports.now - HOUR),))
    assert sent.desk is Desk.MONEY and sent.stop_until == reports.now + 71 * HOUR
    late = reports.submitted("gone", losses=(loss(at=reports.now - 73 * HOUR),))
    assert late.stop_until is None and late.desk is Desk.TRIAGE


def test_signs_of_danger_say_the_right_desk_at_once(reports: Reports) -> None:
    forced = reports.submitted("they force me to scam people and took my passport")
    assert Flag.FORCED in forced.flags and forced.desk is Desk.PROTECTION
    assert reports.submitted("hello", flags=Flag.CHILD).desk is Desk.CHILD


# --- reading -------------------------------------------------------------------------------------


def test_what_waits_is_read_once_and_then_stands_in_the_queue(reports: Reports) -> None:
    sent = reports.submitted("see https://evil.example/x")
    assert reports.numbers() == []
    assert reports.read() == 1 and reports.read() == 0
    assert reports.numbers() == [sent.number]
    names = [hop.name for hop in timeline.hops(sent.id.bytes)]
    assert names == ["reported", "read"]


def test_a_text_that_an_assessor_fails_on_holds_up_no_other(
    reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = detection.assess_messages

    def fails(texts: Any, *more: Any) -> Any:
        if any("poison" in text for text in texts):
            raise RuntimeError("nobody foresaw this")
        return real(texts, *more)

    monkeypatch.setattr(detection, "assess_messages", fails)
    bad = reports.submitted("this is poison")
    good = reports.submitted("see https://evil.example/x")
    assert reports.read() == 2
    assert set(reports.numbers()) == {bad.number, good.number}
    assert reports.opened(good.number).values and not reports.opened(bad.number).values


def test_values_of_a_field_are_read_by_the_market_of_the_report(reports: Reports) -> None:
    given = (GivenValue("02 123 4567", "called", Kind.PHONE), GivenValue("not a value at all !"))
    opened = reports.opened(reports.waiting("x", given=given).number)
    assert [(v.signal.value, v.role) for v in opened.values] == [("+6621234567", "called")]
    assert opened.given == ("02 123 4567", "not a value at all !")


def test_the_reporters_own_number_is_never_ticked(reports: Reports) -> None:
    who = GivenReporter(phone="081 234 5678")
    given = (GivenValue("+66812345678", "called"), GivenValue("+66812345679", "called"))
    opened = reports.opened(reports.waiting("x", given=given, reporter=who).number)
    assert [v.ticked for v in opened.values] == [False, True]


def test_what_an_allow_list_clears_is_not_ticked(reports: Reports) -> None:
    opened = reports.opened(reports.waiting("x", "google.com", "evil.example").number)
    assert {v.signal.value: v.ticked for v in opened.values} == {
        "google.com": False,
        "evil.example": True,
    }


def test_a_loss_knows_the_value_that_it_went_to(reports: Reports) -> None:
    to = loss(to="TKZHbxFqVnYA5SrsTKcrG8LJzk6Z2fTcRT", to_kind=None)
    opened = reports.opened(reports.waiting("x", losses=(to, loss("5"))).number)
    assert [entry.value is not None for entry in opened.losses] == [bool(opened.values), False]


# --- the queue -----------------------------------------------------------------------------------


def test_the_queue_is_sorted_by_harm_and_freshness(reports: Reports) -> None:
    old = reports.waiting("an old report of nothing much").number
    lost = reports.waiting("another with money gone", losses=(loss(),)).number
    reports.now += 2 * HOUR
    fresh = reports.waiting("a fresh report of little").number
    assert reports.numbers() == [lost, fresh, old]
    reports.now += 40 * HOUR
    later = reports.waiting("a much later one that says hello").number
    assert reports.numbers()[0] == later


def test_pages_of_the_queue_leave_nothing_out(reports: Reports) -> None:
    words = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf"]
    sent = {reports.waiting(f"{word} {word[::-1]} tells").number for word in words}
    seen: list[int] = []
    cursor = None
    while True:
        page = face.queue(face.Filters(), reports.now, cursor, limit=3)
        seen += [line.number for line in page.lines]
        cursor = page.next
        if cursor is None:
            break
    assert set(seen) == sent and len(seen) == len(sent)


def test_filters_add_up(reports: Reports) -> None:
    child = reports.waiting("first", flags=Flag.CHILD).number
    money = reports.waiting("then another", losses=(loss(),)).number
    assert reports.numbers(desk=Desk.CHILD) == [child]
    assert reports.numbers(flag=Flag.CHILD) == [child]
    assert reports.numbers(stopping=True) == [money]
    assert reports.numbers(stopping=True, desk=Desk.CHILD) == []


def test_a_report_is_opened_for_a_purpose_that_is_logged(reports: Reports) -> None:
    sent = reports.waiting("words", reporter=GivenReporter(name="Mai"))
    with pytest.raises(Malformed, match="purpose"), unit_of_work():
        face.open_report(sent.number, ACTOR, " ", reports.now)
    with unit_of_work():
        assert face.reporter(sent.number, ACTOR, "call back", reports.now).name == "Mai"
    (note,) = members.accesses()
    assert (note.action, note.subject, note.purpose) == (
        "report.reporter",
        f"report {sent.number}",
        "call back",
    )


def test_what_is_likely_personal_in_a_story_is_known_to_whoever_shows_it(reports: Reports) -> None:
    text = "my number is +66812345678, call me"
    opened = reports.opened(reports.waiting(text).number)
    assert [text[start:end] for start, end in opened.personal] == ["+66812345678"]


# --- deciding ------------------------------------------------------------------------------------


def test_a_confirmed_report_becomes_claims_that_look_ups_know(reports: Reports) -> None:
    sent = reports.waiting("they sent me a link", LINK, lure="impersonation-bank")
    confirmed = reports.confirmed(sent.number)
    assert [made.outcome for made in confirmed.claims] == ["raised"]
    assert reports.verdict(LINK) == "scam"
    opened = reports.opened(sent.number)
    assert opened.line.state is State.CONFIRMED
    assert [value.claim for value in opened.values] == [confirmed.claims[0].claim]


def test_who_confirms_a_shielded_value_is_told_and_nobody_else_gets_its_claim(
    reports: Reports,
) -> None:
    number = normalise(Kind.PHONE, "+66812345678")
    with unit_of_work():
        signals.shield([number.key], UUID(int=1), reports.now)
    sent = reports.waiting("she rang me", given=(GivenValue(number.value, "called"),))
    assert [each.shielded for each in reports.opened(sent.number).values] == [True]
    (made,) = reports.confirmed(sent.number).claims
    assert made.shielded and made.claim is not None
    held = [signals.pending(label, 10) for label in signals.pending_labels()]
    assert held == [[]]


def test_a_claim_has_the_hops_of_its_report_before_its_own(reports: Reports) -> None:
    sent = reports.submitted("a link", values=(GivenValue(LINK),))
    for _ in range(2):
        reports.now += 1_000
        reports.read()
    reports.now += 1_000
    (made,) = reports.confirmed(sent.number).claims
    assert made.claim is not None
    names = [hop.name for hop in timeline.hops(made.claim.bytes)]
    assert names == ["reported", "read", "triaged", "raised"] or names == [
        "reported",
        "read",
        "raised",
        "triaged",
    ]


def test_only_what_is_ticked_is_claimed(reports: Reports) -> None:
    sent = reports.waiting("x", LINK, "other.example")
    first = next(v for v in reports.opened(sent.number).values if v.signal.kind is Kind.URL)
    reports.confirmed(sent.number, [first.number])
    assert (reports.verdict(LINK), reports.verdict("other.example")) == ("scam", "unknown")
    other = reports.waiting("y", "third.example")
    with pytest.raises(NotFound):
        reports.confirmed(other.number, [first.number])
    assert reports.opened(other.number).line.state is State.WAITING


def test_without_consent_nothing_is_claimed(reports: Reports) -> None:
    sent = reports.waiting("x", LINK, consents=frozenset(), wording="")
    with pytest.raises(NotPermitted) as refused:
        reports.confirmed(sent.number)
    assert refused.value.code == "no_consent"
    assert reports.verdict(LINK) == "unknown"
    assert reports.confirmed(sent.number, []).claims == []


def test_a_displayed_number_is_suspicious_and_in_no_list(reports: Reports) -> None:
    given = (GivenValue("+66812345678", "displayed"), GivenValue("+66812345679", "called"))
    reports.confirmed(reports.waiting("x", given=given).number)
    assert reports.verdict("+66812345678") == "suspicious"
    assert reports.verdict("+66812345678", Audience.GREEN) == "unknown"
    bad = frozenset({Verdict.SCAM, Verdict.SUSPICIOUS})
    wanted = signals.Wanted(Audience.OWN, bad, frozenset({Kind.PHONE}))
    listed = [entry.signal.value for _, entry in signals.listed(wanted, reports.now)]
    assert listed == ["+66812345679"]


def the_claim(reports: Reports, value: str) -> tuple[str, str]:
    """Verdict and method of our claim on a number."""
    (answer,) = signals.check([value], reports.now, kind=Kind.PHONE)
    (method,) = [r["params"]["method"] for r in answer["reasons"] if r["code"] == "claim"]
    return answer["verdict"], method


@pytest.mark.parametrize(
    "brought",
    [
        {"given": (GivenValue("+66812345678", "paid"),)},
        {"losses": (loss(to="081-234-5678"),)},
        {"losses": (loss(to="PromptPay 081-234-5678"),)},
        {"losses": (loss(to="0812345678"),), "given": (GivenValue("0812345678", "called"),)},
        {"losses": (loss(to="0812345678"),), "given": (GivenValue("0812345678", "displayed"),)},
    ],
    ids=["named", "of a loss", "among words", "called too", "displayed too"],
)
def test_a_number_that_money_was_paid_to_is_claimed_as_a_payment_proxy(
    reports: Reports, brought: dict[str, Any]
) -> None:
    sent = reports.waiting("x", market="TH", method="phone", **brought)
    (value,) = reports.opened(sent.number).values
    assert value.role == "paid"
    reports.confirmed(sent.number)
    assert the_claim(reports, "+66812345678") == ("scam", "payment-proxy")
    assert reports.verdict("+66812345678", Audience.GREEN) == "scam"


def test_a_number_to_pay_to_is_known_from_the_words_and_shown_to_people(
    reports: Reports,
) -> None:
    sent = reports.waiting("โอนพร้อมเพย์ 081-234-5678 ด่วน", market="TH")
    (value,) = reports.opened(sent.number).values
    assert (value.role, value.signal.value) == ("paid", "+66812345678")


def test_a_displayed_number_does_not_weaken_what_is_known_of_it(reports: Reports) -> None:
    called = GivenValue("+66812345679", "called")
    reports.confirmed(reports.waiting("x", given=(called,)).number)
    displayed = GivenValue("+66812345679", "displayed")
    (made,) = reports.confirmed(reports.waiting("other words", given=(displayed,)).number).claims
    assert (made.outcome, made.claim) == ("stands", None)
    assert reports.verdict("+66812345679") == "scam"


def test_a_decision_that_is_undone_leaves_no_claim(reports: Reports) -> None:
    sent = reports.waiting("a link", LINK)
    reports.confirmed(sent.number)
    assert reports.did(face.undo, sent.number) == "confirm"
    assert reports.verdict(LINK) == "unknown"
    assert reports.numbers() == [sent.number]
    with pytest.raises(Conflict):
        reports.did(face.undo, sent.number)
    reports.confirmed(sent.number)
    assert reports.verdict(LINK) == "scam"


def test_a_claim_stands_until_the_last_report_that_it_rests_on_is_undone(reports: Reports) -> None:
    one = reports.waiting("the first tells of it", LINK).number
    other = reports.waiting("somebody else saw this too", LINK).number
    reports.confirmed(one)
    reports.confirmed(other)
    reports.did(face.undo, one)
    assert reports.verdict(LINK) == "scam"
    reports.did(face.undo, other)
    assert reports.verdict(LINK) == "unknown"


def test_undoing_leaves_alone_what_was_claimed_before_any_report(reports: Reports) -> None:
    reports.raised("evil.example")
    sent = reports.waiting("x", "evil.example")
    reports.confirmed(sent.number)
    reports.did(face.undo, sent.number)
    assert reports.verdict("evil.example") == "scam"


def test_an_adjustment_is_undone_as_a_whole(reports: Reports) -> None:
    sent = reports.waiting("x", "+66812345679", lure="job")
    (value,) = reports.opened(sent.number).values
    change = Adjustment(
        lure="loan",
        ticks={value.number: False},
        roles={value.number: "called"},
        add=((normalise(Kind.DOMAIN, "added.example"), ""),),
    )
    reports.did(face.adjust, sent.number, change)
    after = reports.opened(sent.number)
    assert after.line.lure == "loan" and len(after.values) == 2
    reports.did(face.undo, sent.number)
    before = reports.opened(sent.number)
    assert before.line.lure == "job"
    assert [(v.ticked, v.role) for v in before.values] == [(True, "")]


def test_merging_rejecting_and_asking_are_undone_too(reports: Reports) -> None:
    one = reports.waiting("something that happened to me").number
    other = reports.waiting("an entirely different story").number
    reports.did(face.merge, one, other)
    assert reports.opened(one).merged_into == other
    assert reports.did(face.undo, one) == "merge"
    reports.did(face.reject, one, "spam")
    assert reports.did(face.undo, one) == "reject"
    reports.did(face.ask, one, "Which bank?")
    assert reports.did(face.undo, one) == "ask"
    assert reports.opened(one).line.state is State.WAITING
    assert reports.opened(one).merged_into is None


@pytest.mark.parametrize("reason", ["", "because", "SPAM"])
def test_a_report_is_rejected_for_a_reason_that_adds_up(reports: Reports, reason: str) -> None:
    sent = reports.waiting("x")
    with pytest.raises(Malformed):
        reports.did(face.reject, sent.number, reason)


def test_nothing_is_merged_into_itself_or_into_what_is_merged(reports: Reports) -> None:
    one = reports.waiting("something that happened to me").number
    other = reports.waiting("an entirely different story").number
    with pytest.raises(Conflict):
        reports.did(face.merge, one, one)
    reports.did(face.merge, one, other)
    with pytest.raises(Conflict):
        reports.did(face.merge, other, one)


def test_who_decides_upon_what_was_changed_meanwhile_is_told(reports: Reports) -> None:
    sent = reports.waiting("x", LINK)
    version = Report.objects.get(pk=sent.number).version
    reports.did(face.adjust, sent.number, Adjustment(lure="job"))
    with pytest.raises(Conflict, match="meanwhile"), unit_of_work():
        face.confirm(ACTOR, sent.number, reports.now, version=version)
    assert reports.verdict(LINK) == "unknown"


def test_every_act_is_in_the_ledger_and_can_be_opened(reports: Reports) -> None:
    sent = reports.waiting("x", LINK)
    reports.confirmed(sent.number)
    reports.did(face.undo, sent.number)
    acts = list(Act.objects.filter(report=sent.number).order_by("version"))
    assert [act.kind for act in acts] == ["submit", "read", "confirm", "undo"]
    for act in acts:
        record, _, index = ledger.opening(act)
        assert f'"type":"report.{act.kind}"'.encode() in record
        assert b"fake-bank" not in record
        assert index == act.log_index


# --- the walk ------------------------------------------------------------------------------------


def _doings(reports: Reports, number: int, code: str, other: int) -> list[Any]:
    return [
        lambda: reports.confirmed(number),
        lambda: reports.did(face.reject, number, "spam"),
        lambda: reports.did(face.merge, number, other),
        lambda: reports.did(face.ask, number, "what?"),
        lambda: reports.did(face.undo, number),
        lambda: reports.did(face.adjust, number, Adjustment(lure="loan")),
        lambda: _unit(face.add, code, "more", reports.now),
        lambda: _unit(face.set_consents, code, frozenset(Consent), "v2", reports.now),
        lambda: reports.read(),
    ]


def _unit(do: Any, *args: Any) -> None:
    with unit_of_work():
        do(*args)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_done_in_whatever_order_claims_are_there_while_it_is_confirmed(
    reports: Reports, seed: int
) -> None:
    chance = random.Random(seed)
    other = reports.waiting("an entirely different story").number
    sent = reports.submitted("a walk", values=(GivenValue(LINK),))
    assert sent.code is not None
    for _ in range(25):
        reports.now += 1_000_000
        before = Report.objects.get(pk=sent.number)
        try:
            chance.choice(_doings(reports, sent.number, sent.code, other))()
        except HueError:
            after = Report.objects.get(pk=sent.number)
            assert (before.state, before.version) == (after.state, after.version)
        state = Report.objects.get(pk=sent.number).state
        assert (reports.verdict(LINK) == "scam") == (state == State.CONFIRMED)
    acts = Act.objects.filter(report=sent.number).order_by("version")
    assert [act.version for act in acts] == list(range(1, len(acts) + 1))
    for one, next_ in pairwise(acts):
        assert one.after == next_.before


# --- by the receipt code -------------------------------------------------------------------------


def test_a_reporter_is_told_late_and_little(reports: Reports) -> None:
    sent = reports.waiting("x", LINK)
    reports.confirmed(sent.number)
    told = reports.told(sent.code)
    assert told.stage is Stage.RECEIVED and told.since % DAY == 0
    reports.now += 23 * HOUR
    assert reports.told(sent.code).stage is Stage.RECEIVED
    reports.now += 25 * HOUR
    assert reports.told(sent.code).stage is Stage.USED
    assert reports.told(sent.code).alike is None


def test_a_decision_that_was_undone_is_not_told(reports: Reports) -> None:
    sent = reports.waiting("x", LINK)
    reports.confirmed(sent.number)
    reports.did(face.undo, sent.number)
    reports.now += 3 * DAY
    assert reports.told(sent.code).stage is Stage.RECEIVED


def test_a_question_reaches_the_reporter_and_the_answer_puts_it_back(reports: Reports) -> None:
    sent = reports.waiting("x")
    reports.did(face.ask, sent.number, "Which bank was it?")
    assert reports.told(sent.code).question == "Which bank was it?"
    assert reports.numbers() == [] and reports.numbers(states=frozenset({State.ASKED}))
    with pytest.raises(Malformed):
        _unit(face.add, sent.code, "b" * (face.MAX_STORY + 1), reports.now)
    _unit(face.add, sent.code, "The blue one".ljust(face.MAX_STORY, "."), reports.now)
    assert reports.told(sent.code).question == ""
    assert [m.kind for m in reports.opened(sent.number).messages] == ["question", "answer"]
    assert reports.numbers() == [sent.number]


def test_a_wrong_code_reads_as_one_that_was_never_given(reports: Reports) -> None:
    sent = reports.submitted("x")
    other = reports.submitted("y", receipt=False)
    assert sent.code and other.code is None
    wrong = sent.code[:-1] + ("1" if sent.code.endswith("0") else "0")
    refusals = set()
    for code in ("", "nonsense", "0000-" * 6 + "0000", wrong):
        with pytest.raises(NotFound) as refused:
            reports.told(code)
        refusals.add(str(refused.value))
    assert len(refusals) == 1


def test_consent_is_kept_with_its_words_and_can_be_taken_back(reports: Reports) -> None:
    sent = reports.waiting("x", LINK)
    wanted = frozenset({Consent.CONTACT, Consent.POLICE})
    _unit(face.set_consents, sent.code, wanted, "web-2", reports.now + 5)
    assert reports.told(sent.code).consents == wanted
    held = {c.purpose: (c.wording, c.withdrawn_at) for c in reports.opened(sent.number).consents}
    assert held == {
        "signals": ("test-1", reports.now + 5),
        "contact": ("web-2", None),
        "police": ("web-2", None),
    }
    with pytest.raises(NotPermitted):
        reports.confirmed(sent.number)


def test_consent_that_is_taken_back_after_claims_flags_the_report(reports: Reports) -> None:
    sent = reports.waiting("x", LINK)
    reports.confirmed(sent.number)
    _unit(face.set_consents, sent.code, frozenset(), "web-2", reports.now)
    assert Flag.WITHDRAWN in reports.opened(sent.number).line.flags
    assert reports.verdict(LINK) == "scam"


def test_a_report_that_is_withdrawn_leaves_the_queue_for_ever(reports: Reports) -> None:
    sent = reports.waiting("x", LINK)
    _unit(face.withdraw, sent.code, reports.now)
    assert reports.numbers() == []
    assert reports.told(sent.code).stage is Stage.WITHDRAWN
    with pytest.raises(Conflict):
        reports.confirmed(sent.number, [])
    with pytest.raises(Conflict):
        _unit(face.add, sent.code, "wait", reports.now)


def test_a_value_key_is_not_the_signals_own(reports: Reports) -> None:
    signal = normalise(Kind.DOMAIN, "evil.example")
    assert sealed.key_of(signal) != signal.key
