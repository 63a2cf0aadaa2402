"""All that this node holds about one signal, for its own people: verdicts, claims, decisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import queries, rules, shielding
from hueandcry.apps.signals.browsing import Claimed, claimed
from hueandcry.apps.signals.lookup import Answer, Lookups
from hueandcry.apps.signals.models import Note, Override, Withdrawal
from hueandcry.apps.signals.queries import ClaimRow
from hueandcry.apps.signals.rules import AUDIENCES
from hueandcry.apps.signals.standing import Bench
from hueandcry.core.sharing import audience_sees
from hueandcry.core.types import Audience, Micros, Signal, Verdict

#: Rows of each kind that a page shows; what is older is counted, not listed.
LISTED = 200


@dataclass(frozen=True, slots=True)
class Told:
    """A claim, for whom it counts, and how it ended."""

    claim: Claimed
    counts_for: frozenset[Audience]  #: audiences whose verdict it bears on now
    withdrawn: str  #: the reason of a retraction of ours
    withdrawn_at: Micros | None


@dataclass(frozen=True, slots=True)
class Decision:
    """A local decision above every claim, in force or of the past."""

    verdict: Verdict
    reason: str
    person: str
    at: Micros
    until: Micros | None
    cleared_at: Micros | None
    in_force: bool


@dataclass(frozen=True, slots=True)
class Written:
    """A note of one of our own people."""

    number: int
    text: str
    person: str
    at: Micros


@dataclass(frozen=True, slots=True)
class Dossier:
    """One signal; `answers` are what look-ups say to each audience, with all their reasons."""

    signal: Signal
    known: bool  #: whether anybody ever spoke of it here
    answers: dict[Audience, Answer]
    claims: tuple[Told, ...]  #: newest first
    left_out: int  #: claims beyond LISTED
    decisions: tuple[Decision, ...]  #: newest first
    notes: tuple[Written, ...]  #: newest first
    shielded_by: tuple[UUID, ...] = ()  #: requests by which who has it may be coerced


def dossier(signal: Signal, at: Micros) -> Dossier:
    """What is held about a signal; of one that nobody spoke of, what look-ups answer all the same.

    A fixed number of statements, however many claims there are.
    """
    row = queries.signal_of(signal.key)
    answers = {each: Lookups(each).one(signal.value, signal.kind) for each in AUDIENCES}
    shielded = shielding.shielded_by(signal)
    if row is None:
        return Dossier(signal, False, _shielded(answers, shielded), (), 0, (), (), shielded)
    rows = sorted(queries.claims_on(signal.key), key=lambda claim: -claim.seq)
    decisions = _decisions(row.id, at)
    _explain(answers, signal, rows, row.id, at)
    return Dossier(
        signal,
        True,
        _shielded(answers, shielded),
        _told(rows[:LISTED], at),
        max(0, len(rows) - LISTED),
        decisions,
        _notes(row.id),
        shielded,
    )


def _shielded(answers: dict[Audience, Answer], because: tuple[UUID, ...]) -> dict[Audience, Answer]:
    """The answers, with the shield as a reason in that to our own people."""
    own = answers[Audience.OWN]
    reasons = [*own["reasons"], *shielding.reasons(because)]
    return {**answers, Audience.OWN: {**own, "reasons": reasons}}


def _explain(
    answers: dict[Audience, Answer], signal: Signal, rows: list[ClaimRow], id: int, at: Micros
) -> None:
    """Puts the parameters of the reasons into answers that come from this very signal.

    Look-ups leave them out: who stands behind a verdict is for our own people.
    """
    bench = Bench(at)
    kind = rules.KIND_NUMBER[signal.kind]
    view = bench.view(kind, signal.value, rows, queries.overrides_of([id]).get(id))
    for audience, answer in answers.items():
        judged = rules.judge(view, audience, at)
        if answer["reasons"] and answer["reasons"][0]["code"] == judged.code.text:
            params = _named(dict(judged.reasons[0][1]))
            reasons = [{"code": judged.code.text, "params": params}, *answer["reasons"][1:]]
            answers[audience] = {**answer, "reasons": reasons}


def _named(params: dict[str, Any]) -> dict[str, Any]:
    if "members" in params:
        names = members.names_of(params["members"])
        params["members"] = [name for _, name in names.values()]
    return params


def _told(rows: list[ClaimRow], at: Micros) -> tuple[Told, ...]:
    reasons = {
        row.claim_id: (row.reason, row.at)
        for row in Withdrawal.objects.filter(claim_id__in=[row.id for row in rows])
    }
    nothing: tuple[str, Micros | None] = ("", None)
    return tuple(
        Told(claim, _counts_for(claim, at), *reasons.get(claim.row, nothing))
        for claim in claimed(rows, at)
    )


def _counts_for(claim: Claimed, at: Micros) -> frozenset[Audience]:
    if claim.state != "live" or at < claim.valid_from:
        return frozenset()
    seen = (a for a in AUDIENCES if audience_sees(claim.marking, claim.circle, a, at))
    return frozenset(seen)


def _decisions(signal: int, at: Micros) -> tuple[Decision, ...]:
    rows = Override.objects.filter(signal_id=signal).select_related("person").order_by("-id")
    return tuple(
        Decision(
            rules.VERDICTS[row.verdict],
            row.reason,
            _person(row),
            row.at,
            row.until,
            row.cleared_at,
            row.cleared_at is None and (row.until is None or at < row.until),
        )
        for row in rows[:LISTED]
    )


def _person(row: Override | Note) -> str:
    return (row.person.name or row.person.login) if row.person else ""


def _notes(signal: int) -> tuple[Written, ...]:
    rows = Note.objects.filter(signal_id=signal).select_related("person").order_by("-id")
    return tuple(Written(row.pk, row.text, _person(row), row.at) for row in rows[:LISTED])
