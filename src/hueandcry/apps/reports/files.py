"""Pictures and e-mail files of reports are read, one by one, after the words were.

A picture may take seconds: no report waits for its files to be in the queue. What is found in
them joins what was found before, and a finding only ever gets graver by them.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from hashlib import sha256
from typing import Any, Final

from hueandcry.apps.detection import face as detection
from hueandcry.apps.members import face as members
from hueandcry.apps.reports import acting, grouping, queries, reading, rules, sealed, trusting
from hueandcry.apps.reports.models import Attachment, Report, Value
from hueandcry.apps.reports.rules import Consent, Doing, Flag, Origin, Role, Source, State
from hueandcry.apps.reports.stories import GivenFile, NewReport
from hueandcry.apps.signals import face as signals
from hueandcry.core.errors import TooMany, Unreachable
from hueandcry.core.files import PICTURES
from hueandcry.core.types import Actor, Kind, Micros
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.store import adding
from hueandcry.engine.store.work import unit_of_work

log = logging.getLogger("hueandcry.reports")

MAIL: Final = "message/rfc822"
#: Bytes of a file that is looked into; a larger one is kept and not read.
MAX_READ: Final = 32 << 20
_ORDER: Final = ("", "unknown", "ordinary", "suspicious", "scam")


def from_mail(
    data: bytes, market: str, consents: frozenset[Consent] = frozenset(), wording: str = ""
) -> NewReport:
    """An e-mail file as a report, with its attachments stored; the same file is the same report.

    Its words are the story, so that signs of danger, likeness and the queue go by them. Outside of
    transactions; `forget_files` afterwards. Raises Malformed or TooLarge for what is no e-mail.
    """
    mail = detection.read_mail(data)
    given = [("message.eml", MAIL, data)]
    given += [(file.name, file.sort, file.data) for file in mail.files if file.sort]
    kept: list[GivenFile] = []
    try:
        for name, sort, content in given[: rules.MAX_FILES]:
            kept.append(GivenFile(name, sort, blobs.take([content], MAX_READ)))
    except BaseException:
        _forget(kept)
        raise
    return NewReport(
        Source.MAIL,
        market,
        mail.words,
        files=tuple(kept),
        method="email",
        consents=consents,
        wording=wording,
        reference=sha256(data).hexdigest(),
    )


def forget_files(new: NewReport) -> None:
    """Removes the bytes of its files if no report came to keep them; outside of transactions."""
    _forget(new.files)


def _forget(files: Iterable[GivenFile]) -> None:
    blobs.discard_unkept(file.fresh for file in files)


def read_next(at: Micros) -> bool:
    """Reads the oldest file that nothing has read yet; False when there is none, or not now.

    Whatever was decided of its report: what comes late is looked at by people, and by no rule.

    A report that changed meanwhile undoes it: Conflict, and the file is read again.
    """
    file = (
        Attachment.objects.select_related("report", "report__group")
        .filter(
            state=Attachment.State.KEPT,
            read_at=None,
            media_type__in=(MAIL, *PICTURES),
            size__lte=MAX_READ,
            report__state__in=rules.LOOKED_INTO,
            report__purge_after__gt=at,
            report__purged_at=None,
        )
        .order_by("pk")
        .first()
    )
    if file is None:
        return False
    try:
        said = _assessed(file)
    except (Unreachable, TooMany) as later:
        log.warning("file %d of a report waits to be read: %s", file.pk, later)
        return False
    actor = Actor(members.us().fingerprint)
    with unit_of_work():
        if _store(file, said, actor, at) and file.report.state == State.WAITING:
            trusting.raise_by_rule([file.report], actor, at)
    return True


def _assessed(file: Attachment) -> detection.Assessment | None:
    """What a file looks like; None where its bytes are not there, or an assessor fails on it.

    Raises Unreachable or TooMany where that may be otherwise in a while.
    """
    try:
        data = blobs.read(file.blob, MAX_READ)
        assess = detection.assess_mail if file.media_type == MAIL else detection.assess_picture
        said = assess(data, file.report.market, reading.known)
    except Unreachable:
        raise
    except Exception:
        log.exception("file %d of a report could not be read; people have to", file.pk)
        return None
    if any(why.params.get("problem") == "busy" for why in said.reasons):
        raise TooMany("busy", "Too many pictures are being looked at")
    return said


def _store(file: Attachment, said: detection.Assessment | None, actor: Actor, at: Micros) -> bool:
    """Keeps what was read of a file; False where it went into quarantine meanwhile."""
    kept = sealed.pack({**reading.shown(said), "text": said.text}) if said else ""
    unread = Attachment.objects.filter(pk=file.pk, state=Attachment.State.KEPT, read_at=None)
    if unread.update(read_at=at, read=kept) != 1:
        return False
    row = file.report
    fields = _found(row, said, at) if said else {}
    acting.do(row, acting.Change(Doing.READ, fields=fields), actor, at)
    return True


def _found(row: Report, said: detection.Assessment, at: Micros) -> dict[str, Any]:
    """Adds the values of a file to its report; the fields that change of the report itself.

    What a decided report shows only now changes no decision: somebody has to look.
    """
    late = row.state in rules.DECIDED
    values = _add_values(row, said, late=late)
    fields = _placed(row, said, values, at) | _graver(row, said)
    if late and (any(value.ticked for value in values) or "finding" in fields):
        fields["flags"] = row.flags | Flag.ADDED
    return fields


def _placed(
    row: Report, said: detection.Assessment, values: Collection[Value], at: Micros
) -> dict[str, Any]:
    """Where a report without words belongs by its picture; empty for every other report.

    One that brought more than this picture stands for itself: nobody would see the rest.
    """
    pdq = [each.value for each in said.signals if each.kind is Kind.IMAGE_HASH]
    if row.group is not None or row.state != State.WAITING or len(pdq) != 1:
        return {}
    if said.sort is not detection.Sort.PICTURE:
        return {}
    digest = bytes.fromhex(pdq[0].removeprefix("pdq:"))
    said_in_it = [value for value in values if value.kind != Kind.IMAGE_HASH]
    found = grouping.Placing([row], at).place_picture(row, digest, said_in_it)
    row.group = found.group
    alone = Attachment.objects.filter(report=row).count() > 1
    lost = bool(queries.with_losses([row.pk]))
    hours = rules.harm(Flag(row.flags), row.likelihood, lost, row.stop_until, found.size)
    place = {"harm": hours, "rank": rules.rank(row.at, hours)}
    return {"group": found.group, "follows_id": None if alone else found.follows, **place}


def _graver(row: Report, said: detection.Assessment) -> dict[str, Any]:
    """What a file's assessment changes of its report's."""
    fields: dict[str, Any] = {
        name: text
        for name, text in (("lure", said.lure), ("method", said.method))
        if text and not getattr(row, name)
    }
    if row.language == "und":
        fields["language"] = said.language
    if _ORDER.index(said.finding) <= _ORDER.index(row.finding):
        return fields
    likelihood = max(said.likelihood, row.likelihood or 0.0)
    lost = bool(queries.with_losses([row.pk]))
    alike = row.group.size if row.group else 1
    hours = rules.harm(Flag(row.flags), likelihood, lost, row.stop_until, alike)
    more = {"finding": said.finding.value, "likelihood": likelihood, "model": said.model[:64]}
    return {**fields, **more, "harm": hours, "rank": rules.rank(row.at, hours)}


def _add_values(row: Report, said: detection.Assessment, *, late: bool) -> list[Value]:
    """Adds what the report does not name yet."""
    held = {bytes(key) for key in Value.objects.filter(report=row).values_list("key", flat=True)}
    found = {sealed.key_of(each.signal): each for each in said.signals}
    fresh = [each for key, each in found.items() if key not in held]
    allow = signals.allow_lists()
    rows = [
        Value(
            report=row,
            kind=each.kind.value,
            key=sealed.key_of(each.signal),
            sealed=sealed.seal(each.value),
            origin=Origin.FILE,
            confidence=each.confidence,
            role=Role.PAID if each.paid else "",
            ticked=rules.is_ticked_at_first(
                each.kind, each.confidence, allow.of(each.kind, each.value)
            ),
            late=late,
        )
        for each in fresh[: max(0, rules.MAX_VALUES - len(held))]
    ]
    if rows:
        adding.add(rows)
    return rows
