"""The taxonomy: codes that are codes, on two axes that do not mix."""

from __future__ import annotations

import pytest

from hueandcry.core.taxonomy import LURES, METHODS, is_code


def test_every_code_is_well_formed_named_and_explained() -> None:
    for axis in (LURES, METHODS):
        for code, term in axis.items():
            assert code == term.code
            assert is_code(code)
            assert term.name
            assert term.meaning.endswith(".")


def test_no_code_stands_on_both_axes() -> None:
    assert not LURES.keys() & METHODS.keys()


@pytest.mark.parametrize("text", ["", "Job", "job task", "-job", "job-", "a--b", "x" * 65, "งาน"])
def test_what_is_not_a_code_is_not_taken_for_one(text: str) -> None:
    assert not is_code(text)
