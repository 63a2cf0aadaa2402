"""What decides about reports, without a database: states, places in the queue, codes, likeness."""

from __future__ import annotations

import io
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.apps.reports import cases, codes, likeness, rules, signs
from hueandcry.apps.reports.rules import Desk, Doing, Flag, Origin, Role, Stage, State
from hueandcry.core.errors import HueError, Malformed
from hueandcry.core.taxonomy import PAYMENT_PROXY
from hueandcry.core.types import DAY, Kind, Pap, Verdict

SECRETS = st.binary(min_size=16, max_size=16)
NOW = 1_790_000_000_000_000


# --- receipt codes -------------------------------------------------------------------------------


@given(SECRETS)
def test_a_receipt_code_reads_back_however_it_is_typed(secret: bytes) -> None:
    code = codes.write(secret)
    assert len(code) == 34 and code.count("-") == 6
    sloppy = code.lower().replace("-", "  ").replace("0", "o").replace("1", "l")
    assert codes.read(code) == codes.read(sloppy) == secret


@given(SECRETS, st.integers(0, 27), st.integers(1, 31))
def test_one_wrong_letter_is_found(secret: bytes, place: int, other: int) -> None:
    letters = list(codes.write(secret).replace("-", ""))
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    letters[place] = alphabet[(alphabet.index(letters[place]) + other) % 32]
    with pytest.raises(Malformed):
        codes.read("".join(letters))


@given(SECRETS, st.integers(0, 26))
def test_two_neighbours_exchanged_are_found(secret: bytes, place: int) -> None:
    letters = list(codes.write(secret).replace("-", ""))
    letters[place], letters[place + 1] = letters[place + 1], letters[place]
    exchanged = "".join(letters)
    if exchanged == codes.write(secret).replace("-", ""):
        assert codes.read(exchanged) == secret
    else:
        with pytest.raises(Malformed):
            codes.read(exchanged)


@given(st.text(max_size=60))
def test_any_other_text_is_no_receipt_code_and_nothing_worse(text: str) -> None:
    try:
        assert codes.read(text) is not None
    except Malformed as error:
        assert error.code == "receipt_code"


# --- states --------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(list(Doing)), max_size=30))
def test_whatever_is_done_a_report_is_read_first_and_a_decision_stands(doings: list[Doing]) -> None:
    state = State.RECEIVED
    for doing in doings:
        after = rules.after(state, doing) or state
        if after is not state:  # undoing leads back by what its act says, not by a rule
            assert state is not State.WITHDRAWN
            assert state is not State.RECEIVED or doing in (Doing.READ, Doing.WITHDRAW)
            assert state not in rules.DECIDED or doing in (Doing.WITHDRAW, Doing.REOPEN)
            assert after not in rules.DECIDED or state in (State.WAITING, State.ASKED)
        state = after


def test_a_withdrawn_report_is_never_decided() -> None:
    assert rules.ALLOWED[State.WITHDRAWN].isdisjoint(
        {Doing.CONFIRM, Doing.MERGE, Doing.ASK, Doing.ADD, Doing.RULE, Doing.READ}
    )


def test_every_decision_can_be_taken_back_from_the_state_that_it_leads_to() -> None:
    for doing in rules.UNDOABLE - {Doing.ADJUST, Doing.RULE}:
        assert Doing.UNDO in rules.ALLOWED[rules.LEADS[doing]]


# --- the queue -----------------------------------------------------------------------------------

FLAGS = st.integers(0, 2 * max(Flag) - 1).map(Flag)


@given(
    FLAGS,
    st.none() | st.floats(0, 1),
    st.booleans(),
    st.none() | st.just(NOW),
    st.integers(1, 10**6),
)
def test_harm_is_bounded_and_grows_with_every_reason_for_it(
    flags: Flag, likelihood: float | None, lost: bool, stop: int | None, group: int
) -> None:
    hours = rules.harm(flags, likelihood, lost, stop, group)
    assert 0 <= hours <= 168
    assert rules.harm(flags | Flag.CHILD, likelihood, lost, stop, group) >= hours
    assert rules.harm(flags, 1.0, True, NOW, group) >= hours
    assert rules.harm(flags, likelihood, lost, stop, group * 2) >= hours


def test_people_come_before_money() -> None:
    assert rules.desk(Flag.FORCED | Flag.PAYING, NOW) is Desk.PROTECTION
    assert rules.desk(Flag.CHILD | Flag.FORCED, NOW) is Desk.CHILD
    assert rules.desk(Flag(0), NOW) is Desk.MONEY
    assert rules.desk(Flag.DISTRESS, None) is Desk.SUPPORT
    assert rules.desk(Flag(0), None) is Desk.TRIAGE


