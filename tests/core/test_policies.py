"""A policy is text that people read; every line that is wrong is named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import packages_made as made
from hueandcry.core.errors import HueError
from hueandcry.core.policies import Policy, PolicyKey, Standing
from hueandcry.core.types import DAY, MINUTE

FINGERPRINT = "ab" * 32
MEMBER = f"member {FINGERPRINT} Royal Police\n"
WITNESSES = "".join(f"witness {each.name} {each.witness.vkey}\n" for each in made.EVERYBODY)


def test_a_policy_is_read_as_it_was_written() -> None:
    failing = made.failing_key(made.THAI, made.START, made.START + DAY)
    stamped = replace(failing, authorities={"cd" * 32: "An authority"}, delay=None)
    for policy in (made.policy(), failing, stamped, Policy()):
        assert Policy.read(policy.text().encode()) == policy


@given(st.text(max_size=60))
def test_a_name_of_any_signs_stays_on_its_line(name: str) -> None:
    held = Policy.read(Policy(members={FINGERPRINT: name}).text().encode("utf-8", "replace"))
    assert list(held.members) == [FINGERPRINT]
    assert held.quorum == "none"


def test_comments_and_blank_lines_are_left_out() -> None:
    assert Policy.read(f"# whom we trust\n\n{MEMBER}".encode()).members == {
        FINGERPRINT: "Royal Police"
    }


def test_what_is_required_is_the_usual_unless_the_policy_says_more() -> None:
    assert Policy.read(b"").required == {1, 2, 3, 4, 5, 6, 7, 9, 10}
    assert Policy.read(f"tsa {FINGERPRINT} A\n".encode()).required == set(range(1, 11))
    assert Policy.read(b"require 4-6, 9\n").required == {4, 5, 6, 9}


@pytest.mark.parametrize(
    ("quorum", "seen", "reached"),
    [
        ("none", [], True),
        ("2", ["thai"], False),
        ("2", ["thai", "thai"], False),
        ("2", ["thai", "stranger"], False),
        ("2", ["thai", "viet"], True),
        ("asia", ["thai", "court"], False),
        ("asia", ["thai", "viet"], True),
        ("all-of-us", ["thai", "viet"], False),
        ("all-of-us", ["thai", "viet", "other"], True),
        ("thai", ["viet"], False),
        ("thai", ["thai"], True),
    ],
)
def test_a_quorum_is_a_number_a_witness_or_a_group(
    quorum: str, seen: list[str], reached: bool
) -> None:
    groups = "group asia all thai viet\ngroup all-of-us 2 asia court other\n"
    text = f"{WITNESSES}{groups}quorum {quorum}\n"
    assert Policy.read(text.encode()).reached(seen) is reached


@pytest.mark.parametrize(
    "line",
    [
        "trust everybody",
        "member abc Name",
        f"member {FINGERPRINT}",
        f"key act {FINGERPRINT} AAAA 2026-01-01T00:00:00.000000Z 2027-01-01T00:00:00.000000Z",
        f"key act {FINGERPRINT} {'A' * 43}= 2026-01-01T00:00:00Z 2027-01-01T00:00:00.000000Z",
        "log thai.example+00000000+AQ==",
        f"log {made.THAI.witness.vkey}",
        f"witness w {made.THAI.log.vkey}",
        "group g all nobody",
        "quorum nobody",
        "quorum 1",
        "tsa abc name",
        "delay -1",
        "delay 1.5",
        "require 11",
        "require 3-1",
        "require",
    ],
)
def test_a_line_that_is_wrong_is_named(line: str) -> None:
    with pytest.raises(HueError, match="Line 2 of the policy"):
        Policy.read(f"{MEMBER}{line}\n".encode())


@pytest.mark.parametrize(
    "text",
    [
        MEMBER * 2,
        WITNESSES + WITNESSES,
        f"{WITNESSES}witness again {made.THAI.witness.vkey}\n",
        "quorum none\nquorum none\n",
        f"{WITNESSES}group thai all viet\n",
        f"{WITNESSES}group g all viet viet\n",
        f"log {made.THAI.log.vkey}\nlog {made.THAI.log.vkey}\n",
    ],
)
def test_nothing_is_said_twice(text: str) -> None:
    with pytest.raises(HueError) as refused:
        Policy.read(text.encode())
    assert refused.value.code == "policy"


def test_a_key_of_a_member_that_is_not_named_is_refused() -> None:
    lines = made.policy().text().splitlines()
    orphan = next(line for line in lines if line.startswith("key act"))
    with pytest.raises(HueError, match="No `member` line"):
        Policy.read(orphan.encode())


@pytest.mark.parametrize(
    ("after", "standing"),
    [
        (-1, Standing.FALLS),
        (0, Standing.STANDS),
        (9, Standing.STANDS),
        (10, Standing.DISPUTED),
        (19, Standing.DISPUTED),
        (20, Standing.FALLS),
        (100, Standing.FALLS),
    ],
)
def test_a_signature_is_worth_what_its_key_was_worth_then(after: int, standing: Standing) -> None:
    start = made.START
    since, until = start + 10 * MINUTE, start + 20 * MINUTE
    key = PolicyKey("act", FINGERPRINT, bytes(32), start, start + DAY, since, until)
    assert key.standing(start + after * MINUTE) is standing
