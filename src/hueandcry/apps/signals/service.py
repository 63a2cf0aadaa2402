"""What our own people do with signals: raise, retract, override. The door owns the transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import acts, queries, rules, seats
from hueandcry.apps.signals.models import Note, Override, Withdrawal
from hueandcry.apps.signals.queries import ClaimRow
from hueandcry.apps.signals.standing import Bench
from hueandcry.apps.signals.writing import Fate, Opinion, put
from hueandcry.core import jcs, taxonomy
from hueandcry.core.errors import Conflict, Malformed, NotFound
from hueandcry.core.sharing import Label
from hueandcry.core.types import Actor, Kind, Lane, Marking, Micros, Signal, Verdict
from hueandcry.engine.store import feed
from hueandcry.engine.timeline import face as timeline

#: Letters of a feed's name that readers of claims take (core.stix): peers would refuse more.
MAX_SOURCE = 256
MAX_NOTE = 2_000


@dataclass(frozen=True, slots=True)
class NewClaim:
    """What one of our own people says about a signal. Without `valid_until`, the kind decides."""

    signal: Signal
    verdict: Verdict = Verdict.SCAM
    lure: str = ""
    method: str = ""
    confidence: int | None = None
    marking: Marking = field(default_factory=Marking)
    valid_until: Micros | None = None


@dataclass(frozen=True, slots=True)
class Raised:
    """A claim as it now stands; `outcome` is raised, revised or merged (nothing new was said)."""

    row: int
    claim_id: UUID
    signal: Signal
    n: int
    outcome: str
    modified: Micros
    left: int | None  #: the exchange batch that no longer carries this claim


@dataclass(frozen=True, slots=True)
class RetractedClaim:
    """A claim of ours that is withdrawn for ever; `left` is the batch that carried it, if any."""

    row: int
    claim_id: UUID
    signal: Signal
    modified: Micros
    reason: str
    left: int | None


def label_for(kind: Kind, marking: Marking, lane: Lane) -> Label:
    """The label of a claim of ours."""
    return Label(kind, marking, members.us().fingerprint, lane=lane)


def opinion(new: NewClaim, lane: Lane, *, source: str = "") -> Opinion:
    """What is claimed, with its texts as numbers; raises Malformed for a text no reader takes."""
    for name, code in (("lure", new.lure), ("method", new.method)):
        if code and not taxonomy.is_code(code):
            do = "Write a code such as `investment` or `sms`"
            raise Malformed(name, f"{code[:40]!r} is no {name}", do=do)
    if len(source) > MAX_SOURCE:
        raise Malformed("source", f"A feed's name has at most {MAX_SOURCE} letters")
    kind = new.signal.kind
    label = label_for(kind, new.marking, lane)
    twin = replace(label, lane=Lane.BULK if lane is Lane.LIVE else Lane.LIVE)
    return Opinion(
        kind,
        rules.VERDICT_NUMBER[new.verdict],
        queries.source_number(source),
        source,
        queries.profile_number(new.lure, new.method),
        new.confidence,
        queries.label_number(label),
        queries.label_number(twin),
        new.valid_until,
    )


def raise_claims(
    actor: Actor, claims: Sequence[NewClaim], at: Micros, lane: Lane = Lane.LIVE
) -> list[Raised]:
    """Raises claims of our own people, or of a guest under its seat, in the order given.

    What is said again revises or merges.
    A later claim on the same signal in one call replaces the earlier. Raises Malformed for a
    verdict `unknown`, a confidence outside 0 to 100, or an end that is not after `at`.
    """
    for new in claims:
        check_new(new, at)
    source = seats.source_for(actor)
    latest = {new.signal.key: new for new in claims}
    wanted = [
        (key, new.signal.value, opinion(new, lane, source=source)) for key, new in latest.items()
    ]
    written = put(wanted, at, again=True)
    versions = list(written.versions())
    if versions:
        acts.log(actor, "raise", versions, at)
        note("raised", [id for id, _ in versions], at)
    fates = written.outcomes()
    return [_raised(new.signal, fates[new.signal.key]) for new in claims]


def note(name: str, claim_ids: Iterable[bytes], at: Micros) -> None:
    """The first hop of a claim's life, or of its end."""
    timeline.note(claim_ids, name, members.us().fingerprint, at, timeline.Source.OWN)


