"""What the JSON API is asked: one struct for each body and query; unknown members are refused."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from hueandcry.client.words import (
    ClaimState,
    Code,
    Cursor,
    Embargo,
    Events,
    Kind,
    Limit,
    Line,
    Pap,
    Purpose,
    Request,
    Said,
    Time,
    Tlp,
    Url,
    Value,
)


class CheckRequest(Request, kw_only=True):
    """Values to be checked, of one kind or of whatever kind each looks like."""

    values: Annotated[
        list[Annotated[str, Meta(max_length=8_192)]], Meta(min_length=1, max_length=10_000)
    ]
    kind: Kind | UnsetType = UNSET


class SignalQuery(Request, kw_only=True):
    """Which signal."""

    value: Value
    kind: Kind | UnsetType = UNSET
    purpose: Annotated[
        Line | UnsetType, Meta(description="why; needed for kinds that name a person")
    ] = UNSET


class SearchQuery(Request, kw_only=True):
    """What to look for: a whole value, or a part of at least three letters."""

    q: Annotated[str, Meta(min_length=1, max_length=300)]
    kind: Kind | UnsetType = UNSET
    purpose: Annotated[
        Line | UnsetType, Meta(description="why; needed for kinds that name a person")
    ] = UNSET


class NewClaim(Request, kw_only=True):
    """What is claimed. Without `until` the kind decides how long it holds."""

    value: Value
    kind: Kind | UnsetType = UNSET
    verdict: Said = "scam"
    lure: Code = ""
    method: Code = ""
    confidence: Annotated[int, Meta(ge=0, le=100)] | None = None
    tlp: Tlp = "GREEN"
    pap: Pap = "GREEN"
    purposes: Annotated[list[Purpose], Meta(max_length=4)] = []
    embargo: Embargo | None = None
    until: Time | UnsetType = UNSET


class NewClaims(Request, kw_only=True):
    """Claims in bulk; those that cannot be read are refused, the others are raised together."""

    claims: Annotated[list[NewClaim], Meta(min_length=1, max_length=1_000)]


class Retraction(Request, kw_only=True):
    """Which value's claims are withdrawn, and why."""

    value: Value
    kind: Kind | UnsetType = UNSET
    reason: Annotated[
        str,
        Meta(min_length=1, max_length=64, pattern="^[a-z0-9]+(-[a-z0-9]+)*$", examples=["mistake"]),
    ]


class ClaimsQuery(Request, kw_only=True):
    """Which of the own claims."""

    kind: Kind | UnsetType = UNSET
    verdict: Said | UnsetType = UNSET
    state: ClaimState | UnsetType = UNSET
    limit: Limit = 50
    cursor: Cursor | UnsetType = UNSET


class ChangesQuery(Request, kw_only=True):
    """From where on; without a cursor from the beginning of everything that is held."""

    cursor: Cursor | UnsetType = UNSET
    start: Annotated[
        Literal["beginning", "now"], Meta(description="where to begin without a cursor")
    ] = "beginning"
    limit: Limit = 100


class ListQuery(Request, kw_only=True):
    """A page of a list."""

    limit: Annotated[int, Meta(ge=1, le=10_000)] = 1_000
    cursor: Cursor | UnsetType = UNSET


class PageQuery(Request, kw_only=True):
    """A page."""

    limit: Limit = 50
    cursor: Cursor | UnsetType = UNSET


class ClaimQuery(Request, kw_only=True):
    """Why, where the claim names a person and is another member's."""

    purpose: Line | UnsetType = UNSET


class NewWebhook(Request, kw_only=True):
    """Where to send what."""

    url: Url
    events: Events
    kinds: Annotated[list[Kind], Meta(max_length=12, description="empty: every kind")] = []
    note: Line = ""


class WebhookChange(Request, kw_only=True):
    """What is to be different; `state` active begins again after a pause."""

    url: Url | UnsetType = UNSET
    events: Events | UnsetType = UNSET
    kinds: Annotated[list[Kind], Meta(max_length=12)] | UnsetType = UNSET
    note: Line | UnsetType = UNSET
    state: Literal["active", "paused"] | UnsetType = UNSET
