"""The ledger over HTTP, for anybody: C2SP tlog-tiles below /log/<epoch>/."""

from __future__ import annotations

from hueandcry.core.errors import NotFound
from hueandcry.doors.desk.wire import Answer
from hueandcry.engine.ledger import face as ledger


def get(path: str, method: str) -> Answer:
    """`checkpoint` or a tile of one epoch, ended ones too; raises NotFound for anything else."""
    text, _, rest = path.removeprefix("/log/").partition("/")
    epoch = next((each.number for each in ledger.spans() if str(each.number) == text), None)
    if method != "GET" or epoch is None:
        raise NotFound("no_such_log", "There is no such log here")
    if rest == "checkpoint":
        note = ledger.checkpoint(epoch)
        if note is None:
            raise NotFound("no_checkpoint", "Nothing has been published yet")
        return Answer(200, note, "text/plain; charset=utf-8")
    if rest.startswith("tile/"):
        return Answer(200, ledger.tile(rest, epoch), "application/octet-stream")
    raise NotFound("no_such_tile", "There is no such part of the log")
