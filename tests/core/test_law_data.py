"""The data files of the law: complete, consistent, and refused where one name leads nowhere."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from hueandcry.apps.members.rules import MEMBER_ROLES
from hueandcry.core.clocks import read_span
from hueandcry.core.errors import Malformed
from hueandcry.core.law import LAW, ROLES, Law, article_of, read_law, with_instruments
from hueandcry.core.machine import MACHINES

DATA = files("hueandcry.core.law").joinpath("data")

#: The rows of the common list of request types, with the two that this software adds.
LISTED = [
    *("PRESERVE", "PRESERVE_EXTEND", "TRAFFIC_PARTIAL", "MLA_STORED"),
    *("MLA_GENERAL", "MLA_TRAFFIC_RT", "MLA_INTERCEPT"),
    *("SPONTANEOUS", "EMERGENCY", "SUBSCRIBER_DIRECT", "ORDER_VIA_STATE"),
    *("EPOC", "EPOC_PR", "STOP_PAYMENT", "FREEZE"),
    *("CONFISCATE",),
    *("RETURN", "POLICE_INFO", "JOINT_INVESTIGATION", "DISRUPT"),
    *("TIP_REFERRAL", "DECONFLICT", "USE_CONSENT", "STATUS"),
    *("CLARIFY",),
    *("COMPLAINT", "PROTECT_PAYER"),
]

#: Type and what is timed → how long, as the common list has it.
TIMED = {
    ("PRESERVE", "acknowledge"): "1 hour",
    ("PRESERVE", "decide"): "24 hours",
    ("PRESERVE", "hold"): "60 days",
    ("PRESERVE", "domestic-order"): "90 days",
    ("EMERGENCY", "acknowledge"): "15 minutes",
    ("EMERGENCY", "decide"): "2 hours",
    ("EMERGENCY", "review"): "72 hours",
    ("EMERGENCY", "answer-emergency"): "8 hours",
    ("SUBSCRIBER_DIRECT", "answer"): "30 days",
    ("ORDER_VIA_STATE", "serve"): "45 days",
    ("ORDER_VIA_STATE", "answer"): "20 days",
    ("ORDER_VIA_STATE", "answer-traffic"): "45 days",
    ("EPOC", "answer"): "10 days",
    ("EPOC", "answer-emergency"): "8 hours",
    ("EPOC_PR", "hold"): "60 days",
    ("STOP_PAYMENT", "acknowledge"): "15 minutes",
    ("STOP_PAYMENT", "decide"): "1 hour",
    ("STOP_PAYMENT", "golden"): "24 hours",
    ("STOP_PAYMENT", "kill-chain"): "72 hours",
    ("STOP_PAYMENT", "provisional-hold"): "",
    ("POLICE_INFO", "answer"): "2 working days",
    ("DISRUPT", "act-number"): "1 hour",
    ("DISRUPT", "act"): "24 hours",
    ("DECONFLICT", "session"): "24 hours",
    ("USE_CONSENT", "answer"): "10 working days",
    ("STATUS", "answer"): "2 working days",
    ("CLARIFY", "answer"): "2 working days",
}

#: The codes of refusal that were agreed; ASEAN's list is the one that *must* be followed.
CODES = [
    *("H40.8-dual-criminality", "H40.8-de-minimis", "H40.21a", "H40.21b"),
    *("H40.21c", "H40.21d", "H40.22-discrimination"),
    *("H36-data-protection", "H50-evidence-late", "H50-de-minimis", "B27.4a-political"),
    *("B27.4b-essential-interests",),
    *("EU-art12", "NEEDS_DOMESTIC_ORDER"),
]


def sources() -> tuple[bytes, bytes, dict[str, bytes]]:
    """The files as they are shipped."""
    instruments = {
        path.name.removesuffix(".toml"): path.read_bytes()
        for path in DATA.joinpath("instruments").iterdir()
    }
    fields, types = (DATA.joinpath(f"{name}.toml").read_bytes() for name in ("fields", "types"))
    return fields, types, instruments


def test_all_types_are_there_and_no_other() -> None:
    assert list(LAW.types) == LISTED
    assert len(LISTED) == 27


@pytest.mark.parametrize("code", LISTED)
def test_every_type_says_who_asks_whom_for_what_under_what(code: str) -> None:
    each = LAW.types[code]
    assert each.senders and each.receivers and each.senders | each.receivers <= ROLES
    assert each.title and each.asks.endswith(".") and each.secrecy and each.output
    assert LAW.groups[each.group]
    assert LAW.bases(code)
    assert LAW.refusals(code)
    assert not set(LAW.mandatory(code)) & set(LAW.optional(code))
    assert not each.machine or each.machine in MACHINES


@pytest.mark.parametrize("code", LISTED)
def test_every_field_of_a_type_serves_an_article_under_every_basis(code: str) -> None:
    for field in (*LAW.mandatory(code), *LAW.optional(code)):
        assert article_of(LAW, code, field).says
        for basis in LAW.bases(code):
            article = article_of(LAW, code, field, basis.code)
            assert LAW.instruments[article.instrument].articles[article.number] is article


def test_the_roles_are_those_of_members() -> None:
    assert set(MEMBER_ROLES) == ROLES


def test_no_field_is_asked_by_no_type_and_none_of_a_file_serves_nothing() -> None:
    asked = {f for code in LAW.types for f in (*LAW.mandatory(code), *LAW.optional(code))}
    assert asked == set(LAW.fields)
    cited = {
        (article.instrument, field, article.number)
        for code in LAW.types
        for basis in LAW.bases(code)
        for field in (*LAW.mandatory(code), *LAW.optional(code))
        for article in [article_of(LAW, code, field, basis.code)]
    }
    said = {
        (each.code, field, article.number)
        for each in LAW.instruments.values()
        for field, articles in each.fields.items()
        for article in articles
    }
    assert cited == said


def test_article_40_binds_assistance_and_assets_only() -> None:
    bound = {code for code, each in LAW.types.items() if each.article_40}
    assert bound == {
        *("MLA_STORED", "MLA_GENERAL", "MLA_TRAFFIC_RT", "MLA_INTERCEPT"),
        *("FREEZE", "CONFISCATE", "RETURN"),
    }


def test_one_officer_may_send_only_what_cannot_wait() -> None:
    alone = {code for code, each in LAW.types.items() if each.one_may_send}
    assert alone == {"PRESERVE", "STOP_PAYMENT", "EMERGENCY"}
    assert all(LAW.types[code].second_factor for code in alone)
    for code in alone:
        assert "countersign" in {clock.what for clock in LAW.clocks(code)}


def test_preservation_and_real_time_measures_bring_no_content_through_here() -> None:
    for code in ("PRESERVE", "PRESERVE_EXTEND", "EPOC_PR", "MLA_INTERCEPT", "MLA_TRAFFIC_RT"):
        assert not LAW.types[code].returns
    assert LAW.types["TRAFFIC_PARTIAL"].returns == {"traffic"}


def test_every_agreed_code_is_there_and_none_is_on_secrecy_or_taxes() -> None:
    codes = {each.code for i in LAW.instruments.values() for each in i.refusals}
    assert set(CODES) <= codes
    assert not [code for code in codes if re.search("fiscal|tax|secre", code, re.IGNORECASE)]
    must = {each.code for i in LAW.instruments.values() for each in i.refusals if each.must}
    assert len(must) == 8 and all(code.startswith("ASEAN-mandatory-") for code in must)


def test_a_code_for_some_roles_is_for_types_that_reach_them() -> None:
    for each in LAW.instruments.values():
        for refusal in each.refusals:
            for code in refusal.types if refusal.by else ():
                assert refusal.by & LAW.types[code].receivers, (refusal.code, code)


def test_a_ground_in_words_is_open_to_every_type() -> None:
    for code in LAW.types:
        assert "NATIONAL-GROUND" in {each.code for each in LAW.refusals(code)}


def test_the_clocks_are_those_of_the_common_list() -> None:
    found = {(code, c.what): c.length for code in LAW.types for c in LAW.clocks(code)}
    assert {key: found[key] for key in TIMED} == TIMED


def test_every_alarm_rings_before_its_clock_ends_and_holds_ring_at_14_7_and_2_days() -> None:
    minutes = {"minute": 1, "hour": 60, "day": 1440, "working day": 1440, "month": 40_320}
    for each in LAW.instruments.values():
        for clock in each.clocks:
            if not clock.length:
                continue
            whole = read_span(clock.length)
            for alarm in map(read_span, clock.alarms):
                assert alarm.count * minutes[alarm.unit] < whole.count * minutes[whole.unit]
            if clock.what in ("hold", "domestic-order"):
                assert clock.alarms == ("14 days", "7 days", "2 days")


def test_under_a_treaty_its_own_clock_stands_and_elsewhere_that_of_policy() -> None:
    def holds(instrument: str) -> list[str]:
        return [c.code for c in LAW.clocks("PRESERVE", instrument) if c.what == "hold"]

    assert holds("hanoi") == ["H42-60d"]
    assert holds("budapest") == ["B29-60d"]
    assert holds("reciprocity") == holds("interpol") == ["hold-60d"]


def test_what_was_not_read_in_its_source_says_so() -> None:
    hanoi = LAW.instruments["hanoi"].articles
    assert {number for number, a in hanoi.items() if a.read} == {
        *("2(h)", "2(o)", "3", "5", "6", "13"),
    }
    assert all(a.read for a in LAW.instruments["budapest"].articles.values() if a.number < "33")


# --- strictness -------------------------------------------------------------------------------

TREATY = b"""
title = "Treaty of Somewhere"
short = "Somewhere"
kind = "treaty"
source = "made up for this test"
form = "hanoi"

