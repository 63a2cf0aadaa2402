"""Reports that one of their like stands for: decided with it, in short steps, by a loop."""

from __future__ import annotations

from typing import Final

from hueandcry.apps.members import face as members
from hueandcry.apps.reports import acting, rules
from hueandcry.apps.reports.models import Report
from hueandcry.apps.reports.rules import Doing, State
from hueandcry.core.types import Actor, Micros
from hueandcry.engine.store.work import unit_of_work

STEP: Final = 200


def settle_some(at: Micros) -> int:
    """Merges reports into the decided one that they follow, at most STEP; how many."""
    decided = (State.CONFIRMED, State.REJECTED)
    rows = Report.objects.filter(state=State.WAITING, follows__state__in=decided).order_by("pk")
    found = list(rows[:STEP])
    if not found:
        return 0
    actor = Actor(members.us().fingerprint)
    with unit_of_work():
        acts = []
        for row in found:
            change = acting.Change(
                Doing.MERGE, fields={"into_id": row.follows_id}, rule=rules.FOLLOWED
            )
            before = row.state
            acting.move(row, change, at)
            acts.append((acting.act_row(row, change, before, actor, at), row))
        acting.log_many(Doing.MERGE, acts, at)
    return len(found)