def test_the_stop_payment_lane_is_open_for_72_hours_after_the_latest_loss() -> None:
    hour = rules.HOUR
    assert rules.stop_until(NOW, None, []) is None
    assert rules.stop_until(NOW, None, [None]) == NOW + 72 * hour
    assert rules.stop_until(NOW, NOW - 80 * hour, [None]) is None
    assert rules.stop_until(NOW, None, [NOW - 80 * hour, NOW - hour]) == NOW + 71 * hour


@pytest.mark.parametrize("role", list(Role))
def test_only_a_number_that_money_was_paid_to_is_a_payment_proxy(role: Role) -> None:
    paid = role is Role.PAID
    assert (rules.method_of(Kind.PHONE, role, "sms") == PAYMENT_PROXY) is paid
    assert rules.method_of(Kind.BANK_ACCOUNT, role, "sms") == "sms"
    for origin in Origin:
        counted = rules.may_raise_together(Kind.PHONE, role, origin, ["bank", "hotline"])
        read = paid and origin in (Origin.STORY, Origin.FILE)
        assert counted is (role is not Role.DISPLAYED and not read)


# --- claims --------------------------------------------------------------------------------------


def test_a_number_that_was_only_displayed_is_never_for_blocking() -> None:
    for role in ("", Role.DISPLAYED):
        verdict, marking = rules.verdict_and_marking(Kind.PHONE, role)
        assert verdict is Verdict.SUSPICIOUS and marking.pap > Pap.GREEN
    for role in (Role.CALLED, Role.MESSAGED):
        verdict, marking = rules.verdict_and_marking(Kind.PHONE, role)
        assert verdict is Verdict.SCAM and marking.pap is Pap.GREEN


@pytest.mark.parametrize("kind", list(Kind))
def test_one_trusted_intake_is_enough_for_domains_and_links_alone(kind: Kind) -> None:
    alone = rules.may_raise_alone(kind, "unknown", 0.99, 0.95)
    assert alone == (kind in (Kind.DOMAIN, Kind.URL)) == (not rules.is_guarded(kind))
    assert not rules.may_raise_alone(kind, "unknown", 0.94, 0.95)
    assert not rules.may_raise_alone(kind, "unknown", None, 0.95)
    assert not rules.may_raise_alone(kind, "benign", 0.99, 0.95)


def test_two_trusted_intakes_are_enough_for_what_was_really_met() -> None:
    both = ["bank", "hotline"]
    assert rules.may_raise_together(Kind.BANK_ACCOUNT, "", Origin.STORY, both)
    assert rules.may_raise_together(Kind.PHONE, Role.CALLED, Origin.FIELD, both)
    assert not rules.may_raise_together(Kind.PHONE, Role.DISPLAYED, Origin.FIELD, both)
    assert not rules.may_raise_together(Kind.BANK_ACCOUNT, "", Origin.STORY, ["bank"] * 2)


# --- what reporters are told ---------------------------------------------------------------------


@given(st.integers(0, 10_000))
def test_a_number_of_similar_reports_is_rounded_down_and_none_below_five(count: int) -> None:
    told = rules.about(count)
    assert (told is None) == (count < 5)
    assert told is None or 5 <= told <= count


@given(st.integers(0, 10 * DAY), st.integers(DAY, 30 * DAY))
def test_a_reporter_is_told_at_least_a_day_late_and_at_a_days_beginning(
    more: int, delay: int
) -> None:
    at = NOW + more
    until = rules.known_since(at, delay)
    assert until <= at - DAY and until % DAY == 0


def test_a_stage_says_no_more_than_that_somebody_decided() -> None:
    assert rules.stage(set()) is Stage.RECEIVED
    assert rules.stage({"waiting", "asked"}) is Stage.RECEIVED
    assert rules.stage({"rejected"}) is rules.stage({"merged"}) is Stage.READ
    assert rules.stage({"waiting", "confirmed"}) is Stage.USED


@given(st.text(alphabet="0123456789.,-+e ", max_size=20))
def test_an_amount_is_plain_digits_or_none_at_all(text: str) -> None:
    found = rules.money(text)
    assert found is None or (found > 0 and "," not in text and "e" not in text)


# --- signs and likeness --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("They took my passport and I can’t leave the compound", Flag.FORCED),
        ("ผมถูกบังคับให้หลอกคนอื่น", Flag.FORCED),
        ("Tôi bị nhốt và bị ép lừa", Flag.FORCED),
        ("他们逼我诈骗", Flag.FORCED),
        ("I WANT  TO\nDIE", Flag.DISTRESS),
        ("saya ingin mati", Flag.DISTRESS),
        ("หนูอยากตาย", Flag.DISTRESS),
        ("họ bắt chuyển thêm tiền", Flag.PAYING),
        ("i am a minor", Flag.CHILD),
    ],
)
def test_signs_of_danger_are_found_in_the_languages_of_the_region(text: str, flag: Flag) -> None:
    assert flag in signs.flags(text)


