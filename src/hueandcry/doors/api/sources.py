"""Sources: what others list, how its last runs fared, and when it is run again."""

from __future__ import annotations

from hueandcry.apps.sources import face as sources
from hueandcry.apps.sources.face import RunView, SourceView
from hueandcry.client import records, requests
from hueandcry.core.times import time_text
from hueandcry.doors.api import cursors, shown
from hueandcry.doors.api.endpoint import Asked


def every(asked: Asked) -> records.Sources:
    """Every source, by name."""
    return records.Sources(items=[_source(each) for each in sources.sources()])


def one(asked: Asked) -> records.Source:
    """One source."""
    return _source(sources.source(asked.path["source"]))


def runs(asked: Asked) -> records.SourceRunPage:
    """Its runs, newest first."""
    query: requests.PageQuery = asked.query
    name = asked.path["source"]
    what = f"source/{name}"
    before = cursors.read(what, asked.caller, query.cursor)
    rows = sources.runs(name, limit=query.limit, before=before)
    full = len(rows) == query.limit
    return records.SourceRunPage(
        items=[_run(row) for row in rows],
        next=cursors.seal(what, asked.caller, rows[-1].number) if full else None,
    )


def run(asked: Asked) -> records.Source:
    """Makes it due: a run may take minutes, so that its loop does it and no request waits."""
    return _source(sources.hasten(asked.caller.actor(), asked.path["source"], asked.at))


def pause(asked: Asked) -> records.Source:
    """Stops its schedule."""
    return _source(sources.pause(asked.caller.actor(), asked.path["source"], asked.at))


def resume(asked: Asked) -> records.Source:
    """Takes up its schedule."""
    return _source(sources.resume(asked.caller.actor(), asked.path["source"], asked.at))


def _source(found: SourceView) -> records.Source:
    return records.Source(
        name=found.name,
        what=found.what,  # type: ignore[arg-type]
        address=found.address,
        feed=found.feed,
        every=found.every,
        gone=found.gone,  # type: ignore[arg-type]
        note=found.note,
        state=found.state,  # type: ignore[arg-type]
        added_at=time_text(found.added_at),
        next_due=shown.time(found.next_due),
        failures=found.failures,
        running=found.running,
        last=_run(found.last) if found.last else None,
    )


def _run(found: RunView) -> records.SourceRun:
    """Without the sample of rejected rows: it may hold values that name persons."""
    return records.SourceRun(
        number=found.number,
        started=time_text(found.started),
        ended=shown.time(found.ended),
        by_hand=found.by_hand,
        outcome=found.outcome,  # type: ignore[arg-type]
        rows=found.rows,
        accepted=found.accepted,
        merged=found.merged,
        rejected=found.rejected,
        retracted=found.retracted,
        reasons=found.reasons,
        problems=found.problems,
        code=found.code,
        error=found.error,
    )
