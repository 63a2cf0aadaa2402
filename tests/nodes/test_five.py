"""Five real nodes under everything that goes wrong at once: in the end all are equal.

Equal means: each holds, of every claim that the gate lets it have, the version and state that its
claimant holds, and of every other claim nothing, in no table and no byte.
"""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
import zstandard

from hueandcry.core.stix import claim_id
from hueandcry.doors.cli.processes import free_ports
from nodes.middle import HOSTILE, Middle
from nodes.partnership import Held, Node, join, partnership, wait_until

pytestmark = pytest.mark.database

Nodes = dict[str, Node]

#: Who is whose peer. A, C and N hold personal terms with each other where that is said.
PAIRS = ("AB", "AD", "AN", "BC", "BN")
PERSONAL = ("AC",)

#: TLP → how far it goes: to everybody by relay, to the claimant's peers, or nowhere.
REACH = {"CLEAR": "all", "GREEN": "all", "AMBER": "peers", "AMBER+STRICT": "none", "RED": "none"}
BULK = 1_000
TURNS = 2
SEAT = "coop"


@dataclass
class Scene:
    """The nodes, what stands before two of them, and what was raised by whom."""

    nodes: Nodes
    hostile: Middle
    slow: Middle
    raised: dict[str, Raised] = field(default_factory=dict)

    def peers(self, name: str, pairs: tuple[str, ...] = PAIRS + PERSONAL) -> set[str]:
        return {other for pair in pairs if name in pair for other in pair if other != name}

    def may_have(self, raised: Raised) -> set[str]:
        """The nodes that the gate lets have a claim, by the agreements between them."""
        by = raised.by
        if raised.kind == "phone":
            return {by, *(self.peers(by, PERSONAL) if REACH[raised.tlp] != "none" else ())}
        reach = REACH[raised.tlp]
        return {by, *{"all": self.nodes, "peers": self.peers(by), "none": ()}[reach]}

    def raise_(
        self, by: str, value: str, kind: str = "domain", tlp: str = "GREEN", seat: str = ""
    ) -> None:
        (id,) = self.nodes[by].raised(value, kind=kind, tlp=tlp, seat=seat)
        self.raised[value] = Raised(by, value, kind, tlp, id)


@dataclass
class Raised:
    """One claim: whose, of what, how far it may go, and whether it was taken back."""

    by: str
    value: str
    kind: str
    tlp: str
    id: str
    retracted: bool = False


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """B is called through a hostile middle, D through a slow line, N has no inbound port.

    A small bank has its seat at A.
    """
    folder = tmp_path_factory.mktemp("five")
    ports = free_ports(2)
    middles = [Middle(ports[0], HOSTILE, calm=True), Middle(ports[1], ("slow",), calm=True)]
    fronts = dict(zip("BD", ports, strict=True))
    try:
        with partnership(folder, "ABCDN", (), no_inbound="N", fronts=fronts) as nodes:
            middles[0].target, middles[1].target = nodes["B"].port, nodes["D"].port
            for pair in PAIRS:
                join(nodes[pair[0]], nodes[pair[1]])
            for pair in PERSONAL:
                join(nodes[pair[0]], nodes[pair[1]], "personal")
            bank = ("--name", "Coop Bank", "--country", "LA", "--role", "bank")
            nodes["A"].command("seat", "add", SEAT, *bank)
            scene = Scene(nodes, middles[0], middles[1])
            _live(scene)
            yield scene
    finally:
        for middle in middles:
            middle.close()


def _live(scene: Scene) -> None:
    """Everything at once: claims of all kinds, bulk, revisions, retractions, kills."""
    nodes = scene.nodes
    scene.hostile.calm = scene.slow.calm = False
    hosts = [f"bulk-{n}.example" for n in range(BULK)]
    flow = threading.Thread(target=_own_hand, args=(nodes["A"], hosts), daemon=True)
    flow.start()
    for turn in range(TURNS):
        for name in nodes:
            for tlp in REACH:
                low = tlp.lower().replace("+", "-")
                scene.raise_(name, f"{low}-{turn}-at-{name.lower()}.example", tlp=tlp)
            number = f"+668123{'ABCDN'.index(name)}{turn:04}"
            scene.raise_(name, number, "phone")
            scene.raise_(name, f"gone-{turn}-at-{name.lower()}.example")
        for tlp in REACH:
            low = tlp.lower().replace("+", "-")
            scene.raise_("A", f"{low}-{turn}-of-the-seat.example", tlp=tlp, seat=SEAT)
        scene.raise_("A", f"gone-{turn}-of-the-seat.example", seat=SEAT)
        if turn == 0:
            wait_until(lambda: nodes["C"].count("signals_claim") > 200, "bulk is on its way")
            nodes["C"].kill()  # in the middle of a page
            nodes["N"].kill()
        if turn == 1:
            nodes["C"].start()
            nodes["N"].start()
            nodes["A"].kill()
            nodes["A"].start()
        for name in nodes:
            _change(scene, name, turn)
        nodes["A"].retracted(f"gone-{turn}-of-the-seat.example", seat=SEAT)
        scene.raised[f"gone-{turn}-of-the-seat.example"].retracted = True
    flow.join()
    for value in hosts:
        id = claim_id(nodes["A"].fingerprint, "feed", "domain", value, 0).hex.upper()
        scene.raised[value] = Raised("A", value, "domain", "GREEN", id)
    scene.hostile.calm = scene.slow.calm = True


