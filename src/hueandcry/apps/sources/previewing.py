"""What a run would change: the source is fetched, and nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from hueandcry.apps.signals import face as signals
from hueandcry.apps.sources import rules, service, taking
from hueandcry.apps.sources.models import Mark, Source
from hueandcry.apps.sources.taking import Taking
from hueandcry.core.errors import HueError
from hueandcry.core.formats import Row
from hueandcry.core.types import Micros

#: Rows that a preview looks at, at most.
MOST: Final = 200_000


@dataclass(slots=True)
class Preview:
    """What would be new, renewed, the same, rejected and gone, with some of each."""

    rows: int = 0
    new: int = 0
    renewed: int = 0
    same: int = 0
    rejected: int = 0
    gone: int = 0  #: would be withdrawn, where the source is to retract
    believed: bool = True  #: False: too much would be gone, and a run would refuse it
    cut: bool = False  #: there is more than a preview looks at
    unchanged: bool = False
    pages: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    problems: dict[str, int] = field(default_factory=dict)
    sample: list[dict[str, Any]] = field(default_factory=list)
    new_sample: list[dict[str, str]] = field(default_factory=list)
    #: Values of allow-lists that the list calls a scam: they stay allowed.
    allowed: int = 0
    allowed_sample: list[dict[str, str]] = field(default_factory=list)
    code: str = ""
    error: str = ""


def preview(source: Source, at: Micros, *, anew: bool = False) -> Preview:
    """What a run at `at` would do; `anew`: as if nothing had been taken before."""
    found, seen = Preview(), set[bytes]()
    state = Taking()
    marks: dict[str, str] = {}
    if not anew:
        marks = dict(Mark.objects.filter(source=source).values_list("part", "value"))
    plan, listing = service.plan_of(source), service.listing_of(source)
    try:
        portions = taking.portions(plan, marks, service.caller_of(source), at, state)
        for portion in portions:
            for part in signals.foresee(_bounded(portion.rows, found), listing, at):
                _add(found, part)
                seen.update(part.keys)
            if found.cut:
                break
    except HueError as refused:
        found.code, found.error = refused.code, str(refused)
    found.pages, found.unchanged = state.pages, state.unchanged
    found.skipped, found.problems = dict(state.account.skipped), dict(state.problems)
    if plan.gone == "retract" and state.whole and not found.cut and not found.code:
        held = list(signals.held_from(source.feed, at))
        found.gone = sum(key not in seen for key in held)
        found.believed = rules.is_believed(len(held), found.gone)
    return found


def _bounded(rows: Any, found: Preview) -> Iterator[Row]:
    left = MOST - found.rows
    for row in rows:
        if left <= 0:
            found.cut = True
            return
        left -= 1
        yield row


def _add(found: Preview, part: signals.Foreseen) -> None:
    found.rows += part.rows
    found.new += part.new
    found.renewed += part.renewed
    found.same += part.same
    found.rejected += part.rejected
    found.reasons = dict(Counter(found.reasons) + part.reasons)
    found.allowed += len(part.allowed)
    for reject in part.rejects[: rules.SAMPLE - len(found.sample)]:
        text = reject.text.strip()[:200]
        found.sample.append({"line": reject.n, "code": reject.code, "text": text})
    for signal, name in part.allowed[: rules.SAMPLE - len(found.allowed_sample)]:
        found.allowed_sample.append({"kind": signal.kind, "value": signal.value, "list": name})
    for signal in part.samples[: rules.SAMPLE - len(found.new_sample)]:
        found.new_sample.append({"kind": signal.kind, "value": signal.value})
