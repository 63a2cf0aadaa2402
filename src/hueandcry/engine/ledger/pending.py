"""Whether this node, restored from a backup, may log and sign already: asked at every entry."""

from __future__ import annotations

from django.db import transaction

from hueandcry.core.errors import TooMany
from hueandcry.engine.ledger.models import Restoration

OPEN = (Restoration.State.ASKING, Restoration.State.BEHIND)

#: A restore fills an empty database before any process of the node runs: once settled, for ever.
_settled: set[bool] = set()


def forget() -> None:
    """Forgets that nothing is pending: for tests that swap databases under one process."""
    _settled.clear()


def pending() -> bool:
    """Whether a restoration is not settled yet."""
    if _settled:
        return False
    if Restoration.objects.filter(state__in=OPEN).exists():
        return True
    transaction.on_commit(lambda: _settled.add(True))
    return False


def check_clear() -> None:
    """Raises TooMany, which asks to come again, while nothing may be logged."""
    if pending():
        raise TooMany(
            "busy",
            "This node was restored from a backup and logs nothing yet",
            why="It first learns from its peers how far its ledger had got",
            do="Try again soon; here, see `hueandcry log status`",
        )
