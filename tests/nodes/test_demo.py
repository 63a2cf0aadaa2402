"""`hueandcry demo`, to its end: what it shows has happened, by the nodes' own answers."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from hueandcry.doors.cli.processes import PROGRAM, bare_environment

Steps = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def shown() -> Steps:
    """Step → what its line of JSON says."""
    done = subprocess.run(
        [*PROGRAM, "demo", "--once", "--json"],
        env=bare_environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {line["step"]: line for line in map(json.loads, done.stdout.splitlines())}


def test_every_step_of_the_demonstration_goes_well(shown: Steps) -> None:
    assert {line["outcome"] for line in shown.values()} == {"ok"}
    assert len(shown) > 15


def test_the_traced_amount_is_held_within_the_hour(shown: Steps) -> None:
    told = shown["stop a payment, from Bangkok to a bank in Hanoi"]["detail"]
    assert told.startswith("34200000 VND, what was traced and no more, held at the bank 0")
    assert "(limit 60 min)" in told and "the limit of the place" in told


def test_what_was_preserved_is_asked_for_under_a_treaty_and_its_digest_accepted(
    shown: Steps,
) -> None:
    told = shown["have data preserved, ask for them, take them in"]["detail"]
    assert "MLA_PENDING" in told and "asean-mlat" in told and "request CLOSED" in told
    assert "9 of 10 checks passed" in told  # nobody stamps time here


def test_a_refusal_of_assistance_comes_only_after_consultation(shown: Steps) -> None:
    told = shown["be refused, but not unheard"]["detail"]
    assert "not possible: refuse needs that the requester is consulted first" in told
    assert "ASEAN-mandatory-dual-criminality" in told


def test_one_item_is_on_both_lists_and_nothing_else_is_told(shown: Steps) -> None:
    told = shown["find out whether both work on the same account"]["detail"]
    assert "1 hit" in told and "bank-account:MKNGVNV0:0000778899" in told
    assert "3305" in told and "0000991122" not in told
