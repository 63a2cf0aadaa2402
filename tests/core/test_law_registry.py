"""The treaty registry: what makes a basis, what does not yet, and what is refused with a reason."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.clocks import Place as Calendar
from hueandcry.core.errors import Conflict, HueError, Malformed
from hueandcry.core.law import LAW, Party, offer, span_of
from hueandcry.core.law.registry import (
    FACTS,
    REGISTRY,
    Registry,
    in_force,
    read_places,
    read_registry,
    read_treaty,
    standing,
    unread,
    with_file,
    with_places,
    with_treaty,
)
from hueandcry.core.law.tables import BY_REGISTRY

PAGE = Path(__file__).resolve().parents[2] / "docs/cooperation/treaties.md"
TODAY = date(2026, 11, 29)
TREATY = """
instrument = "budapest"
state = "in force"
source = "made up for this test"
checked = 2026-11-29

[[row]]
party = "TH"
signed = 2025-01-01
ratified = 2025-06-01
in_force_from = 2025-10-01
valid_to = 2027-12-31
excluded = ["29"]
reservations = ["preservation needs dual criminality"]
languages = ["en", "th"]
central_authority = "Attorney General"
point_24_7 = "desk of tests"
source = "chart of signatures, read on that day"
read = true
checked = 2026-11-29

[[row]]
party = "VN"
in_force_from = 2025-10-01
source = "hearsay"
checked = 2026-11-29
"""
PLACES = """
[group.test]
title = "States of this test"
members = ["TH", "VN"]
source = "made up"
checked = 2026-11-29

[place.TH.channel]
value = "central-authority"
source = "made up"
checked = 2026-11-29
checked_by = "legal desk"

