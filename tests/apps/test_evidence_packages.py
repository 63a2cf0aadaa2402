"""Packages of a node: drawn up, signed, built, and accepted by whoever trusts this node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
import time
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings

import node_scene
from evidence_scene import Evidence, actions, cosign, publish_all
from foreign_tools import tool
from hueandcry.apps.evidence import arriving, building, jobs, packaging, sending, trusting
from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.answering import Answered, ReceivedEvent
from hueandcry.apps.evidence.face import Limit, Terms
from hueandcry.apps.evidence.models import Incoming, Package
from hueandcry.apps.evidence.packaging import PackageView, Wanted
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.models import Document
from hueandcry.core import custody, jws
from hueandcry.core.custody import Action, Counterpart
from hueandcry.core.errors import Broken, Conflict, NotFound, NotPermitted, TooMany, Untrusted
from hueandcry.core.ids import uuid7
from hueandcry.core.policies import STAMPED, USUAL, Policy
from hueandcry.core.types import SECOND
from hueandcry.doors.cli.main import run
from hueandcry.doors.desk import arrivals
from hueandcry.engine.keys import agefile
from hueandcry.engine.keys.keyring import KeyPurpose
from hueandcry.engine.keys.own import own
from hueandcry.engine.stamps import face as stamps
from hueandcry.engine.store.work import unit_of_work
from hueandcry.verifier.examining import examine
from hueandcry.verifier.results import Report, Result
from other_member import OtherMember
from stamping_authority import Authority, Served

POLICE = OtherMember("police", roles=("lea",))
BANK = OtherMember("bank")

pytestmark = pytest.mark.database


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Evidence:
    return Evidence(monkeypatch)


def packed(node: Evidence, *exhibits: object, **more: object) -> PackageView:
    """A package of these that stays here, published."""
    wanted = Wanted([str(each) for each in exhibits], node.fingerprint, "For the file", **more)  # type: ignore[arg-type]
    view = packaging.package(node.police, wanted)
    publish_all()
    return view


def folder(under: Path, name: str) -> Path:
    made = under / name
    made.mkdir()
    return made


def built(view: PackageView, folder: Path) -> Path:
    """A sealed copy with its note beside it."""
    made = building.build(view.id, folder / f"{view.id}.tar.age")
    made.path.with_name(made.path.name + ".jws").write_bytes(made.note)
    return made.path


def keys() -> list[str]:
    keyring = own()
    return [keyring.identity(each) for each in keyring.key_ids(KeyPurpose.AGE)]


def report(path: Path) -> Report:
    return examine(path, policy=Policy.read(trusting.policy().text().encode()), keys=keys())


def opened(path: Path) -> Path:
    """The folder that the package unpacks into."""
    tar = path.with_suffix("")
    with path.open("rb") as source, tar.open("wb") as target:
        agefile.unseal(source, target, keys())
    with tarfile.open(tar) as file:
        file.extractall(path.parent / "opened", filter="data")
    (folder,) = (path.parent / "opened").iterdir()
    return folder


def test_a_package_passes_the_ten_checks_of_whoever_trusts_this_node(
    node: Evidence, tmp_path: Path
) -> None:
    first, second = node.kept(), node.kept(b"\x89PNG picture", "ภาพหน้าจอ.png", description="Shot")
    view = packed(node, first.exhibit.number, second.exhibit.id)
    said = report(built(view, tmp_path))
    results = {check.n: (check.result, check.reason) for check in said.checks}
    assert said.accepted, results
    assert [n for n, (result, _) in results.items() if result is not Result.PASS] == [8]


def test_a_stamped_package_passes_all_ten_and_our_policy_asks_for_the_stamp_from_then_on(
    database: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # The authority stamps by this machine's clock, and a key must be good when it does.
    monkeypatch.setattr(node_scene, "NOW", time.time_ns() // 1_000 - SECOND)
    node = Evidence(monkeypatch)
    served = Served(Authority(tmp_path / "tsa", key="ec"))
    monkeypatch.setattr(settings, "AUTHORITIES", (served.url,))
    stamps._egress.cache_clear()
    view = packed(node, node.kept().exhibit.id)
    assert not building.prepare(view.id) and trusting.policy().required == USUAL
    assert stamps.ask_due() and building.prepare(view.id)
    served.close()
    said = report(built(view, tmp_path))
    assert [check.result for check in said.checks] == 10 * [Result.PASS], said
    assert said.required == USUAL | {STAMPED}
    assert trusting.for_arrivals().required == USUAL


def test_building_again_gives_the_same_tag_manifest_and_a_bag_that_fell_out_otherwise_is_refused(
    node: Evidence, tmp_path: Path
) -> None:
    view = packed(node, node.kept().exhibit.id)
    once, again = (opened(built(view, folder(tmp_path, name))) for name in ("one", "two"))
    for name in ("tagmanifest-sha256.txt", "manifest-sha512.txt", "data/case.jsonld"):
        assert (once / name).read_bytes() == (again / name).read_bytes()
    Package.objects.update(request=b"slipped in")
    with pytest.raises(Broken) as changed:
        built(view, folder(tmp_path, "three"))
    assert changed.value.code == "package_changed"
    assert list((tmp_path / "three").iterdir()) == []


def test_other_peoples_tools_agree_about_the_bag(
    node: Evidence,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    view = packed(node, node.kept().exhibit.id, node.kept(b"", "ว่าง").exhibit.id)
    path = built(view, tmp_path)
    bag = opened(path)
    said = subprocess.run(
        [tool("bagit.py"), "--validate", str(bag)], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    for algorithm in ("sha256", "sha512"):
        manifest = f"manifest-{algorithm}.txt"
        subprocess.run([f"{algorithm}sum", "-c", manifest], cwd=bag, check=True)
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{Path(tool('case_validate')).parent}")
    policy, key = tmp_path / "policy.txt", tmp_path / "key"
    policy.write_text(trusting.policy().text())
    key.write_text("\n".join(keys()))
    words = ["--policy", str(policy), "--key", str(key), "--case", "--json"]
    with pytest.raises(SystemExit):
        run(["verify", str(path), *words])
    case = json.loads(capsys.readouterr().out)["checks"][9]
    assert (case["result"], "SHACL" in case["reason"]) == ("PASS", True), case


@pytest.mark.skipif(shutil.which("age") is None, reason="Debian's age is not installed")
def test_the_age_program_opens_a_package(node: Evidence, tmp_path: Path) -> None:
    path = built(packed(node, node.kept().exhibit.id), tmp_path)
    (tmp_path / "key").write_text("\n".join(keys()))
    words = ["age", "-d", "-i", str(tmp_path / "key"), "-o", str(tmp_path / "a.tar"), str(path)]
    subprocess.run(words, check=True)
    assert tarfile.is_tarfile(tmp_path / "a.tar")


def test_a_package_for_ourselves_is_read_and_one_for_a_member_is_handed_over(
    node: Evidence,
) -> None:
    kept = node.kept().exhibit
    packed(node, kept.id)
    assert actions(node.chain(kept.id)) == ["acquired", "accessed"]
    node.added(POLICE)
    view = packaging.package(node.police, Wanted([kept.number], POLICE.fingerprint, "Asked"))
    last = node.chain(kept.id)[-1]
    assert last.counterpart == Counterpart(POLICE.fingerprint, None, view.id)
    assert jws.open_document(packaging.by_id(view.id).statement or b"").stated.aud == (
        POLICE.fingerprint
    )


def test_what_a_restriction_keeps_here_is_not_packed_and_nothing_is_noted(node: Evidence) -> None:
    kept, free = node.held(), node.kept(b"other").exhibit
    node.added(POLICE)
    terms = Terms(Limit.ONWARD, "Only for us", "Court of Bangkok")
    node.did(evidence.restrict, kept.id, terms)
    before = len(node.chain(free.id))
    with pytest.raises(NotPermitted) as refused:
        wanted = Wanted([str(free.id), str(kept.id)], POLICE.fingerprint, "Asked")
        packaging.package(node.police, wanted)
    assert refused.value.code == "restricted"
    assert len(node.chain(free.id)) == before and not Package.objects.exists()


def test_a_package_is_not_built_before_the_ledger_is_published(
    node: Evidence, tmp_path: Path
) -> None:
    wanted = Wanted([str(node.kept().exhibit.id)], node.fingerprint, "For the file")
    view = packaging.package(node.police, wanted)
    with pytest.raises(TooMany) as early:
        building.build(view.id, tmp_path / "a.tar.age")
    assert early.value.code == "not_published" and list(tmp_path.iterdir()) == []


def test_a_drawn_package_whose_process_was_killed_is_signed_by_the_loop(
    node: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(identifier: UUID) -> PackageView:
        raise KeyboardInterrupt

    kept = node.kept().exhibit
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(packaging, "finish", killed)
        packaging.package(node.police, Wanted([kept.number], node.fingerprint, "For the file"))
    assert Package.objects.get().state == "drawn"
    jobs.finish()
    assert Package.objects.get().state == "drawn"
    node.now += jobs.LEFT
    jobs.finish()
    assert Package.objects.get().state == "signed"


def test_a_peer_fetches_what_is_sealed_for_it_part_by_part_and_nobody_else_does(
    node: Evidence,
) -> None:
    view = sent(node)
    whole = sending.part(POLICE.fingerprint, view.id, 0, None)
    first = sending.part(POLICE.fingerprint, view.id, 0, 99)
    rest = sending.part(POLICE.fingerprint, view.id, 100, None)
    assert (len(first.data), first.total) == (100, len(whole.data))
    assert first.data + rest.data == whole.data
    for caller, first_byte in ((BANK.fingerprint, 0), (POLICE.fingerprint, whole.total)):
        with pytest.raises((NotFound, Conflict)):
            sending.part(caller, view.id, first_byte, None)


def test_the_receivers_event_is_kept_beside_ours_and_the_copy_goes(node: Evidence) -> None:
    view = sent(node)
    said = arrivals.document(receipt(node, view), peers.must_be(POLICE.fingerprint))
    assert said is not None
    assert jws.open_document(said).stated.body["outcome"] == "accepted"
    assert packaging.view(packaging.by_id(view.id)).state == "accepted"
    assert [each.answered for each in evidence.handovers(view.exhibits[0][0])] == [True]
    with pytest.raises(NotFound):
        sending.part(POLICE.fingerprint, view.id, 0, None)


def test_a_receipt_whose_event_another_member_signed_changes_nothing(node: Evidence) -> None:
    view = sent(node)
    with pytest.raises(Untrusted) as forged:
        arrivals.document(receipt(node, view, signer=BANK), peers.must_be(POLICE.fingerprint))
    assert forged.value.code == "signature"
    assert packaging.view(packaging.by_id(view.id)).state == "sent"


def sent(node: Evidence) -> PackageView:
    """A package that waits for the police."""
    node.added(POLICE)
    wanted = Wanted([str(node.kept().exhibit.id)], POLICE.fingerprint, "Asked")
    view = packaging.package(node.police, wanted)
    publish_all()
    cosign(node, POLICE)
    return sending.send(view.id)


def receipt(node: Evidence, view: PackageView, signer: OtherMember | None = None) -> bytes:
    """What the police answer once they took the package over."""
    exhibit, signing = view.exhibits[0][0], (signer or POLICE).key("act")
    lines = evidence.lines(exhibit)
    handed = custody.read_record(lines[-1].record)
    event = replace(
        handed,
        event=uuid7(node.now, b"received!!"),
        n=handed.n + 1,
        prev=custody.link(lines[-1].record),
        action=Action.RECEIVED,
        actor=custody.Actor(POLICE.fingerprint),
        counterpart=Counterpart(node.fingerprint, handed.event, view.id),
    )
    record = custody.record(event)
    note = packaging.by_id(view.id).note or b""
    received = ReceivedEvent(
        exhibit, record, f"{POLICE.fingerprint}/{POLICE.key('act').key_id}",
        signing.sign(custody.message(record)),
    )  # fmt: skip
    said = Answered(view.id, note.hex(), True, "", "", (), (received,))
    return POLICE.document("package-receipt", said.body(), aud=node.fingerprint)


def test_the_policy_of_a_node_comes_back_as_it_was_written(node: Evidence) -> None:
    node.added(POLICE)
    policy = trusting.policy()
    assert Policy.read(policy.text().encode()) == policy
    assert set(policy.members) == {node.fingerprint, POLICE.fingerprint}


def test_with_a_purged_exhibit_goes_what_packages_say_of_it_and_the_copy_that_waits(
    node: Evidence,
) -> None:
    view = sent(node)
    with unit_of_work():
        sending.erase([view.exhibits[0][0]])
    row = Package.objects.get()
    assert (row.facts, row.statement, row.log_record, row.certificates) == ("", None, None, {})
    assert list(sending.folder("out").glob(f"{view.id}*")) == []
    with pytest.raises(NotFound) as gone:
        packaging.bag_of(row)
    assert gone.value.code == "package_purged"


def test_a_file_that_is_not_the_one_of_its_note_is_not_taken_in_and_nothing_is_kept(
    node: Evidence, tmp_path: Path
) -> None:
    path = built(packed(node, node.kept().exhibit.id), tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Untrusted) as changed:
        arriving.receive(path, path.with_name(path.name + ".jws").read_bytes())
    assert changed.value.code == "file_changed"
    assert not Incoming.objects.exists()


def test_a_package_that_does_not_hold_is_kept_aside_and_its_receipt_says_why(
    node: Evidence, tmp_path: Path
) -> None:
    # A package for ourselves is no hand-over, so that nothing of it can be taken over.
    path = built(packed(node, node.kept().exhibit.id), tmp_path)
    view = arriving.receive(path, path.with_name(path.name + ".jws").read_bytes())
    assert (view.state, view.exhibits) == ("refused", [])
    assert [check["n"] for check in view.checks if check["result"] == "PASS"] == [
        *range(1, 8), 9, 10,
    ]  # fmt: skip
    (answer,) = Document.objects.filter(type="package-receipt")
    said = Answered.read(jws.open_document(answer.document).stated.body)
    assert (said.accepted, said.received) == (False, ()) and said.why == view.said
