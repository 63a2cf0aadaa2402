"""Files of reports as exhibits: copied under a key of their own, so that each can go by itself.

The report is purged when its time is over; the exhibit stays as long as evidence does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.members import face as members
from hueandcry.apps.reports import sealed
from hueandcry.apps.reports.models import Attachment
from hueandcry.core import quarantine
from hueandcry.core.errors import Broken, NotFound
from hueandcry.core.quarantine import Use
from hueandcry.core.types import Actor, Micros
from hueandcry.engine.blobs import face as blobs


@dataclass(frozen=True, slots=True)
class CopiedFile:
    """A file of a report whose bytes were copied, and are no exhibit yet."""

    report: int
    number: int
    taken: evidence.Taken


def copy_file(report: int, number: int) -> CopiedFile:
    """Copies the bytes of a file, outside of transactions; raises NotFound for one that is gone.

    `evidence.drop_unkept` removes them if no exhibit comes of it.
    """
    row = _row(report, number)
    name = sealed.opened(row.name)
    taken = evidence.take_bytes(blobs.stream(row.blob), name)
    if taken.fresh.sha256 != row.sha256:
        evidence.drop_unkept([taken])
        raise Broken("report_file", f"File {number} of report {report} is not the one that came")
    return CopiedFile(report, number, replace(taken, media_type=row.media_type))


def take_as_exhibit(
    actor: Actor, copied: CopiedFile, told: evidence.Told, at: Micros
) -> evidence.Added:
    """Makes a copied file an exhibit; what is in quarantine stays in it, for the police alone."""
    row = _row(copied.report, copied.number)
    locked = row.state == Attachment.State.QUARANTINED
    quarantine.check(
        Use.DOWNLOAD, row.media_type, quarantined=locked, police="police" in actor.roles
    )
    source = told.source or f"Report {row.report.root.hex()}, file {row.pk}"
    told = replace(told, source=source, quarantined=told.quarantined or locked)
    members.log_access(
        members.AccessNote(
            "report.exhibit", f"report {copied.report} file {row.pk}", person=actor.person
        ),
        at,
    )
    return evidence.add(actor, copied.taken, told, at)


def _row(report: int, number: int) -> Attachment:
    rows = Attachment.objects.exclude(state=Attachment.State.SHREDDED).select_related("report")
    row = rows.filter(report=report, pk=number).first()
    if row is None:
        raise NotFound("report_file", f"Report {report} has no file {number}")
    return row
