"""Forks as documents: taken in, passed on, cleared; and doubts settled by the log's own tiles."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import client, forks, heads, queries, service, watching, witnessing
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.models import Delivery, Doubt, Fork
from hueandcry.core import forks as evidence
from hueandcry.core import jws
from hueandcry.core.errors import Conflict, HueError, Malformed, NotFound, Unreachable
from hueandcry.core.tiles import Tile
from hueandcry.core.types import SECOND
from hueandcry.doors.desk import arrivals
from hueandcry.engine.egress.client import Response
from hueandcry.engine.keys import ed25519
from hueandcry.engine.ledger import witnessed
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node
from other_log import OtherLog
from other_member import NOW, OtherMember

BANK, POLICE, THIRD = OtherMember("bank"), OtherMember("police"), OtherMember("third")
LOG, FALSE = OtherLog(BANK), OtherLog(BANK, "false")


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    node = Node(monkeypatch)
    for other in (BANK, POLICE, THIRD):
        node.joined(other)
    return node


def contradiction(old: int = 5, new: int = 9) -> evidence.Fork:
    found = evidence.compare(
        (LOG.note(old), LOG.head(old)),
        (FALSE.note(new), FALSE.head(new)),
        FALSE.tree(old).root,
        FALSE.tree(new).consistency(old),
    )
    assert found is not None
    return found


def rollback() -> evidence.Fork:
    return evidence.Fork(LOG.origin, evidence.ROLLBACK, LOG.note(3), LOG.note(9))


def delivered(by: OtherMember, body: dict[str, Any], of: OtherMember = POLICE) -> dict[str, Any]:
    """What our receipt says about a fork document of `of` that `by` hands over."""
    raw = of.document("fork", body)
    receipt = arrivals.document(raw, peers.must_be(by.fingerprint))
    assert receipt is not None
    return dict(jws.open_document(receipt).stated.body)


def waiting(for_: OtherMember) -> list[str]:
    """The types of documents that wait for a peer."""
    rows = Delivery.objects.filter(peer__member__fingerprint=bytes.fromhex(for_.fingerprint))
    waits = rows.filter(state=Delivery.State.WAITING).select_related("document")
    return [row.document.type for row in waits.order_by("id")]


# --- documents ------------------------------------------------------------------------------------


def test_a_proved_fork_is_taken_in_and_passed_on_behind_the_cards_that_prove_it(
    node: Node,
) -> None:
    said = delivered(POLICE, contradiction().body())
    assert said["outcome"] == "accepted" and said["log_index"] is not None
    (fork,) = peers.open_forks()
    assert (fork.whose, fork.finder, fork.proved, fork.ours) == ("bank", "police", True, False)
    assert forks.refused(LOG.origin)
    assert waiting(THIRD) == ["card", "card", "fork"] == waiting(BANK)
    assert waiting(POLICE) == [], "not back to whoever found it"


def test_one_fork_is_one_alarm_whoever_tells_of_it(node: Node) -> None:
    delivered(POLICE, contradiction().body())
    assert delivered(THIRD, contradiction().body(), THIRD)["outcome"] == "merged"
    assert delivered(THIRD, contradiction(6, 12).body(), THIRD)["outcome"] == "merged"
    assert len(peers.all_forks()) == 1


def test_the_same_document_twice_changes_nothing(node: Node) -> None:
    raw = POLICE.document("fork", contradiction().body())
    first, again = (arrivals.document(raw, peers.must_be(x.fingerprint)) for x in (POLICE, POLICE))
    assert first == again and Fork.objects.count() == 1


def test_a_rollback_that_another_tells_of_alarms_and_stops_nothing(node: Node) -> None:
    assert delivered(POLICE, rollback().body())["outcome"] == "accepted"
    (fork,) = peers.open_forks()
    assert not fork.proved and not forks.refused(LOG.origin)
    assert waiting(THIRD) == []


@pytest.mark.parametrize(
    "body",
    [
        {**contradiction().body(), "root": None, "proof": []},
        {**contradiction().body(), "log": "elsewhere.example/log/0"},
        {**contradiction().body(), "kind": "rollback"},
        {**rollback().body(), "kind": "contradiction"},
        {**rollback().body(), "more": 1},
    ],
)
def test_what_shows_no_fork_is_refused_and_nothing_changes(
    node: Node, body: dict[str, Any]
) -> None:
    with pytest.raises(HueError):
        delivered(POLICE, body)
    assert not Fork.objects.exists() and waiting(THIRD) == []


def test_a_fork_of_our_own_log_alarms_us(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    us = members.us()
    monkeypatch.setattr(members, "log_keys", lambda who: [BANK.key("log").public])
    ours = OtherLog(BANK), OtherLog(BANK, "false")
    for log in ours:
        log.name = us.url.partition("://")[2]
    body = evidence.compare(
        (ours[0].note(5), ours[0].head(5)), (ours[1].note(5), ours[1].head(5)), b"", ()
    )
    assert body is not None
    delivered(POLICE, body.body())
    (fork,) = peers.open_forks()
    assert fork.ours


# --- people ---------------------------------------------------------------------------------------


def test_clearing_takes_words_and_happens_once(node: Node) -> None:
    delivered(POLICE, contradiction().body())
    (fork,) = peers.open_forks()
    with pytest.raises(Malformed), unit_of_work():
        peers.clear_fork(fork.number, "  ", None, NOW)
    with pytest.raises(NotFound), unit_of_work():
        peers.clear_fork(fork.number + 1, "no", None, NOW)
    with unit_of_work():
        peers.clear_fork(fork.number, "restored without a succession", 7, NOW)
    with pytest.raises(Conflict), unit_of_work():
        peers.clear_fork(fork.number, "again", None, NOW)
    assert peers.open_forks() == [] and not forks.refused(LOG.origin)
    (kept,) = peers.all_forks()
    assert kept.words == "restored without a succession"


# --- doubts, settled by the log's own tiles -------------------------------------------------------


class Shown:
    """What the bank's address shows: the head and tiles of a log as it is now; or it is away."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.log, self.size, self.away = LOG, 9, False
        self.bent = ""  #: path of a tile of which one bit changes on the way
        self.says: bytes | None = None  #: the newest head, as its member answers a call of ours
        self.asked: list[str] = []
        monkeypatch.setattr(client, "egress", lambda: self)
        monkeypatch.setattr(client, "call", self.call)

    def call(self, peer: Any, method: str, path: str) -> client.Answer:
        """Stands for the signed call, which other tests have whole."""
        assert (method, path) == ("GET", "/peer/v1/hello")
        if self.away:
            raise Unreachable("unreachable", "away")
        said = self.says or self.log.note(self.size)
        return client.Answer(200, json.dumps({"checkpoint": said.decode()}).encode())

    def request(self, method: str, url: str, *_: Any, **__: Any) -> Response:
        if self.away:
            raise Unreachable("unreachable", "away")
        path = url.removeprefix(f"{BANK.card.url}/log/0/")
        self.asked.append(path)
        if path == "checkpoint":
            return Response(200, {}, self.log.note(self.size))
        if path.startswith("tile/"):
            place = Tile.read(path)
            if place.index * 256 + place.width > self.size:
                return Response(404, {}, b"")
            data = self.log.tile(place, self.size)
            return Response(200, {}, bytes([data[0] ^ (path == self.bent)]) + data[1:])
        return Response(404, {}, b"")


