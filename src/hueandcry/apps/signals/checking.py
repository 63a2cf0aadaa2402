"""Answers for people: the same verdicts as look-ups, with everything that led to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import queries, rules, seats, shielding, shields
from hueandcry.apps.signals.lookup import Answer, GuestLookups, Lookups
from hueandcry.apps.signals.seats import Sight
from hueandcry.core.sharing import audience_sees
from hueandcry.core.times import time_text
from hueandcry.core.types import Actor, Audience, Kind, Micros, Signal, signal_key


def check(
    values: Sequence[str],
    at: Micros,
    *,
    audience: Audience = Audience.OWN,
    kind: Kind | None = None,
    actor: Actor | None = None,
) -> list[Answer]:
    """Look-up answers whose reasons also list each valid claim that the audience may see.

    Asked by a guest (`actor`), they are what the guest may see, whatever the audience.
    """
    seat = seats.seat_of(actor) if actor is not None else None
    sight = seats.Sight(seat) if seat is not None else None
    lookups = GuestLookups(sight) if sight is not None else Lookups(audience)
    answers = lookups.many(list(values), kind)
    for answer in answers:
        if answer["canonical"] is not None:
            signal = _decisive(answer)
            claims = _claims(signal, audience, at, sight)
            shield = _shield(signal, audience, sight)
            answer["reasons"] = [*answer["reasons"], *shield, *claims]
    return answers


def _shield(signal: Signal, audience: Audience, sight: Sight | None) -> list[dict[str, Any]]:
    """To our own people: that who has it may be coerced, and by which requests that is said."""
    if audience is not Audience.OWN or sight is not None:
        return []
    return shielding.reasons(shielding.shielded_by(signal))


def _decisive(answer: Answer) -> Signal:
    """The signal that gave the verdict: a parent where one matched."""
    for reason in answer["reasons"]:
        if reason["code"] == rules.Code.PARENT_MATCH.text:
            return Signal(Kind(reason["params"]["kind"]), reason["params"]["value"])
    return Signal(Kind(answer["kind"]), answer["canonical"])


def _claims(
    signal: Signal, audience: Audience, at: Micros, sight: Sight | None
) -> list[dict[str, Any]]:
    """One reason `claim` for each valid claim, the newest first."""
    key = signal_key(signal.kind, signal.value)
    hidden = (audience is not Audience.OWN or sight is not None) and key in shields.all_keys()
    rows = [row for row in queries.claims_on(key) if row.state == rules.LIVE]
    rows.sort(key=lambda row: row.modified, reverse=True)
    shown = []
    for row in rows:
        label = queries.label(row.label)
        if not row.valid_from <= at < row.valid_until:
            continue
        if sight is None:
            seen = audience_sees(label.marking, label.circle, audience, at)
        else:
            seen = sight.sees(row.claimant, row.source, label, at)
        if seen and not hidden:
            shown.append({"code": "claim", "params": _params(row)})
    return shown


def _params(row: queries.ClaimRow) -> dict[str, Any]:
    lure, method = queries.profile_text(row.profile)
    member = members.member(row.claimant)
    label = queries.label(row.label)
    source = queries.source_text(row.source)
    seat = members.speaker(member.fingerprint, source)
    return {
        "member": member.name,
        "fingerprint": member.fingerprint,
        "source": source,
        **({"seat": seat.name} if seat else {}),
        "verdict": rules.VERDICTS[row.verdict].value,
        "lure": lure,
        "method": method,
        "confidence": row.confidence,
        "tlp": label.marking.tlp.wire,
        "since": time_text(row.valid_from),
        "until": time_text(row.valid_until),
    }
