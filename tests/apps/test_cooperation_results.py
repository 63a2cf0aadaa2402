"""Results of requests of ours: taken in before they are accepted, and bound to what was agreed."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from evidence_scene import handed_over
from hueandcry.apps.cooperation import results, timing
from hueandcry.apps.cooperation.models import Result
from hueandcry.apps.evidence import arriving
from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.models import Incoming, Restriction
from hueandcry.core.errors import Conflict, NotPermitted
from hueandcry.core.types import DAY, Actor, Purpose
from hueandcry.engine.store.work import unit_of_work
from other_member import OtherMember
from requests_scene import Requests, refused

pytestmark = pytest.mark.database

RESULT, ANOTHER = "ab" * 32, "cd" * 32
BANK = OtherMember("bank", roles=("ca",))
COURT = OtherMember("court", roles=("ca",))


class Results(Requests):
    """A node whose other side hands over exhibits in packages, which pass every check."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(monkeypatch, OtherMember("hanoi", roles=("ca", "p24")), ("ca", "p24"))
        self.joined(BANK)
        self.joined(COURT)
        self.police = Actor(self.fingerprint, self.desk["lek"].person, frozenset({"police"}))

    def package(self, digest: str, *data: bytes) -> list[evidence.ExhibitView]:
        """A package of theirs with this list is taken in."""
        to, here = self.fingerprint, len(evidence.exhibits())
        given = [
            handed_over(self.other, to, each, f"EX-{n}") for n, each in enumerate(data, here + 1)
        ]
        with unit_of_work():
            added = [evidence.receive(self.police, each, self.now) for each in given]
            row = Incoming.objects.create(
                uuid=given[0].package.bytes,
                sender=bytes.fromhex(self.other.fingerprint),
                note=b"",
                digest=os.urandom(32),
                announced_at=self.now,
            )
            contents: Any = SimpleNamespace(read=lambda *_: b"{}")
            stated: Any = SimpleNamespace(statement=SimpleNamespace(tagmanifest=digest))
            report: Any = SimpleNamespace(checks=[])
            arriving._accept(row, contents, stated, report, added)
        return [each.exhibit for each in added]

    def result(self, package: str = RESULT) -> UUID:
        """Our request for assistance, whose result the other side says it has sent."""
        request = self.delivered_to("MLA_STORED")
        for event, source in (
            *(("open", "DELIVERED"), ("take_up", "RECEIVED"), ("accept", "UNDER_DECISION")),
            *(("execute", "ACCEPTED"), ("complete", "EXECUTING")),
        ):
            self.they(request, event, source)
        self.they(request, "send_result", "EXECUTED", package=package)
        return request

    def may_go(self, exhibit: evidence.ExhibitView, to: OtherMember) -> bool:
        try:
            evidence.check_handing(self.police, exhibit.id, to.fingerprint, self.now)
        except NotPermitted as wrong:
            assert wrong.code == "restricted" and "consent" in wrong.why
            return False
        return True

    def consent(self, exhibit: evidence.ExhibitView, to: str) -> UUID:
        """We ask for consent to another use of these bytes; their desk has it before it."""
        digests = [exhibit.sha256]
        request = self.delivered_to("USE_CONSENT", item_digests=digests, new_purpose=to)
        self.they(request, "open", "DELIVERED")
        self.they(request, "take_up", "RECEIVED")
        return request


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Results:
    for room in ("announcing", "arriving"):
        monkeypatch.setattr(f"hueandcry.apps.evidence.{room}.note_of", _note)
    return Results(monkeypatch)


def _note(row: Incoming) -> Any:
    file = SimpleNamespace(size=1, sha256=row.digest.hex())
    return SimpleNamespace(
        package=UUID(bytes=row.uuid), name="it.tar.age", ciphertext=file, tar=file
    )


def test_a_result_is_accepted_once_its_package_is_here_and_no_other(node: Results) -> None:
    request = node.result()
    wrong = refused(
        Conflict, "result_not_here", node.did, "ann", request, "accept_result", package=RESULT
    )
    assert "every check" in wrong.why
    node.package(ANOTHER, b"something else")
    refused(Conflict, "result_not_here", node.did, "ann", request, "accept_result", package=RESULT)
    node.package(RESULT, b"the chat")
    accepted = node.did("ann", request, "accept_result", package=RESULT)
    assert accepted.listed.state == "RESULT_ACCEPTED"
    status = node.delivered_to("STATUS", "house")  # whose result is no package
    for event, source in (
        *(("open", "DELIVERED"), ("take_up", "RECEIVED"), ("accept", "UNDER_DECISION")),
        *(("execute", "ACCEPTED"), ("complete", "EXECUTING")),
    ):
        node.they(status, event, source)
    node.they(status, "send_result", "EXECUTED", package=ANOTHER[::-1])
    node.did("ann", status, "accept_result", package=ANOTHER[::-1])


