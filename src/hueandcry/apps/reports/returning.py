"""What the holder of a receipt code sees and does: told little, and late, since it may be anybody.

A scammer may report himself to learn what is known: stages are coarse and a day old, nothing says
what is held or asked elsewhere, and a wrong code reads as one that was never given. So a report
that was taken back is told in one way, whatever was decided of it and whether it was purged yet;
and one whose time is over is not told at all, whether or not a legal hold still keeps it.
"""

from __future__ import annotations

from hueandcry.apps.members import face as members
from hueandcry.apps.reports import acting, browsing, codes, grouping, queries, rules, sealed, triage
from hueandcry.apps.reports.models import Act, Consent, Message, Report
from hueandcry.apps.reports.models import Reporter as ReporterRow
from hueandcry.apps.reports.rules import Doing, Flag, Stage, State
from hueandcry.apps.reports.settings import DELAY_HOURS
from hueandcry.apps.reports.stories import Told
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
    one = [number for number in (row.pk, row.into_id, row.follows_id) if number is not None]
    decided = Act.objects.filter(report__in=one, at__lte=until, undone_by=None)
    return rules.stage(set(decided.values_list("after", flat=True)))


def _alike(row: Report, until: Micros) -> int | None:
    if row.group_id is None:
        return None
    return rules.about(Report.objects.filter(group=row.group_id, at__lte=until).count())


def _reporter() -> Actor:
    """Whoever holds the code: nobody whom we know."""
    return Actor(members.us().fingerprint)


def add(code: str, text: str, at: Micros) -> None:
    """Adds words to a report; an open question is answered by them. Raises Conflict, Malformed."""
    row = _standing(code, at)
    asked = row.state == State.ASKED
    if Message.objects.filter(report=row, person=None).count() >= MAX_ADDITIONS:
        raise Conflict("additions", "Nothing more can be added to this report", do="Report anew")
    triage.say(row, "answer" if asked else "addition", text, at, None)
    acting.do(row, acting.Change(Doing.ANSWER if asked else Doing.ADD), _reporter(), at)


def set_consents(code: str, wanted: frozenset[rules.Consent], wording: str, at: Micros) -> None:
    """Makes exactly these purposes agreed to, in words of this version."""
    row = _standing(code, at)
    held = queries.consents(row)
    taken = held - wanted
    given = wanted - held
    if not taken and not given:
        return
    Consent.objects.filter(report=row, purpose__in=taken, withdrawn_at=None).update(withdrawn_at=at)
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
    Consent.objects.filter(report=row, withdrawn_at=None).update(withdrawn_at=at)
    fields = {"purge_after": at, **_taken_back(row, at)}
    acting.do(row, acting.Change(Doing.WITHDRAW, fields=fields), _reporter(), at)
    ReporterRow.objects.filter(report=row).update(purge_after=at)
    # Before the commit: an erasure that is in the file alone is only done again.
    purge.write_erasure("report", row.root, at)
