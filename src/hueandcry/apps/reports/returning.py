"""What the holder of a receipt code sees and does: told little, and late, since it may be anybody.

A scammer may report himself to learn what is known: stages are coarse and a day old, nothing says
what is held or asked elsewhere, and a wrong code reads as one that was never given. So a report
that was taken back is told in one way, whatever was decided of it and whether it was purged yet;
and one whose time is over is not told at all, whether or not a legal hold still keeps it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db.models import QuerySet

from hueandcry.apps.members import face as members
from hueandcry.apps.reports import (
    acting,
    adding,
    browsing,
    codes,
    grouping,
    queries,
    rules,
    sealed,
    triage,
)
from hueandcry.apps.reports.models import Act, Consent, Message, Report
from hueandcry.apps.reports.models import Reporter as ReporterRow
from hueandcry.apps.reports.rules import Doing, Flag, Stage, State
from hueandcry.apps.reports.settings import DELAY_HOURS
from hueandcry.apps.reports.stories import GivenFile, Told
from hueandcry.core.errors import Conflict, HueError, NotFound
from hueandcry.core.types import DAY, Actor, Micros
from hueandcry.engine.policy import face as policy
from hueandcry.engine.purge import face as purge

#: What a reporter may write after the report was sent: so much, and no flood.
MAX_ADDITIONS = 50


def by_code(code: str, at: Micros) -> Told:
    """What the holder of a code is told; raises NotFound, the same for every code that is none."""
    row = _held(code, at)
    until = rules.known_since(at, policy.number(DELAY_HOURS.name) * rules.HOUR)
    if queries.is_withdrawn(row):
        return Told(Stage.WITHDRAWN, row.at // DAY * DAY, until, None, "", may_add=False)
    shown = browsing.messages(row, ("question", "answer", "addition"))
    asked = row.state == State.ASKED
    questions = [message.text for message in shown if message.kind == "question"]
    return Told(
        stage=_stage(row, until),
        since=row.at // DAY * DAY,
        as_of=until,
        alike=_alike(row, until),
        question=questions[-1] if asked and questions else "",
        messages=shown,
        consents=frozenset(map(rules.Consent, queries.consents(row))),
    )


def _held(code: str, at: Micros) -> Report:
    """The report of a code, as long as it may be told; raises NotFound."""
    try:
        secret = codes.read(code)
    except HueError:
        raise _unknown() from None
    row = Report.objects.filter(receipt=sealed.digest("receipt", secret)).first()
    if row is None or (row.purge_after <= at and not queries.is_withdrawn(row)):
        raise _unknown()
    return row


def _standing(code: str, at: Micros) -> Report:
    """The same, unless it was taken back: then nothing is done by the code any more. Conflict."""
    row = _held(code, at)
    if queries.is_withdrawn(row):
        raise Conflict("withdrawn", "This report was taken back", do="Report anew")
    return row


def _unknown() -> NotFound:
    return NotFound(
        "receipt_code",
        "There is no report with this receipt code",
        do="Compare it with your note; a report is kept for a limited time",
    )


def _stage(row: Report, until: Micros) -> Stage:
    """What had been decided by then, of this report or of the one that stands for it."""
    decided = Act.objects.filter(
        report__in=[row.pk, *queries.awaited(row)], at__lte=until, undone_by=None
    )
    decided = decided.filter(kind__in=rules.UNDOABLE)  # others only stand in the state of then
    return rules.stage(set(decided.values_list("after", flat=True)))


def _alike(row: Report, until: Micros) -> int | None:
    if row.group_id is None:
        return None
    return rules.about(Report.objects.filter(group=row.group_id, at__lte=until).count())


def _reporter() -> Actor:
    """Whoever holds the code: nobody whom we know."""
    return Actor(members.us().fingerprint)


def add(code: str, text: str, at: Micros, files: Sequence[GivenFile] = ()) -> None:
    """Adds words, files or both to a report; an open question is answered by words.

    Files that it has already are no addition. Raises Conflict, Malformed for words that are too
    many, TooLarge beyond MAX_FILES.
    """
    row = _standing(code, at)
    kept = adding.keep_files(row, files, at)
    if files and not kept and not text.strip():
        return
    asked = row.state == State.ASKED and bool(text.strip())
    if Message.objects.filter(report=row, person=None).count() >= MAX_ADDITIONS:
        raise Conflict("additions", "Nothing more can be added to this report", do="Report anew")
    if text.strip() or not files:
        triage.say(row, "answer" if asked else "addition", text, at, None)
    acting.do(row, adding.added(row, Doing.ANSWER if asked else Doing.ADD), _reporter(), at)


def set_consents(code: str, wanted: frozenset[rules.Consent], wording: str, at: Micros) -> None:
    """Makes exactly these purposes agreed to, in words of this version."""
    row = _standing(code, at)
    held = queries.consents(row)
    taken = held - wanted
    given = wanted - held
    if not taken and not given:
        return
    _end(row, Consent.objects.filter(report=row, purpose__in=taken, withdrawn_at=None), at)
    Consent.objects.bulk_create(
        Consent(report=row, purpose=purpose, wording=wording[:40], given_at=at)
        for purpose in sorted(given)
    )
    fields = {}
    if rules.Consent.SIGNALS in taken:
        fields = _taken_back(row, at)
    elif rules.Consent.SIGNALS in given:
        fields = {"flags": row.flags & ~Flag.WITHDRAWN}
    detail = " ".join([*(f"+{p}" for p in sorted(given)), *(f"-{p}" for p in sorted(taken))])
    change = acting.Change(Doing.CONSENT, fields=fields, detail=detail)
    acting.do(row, change, _reporter(), at)


def _end(row: Report, held: QuerySet[Consent], at: Micros) -> None:
    """Ends these consents; the file that is kept apart from backups will know it too."""
    for each in held:
        purge.write_erasure(f"consent/{each.purpose}", _given(row, each), at)
    held.update(withdrawn_at=at)


def _given(row: Report, consent: Consent) -> bytes:
    """What names one consent and no later one to the same purpose."""
    given_at: Micros = consent.given_at
    return bytes(row.root) + given_at.to_bytes(8, "big")


def take_back_again(erasures: Collection[tuple[str, bytes]], at: Micros) -> int:
    """Ends again the consents that were taken back and that a backup brought back; how many.

    In the caller's transaction, without an entry in the ledger, in which a restored node may not
    write yet. Claims that rest on them are to be looked at (flag `withdrawn`).
    """
    if not any(kind.startswith("consent/") for kind, _ in erasures):
        return 0
    found = [
        each
        for each in Consent.objects.filter(withdrawn_at=None).select_related("report__follows")
        if _is_ended(each, erasures)
    ]
    for each in found:
        Consent.objects.filter(pk=each.pk, withdrawn_at=None).update(withdrawn_at=at)
    for each in found:
        if each.purpose == rules.Consent.SIGNALS:
            _mark_again(each.report)
    return len(found)


def _is_ended(each: Consent, erasures: Collection[tuple[str, bytes]]) -> bool:
    kind = f"consent/{each.purpose}"
    return (kind, purge.mac(kind, _given(each.report, each))) in erasures


def _mark_again(row: Report) -> None:
    leader = row.follows
    claimed = [row] if queries.is_claimed(row) else []
    if leader is not None and grouping.take_back(leader):
        claimed.append(leader)
    for each in claimed:
        flags = each.flags | Flag.WITHDRAWN
        Report.objects.filter(pk=each.pk, purged_at=None).update(flags=flags)


def _taken_back(row: Report, at: Micros) -> dict[str, int]:
    """What changes of a report whose signals may no longer be shared, and of the one it follows.

    Where claims rest on them the report is flagged, and people decide. The claims stand until
    then: who reports a scam and takes it back may be the scammer.
    """
    if row.follows is not None and grouping.take_back(row.follows):
        _flag_leader(row.follows, at)
    return {"flags": row.flags | Flag.WITHDRAWN} if queries.is_claimed(row) else {}


def _flag_leader(leader: Report, at: Micros) -> None:
    """Flags the report through which signals of another one became claims."""
    if leader.purged_at is None and leader.state != State.WITHDRAWN:
        fields = {"flags": leader.flags | Flag.WITHDRAWN}
        change = acting.Change(Doing.CONSENT, fields=fields, rule=rules.FOLLOWED)
        acting.do(leader, change, _reporter(), at)


def withdraw(code: str, at: Micros) -> None:
    """Takes a report back: its words, files and reporter are purged by the next run.

    A legal hold outlasts this, and nothing says so. Claims that were made of it stay, with the
    values that they rest on, until somebody has looked (flag `withdrawn`).
    """
    row = _standing(code, at)
    _end(row, Consent.objects.filter(report=row, withdrawn_at=None), at)
    fields = {"purge_after": at, **_taken_back(row, at)}
    acting.do(row, acting.Change(Doing.WITHDRAW, fields=fields), _reporter(), at)
    ReporterRow.objects.filter(report=row).update(purge_after=at)
    # Before the commit: an erasure that is in the file alone is only done again.
    purge.write_erasure("report", row.root, at)
