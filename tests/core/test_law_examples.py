"""Every type has a worked example, and the law has nothing against it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hueandcry.core.errors import NotPermitted
from hueandcry.core.law import (
    LAW,
    POLICY,
    Barred,
    Draft,
    InForce,
    Offer,
    article_of,
    cited,
    faults,
    judge,
    offer,
    require,
    require_route,
)
from hueandcry.core.law.registry import REGISTRY, in_force
from worked_requests import FOLDER, Example, example

TYPES = list(LAW.types)
PAGE = (FOLDER / "README.md").read_text("utf-8")


def offered(here: Example, *more: InForce) -> Offer:
    """What the registry as shipped, and `more`, offer between the two on that day."""
    countries = (here.sender.party.country, here.receiver.party.country)
    facts = (*in_force(REGISTRY, countries, here.day), *more)
    return offer(LAW, here.type, here.sender.party, here.receiver.party, here.day, facts)


def test_every_type_has_an_example_and_no_file_is_of_none() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == sorted(TYPES)
    assert all(example(type).type == type for type in TYPES)
    assert all(example(type).title == LAW.types[type].title for type in TYPES)


@pytest.mark.parametrize("type", TYPES)
def test_an_example_is_complete_and_lawful_on_its_way_and_basis(type: str) -> None:
    here = example(type)
    urgent = here.given.get("urgency") in ("urgent", "emergency")
    require_route(LAW, type, here.sender.party, here.receiver.party, urgent=urgent)
    assert require(offered(here, *here.needs), here.basis).instrument == here.basis
    assert faults(LAW, type, here.given, here.basis) == ()
    assert judge(Draft(LAW.types[type], here.basis, here.given, here.at)) == ()


@pytest.mark.parametrize("type", [each for each in TYPES if example(each).needs])
def test_an_example_that_needs_what_is_not_in_force_is_refused_as_shipped(type: str) -> None:
    with pytest.raises(NotPermitted) as caught:
        require(offered(example(type)), example(type).basis)
    assert caught.value.code == "basis"


def test_the_examples_go_as_they_are_under_the_hanoi_convention_once_it_is_in_force() -> None:
    served = [type for type in TYPES if type in LAW.instruments["hanoi"].serves]
    assert len(served) > 20
    for here in map(example, served):
        found = judge(Draft(LAW.types[here.type], "hanoi", here.given, here.at))
        assert [each for each in found if isinstance(each, Barred)] == [], here.type
        assert faults(LAW, here.type, here.given, "hanoi") == ()


@pytest.mark.parametrize("type", TYPES)
def test_each_field_of_an_example_says_its_article_and_what_it_is(type: str) -> None:
    here = example(type)
    unread = "(number not checked against the source)"
    assert here.comments == {
        name: f"{cited(LAW, article_of(LAW, type, name, here.basis))}: {LAW.fields[name].what}"
        # Whether its number was checked is one word here; the page on top says what it means.
        .replace(unread, "(unchecked)")
        for name in here.given
    }


def test_files_name_only_requests_that_are_told_in_other_files() -> None:
    told = {str(example(type).request) for type in TYPES}
    named = {
        here.given[name]
        for here in map(example, TYPES)
        for name in ("hold_ref", "linked_ref")
        if name in here.given
    }
    assert named and named <= told


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_nothing_in_an_example_can_be_reached(path: Path) -> None:
    text = path.read_text("utf-8")
    assert all(host.endswith(".example") for host in re.findall(r"@([a-z0-9.-]+)", text))
    assert all(number.startswith("+44 7700 900") for number in re.findall(r"\+[0-9 ]{8,}", text))
    bics = re.findall(r"\b[A-Z]{6}[A-Z0-9]{2}(?=:[0-9]|\))", text)
    assert all(bic.endswith("0") for bic in bics)


def test_the_page_says_on_what_each_file_stands() -> None:
    table = PAGE.split("| basis | files |", 1)[1].split("\n\n", 1)[0]
    rows = [row.split("|") for row in table.splitlines() if row.startswith("| `")]
    said = {row[1].strip(" `"): re.findall(r"`([A-Z_]+)`", row[2]) for row in rows}
    bases = [code for code in LAW.instruments if any(example(t).basis == code for t in TYPES)]
    assert said == {code: [t for t in TYPES if example(t).basis == code] for code in bases}
    refused = {row[1].strip(" `") for row in rows if "refused as shipped" in row[3]}
    assert refused == {example(type).basis for type in TYPES if example(type).needs}
    assert POLICY in bases and "hanoi" not in bases


@pytest.mark.parametrize("type", TYPES)
def test_the_page_walks_through_each_type_as_the_law_has_it(type: str) -> None:
    here, each = example(type), LAW.types[type]
    text = re.split(r"^##+ ", PAGE.split(f"\n### {type}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[
        0
    ]
    assert f"[{type}.toml]({type}.toml): {here.sender.name} to {here.receiver.name}." in text
    rows = dict(re.findall(r"^\| ([a-z ]+) \| (.+) \|$", text, re.MULTILINE))
    command = f'hueandcry request new {type} --to "{here.receiver.name}" --basis {here.basis}'
    assert rows["written by"].startswith(f"`{command} --fields {type}.toml --as ")
    assert ("second factor" in rows["signed by"]) == each.second_factor
    assert ("`send_on_duty`" in rows["signed by"]) == each.one_may_send
    assert _codes(rows["refused by"]) == [
        refusal.code
        for refusal in LAW.refusals(type, here.basis)
        if not refusal.by or refusal.by & here.receiver.party.roles
    ]
    assert ("after consultation" in rows["refused by"]) == each.article_40
    clocks = [clock.code for clock in LAW.clocks(type, here.basis)]
    assert [code for code in _codes(rows["clocks"]) if code != "needed_by"] == clocks
    assert rows["comes back"] == each.output


def _codes(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)
