"""What the JSON API answers about peers, the ledger and webhooks: one struct for each."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from hueandcry.client.answers import MemberRef, Reason, SignalRef
from hueandcry.client.words import (
    Answer,
    Audience,
    Cursor,
    EventType,
    Fingerprint,
    Kind,
    Time,
    Tlp,
    Uuid,
    Verdict,
)


class Peer(Answer, kw_only=True):
    """A member that this node talks to."""

    member: MemberRef
    country: str
    roles: list[str]
    url: str
    state: Literal["waiting", "in_force", "refused", "suspended", "barred", "not_yet", "ended"]
    added_at: Time
    last_seen: Time | None
    failures: int
    last_error: str
    waiting: Annotated[int, Meta(description="documents on their way")]
    clock_offset: Annotated[float, Meta(description="seconds that its clock is ahead of ours")]


class Peers(Answer, kw_only=True):
    """Every peer, in the order added."""

    items: list[Peer]


class Agreement(Answer, kw_only=True):
    """One set of terms and how far it has got."""

    digest: Fingerprint
    serial: int
    state: str
    terms: Annotated[dict[str, Any], Meta(description="as signed")]
    signed_by_us: bool
    signed_by_them: bool
    difference: Annotated[list[Reason], Meta(description="why we refused it")]
    changed_at: Time


class PeerView(Answer, kw_only=True):
    """A peer with its agreements and what it says it holds of our ledger."""

    peer: Peer
    agreements: list[Agreement]
    holds_size: Annotated[int | None, Meta(description="entries of our ledger, by its receipts")]
    holds_root: str | None


class Delivery(Answer, kw_only=True):
    """A document on its way to a peer."""

    number: int
    type: str
    digest: str
    state: Literal["waiting", "delivered", "refused"]
    attempts: int
    issued_at: Time
    done_at: Time | None
    outcome: str
    log_index: int | None


class DeliveryPage(Answer, kw_only=True):
    """A page, newest first."""

    items: list[Delivery]
    next: Cursor | None


class Handover(Answer, kw_only=True):
    """One part that was handed to a peer, with what its receipts say."""

    number: int
    what: Literal["claims", "retraction"]
    kind: Kind | None
    tlp: Tlp | None
    accepted: int
    refused: int
    refusals: Annotated[dict[str, int], Meta(description="class of refusal → how many")]
    received_at: Time
    effective_at: Annotated[Time | None, Meta(description="since when it counts there")]
    receipt: int | None


class HandoverPage(Answer, kw_only=True):
    """A page, newest first."""

    items: list[Handover]
    next: Cursor | None


class Reached(Answer, kw_only=True):
    """How far a claim, or its retraction, has come at one peer."""

    peer: MemberRef
    state: Literal["kept_back", "waiting", "received", "refused", "effective"]
    reasons: Annotated[list[Reason], Meta(description="why the gate keeps it back")]
    refusal: Annotated[str, Meta(description="class of the peer's refusal")]
    received_at: Time | None
    effective_at: Annotated[Time | None, Meta(description="since when it counts there")]
    receipt: int | None


class Reach(Answer, kw_only=True):
    """How far a claim has come, peer by peer."""

    items: list[Reached]


class Receipt(Answer, kw_only=True):
    """One signed answer, ours to a peer or theirs to us."""

    number: int
    ours: bool
    kind: Literal["receipt", "effective"]
    about: Annotated[str, Meta(description="SHA-256 of what it answers")]
    at: Time
    log_index: int | None
    outcome: str
    accepted: int
    merged: int
    refused: int
    refusals: dict[str, int]


class ReceiptPage(Answer, kw_only=True):
    """A page, newest first."""

    items: list[Receipt]
    next: Cursor | None


class ReceiptView(Answer, kw_only=True):
    """A receipt with the signed document itself."""

    receipt: Receipt
    document: Annotated[str, Meta(description="JWS compact")]


class Ledger(Answer, kw_only=True):
    """The head of this node's ledger."""

    epoch: int
    entries: Annotated[int, Meta(description="how many there are, published or not")]
    size: Annotated[int | None, Meta(description="that the signed head covers; null: none yet")]
    root: str | None
    checkpoint: Annotated[str | None, Meta(description="C2SP signed note")]


