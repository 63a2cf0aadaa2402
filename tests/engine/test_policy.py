"""Settings: typed, versioned, logged, with an undo."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.errors import Malformed, NotFound
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.policy import face as policy
from hueandcry.engine.policy.face import Setting, Value
from hueandcry.engine.store.work import unit_of_work

NUMBER = policy.declare(Setting("test.number", int, 5, "a number of this test", low=1, high=9))
LIST = policy.declare(Setting("test.list", tuple, ("a", "b"), "a list of this test"))
NOW = 1_800_000_000_000_000


def changed(name: str, text: str) -> int:
    with unit_of_work():
        return policy.change(name, text, 7, NOW)


@pytest.mark.database
def test_a_setting_has_its_default_until_it_is_changed_and_after_it_is_cleared(
    database: None,
) -> None:
    assert policy.value("test.number") == 5
    before = ledger.head()
    assert changed("test.number", " 7 ") == 1
    assert policy.value("test.number") == 7
    assert changed("test.list", "x, y\nz") == 1
    assert policy.value("test.list") == ("x", "y", "z")
    with unit_of_work():
        assert policy.clear("test.number", None, NOW) == 2
    assert policy.value("test.number") == 5
    assert [(v.version, v.text, v.person) for v in policy.history("test.number")] == [
        (2, None, None),
        (1, "7", 7),
    ]
    assert ledger.head() == before + 3


@pytest.mark.database
@pytest.mark.parametrize("text", ["0", "10", "many", "", "5.5"])
def test_a_value_of_another_type_or_out_of_bounds_changes_nothing(
    database: None, text: str
) -> None:
    with unit_of_work(), pytest.raises(Malformed, match=r"test\.number takes a (whole )?number"):
        policy.change("test.number", text, None, NOW)
    assert policy.history("test.number") == []


@pytest.mark.database
def test_a_setting_that_nobody_reads_cannot_be_made(database: None) -> None:
    with unit_of_work(), pytest.raises(NotFound):
        policy.change("no.such", "1", None, NOW)
    with pytest.raises(ValueError, match="twice"):
        policy.declare(Setting("test.number", int, 6, "another"))
    with pytest.raises(Malformed):
        policy.declare(Setting("test.wrong", int, 0, "its default is out of bounds", low=1))


WORD = st.text("abcdefgh.-:/", min_size=1, max_size=12)


@given(st.lists(WORD).map(tuple))
def test_a_list_reads_back_as_it_was_written(items: Value) -> None:
    assert policy.read(LIST, policy.text_of(items)) == items