def test_every_language_has_phrases_for_every_sign() -> None:
    assert signs.flags("a parcel could not be delivered, see the link") == Flag(0)
    assert set(signs.PHRASES) == {Flag.FORCED, Flag.DISTRESS, Flag.PAYING, Flag.CHILD}


FLOOD = "Dear customer, parcel {n} is held at customs. Pay the fee of {n} baht at once at our page"


def test_texts_that_differ_in_their_numbers_are_near_identical() -> None:
    one, other = (likeness.sketch(FLOOD.format(n=n), 7) for n in (1042, 99_117))
    assert likeness.overlap(one, other) >= likeness.ALIKE
    assert not set(likeness.bands(one)).isdisjoint(likeness.bands(other))


def test_unlike_texts_share_no_band() -> None:
    one = likeness.sketch(FLOOD, 7)
    other = likeness.sketch("I met her on an app and she wanted me to invest in her coins", 7)
    assert likeness.overlap(one, other) < 0.3
    assert set(likeness.bands(one)).isdisjoint(likeness.bands(other))


@given(st.text(max_size=200))
def test_any_text_has_a_sketch_or_no_letters(text: str) -> None:
    made = likeness.sketch(text, 7)
    assert (made == b"") == (likeness.plain(text) == "")
    assert made == b"" or likeness.overlap(made, made) == 1.0


@given(*[st.lists(st.integers(0, 3), min_size=likeness.SIZE, max_size=likeness.SIZE)] * 2)
def test_the_overlap_is_the_share_of_numbers_that_two_sketches_have_in_one_place(
    one: list[int], other: list[int]
) -> None:
    same = sum(a == b for a, b in zip(one, other, strict=True))
    packed = [array("I", numbers).tobytes() for numbers in (one, other)]
    assert likeness.overlap(*packed) == same / likeness.SIZE


# --- files of cases ------------------------------------------------------------------------------


def read(text: str, form: str = "bank") -> list[cases.Case | cases.Wrong]:
    return list(cases.read(text.splitlines(keepends=True), form, "TH"))


def test_rows_of_one_case_are_one_report_with_every_transaction() -> None:
    found = read(
        "case,story,amount,currency,to,reference\n"
        "A-1,They rang me,1000,thb,1234567890,T1\n"
        "A-1,They rang me,500.50,THB,1234567890,T2\n"
        "A-2,,20,USD,,T3\n"
    )
    one, other = found
    assert isinstance(one, cases.Case) and isinstance(other, cases.Case)
    assert one.rows == (2, 3) and other.rows == (4,)
    assert one.new.text == "They rang me"
    assert [(loss.amount, loss.currency) for loss in one.new.losses] == [
        ("1000", "THB"),
        ("500.50", "THB"),
    ]


def test_every_wrong_row_is_told_with_its_line_and_the_others_stand() -> None:
    found = read("case,story,happened_at\nA,x,yesterday\n,x,\nB,x\nC,fine,2026-11-03\n")
    assert [(w.n, w.code) for w in found if isinstance(w, cases.Wrong)] == [
        (2, "time"),
        (3, "no_case"),
        (4, "row_length"),
    ]
    assert [case.new.text for case in found if isinstance(case, cases.Case)] == ["fine"]


def test_a_file_without_the_column_of_cases_is_refused_whole() -> None:
    with pytest.raises(HueError, match="case"):
        read("number,story\n1,x\n")
    with pytest.raises(HueError, match="case"):
        read('case,"a header\nthat never ends')


def test_a_row_in_another_encoding_is_told_and_not_guessed() -> None:
    raw = "case,story\nA,ถูกหลอก\n".encode("cp874")
    lines = io.TextIOWrapper(io.BytesIO(raw), "utf-8", errors="surrogateescape")
    (wrong,) = cases.read(lines, "bank", "TH")
    assert isinstance(wrong, cases.Wrong) and wrong.code == "not_utf8"


def test_an_account_without_a_sum_is_kept_as_a_value() -> None:
    (case,) = read("case,to,to_kind\nA,DE89370400440532013000,bank-account\n")
    assert isinstance(case, cases.Case) and case.new.losses == ()
    assert [(v.text, v.kind) for v in case.new.values] == [
        ("DE89370400440532013000", Kind.BANK_ACCOUNT)
    ]


def test_numbers_keep_how_they_were_met() -> None:
    (case,) = read("case,called,displayed\nA,+66 2 123 4567; 1155,191\n", "hotline")
    assert isinstance(case, cases.Case)
    assert [(value.text, value.role) for value in case.new.values] == [
        ("191", Role.DISPLAYED),
        ("+66 2 123 4567", Role.CALLED),
        ("1155", Role.CALLED),
    ]


@given(st.text(max_size=300))
def test_no_file_makes_the_reader_fail(text: str) -> None:
    try:
        found = read("case,story,amount\n" + text)
    except HueError:
        return
    assert all(isinstance(each, cases.Case | cases.Wrong) for each in found)
