"""What moves without anybody: reports decided with their like, questions that nobody answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from hueandcry.apps.members import face as members
from hueandcry.apps.reports import acting, grouping, queries, rules
from hueandcry.apps.reports.acting import Change
from hueandcry.apps.reports.models import Report
from hueandcry.apps.reports.rules import Doing, State
from hueandcry.apps.reports.settings import ANSWER_DAYS
from hueandcry.core.types import DAY, Actor, Micros
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work

STEP: Final = 200


def settle_some(at: Micros) -> int:
    """Merges reports into the decided one that they follow, at most STEP; how many."""
    rows = Report.objects.filter(
        state=State.WAITING, follows__state__in=rules.DECIDED, purged_at=None
    )
    found = rows.select_related("follows").order_by("pk")[:STEP]
    return _move(list(found), _merged_alike, at)


def _merged_alike(row: Report) -> Change:
    """Into the one that it follows, or into what that one was merged into."""
    assert row.follows is not None
    into = row.follows.into_id if row.follows.state == State.MERGED else row.follows_id
    return Change(Doing.MERGE, fields={"into_id": into}, rule=rules.FOLLOWED)


def return_some(at: Micros) -> int:
    """Puts reports back that were merged into one which was then withdrawn or purged; how many."""
    fields = {"into_id": None, "follows_id": None}
    change = Change(Doing.REOPEN, fields=fields, rule=rules.LEFT_ALONE)
    return _move(list(queries.merged_into_nothing()[:STEP]), lambda row: change, at)


def succeed_one() -> bool:
    """Lets the next of its like stand for those whose own one was withdrawn or purged; if any.

    Otherwise whoever reports first could take everybody else's report out of the queue.
    """
    row = queries.left_alone().first()
    if row is None:
        return False
    with unit_of_work():
        grouping.succeed(row)
    return True


def remind_some(at: Micros) -> int:
    """Puts reports back into the queue whose question nobody answered in time; how many."""
    late = at - policy.number(ANSWER_DAYS.name) * DAY
    rows = Report.objects.filter(state=State.ASKED, changed_at__lte=late, purged_at=None)
    return _move(list(rows.order_by("pk")[:STEP]), lambda row: Change(Doing.REMIND), at)


def _move(found: Sequence[Report], change_of: Callable[[Report], Change], at: Micros) -> int:
    if not found:
        return 0
    actor = Actor(members.us().fingerprint)
    with unit_of_work():
        acts = []
        for row in found:
            change, before = change_of(row), row.state
            acting.move(row, change, at)
            acts.append((acting.act_row(row, change, before, actor, at), row))
        acting.log_many(Doing(acts[0][0].kind), acts, at)
    return len(found)
