"""What is asked of a request of ours when it is signed, and when it leaves by wire or letter."""

from __future__ import annotations

from typing import Any

from hueandcry.apps.cooperation import checking, extending, hops, sealed
from hueandcry.apps.cooperation.models import Request
from hueandcry.core.types import Micros


def basis(row: Request, at: Micros) -> dict[str, Any]:
    """The basis as it stands on the day it leaves; raises what forbids that it does."""
    extending.check(row, at)
    hops.check_still_wanted(row)
    given = sealed.opened(row.given)
    return checking.may_go(row.type, row.peer.hex(), row.instrument, given, at)
