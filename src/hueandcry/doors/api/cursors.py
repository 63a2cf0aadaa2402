"""Cursors: sealed, so that only this node reads one, and only for whom and what it was made."""

from __future__ import annotations

from typing import Final

import msgspec

from hueandcry.apps.members.face import Caller
from hueandcry.core.errors import HueError, Malformed
from hueandcry.engine.keys.own import own

_CONTEXT: Final = "api-cursor"


class _Place(msgspec.Struct, array_like=True):
    """Where a page ended: which list, for which audience, of which member, after what."""

    what: str
    audience: str
    member: int
    position: int


def seal(what: str, caller: Caller, position: int) -> str:
    """A cursor of this caller's kind; tokens of one member and audience may share it."""
    place = _Place(what, caller.audience.value, caller.member, position)
    return own().seal(_CONTEXT, msgspec.msgpack.encode(place))


def read(what: str, caller: Caller, text: str | msgspec.UnsetType) -> int | None:
    """The position in a cursor, None without one; raises Malformed for any that is not of here."""
    if isinstance(text, msgspec.UnsetType):
        return None
    try:
        place = msgspec.msgpack.decode(own().open_sealed(_CONTEXT, text), type=_Place)
    except (HueError, msgspec.MsgspecError):
        raise _unusable() from None
    if (place.what, place.audience, place.member) != (what, caller.audience, caller.member):
        raise _unusable()
    return place.position


def _unusable() -> Malformed:
    return Malformed("cursor", "The cursor is not usable here", do="Begin without a cursor")
