"""Files of reports, one by one; and those in quarantine, which only the police may open.

A quarantined file has no preview, nothing reads it, and no digest of it is shared. The door says
who may open it; every opening is logged there.
"""

from __future__ import annotations

from dataclasses import dataclass

from hueandcry.apps.reports import acting, browsing, grouping, queries
from hueandcry.apps.reports.files import MAIL
from hueandcry.apps.reports.models import Attachment, Value
from hueandcry.apps.reports.rules import Doing, Origin
from hueandcry.apps.reports.stories import FileView
from hueandcry.core.errors import Conflict, NotFound
from hueandcry.core.types import Actor, Kind, Micros


@dataclass(frozen=True, slots=True)
class LockedFile:
    """A file in quarantine, as a list may show it: nothing of what is in it, nor its name."""

    number: int
    report: int
    at: Micros
    size: int
    media_type: str


def file_of(report: int, number: int) -> FileView:
    """One file of a report; raises NotFound, also of one that was shredded."""
    return browsing.file_view(_row(report, number))


def _row(report: int, number: int) -> Attachment:
    rows = Attachment.objects.exclude(state=Attachment.State.SHREDDED)
    row = rows.filter(report=report, pk=number).first()
    if row is None:
        raise NotFound("report_file", f"Report {report} has no file {number}")
    return row


def lock_file(actor: Actor, report: int, number: int, at: Micros) -> None:
    """Puts a file into quarantine; raises NotFound, or Conflict where it is there already.

    What was read of it goes, and digests of pictures that are no claim yet, also that by which
    reports alike were found; an e-mail of the same report goes with it, since the file may be in
    that one too.
    """
    _move(actor, report, number, Attachment.State.QUARANTINED, at)
    grouping.forget_picture(queries.report(report))
    mails = Attachment.objects.filter(report=report, media_type=MAIL, state=Attachment.State.KEPT)
    mails.update(state=Attachment.State.QUARANTINED)
    locked = Attachment.objects.filter(report=report, state=Attachment.State.QUARANTINED)
    locked.update(read="", read_at=None)
    found = Value.objects.filter(report=report, origin=Origin.FILE, claim=None)
    found.filter(kind__in=(Kind.IMAGE_HASH, Kind.FILE_HASH)).delete()


def unlock_file(actor: Actor, report: int, number: int, at: Micros) -> None:
    """Takes a file out of quarantine again; raises NotFound, or Conflict where it is not in it."""
    _move(actor, report, number, Attachment.State.KEPT, at)


def _move(actor: Actor, report: int, number: int, to: Attachment.State, at: Micros) -> None:
    row = _row(report, number)
    others = Attachment.objects.filter(pk=row.pk).exclude(state=to)
    if others.update(state=to) != 1:
        raise Conflict("report_file", f"File {number} is {to} already", do="Look again")
    doing = Doing.LOCK if to == Attachment.State.QUARANTINED else Doing.UNLOCK
    change = acting.Change(doing, detail=str(number))
    acting.do(queries.report(report), change, actor, at)


def locked_files(limit: int = 200) -> list[LockedFile]:
    """What is in quarantine, the newest first."""
    rows = Attachment.objects.filter(state=Attachment.State.QUARANTINED).order_by("-pk")
    return [
        LockedFile(row.pk, row.report_id, row.at, row.size, row.media_type) for row in rows[:limit]
    ]