@pytest.mark.parametrize("loop", [True, False])
def test_what_a_result_brings_goes_to_nobody_else_and_back_to_its_giver(
    node: Results, loop: bool
) -> None:
    request = node.result()
    first, second = node.package(RESULT, b"the chat", b"the slip")
    assert node.may_go(first, BANK)
    if loop:
        results.bind_all()
        results.bind_all()
    node.did("ann", request, "accept_result", package=RESULT)
    assert Result.objects.get(request__uuid=request.bytes, package=RESULT).bound_at is not None
    for exhibit in (first, second):
        assert (node.may_go(exhibit, BANK), node.may_go(exhibit, node.other)) == (False, True)
    rows = Restriction.objects.order_by("pk")
    assert sorted((row.kind, len(row.purposes)) for row in rows) == [
        *(("onward", 0), ("onward", 0), ("use", 2), ("use", 2))
    ]
    assert {row.imposed_by.hex() for row in rows} == {node.other.fingerprint}
    assert all(str(request) in row.words and row.authority for row in rows)


def test_every_part_is_bound_in_whatever_order_the_packages_come(node: Results) -> None:
    request = node.delivered_to("MLA_STORED")
    for event, source in (
        *(("open", "DELIVERED"), ("take_up", "RECEIVED"), ("accept", "UNDER_DECISION")),
        ("execute", "ACCEPTED"),
    ):
        node.they(request, event, source)
    node.they(request, "deliver_part", "EXECUTING", package=ANOTHER)
    node.they(request, "complete", "PARTIAL")
    node.they(request, "send_result", "EXECUTED", package=RESULT)
    [whole] = node.package(RESULT, b"the chat")
    results.bind_all()
    [part] = node.package(ANOTHER, b"a part that was longer on its way")
    results.bind_all()
    assert [node.may_go(each, BANK) for each in (whole, part)] == [False, False]


def test_what_comes_after_the_end_of_its_request_is_bound_as_well(node: Results) -> None:
    request = node.result()
    node.did("lek", request, "withdraw")
    [exhibit] = node.package(RESULT, b"the chat")
    results.bind_all()
    assert not node.may_go(exhibit, BANK)
    bound = Restriction.objects.count()
    results.bind_all()
    assert Restriction.objects.count() == bound


def test_consent_lifts_these_digests_for_that_recipient_alone(node: Results) -> None:
    request = node.result()
    first, second = node.package(RESULT, b"the chat", b"the slip")
    node.did("ann", request, "accept_result", package=RESULT)
    consent = node.consent(first, COURT.fingerprint)
    assert not node.may_go(first, COURT)
    node.they(consent, "accept", "UNDER_DECISION")
    assert [node.may_go(each, COURT) for each in (first, second)] == [True, False]
    assert not node.may_go(first, BANK)
    node.they(node.consent(first, BANK.fingerprint), "accept", "UNDER_DECISION")
    assert node.may_go(first, BANK) and node.may_go(first, COURT)


def test_consent_to_a_purpose_widens_use_and_nothing_else(node: Results) -> None:
    request = node.result()
    [exhibit] = node.package(RESULT, b"the chat")
    node.did("ann", request, "accept_result", package=RESULT)
    node.they(node.consent(exhibit, "Prevention"), "accept", "UNDER_DECISION")
    use = Restriction.objects.get(kind="use", ended_at=None)
    assert set(use.purposes) == {Purpose.INVESTIGATION, Purpose.PREVENTION, Purpose.PROSECUTION}
    assert not node.may_go(exhibit, BANK)


def test_what_another_member_restricts_is_not_lifted_by_this_one(node: Results) -> None:
    [exhibit] = node.package(RESULT, b"the chat")
    terms = evidence.Terms(evidence.Limit.ONWARD, "Not without consent", "Court of Bangkok")
    with unit_of_work():
        evidence.bind(node.police, [str(exhibit.id)], terms, BANK.fingerprint, node.now)
    node.they(node.consent(exhibit, COURT.fingerprint), "accept", "UNDER_DECISION")
    assert not node.may_go(exhibit, COURT)


def test_silence_is_a_denial_that_is_shown_and_lifts_nothing(node: Results) -> None:
    request = node.result()
    [exhibit] = node.package(RESULT, b"the chat")
    node.did("ann", request, "accept_result", package=RESULT)
    consent = node.consent(exhibit, COURT.fingerprint)
    assert not any("silence" in each for each in node.view(consent).doubts)
    node.now += 20 * DAY
    timing.ring()
    [told] = [each for each in node.view(consent).doubts if "silence is a denial" in each]
    assert "stays restricted" in told
    assert not node.may_go(exhibit, COURT)


def test_a_consent_that_names_no_member_and_no_purpose_is_left_to_people(node: Results) -> None:
    request = node.result()
    [exhibit] = node.package(RESULT, b"the chat")
    node.did("ann", request, "accept_result", package=RESULT)
    consent = node.consent(exhibit, "a civil claim")
    assert any("none of the four" in each for each in node.view(consent).doubts)
    count = Restriction.objects.count()
    node.they(consent, "accept", "UNDER_DECISION")
    assert Restriction.objects.count() == count and not node.may_go(exhibit, COURT)