@pytest.fixture
def shown(node: Node, monkeypatch: pytest.MonkeyPatch) -> Shown:
    return Shown(monkeypatch)


def bank() -> Any:
    found = queries.peer_of(BANK.fingerprint)
    assert found is not None
    return found


def cosigned(log: OtherLog, *sizes: int) -> None:
    for old, size in zip((0, *sizes), sizes, strict=False):
        with unit_of_work():
            witnessing.add_checkpoint(log.submission(old, size), NOW)


def look() -> list[str]:
    """Looks at the bank's log; the kinds of the forks that are then known."""
    watching.look(bank().pk)
    return [fork.kind for fork in peers.open_forks()]


def test_a_log_that_goes_on_is_no_fork(shown: Shown) -> None:
    assert look() == []
    cosigned(LOG, 5)
    assert look() == []
    cosigned_now = witnessed.last(LOG.origin)
    assert cosigned_now is not None and cosigned_now.size == 5, "who can be called is asked"


def test_a_log_that_shows_others_another_history_is_found_by_looking(shown: Shown) -> None:
    cosigned(LOG, 5)
    shown.log = FALSE
    assert look() == ["contradiction"]
    shown.size = 12
    assert look() == ["contradiction"] and Fork.objects.count() == 1
    raw = Fork.objects.select_related("document").get().document
    assert raw is not None
    body = jws.open_document(raw.document).stated.body
    evidence.check_fork(evidence.read_fork(body), [BANK.key("log").public], ed25519.verify)
    assert waiting(POLICE)[-1] == "fork" == waiting(BANK)[-1]


