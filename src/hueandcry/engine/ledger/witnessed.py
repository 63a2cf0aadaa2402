"""What this node has cosigned of other logs: kept before it is answered (C2SP tlog-witness)."""

from __future__ import annotations

from hueandcry.core.notes import Checkpoint
from hueandcry.core.types import Micros
from hueandcry.engine.ledger.models import Witnessed
from hueandcry.engine.store.dialect import dialect


def last(origin: str) -> Witnessed | None:
    """What was cosigned last of one log; None: nothing yet."""
    return Witnessed.objects.filter(origin=origin).first()


def of_log(log: str) -> list[Witnessed]:
    """What was cosigned last of each epoch of the log `<host>/log`."""
    return list(Witnessed.objects.filter(origin__startswith=f"{log}/"))


def keep(before: Witnessed | None, head: Checkpoint, note: bytes, line: bytes, at: Micros) -> bool:
    """Puts a cosigned head in the place of `before`, in one statement; False: another was faster.

    The caller may answer with `line` once its transaction is durable, and not before.
    """
    if before is None:
        return _first(head, note, line, at)
    rows = Witnessed.objects.filter(origin=head.origin, size=before.size, root=before.root)
    return rows.update(size=head.size, root=head.root, note=note, line=line, at=at) == 1


def _first(head: Checkpoint, note: bytes, line: bytes, at: Micros) -> bool:
    columns = ("origin", "size", "root", "note", "line", "at")
    row = (head.origin, head.size, head.root, note, line, at)
    dialect().insert(Witnessed, columns, [row], "ON CONFLICT DO NOTHING")
    held = last(head.origin)
    return held is not None and bytes(held.line) == line
