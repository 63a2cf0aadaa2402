"""A turn over rows that wait: each a transaction of its own, none kept waiting by another."""

from __future__ import annotations

import pytest

from hueandcry.core.errors import Broken, Conflict
from hueandcry.engine.jobs.models import Lease
from hueandcry.engine.jobs.rows import each_alone

pytestmark = pytest.mark.database


def turn(name: str) -> None:
    """Writes a row, and then fails as its name says."""
    Lease.objects.create(name=name, holder="x", until=1)
    if name.startswith("quicker"):
        raise Conflict("moved_on", "Somebody else was quicker")
    if name.startswith("broken"):
        raise Broken("disk", name)


def names() -> set[str]:
    return set(Lease.objects.values_list("name", flat=True))


def test_what_is_wrong_with_one_keeps_no_other_waiting_and_is_told_at_the_end(
    database: None,
) -> None:
    with pytest.raises(Broken) as first:
        each_alone(["a", "broken-1", "b", "quicker", "broken-2", "c"], turn)
    assert first.value.what == "broken-1"
    assert names() == {"a", "b", "c"}, "what failed left nothing"


def test_who_was_not_quick_enough_is_no_fault(database: None) -> None:
    each_alone(["quicker", "a"], turn)
    each_alone([], turn)
    assert names() == {"a"}
