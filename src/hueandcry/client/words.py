"""The words of the JSON API: what a member of a request or an answer may hold.

Times are RFC 3339 in UTC. Lists of words are closed in requests; they may grow in answers.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Kind = Literal[
    "domain",
    "url",
    "email",
    "phone",
    "bank-account",
    "wallet",
    "handle",
    "app",
    "page",
    "advert",
    "file-hash",
    "image-hash",
]
Verdict = Literal["scam", "suspicious", "benign", "unknown"]
Said = Literal["scam", "suspicious", "benign"]
Tlp = Literal["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]
Pap = Literal["CLEAR", "GREEN", "AMBER", "RED"]
Purpose = Literal["prevention", "protection", "investigation", "prosecution"]
Audience = Literal["clear", "green", "own"]
ClaimState = Literal["live", "ended", "retracted"]
EventType = Literal["signal.verdict_changed", "claim.received", "claim.retracted"]

Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
Fingerprint = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Uuid = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
Value = Annotated[str, Meta(min_length=1, max_length=8_192)]
Code = Annotated[str, Meta(max_length=64, pattern="^([a-z0-9]+(-[a-z0-9]+)*)?$")]
Line = Annotated[str, Meta(max_length=200)]
Limit = Annotated[int, Meta(ge=1, le=500)]
Cursor = Annotated[str, Meta(min_length=1, max_length=400, pattern="^[A-Za-z0-9_-]+$")]
Url = Annotated[str, Meta(min_length=9, max_length=2_000, extra_json_schema={"format": "uri"})]
Events = Annotated[list[EventType], Meta(min_length=1, max_length=3)]


class Request(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a client sends: a member that is not known is refused."""


class Answer(Struct, kw_only=True):
    """What a node answers."""


class Embargo(Struct, forbid_unknown_fields=True, kw_only=True):
    """Nothing that others could notice is to be done until then."""

    case: Line
    until: Time
