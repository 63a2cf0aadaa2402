"""What the claims about a signal add up to (DESIGN 4, "Verdict"). Pure: values and a clock in.

Benign claims never lower a verdict: the design lets only a local override or an allow-list clear
a signal, so that nobody can whitewash by claiming. They are shown as a reason where nothing else
is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, Final, NamedTuple

from hueandcry.core.sharing import Label, audience_sees
from hueandcry.core.types import DAY, Audience, Kind, Micros, Verdict

LIVE: Final = 0
RETRACTED: Final = 1

#: Numbers of kinds and verdicts in tables: only ever added to.
KINDS: Final[tuple[Kind, ...]] = tuple(Kind)
KIND_NUMBER: Final[dict[str, int]] = {kind: number for number, kind in enumerate(KINDS)}
VERDICTS: Final = (Verdict.UNKNOWN, Verdict.BENIGN, Verdict.SUSPICIOUS, Verdict.SCAM)
VERDICT_NUMBER: Final[dict[str, int]] = {verdict: number for number, verdict in enumerate(VERDICTS)}
UNKNOWN, BENIGN, SUSPICIOUS, SCAM = range(4)

AUDIENCES: Final = (Audience.CLEAR, Audience.GREEN, Audience.OWN)

#: How long a claim lives when its claimant does not say (DESIGN 5, ingest defaults).
LIFETIMES: Final[dict[Kind, Micros]] = {
    Kind.PHONE: 30 * DAY,
    Kind.EMAIL: 30 * DAY,
    Kind.HANDLE: 30 * DAY,
    Kind.BANK_ACCOUNT: 180 * DAY,
    Kind.WALLET: 365 * DAY,
    Kind.FILE_HASH: 365 * DAY,
    Kind.IMAGE_HASH: 365 * DAY,
}
DEFAULT_LIFETIME: Final = 90 * DAY
#: A revision is at least this much later than what it replaces (PROTOCOL 4: 1 ms).
STEP: Final[Micros] = 1000


class Code(IntEnum):
    """Why a verdict is what it is. Numbers are stored in the verdict columns: only added to."""

    NO_CLAIMS = 0
    LOCAL_OVERRIDE = 1
    ALLOW_LISTED = 2
    OWN_CLAIM = 3
    TRUSTED_MEMBER_CLAIM = 4
    INDEPENDENT_SOURCES = 5
    SINGLE_SOURCE = 6
    SUSPICIOUS_CLAIM = 7
    NO_VALID_CLAIMS = 8
    BENIGN_CLAIM = 9
    # Given at look-up only, never stored:
    PARENT_MATCH = 10
    HOST_ALLOW_LISTED = 11
    ALLOW_LISTED_PARENT = 12
    UNREADABLE = 13
    SHIELDED = 14

    @property
    def text(self) -> str:
        return self.name.lower()


class Standing(NamedTuple):
    """A live claim as the verdict sees it. Sources and claimants are compared by number only."""

    claimant: int
    source: int  #: 0: the claimant's own people
    verdict: int
    label: Label
    valid_from: Micros
    valid_until: Micros


class Decided(NamedTuple):
    """A local override in force."""

    verdict: int
    reason: str
    until: Micros | None


@dataclass(frozen=True, slots=True)
class View:
    """All that bears on one signal: what every member claims, and what this node holds itself."""

    claims: Sequence[Standing]
    us: int
    trusted: frozenset[int]  #: members under an agreement in force
    allowed: str = ""  #: name of the allow-list that holds exactly this signal
    override: Decided | None = None
    shielded: bool = False  #: who has it may be coerced: to others it is as if nobody spoke of it


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with its reasons, and how long both hold as far as the audience may know."""

    verdict: int
    code: Code
    reasons: tuple[tuple[str, dict[str, Any]], ...]
    until: Micros | None


def judge(view: View, audience: Audience, at: Micros) -> Judged:
    """The verdict for one audience at one instant: the first rule that matches (DESIGN 4)."""
    if view.shielded and audience is not Audience.OWN:
        view = unsaid(view)
    seen = [c for c in view.claims if _shown(c.label, audience, at)]
    valid = [c for c in seen if c.valid_from <= at < c.valid_until]
    until = _next_end(view, seen, at)
    override = view.override
    if override is not None and (override.until is None or at < override.until):
        # The words of our own people are for our own people.
        params = {"reason": override.reason} if audience is Audience.OWN else {}
        return Judged(
            override.verdict, Code.LOCAL_OVERRIDE, _one(Code.LOCAL_OVERRIDE, params), until
        )
    if view.allowed:
        params = {"list": view.allowed}
        return Judged(BENIGN, Code.ALLOW_LISTED, _one(Code.ALLOW_LISTED, params), until)
    verdict, code, found = _weigh(view, valid, bool(seen))
    if audience is not Audience.OWN:
        found.pop("members", None)  # with whom we have agreements is not for others
    return Judged(verdict, code, _one(code, found), until)


def unsaid(view: View, but: int | None = None) -> View:
    """The view as if nobody accused a value: no claim of anybody `but` one member, none decided.

    A decision that clears the value stands; one against it needs its shield lifted first.
    """
    override = view.override
    if override is not None and override.verdict != BENIGN:
        override = None
    claims = [claim for claim in view.claims if claim.claimant == but]
    return replace(view, claims=claims, override=override, shielded=False)


def _one(code: Code, params: dict[str, Any]) -> tuple[tuple[str, dict[str, Any]], ...]:
    return ((code.text, params),)


def _shown(label: Label, audience: Audience, at: Micros) -> bool:
    return audience_sees(label.marking, label.circle, audience, at)