def _own_hand(node: Node, hosts: list[str]) -> None:
    """Bulk by a process of its own: it goes on while the node's people do other things."""
    other = Node(node.name, node.folder, node.port, variables=node.variables)
    try:
        assert other.ingested(hosts) == len(hosts)
    finally:
        if other._hand is not None:
            other._hand.close()


def _change(scene: Scene, name: str, turn: int) -> None:
    """Takes one claim back, and revises another."""
    node = scene.nodes[name]
    gone = scene.raised[f"gone-{turn}-at-{name.lower()}.example"]
    node.retracted(gone.value)
    gone.retracted = True
    node.raised(f"green-{turn}-at-{name.lower()}.example", verdict="suspicious", tlp="GREEN")


# --- all are equal --------------------------------------------------------------------------------


def standing(node: Node) -> dict[str, Held]:
    """Claims that are in force at a node, by id."""
    return {each[0]: each for each in node.claims() if each[2] == 0}


def wanted(scene: Scene, name: str) -> set[str]:
    """The ids of all claims that a node must hold in force."""
    found = (r for r in scene.raised.values() if not r.retracted and name in scene.may_have(r))
    return {r.id.upper() for r in found}


def test_every_fault_was_met(scene: Scene) -> None:
    assert set(HOSTILE) <= scene.hostile.done.keys(), scene.hostile.done
    assert scene.slow.done["slow"] > 5  # how many calls carry all that depends on their timing
    print(f"{sum(scene.hostile.done.values())} calls through the hostile middle")


@pytest.mark.parametrize("name", "ABCDN")
def test_a_node_ends_with_all_that_it_may_have(scene: Scene, name: str) -> None:
    node, goal = scene.nodes[name], wanted(scene, name)

    def whole() -> bool:
        return standing(node).keys() == goal

    try:
        wait_until(whole, f"{name} holds all that it may have", 120)
    finally:
        held = set(standing(node))
        values = {r.id.upper(): r.value for r in scene.raised.values()}
        missing, beyond = sorted(goal - held)[:5], sorted(held - goal)[:5]
        print(name, len(held), [values.get(i) for i in missing], [values.get(i) for i in beyond])


def test_all_hold_the_version_of_the_claimant(scene: Scene) -> None:
    for node in scene.nodes.values():
        wait_until(node.idle, f"{node.name} has said everything")

    def equal() -> bool:
        held = {name: standing(node) for name, node in scene.nodes.items()}
        return all(
            held[name][raised.id.upper()] == held[raised.by][raised.id.upper()]
            for raised in scene.raised.values()
            if not raised.retracted
            for name in scene.may_have(raised)
        )

    wait_until(equal, "the same versions and verdicts everywhere")


def test_what_was_taken_back_is_gone_everywhere(scene: Scene) -> None:
    gone = [raised for raised in scene.raised.values() if raised.retracted]
    assert len(gone) == TURNS * (len(scene.nodes) + 1)
    for node in scene.nodes.values():
        assert not standing(node).keys() & {raised.id.upper() for raised in gone}
        for raised in gone:
            assert node.verdict(raised.value) == "unknown", (node.name, raised.value)


def test_a_guest_is_known_everywhere_and_counts_as_itself(scene: Scene) -> None:
    for name, node in scene.nodes.items():
        (seat,) = node.command("seat", "list")
        assert seat["name"] == "Coop Bank", name
        answer = node.command("check", "green-0-of-the-seat.example")
        assert answer["verdict"] == "suspicious", "one source, and no trusted member"
        (claim,) = [each["params"] for each in answer["reasons"] if each["code"] == "claim"]
        assert (claim["member"], claim["seat"]) == ("A", "Coop Bank")


# --- nobody holds what the gate forbids -----------------------------------------------------------

_JWS = re.compile(rb"[A-Za-z0-9_-]{20,}\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]{20,}")


