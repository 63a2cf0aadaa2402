"""Packages of a node: drawn up, signed, built, and accepted by whoever trusts this node."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from django.conf import settings

from evidence_scene import Evidence
from hueandcry.apps.evidence import building, packaging, trusting
from hueandcry.apps.evidence.packaging import PackageView, Wanted
from hueandcry.config.loops import log_signer
from hueandcry.core.policies import Policy
from hueandcry.engine.keys import agefile
from hueandcry.engine.keys.keyring import KeyPurpose
from hueandcry.engine.keys.own import own
from hueandcry.engine.ledger.publisher import publish
from hueandcry.verifier.examining import examine
from hueandcry.verifier.results import Report, Result

pytestmark = pytest.mark.database


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Evidence:
    return Evidence(monkeypatch)


def packed(node: Evidence, *exhibits: object, **more: object) -> PackageView:
    """A package of these that stays here, published."""
    wanted = Wanted([str(each) for each in exhibits], node.fingerprint, "For the file", **more)  # type: ignore[arg-type]
    view = packaging.package(node.police, wanted)
    while publish(settings.DATA, log_signer(), "test"):
        pass
    return view


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
