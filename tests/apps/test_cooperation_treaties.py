"""The treaty registry of a node: files of its lawyers on top of what is shipped."""

from __future__ import annotations

import pytest

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.models import TreatyFile
from hueandcry.core.errors import Conflict, Malformed, NotPermitted
from hueandcry.core.law.registry import REGISTRY
from hueandcry.engine.ledger.models import Entry
from hueandcry.engine.store.work import unit_of_work
from other_member import OtherMember
from requests_scene import Requests, refused

pytestmark = pytest.mark.database

FILE = """
instrument = "budapest"
state = "made up for this test"
source = "made up for this test"
checked = 2026-09-01

[[row]]
party = "TH"
in_force_from = 2026-01-01
source = "made up for this test"
read = true
checked = 2026-09-01

[[row]]
party = "VN"
in_force_from = 2026-02-01
source = "made up for this test"
read = true
checked = 2026-09-01
"""


def test_a_treaty_is_a_basis_once_the_registry_has_it_for_both(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = Requests(monkeypatch, OtherMember("hanoi", roles=("ca",)), ("ca",))

    def told(text: str, who: str = "lek", name: str = "budapest.toml") -> None:
        with unit_of_work():
            cooperation.import_treaties(node.desk[who], name, text.encode(), node.now)

    wrong = refused(NotPermitted, "basis", node.drafted, "MLA_STORED", "budapest")
    assert "not in force" in wrong.why
    refused(NotPermitted, "role", told, FILE, "som")
    theirs = node.view(node.asked("MLA_STORED", "budapest"))
    assert any("not in force" in each for each in theirs.doubts)
    told(FILE.replace("read = true", "read = false"))
    doubts = node.view(theirs.listed.id).doubts
    assert sum("nobody read this" in each for each in doubts) == 2
    told(FILE)
    view = node.view(node.drafted("MLA_STORED", "budapest"))
    assert (view.basis["articles"][0], view.basis["on"]) == ("31", "2026-09-21")
    assert not any("not in force" in each for each in view.doubts)

    told(FILE.replace("2026-02-01", "2026-10-01"))  # the file of that name is corrected
    refused(NotPermitted, "basis", node.drafted, "MLA_STORED", "budapest")
    before = TreatyFile.objects.count(), Entry.objects.count()
    for kind, text, name in (
        (Malformed, FILE.replace("read", "red"), "budapest.toml"),
        (Malformed, FILE, "x" * 101),
        (Conflict, FILE, "another.toml"),  # two rows of one day
    ):
        with pytest.raises(kind):
            told(text, name=name)
    assert (TreatyFile.objects.count(), Entry.objects.count()) == before == (3, before[1])
    assert cooperation.treaties() != REGISTRY
