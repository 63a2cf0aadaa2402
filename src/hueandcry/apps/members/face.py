"""Members: who is who, and whose keys are whose. The only module other rooms import."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import transaction

from hueandcry.apps.members import queries, service
from hueandcry.apps.members.access import (
    AccessNote,
    AccessView,
    accesses,
    count_accesses,
    log_access,
    purge_accesses,
)
from hueandcry.apps.members.duties import DutyView, duties
from hueandcry.apps.members.duties import log as log_duty
from hueandcry.apps.members.keys import KeyView, keys_of, log_keys, shown
from hueandcry.apps.members.models import Member
from hueandcry.apps.members.people import (
    PersonView,
    active,
    add_person,
    new_password,
    people,
    person,
    set_active,
    set_preferences,
    set_roles,
)
from hueandcry.apps.members.rules import (
    MEMBER_ROLES,
    PERSON_ROLES,
    PURPOSES,
    SCOPES,
    check_roles,
    log_name,
    stands,
)
from hueandcry.apps.members.seats import SOURCE as SEAT_SOURCE
from hueandcry.apps.members.seats import (
    SeatView,
    announced,
    announcements,
    code_of,
    end_seat,
    guest_fingerprint,
    open_seat,
    seat,
    seat_body,
    seat_of,
    seat_terms,
    seats,
    speaker,
    take_seat,
)
from hueandcry.apps.members.service import (
    Founding,
    believe_succession,
    check_founding,
    finish_rotation,
    found,
    renew_keys,
    revoke_key,
    rotate_root,
    sign_succession,
    take_card,
    take_revocation,
)
from hueandcry.apps.members.tokens import (
    Caller,
    NewToken,
    TokenView,
    caller,
    new_token,
    revoke_token,
    token_used,
    tokens,
)
from hueandcry.core.errors import NotFound, Untrusted
from hueandcry.core.types import Actor, Fingerprint, Micros
from hueandcry.engine import clock
from hueandcry.engine.keys import ed25519
from hueandcry.engine.keys.own import own
from hueandcry.engine.ledger.verify import LogKeys

__all__ = [
    "MEMBER_ROLES",
    "PERSON_ROLES",
    "PURPOSES",
    "SCOPES",
    "SEAT_SOURCE",
    "AccessNote",
    "AccessView",
    "Caller",
    "DutyView",
    "Founding",
    "KeyView",
    "MemberView",
    "NewToken",
    "OwnKeyView",
    "PersonView",
    "SeatView",
    "TokenView",
    "accesses",
    "acting_key",
    "actor",
    "add_person",
    "age_key",
    "announced",
    "announcements",
    "barred",
    "believe_succession",
    "called",
    "caller",
    "card_of",
    "check_founding",
    "check_roles",
    "code_of",
    "count_accesses",
    "duties",
    "end_seat",
    "everyone",
    "find",
    "finish_rotation",
    "forget",
    "found",
    "guest_fingerprint",
    "introduced_key",
    "keys_of",
    "knows",
    "log_access",
    "log_duty",
    "log_keys",
    "log_name",
    "member",
    "member_id",
    "names_of",
    "new_password",
    "new_token",
    "open_seat",
    "own_keys",
    "own_log",
    "own_log_keys",
    "people",
    "person",
    "purge_accesses",
    "renew_keys",
    "revoke_key",
    "revoke_token",
    "rotate_root",
    "seat",
    "seat_body",
    "seat_of",
    "seat_terms",
    "seats",
    "set_active",
    "set_barred",
    "set_preferences",
    "set_roles",
    "sign_succession",
    "signing_key",
    "speaker",
    "stands",
    "take_card",
    "take_revocation",
    "take_seat",
    "token_used",
    "tokens",
    "transport_key",
    "us",
    "whose_log",
]


@dataclass(frozen=True, slots=True)
class MemberView:
    """What others may see of a member."""

    id: int
    fingerprint: Fingerprint
    name: str
    country: str
    roles: tuple[str, ...]
    url: str
    serial: int


@dataclass(frozen=True, slots=True)
class OwnKeyView:
    """One of our own operational keys, as the cards name it."""

    purpose: str
    key_id: str
    valid_from: Micros
    valid_to: Micros
    revoked_at: Micros | None


def own_keys() -> list[OwnKeyView]:
    """Every operational key of this node, by purpose, the newest first."""
    row = queries.myself()
    found = [key for p in PURPOSES for key in queries.keys(row, p)] if row else []
    return [OwnKeyView(k.purpose, k.key_id, k.valid_from, k.valid_to, k.revoked_at) for k in found]


def us() -> MemberView:
    """This node's own member; raises NotFound before `init`."""
    known = _own.get("us")
    if known is None:
        row = queries.myself()
        if row is None:
            raise NotFound("node", "There is no node here", do="Run `hueandcry init` first")
        known = _own["us"] = _view(row)
    return known


_own: dict[str, MemberView] = {}


def forget() -> None:
    """Empties the caches: after `init`, a new card, or a swap of databases in tests."""
    _own.clear()
    _signing.clear()
    _ids.clear()


#: Seconds for which the choice of a signing key stands: a revocation counts this soon.
_CHOICE = 1.0

_signing: dict[str, tuple[str, float]] = {}


def signing_key(purpose: str) -> str:
    """The id of our newest key for a purpose that the card names and nobody revoked; NotFound.

    The card decides, not the folder: another process may have renewed or revoked meanwhile. A key
    of a card from after the backup that this node was restored from is not here: the next is taken.
    """
    held = _signing.get(purpose)
    now = clock.monotonic()
    if held is not None and now < held[1]:
        return held[0]
    named = queries.own_key_ids(purpose)
    if not named:
        raise NotFound("key", f"No {purpose} key is in force", do="Run `hueandcry keys renew`")
    found = next((key_id for key_id in named if own().holds(purpose, key_id)), named[0])
    _signing[purpose] = (found, now + _CHOICE)
    return found