def test_a_tile_that_comes_bent_accuses_nobody(shown: Shown) -> None:
    """The tile lies below what leads to the newest root, and only the proof shows it to be bent."""
    cosigned(LOG, 5)
    shown.size, shown.bent = 300, "tile/0/000"
    assert look() == [] and not waiting(POLICE)
    shown.bent = ""
    assert look() == [] and not forks.refused(LOG.origin)
    shown.log = FALSE
    assert look() == ["contradiction"]


def test_a_log_that_shows_less_than_before_was_rolled_back(shown: Shown) -> None:
    cosigned(LOG, 5, 9)
    shown.size = 7
    assert look() == ["rollback"]
    assert forks.refused(LOG.origin)
    shown.size = 8
    assert look() == ["rollback"] and Fork.objects.count() == 1


def test_a_head_of_a_receipt_is_held_against_what_was_cosigned(shown: Shown) -> None:
    cosigned(LOG, 5)
    shown_in_receipt(FALSE.note(9))
    shown.log = FALSE
    assert look() == ["contradiction"]


def shown_in_receipt(note: bytes, dated: int = NOW) -> None:
    service.note_checkpoint(bank(), {"checkpoints": {"ours": note.decode()}}, dated)


def test_a_doubted_head_that_is_part_of_the_log_is_no_fork(shown: Shown) -> None:
    cosigned(LOG, 5, 9)
    shown_in_receipt(LOG.note(9))
    shown_in_receipt(LOG.note(6))
    assert Doubt.objects.count() == 1
    assert look() == [] and not Doubt.objects.exists()


def test_an_old_head_that_a_stranger_hands_over_is_no_fork(shown: Shown) -> None:
    cosigned(LOG, 5, 9)
    with pytest.raises(HueError), unit_of_work():
        witnessing.add_checkpoint(LOG.submission(0, 7), NOW)
    with unit_of_work():
        witnessing.suspect(LOG.submission(0, 7), NOW)
    assert Doubt.objects.count() == 1
    assert look() == [] and not Doubt.objects.exists()


def test_an_old_head_of_another_history_is_a_fork(shown: Shown) -> None:
    cosigned(LOG, 5, 9)
    with unit_of_work():
        witnessing.suspect(FALSE.submission(0, 7), NOW)
    assert look() == ["contradiction"]


def test_a_receipt_dated_long_after_a_larger_head_shows_a_rollback(shown: Shown) -> None:
    """Also of a log that nobody can read."""
    shown.away = True
    cosigned(LOG, 5, 9)
    shown_in_receipt(LOG.note(9))
    for dated, kinds in ((NOW + 299 * SECOND, []), (NOW + 301 * SECOND, ["rollback"])):
        Doubt.objects.all().delete()
        shown_in_receipt(LOG.note(7), dated)
        assert look() == kinds


def test_what_the_log_does_not_prove_stays_doubted_and_is_told_to_people(
    node: Node, shown: Shown
) -> None:
    cosigned(LOG, 5)
    shown_in_receipt(LOG.note(5))
    shown_in_receipt(FALSE.note(4))
    shown.away = True
    for tries in (1, 2, 3):
        assert look() == []
        doubt = Doubt.objects.get()
        assert doubt.tries == tries and doubt.said
        look()
        assert Doubt.objects.get().tries == tries, "not before its time"
        node.now = doubt.due_at
    assert [each.whose for each in peers.doubts()] == ["bank"]


def test_an_epoch_on_its_way_is_no_rollback(shown: Shown) -> None:
    cosigned(LOG, 5, 9)
    shown.says = OtherLog(BANK, epoch=1).note(2)
    shown.size = 7
    assert look() == []
    assert heads.of_peer(bank(), Doubt.objects.get().note).size == 7


@pytest.mark.parametrize("says", [LOG.note(9), LOG.note(11), FALSE.note(7)[:-9], b"no note"])
def test_an_older_head_shown_by_somebody_in_between_accuses_nobody(
    shown: Shown, says: bytes
) -> None:
    """The log is read unsigned: only what its member says to our own call is its word."""
    cosigned(LOG, 5, 9)
    shown.size, shown.says = 7, says
    assert look() == [] and not forks.refused(LOG.origin)


def test_a_roll_back_is_told_with_the_head_that_its_member_says(shown: Shown) -> None:
    cosigned(LOG, 5, 9)
    shown.size, shown.says = 6, LOG.note(7)
    assert look() == ["rollback"]
    assert bytes(Fork.objects.get().smaller) == LOG.note(7)
