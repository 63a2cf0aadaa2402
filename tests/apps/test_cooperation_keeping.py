"""Legal holds behind a preservation: what it names is kept while it runs, and no longer."""

from __future__ import annotations

import threading
from collections import Counter
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from databases import somebody_waits
from hueandcry.apps.cooperation import keeping
from hueandcry.apps.cooperation.models import Kept, Request
from hueandcry.apps.cooperation.settings import HOLD_AT_ONCE
from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.models import Exhibit, Hold
from hueandcry.apps.reports import face as reports
from hueandcry.apps.reports import purging
from hueandcry.apps.reports.face import GivenFile, GivenValue, NewReport, Source
from hueandcry.apps.reports.models import Report
from hueandcry.core.custody import Action
from hueandcry.core.errors import Malformed
from hueandcry.core.machine import HOLD, REQUEST
from hueandcry.core.types import DAY, Actor
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work
from other_member import OtherMember
from requests_scene import Requests, refused

pytestmark = pytest.mark.database

PHONES = ("+66812345670", "+66812345671", "+66812345672")
CHAT = b"10/02/2026, 14:03 - Scammer: send it today\n"


class Preserving(Requests):
    """A node with three reports, each with a number, and exhibits: one a file of the first."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(monkeypatch, OtherMember("hanoi", roles=("ca", "p24")), ("ca", "p24"))
        self.police = Actor(self.fingerprint, self.desk["lek"].person, frozenset({"police"}))
        files = (GivenFile("chat.txt", "text/plain", blobs.take([CHAT], 1 << 20)),)
        self.reports = [
            self.submitted(phone, files if phone == PHONES[0] else ()) for phone in PHONES
        ]
        while reports.read_some(self.now):
            pass
        self.chat = self.exhibit(CHAT)
        self.other_file = self.exhibit(b"another file")

    def submitted(self, phone: str, files: tuple[GivenFile, ...]) -> int:
        new = NewReport(
            text="They called me",
            values=(GivenValue(phone),),
            files=files,
            consents=frozenset(),
            wording="test-1",
            market="TH",
            source=Source.PUBLIC,
        )
        with unit_of_work():
            return reports.submit(Actor(self.fingerprint), new, self.now).number

    def exhibit(self, data: bytes) -> evidence.ExhibitView:
        taken = evidence.take_bytes([data], "file")
        with unit_of_work():
            return evidence.add(self.police, taken, evidence.Told(), self.now).exhibit

    def preserved(self, *named: str) -> UUID:
        items = [{"kind": "as stated", "value": each, "relation": "paid to"} for each in named]
        return self.asked("PRESERVE", items=items)

    def settled(self) -> None:
        while keeping.keep_up():
            pass

    def holds(self) -> dict[object, int]:
        """What stands, on reports by number and on exhibits by id."""
        found: dict[object, int] = {row.pk: row.kept for row in Report.objects.filter(kept__gt=0)}
        found |= {each.id: each.holds for _, each in evidence.exhibits() if each.holds}
        return found


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Preserving:
    return Preserving(monkeypatch)


def digest(exhibit: evidence.ExhibitView) -> str:
    return f"sha-256:{exhibit.sha256}"


def at_once(node: Preserving, most: int) -> None:
    with unit_of_work():
        policy.change(HOLD_AT_ONCE.name, str(most), None, node.now)
    policy.forget()


def test_a_hold_keeps_the_reports_and_exhibits_that_it_names_and_the_other_side_is_told_how_many(
    node: Preserving,
) -> None:
    request = node.preserved(PHONES[0], digest(node.other_file), "my notes")
    node.settled()
    waits = node.view(request).kept
    assert waits is not None and (waits.reports, waits.exhibits) == (0, 0)
    assert (waits.matching_reports, waits.matching_exhibits, waits.unread) == (1, 2, 1)
    assert not node.holds()
    until = node.now + 70 * DAY
    node.did("dao", request, "hold", until=until)
    node.settled()
    kept = node.view(request).kept
    assert kept is not None and (kept.reports, kept.exhibits) == (1, 2)
    assert node.holds() == {node.reports[0]: 1, node.chat.id: 1, node.other_file.id: 1}
    told = node.on_the_way()[-1].body["said"]
    assert told == {"until": told["until"], "items": 3}
    hold = evidence.holds(node.chat.id, standing=True)[0]
    assert (hold.review_at, str(request) in hold.authority) == (until, True)
    held = purging.count_reports(node.now + 9_999 * DAY)
    assert held == len(PHONES) - 1
    node.did("dao", request, "extend", until=until + DAY)
    node.settled()
    assert evidence.holds(node.chat.id, standing=True)[0].review_at == until + DAY
    node.they(request, "release", "EXTENDED", type="hold-step")
    node.settled()
    assert not node.holds() and not Hold.objects.filter(ended_at=None).exists()
    assert not keeping.keep_up()


def test_what_is_made_of_an_exhibit_is_kept_with_it(node: Preserving) -> None:
    taken = evidence.take_bytes([b"a part of it"], "part")
    with unit_of_work():
        made = evidence.derive(
            node.police,
            str(node.chat.id),
            taken,
            evidence.Told(),
            Action.REDACTED,
            "names are gone",
            node.now,
        )
    request = node.preserved(digest(node.chat))
    node.did("dao", request, "hold", until=node.now + 70 * DAY)
    node.settled()
    assert node.holds() == {node.chat.id: 1, made.exhibit.id: 1}


def test_policy_holds_at_once_what_is_not_too_much_until_the_request_ends(node: Preserving) -> None:
    at_once(node, 2)
    few, many = node.preserved(*PHONES[1:]), node.preserved(*PHONES)
    node.settled()
    assert node.holds() == {node.reports[1]: 1, node.reports[2]: 1}
    kept = node.view(many).kept
    assert kept is not None and (kept.reports, kept.matching_reports) == (0, 3)
    node.they(few, "withdraw", "DELIVERED")
    node.settled()
    assert not node.holds()
    request = node.preserved(PHONES[1])
    node.settled()
    node.did("dao", request, "hold", until=node.now + 70 * DAY)
    node.they(request, "withdraw", "DELIVERED")  # the hold outlives it
    node.settled()
    assert node.holds() == {node.reports[1]: 1}


def test_a_hold_of_our_own_people_stays_when_a_preservation_ends(node: Preserving) -> None:
    review = node.now + 90 * DAY
    with unit_of_work():
        mine = evidence.hold(node.police, str(node.chat.id), "Court", "trial", review, node.now)
        said = reports.Hold(reason="trial", authority="Court", review_at=review)
        reports.hold(node.desk["lek"], node.reports[0], said, node.now)
    request = node.preserved(PHONES[0])
    node.did("dao", request, "hold", until=node.now + 70 * DAY)
    node.settled()
    node.they(request, "release", "HELD", type="hold-step")
    node.settled()
    assert [each.number for each in evidence.holds(standing=True)] == [mine]
    assert Report.objects.get(pk=node.reports[0]).review_at == review
    # What our people end themselves is not put back, and is no fault later.
    again = node.preserved(PHONES[0])
    node.did("dao", again, "hold", until=node.now + 70 * DAY)
    node.settled()
    theirs = Kept.objects.get(request__uuid=again.bytes, exhibit__isnull=False)
    with unit_of_work():
        evidence.end_hold(node.police, theirs.hold or 0, "Court", "ordered", node.now)
    node.did("dao", again, "extend", until=node.now + 80 * DAY)
    node.they(again, "release", "EXTENDED", type="hold-step")
    node.settled()
    assert node.holds() == {node.chat.id: 1}


def test_only_a_hold_says_how_much_it_keeps(node: Preserving) -> None:
    request = node.delivered_to("PRESERVE")
    until = node.now + 70 * DAY
    view = node.they(request, "hold", "REQUESTED", type="hold-step", until=until, items=0)
    assert view.acts[-1].said.items == 0 and view.kept is None
    more = {"type": "hold-step", "until": until + DAY, "items": 2}
    refused(Malformed, "items", node.they, request, "extend", "HELD", **more)
    assert not Kept.objects.exists()


def test_rows_are_taken_before_the_ledger_so_that_nobody_waits_in_a_circle(
    node: Preserving,
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("On SQLite a transaction has the whole database from its beginning")
    request = node.preserved(PHONES[1], digest(node.other_file))
    node.did("dao", request, "hold", until=node.now + 80 * DAY)
    taken, wrong = threading.Event(), list[Exception]()

    def somebody() -> None:
        """Has the exhibit, and writes into the ledger once another waits for it."""
        try:
            with unit_of_work():
                Exhibit.objects.select_for_update().get(uuid=node.other_file.id.bytes)
                taken.set()
                while not somebody_waits():
                    pass
                ledger.known(lambda: None)
        except Exception as error:
            wrong.append(error)
        finally:
            taken.set()
            connection.close()

    other = threading.Thread(target=somebody, daemon=True)
    other.start()
    taken.wait()
    node.settled()
    other.join()
    assert wrong == []
    assert node.holds() == {node.reports[1]: 1, node.other_file.id: 1}


class Walk:
    """Preservations over shared reports and exhibits, in random order, with turns between."""

    def __init__(self, node: Preserving, dice: Random) -> None:
        self.node, self.dice = node, dice
        self.named: dict[UUID, set[object]] = {}
        self.means: dict[str, set[object]] = {
            PHONES[0]: {node.reports[0], node.chat.id},
            PHONES[1]: {node.reports[1]},
            PHONES[2]: {node.reports[2]},
            digest(node.chat): {node.chat.id},
            digest(node.other_file): {node.other_file.id},
        }

    def row(self, request: UUID) -> Request:
        return Request.objects.get(uuid=request.bytes)

    def ask(self) -> None:
        chosen = self.dice.sample(sorted(self.means), self.dice.randint(1, 3))
        request = self.node.preserved(*chosen)
        self.named[request] = set().union(*(self.means[each] for each in chosen))

    def go_on(self) -> None:
        request = self.dice.choice(list(self.named))
        row, until = self.row(request), self.node.now + self.dice.randint(70, 90) * DAY
        act: dict[str, Any] = {"until": until}
        if row.hold in HOLD.final:
            return
        if row.hold == "REQUESTED" and row.state not in REQUEST.final and self.dice.random() < 0.7:
            self.node.did("dao", request, "hold", **act)
        elif row.hold != "REQUESTED" and self.dice.random() < 0.5:
            act["until"] = max(until, (row.hold_until or 0) + DAY)
            self.node.did("dao", request, "extend", **act)
        elif row.state not in REQUEST.final and self.dice.random() < 0.4:
            self.node.they(request, "withdraw", row.state)
        else:
            said = {"reasons": "No longer needed"}
            self.node.they(request, "release", row.hold, type="hold-step", **said)

    def wanted(self, at_once: bool) -> Counter[object]:
        """What each preservation that stands would hold, counted."""
        found: Counter[object] = Counter()
        for request, named in self.named.items():
            row = self.row(request)
            waits = row.hold == "REQUESTED" and at_once and row.state not in REQUEST.final
            if waits or row.hold in ("HELD", "EXTENDED", "MLA_PENDING"):
                found.update(named)
        return found


@pytest.mark.parametrize(("seed", "most"), [(1, 0), (2, 100), (3, 0), (4, 100)])
def test_whatever_happens_a_thing_is_held_once_for_each_preservation_that_stands_and_names_it(
    node: Preserving, seed: int, most: int
) -> None:
    at_once(node, most)
    walk = Walk(node, Random(seed))
    walk.ask()
    for _ in range(14):
        walk.ask() if walk.dice.random() < 0.3 else walk.go_on()
        if walk.dice.random() < 0.4:
            node.settled()
            assert node.holds() == walk.wanted(most > 0)
    node.settled()
    assert node.holds() == walk.wanted(most > 0)
    standing = Kept.objects.filter(ended_at=None).count()
    assert standing == sum(walk.wanted(most > 0).values())
