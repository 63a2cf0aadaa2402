"""The manifest of a carried file: read back as written, anything else refused."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core import jcs
from hueandcry.core.carriage import (
    MAX_ITEM,
    MAX_ITEMS,
    Item,
    Kind,
    Manifest,
    reached,
    read_manifest,
)
from hueandcry.core.errors import Malformed

DIGEST = "ab" * 32
MANIFEST = Manifest(
    "cd" * 16,
    2,
    3,
    "cursor",
    ("shown",),
    (DIGEST,),
    (Item("card-00001", Kind.CARD, 10, DIGEST), Item("envelope-00002", Kind.ENVELOPE, 99, DIGEST)),
)
GOLDEN = (
    (
        '{"count":3,"cursor":"cursor","items":[["card-00001","card",10,"DIGEST"],'
        '["envelope-00002","envelope",99,"DIGEST"]],"number":2,"series":"SERIES","shown":["shown"],'
        '"taken":["DIGEST"]}'
    )
    .replace("DIGEST", DIGEST)
    .replace("SERIES", "cd" * 16)
)


def test_a_manifest_has_one_form_for_ever() -> None:
    assert jcs.canonical(MANIFEST.body()).decode() == GOLDEN
    assert read_manifest(json.loads(GOLDEN)) == MANIFEST


def bent(**changed: Any) -> dict[str, Any]:
    value = {**json.loads(GOLDEN), **changed}
    return {name: each for name, each in value.items() if each is not ...}


def items(*changed: Any) -> dict[str, Any]:
    good = ["card-00001", "card", 10, DIGEST]
    return bent(items=[[*good[:n], value, *good[n + 1 :]] for n, value in enumerate(changed)])


@pytest.mark.parametrize(
    "body",
    [
        {},
        bent(more=1),
        bent(series=...),
        bent(series="x"),
        bent(number=0),
        bent(number=4),
        bent(number=True),
        bent(count="3"),
        bent(count=10**6),
        bent(cursor=None),
        bent(shown="x"),
        bent(shown=[1]),
        bent(taken=["x"]),
        bent(items=[]),
        bent(items=["x"]),
        bent(items=[["a", "card", 1]]),
        items("../etc/passwd"),
        items("card-1"),
        items("card-00001", "else"),
        items("card-00001", "card", 0),
        items("card-00001", "card", MAX_ITEM + 1),
        items("card-00001", "card", True),
        items("card-00001", "card", 10, "AB" * 32),
        bent(items=[["card-00001", "card", 1, DIGEST]] * 2),
        bent(items=[[f"card-{n:05}", "card", 1, DIGEST] for n in range(MAX_ITEMS + 1)]),
    ],
)
def test_a_bent_manifest_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as caught:
        read_manifest(body)
    assert caught.value.code == "carriage"


def test_a_place_is_reached_up_to_the_first_file_that_is_missing() -> None:
    for files in permutations([(1, "a"), (2, "b"), (3, "c")]):
        assert reached(files) == "c"
    assert reached([(3, "c"), (1, "a")]) == "a"
    assert reached([(2, "b"), (3, "c")]) is None
    assert reached([]) is None


@given(st.sets(st.integers(1, 12)))
def test_no_place_is_reached_beyond_a_gap(numbers: set[int]) -> None:
    whole = next(n for n in range(13) if n + 1 not in numbers)
    found = reached([(n, str(n)) for n in numbers])
    assert found == (str(whole) if whole else None)
