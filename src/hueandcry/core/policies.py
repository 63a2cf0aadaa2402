"""Whom a verifier trusts: a text of one statement a line, read into typed values (PROTOCOL 6).

Standard library only. Nothing is trusted that this text does not say. Logs, witnesses, groups and
the quorum have the forms of C2SP tlog-policy; members, their keys, time-stamping authorities and
the checks that are required are ours. A line whose first sign is `#` is a comment.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from hueandcry.core.errors import HueError, Malformed, TooLarge
from hueandcry.core.keys import check_public_key, key_id
from hueandcry.core.notes import COSIGNATURE, ED25519, VerifierKey
from hueandcry.core.times import read_time, time_text
from hueandcry.core.types import DAY, Fingerprint, Micros

MAX_POLICY: Final = 1 << 20  #: bytes
CHECKS: Final = range(1, 11)
#: What is required where the policy does not say: 8 only where it names an authority.
USUAL: Final = frozenset({1, 2, 3, 4, 5, 6, 7, 9, 10})
STAMPED: Final = 8
#: How long after the time that a record states a witness may first have seen it.
USUAL_DELAY: Final[Micros] = DAY

PURPOSES: Final = ("act", "log", "witness")

_DIGEST = re.compile(r"[0-9a-f]{64}")
_WORD = re.compile(r"[!-~]{1,300}")
_HOURS = re.compile(r"[1-9][0-9]{0,5}")
_RANGE = re.compile(r"([1-9][0-9]?)(?:-([1-9][0-9]?))?")


class Standing(StrEnum):
    """What a signature is worth, by its key and the time at which it was certainly there."""

    STANDS = "STANDS"
    DISPUTED = "DISPUTED"  #: made while the key may already have been in other hands
    FALLS = "DOES NOT STAND"


@dataclass(frozen=True, slots=True)
class PolicyKey:
    """A member's public key of one purpose, with when it was good, and when it failed."""

    purpose: str
    member: Fingerprint
    public: bytes
    valid_from: Micros
    valid_to: Micros
    compromised_since: Micros | None = None
    revoked_at: Micros | None = None

    @property
    def kid(self) -> str:
        """`<fingerprint>/<16 hex>`: how documents and custody lines name it."""
        return f"{self.member}/{key_id(self.public)}"

    def standing(self, at: Micros) -> Standing:
        """What a signature is worth that was certainly there at `at` (PROTOCOL 1)."""
        if not self.valid_from <= at < self.valid_to:
            return Standing.FALLS
        if self.compromised_since is None or at < self.compromised_since:
            return Standing.STANDS
        revoked = self.revoked_at if self.revoked_at is not None else self.compromised_since
        return Standing.DISPUTED if at < revoked else Standing.FALLS


