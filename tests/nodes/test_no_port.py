"""A node without an inbound port: it asks, and is served as anybody else within a second."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

import pytest

from hueandcry.core.polls import LONGEST, Question
from nodes.partnership import Node, partnership, wait_until
from nodes.voices import Voice

pytestmark = pytest.mark.database

Pair = tuple[Node, Node]
POLL = ("POST", "/peer/v1/poll")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A has a port, N has none."""
    folder = tmp_path_factory.mktemp("no-port")
    with partnership(folder, "AN", ("AN",), no_inbound="N") as nodes:
        yield nodes["A"], nodes["N"]


def test_claims_and_retractions_pass_both_ways(pair: Pair) -> None:
    a, n = pair
    a.raised("from-a.example")
    took = wait_until(lambda: n.verdict("from-a.example") == "scam", "A's claim is at N")
    print(f"at the node without a port after {took:.2f} s")
    n.raised("from-n.example")
    wait_until(lambda: a.verdict("from-n.example") == "scam", "N's claim is at A")
    a.retracted("from-a.example")
    wait_until(lambda: n.verdict("from-a.example") == "unknown", "A's retraction is at N")
    n.retracted("from-n.example")
    wait_until(lambda: a.verdict("from-n.example") == "unknown", "N's retraction is at A")


def test_both_receipts_of_the_node_without_a_port_are_held(pair: Pair) -> None:
    a, n = pair
    a.raised("receipted.example")

    def hops() -> set[tuple[str, str]]:
        return {(hop["name"], hop["node"]) for hop in a.hand.do("hops", value="receipted.example")}

    wanted = {("received", n.fingerprint), ("effective", n.fingerprint)}
    wait_until(lambda: wanted <= hops(), "both receipts of N")
    sql = (
        "SELECT h.accepted, h.refused FROM exchange_handed h JOIN exchange_batch b"
        " ON b.id = h.batch_id ORDER BY h.id DESC LIMIT 1"
    )
    assert a.rows(sql) == [(1, 0)]


def test_the_peer_shows_that_it_asks_and_when(pair: Pair) -> None:
    a, n = pair
    (shown,) = a.command("peer", "list")
    assert (shown["way"], shown["url"], shown["state"]) == ("poll", "", "in_force")
    assert shown["last_seen"] is not None and not shown["failures"]
    (shown,) = n.command("peer", "list")
    assert (shown["way"], shown["state"]) == ("call", "in_force")
    cards = {f["check"]: f["what"] for f in n.findings()}
    assert "without an inbound port" in cards["card"]
    assert "asks us" in {f["check"]: f["what"] for f in a.findings()}["peer N"]


def test_an_idle_poll_writes_nothing_and_is_one_call_in_many_seconds(pair: Pair) -> None:
    a, n = pair
    for node in pair:
        node.settled()
    before = (a.counts(), a.count("peers_nonce"), a.count("ledger_entry"))
    time.sleep(3)
    after = (a.counts(), a.count("peers_nonce"), a.count("ledger_entry"))
    assert after[0] == before[0] and after[2] == before[2]
    assert after[1] - before[1] <= 1  # a poll that ended meanwhile
    assert n.idle()


def test_what_waited_while_it_was_away_comes_at_its_next_question(pair: Pair) -> None:
    a, n = pair
    n.kill()
    for number in range(4):
        a.raised(*(f"night-{number}-{m}.example" for m in range(40)))
    a.retracted("receipted.example")
    n.start()
    wait_until(lambda: n.verdict("night-3-39.example") == "scam", "N has caught up")
    wait_until(lambda: n.verdict("receipted.example") == "unknown", "with the retraction")
    wait_until(lambda: a.claims() == n.claims(), "both are equal")


def test_a_killed_peer_and_a_killed_asker_in_mid_page_lose_nothing(pair: Pair) -> None:
    a, n = pair
    held = n.count("signals_claim")
    a.ingested([f"bulk-{number}.example" for number in range(6_000)])
    wait_until(lambda: n.count("signals_claim") > held + 1_000, "bulk has begun to arrive")
    n.kill()
    n.start()
    wait_until(lambda: n.count("signals_claim") > held + 2_000, "and goes on")
    a.kill()
    a.start()
    wait_until(lambda: n.count("signals_claim") == held + 6_000, "all of it is there")
    wait_until(lambda: a.claims() == n.claims(), "both are equal")
    unreceipted = (
        "SELECT COUNT(*) FROM exchange_batch b WHERE b.from_peer_id IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM exchange_handed h WHERE h.batch_id = b.id)"
    )
    wait_until(lambda: a.rows(unreceipted) == [(0,)], "every batch is receipted")


