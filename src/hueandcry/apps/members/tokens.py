"""Tokens: what a machine shows to be let in, and what each one opens."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from hueandcry.apps.members import duties, rules
from hueandcry.apps.members.models import Token
from hueandcry.core.errors import Conflict, Malformed, NotFound, NotPermitted, Untrusted
from hueandcry.core.types import MINUTE, Actor, Audience, Fingerprint, Micros
from hueandcry.engine.store.reading import reader


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made; its text is shown once and never again."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token as its owner sees it: never its text."""

    number: int
    audience: str
    note: str
    created_at: Micros
    revoked_at: Micros | None
    name: str = ""
    scopes: tuple[str, ...] = ()
    expires_at: Micros | None = None
    used_at: Micros | None = None
    person: int | None = None
    member: int | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """A machine that showed a valid token."""

    token: int
    name: str
    audience: Audience
    scopes: frozenset[str]
    member: int  #: row number of the member whose token it is
    fingerprint: Fingerprint
    expires_at: Micros | None = None
    used_at: Micros | None = None

    def may(self, scope: str) -> None:
        """Raises NotPermitted unless the token has this scope."""
        if scope not in self.scopes:
            raise NotPermitted(
                "scope",
                f"This token is not for that: it lacks the scope {scope}",
                do="Ask the administrator of the node for a token with that scope",
            )

    def actor(self) -> Actor:
        """Who acts when this caller writes."""
        return Actor(self.fingerprint, token=self.token)


def new_token(
    audience: Audience,
    note: str,
    at: Micros,
    *,
    name: str = "",
    scopes: Sequence[str] = ("lookup",),
    expires_at: Micros | None = None,
    person: int | None = None,
    member: int | None = None,
) -> NewToken:
    """A token for one audience and some scopes; only its digest is kept.

    With `member` it is that guest's, and reads clear or green. Raises Malformed for an unknown
    scope, an instant in the past, or a name that Basic cannot carry; Conflict for a name that
    another live token has.
    """
    rules.check_scopes(scopes)
    if member is not None and audience is Audience.OWN:
        raise NotPermitted(
            "guest_audience",
            "A guest's token reads clear or green: `own` is everything that this node holds",
            do="Choose --audience green",
        )
    if ":" in name or not name.isprintable():
        raise Malformed("token_name", "A token's name has no colon and no unprintable sign")
    if expires_at is not None and expires_at <= at:
        raise Malformed("expires", "That instant has passed", do="Give one to come")
    if name and Token.objects.filter(name=name, revoked_at=None).exists():
        raise Conflict("token_name", f"A live token is called {name!r}", do="Revoke it first")
    text = secrets.token_urlsafe(24)
    row = Token.objects.create(
        digest=sha256(text.encode()).digest(),
        name=name,
        audience=audience.value,
        scopes=" ".join(scopes),
        note=note,
        person_id=person,
        member_id=member,
        created_at=at,
        expires_at=expires_at,
    )
    duties.log("token.new", f"{row.pk} {name or note}: {audience} {row.scopes}", person, at)
    return NewToken(row.pk, text)


def revoke_token(number: int, at: Micros, by: int | None = None) -> None:
    """Ends a token at once; raises NotFound when there is no such live token."""
    if Token.objects.filter(pk=number, revoked_at=None).update(revoked_at=at) != 1:
        raise NotFound("token", f"There is no live token {number}", do="Run `hueandcry token list`")
    duties.log("token.revoke", str(number), by, at)


_CALLER = (
    "SELECT t.id, t.name, t.audience, t.scopes, t.expires_at, t.used_at, m.id, m.fingerprint "
    "FROM members_token t JOIN members_member m "
    "ON m.id = t.member_id OR (t.member_id IS NULL AND m.is_self = TRUE) "
    "WHERE t.digest = ? AND t.revoked_at IS NULL"
)


def caller(text: str, at: Micros, *, name: str | None = None) -> Caller:
    """Who shows this token; with `name` (Basic) that must be the token's too.

    Raises Untrusted("token") alike for one unknown, revoked, expired, or of another name.
    """
    digest = sha256(text.encode("utf-8", "replace")).digest()
    rows = reader().rows(_CALLER, [digest])
    found = _caller(rows[0]) if rows else None
    if found is None or (found.expires_at is not None and found.expires_at <= at):
        raise _unknown()
    if name is not None and name != found.name:
        raise _unknown()
    return found


def _unknown() -> Untrusted:
    return Untrusted("token", "This token is unknown here, has expired, or was revoked")


def _caller(row: Sequence[Any]) -> Caller:
    number, name, audience, scopes, expires_at, used_at, member, fingerprint = row
    return Caller(
        number,
        name,
        Audience(audience),
        frozenset(scopes.split()),
        member,
        bytes(fingerprint).hex(),
        expires_at,
        used_at,
    )


def token_used(number: int, at: Micros) -> None:
    """Notes that a token was used, to the minute, in the caller's transaction."""
    rows = Token.objects.filter(pk=number)
    rows.exclude(used_at__gt=at - MINUTE).update(used_at=at)


def tokens(member: int | None = None) -> list[TokenView]:
    """Every token without its text; with `member` only that guest's."""
    rows = Token.objects.order_by("id")
    return [_view(row) for row in (rows if member is None else rows.filter(member=member))]


def _view(row: Token) -> TokenView:
    return TokenView(
        row.pk,
        row.audience,
        row.note,
        row.created_at,
        row.revoked_at,
        row.name,
        tuple(row.scopes.split()),
        row.expires_at,
        row.used_at,
        row.person_id,
        row.member_id,
    )
