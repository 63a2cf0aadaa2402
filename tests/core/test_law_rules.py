"""The rules on requests: what is missing, who may ask whom, under what, and what is unlawful."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import requests_made
from hueandcry.core.clocks import Place, read
from hueandcry.core.errors import Conflict, Malformed, NotPermitted
from hueandcry.core.law import (
    LAW,
    Barred,
    Draft,
    InForce,
    Party,
    check_refusal,
    faults,
    judge,
    may_send,
    missing,
    must_refuse,
    offer,
    refuse_overlap,
    require,
    require_form,
    require_lawful,
    require_output,
    require_recipient,
    require_route,
    run,
)
from hueandcry.core.times import read_time, time_text
from hueandcry.core.types import DAY, SECOND

NOW = read_time("2026-06-01T00:00:00.000000Z")
BANGKOK = Place(ZoneInfo("Asia/Bangkok"))
TYPES = st.sampled_from(list(LAW.types))


def filled(name: str) -> Any:
    return requests_made.filled(name, NOW)


def form(code: str, **changed: Any) -> dict[str, Any]:
    return requests_made.form(code, NOW, **changed)


# --- fields -----------------------------------------------------------------------------------


@given(TYPES, st.data())
def test_a_complete_form_has_no_fault_and_a_field_that_is_left_out_is_named(
    code: str, data: st.DataObject
) -> None:
    basis = data.draw(st.sampled_from(LAW.bases(code))).code
    optional = data.draw(st.sets(st.sampled_from(LAW.optional(code))))
    whole = form(code, **{name: filled(name) for name in optional})
    assert faults(LAW, code, whole, basis) == ()
    left_out = data.draw(st.sets(st.sampled_from(LAW.mandatory(code)), min_size=1))
    lacking = {name: value for name, value in whole.items() if name not in left_out}
    found = missing(LAW, code, lacking, basis)
    assert {fault.field for fault in found} == left_out
    assert all(fault.article and fault.article.number in fault.says for fault in found)


def test_a_missing_field_names_its_article_under_the_basis_that_is_used() -> None:
    lacking = form("PRESERVE", necessity=None)
    said = {
        basis: missing(LAW, "PRESERVE", lacking, basis)[0].says
        for basis in ("hanoi", "budapest", "reciprocity")
    }
    assert "Hanoi 42(3)(e)" in said["hanoi"] and "not checked" in said["hanoi"]
    assert said["budapest"].endswith("Budapest 29(2)(e)")
    assert "Hanoi 42(3)(e)" in said["reciprocity"] and "form is used" in said["reciprocity"]
    assert "form is used" not in said["hanoi"] + said["budapest"]


def test_assistance_lacks_its_letters_of_article_40() -> None:
    found = {each.field: each.says for each in missing(LAW, "MLA_STORED", {}, "hanoi")}
    letters = {
        "authority_name": "a", "proceeding": "b", "facts_summary": "c", "assistance_sought": "d",
        "items": "e", "period": "f", "purpose": "g",
    }  # fmt: skip
    for field, letter in letters.items():
        assert f"40(15)({letter})" in found[field]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount", 1250), ("amount", "1,250.00"), ("amount", "-1"), ("amount", "1e3"),
        ("currency", 5), ("value_time", "yesterday"), ("hops", [{"institution": "Bank"}]),
        ("hops", [{"account": "1", "colour": "red"}]), ("whole_account", "no"),
        ("facts_summary", "x" * 20_001), ("hops", "none"), ("hops", [{"account": " "}]),
    ],
)  # fmt: skip
def test_a_field_of_another_form_is_named(name: str, value: Any) -> None:
    (fault,) = faults(LAW, "STOP_PAYMENT", form("STOP_PAYMENT", **{name: value}))
    assert (fault.field, fault.code) == (name, "malformed")


def test_a_period_that_ends_before_it_begins_and_a_choice_that_is_none_are_named() -> None:
    backwards = {"from": time_text(NOW), "to": time_text(NOW - 1)}
    assert faults(LAW, "MLA_STORED", form("MLA_STORED", period=backwards))[0].field == "period"
    (fault,) = faults(LAW, "EMERGENCY", form("EMERGENCY", emergency_risk="honour"))
    assert "life, safety, money" in fault.says


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(Malformed) as refused:
        require_form(LAW, "STOP_PAYMENT", form("STOP_PAYMENT", account=None, colour="red"))
    assert "account" in refused.value.what and "colour" in refused.value.what
    require_form(LAW, "STOP_PAYMENT", form("STOP_PAYMENT"))


# --- routes -----------------------------------------------------------------------------------

POINT_TH = Party("TH", frozenset({"p24"}))
POINT_VN = Party("VN", frozenset({"p24"}))
BANK_TH = Party("TH", frozenset({"bank"}))
BANK_VN = Party("VN", frozenset({"bank"}))
CENTRE_TH = Party("TH", frozenset({"asc"}))
POLICE_TH = Party("TH", frozenset({"lea"}))
SUPPORT_VN = Party("VN", frozenset({"support"}))


def test_a_provider_abroad_is_asked_by_its_own_state() -> None:
    require_route(LAW, "PRESERVE", POINT_TH, POINT_VN)
    require_route(LAW, "PRESERVE", POINT_VN, BANK_VN)
    with pytest.raises(NotPermitted, match="Hanoi 5"):
        require_route(LAW, "PRESERVE", POINT_TH, BANK_VN)


def test_money_is_asked_for_from_bank_to_bank_or_by_the_centres() -> None:
    require_route(LAW, "STOP_PAYMENT", BANK_TH, BANK_VN)
    require_route(LAW, "STOP_PAYMENT", BANK_TH, CENTRE_TH)
    with pytest.raises(NotPermitted):
        require_route(LAW, "STOP_PAYMENT", CENTRE_TH, BANK_VN)
    with pytest.raises(NotPermitted, match="roles"):
        require_route(LAW, "STOP_PAYMENT", SUPPORT_VN, BANK_VN)


def test_assistance_between_points_of_contact_is_for_what_is_urgent() -> None:
    with pytest.raises(NotPermitted, match="urgent"):
        require_route(LAW, "MLA_STORED", POINT_TH, POINT_VN)
    require_route(LAW, "MLA_STORED", POINT_TH, POINT_VN, urgent=True)


def test_a_referral_never_goes_to_the_police() -> None:
    assert "lea" not in LAW.types["TIP_REFERRAL"].receivers
    with pytest.raises(NotPermitted):
        require_route(LAW, "TIP_REFERRAL", CENTRE_TH, POLICE_TH)
    require_route(LAW, "TIP_REFERRAL", CENTRE_TH, SUPPORT_VN)


def test_a_member_is_offered_what_a_route_leads_to() -> None:
    assert "STOP_PAYMENT" in may_send(LAW, BANK_TH, BANK_VN)
    assert "PRESERVE" not in may_send(LAW, BANK_TH, BANK_VN)
    for code in may_send(LAW, POINT_TH, POINT_VN):
        require_route(LAW, code, POINT_TH, POINT_VN, urgent=True)


# --- bases ------------------------------------------------------------------------------------

DAYS = st.dates(date(2020, 1, 1), date(2035, 1, 1))


@given(DAYS, DAYS, DAYS)
def test_the_convention_is_a_basis_only_while_it_is_in_force_for_both(
    one: date, other: date, on: date
) -> None:
    facts = [InForce("hanoi", "TH", one), InForce("hanoi", "VN", other)]
    found = offer(LAW, "PRESERVE", POINT_TH, POINT_VN, on, facts)
    offered = "hanoi" in {basis.instrument for basis in found.bases}
    assert offered == (on >= max(one, other))
    told = {
        *(each.instrument for each in found.bases),
        *(each.instrument for each in found.without),
    }
    assert told == {basis.code for basis in LAW.bases("PRESERVE")}


def test_where_it_is_not_in_force_the_same_form_runs_under_another_basis_which_is_named() -> None:
    on = date(2026, 6, 1)
    facts = [InForce("hanoi", "VN", date(2026, 1, 1)), InForce("budapest", "VN", on)]
    found = offer(LAW, "PRESERVE", POINT_TH, POINT_VN, on, facts)
    with pytest.raises(NotPermitted) as refused:
        require(found, "hanoi")
    assert "TH" in refused.value.why
    assert "Reciprocity" in refused.value.do and "INTERPOL" in refused.value.do
    assert require(found, "reciprocity").form == "hanoi"
    assert faults(LAW, "PRESERVE", form("PRESERVE"), "reciprocity") == ()


def test_a_treaty_ends_with_its_last_day_and_a_reservation_takes_its_article_out() -> None:
    since, last = date(2020, 1, 1), date(2026, 12, 31)

    def articles(on: date, excluded: str) -> tuple[str, ...]:
        facts = [
            InForce("budapest", "TH", since, last),
            InForce("budapest", "VN", since, excluded=frozenset({excluded})),
        ]
        return require(offer(LAW, "PRESERVE", POINT_TH, POINT_VN, on, facts), "budapest").articles

    assert articles(last, "9") == ("29", "16")
    assert articles(last, "16") == ("29",)
    with pytest.raises(NotPermitted, match="cannot be the basis") as refused:
        articles(last, "29")
    assert "reservation" in refused.value.why
    with pytest.raises(NotPermitted):
        articles(last + timedelta(days=1), "9")


def test_a_treaty_between_two_states_is_a_basis_for_these_two_in_either_direction() -> None:
    authority_th, authority_vn = (Party(c, frozenset({"ca"})) for c in ("TH", "VN"))
    facts = [InForce("bilateral-mlat", "VN", date(2020, 1, 1), with_party="TH")]
    on = date(2026, 6, 1)
    for pair in ((authority_th, authority_vn), (authority_vn, authority_th)):
        assert require(offer(LAW, "MLA_STORED", *pair, on, facts), "bilateral-mlat")
    laos = Party("LA", frozenset({"ca"}))
    with pytest.raises(NotPermitted):
        require(offer(LAW, "MLA_STORED", authority_th, laos, on, facts), "bilateral-mlat")


def test_within_one_state_its_own_law_applies_and_no_treaty() -> None:
    facts = [InForce("hanoi", "TH", date(2020, 1, 1))]
    found = offer(LAW, "PRESERVE", POINT_TH, BANK_TH, date(2026, 6, 1), facts)
    assert [basis.instrument for basis in found.bases] == ["reciprocity"]
    assert {none.why for none in found.without if none.instrument == "hanoi"} == {
        "both sides are in one State, whose own law applies"
    }


@st.composite
def rows(draw: st.DrawFn, instrument: str, party: str) -> InForce:
    since = draw(DAYS)
    until = draw(st.none() | st.dates(since, date(2040, 1, 1)))
    return InForce(instrument, party, since, until)


@given(rows("untoc", "TH"), rows("untoc", "TH"), rows("untoc", "VN"), rows("hanoi", "TH"))
def test_a_registry_has_one_row_for_each_day(
    row: InForce, new: InForce, elsewhere: InForce, otherwise: InForce
) -> None:
    if any(row.on(day) and new.on(day) for day in (row.since, new.since)):
        with pytest.raises(Conflict, match="already"):
            refuse_overlap([row], new)
    else:
        refuse_overlap([row], new)
    refuse_overlap([row], elsewhere)
    refuse_overlap([row], otherwise)


def test_a_row_does_not_end_before_it_begins() -> None:
    with pytest.raises(Malformed, match="before it begins"):
        InForce("untoc", "TH", date(2026, 1, 2), date(2026, 1, 1))


def test_rows_of_two_states_are_the_same_in_either_order() -> None:
    one = InForce("bilateral-mlat", "TH", date(2020, 1, 1), with_party="VN")
    with pytest.raises(Conflict):
        refuse_overlap([one], InForce("bilateral-mlat", "VN", date(2024, 1, 1), with_party="TH"))
    refuse_overlap([one], InForce("bilateral-mlat", "VN", date(2024, 1, 1), with_party="LA"))


def test_a_channel_is_for_those_who_belong_to_it() -> None:
    on = date(2026, 6, 1)
    found = offer(LAW, "STOP_PAYMENT", BANK_TH, BANK_VN, on, [])
    with pytest.raises(NotPermitted, match="INTERPOL"):
        require(found, "interpol")
    assert {basis.instrument for basis in found.bases} == {"reciprocity", "contract", "house"}
    with pytest.raises(NotPermitted, match="cannot be the basis"):
        require(found, "palermo")


# --- what is unlawful -------------------------------------------------------------------------


def codes(code: str, instrument: str = "hanoi", **changed: Any) -> set[str]:
    return {found.code for found in judge(draft(code, instrument, **changed))}


def draft(code: str, instrument: str = "hanoi", **changed: Any) -> Draft:
    return Draft(LAW.types[code], instrument, form(code, **changed), NOW)


#: What bars a draft: type, what is changed in a complete form, code.
BARS = [
    ("EMERGENCY", {"emergency_risk": "money"}, "money_is_no_emergency"),
    ("STOP_PAYMENT", {"urgency": "emergency"}, "emergency_elsewhere"),
    ("STOP_PAYMENT", {"no_user_notice": False}, "tipping_off"),
    ("PRESERVE", {"mla_intended": False}, "no_assistance_intended"),
    ("PRESERVE", {"max_penalty_years": 3}, "not_serious"),
    ("PRESERVE", {"needed_by": time_text(NOW)}, "clock_in_the_past"),
    ("DISRUPT", {"expires": time_text(NOW - DAY)}, "clock_in_the_past"),
    ("DISRUPT", {"legal_force": "order"}, "order_without_authority"),
    (
        "MLA_STORED",
        {"rights_screen": {"political": True, "discrimination": False, "reviewer": "M"}},
        "rights_screen",
    ),
    ("MLA_INTERCEPT", {}, "no_judicial_authorisation"),
    ("TIP_REFERRAL", {"tlp": "AMBER"}, "referral_not_red"),
    ("TIP_REFERRAL", {"tlp": "RED", "life_at_risk": False}, "referral_consent"),
    ("COMPLAINT", {"victim_consent": False}, "complaint_consent"),
]


@pytest.mark.parametrize(("code", "changed", "bar"), BARS)
def test_what_is_unlawful_whatever_else_is_true_is_refused_with_its_article(
    code: str, changed: dict[str, Any], bar: str
) -> None:
    found = {each.code: each for each in judge(draft(code, **changed))}
    assert isinstance(found[bar], Barred) and found[bar].article
    with pytest.raises(NotPermitted) as refused:
        require_lawful(draft(code, **changed))
    assert found[bar].article in refused.value.why


def test_an_authorisation_that_has_expired_bars() -> None:
    held = {"type": "judicial", "authority": "Court", "ref": "7", "date": "2026-05-01"}
    past, later = time_text(NOW - DAY), time_text(NOW + DAY)
    assert "authority_expired" in codes("MLA_STORED", authorisation=held | {"until": past})
    assert "authority_expired" not in codes("MLA_INTERCEPT", authorisation=held | {"until": later})
    assert "no_judicial_authorisation" not in codes("MLA_INTERCEPT", authorisation=held)


@pytest.mark.parametrize("roles", [{"lea", "protection"}, {"p24", "support"}, {"consular"}])
def test_nobody_is_referred_to_police_or_an_embassy_by_default(roles: set[str]) -> None:
    given: dict[str, Any] = {"tlp": "RED", "life_at_risk": True}
    draft = Draft(LAW.types["TIP_REFERRAL"], "house", given, NOW)
    party = Party("KH", frozenset(roles))
    with pytest.raises(NotPermitted) as wrong:
        require_recipient(draft, party)
    assert (wrong.value.code, wrong.value.why) == ("referral_recipient", "policy: referral")
    require_recipient(replace(draft, given=given | {"chosen_by_person": True}), party)
    for other in ("protection", "support", "io"):
        require_recipient(draft, Party("KH", frozenset({other})))
    require_recipient(replace(draft, type=LAW.types["STATUS"]), party)


def test_a_risk_to_life_lets_a_person_be_referred_and_else_their_consent_and_choice_do() -> None:
    consent = {"how": "in writing", "at": "2026-05-31", "recipient": "the one here"}
    assert not codes("TIP_REFERRAL", tlp="RED", life_at_risk=True)
    given: dict[str, Any] = {"tlp": "RED", "life_at_risk": False, "person_consent": consent}
    assert "referral_consent" in codes("TIP_REFERRAL", **given)
    assert not codes("TIP_REFERRAL", **given, chosen_by_person=True)


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)


@given(TYPES, st.dictionaries(st.sampled_from(list(LAW.fields)), SCALARS | st.lists(SCALARS)))
def test_a_form_that_does_not_hold_is_judged_without_a_fall(
    code: str, given: dict[str, Any]
) -> None:
    assert all(found.article for found in judge(Draft(LAW.types[code], "hanoi", given, NOW)))
    assert all(fault.says for fault in faults(LAW, code, given))


#: What is warned of and never barred.
WARNINGS: list[tuple[str, dict[str, Any], str]] = [
    ("STOP_PAYMENT", {"whole_account": True}, "whole_account"),
    ("STOP_PAYMENT", {}, "no_complaint"),
    ("MLA_STORED", {"death_penalty_possible": True}, "death_penalty"),
    ("MLA_STORED", {}, "assurances"),
    ("MLA_STORED", {}, "seriousness_unknown"),
    ("POLICE_INFO", {"purpose": "to be used as evidence"}, "intelligence_is_not_evidence"),
    ("STATUS", {"needed_by": time_text(NOW + DAY)}, "deadline_without_reason"),
]


@pytest.mark.parametrize(("code", "changed", "warning"), WARNINGS)
def test_what_people_should_see_is_warned_of_and_not_barred(
    code: str, changed: dict[str, Any], warning: str
) -> None:
    found = {each.code: each for each in require_lawful(draft(code, **changed))}
    assert not isinstance(found[warning], Barred) and found[warning].article


def test_a_convention_offence_need_not_be_serious_and_another_basis_does_not_ask() -> None:
    assert "not_serious" not in codes("PRESERVE", max_penalty_years=1, offence_article="13")
    assert "not_serious" not in codes("PRESERVE", "budapest", max_penalty_years=1)
    assert "not_serious" not in codes("PRESERVE", max_penalty_years=4)


@pytest.mark.parametrize("category", ["subscriber", "traffic", "content", "other"])
def test_preservation_never_returns_anything(category: str) -> None:
    for code in ("PRESERVE", "PRESERVE_EXTEND"):
        with pytest.raises(NotPermitted, match="never returns"):
            require_output(LAW, code, [category])
    require_output(LAW, "MLA_STORED", [category])


def test_the_way_of_a_communication_is_all_that_partial_disclosure_gives() -> None:
    require_output(LAW, "TRAFFIC_PARTIAL", ["traffic"])
    with pytest.raises(NotPermitted, match="content"):
        require_output(LAW, "TRAFFIC_PARTIAL", ["traffic", "content"])
    with pytest.raises(NotPermitted, match="content"):
        require_output(LAW, "SUBSCRIBER_DIRECT", ["content"])


# --- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["bank-secrecy", "fiscal", "H50-de-minimis", "B27.4a-political"])
def test_assistance_is_not_refused_on_what_is_no_ground_of_its_basis(code: str) -> None:
    with pytest.raises(NotPermitted) as refused:
        check_refusal(LAW, "MLA_STORED", "hanoi", code, reasons="because")
    assert "40(24)" in refused.value.why and "H40.21b" in refused.value.do
    with pytest.raises(NotPermitted) as refused:
        check_refusal(LAW, "MLA_STORED", "untoc", code, reasons="because")
    assert "UNTOC 18(8)" in refused.value.why and "Hanoi" not in refused.value.why


def test_a_ground_of_national_law_is_warned_about_and_never_blocked() -> None:
    for type in LAW.types:
        for basis in LAW.bases(type):
            (warned,) = check_refusal(
                LAW, type, basis.code, "NATIONAL-GROUND", reasons="the Bank Act forbids it"
            )
            assert not isinstance(warned, Barred)
    (warned,) = check_refusal(LAW, "FREEZE", "hanoi", "NATIONAL-GROUND", reasons="the Bank Act")
    assert "Bank secrecy is no ground" in warned.says


def test_a_bank_that_needs_an_order_names_the_route_and_an_authority_cannot_say_so() -> None:
    def refuse(roles: set[str], route: str) -> None:
        check_refusal(
            LAW, "STOP_PAYMENT", "contract", "NEEDS_DOMESTIC_ORDER",
            reasons="section 12", roles=roles, route=route,
        )  # fmt: skip

    refuse({"bank"}, "the anti-scam centre, by form 7")
    with pytest.raises(Malformed, match="route"):
        refuse({"bank"}, " ")
    with pytest.raises(NotPermitted):
        refuse({"lea"}, "the centre")
    with pytest.raises(NotPermitted):
        check_refusal(LAW, "MLA_STORED", "hanoi", "NEEDS_DOMESTIC_ORDER", reasons="x")


def test_a_refusal_has_its_reasons() -> None:
    with pytest.raises(Malformed, match=r"40\(25\)"):
        check_refusal(LAW, "MLA_STORED", "hanoi", "H40.21b", reasons=" ")
    assert check_refusal(LAW, "MLA_STORED", "hanoi", "H40.21b", reasons="ordre public") == ()


def test_what_the_asean_treaty_says_shall_be_refused_must_be() -> None:
    grounds = ["ASEAN-mandatory-political", "ASEAN-mandatory-military", "H40.21b"]
    assert must_refuse(LAW, "MLA_STORED", "asean-mlat", grounds) == (
        *("ASEAN-mandatory-political", "ASEAN-mandatory-military"),
    )
    assert must_refuse(LAW, "MLA_STORED", "hanoi", grounds) == ()


# --- clocks -----------------------------------------------------------------------------------


def test_a_rule_runs_as_a_clock_of_the_place() -> None:
    (rule,) = (c for c in LAW.clocks("PRESERVE", "hanoi") if c.what == "hold")
    clock = run(rule, NOW, BANGKOK)
    assert time_text(clock.due or 0) == "2026-07-31T16:59:59.000000Z"
    assert (clock.rule, len(clock.alarms)) == ("H42-60d", 3)


def test_only_clocks_of_a_decision_stand_still() -> None:
    rules = {c.code: c for c in LAW.clocks("PRESERVE")}
    pauses = [(NOW + SECOND, None)]
    assert run(rules["decide-24h"], NOW, BANGKOK, pauses=pauses).due is None
    assert run(rules["H42-60d"], NOW, BANGKOK, pauses=pauses).due is not None


def test_a_provisional_hold_needs_the_law_of_its_place() -> None:
    (rule,) = (c for c in LAW.clocks("STOP_PAYMENT") if c.what == "provisional-hold")
    with pytest.raises(Malformed, match="not known"):
        run(rule, NOW, BANGKOK)
    clock = run(rule, NOW, BANGKOK, by_place="72 hours")
    assert clock.due == NOW + 3 * DAY
    assert read(clock, NOW + 3 * DAY + SECOND).overdue