def test_a_node_stops_at_once_though_somebody_waits_at_it(pair: Pair) -> None:
    a, n = pair
    for node in pair:
        node.settled()
    assert a.stop() < LONGEST
    a.start()
    assert n.stop() < LONGEST
    n.start()


def _question(cursor: str, wait: int) -> bytes:
    return Question(cursor, (), time.time_ns() // 1000, wait).raw()


def test_a_newer_question_ends_the_older_one(pair: Pair) -> None:
    a, n = pair
    for node in pair:
        node.settled()
    place = "SELECT cursor FROM exchange_pull"
    ((cursor,),) = n.rows(place)
    n.kill()
    older: list[float] = []

    def ask() -> None:
        began = time.monotonic()
        assert Voice(n).call(a, *POLL, _question(cursor, LONGEST)).status == 200
        older.append(time.monotonic() - began)

    waiting = threading.Thread(target=ask)
    waiting.start()
    time.sleep(1.0)
    assert not older, "it waits, since nothing is there"
    Voice(n).call(a, *POLL, _question(cursor, 1))
    waiting.join(LONGEST)
    assert older and older[0] < LONGEST
    n.start()


def test_beyond_the_places_a_question_is_answered_at_once_and_comes_again(pair: Pair) -> None:
    a, n = pair
    set_ = ("settings", "set", "peers.waiting_polls")
    a.hand.do("cli", words=[*set_, "0"])
    try:
        time.sleep(1.5)  # a value is remembered for a second
        before, began = a.count("peers_nonce"), time.monotonic()
        a.raised("short-polls.example")
        wait_until(lambda: n.verdict("short-polls.example") == "scam", "it comes all the same")
        a.raised("short-polls-2.example")
        wait_until(lambda: n.verdict("short-polls-2.example") == "scam", "and again")
        time.sleep(3)
        calls = a.count("peers_nonce") - before
        # Each claim is three calls: the page, its receipt with the next question, the effect.
        assert calls < 12 + 2 * (time.monotonic() - began)
    finally:
        a.hand.do("cli", words=[*set_, "8"])


def test_narrowing_and_new_terms_reach_it_too(pair: Pair) -> None:
    a, n = pair
    a.command("peer", "suspend", "N")
    wait_until(lambda: n.command("peer", "list")[0]["state"] == "suspended", "N knows")
    a.raised("while-suspended.example")
    assert n.verdict("while-suspended.example") == "unknown"


def test_two_nodes_without_a_port_are_sent_to_a_third(pair: Pair) -> None:
    _, n = pair
    done = n.try_command("peer", "add", "--fingerprint", "ab" * 32)
    assert done.returncode == 1 and "third node" in done.stderr, done.stderr


def test_a_bent_question_is_refused(pair: Pair) -> None:
    a, n = pair
    now = "2027-01-05T02:03:04.050607Z"
    true: dict[str, object] = {"cursor": "", "now": now, "replies": [], "wait": 0}
    cases: list[tuple[dict[str, object], str]] = [
        ({"cursor": "x"}, "cursor"),
        ({"wait": 26}, "poll"),
        ({"wait": True}, "poll"),
        ({"more": 1}, "poll"),
        ({"replies": [{"about": "x"}]}, "replies"),
        ({"replies": [{"about": "ab" * 32, "receipt": "a", "code": "b"}]}, "replies"),
        ({"replies": [1]}, "replies"),
    ]
    for bent, code in cases:
        said = Voice(n).call(a, *POLL, json.dumps(true | bent).encode())
        assert (said.status, said.code) == (400, code), said.value


def test_nothing_was_a_fault_and_the_ledgers_verify(pair: Pair) -> None:
    for node in pair:
        node.settled()
        node.verified()
        assert "Traceback" not in node.said(), node.said()[-3000:]
