"""Files of cases are taken in: a transaction for some cases, and an account of every row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import msgspec

from hueandcry.apps.reports import acting, adding, calls, intake, queries, reading, rules, sealed
from hueandcry.apps.reports.cases import Case, Wrong
from hueandcry.apps.reports.models import Delivery, Loss, Report
from hueandcry.apps.reports.rules import Doing, Flag, State
from hueandcry.apps.reports.stories import GivenLoss, Story
from hueandcry.core.errors import HueError, TooLarge
from hueandcry.core.times import time_text
from hueandcry.core.types import Actor, Micros
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.store.work import unit_of_work

#: Cases to one transaction.
CHUNK = 100


@dataclass(slots=True)
class Account:
    """What became of the rows of a file: the three add up to `rows`."""

    rows: int = 0
    accepted: int = 0
    merged: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    rejects: list[Wrong] = field(default_factory=list)
    reports: list[int] = field(default_factory=list)  #: numbers of new ones

    @property
    def rejected(self) -> int:
        return sum(self.reasons.values())

    def add(self, part: Account) -> None:
        """Counts a portion in."""
        self.rows += part.rows
        self.accepted += part.accepted
        self.merged += part.merged
        self.reasons.update(part.reasons)
        self.rejects += part.rejects
        self.reports += part.reports

    def refuse(self, wrong: Wrong) -> None:
        self.rows += 1
        self.reasons[wrong.code] += 1
        self.rejects.append(wrong)


def take_cases(
    actor: Actor, cases: Iterable[Case | Wrong], at: Micros, *, most: int = CHUNK
) -> Iterator[Account]:
    """Takes cases in, each portion in a transaction of its own; yields the account of each.

    A case that is here already is merged: only transactions that it did not have are added.
    """
    source = iter(cases)
    while portion := list(islice(source, most)):
        account = Account()
        with unit_of_work():
            for each in portion:
                _taken(actor, each, account, at)
        yield account


def _taken(actor: Actor, case: Case | Wrong, account: Account, at: Micros) -> None:
    if isinstance(case, Wrong):
        account.refuse(case)
        return
    try:
        intake.check(case.new, at)
        back_at = case.back_at if case.back_at is not None and case.back_at > at else None
        sent = calls.take_call(actor, case.new, at, back_at)
        added = _added(actor, sent.number, case.new.losses, at) if sent.again else len(case.rows)
    except HueError as error:  # before anything of it was written
        for n in case.rows:
            account.refuse(Wrong(n, error.code, str(error)))
        return
    account.rows += len(case.rows)
    account.accepted += added
    account.merged += len(case.rows) - added
    if not sent.again:
        account.reports.append(sent.number)


def _added(actor: Actor, number: int, losses: Sequence[GivenLoss], at: Micros) -> int:
    """Adds the transactions that a report does not have yet, by their references; how many."""
    held = Loss.objects.filter(report=number).exclude(reference="")
    known = {sealed.opened(text) for text in held.values_list("reference", flat=True)}
    fresh = {loss.reference: loss for loss in losses if loss.reference not in known | {""}}
    if not fresh:
        return 0
    if len(known) + len(fresh) > rules.MAX_LOSSES:
        raise TooLarge("report_losses", f"A report has at most {rules.MAX_LOSSES} losses")
    row = queries.report(number)
    change = acting.Change(Doing.ADD, fields=_with(row, list(fresh.values()), at))
    acting.do(row, change, actor, at)
    Loss.objects.bulk_create(intake.loss_row(row, loss) for loss in fresh.values())
    reading.look_again(row)
    return len(fresh)


def _with(row: Report, losses: Sequence[GivenLoss], at: Micros) -> dict[str, Any]:
    """What further losses change of a report: it may be urgent now, and stands for itself."""
    story = sealed.unpack(row.story, Story) if row.story else Story()
    story = msgspec.structs.replace(story, to=(*story.to, *intake.destinations(losses)))
    until = rules.stop_until(at, row.happened_at, [loss.at for loss in losses])
    stop = max(filter(None, (until, row.stop_until)), default=None)
    flags, alike = Flag(row.flags), row.group.size if row.group else 1
    hours = rules.harm(flags, row.likelihood, True, stop, alike)
    return {
        "story": sealed.pack(story),
        "flags": adding.flags(row),
        "stop_until": stop,
        "desk": rules.desk(flags, stop),
        "harm": hours,
        "rank": rules.rank(row.at, hours),
        "follows_id": row.follows_id if row.state == State.MERGED else None,
    }


def note_delivery(actor: Actor, form: str, digest: bytes, total: Account, at: Micros) -> int:
    """Keeps the account of a whole file, with one entry in the ledger; its number."""
    row = Delivery(
        form=form,
        digest=digest,
        rows=total.rows,
        accepted=total.accepted,
        merged=total.merged,
        rejected=total.rejected,
        reasons=dict(total.reasons),
        at=at,
        person_id=actor.person,
    )
    counts = {"rows": total.rows, "accepted": total.accepted, "rejected": total.rejected}
    ledger.append(
        "report.file",
        row,
        form=form,
        digest=digest.hex(),
        at=time_text(at),
        person=actor.person,
        **counts,
    )
    return row.pk