def check_words(new: NewClaim) -> None:
    """Raises Malformed for a verdict or a confidence that no claim has."""
    if new.verdict is Verdict.UNKNOWN:
        raise Malformed("verdict", "A claim says scam, suspicious or benign, not unknown")
    if new.confidence is not None and not 0 <= new.confidence <= 100:
        raise Malformed("confidence", f"{new.confidence} is no confidence", do="Use 0 to 100")


def check_new(new: NewClaim, at: Micros) -> None:
    """Raises Malformed for what cannot be claimed at `at`."""
    check_words(new)
    if new.valid_until is not None and new.valid_until <= at:
        raise Malformed("valid_until", "A claim must end after it begins")


def _raised(signal: Signal, fate: Fate) -> Raised:
    claim = fate.claim
    id = UUID(bytes=claim.claim_id)
    return Raised(claim.id, id, signal, claim.n, fate.outcome, claim.modified, fate.left)


def retract(
    actor: Actor, signal: Signal, reason: str, at: Micros, source: str | None = None
) -> list[RetractedClaim]:
    """Withdraws an actor's live claims on a signal, of one source or (None) of all its own.

    Each is terminal. A guest withdraws its own only, and our people leave a guest's alone unless
    they name its source. Raises NotFound when there is none. The verdict changes at once.
    """
    row = queries.signals_by_key([signal.key]).get(signal.key)
    claims = queries.claims_of_signals([row.id]).get(row.id, []) if row else []
    us = members.us().id
    live = [
        claim
        for claim in claims
        if claim.claimant == us and claim.state == rules.LIVE
        if seats.may_withdraw(actor, claim, source)
    ]
    if row is None or not live:
        raise NotFound(
            "no_claim",
            f"We have no claim about {signal.value}",
            do="Check the value; only own claims can be retracted, use an override for others",
        )
    gone = [withdrawn(claim, at) for claim in live]
    rest = [claim for claim in claims if claim not in live]
    _store(row.id, row.kind, row.value, rest, gone, at)
    Withdrawal.objects.bulk_create(
        [Withdrawal(claim_id=claim.id, reason=reason, at=at) for claim in gone]
    )
    acts.log(actor, "retract", [(claim.claim_id, claim.modified) for claim in gone], at)
    note("retracted", [claim.claim_id for claim in gone], at)
    return [
        RetractedClaim(now.id, UUID(bytes=now.claim_id), signal, now.modified, reason, before.batch)
        for before, now in zip(live, gone, strict=True)
    ]


def withdrawn(claim: ClaimRow, at: Micros) -> ClaimRow:
    """The claim in its terminal state, pending again, in the lane that overtakes bulk."""
    live = replace(queries.label(claim.label), lane=Lane.LIVE)
    return claim._replace(
        state=rules.RETRACTED,
        modified=rules.revised(at, claim.modified),
        label=queries.label_number(live),
        batch=None,  # the ordinal stays: it says that some batch carried the claim once
    )


def _store(
    signal: int,
    kind: int,
    value: str,
    rest: Iterable[ClaimRow],
    changed: list[ClaimRow],
    at: Micros,
) -> None:
    """Writes changed claims of one signal and its verdict; `changed` gets its feed positions."""
    override = queries.overrides_of([signal]).get(signal)
    verdict = Bench(at).columns(kind, value, [*rest, *changed], override)
    queries.set_verdicts([(signal, verdict)])
    first = feed.advance(feed.FEED, len(changed))
    changed[:] = [claim._replace(seq=seq) for seq, claim in enumerate(changed, first)]
    queries.replace_claims(changed)


def set_override(
    actor: Actor,
    signal: Signal,
    verdict: Verdict,
    reason: str,
    at: Micros,
    until: Micros | None = None,
) -> None:
    """Decides a signal locally, above every claim, until `until`; replaces an earlier decision."""
    if verdict is Verdict.UNKNOWN:
        raise Malformed("verdict", "An override says scam, suspicious or benign", do="Clear it")
    if until is not None and until <= at:
        raise Malformed("until", "An override must end after it begins")
    signal_id = _signal_row(signal)
    _clear(signal_id, at)
    _decide(actor, signal, signal_id, at, verdict=verdict, reason=reason, until=until)


