"""One session: whose turn it is, when it ends, what it may cost, and what is out of the usual.

Five words at most: (1) the answering side's blinded set; (2) the asking side's, with its answer to
the first; (3) the answer to that, with how many hits the answering side has; (4) how many the
asking side has; (5) where there are hits and both say as many, whom to speak to.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from hueandcry.core.errors import Malformed, NotPermitted
from hueandcry.core.matching.sets import SIZES

LAST: Final = 5  #: the word after which nothing follows
_COUNTED: Final = 4  #: the word by which both know how many hits the other has

#: Beyond these, half of what we asked for, a list is known to the other side, or they lie.
_MANY: Final = 5
#: So many elements of a peer within a month with less than one hit in so many: a search for us.
_TRIED: Final = 20_000
_SELDOM: Final = 10_000

_METHOD: Final = re.compile(r"ecdh-psi-raw-1, both ways, ([0-9]{1,6}) elements")


class Role(StrEnum):
    """Which side of a session we are."""

    ASKING = "asking"
    ANSWERING = "answering"


class State(StrEnum):
    """How a session stands."""

    OPEN = "open"
    DONE = "done"
    DIFFERS = "differs"  # the two sides do not say the same: nothing counts
    EXPIRED = "expired"
    REFUSED = "refused"  # by the other node, or by a rule of ours
    DROPPED = "dropped"  # its request has ended


class Alarm(StrEnum):
    """What people should look at."""

    DIFFERS = "differs"  # one of the two sides says another number of hits
    FORGED = "forged"  # a dummy of ours was found, which nobody else can have
    MANY = "many"  # half of what we asked for is there
    SELDOM = "seldom"  # a peer tries much and finds nothing


def speaker(word: int) -> Role:
    """Who says the word of this number, from 1 on."""
    return Role.ANSWERING if word % 2 else Role.ASKING


def after(word: int, ours: int | None, theirs: int | None) -> State:
    """How a session stands once the word was said; `ours`, `theirs`: hits, where they are known."""
    if word < _COUNTED:
        return State.OPEN
    if ours != theirs:
        return State.DIFFERS
    return State.OPEN if ours and word < LAST else State.DONE


def method(size: int) -> str:
    """What a request says of the session that it asks for: how, and how large its set looks."""
    return f"ecdh-psi-raw-1, both ways, {size} elements"


def read_method(text: object) -> int:
    """The size in what `method` wrote; Malformed for any other session."""
    found = _METHOD.fullmatch(text) if isinstance(text, str) else None
    if found is None or int(found[1]) not in SIZES:
        raise Malformed(
            "session",
            "This request asks for a session of another kind",
            do=f"Its field `session` is to be {method(SIZES[0])!r}, or with another step",
        )
    return int(found[1])


def check_budget(peer: str, size: int, day: int, month: int, limits: tuple[int, int]) -> None:
    """Raises NotPermitted where a set more would pass what may be tried with a peer.

    `day` and `month` are the elements of a side that were tried in these spans already.
    """
    for used, most, span in ((day, limits[0], "day"), (month, limits[1], "30 days")):
        if used + size > most:
            raise NotPermitted(
                "budget",
                f"{used:,} of {most:,} elements of this {span} with {peer} are used",
                why=f"This set looks like {size:,}",
                do="Wait, or change `deconflict.day` and `deconflict.month` on both nodes",
            )


def unusual(items: int, hits: int, tried: int, found: int) -> Alarm | None:
    """What of a session that has ended is out of the usual.

    `items` of ours and `hits` that count in this session; elements that the peer has `tried` within
    a month, and `found`.
    """
    if hits >= _MANY and hits * 2 > items:
        return Alarm.MANY
    if tried >= _TRIED and found * _SELDOM < tried:
        return Alarm.SELDOM
    return None