def _view(row: Member) -> MemberView:
    return MemberView(
        row.pk, row.fingerprint.hex(), row.name, row.country, tuple(row.roles), row.url, row.serial
    )


def find(fingerprint: Fingerprint) -> MemberView | None:
    """The member of this fingerprint, if we hold its card."""
    row = queries.by_fingerprint(fingerprint)
    return None if row is None else _view(row)


def member(id: int) -> MemberView:
    """The member of this row number; raises NotFound."""
    row = queries.member(id)
    if row is None:
        raise NotFound("member", f"There is no member number {id}")
    return _view(row)


def everyone() -> list[MemberView]:
    """Every member with a node of its own whose card we hold, ourselves first."""
    return [_view(row) for row in queries.with_cards()]


def names_of(ids: Iterable[int]) -> dict[int, tuple[Fingerprint, str]]:
    """Row number → (fingerprint, name) of these members, in one statement."""
    return {row.pk: (row.fingerprint.hex(), row.name) for row in queries.some(ids)}


def called(fingerprints: Collection[Fingerprint]) -> dict[Fingerprint, str]:
    """The name of each, or how its fingerprint begins where it is unknown; in one statement."""
    known = {row.fingerprint.hex(): row.name for row in queries.of_fingerprints(fingerprints)}
    return {each: known.get(each, each[:16]) for each in fingerprints}


_ids: dict[Fingerprint, int] = {}


def member_id(fingerprint: Fingerprint) -> int:
    """The row number of a member whose card we hold; raises NotFound."""
    known = _ids.get(fingerprint)
    if known is not None:
        return known
    row = queries.by_fingerprint(fingerprint)
    if row is None:
        raise NotFound("member", f"No card of {fingerprint} is held")
    number = row.pk
    # A member of a rolled-back transaction must not outlive it: its number goes to another one.
    transaction.on_commit(lambda: _ids.setdefault(fingerprint, number))
    return number


def card_of(fingerprint: Fingerprint) -> bytes:
    """The newest card of a member, byte for byte; raises NotFound."""
    row = queries.by_fingerprint(fingerprint)
    card = queries.newest_card(row) if row else None
    if card is None:
        raise NotFound("member", f"No card of {fingerprint} is held")
    document: bytes = card.document
    return document


def knows(kid: str) -> bool:
    """Whether a card that we hold names this `act` key."""
    fingerprint, _, key_id = kid.partition("/")
    return queries.key(fingerprint, "act", key_id) is not None


def barred() -> frozenset[Fingerprint]:
    """The members that nothing passes to or from, by decision of the partnership."""
    return frozenset(queries.barred())


def set_barred(fingerprints: Iterable[Fingerprint]) -> int:
    """Bars exactly these, as the directory decided (PROTOCOL 1); gives how many changed."""
    return queries.set_barred(fingerprints)


def acting_key(kid: str) -> KeyView:
    """The `act` key that a document's `kid` names; raises Untrusted."""
    return _key(kid, "act")


def introduced_key(keyid: str, body: bytes, *, first: bool = False) -> bytes | None:
    """A `transport` key that is named only by the newer card in `body`, of a member we hold.

    With `first` also by the first card of one that we do not hold yet.
    """
    fingerprint, _, key_id = keyid.partition("/")
    if queries.key(fingerprint, "transport", key_id) is not None:
        return None
    return service.key_in_newer_card(body, fingerprint, "transport", key_id, first=first)


def age_key(fingerprint: Fingerprint, at: Micros) -> bytes:
    """The newest `age` key of a member that is valid at `at`: what is sealed for it; NotFound."""
    for key in queries.keys_of(fingerprint, "age"):
        if key.revoked_at is None and key.valid_from <= at < key.valid_to:
            public: bytes = key.public
            return public
    raise NotFound("age_key", f"No valid age key of {fingerprint} is known", do="Get its new card")


def transport_key(keyid: str) -> KeyView:
    """The `transport` key that a call's `keyid` names; raises Untrusted."""
    return _key(keyid, "transport")


def _key(kid: str, purpose: str) -> KeyView:
    fingerprint, _, key_id = kid.partition("/")
    row = queries.key(fingerprint, purpose, key_id)
    if row is None:
        raise Untrusted(
            "unknown_key",
            f"No {purpose} key {kid} is known",
            why="The member is unknown here, the key is for another purpose, or its card is newer",
        )
    return shown(row)


def actor(login: str) -> Actor:
    """An active person as an actor, of the member that they belong to; raises NotFound."""
    row = active(login)
    if row is None:
        raise NotFound("person", f"There is no active person {login!r}")
    whose = us() if row.member_id is None else member(row.member_id)
    return Actor(whose.fingerprint, row.pk, frozenset(row.roles))


def own_log() -> str:
    """What our own log is called, whatever its epoch."""
    return log_name(us().url, us().fingerprint)


def own_log_keys() -> LogKeys:
    """What our own ledger is checked against: its name, and every key of ours that signed it."""
    return LogKeys(own_log(), log_keys(us().fingerprint), ed25519.verify)


def whose_log(name: str) -> MemberView | None:
    """The member whose log is called `name`, before `/log/<epoch>`; None: nobody that we know."""
    row = queries.by_log_name(name)
    return None if row is None else _view(row)
