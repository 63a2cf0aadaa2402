"""docs/cooperation/types.md says what the data files say."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from hueandcry.core.law import LAW, POLICY, with_instruments
from hueandcry.core.law.registry import REGISTRY, in_force
from hueandcry.core.law.tables import BY_REGISTRY
from hueandcry.core.machine import MACHINES

PAGE = (Path(__file__).resolve().parents[2] / "docs/cooperation/types.md").read_text("utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the tables under a heading, without their heads."""
    text = re.split(r"^##+ ", PAGE.split(f" {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line for line in text.splitlines() if re.match(r"\| \[?`", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_type_is_on_the_page_with_what_it_asks_and_no_other() -> None:
    assert rows("The types") == [
        [f"[`{code}`](examples/{code}.toml)", each.group, each.asks]
        for code, each in LAW.types.items()
    ]


def test_every_instrument_is_on_the_page_with_its_kind_and_how_much_was_read() -> None:
    found = [(row[0], row[1], row[3]) for row in rows("What is in force, and what is not")]
    assert found == [
        (
            f"`{each.code}`: {each.title}",
            each.kind,
            f"{sum(a.read for a in each.articles.values())} of {len(each.articles)}",
        )
        for each in LAW.instruments.values()
    ]


def test_the_page_says_for_how_many_states_each_instrument_is_in_force_as_shipped() -> None:
    today = date(2026, 11, 29)
    parties = {row.party for row in REGISTRY.standings}
    held = [fact.instrument for each in parties for fact in in_force(REGISTRY, [each], today)]
    said = {row[0].split("`")[1]: row[2] for row in rows("What is in force, and what is not")}
    for code, each in LAW.instruments.items():
        count = held.count(code)
        shipped = f"as shipped, for {count} States" if count else "as shipped, for no State"
        assert said[code].endswith(shipped) == (each.kind in BY_REGISTRY), code


def test_what_is_law_and_what_is_policy_are_told_apart() -> None:
    assert rows("What is law") == [
        [f"`{clock.code}`", f"{each.short} {clock.article.number}", clock.says]
        for each in LAW.instruments.values()
        if each.code != POLICY
        for clock in each.clocks
    ]
    policy = LAW.instruments[POLICY]
    assert rows("What is the members' own policy") == [
        *([f"`{c.code}`", ", ".join(sorted(c.types)), c.says] for c in policy.clocks),
        *([f"`{refusal.code}`", refusal.says] for refusal in policy.refusals),
    ]


def test_every_state_is_on_the_page_with_its_meaning() -> None:
    heads = {"request": "Every request", "hold": "A hold on data", "money": "Traced money"}
    for name, machine in MACHINES.items():
        said = {row[0].strip("`"): row[1] for row in rows(heads[name])}
        assert said == dict(machine.states)


def test_the_worked_treaty_can_be_used_as_it_stands() -> None:
    block = PAGE.split("<!-- worked treaty -->\n```toml\n", 1)[1].split("\n```", 1)[0]
    law = with_instruments(LAW, {"somewhere": block.encode()})
    assert "SW-45d" in {clock.code for clock in law.clocks("MLA_STORED", "somewhere")}
    assert "SW-political" in {each.code for each in law.refusals("MLA_STORED", "somewhere")}