[place.TH.hold_length]
value = "72 hours"
source = "made up"
"""
EMPTY = Registry()


def read(text: str) -> Registry:
    return with_file(EMPTY, "test.toml", text.encode(), LAW)


# --- what is shipped -----------------------------------------------------------------------------


def test_every_row_that_is_shipped_names_its_source_and_day_and_fits_the_law() -> None:
    assert set(REGISTRY.treaties) <= {
        code for code, each in LAW.instruments.items() if each.kind in BY_REGISTRY
    }
    for row in REGISTRY.standings:
        assert row.source and row.checked <= TODAY
    assert len(REGISTRY.standings) > 20


def test_what_is_from_memory_or_hearsay_is_never_shipped_as_read() -> None:
    told = [row for row in REGISTRY.standings if re.search("memory|press|said", row.source)]
    assert told and not any(row.read for row in told)


def test_the_hanoi_convention_is_in_force_for_nobody() -> None:
    rows = REGISTRY.treaties["hanoi"].standings
    assert rows and all(row.in_force_from is None for row in rows)
    parties = {row.party for row in rows}
    facts = in_force(REGISTRY, parties, TODAY)
    assert "hanoi" not in {fact.instrument for fact in facts}


def test_no_place_is_shipped_with_a_fact_that_nobody_ticked() -> None:
    assert all(
        fact.checked_by for place in REGISTRY.places.values() for fact in place.facts.values()
    )
    assert {"asean", "bangkok"} <= set(REGISTRY.groups)


def test_between_two_states_of_asean_their_treaty_is_the_basis_and_hanoi_is_not() -> None:
    facts = in_force(REGISTRY, ("TH", "VN"), TODAY)
    sides = (Party("TH", frozenset({"ca"})), Party("VN", frozenset({"ca"})))
    found = offer(LAW, "MLA_STORED", *sides, TODAY, facts)
    assert [basis.instrument for basis in found.bases] == ["asean-mlat", "reciprocity"]
    assert "hanoi" in {none.instrument for none in found.without}


def test_rows_that_nobody_read_are_no_basis_and_are_told() -> None:
    assert not any(f.instrument == "budapest" for f in in_force(REGISTRY, ("PH", "JP"), TODAY))
    assert {row.party for row in unread(REGISTRY, ("PH", "JP"), TODAY)} == {"PH", "JP"}


# --- what a row says -----------------------------------------------------------------------------


def test_a_row_is_in_force_from_its_day_to_its_last_without_what_a_reservation_excludes() -> None:
    registry = read(TREATY)
    (fact,) = in_force(registry, ("TH", "VN"), TODAY)
    assert (fact.since, fact.until) == (date(2025, 10, 1), date(2027, 12, 31))
    assert fact.excluded == {"29"}
    for day, count in ((date(2025, 9, 30), 0), (date(2025, 10, 1), 1), (date(2028, 1, 1), 0)):
        assert len(in_force(registry, ("TH",), day)) == count
    assert in_force(registry, ("VN",), TODAY) == ()


def test_whom_to_write_to_is_told_by_the_row_of_that_day() -> None:
    registry = read(TREATY)
    row = standing(registry, "budapest", "TH", TODAY)
    assert row is not None
    assert (row.central_authority, row.languages) == ("Attorney General", ("en", "th"))
    assert row.point_24_7 == "desk of tests"
    assert standing(registry, "budapest", "TH", date(2028, 1, 1)) is None
    assert standing(registry, "hanoi", "TH", TODAY) is None
    unread_row = standing(registry, "budapest", "VN", TODAY)
    assert unread_row is not None and not unread_row.read


def test_a_treaty_between_two_is_for_these_two() -> None:
    text = """
    instrument = "bilateral-mlat"
    state = "in force"
    source = "made up"
    checked = 2026-11-29
    [[row]]
    party = "TH"
    with_party = "US"
    in_force_from = 1993-06-10
    source = "made up"
    read = true
    checked = 2026-11-29
    """
    registry = read(text)
    assert len(in_force(registry, ("US", "TH"), TODAY)) == 1
    assert in_force(registry, ("TH", "VN"), TODAY) == ()
    with pytest.raises(Malformed, match="with_party"):
        read(text.replace('with_party = "US"', ""))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('instrument = "budapest"', 'instrument = "budapst"', "'budapst', which no registry"),
        ('instrument = "budapest"', 'instrument = "house"', "which no registry puts in force"),
        ("checked = 2026-11-29\n\n[[row]]", "\n[[row]]", "on which day somebody looked"),
        ('party = "TH"', 'party = "Thailand"', "ISO 3166"),
        ('party = "TH"', 'party = "TH"\nwith_party = "VN"', "belongs to a bilateral treaty"),
        ("signed = 2025-01-01", 'signed = "2025-01-01"', "'signed' must be a day"),
        ("signed = 2025-01-01", "signed = 2025-01-01T00:00:00Z", "'signed' must be a day"),
        ("signed = 2025-01-01", "singed = 2025-01-01", "'singed' is not known here"),
        ("ratified = 2025-06-01", "ratified = 2024-06-01", "'ratified' lies before signed"),
        ("in_force_from = 2025-10-01", "in_force_from = 2025-02-01", "lies before ratified"),
        ("valid_to = 2027-12-31", "valid_to = 2025-09-30", "lies before the row begins"),
        ('excluded = ["29"]', 'excluded = ["299"]', "no article of Budapest"),
        ('languages = ["en", "th"]', 'languages = ["English"]', "write a code such as en"),
        ('source = "chart of signatures, read on that day"', "", "'source' must be a text"),
        ("read = true", 'read = "yes"', "must be true or false"),
        ('party = "VN"\nin_force_from = 2025-10-01', 'party = "VN"', "where no other day is"),
        ("[[row]]", "[[row", "not TOML"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_its_place(old: str, new: str, says: str) -> None:
    assert old in TREATY
    with pytest.raises(Malformed, match=re.escape(says)) as refused:
        read(TREATY.replace(old, new, 1))
    assert "test.toml" in refused.value.what


def test_two_rows_of_one_day_are_refused_and_following_ones_are_not() -> None:
    second = """