[serves]
PRESERVE = ["3"]

[articles]
"3" = "data are preserved for ninety days"

[fields]
necessity = ["3"]

[[refusal]]
code = "S3-sovereignty"
article = "3"
says = "Sovereignty."
force = "must"
types = ["PRESERVE"]

[[clock]]
code = "S3-90d"
article = "3"
what = "hold"
says = "Ninety days."
types = ["PRESERVE"]
starts = "held"
length = "90 days"
bound = "least"
alarms = ["14 days"]
"""


def test_a_treaty_is_added_by_one_file_and_no_code() -> None:
    law = with_instruments(LAW, {"somewhere": TREATY})
    assert "somewhere" in {basis.code for basis in law.bases("PRESERVE")}
    assert article_of(law, "PRESERVE", "necessity", "somewhere").number == "3"
    assert article_of(law, "PRESERVE", "custodian", "somewhere").number == "42(3)(d)"
    assert [c.code for c in law.clocks("PRESERVE", "somewhere") if c.what == "hold"] == ["S3-90d"]
    assert "S3-sovereignty" in {each.code for each in law.refusals("PRESERVE", "somewhere")}
    assert "S3-sovereignty" not in {each.code for each in law.refusals("PRESERVE", "hanoi")}
    assert "somewhere" not in LAW.instruments


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b'PRESERVE = ["3"]', b'PRESERVE = ["4"]', "'4', which nothing defines"),
        (b'PRESERVE = ["3"]', b'PRESRVE = ["3"]', "'PRESRVE', which nothing defines"),
        (b'necessity = ["3"]', b'necessity = "3"', "must be a list of texts"),
        (b'PRESERVE = ["3"]', b"", "neither in serves nor in general"),
        (b'necessity = ["3"]', b'need = ["3"]', "'need', which nothing defines"),
        (b'kind = "treaty"', b'kind = "promise"', "'promise', which nothing defines"),
        (b'form = "hanoi"', b"", "or the instrument whose form is used"),
        (b'form = "hanoi"', b'form = "elsewhere"', "names no instrument"),
        (b'source = "made up for this test"', b"", "'source' must be a text"),
        (b'article = "3"', b'article = "5"', "'5', which nothing defines"),
        (b'"S3-sovereignty"', b'"S3-bank-secrecy"', "bank secrecy and fiscal matters never are"),
        (b'"S3-sovereignty"', b'"H40.21a"', "stands twice"),
        (b'force = "must"', b'force = "should"', "'should', which nothing defines"),
        (b'types = ["PRESERVE"]', b"", "or groups must be given"),
        (b'types = ["PRESERVE"]', b'types = ["PRESERVE", "PRESERVE"]', "nothing twice"),
        (b'starts = "held"', b'starts = "someday"', "'someday', which nothing defines"),
        (b'length = "90 days"', b'length = "long"', "is no span"),
        (b'bound = "least"', b'bound = "about"', "'about', which nothing defines"),
        (b'alarms = ["14 days"]', b'alarm = ["14 days"]', "'alarm' is not known here"),
        (b"title", b"tittle", "'title' must be a text"),
        (b"[serves]", b"[serves", "not TOML"),
        (b"Sovereignty.", b"\xff", "not TOML"),
        (b"[serves]", b"serves = 5\n[served]", "must be a table"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_its_place(
    old: bytes, new: bytes, says: str
) -> None:
    assert old in TREATY
    with pytest.raises(Malformed, match=re.escape(says)) as refused:
        with_instruments(LAW, {"somewhere": TREATY.replace(old, new, 1)})
    assert refused.value.code == "law_file"
    assert "somewhere.toml" in refused.value.what


def test_an_instrument_that_is_there_already_is_not_replaced() -> None:
    with pytest.raises(Malformed, match="is there already"):
        with_instruments(LAW, {"hanoi": TREATY})


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("fields", b'always = ["auth', b'always = ["nobody", "auth', "'nobody', which nothing"),
        ("fields", b'kind = "choice"', b'kind = "text"', "belongs to a choice"),
        ("fields", b'kind = "record"', b'kind = "text"', "belongs to a record"),
        ("fields", b'kind = "text"', b'kind = "poem"', "'poem', which nothing defines"),
        ("types", b'group = "mla"', b'group = "mle"', "'mle', which nothing defines"),
        ("types", b'from = ["p24"', b'from = ["p25"', "'p25', which nothing defines"),
        ("types", b'machine = "hold"', b'machine = "held"', "'held', which nothing defines"),
        ("types", b'returns = ["traffic"]', b'returns = ["gossip"]', "'gossip', which nothing"),
        ("types", b'takes = ["custodian"', b'takes = ["items"', "which it needs"),
        ("types", b"second_factor = true", b"second_factor = 1", "must be true or false"),
        ("types", b'output = "the new', b'out = "the new', "'output' must be a text"),
    ],
)
def test_fields_and_types_are_read_as_strictly(
    file: str, old: bytes, new: bytes, says: str
) -> None:
    fields, types, instruments = sources()
    given = {"fields": fields, "types": types}
    assert old in given[file]
    given[file] = given[file].replace(old, new, 1)
    with pytest.raises(Malformed, match=re.escape(says)) as refused:
        read_law(given["fields"], given["types"], instruments)
    assert f"{file}.toml" in refused.value.what


def test_what_is_shipped_is_what_was_read() -> None:
    assert isinstance(LAW, Law)
    assert read_law(*sources()) == LAW
