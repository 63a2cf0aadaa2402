"""Signatures under a policy: whose key it is, whether it holds, and what it was worth then."""

from __future__ import annotations

from dataclasses import dataclass

from hueandcry.core import jws
from hueandcry.core.errors import Malformed, Untrusted
from hueandcry.core.policies import Policy, PolicyKey, Standing
from hueandcry.core.times import time_text
from hueandcry.core.types import MINUTE, Fingerprint, Micros
from hueandcry.verifier import ed25519
from hueandcry.verifier.results import NotCheckedError

#: How far two clocks may differ: as far as at a signed call (PROTOCOL 2).
SKEW: Micros = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was signed: as it says itself, and when somebody else first saw it."""

    stated: Micros
    seen: Micros | None = None  #: by a witness or time-stamping authority of another member

    @property
    def judged(self) -> Micros:
        """The time by which a key is judged (PROTOCOL 1: the log's, wherever there is one)."""
        return self.stated if self.seen is None else self.seen


def needed(policy: Policy | None) -> Policy:
    """The policy; NotCheckedError where there is none."""
    if policy is None:
        raise NotCheckedError(
            "no_policy", "Without --policy nobody is known whose signature could be believed"
        )
    return policy


def document(raw: bytes, kind: str) -> jws.Unverified:
    """A document of version 1 of this type, whoever signed it; Malformed for any other."""
    unverified = jws.open_document(raw)
    if unverified.type != kind or unverified.stated.v != 1:
        raise Malformed("document_type", f"This is a {unverified.type}, not a {kind} of version 1")
    return unverified


def check_document(unverified: jws.Unverified, policy: Policy, moment: Moment) -> PolicyKey:
    """Raises Untrusted unless a member of the policy signed it with a key that was good then."""
    key = act_key(policy, unverified.kid)
    jws.verify_document(unverified, key=key.public, verify=ed25519.verify)
    check_standing(key, moment)
    return key


def act_key(policy: Policy, kid: str) -> PolicyKey:
    """The key that signed; Untrusted (`key_unknown`) unless the policy has it."""
    key = policy.act_key(kid)
    if key is None:
        raise Untrusted(
            "key_unknown",
            f"The policy has no key {kid}",
            why="It is of a member whom the policy does not name, or one that it has no more",
        )
    return key


def check_standing(key: PolicyKey, moment: Moment) -> None:
    """Raises Untrusted (`key_not_valid`, `key_revoked`, `disputed`) unless the signature stands."""
    at, at_text = moment.judged, time_text(moment.judged)
    standing = key.standing(at)
    if moment.stated < key.valid_from and standing is Standing.STANDS:
        standing, at_text = Standing.FALLS, time_text(moment.stated)
    if standing is Standing.STANDS:
        return
    by = "as it says itself" if moment.seen is None else "when a witness first saw it"
    if standing is Standing.DISPUTED:
        raise Untrusted(
            "disputed",
            f"DISPUTED: signed at {at_text} ({by})",
            why=f"The key {key.kid} was compromised since {time_text(key.compromised_since or 0)},"
            " and was revoked only later: its holder or a thief may have signed",
        )
    if key.valid_from <= at < key.valid_to and moment.stated >= key.valid_from:
        raise Untrusted(
            "key_revoked",
            f"DOES NOT STAND: signed at {at_text} ({by})",
            why=f"The key {key.kid} had been revoked",
        )
    raise Untrusted(
        "key_not_valid",
        f"DOES NOT STAND: signed at {at_text} ({by})",
        why=f"The key {key.kid} was good from {time_text(key.valid_from)} to"
        f" {time_text(key.valid_to)}",
    )


def check_times(policy: Policy, moment: Moment, what: str) -> None:
    """Raises Untrusted unless the stated time can be true (`time_ahead`, `back_dated`).

    Nothing is seen before it is made; and where the policy asks for witnesses, what says to be old
    but was first seen long after could have been made up then.
    """
    if moment.seen is None:
        return
    stated, seen = time_text(moment.stated), time_text(moment.seen)
    if moment.stated > moment.seen + SKEW:
        raise Untrusted(
            "time_ahead",
            f"{what} says {stated}, and a witness saw it at {seen} already",
        )
    late = policy.delay is not None and moment.seen - moment.stated > policy.delay
    if policy.quorum != "none" and late:
        raise Untrusted(
            "back_dated",
            f"{what} says {stated}, but no witness saw it before {seen}",
            why="It may have been made up at that later time",
            do="Where this was to be expected, give the policy another `delay`",
        )


def named(policy: Policy, fingerprint: Fingerprint) -> str:
    """A member by name and the beginning of its fingerprint."""
    name = policy.members.get(fingerprint)
    return f"{name} ({fingerprint[:16]}…)" if name else fingerprint
