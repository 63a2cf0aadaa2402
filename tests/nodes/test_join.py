"""`hueandcry join` on real nodes: what it tests, what it says, and what it leaves behind."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nodes.partnership import Node, founded_only, partnership, wait_until

Nodes = dict[str, Node]


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """A, B and C know nobody yet; A has a list and some claims."""
    with partnership(tmp_path_factory.mktemp("join"), "ABC", ()) as nodes:
        a = nodes["A"]
        a.raised("known-to-a.example")
        a.ingested([f"listed-{n}.example" for n in range(3_000)])
        yield nodes


def begun(node: Node, peer: Node, *more: str) -> subprocess.Popen[str]:
    words = ("join", peer.url, "--fingerprint", peer.fingerprint, "--keys-backed-up", *more)
    return node.started(*words)


def ended(process: subprocess.Popen[str]) -> tuple[int, dict[str, Any]]:
    said, wrong = process.communicate(timeout=120)
    assert said, wrong
    answer: dict[str, Any] = json.loads(said)
    return process.returncode, answer


def results(answer: dict[str, Any]) -> dict[str, str]:
    return {step["check"]: step["result"] for step in answer["steps"]}


def step(answer: dict[str, Any], check: str) -> dict[str, str]:
    found: dict[str, str] = next(each for each in answer["steps"] if each["check"] == check)
    return found


def test_two_nodes_join_when_both_run_the_wizard(strangers: Nodes) -> None:
    a, b, _ = strangers.values()
    one, other = begun(a, b), begun(b, a)
    (code, at_a), (other_code, at_b) = ended(one), ended(other)
    assert (code, other_code) == (0, 0), (at_a, at_b)
    for answer in (at_a, at_b):
        assert answer["outcome"] == "ok"
        found = results(answer)
        assert [found[name] for name in ("disk", "durability", "permissions")] == ["well"] * 3
        assert [found[n] for n in ("clock", "agreement", "port", "sync", "token")] == ["well"] * 5
        assert (found["root key"], found["backup"]) == ("warning", "well")
        assert answer["peer"]["state"] == "in_force"
    wait_until(lambda: b.verdict("known-to-a.example") == "scam", "what A claims is at B")
    status, _ = b.ask(
        "GET",
        "/v1/lookup?value=known-to-a.example",
        headers={"Authorization": f"Bearer {at_b['token']}"},
    )
    assert status == 200


def test_people_are_asked_what_a_script_would_say(strangers: Nodes) -> None:
    """A and B know each other: the wizard may be run again, and asks step by step."""
    a, b, _ = strangers.values()
    said = f"y\n{a.url}\ny\nstandard\n"
    done = b.answered(said, "join", "--token", "none")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Compare it in full" in done.stderr
    assert a.fingerprint[:8] in done.stderr
    assert "This node has joined" in done.stdout
    refused = b.answered(f"y\n{a.url}\nn\n", "join", "--token", "none")
    assert refused.returncode == 1
    assert "not confirmed" in refused.stdout


def test_a_wrong_fingerprint_ends_it_before_anything_is_added(strangers: Nodes) -> None:
    a, _, c = strangers.values()
    words = ("join", a.url, "--fingerprint", "ab" * 32, "--keys-backed-up")
    code, answer = ended(c.started(*words))
    assert (code, answer["outcome"]) == (1, "failed")
    assert "telephone" in step(answer, "peer")["do"]
    assert c.count("peers_peer") == 0
    assert "token" not in results(answer)


def test_when_the_other_side_has_not_signed_it_says_what_its_people_run(strangers: Nodes) -> None:
    a, _, c = strangers.values()
    code, answer = ended(begun(c, a, "--wait", "0.5"))
    assert code == 1
    waiting = step(answer, "agreement")
    assert waiting["result"] == "wrong"
    assert f"hueandcry join {c.url} --fingerprint {c.fingerprint}" in waiting["do"]


def test_an_address_where_nobody_answers_is_explained(strangers: Nodes) -> None:
    _, b, c = strangers.values()
    words = ("join", "http://127.0.0.1:9", "--fingerprint", b.fingerprint, "--keys-backed-up")
    code, answer = ended(c.started(*words))
    assert code == 1
    assert "address" in step(answer, "peer")["do"]


def test_a_node_that_does_not_run_is_told_to_run(strangers: Nodes) -> None:
    a, _, c = strangers.values()
    c.stop()
    try:
        code, answer = ended(begun(c, a, "--wait", "0.5"))
        assert code == 1
        assert step(answer, "address")["result"] == "wrong"
        assert "hueandcry serve" in step(answer, "address")["do"]
        code, answer = ended(begun(c, a, "--wait", "0.5", "--no-port"))
        assert "address" not in results(answer)
    finally:
        c.start()


def test_the_peer_says_whether_it_can_call_back_and_not_too_often(strangers: Nodes) -> None:
    a, b, _ = strangers.values()
    wait_until(lambda: a.hand.do("back", peer=b.fingerprint) != "busy", "a while has gone")
    assert a.hand.do("back", peer=b.fingerprint) == "busy"
    a.stop()
    try:
        wait_until(
            lambda: a.hand.do("back", peer=b.fingerprint) not in ("busy", "reached"),
            "B says that it cannot reach A",
            60,
        )
    finally:
        a.start()
    assert "Traceback" not in b.said(), b.said()[-3000:]


def test_doctor_repairs_what_loses_nothing_and_says_what_it_did(strangers: Nodes) -> None:
    _, _, c = strangers.values()
    c.raised(*(f"claim-{n}.example" for n in range(3)))
    wait_until(lambda: c.count("ledger_checkpoint", "note IS NOT NULL") > 0, "it is published")
    c.stop()
    try:
        _damage(c)
        found = {each["check"]: each["result"] for each in c.findings()}
        assert found["permissions"] == found["ledger tiles"] == "wrong"
        done = c.try_command("doctor", "--repair")
        assert done.returncode == 0, done.stdout
        said = {each["check"]: each["what"] for each in json.loads(done.stdout)}
        kinds = [e["check"] for e in json.loads(done.stdout) if e["result"] == "repaired"]
        assert set(kinds) == {"permissions", "indexes", "ledger tiles", "counters"}, said
        assert c.count("members_access", "action = 'doctor.repair'") == len(kinds)
        again = json.loads(c.try_command("doctor", "--repair").stdout)
        assert not [each for each in again if each["result"] == "repaired"]
        c.verified()
    finally:
        c.start()
    c.raised("after-repair.example")
    assert c.verdict("after-repair.example") == "scam"


def test_the_wizard_joins_a_node_without_a_port(tmp_path: Path) -> None:
    with founded_only(tmp_path, "PM", no_inbound="M") as nodes:
        p, m = nodes.values()
        for node in (p, m):
            node.launch()
        for node in (p, m):
            node.answering()
        p.command("peer", "add", "--fingerprint", m.fingerprint)
        assert p.command("peer", "list") == [{"fingerprint": m.fingerprint, "state": "expected"}]
        code, said = ended(begun(m, p, "--token", "none", "--wait", "60"))
        assert code == 0 and "asks its peers" in step(said, "port")["what"], said
        assert step(said, "agreement")["result"] == step(said, "sync")["result"] == "well", said


def _damage(node: Node) -> None:
    """What a careless hand does: modes, an index, a counter, and the tiles."""
    (node.folder / "secret").chmod(0o644)
    (node.folder / "keys").chmod(0o755)
    node.change("DROP INDEX signals_claim_pending")
    node.change("DELETE FROM store_head WHERE name = 'feed'")
    for tile in (node.folder / "log").rglob("*"):
        if tile.is_file():
            tile.unlink()
