"""What is confirmed without a person: by a rule that is policy, on record, and can be undone.

A trusted intake's domains and links, where the text is a scam as surely as the policy asks; any
kind but displayed numbers where two trusted intakes name the same value in unlike reports.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hueandcry.apps.detection.face import Finding
from hueandcry.apps.reports import acting, claiming, queries, rules
from hueandcry.apps.reports.models import Act, Report, Value
from hueandcry.apps.reports.rules import Consent, Doing, Origin
from hueandcry.apps.reports.settings import TRUSTED, TRUSTED_LIKELIHOOD
from hueandcry.apps.signals import face as signals
from hueandcry.core.types import Actor, Audience, Micros
from hueandcry.engine.policy import face as policy


@dataclass(frozen=True, slots=True)
class HitView:
    """One time that a rule raised claims: which, why, for which report, and whether it stands."""

    report: int
    rule: str
    at: Micros
    claims: int
    undone: bool


def raise_by_rule(rows: Sequence[Report], actor: Actor, at: Micros) -> int:
    """Applies the rules to reports that were just read, in the caller's transaction; the hits."""
    trusted = frozenset(filter(rules.may_be_trusted, policy.items(TRUSTED.name)))
    hits = 0
    for row in rows:
        if row.intake in trusted and row.follows_id is None:
            hits += _applied(row, trusted, actor, at)
    return hits


def _applied(row: Report, trusted: Collection[str], actor: Actor, at: Micros) -> bool:
    if Consent.SIGNALS not in queries.consents(row) or _was_undone(row):
        return False
    ticked = list(Value.objects.filter(report=row, ticked=True).order_by("pk"))
    sure = _sure(ticked)
    alone = [value for value in sure if _alone(row, value)]
    together = [value for value in sure if value not in alone and _together(value, trusted)]
    chosen = [value for value in alone + together if value.claim is None]
    if not chosen:
        return False
    rule = rules.TRUSTED_INTAKE if alone else rules.TWO_SOURCES
    whole = len(alone) + len(together) == len(ticked)
    change = acting.Change(Doing.CONFIRM if whole else Doing.RULE, rule=rule)
    before = row.state
    acting.move(row, change, at)
    made = claiming.raise_for(row, chosen, actor, at)
    act = acting.act_row(row, change, before, actor, at)
    acting.log(act, row, claims=sorted(str(each.claim) for each in made if each.claim))
    return True


def _was_undone(row: Report) -> bool:
    """Whether people took back what a rule did here: it does not do it again."""
    return Act.objects.filter(report=row, undone_by__isnull=False).exclude(rule="").exists()


def _sure(values: Sequence[Value]) -> list[Value]:
    """Those of the report itself, read with certainty, of which our people withdrew no claim.

    Nothing that came after a decision: people look at that.
    """
    own = [v for v in values if v.origin != Origin.ALIKE and not v.late]
    sure = [v for v in own if v.confidence >= rules.SURE]
    found = {value.pk: claiming.signal_of(value) for value in sure}
    withdrawn = signals.withdrawn_by_us(list(found.values()))
    return [value for value in sure if found[value.pk].key not in withdrawn]


def _alone(row: Report, value: Value) -> bool:
    signal = claiming.signal_of(value)
    if row.finding != Finding.SCAM or signals.allow_lists().of(signal.kind, signal.value):
        return False
    verdict = signals.Lookups(Audience.OWN).one(signal.value, signal.kind)["verdict"]
    least = policy.number(TRUSTED_LIKELIHOOD.name) / 100
    return rules.may_raise_alone(signal.kind, verdict, row.likelihood, least)


def _together(value: Value, trusted: Collection[str]) -> bool:
    signal = claiming.signal_of(value)
    if signals.allow_lists().of(signal.kind, signal.value):
        return False
    named = queries.intakes_naming(value, trusted)
    groups: dict[int | None, str] = {}
    for intake, group in named:  # of reports that are alike only the first is a source
        groups.setdefault(group, intake)
    return rules.may_raise_together(signal.kind, value.role, value.origin, groups.values())


def hits(before: int | None = None, limit: int = 100) -> list[HitView]:
    """What rules raised, the newest first, from below the report number `before`."""
    acts = Act.objects.filter(rule__in=(rules.TRUSTED_INTAKE, rules.TWO_SOURCES))
    if before is not None:
        acts = acts.filter(report__lt=before)
    return [
        HitView(
            act.report_id,
            act.rule,
            act.at,
            Value.objects.filter(report=act.report_id, claim__isnull=False).count(),
            act.undone_by_id is not None,
        )
        for act in acts.order_by("-report", "-version")[:limit]
    ]
