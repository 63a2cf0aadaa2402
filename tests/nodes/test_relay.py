"""A–B and B–C are peers, A–C are not: what B may pass on, and what it cannot make C believe."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from hueandcry.core.envelopes import Part
from hueandcry.core.stix import claim_id
from nodes.partnership import Node, wait_until
from nodes.voices import Said, Stored, Voice, batches

Nodes = dict[str, Node]


def test_c_gets_a_green_claim_through_b_as_that_of_a(chain: Nodes) -> None:
    a, b, c = chain.values()
    a.raised("relayed.example", tlp="GREEN")
    wait_until(lambda: c.verdict("relayed.example") != "unknown", "the claim reaches C")
    assert b.verdict("relayed.example") == "scam"
    # A is no peer of C: its claim counts, but one such claim alone is not enough.
    assert c.verdict("relayed.example") == "suspicious"
    assert {id for id, *_ in a.claims(a)} == {id for id, *_ in c.claims(a)}


def test_amber_does_not_go_onward(chain: Nodes) -> None:
    a, b, c = chain.values()
    a.raised("amber.example", tlp="AMBER")
    a.raised("after-amber.example", tlp="CLEAR")
    wait_until(lambda: c.verdict("after-amber.example") != "unknown", "the later claim reaches C")
    assert b.verdict("amber.example") == "scam"
    assert c.verdict("amber.example") == "unknown"


def test_a_revision_and_a_retraction_of_a_go_through_b(chain: Nodes) -> None:
    a, b, c = chain.values()
    a.raised("withdrawn.example")
    wait_until(lambda: c.verdict("withdrawn.example") == "suspicious", "the claim reaches C")
    a.retracted("withdrawn.example")
    wait_until(lambda: b.verdict("withdrawn.example") == "unknown", "gone at B")
    wait_until(lambda: c.verdict("withdrawn.example") == "unknown", "gone at C")


def test_nothing_goes_back_to_its_claimant(chain: Nodes) -> None:
    a, b, _ = chain.values()
    wait_until(b.idle, "B has said everything")
    assert a.count("exchange_batch", "from_peer_id IS NOT NULL") == 0


# --- a middle that lies -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stored(chain: Nodes) -> Stored:
    """A batch of A of three AMBER objects, which B holds and C must never get."""
    a, b, _ = chain.values()
    a.raised("one.example", "two.example", "three.example", tlp="AMBER")
    wait_until(lambda: b.verdict("three.example") == "scam", "the claims reach B")
    found = batches(b, a)[-1]
    assert len(found.lines) == 3
    return found


def _changed(stored: Stored) -> Part:
    return stored.whole(lines=[stored.lines[0].replace(b"one.", b"own."), *stored.lines[1:]])


def _marked(stored: Stored, marking: bytes) -> Part:
    amber = b'"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"'
    assert all(amber in line for line in stored.lines)
    return stored.whole(lines=[line.replace(amber, marking) for line in stored.lines])


def _downgraded(stored: Stored) -> Part:
    return _marked(stored, b'"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"')


def _unmarked(stored: Stored) -> Part:
    return _marked(stored, b"")


def _left_out(stored: Stored) -> Part:
    return stored.whole(lines=stored.lines[:2])


def _other_leaf(stored: Stored) -> Part:
    part, other = stored.some(0), stored.some(1)
    return replace(part, paths=other.paths)


def _other_place(stored: Stored) -> Part:
    return replace(stored.some(0), ordinals=(1,))


def _changed_with_path(stored: Stored) -> Part:
    part = stored.some(0)
    return replace(part, lines=(part.lines[0].replace(b"one.", b"own."),))


def _bent_document(stored: Stored) -> Part:
    head, payload, signature = stored.document.split(b".")
    first = b"B" if signature.startswith(b"A") else b"A"
    return Part(b".".join((head, payload, first + signature[1:])), tuple(stored.lines))


def _as_retraction(stored: Stored) -> Part:
    return Part(stored.document, retraction=True)


LIES = {
    "changed object": (_changed, "batch_root"),
    "downgraded marking": (_downgraded, "batch_root"),
    "removed marking": (_unmarked, "batch_root"),
    "object left out": (_left_out, "batch_root"),
    "path to another leaf": (_other_leaf, "proof"),
    "another ordinal": (_other_place, "proof"),
    "changed object with its path": (_changed_with_path, "proof"),
    "changed signature": (_bent_document, "signature"),
    "batch called a retraction": (_as_retraction, "document_type"),
}


def test_a_middle_that_changes_what_a_signed_is_refused(chain: Nodes, stored: Stored) -> None:
    _, b, c = chain.values()
    c.settled()
    with c.only_answering():
        before = c.counts()
        for lie, (bend, code) in LIES.items():
            said = Voice(b).envelope(c, bend(stored))
            assert (said.status, said.code) == (401, code), (lie, said.value)
            assert c.counts() == before, lie


def _content(node: Node) -> dict[str, int]:
    """What a node believes; receipts about refused objects are no part of it."""
    tables = ("signals_claim", "signals_signal", "signals_tombstone", "exchange_batch")
    return {name: node.count(name) for name in (*tables, "exchange_entry")}


def _refused(chain: Nodes, part: Part) -> list[str]:
    """The classes under which C refuses every object of a part, while nothing changes there."""
    _, b, c = chain.values()
    c.settled()
    before, held = _content(c), c.claims()
    said: Said = Voice(b).envelope(c, part)
    assert said.status == 200, said.value
    assert all(outcome[1] == "refused" for outcome in said.outcomes), said.outcomes
    assert (_content(c), c.claims()) == (before, held)
    return [outcome[2] for outcome in said.outcomes]


def test_an_amber_batch_of_a_that_b_hands_on_all_the_same_is_refused(
    chain: Nodes, stored: Stored
) -> None:
    assert _refused(chain, stored.whole()) == ["not_permitted"] * 3


def test_objects_of_a_under_a_batch_of_b_are_hearsay(chain: Nodes, stored: Stored) -> None:
    _, b, _ = chain.values()
    (code,) = set(_refused(chain, Voice(b).batch(stored.lines)))
    assert code == "created_by"


def test_a_retraction_of_a_claim_of_a_by_b_changes_nothing(chain: Nodes) -> None:
    a, b, c = chain.values()
    (id,) = a.raised("kept.example")
    wait_until(lambda: c.verdict("kept.example") == "suspicious", "the claim reaches C")
    held = [[id, time.time_ns() // 1000]]
    document = Voice(b).document("retraction", {"claims": held, "reason": "mistake"})
    said = Voice(b).envelope(c, Part(document, retraction=True))
    assert [outcome[1] for outcome in said.outcomes] == ["refused"]
    assert c.verdict("kept.example") == "suspicious"


def test_b_cannot_retract_beforehand_what_a_will_claim(chain: Nodes) -> None:
    """Claim ids can be worked out by anybody, so a tombstone counts only for its own claimant."""
    a, b, c = chain.values()
    id = claim_id(a.fingerprint, "", "domain", "forestalled.example", 0)
    document = Voice(b).document("retraction", {"claims": [[id.hex, 1]], "reason": "mistake"})
    Voice(b).envelope(c, Part(document, retraction=True))
    a.raised("forestalled.example")
    wait_until(lambda: c.verdict("forestalled.example") == "suspicious", "the claim reaches C")
    a.retracted("forestalled.example")
    wait_until(lambda: c.verdict("forestalled.example") == "unknown", "its own retraction counts")


def test_after_all_this_what_a_says_still_reaches_c(chain: Nodes) -> None:
    a, b, c = chain.values()
    a.raised("still.example")
    wait_until(lambda: c.verdict("still.example") == "suspicious", "the claim reaches C")
    for node in (a, b, c):
        node.settled()
        node.verified()
        assert "Traceback" not in node.said(), node.said()[-3000:]