def opened(value: object) -> bytes:
    """All bytes of one stored value, compressed and encoded ones opened too."""
    data = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
    while data.startswith(b"\x28\xb5\x2f\xfd"):
        with zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True) as frames:
            data = frames.read()
    texts = (base64.urlsafe_b64decode(m[1] + b"=" * (-len(m[1]) % 4)) for m in _JWS.finditer(data))
    return b"\n".join((data, *texts))


def everything(node: Node) -> bytes:
    """Every byte of every row of every table of a node."""
    rows: list[tuple[Any, ...]] = []
    for table in node.tables():
        rows += node.rows(f'SELECT * FROM "{table}"')
    return b"\0".join(opened(value) for row in rows for value in row)


@pytest.mark.parametrize("name", "ABCDN")
def test_nobody_holds_a_trace_of_what_the_gate_forbids(scene: Scene, name: str) -> None:
    node = scene.nodes[name]
    bad = [raised for raised in scene.raised.values() if name not in scene.may_have(raised)]
    assert len(bad) > 15
    kept = everything(node)
    files = [path for path in node.folder.rglob("*") if path.is_file()]
    raw = b"".join(path.read_bytes() for path in files)
    for raised in bad:
        traces = (raised.value.encode(), raised.id.lower().encode(), bytes.fromhex(raised.id))
        for trace in traces:
            assert trace not in kept and trace not in raw, (name, raised.value, trace)
    own = next(raised for raised in scene.raised.values() if raised.by == name)
    assert own.value.encode() in kept and bytes.fromhex(own.id) in kept


# --- receipts on both sides -----------------------------------------------------------------------

_RECEIPTS = (
    "SELECT hex(r.about), r.kind, r.document FROM peers_receipt r"
    " JOIN peers_peer p ON p.id = r.peer_id JOIN members_member m ON m.id = p.member_id"
    " WHERE hex(m.fingerprint) = ? AND {}r.ours"
)


@pytest.mark.parametrize("pair", PAIRS + PERSONAL)
def test_receipts_are_held_on_both_sides(scene: Scene, pair: str) -> None:
    """A receipt leaves only when it is durable; the answer that carries it may be lost."""
    for giver, taker in ((pair[0], pair[1]), (pair[1], pair[0])):
        one, other = scene.nodes[giver], scene.nodes[taker]
        given = set(one.rows(_RECEIPTS.format(""), other.fingerprint.upper()))
        taken = set(other.rows(_RECEIPTS.format("NOT "), one.fingerprint.upper()))
        assert taken and taken <= given
        kinds = {kind for _, kind, _ in taken}
        assert kinds == {"receipt", "effective"}, (giver, taker)
        effective = {row for row in given if row[1] == "effective"}
        assert effective <= taken


_REFUSED = (
    "SELECT d.type, m.name, v.outcome FROM peers_delivery v"
    " JOIN peers_document d ON d.id = v.document_id JOIN peers_peer p ON p.id = v.peer_id"
    " JOIN members_member m ON m.id = p.member_id WHERE v.state = 'refused'"
)


def test_everything_handed_over_is_receipted(scene: Scene) -> None:
    """*Effective* may overtake the receipt, whose answer was lost: the part is then sent again."""
    sql = (
        "SELECT hex(h.about), h.batch_id, h.retraction_id, h.effective_at FROM exchange_handed h"
        " WHERE NOT EXISTS (SELECT 1 FROM peers_receipt r"
        " WHERE r.peer_id = h.peer_id AND r.about = h.about AND NOT r.ours)"
    )

    def lacking(node: Node) -> list[tuple[Any, ...]]:
        return [row for row in node.rows(sql) if row[1] or row[2] or not _sent_in_another_form(row)]

    def _sent_in_another_form(row: tuple[Any, ...]) -> bool:
        """Whether a part, of which only *effective* came, was taken in and receipted by its peer.

        Its claims were changed or withdrawn before it could be sent again, so that it never was.
        """
        given = "SELECT 1 FROM peers_receipt WHERE hex(about) = ? AND kind = 'receipt' AND ours"
        return row[3] is not None and any(n.rows(given, row[0]) for n in scene.nodes.values())

    for node in scene.nodes.values():
        with suppress(AssertionError):
            wait_until(lambda n=node: not lacking(n), "every receipt is here")  # type: ignore[misc]
        assert lacking(node) == [], node.said()[-3000:]
        assert node.rows(_REFUSED) == []


def test_ledgers_verify_and_nothing_was_a_fault(scene: Scene) -> None:
    for node in scene.nodes.values():
        node.settled()
        node.verified()
        assert "Traceback" not in node.said(), node.said()[-3000:]
        assert node.count("peers_fork") == 0, "faults on the way accuse nobody"