def clear_override(actor: Actor, signal: Signal, at: Micros) -> None:
    """Takes the local decision back; raises Conflict when there is none."""
    row = queries.signals_by_key([signal.key]).get(signal.key)
    if row is None or not _clear(row.id, at):
        raise Conflict("no_override", f"There is no local decision about {signal.value}")
    rejudge([row.id], at)
    _log_decision(actor, signal, at, "cleared", "")


def _decide(
    actor: Actor,
    signal: Signal,
    signal_id: int,
    at: Micros,
    *,
    verdict: Verdict,
    reason: str,
    until: Micros | None,
) -> None:
    row = Override(
        signal_id=signal_id,
        verdict=rules.VERDICT_NUMBER[verdict],
        reason=reason,
        person_id=actor.person,
        at=at,
        until=until,
        seq=feed.advance(feed.FEED, 1),
    )
    row.save(force_insert=True)
    rejudge([signal_id], at)
    _log_decision(actor, signal, at, verdict.value, reason)


def _log_decision(actor: Actor, signal: Signal, at: Micros, decision: str, reason: str) -> None:
    said = jcs.canonical([signal.kind.value, signal.value, decision, reason])
    acts.log_decision(actor, "override", said, at)


def _clear(signal_id: int, at: Micros) -> bool:
    rows = Override.objects.filter(signal_id=signal_id, cleared_at=None)
    return bool(rows.exists() and rows.update(cleared_at=at, seq=feed.advance(feed.FEED, 1)))


def add_note(actor: Actor, signal: Signal, text: str, at: Micros) -> None:
    """Keeps a note about a signal for our own people; it never leaves this node."""
    text = text.strip()
    if not text or len(text) > MAX_NOTE:
        raise Malformed("note", f"A note has 1 to {MAX_NOTE} letters")
    Note.objects.create(signal_id=_signal_row(signal), text=text, person_id=actor.person, at=at)


def _signal_row(signal: Signal) -> int:
    """The row of a signal, made if nobody spoke of it yet."""
    known = queries.signals_by_key([signal.key])
    if signal.key not in known:
        nothing = rules.Columns(0, 0, 0, None)
        kind = rules.KIND_NUMBER[signal.kind]
        queries.add_signals([(signal.key, kind, signal.value, nothing)])
        known = queries.signals_by_key([signal.key])
    return known[signal.key].id


def rejudge(ids: Sequence[int], at: Micros) -> int:
    """Computes the verdict columns of these signals (row ids) afresh; gives how many there are."""
    signals = queries.signals_by_id(ids)
    claims, overrides = queries.claims_of_signals(ids), queries.overrides_of(ids)
    bench = Bench(at)
    queries.set_verdicts(
        [
            (id, bench.columns(row.kind, row.value, claims.get(id, []), overrides.get(id)))
            for id, row in signals.items()
        ]
    )
    return len(signals)


def restamp(rows: Sequence[int], at: Micros) -> Counter[int]:
    """Gives own live claims that a peer's clock refused an earlier time, and makes them pending.

    `modified`, and `created` and `valid_from` where later, come down to `at`: the one case in
    which `modified` may fall, because no peer took the version before (PROTOCOL 2). Returns
    batch → how many of its objects left it.
    """
    us = members.us().id
    claims = [
        claim
        for claim in queries.claims_by_row(rows)
        if claim.claimant == us and claim.modified > at
    ]
    left = Counter(claim.batch for claim in claims if claim.batch is not None)
    lowered = [
        claim._replace(
            modified=at,
            created=min(claim.created, at),
            valid_from=min(claim.valid_from, at),
            batch=None,
        )
        for claim in claims
    ]
    if lowered:
        first = feed.advance(feed.FEED, len(lowered))
        queries.replace_claims([c._replace(seq=seq) for seq, c in enumerate(lowered, first)])
    return left
