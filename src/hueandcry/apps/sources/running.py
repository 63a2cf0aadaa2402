"""One run of a source: fetched in portions, taken in bulk, its marks set when rows are durable."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from django.db.models import Q

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face as signals
from hueandcry.apps.sources import rules, service, taking
from hueandcry.apps.sources.calling import Throttled
from hueandcry.apps.sources.models import Mark, Run, Source
from hueandcry.apps.sources.rules import Outcome
from hueandcry.apps.sources.taking import Portion, Taking
from hueandcry.core.errors import Conflict, HueError
from hueandcry.core.formats import Row
from hueandcry.core.types import DAY, MINUTE, Actor, Micros
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

log = logging.getLogger("hueandcry.sources")

#: How long one that runs a source may be silent before another may take it over.
LEASE: Final[Micros] = 10 * MINUTE
#: Claims withdrawn in one transaction.
_LEAVING: Final = 500
_KEEP_RUNS: Final = 200
#: How long the rejected rows of a run are shown.
_KEEP_SAMPLES: Final[Micros] = 30 * DAY


def due(at: Micros) -> list[int]:
    """Sources whose time has come and that nobody runs."""
    rows = Source.objects.filter(
        state=Source.State.ACTIVE, next_due__lte=at, held_until__lte=at
    ).order_by("next_due")
    return list(rows.values_list("pk", flat=True)[:50])


def run(
    source_id: int, holder: str, *, by_hand: bool = False, accept_gone: bool = False
) -> Run | None:
    """Runs one source now; None when it is not due, paused, or run by somebody else.

    Never raises what the source does: that is the run's outcome.
    """
    at = clock.now()
    if not _claim(source_id, holder, at, by_hand):
        return None
    source = Source.objects.get(pk=source_id)
    with unit_of_work():
        Run.objects.filter(source=source, outcome="").update(outcome=Outcome.LOST, ended=at)
        row = Run.objects.create(source=source, started=at, by_hand=by_hand)
    return _Running(source, row, holder, accept_gone).through()


def _claim(source_id: int, holder: str, at: Micros, by_hand: bool) -> bool:
    """One conditional update decides who runs it."""
    free = Q(pk=source_id, held_until__lte=at)
    ready = Q() if by_hand else Q(state=Source.State.ACTIVE, next_due__lte=at)
    with unit_of_work():
        rows = Source.objects.filter(free & ready).exclude(state=Source.State.REMOVED)
        return rows.update(holder=holder, held_until=at + LEASE) == 1


class _Running:
    """The state of one run while it lasts."""

    def __init__(self, source: Source, row: Run, holder: str, accept_gone: bool) -> None:
        self._source = source
        self._row = row
        self._holder = holder
        self._accept_gone = accept_gone
        self._total = signals.IngestReport()
        self._sample: list[dict[str, Any]] = []
        self._taking = Taking()
        self._plan = service.plan_of(source)
        self._listing = service.listing_of(source)
        self._actor = Actor(members.us().fingerprint)
        self._seen: set[bytes] = set()
        self._revoked: list[Row] = []
        self._retracts = self._plan.gone == "retract"
        self._compared = False

    def through(self) -> Run:
        """Takes the source to its end, or as far as it goes, and writes its account."""
        refused: HueError | None = None
        try:
            self._take()
        except HueError as error:
            refused = error
        except Exception as error:
            log.exception("the run of source %s failed", self._source.name)
            refused = Conflict(
                "fault", "This run failed; the log says more", why=type(error).__name__
            )
        self._end(refused or self._taking.damage)
        return self._row

    def _take(self) -> None:
        marks = dict(Mark.objects.filter(source=self._source).values_list("part", "value"))
        caller = service.caller_of(self._source)
        at = clock.now()
        for portion in taking.portions(self._plan, marks, caller, at, self._taking):
            # A whole list is marked as taken only once what is gone from it has been withdrawn.
            self._withdraw_gone()
            self._ingest(portion)
        self._withdraw_gone()

    def _ingest(self, portion: Portion) -> None:
        seen = self._seen.update if self._retracts else None
        rows = self._watched(portion.rows)
        for report in signals.ingest(self._actor, rows, self._listing, now=_now, seen=seen):
            self._total.add(report)
            self._remember(report.rejects)
            self._still_mine()
        if self._revoked:
            self._withdraw_revoked()
        self._still_mine(portion.marks)

    def _watched(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            if row.fault == "revoked" and self._retracts:
                self._revoked.append(row)
            yield row

    def _remember(self, rejects: Iterable[signals.Reject]) -> None:
        for reject in rejects:
            if len(self._sample) >= rules.SAMPLE:
                return
            text = reject.text.strip()[:200]
            self._sample.append({"line": reject.n, "code": reject.code, "text": text})

    def _still_mine(self, marks: Mapping[str, str] | None = None) -> None:
        """Renews the lease and sets marks together; raises Conflict when another took over."""
        at = clock.now()
        with unit_of_work():
            rows = Source.objects.filter(pk=self._source.pk, holder=self._holder)
            rows = rows.exclude(state=Source.State.REMOVED)
            if not rows.update(held_until=at + LEASE):
                raise Conflict("taken_over", "Somebody else runs this source now, or removed it")
            for part, value in (marks or {}).items():
                Mark.objects.update_or_create(
                    source=self._source, part=part, defaults={"value": value[:300], "at": at}
                )

    # --- what is gone ----------------------------------------------------------------------------

    def _withdraw_gone(self) -> None:
        """Withdraws what the whole list no longer holds, unless that is too much to believe."""
        if not self._retracts or not self._taking.whole or self._compared:
            return
        self._compared = True
        held = list(signals.held_from(self._source.feed, clock.now()))
        gone = [key for key in held if key not in self._seen]
        if not rules.is_believed(len(held), len(gone)) and not self._accept_gone:
            raise Conflict(
                "mostly_gone",
                f"{len(gone)} of {len(held)} values are no longer listed: none was withdrawn",
                why="A list that lost most of what it held is more often broken than right",
                do=f"Look at it; `hueandcry source run {self._source.name} --accept-gone` if it is",
            )
        self._withdraw(gone, "no_longer_listed")

    def _withdraw_revoked(self) -> None:
        rows, self._revoked = self._revoked, []
        keys = []
        for row in rows:
            key = signals.key_of(row, self._listing)
            if key is not None:
                keys.append(key)
        self._withdraw(keys, "revoked_upstream")

    def _withdraw(self, keys: list[bytes], reason: str) -> None:
        for start in range(0, len(keys), _LEAVING):
            part = keys[start : start + _LEAVING]
            with unit_of_work():
                feed = self._source.feed
                ended = signals.feed_claims(self._actor, feed, (), part, reason, _now())
                self._row.retracted += len(ended.withdrawn)
            self._still_mine()

    # --- the account -----------------------------------------------------------------------------

    def _end(self, refused: HueError | None) -> None:
        """Writes the account, gives the source back and says when it is due again."""
        at = clock.now()
        row, total, found = self._row, self._total, self._taking
        row.ended = at
        row.rows, row.accepted, row.merged = total.rows, total.accepted, total.merged
        row.rejected, row.reasons = total.rejected, dict(total.reasons)
        row.skipped, row.problems = dict(found.account.skipped), dict(found.problems)
        row.sample, row.pages = self._sample, found.pages
        row.outcome = self._outcome(refused)
        if refused is not None:
            row.code, row.error = refused.code[:40], str(refused)[:600]
        failed = row.outcome in (Outcome.FAILED, Outcome.PARTLY)
        wait = refused.wait if isinstance(refused, Throttled) else None
        with unit_of_work():
            row.save()
            mine = Source.objects.filter(pk=self._source.pk, holder=self._holder)
            failures = self._source.failures + 1 if failed else 0
            following = rules.next_due(at, self._source.every, failures, wait)
            mine.update(holder="", held_until=0, failures=failures, next_due=following)
            _forget_old(self._source, at)

    def _outcome(self, refused: HueError | None) -> Outcome:
        if refused is not None:
            return Outcome.PARTLY if self._total.rows else Outcome.FAILED
        return Outcome.UNCHANGED if self._taking.unchanged else Outcome.DONE


def _forget_old(source: Source, at: Micros) -> None:
    """Keeps the newest runs only, since what they took is in the ledger, and no sample for long.

    Rejected rows may name people.
    """
    old_samples = Run.objects.filter(source=source, started__lt=at - _KEEP_SAMPLES)
    old_samples.exclude(sample=[]).update(sample=[])
    old = Run.objects.filter(source=source).order_by("-pk").values_list("pk", flat=True)
    edge = list(old[_KEEP_RUNS : _KEEP_RUNS + 1])
    if edge:
        Run.objects.filter(source=source, pk__lte=edge[0]).delete()


def _now() -> Micros:
    return peers.stamp(clock.now())