[[row]]
party = "TH"
valid_from = {}
in_force_from = 2025-10-01
source = "the reservation was withdrawn"
read = true
checked = 2026-11-29
"""
    with pytest.raises(Conflict, match="is in the registry for TH") as refused:
        read(TREATY + second.format("2027-12-31"))
    assert refused.value.code == "overlap"
    registry = read(TREATY + second.format("2028-01-01"))
    (fact,) = in_force(registry, ("TH",), date(2028, 1, 1))
    assert (fact.since, fact.excluded) == (date(2028, 1, 1), frozenset())


spans = st.tuples(st.integers(0, 900), st.integers(0, 300), st.booleans())


@given(st.lists(spans, max_size=5))
def test_of_any_rows_that_are_taken_no_two_speak_of_one_day(
    given: list[tuple[int, int, bool]],
) -> None:
    start = date(2024, 1, 1)
    rows = "".join(
        f"""
[[row]]
party = "TH"
in_force_from = {start + timedelta(begin)}
{"" if open_ended else f"valid_to = {start + timedelta(begin + length)}"}
source = "made up"
read = true
checked = 2026-11-29
"""
        for begin, length, open_ended in given
    )
    head = TREATY.split("[[row]]", maxsplit=1)[0]
    days = [start + timedelta(n) for n in range(0, 1_300, 50)]
    days += [start + timedelta(begin) for begin, _, _ in given]
    try:
        registry = read(head + rows)
    except Conflict:
        ends = [begin + length if not ended else 10_000 for begin, length, ended in given]
        held = [(row[0], end) for row, end in zip(given, ends, strict=True)]
        assert any(a <= d and c <= b for (a, b), (c, d) in combinations(held, 2))
    else:
        assert all(len(in_force(registry, ("TH",), day)) <= 1 for day in days)


# --- a member's own ------------------------------------------------------------------------------


def test_a_row_that_was_read_takes_the_place_of_one_that_was_not() -> None:
    registry = with_treaty(REGISTRY, read_treaty("mine.toml", TREATY.encode(), LAW))
    assert len(in_force(registry, ("TH",), TODAY)) == 2
    read_here = TREATY.replace('party = "TH"', 'party = "PH"').replace(
        "signed = 2025-01-01\nratified = 2025-06-01\n", ""
    )
    found = with_file(REGISTRY, "mine.toml", read_here.encode(), LAW)
    rows = [row for row in found.treaties["budapest"].standings if row.party == "PH"]
    assert {row.read for row in rows} == {True}
    with pytest.raises(Conflict, match="budapest is in the registry for PH"):
        with_file(found, "again.toml", read_here.encode(), LAW)
    hearsay = read_here.replace("read = true", "read = false")
    with pytest.raises(Conflict, match="budapest is in the registry for PH"):
        with_file(REGISTRY, "hearsay.toml", hearsay.encode(), LAW)


def test_a_fact_about_a_place_counts_once_a_lawyer_ticked_it() -> None:
    registry = read(PLACES)
    place = registry.place("TH")
    assert place.checked("channel") == "central-authority"
    assert place.facts["hold_length"].value == "72 hours" and place.checked("hold_length") == ""
    assert registry.place("ZZ").checked("channel") == ""
    ticked = PLACES.replace("[group.test]", "[group.other]") + (
        'checked = 2026-11-29\nchecked_by = "legal desk"\n'
    )
    found = with_file(registry, "ticked.toml", ticked.encode(), LAW)
    length = found.place("TH").checked("hold_length")
    clock = next(c for c in LAW.clocks("STOP_PAYMENT") if c.code == "provisional-hold")
    assert str(span_of(clock, length)) == "72 hours"


def test_working_days_are_those_of_the_place_once_a_lawyer_ticked_them() -> None:
    ticked = 'source = "made up"\nchecked = 2026-11-29\nchecked_by = "legal desk"\n'
    zone = ZoneInfo("Asia/Kuala_Lumpur")
    text = (
        f'[place.MY.weekend]\nvalue = "friday, saturday"\n{ticked}'
        f'[place.MY.holidays]\nvalue = "2026-08-31, 2026-09-16"\n{ticked}'
    )
    place = read(text).place("MY").calendar(zone)
    assert (set(place.weekend), place.zone) == ({4, 5}, zone)
    off = [day for day in range(28, 32) if not place.works(date(2026, 8, day))]
    assert off == [28, 29, 31]
    unticked = read(text.replace('checked = 2026-11-29\nchecked_by = "legal desk"\n', ""))
    assert unticked.place("MY").calendar(zone) == Calendar(zone)


def test_what_was_ticked_does_not_yield_to_what_was_not() -> None:
    registry = read(PLACES)
    again = read_places(PLACES.replace("group.test", "group.other").encode())
    plain = re.sub(r"checked = 2026-11-29\nchecked_by.*\n", "", PLACES).split("[place", 1)[1]
    unticked = read_places(f"[place{plain}".encode())
    assert with_places(registry, again).place("TH") == registry.place("TH")
    with pytest.raises(Conflict, match="channel of TH, ticked, is in the registry already"):
        with_places(registry, unticked)
    with pytest.raises(Conflict, match="group test is in the registry already"):
        with_places(registry, read_places(PLACES.encode()))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("place.TH.channel", "place.TH.chanel", "'chanel' is not known here; what is kept is"),
        ("place.TH.channel", "place.Siam.channel", "ISO 3166"),
        ('"central-authority"', '"post"', "must be one of central-authority, diplomatic, police"),
        ('"72 hours"', '"three days"', "no span"),
        (
            'hold_length]\nvalue = "72 hours"',
            'weekend]\nvalue = "friday, caturday"',
            "name weekdays",
        ),
        ('hold_length]\nvalue = "72 hours"', 'holidays]\nvalue = "31 August"', "must name days"),
        ('checked_by = "legal desk"', "", "and checked_by belong together"),
        ('"72 hours"\nsource = "made up"', '"72 hours"', "'source' must be a text"),
        ('["TH", "VN"]', "[]", "must not be empty"),
        ('["TH", "VN"]', '["TH", "Vietnam"]', "ISO 3166"),
    ],
)
def test_a_place_that_does_not_fit_is_refused_with_its_place(old: str, new: str, says: str) -> None:
    assert old in PLACES
    with pytest.raises(HueError, match=re.escape(says)):
        read(PLACES.replace(old, new, 1))


def test_every_fact_of_a_place_has_a_form_and_words() -> None:
    assert all(form and says for form, says in FACTS.values())
    assert read_registry({}, b"", LAW) == EMPTY


def test_the_page_tells_of_every_fact_and_every_instrument() -> None:
    cells = [row.split("|") for row in PAGE.read_text("utf-8").splitlines() if row[:3] == "| `"]
    told = {row[1].strip(" `"): row[2].strip() for row in cells}
    assert {name: told[name] for name in FACTS} == {name: says for name, (_, says) in FACTS.items()}
    named = {code for row in cells for code in re.findall("`([^`]+)`", row[1])}
    assert named - set(FACTS) == set(REGISTRY.treaties)


def test_the_worked_files_can_be_used_as_they_stand() -> None:
    text = PAGE.read_text("utf-8")
    rows, places = (
        text.split(f"<!-- worked {name} -->\n```toml\n", 1)[1].split("\n```", 1)[0]
        for name in ("rows", "places")
    )
    registry = with_file(REGISTRY, "rows.toml", rows.encode(), LAW)
    assert [fact.instrument for fact in in_force(registry, ("PH",), TODAY)].count("budapest") == 1
    place = with_file(registry, "places.toml", places.encode(), LAW).place("TH")
    assert (place.checked("channel"), place.checked("hold_length")) == ("central-authority", "")