@dataclass(frozen=True, slots=True)
class Group:
    """Witnesses and groups of which at least `least` must agree."""

    name: str
    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """All that a verifier takes on trust."""

    members: Mapping[Fingerprint, str] = field(default_factory=dict)  #: fingerprint → name
    keys: tuple[PolicyKey, ...] = ()
    logs: tuple[VerifierKey, ...] = ()
    witnesses: Mapping[str, VerifierKey] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()  #: a group names only what stands before it
    quorum: str = "none"  #: a witness, a group, a number of witnesses, or none
    authorities: Mapping[str, str] = field(default_factory=dict)  #: SHA-256 of certificate → name
    delay: Micros | None = USUAL_DELAY  #: None: a witness may come at any time
    required: frozenset[int] = USUAL

    # -- questions ---------------------------------------------------------------------------------

    def act_key(self, kid: str) -> PolicyKey | None:
        """The `act` key that a document or custody line names, of a listed member."""
        return next((k for k in self.keys if k.purpose == "act" and k.kid == kid), None)

    def log_key(self, log: VerifierKey) -> PolicyKey | None:
        """Whose log signs with this key."""
        named = (k for k in self.keys if k.purpose == "log" and k.public == log.public)
        return next(named, None)

    def owner_of(self, witness: str) -> Fingerprint | None:
        """The member whose `witness` key this is, as far as the policy says."""
        public = self.witnesses[witness].public
        named = (k for k in self.keys if k.purpose == "witness" and k.public == public)
        return next((key.member for key in named), None)

    def reached(self, seen: Collection[str]) -> bool:
        """Whether the witnesses of these names are a quorum."""
        if self.quorum == "none":
            return True
        if self.quorum.isdecimal():
            return len(set(seen) & self.witnesses.keys()) >= int(self.quorum)
        agreed = set(seen) & self.witnesses.keys()
        for group in self.groups:
            if sum(name in agreed for name in group.members) >= group.least:
                agreed.add(group.name)
        return self.quorum in agreed

    # -- text --------------------------------------------------------------------------------------

    def text(self) -> str:
        """The policy as text, in the order in which it is best read."""
        required = _ranges(self.required)
        delay = "none" if self.delay is None else str(self.delay // (DAY // 24))
        lines = [
            *(f"member {member} {_one_line(name)}" for member, name in self.members.items()),
            *map(_key_line, self.keys),
            *(f"log {log.vkey}" for log in self.logs),
            *(f"witness {name} {key.vkey}" for name, key in self.witnesses.items()),
            *(f"group {g.name} {g.least} {' '.join(g.members)}" for g in self.groups),
            f"quorum {self.quorum}",
            *(f"tsa {digest} {_one_line(name)}" for digest, name in self.authorities.items()),
            f"delay {delay}",
            f"require {required}",
        ]
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def read(cls, data: bytes) -> Policy:
        """The policy that a text says; Malformed (`policy`) names the line that is wrong."""
        if len(data) > MAX_POLICY:
            raise TooLarge("policy", f"A policy has at most {MAX_POLICY} bytes")
        try:
            lines = data.decode().split("\n")
        except UnicodeDecodeError:
            raise Malformed("policy", "A policy is UTF-8 text") from None
        policy, said = cls(required=frozenset()), set[str]()
        for number, line in enumerate(lines, 1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            policy = _with_line(policy, number, words, said)
        if "require" not in said:
            stamped = {STAMPED} if policy.authorities else set()
            policy = replace(policy, required=USUAL | stamped)
        return policy


def _with_line(policy: Policy, number: int, words: list[str], said: set[str]) -> Policy:
    """The policy with one line more; `said` holds the statements that may stand once only."""
    name, rest = words[0], words[1:]
    try:
        if name not in _STATEMENTS:
            raise Malformed("policy", f"{ascii(name)[:40]} is no statement", do=_KNOWN)
        if name in said:
            raise Malformed("policy", f"`{name}` stands twice")
        if name in _ONCE:
            said.add(name)
        return _STATEMENTS[name](policy, rest)
    except HueError as wrong:
        why = f"{wrong.what}. {wrong.why}".strip()
        raise Malformed("policy", f"Line {number} of the policy: {why}", do=wrong.do) from None
    except (ValueError, IndexError):
        form = _FORMS[name]
        raise Malformed("policy", f"Line {number} of the policy: it is not `{form}`") from None


# --- one statement each ---------------------------------------------------------------------------


def _member(policy: Policy, words: list[str]) -> Policy:
    fingerprint, name = _digest(words[0]), " ".join(words[1:])
    _once(fingerprint in policy.members or not name, f"{fingerprint} is named twice, or not at all")
    return replace(policy, members={**policy.members, fingerprint: name})


def _key(policy: Policy, words: list[str]) -> Policy:
    purpose, member, public, valid_from, valid_to, *failed = words
    if purpose not in PURPOSES or len(failed) not in (0, 4):
        raise ValueError
    since = until = None
    if failed:
        (one, since_text, two, until_text) = failed
        if (one, two) != ("compromised", "revoked"):
            raise ValueError
        since, until = read_time(since_text), read_time(until_text)
        _once(since > until, "A key is revoked after it was compromised")
    key = PolicyKey(
        purpose, _digest(member), _public(public), read_time(valid_from), read_time(valid_to),
        since, until,
    )  # fmt: skip
    _once(member not in policy.members, f"No `member` line above names {member}")
    _once(key.valid_from >= key.valid_to, "The key ends before it begins")
    _once(any(k.public == key.public for k in policy.keys), "Another line has the same key")
    return replace(policy, keys=(*policy.keys, key))


def _log(policy: Policy, words: list[str]) -> Policy:
    key = VerifierKey.read(words[0])
    if key.kind != ED25519 or len(words) > 2:
        raise ValueError
    check_public_key(key.public)
    _once(key in policy.logs, f"{key.name} is named twice with one key")
    return replace(policy, logs=(*policy.logs, key))


def _witness(policy: Policy, words: list[str]) -> Policy:
    name, key = words[0], VerifierKey.read(words[1])
    if key.kind != COSIGNATURE or len(words) > 3:
        raise ValueError
    check_public_key(key.public)
    _free(policy, name)
    # One key that stands under two names would be counted twice.
    _once(any(k.public == key.public for k in policy.witnesses.values()), "Another has this key")
    return replace(policy, witnesses={**policy.witnesses, name: key})


def _group(policy: Policy, words: list[str]) -> Policy:
    name, least, *members = words
    _free(policy, name)
    known = {*policy.witnesses, *(group.name for group in policy.groups)}
    _once(len(set(members)) != len(members), "One stands twice in the group")
    _once(not known.issuperset(members), "It names what no line above it does")
    count = {"any": 1, "all": len(members)}.get(least) or int(least)
    if not 1 <= count <= len(members):
        raise ValueError
    return replace(policy, groups=(*policy.groups, Group(name, count, tuple(members))))


def _quorum(policy: Policy, words: list[str]) -> Policy:
    (name,) = words
    known = {"none", *policy.witnesses, *(group.name for group in policy.groups)}
    if name.isdecimal():
        _once(not 1 <= int(name) <= len(policy.witnesses), "There are not so many witnesses")
        return replace(policy, quorum=str(int(name)))
    _once(name not in known, f"No line above names {ascii(name)[:40]}")
    return replace(policy, quorum=name)


def _authority(policy: Policy, words: list[str]) -> Policy:
    digest, name = _digest(words[0]), " ".join(words[1:])
    _once(digest in policy.authorities or not name, f"{digest} is named twice, or not at all")
    return replace(policy, authorities={**policy.authorities, digest: name})


def _delay(policy: Policy, words: list[str]) -> Policy:
    (hours,) = words
    if hours == "none":
        return replace(policy, delay=None)
    if not _HOURS.fullmatch(hours):
        raise ValueError
    return replace(policy, delay=int(hours) * (DAY // 24))


def _require(policy: Policy, words: list[str]) -> Policy:
    required: set[int] = set()
    for part in "".join(words).split(","):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise ValueError
        first, last = int(match[1]), int(match[2] or match[1])
        _once(first > last or last not in CHECKS, f"There are no checks {part}")
        required.update(range(first, last + 1))
    return replace(policy, required=frozenset(required))


_STATEMENTS: Final[Mapping[str, Callable[[Policy, list[str]], Policy]]] = {
    "member": _member,
    "key": _key,
    "log": _log,
    "witness": _witness,
    "group": _group,
    "quorum": _quorum,
    "tsa": _authority,
    "delay": _delay,
    "require": _require,
}
_ONCE: Final = frozenset({"quorum", "delay", "require"})
_FORMS: Final = {
    "member": "member FINGERPRINT NAME",
    "key": "key act|log|witness FINGERPRINT PUBLIC FROM TO [compromised TIME revoked TIME]",
    "log": "log VKEY",
    "witness": "witness NAME VKEY",
    "group": "group NAME all|any|K NAME…",
    "quorum": "quorum NAME|K|none",
    "tsa": "tsa SHA256 NAME",
    "delay": "delay HOURS|none",
    "require": "require 1-7,9,10",
}
_KNOWN: Final = f"A line is one of: {', '.join(_STATEMENTS)}"


# --- words ----------------------------------------------------------------------------------------


def _once(wrong: bool, what: str) -> None:
    if wrong:
        raise Malformed("policy", what)


def _free(policy: Policy, name: str) -> None:
    taken = {"none", *policy.witnesses, *(group.name for group in policy.groups)}
    wrong = name in taken or name.isdecimal() or not _WORD.fullmatch(name)
    _once(wrong, f"{ascii(name)[:40]} cannot name it, or names another already")


def _digest(word: str) -> str:
    if not _DIGEST.fullmatch(word):
        raise ValueError
    return word


def _public(word: str) -> bytes:
    try:
        public = base64.b64decode(word, validate=True)
    except binascii.Error:
        raise ValueError from None
    if base64.b64encode(public).decode() != word:
        raise ValueError
    check_public_key(public)
    return public


def _one_line(name: str) -> str:
    """A name as its line keeps it, whatever blanks are in it."""
    return " ".join(name.split()) or "-"


def _key_line(key: PolicyKey) -> str:
    times = f"{time_text(key.valid_from)} {time_text(key.valid_to)}"
    line = f"key {key.purpose} {key.member} {base64.b64encode(key.public).decode()} {times}"
    if key.compromised_since is None:
        return line
    revoked = key.revoked_at if key.revoked_at is not None else key.compromised_since
    return f"{line} compromised {time_text(key.compromised_since)} revoked {time_text(revoked)}"


def _ranges(numbers: Iterable[int]) -> str:
    """`1-7,9,10` for a set of numbers: two in a row are written apart, as people do."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    texts = (f"{r[0]}-{r[-1]}" if len(r) > 2 else ",".join(map(str, r)) for r in runs)
    return ",".join(texts)
