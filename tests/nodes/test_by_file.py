"""Two nodes that no wire joins: cards, terms, claims, retractions and receipts go by file alone."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from nodes.partnership import Held, Node, founded_only

pytestmark = pytest.mark.database


class Pair:
    """Two nodes without servers, and the stick between them."""

    def __init__(self, a: Node, b: Node, stick: Path) -> None:
        self.a, self.b, self.stick = a, b, stick
        self._files = 0

    def file(self, what: str = "carried") -> Path:
        self._files += 1
        return self.stick / f"{self._files:03}-{what}"

    def exported(self, by: Node, to: Node, *more: str) -> list[Path]:
        words = ("export", "--to", to.name, "--output", str(self.file()), *more)
        said = json.loads(done_well(by.said_by(*words)))
        return [Path(each["path"]) for each in said["files"]]

    def carried(self, by: Node, to: Node, *more: str) -> None:
        """One way: everything that was written is taken in."""
        files = self.exported(by, to, *more)
        if files:
            said = brought(to, *files)
            assert {each["outcome"] for each in said} == {"taken"}, said

    def both_ways(self) -> None:
        self.carried(self.a, self.b)
        self.carried(self.b, self.a)


def done_well(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


def brought(to: Node, *files: Path) -> list[dict[str, Any]]:
    """What `import` says of each file, whatever its exit code."""
    done = to.said_by("import", *map(str, files))
    assert done.stdout, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == int(any(each["outcome"] != "taken" for each in said)), done.stderr
    return said


def verdict(node: Node, value: str) -> str:
    return str(json.loads(done_well(node.said_by("check", value)))["verdict"])


def made_up(n: int) -> str:
    """A name that does not compress."""
    return sha256(str(n).encode()).hexdigest()[:40]


def alive(node: Node, claimant: Node) -> set[Held]:
    """The claims of a member that stand; one taken back before it came is no claim anywhere."""
    return {each for each in node.claims(claimant) if each[2] == 0}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A has an address that nobody can reach, B has none; they have come to terms by file."""
    folder = tmp_path_factory.mktemp("by-file")
    with founded_only(folder, "AB", no_inbound="B") as nodes:
        pair = Pair(nodes["A"], nodes["B"], folder)
        for node, other in ((pair.a, pair.b), (pair.b, pair.a)):
            card = pair.file("card")
            other.command("export", "--card", "--output", str(card))
            words = ("peer", "add", str(card), "--fingerprint", other.fingerprint, "--by-file")
            assert node.command(*words)["state"] == "waiting"
        pair.both_ways()
        pair.both_ways()
        yield pair


def test_an_agreement_is_made_by_files_alone(pair: Pair) -> None:
    for node in (pair.a, pair.b):
        (shown,) = node.command("peer", "list")
        assert (shown["state"], shown["way"]) == ("in_force", "file")
    agreed = {node.command("peer", "list")[0]["agreement"] for node in (pair.a, pair.b)}
    assert len(agreed) == 1


def test_claims_retractions_and_receipts_go_both_ways(pair: Pair) -> None:
    a, b = pair.a, pair.b
    a.raised("by-file.example", "gone-later.example")
    b.raised("from-b.example")
    pair.both_ways()
    assert verdict(b, "by-file.example") == verdict(a, "from-b.example") == "scam"
    a.retracted("gone-later.example")
    pair.both_ways()
    assert verdict(b, "gone-later.example") == "unknown"
    pair.both_ways()
    for giver, taker in ((a, b), (b, a)):
        given = set(giver.rows("SELECT hex(about), kind, document FROM peers_receipt WHERE ours"))
        held = set(
            taker.rows("SELECT hex(about), kind, document FROM peers_receipt WHERE NOT ours")
        )
        assert given == held and {kind for _, kind, _ in given} == {"receipt", "effective"}
        assert giver.count("peers_delivery", "state = 'waiting'") == 0
        assert giver.count("exchange_handed", "accepted = 0") == 0
    hops = {(hop["name"], hop["node"]) for hop in a.command("trace", "by-file.example")}
    assert {("received", "B"), ("effective", "B")} <= hops


def test_when_all_is_confirmed_no_file_is_written(pair: Pair) -> None:
    for _ in range(3):
        pair.both_ways()
    assert pair.exported(pair.a, pair.b) == pair.exported(pair.b, pair.a) == []


def test_a_stick_that_was_lost_is_mended_by_the_next(pair: Pair) -> None:
    pair.a.raised("lost-stick.example")
    (lost,) = pair.exported(pair.a, pair.b)
    lost.unlink()
    pair.a.raised("next-stick.example")
    pair.carried(pair.a, pair.b)
    assert verdict(pair.b, "lost-stick.example") == verdict(pair.b, "next-stick.example") == "scam"
    (lost,) = pair.exported(pair.b, pair.a)
    lost.unlink()
    pair.both_ways()
    pair.both_ways()
    assert pair.a.count("exchange_handed", "accepted = 0") == 0


def test_a_file_that_comes_again_changes_nothing(pair: Pair) -> None:
    pair.a.raised("once.example")
    (file,) = pair.exported(pair.a, pair.b)
    (first,) = brought(pair.b, file)
    before = pair.b.counts()
    (again,) = brought(pair.b, file)
    assert (first["known"], again["known"]) == (False, True)
    assert pair.b.counts() == before
    assert [item["outcome"] for item in again["items"]] == ["taken"] * len(again["items"])
    pair.both_ways()


