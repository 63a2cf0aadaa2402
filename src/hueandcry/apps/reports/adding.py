"""What comes to a report after it was sent: words and files, from who holds its code or brought it.

What comes after the report was decided changes no decision: the report is flagged, and somebody
looks at it again (`rules.Flag.ADDED`).
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from hueandcry.apps.reports import acting, browsing, intake, quarantine, queries, rules
from hueandcry.apps.reports.models import Attachment, Report
from hueandcry.apps.reports.rules import Doing, Flag, State
from hueandcry.apps.reports.stories import FileView, GivenFile
from hueandcry.core.errors import Conflict, TooLarge
from hueandcry.core.types import Actor, Micros


def add_file(
    actor: Actor, id: UUID, token: int, file: GivenFile, at: Micros
) -> tuple[FileView, bool]:
    """Adds a file to a report that this token brought; (the file, whether it was here already).

    Raises NotFound for the reports of others, Conflict for one that was taken back or purged,
    TooLarge beyond MAX_FILES. The same bytes again are the same file, which goes into quarantine
    where it is to be there now.
    """
    row = queries.by_root(id.bytes, token)
    if queries.is_withdrawn(row):
        raise Conflict("withdrawn", "This report was taken back", do="Report anew")
    held = _held(row, file)
    if held is not None:
        if file.quarantined and held.state == Attachment.State.KEPT:
            quarantine.lock_file(actor, row.pk, held.pk, at)
            held.refresh_from_db()
        return browsing.file_view(held), True
    kept = _keep(row, [file], at)[0]
    acting.do(row, added(row), actor, at)
    return browsing.file_view(kept), False


def keep_files(row: Report, files: Sequence[GivenFile], at: Micros) -> int:
    """Keeps files of a report that it does not have yet; how many. TooLarge beyond MAX_FILES.

    In the caller's transaction. Those of an intimate report go into quarantine.
    """
    fresh = {file.fresh.sha256: file for file in files if _held(row, file) is None}
    return len(_keep(row, list(fresh.values()), at))


def _held(row: Report, file: GivenFile) -> Attachment | None:
    return Attachment.objects.filter(report=row, sha256=file.fresh.sha256).first()


def _keep(row: Report, files: Sequence[GivenFile], at: Micros) -> list[Attachment]:
    held = Attachment.objects.filter(report=row).exclude(state=Attachment.State.SHREDDED)
    if held.count() + len(files) > rules.MAX_FILES:
        raise TooLarge("report_files", f"A report has at most {rules.MAX_FILES} files")
    return Attachment.objects.bulk_create(intake.file_row(row, file, at) for file in files)


def added(row: Report, doing: Doing = Doing.ADD) -> acting.Change:
    """The change that something came."""
    return acting.Change(doing, fields={"flags": flags(row)})


def flags(row: Report) -> int:
    """The flags of a report to which something comes: of a decided one somebody has to look."""
    return row.flags | Flag.ADDED if State(row.state) in rules.DECIDED else row.flags