class Act(Answer, kw_only=True):
    """One thing that this token did, and its entry in the ledger."""

    number: int
    kind: str
    at: Time
    count: Annotated[int, Meta(description="claims that it touched")]
    log_index: int | None


class ActPage(Answer, kw_only=True):
    """A page, newest first."""

    items: list[Act]
    next: Cursor | None


class Proof(Answer, kw_only=True):
    """That an entry is in the ledger, and what it says where the token made it."""

    index: int
    commitment: Annotated[str, Meta(description="hex of the entry's 33 bytes")]
    proof: Annotated[str, Meta(description="C2SP tlog-proof under the newest signed head")]
    record: Annotated[str | None, Meta(description="what the entry commits to")]
    salt: Annotated[str | None, Meta(description="hex of the 32 bytes that blind it")]


class SourceRun(Answer, kw_only=True):
    """One run of a source and its account; `outcome` is empty while it runs."""

    number: int
    started: Time
    ended: Time | None
    by_hand: bool
    outcome: Literal["", "done", "unchanged", "partly", "failed", "lost"]
    rows: int
    accepted: int
    merged: int
    rejected: int
    retracted: int
    reasons: Annotated[dict[str, int], Meta(description="why rows were rejected → how many")]
    problems: Annotated[dict[str, int], Meta(description="what the other side did wrong")]
    code: Annotated[str, Meta(description="why it failed")]
    error: str


class SourceRunPage(Answer, kw_only=True):
    """A page, newest first."""

    items: list[SourceRun]
    next: Cursor | None


class Source(Answer, kw_only=True):
    """A list of others that the node takes by itself; whether it has a secret is told, never it."""

    name: str
    what: Literal["file", "folder", "misp", "taxii", "https"]
    address: str
    feed: Annotated[str, Meta(description="the name under which its claims stand")]
    every: Annotated[int, Meta(description="minutes")]
    gone: Annotated[
        Literal["keep", "retract"], Meta(description="what becomes of values no longer listed")
    ]
    note: str
    state: Literal["active", "paused", "removed"]
    added_at: Time
    next_due: Annotated[Time | None, Meta(description="null while it is paused")]
    failures: Annotated[int, Meta(description="runs in a row that failed")]
    running: bool
    last: SourceRun | None


class Sources(Answer, kw_only=True):
    """Every source, by name."""

    items: list[Source]


class Webhook(Answer, kw_only=True):
    """A subscription; never its secret."""

    number: int
    url: str
    events: list[EventType]
    kinds: list[Kind]
    note: str
    audience: Audience
    state: Literal["active", "paused"]
    notice: Annotated[str, Meta(description="why it was paused")]
    created_at: Time
    failures: Annotated[int, Meta(description="tries in a row that failed")]
    waiting: Annotated[int, Meta(description="deliveries on their way")]


class WebhookMade(Answer, kw_only=True):
    """A new subscription, or a new secret: the secret is shown here and never again."""

    webhook: Webhook
    secret: Annotated[str, Meta(description="whsec_ and base64, as Standard Webhooks say")]


class Webhooks(Answer, kw_only=True):
    """Every subscription of this token."""

    items: list[Webhook]


class WebhookDelivery(Answer, kw_only=True):
    """One event on its way to a receiver."""

    number: int
    id: Annotated[str, Meta(description="webhook-id: the same for every try")]
    type: str
    state: Literal["waiting", "delivered", "failed"]
    attempts: int
    created_at: Time
    due_at: Time | None
    done_at: Time | None
    status: Annotated[int | None, Meta(description="what the receiver answered last")]
    outcome: str


class WebhookDeliveryPage(Answer, kw_only=True):
    """A page, newest first."""

    items: list[WebhookDelivery]
    next: Cursor | None


class Event(Answer, kw_only=True):
    """The body of a notice, as the receiver gets it. A test has no data."""

    type: str
    timestamp: Time
    data: EventData | None


class EventData(Answer, kw_only=True):
    """What changed, small: the rest is behind `url`."""

    kind: Kind
    signal: Annotated[
        SignalRef | None, Meta(description="null where it names a person: ask for it")
    ]
    verdict: Annotated[Verdict | None, Meta(description="of signal.verdict_changed")]
    before: Annotated[Verdict | None, Meta(description="what was told before")]
    claim: Uuid | None
    claimant: MemberRef | None
    url: str