def _weigh(
    view: View, valid: Sequence[Standing], any_seen: bool
) -> tuple[int, Code, dict[str, Any]]:
    """Verdict, code and parameters from the claims that are valid and visible."""
    scam = [c for c in valid if c.verdict == SCAM]
    if any(c.claimant == view.us and not c.source for c in scam):
        return SCAM, Code.OWN_CLAIM, {}
    trusted = sorted({c.claimant for c in scam if not c.source and c.claimant in view.trusted})
    if trusted:
        return SCAM, Code.TRUSTED_MEMBER_CLAIM, {"members": trusted}
    count = independent(scam, view.trusted | {view.us})
    if count >= 2:
        return SCAM, Code.INDEPENDENT_SOURCES, {"count": count}
    if count:
        return SUSPICIOUS, Code.SINGLE_SOURCE, {}
    if any(c.verdict == SUSPICIOUS for c in valid):
        return SUSPICIOUS, Code.SUSPICIOUS_CLAIM, {}
    if valid:
        return UNKNOWN, Code.BENIGN_CLAIM, {}
    return UNKNOWN, Code.NO_VALID_CLAIMS if any_seen else Code.NO_CLAIMS, {}


def independent(claims: Iterable[Standing], known: frozenset[int]) -> int:
    """How many independent sources stand behind these claims.

    A feed counts once, whoever passes it on; a claim without a feed counts as its claimant; a
    claimant outside `known` counts once at most, whatever feeds it names. The count is the largest
    that these three allow, so that one more claim never lowers it.
    """
    feeds: set[int] = set()
    own: set[int] = set()
    named: dict[int, set[int]] = {}
    for claim in claims:
        if not claim.source:
            own.add(claim.claimant)
        elif claim.claimant in known:
            feeds.add(claim.source)
        else:
            named.setdefault(claim.claimant, set()).add(claim.source)
    strangers = [sources - feeds for member, sources in named.items() if member not in own]
    return len(own) + len(feeds) + _matching(strangers)


def _matching(choices: Sequence[set[int]]) -> int:
    """The largest number of members that can each be given a feed of its own."""
    taken: dict[int, int] = {}

    def place(member: int, tried: set[int]) -> bool:
        for feed in choices[member] - tried:
            tried.add(feed)
            if feed not in taken or place(taken[feed], tried):
                taken[feed] = member
                return True
        return False

    return sum(place(member, set()) for member in range(len(choices)))


def _next_end(view: View, seen: Sequence[Standing], at: Micros) -> Micros | None:
    """The next instant at which something that the audience sees begins or ends."""
    instants = [instant for claim in seen for instant in (claim.valid_from, claim.valid_until)]
    if view.override and view.override.until is not None:
        instants.append(view.override.until)
    return min((instant for instant in instants if instant > at), default=None)


def _next_reveal(view: View, at: Micros) -> Micros | None:
    """The next end of an embargo: a verdict may change then, and nobody may be told before."""
    embargoes = [claim.label.marking.embargo for claim in view.claims]
    return min((e.until for e in embargoes if e and e.until > at), default=None)


# --- packed verdicts -----------------------------------------------------------------------------


def pack(judged: Judged, until: Micros | None) -> int:
    """Verdict, reason code, and whether `until` is the audience's own: a byte on SQLite."""
    return judged.verdict | judged.code << 2 | (_OWN_UNTIL if judged.until == until else 0)


def unpack(packed: int) -> tuple[int, Code, bool]:
    """Verdict number, reason code, and whether the stored `until` may be told to this audience."""
    return packed & 3, _CODES[packed >> 2 & 15], bool(packed & _OWN_UNTIL)


_OWN_UNTIL: Final = 64
_CODES: Final = tuple(Code)


class Columns(NamedTuple):
    """What is stored on a signal: one packed verdict per audience, and how long all three hold."""

    clear: int
    green: int
    own: int
    until: Micros | None


def columns(view: View, at: Micros) -> Columns:
    """The verdict columns of a signal at one instant."""
    clear, green, own = (judge(view, audience, at) for audience in AUDIENCES)
    instants = (clear.until, green.until, own.until, _next_reveal(view, at))
    until = min((instant for instant in instants if instant is not None), default=None)
    return Columns(pack(clear, until), pack(green, until), pack(own, until), until)


# --- versions ------------------------------------------------------------------------------------


class Outcome(IntEnum):
    """What becomes of a claim that arrives."""

    ACCEPTED = 0
    MERGED = 1
    STALE = 2
    RETRACTED = 3
    REFUSED = 4

    @property
    def text(self) -> str:
        return self.name.lower()


def supersedes(state: int, held: Micros, modified: Micros) -> Outcome:
    """Whether a version of `modified` replaces the one held: newer does, retracted is terminal."""
    if state == RETRACTED:
        return Outcome.RETRACTED
    if modified == held:
        return Outcome.MERGED
    return Outcome.ACCEPTED if modified > held else Outcome.STALE


def revised(at: Micros, previous: Micros) -> Micros:
    """`modified` of the version after `previous`: now, and always later (PROTOCOL 4)."""
    return max(at, previous + STEP)


def default_until(kind: Kind, at: Micros) -> Micros:
    """When a claim of this kind ends if its claimant does not say."""
    return at + LIFETIMES.get(kind, DEFAULT_LIFETIME)


def worn(valid_from: Micros, valid_until: Micros, at: Micros) -> bool:
    """Whether more than half of a claim's life is over: a feed that repeats it then renews it."""
    return at - valid_from > (valid_until - valid_from) // 2
