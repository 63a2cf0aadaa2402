"""Where requests stand, for rooms above that carry out what was granted."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from hueandcry.apps.cooperation import queries, sealed
from hueandcry.core.machine import REQUEST, Side

#: States in which what was asked for is to be done.
_GRANTED: Final = ("ACCEPTED", "EXECUTING", "PARTIAL")


def granted_by_us(type: str) -> list[UUID]:
    """Requests of a type that we accepted and are to carry out, the oldest first."""
    return [UUID(bytes=row.uuid) for row in queries.standing_in(type, Side.REQUESTED, _GRANTED)]


def given(identifier: UUID) -> dict[str, Any]:
    """The fields of a request, empty once they were purged; raises NotFound."""
    return sealed.opened(queries.request(identifier).given)


def is_granted(identifier: UUID) -> bool:
    """Whether what a request asks for is to be done now; raises NotFound."""
    return queries.request(identifier).state in _GRANTED


def has_ended(identifier: UUID) -> bool:
    """Whether nothing will come of a request any more; raises NotFound."""
    return queries.request(identifier).state in REQUEST.final
