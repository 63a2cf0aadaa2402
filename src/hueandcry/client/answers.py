"""What the JSON API answers: one struct for each.

The door builds its OpenAPI description, its documentation and its checks from these very structs,
so that client and server cannot come apart. Readers ignore members that they do not know, since
answers may grow.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from hueandcry.client.words import (
    Answer,
    Audience,
    ClaimState,
    Cursor,
    Embargo,
    Fingerprint,
    Kind,
    Pap,
    Purpose,
    Time,
    Tlp,
    Uuid,
    Verdict,
)


class Problem(Answer, kw_only=True):
    """An error (RFC 9457). `code` is stable; the words are for people."""

    type: Annotated[str, Meta(description="the address of the description of this code")]
    title: Annotated[str, Meta(description="what the code means")]
    status: int
    code: Annotated[str, Meta(description="stable: scripts may depend on it")]
    detail: Annotated[str, Meta(description="what was refused here, why, and what to do")]
    what: str
    why: str = ""
    do: str = ""
    request: Annotated[str, Meta(description="number of this request in the node's log")] = ""


class Me(Answer, kw_only=True):
    """The token that asks, and the node that answers."""

    token: int
    name: str
    audience: Audience
    scopes: list[str]
    expires_at: Time | None
    last_used_at: Annotated[Time | None, Meta(description="to the minute")]
    member: MemberRef
    node: MemberRef
    version: str


class MemberRef(Answer, kw_only=True):
    """A member by its fingerprint."""

    fingerprint: Fingerprint
    name: str


class Reason(Answer, kw_only=True):
    """Why a verdict is what it is: a stable code and its parameters."""

    code: str
    params: dict[str, Any]


class Checked(Answer, kw_only=True):
    """The verdict on one value, for the token's audience."""

    value: str
    kind: Kind | None
    canonical: Annotated[str | None, Meta(description="null: it could not be read")]
    id: Annotated[str | None, Meta(description="STIX id of the observable")]
    verdict: Verdict
    reasons: list[Reason]
    until: Annotated[Time | None, Meta(description="when the answer may change by itself")]


class CheckAnswer(Answer, kw_only=True):
    """One result for each value, in the order asked."""

    results: list[Checked]


class SignalRef(Answer, kw_only=True):
    """One canonical value of one kind."""

    kind: Kind
    value: str
    id: Annotated[str, Meta(description="STIX id of the observable")]


class Claim(Answer, kw_only=True):
    """One member's opinion of one signal."""

    claim: Uuid
    signal: SignalRef
    claimant: MemberRef
    own: Annotated[bool, Meta(description="whether the token's own member claims it")]
    source: Annotated[str, Meta(description="the feed; empty: the claimant's own people")]
    verdict: Verdict
    lure: str
    method: str
    confidence: int | None
    tlp: Tlp
    pap: Pap
    purposes: list[Purpose]
    embargo: Embargo | None
    valid_from: Time
    valid_until: Time
    created: Time
    modified: Time
    state: ClaimState
    counts: Annotated[bool, Meta(description="whether it bears on the verdict now")]
    withdrawn: Annotated[str, Meta(description="the reason of a retraction of ours")] = ""


class SignalView(Answer, kw_only=True):
    """A signal with every claim that the token's audience may see, and why the verdict."""

    signal: SignalRef
    checked: Checked
    claims: Annotated[list[Claim], Meta(description="the newest change first, at most 200")]
    left_out: Annotated[int, Meta(description="how many more there are")]


class SearchAnswer(Answer, kw_only=True):
    """What was found: the value itself as it was read, and signals that contain the text."""

    exact: Annotated[Checked | None, Meta(description="null: it is not a whole value")]
    parts: Annotated[list[Checked], Meta(description="at most 50, the newest first")]
    looked_for_parts: Annotated[bool, Meta(description="false: the text was too short")]


class Raised(Answer, kw_only=True):
    """A claim as it now stands; `merged`: it said nothing new."""

    outcome: Literal["raised", "revised", "merged"]
    claim: Uuid
    signal: SignalRef
    modified: Time


class RaisedOne(Answer, kw_only=True):
    """What became of one claim of many, in the order sent."""

    outcome: Literal["raised", "revised", "merged", "refused"]
    claim: Uuid | None = None
    signal: SignalRef | None = None
    code: Annotated[str, Meta(description="why it was refused")] = ""
    what: str = ""


class RaisedMany(Answer, kw_only=True):
    """One result for each claim, in the order sent."""

    results: list[RaisedOne]
    accepted: int
    refused: int


class Retracted(Answer, kw_only=True):
    """The claims that are withdrawn for ever."""

    signal: SignalRef
    claims: list[Uuid]
    reason: str


class ClaimPage(Answer, kw_only=True):
    """A page, the newest change first."""

    items: list[Claim]
    next: Cursor | None


class Change(Answer, kw_only=True):
    """Something about a signal changed; `checked` is the verdict of now, not of then."""

    type: Literal["claim", "retraction", "decision"]
    claim: Uuid | None
    claimant: MemberRef | None
    checked: Checked


class Changes(Answer, kw_only=True):
    """A page in order. `next` is always given: ask again with it, and nothing is missed."""

    items: list[Change]
    next: Cursor
    more: Annotated[bool, Meta(description="whether to ask again at once")]


class ListsAnswer(Answer, kw_only=True):
    """The lists that there are: one for each kind of signal."""

    lists: list[ListRef]


class ListRef(Answer, kw_only=True):
    """A block list."""

    name: Kind
    url: str


class ListEntry(Answer, kw_only=True):
    """A value whose verdict is scam, for the token's audience, and until when."""

    value: str
    until: Time | None


class ListPage(Answer, kw_only=True):
    """A page of a list, in the order in which values became known."""

    name: Kind
    items: list[ListEntry]
    next: Cursor | None


class Statistics(Answer, kw_only=True):
    """Figures of this node, at most a minute old, for the token's audience."""

    at: Time
    verdicts: Annotated[
        dict[Verdict, int] | None,
        Meta(description="signals of each verdict; null: too many to be counted at once"),
    ]
    signals: Annotated[
        int | None, Meta(description="values that anybody ever spoke of; audience own only")
    ]
    acts: Annotated[
        dict[str, int], Meta(description="claims touched by our own, by act; audience own only")
    ]
    feed: Annotated[
        int | None, Meta(description="position of the newest change; audience own only")
    ]
    ledger: Annotated[int, Meta(description="entries of the ledger that are published")]
