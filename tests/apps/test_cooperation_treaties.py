"""The treaty registry: read strictly, taken in as a whole, and the only ground for a treaty."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.models import Treaty, TreatyList
from hueandcry.apps.cooperation.treaty_file import read
from hueandcry.core.errors import Conflict, Malformed, NotPermitted
from hueandcry.engine.store.work import unit_of_work
from other_member import OtherMember
from requests_scene import Requests, refused

PAGE = Path(__file__).parents[2] / "docs" / "cooperation" / "requests.md"
GOOD = """
checked = 2026-09-01

[[treaty]]
instrument = "hanoi"
party = "TH"
since = 2026-01-01
source = "made up for this test"

[[treaty]]
instrument = "hanoi"
party = "VN"
signed = 2025-10-25
since = 2026-02-01
excluded = ["46"]
source = "made up for this test"
"""


def test_what_the_page_shows_is_read() -> None:
    block = PAGE.read_text("utf-8").split("```toml\n")[1].split("```")[0]
    checked, (row,) = read("page.toml", block.encode())
    assert (checked, row.instrument, row.party) == (date(2031, 3, 1), "budapest", "PH")
    assert row.since == date(2018, 7, 1) and row.until is None


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("checked = 2026-09-01", "", "checked"),
        ("checked = 2026-09-01", "checked = 2026-09-01T00:00:00Z", "checked"),
        ('instrument = "hanoi"', 'instrument = "house"', "treaty 1"),
        ('instrument = "hanoi"', 'instrument = "hanoy"', "treaty 1"),
        ('party = "TH"', 'party = "Thailand"', "party"),
        ('party = "TH"', 'party = "TH"\nwith = "VN"', "with"),
        ("since = 2026-01-01", "until = 2026-01-01", "until"),
        ("since = 2026-01-01", "since = 2026-01-01\nuntil = 2025-01-01", "treaty 1"),
        ('["46"]', '["460"]', "excluded"),
        ('source = "made up for this test"', "", "source"),
        ("signed", "singed", "singed"),
        ("[[treaty]]", "[[treaties]]", "treat"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(old: str, new: str, named: str) -> None:
    with pytest.raises(Malformed) as caught:
        read("file.toml", GOOD.replace(old, new).encode())
    assert named in str(caught.value)


def test_two_rows_of_one_day_are_refused() -> None:
    twice = GOOD.replace('party = "VN"', 'party = "TH"')
    with pytest.raises(Conflict) as caught:
        read("file.toml", twice.encode())
    assert "treaty 2" in str(caught.value)
    apart = twice.replace("since = 2026-01-01", "since = 2026-01-01\nuntil = 2026-01-31")
    assert len(read("file.toml", apart.encode())[1]) == 2


@pytest.mark.database
def test_a_treaty_is_a_basis_once_the_registry_has_it_for_both(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = Requests(monkeypatch, OtherMember("hanoi", roles=("ca",)), ("ca",))

    def told(text: str, who: str = "lek") -> cooperation.Imported:
        with unit_of_work():
            return cooperation.import_treaties(node.desk[who], "file.toml", text.encode(), node.now)

    refused(NotPermitted, "basis", node.drafted, "MLA_STORED", "hanoi")
    refused(NotPermitted, "role", told, GOOD, "som")
    assert (told(GOOD).rows, told(GOOD).replaced) == (2, 2)
    assert [each.row.party for each in cooperation.treaties("hanoi")] == ["TH", "VN"]
    view = node.view(node.drafted("MLA_STORED", "hanoi"))
    assert view.basis["articles"][0] == "44" and view.basis["on"] == "2026-09-21"
    assert not any("not in force" in each for each in view.doubts)
    ended = GOOD.replace("since = 2026-02-01", "since = 2026-02-01\nuntil = 2026-03-01")
    assert told(ended).replaced == 2
    refused(NotPermitted, "basis", node.drafted, "MLA_STORED", "hanoi")
    before = Treaty.objects.count()
    with pytest.raises(Conflict):
        told(GOOD.replace('party = "VN"', 'party = "TH"'))
    assert (Treaty.objects.count(), TreatyList.objects.count()) == (before, 3)
