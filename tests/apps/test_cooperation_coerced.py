"""Persons who may be coerced: which values a request names as theirs, and what becomes of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from hueandcry.apps.cooperation import closing, purging, shielding
from hueandcry.apps.cooperation.models import Request
from hueandcry.apps.cooperation.settings import DAYS, PROTECTION_RECIPIENT
from hueandcry.apps.signals import face as signals
from hueandcry.apps.signals.models import Shield
from hueandcry.core.normal import normalise
from hueandcry.core.types import DAY, Audience, Kind, Signal
from hueandcry.engine.keys import age
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work
from other_member import OtherMember
from requests_scene import Requests

PHONE = normalise(Kind.PHONE, "+85512345678")
HANDLE = normalise(Kind.HANDLE, "telegram:lucky_agent")
ACCOUNT = normalise(Kind.BANK_ACCOUNT, "MKNGVNV0:0000123456")
REACH = "rings from +855 12 345 678, telegram @lucky_agent"
PERSONS = [{"pseudonym": "V-17", "reach": REACH, "possibly_coerced": True}]
REFERRAL = {"tlp": "RED", "persons": PERSONS}
ITEMS = [{"kind": "account", "value": ACCOUNT.value, "relation": "received the money"}]
HOLDER = {"name": "the holder of the account", "possibly_coerced": True}
OTHER = {"name": "his recruiter", "role": "suspect"}


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, set()),
        ({"persons": PERSONS}, {PHONE, HANDLE}),
        ({"persons": [{"pseudonym": "V-17", "reach": REACH}]}, set()),
        ({"subjects": [HOLDER], "items": ITEMS}, {ACCOUNT}),
        ({"subjects": [HOLDER, OTHER], "items": ITEMS}, set()),
        ({"subjects": [{**HOLDER, "name": f"holder of {ACCOUNT.value}"}, OTHER]}, {ACCOUNT}),
        ({"items": ITEMS}, set()),
        (
            {
                "subjects": [HOLDER],
                "items": [{"kind": "domain", "value": "evil.example", "relation": "x"}],
            },
            set(),
        ),
    ],
)
def test_a_value_is_of_who_may_be_coerced_only_where_the_request_says_whose_it_is(
    given: dict[str, Any], found: set[Signal]
) -> None:
    assert shielding.values(given) == found


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Requests:
    other = OtherMember("shelter", roles=("support",))
    return Requests(monkeypatch, other, ("asc", "protection"))


def shields() -> set[tuple[bytes, UUID]]:
    shielding.shield_all()
    rows = Shield.objects.filter(ended_at=None).values_list("key", "because")
    return {(bytes(key), UUID(bytes=bytes(because))) for key, because in rows}


def theirs(request: UUID) -> set[tuple[bytes, UUID]]:
    return {(PHONE.key, request), (HANDLE.key, request)}


def accepted(node: Requests, request: UUID) -> None:
    node.did("dao", request, "take_up")
    assert shields().isdisjoint(theirs(request))
    node.did("dao", request, "accept")


def closed_store(node: Requests) -> None:
    with unit_of_work():
        recipient = age.recipient(age.public(bytes(range(32))))
        policy.change(PROTECTION_RECIPIENT.name, recipient, None, node.now)
    policy.forget()


@pytest.mark.database
def test_ours_shields_once_it_has_left_and_keeps_no_key_on_the_request(node: Requests) -> None:
    request = node.drafted("TIP_REFERRAL", "house", by="dao", **REFERRAL)
    assert shields() == set()
    node.did("dao", request, "sign")
    assert shields() == set()
    node.did("som", request, "approve")
    assert shields() == theirs(request)
    assert Request.objects.get(uuid=request.bytes).coerced == ""


@pytest.mark.database
def test_a_draft_that_is_dropped_shields_nothing(node: Requests) -> None:
    request = node.drafted("TIP_REFERRAL", "house", by="dao", **REFERRAL)
    node.did("dao", request, "withdraw")
    assert shields() == set()
    assert Request.objects.get(uuid=request.bytes).coerced == ""


@pytest.mark.database
def test_theirs_shields_once_a_person_accepts_it_even_if_it_was_closed_before(
    node: Requests,
) -> None:
    closed_store(node)
    request = node.asked("TIP_REFERRAL", "house", **REFERRAL)
    assert any("may be coerced" in each for each in node.view(request).doubts)
    closing.close_all()
    assert node.view(request).given["persons"] == [{"pseudonym": "closed"}]
    node.did("dao", request, "open")
    assert shields() == set()
    accepted(node, request)
    assert shields() == theirs(request)


@pytest.mark.database
def test_theirs_shields_nothing_where_it_ends_before_it_was_accepted(node: Requests) -> None:
    request = node.asked("TIP_REFERRAL", "house", **REFERRAL)
    node.they(request, "withdraw", "SENT")
    assert node.view(request).listed.state == "WITHDRAWN"
    assert shields() == set()
    assert Request.objects.get(uuid=request.bytes).coerced == ""


@pytest.mark.database
def test_it_ends_with_the_purge_of_the_last_request_that_names_it(node: Requests) -> None:
    first = node.asked("TIP_REFERRAL", "house", **REFERRAL)
    node.did("dao", first, "open")
    accepted(node, first)
    assert shields() == theirs(first)
    node.they(first, "withdraw", "ACCEPTED")
    second = node.asked("TIP_REFERRAL", "house", **REFERRAL)
    node.did("dao", second, "open")
    accepted(node, second)
    new = signals.NewClaim(PHONE)
    with unit_of_work():
        signals.raise_claims(node.desk["ann"], [new], node.now)
    assert shields() == theirs(first) | theirs(second)
    node.they(second, "withdraw", "ACCEPTED")
    node.now += policy.number(DAYS.name) * DAY + 1
    with unit_of_work():
        assert purging.step(node.now, 1) == 1
    assert shields() == theirs(second)
    assert signals.Lookups(Audience.GREEN).one(PHONE.value)["reasons"][0]["code"] == "no_claims"
    with unit_of_work():
        assert purging.step(node.now, 1) == 1
    assert not Shield.objects.exists()