def test_files_that_come_out_of_order_end_the_same(pair: Pair) -> None:
    pair.a.raised("out-of-order.example")
    (first,) = pair.exported(pair.a, pair.b)
    pair.a.retracted("out-of-order.example")
    (second,) = pair.exported(pair.a, pair.b)
    brought(pair.b, second, first)
    assert verdict(pair.b, "out-of-order.example") == "unknown"
    pair.both_ways()
    pair.both_ways()
    assert alive(pair.a, pair.a) == alive(pair.b, pair.a)


def test_an_export_in_several_files_may_lose_one(pair: Pair) -> None:
    a, b = pair.a, pair.b
    a.ingested([f"{made_up(n)}.example" for n in range(16_000)])
    files = pair.exported(a, b, "--max-size", "0.2")
    assert len(files) > 2 and all(file.stat().st_size < 6 << 20 for file in files)
    for file in [*files[2:], files[0]]:
        (said,) = brought(b, file)
        assert said["outcome"] == "taken"
    pair.carried(b, a)
    assert alive(a, a) != alive(b, a)
    pair.carried(a, b)
    assert alive(a, a) == alive(b, a)
    pair.both_ways()


def test_what_was_confirmed_can_be_written_again_from_a_date(pair: Pair) -> None:
    for _ in range(3):
        pair.both_ways()
    today = time.strftime("%Y-%m-%d", time.gmtime())
    (file,) = pair.exported(pair.a, pair.b, "--since", today)
    (said,) = brought(pair.b, file)
    assert sum(item["objects"] for item in said["items"]) > 16_000
    assert not sum(item["refused"] for item in said["items"])


def bent(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_a_bad_file_is_refused_whole_before_anything_is_taken(pair: Pair) -> None:
    pair.a.raised("never-taken.example")
    (file,) = pair.exported(pair.a, pair.b)
    data = file.read_bytes()
    bad = {
        "cut short": (data[: len(data) // 2], "sealed_file"),
        "cut at its end": (data[:-1], "sealed_file"),
        "one bit changed": (bent(data, len(data) - 40), "sealed_file"),
        "a header changed": (bent(data, 60), None),
        "something else": (b"hello\n" * 100, "sealed_file"),
        "empty": (b"", "sealed_file"),
    }
    before = pair.b.counts()
    for name, (content, code) in bad.items():
        path = pair.file(name.replace(" ", "-"))
        path.write_bytes(content)
        (said,) = brought(pair.b, path)
        assert said["outcome"] == "refused" and code in (None, said["code"]), (name, said)
    (said,) = brought(pair.a, file)
    assert (said["outcome"], said["code"]) == ("refused", "not_for_us")
    assert pair.b.counts() == before
    pair.both_ways()
    assert verdict(pair.b, "never-taken.example") == "scam"


def test_an_import_that_is_killed_is_run_again(pair: Pair) -> None:
    a, b = pair.a, pair.b
    a.ingested([f"killed-{n}.example" for n in range(3_000)])
    (file,) = pair.exported(a, b)
    held = b.count("signals_claim")
    line = [*b._program(), "import", str(file), "--json"]
    for share in (500, 1_500):
        running = subprocess.Popen(line, env=b._environment(), stdout=subprocess.DEVNULL)
        while b.count("signals_claim") < held + share and running.poll() is None:
            time.sleep(0.05)
        running.send_signal(signal.SIGKILL)
        running.wait()
    (said,) = brought(b, file)
    assert said["outcome"] == "taken"
    assert b.count("signals_claim") == held + 3_000
    assert alive(a, a) == alive(b, a)
    left = [path.name for path in b.folder.iterdir()]
    assert not [name for name in left if name.startswith(("tmp", "."))], left
    pair.both_ways()


def test_a_stranger_with_a_file_is_no_peer(pair: Pair, tmp_path: Path) -> None:
    with founded_only(tmp_path, "S") as nodes:
        s = nodes["S"]
        card = pair.file("card")
        pair.b.command("export", "--card", "--output", str(card))
        words = ("--fingerprint", pair.b.fingerprint, "--by-file")
        s.command("peer", "add", str(card), *words)
        said = s.command("export", "--to", "B", "--output", str(pair.file()))
        (answer,) = brought(pair.b, Path(said["files"][0]["path"]))
        assert (answer["outcome"], answer["code"]) == ("refused", "not_a_peer")


def test_usage_is_told(pair: Pair) -> None:
    nowhere = str(pair.file())
    assert pair.a.try_command("export", "--output", nowhere).returncode == 2
    assert pair.a.try_command("export", "--to", "Z", "--output", nowhere).returncode == 1
    bad_date = ("--since", "yesterday")
    done = pair.a.try_command("export", "--to", "B", "--output", nowhere, *bad_date)
    assert done.returncode == 2
    assert pair.a.try_command("import", nowhere).returncode == 1


def test_the_ledgers_verify_and_name_every_file(pair: Pair) -> None:
    for node in (pair.a, pair.b):
        node.verified()
        assert node.count("peers_carriage", "log_index IS NULL") == 0
        assert node.count("peers_carriage") > 8


def test_no_content_can_be_read_on_the_stick(pair: Pair) -> None:
    assert len(list(pair.stick.glob("*-carried*"))) > 10
    for path in pair.stick.glob("*-carried*"):
        data = path.read_bytes()
        assert data.startswith(b"age-encryption.org/v1")
        assert b".example" not in data and b"hueandcry.batch" not in data
