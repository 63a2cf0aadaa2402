"""What audience a look-up token reads, remembered for less than a second."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from hueandcry.apps.members import face as members
from hueandcry.core.types import SECOND, Audience, Micros
from hueandcry.engine import clock

#: A revoked token dies within this time in every process.
LIFE: Final[Micros] = SECOND
_ROOM: Final = 1_024

_known: dict[bytes, tuple[Micros, Audience]] = {}


def forget() -> None:
    """Empties the memory of tokens."""
    _known.clear()


def audience_of(token: str) -> Audience | None:
    """The one audience that a valid token reads; None for a token unknown or revoked.

    Only tokens found valid are remembered, so that guesses cannot push them out.
    """
    digest = sha256(token.encode("utf-8", "replace")).digest()
    now = clock.now()
    remembered = _known.get(digest)
    # A clock that was set back must not keep a revoked token alive.
    if remembered is not None and 0 <= now - remembered[0] < LIFE:
        return remembered[1]
    audience = members.token_audience(digest)
    if audience is None:
        _known.pop(digest, None)
        return None
    if len(_known) >= _ROOM:
        _known.clear()
    _known[digest] = (now, audience)
    return audience
