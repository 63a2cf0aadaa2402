"""Answers for people: the same verdicts as look-ups, with everything that led to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import queries, rules
from hueandcry.apps.signals.lookup import Answer, Lookups
from hueandcry.core.sharing import audience_sees
from hueandcry.core.times import time_text
from hueandcry.core.types import Audience, Kind, Micros, Signal, signal_key


def check(
    values: Sequence[str],
    at: Micros,
    *,
    audience: Audience = Audience.OWN,
    kind: Kind | None = None,
) -> list[Answer]:
    """Look-up answers whose reasons also list each valid claim that the audience may see."""
    answers = Lookups(audience).many(list(values), kind)
    for answer in answers:
        if answer["canonical"] is not None:
            claims = _claims(_decisive(answer), audience, at)
            answer["reasons"] = [*answer["reasons"], *claims]
    return answers


def _decisive(answer: Answer) -> Signal:
    """The signal that gave the verdict: a parent where one matched."""
    for reason in answer["reasons"]:
        if reason["code"] == rules.Code.PARENT_MATCH.text:
            return Signal(Kind(reason["params"]["kind"]), reason["params"]["value"])
    return Signal(Kind(answer["kind"]), answer["canonical"])


def _claims(signal: Signal, audience: Audience, at: Micros) -> list[dict[str, Any]]:
    """One reason `claim` for each valid claim, the newest first."""
    key = signal_key(signal.kind, signal.value)
    rows = [row for row in queries.claims_on(key) if row.state == rules.LIVE]
    rows.sort(key=lambda row: row.modified, reverse=True)
    shown = []
    for row in rows:
        label = queries.label(row.label)
        if not row.valid_from <= at < row.valid_until:
            continue
        if audience_sees(label.marking, label.circle, audience, at):
            shown.append({"code": "claim", "params": _params(row)})
    return shown


def _params(row: queries.ClaimRow) -> dict[str, Any]:
    lure, method = queries.profile_text(row.profile)
    member = members.member(row.claimant)
    label = queries.label(row.label)
    return {
        "member": member.name,
        "fingerprint": member.fingerprint,
        "source": queries.source_text(row.source),
        "verdict": rules.VERDICTS[row.verdict].value,
        "lure": lure,
        "method": method,
        "confidence": row.confidence,
        "tlp": label.marking.tlp.wire,
        "since": time_text(row.valid_from),
        "until": time_text(row.valid_until),
    }
