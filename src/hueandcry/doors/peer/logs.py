"""The ledger over HTTP, for anybody: C2SP tlog-tiles below /log/<epoch>/, and its witnesses."""

from __future__ import annotations

from hueandcry.apps.peers import face as peers
from hueandcry.core.errors import NotFound
from hueandcry.doors.desk.wire import Answer
from hueandcry.engine.ledger import face as ledger


def get(path: str, method: str) -> Answer:
    """What one epoch shows, ended ones too; raises NotFound for anything else.

    `checkpoint` is the newest head with the cosignatures that it has by now, `cosigned` the newest
    one that a quorum of our witnesses has cosigned; the rest are tiles. A restored node shows no
    head before it knows whether its log goes on: to show less than before would be a roll-back.
    """
    text, _, rest = path.removeprefix("/log/").partition("/")
    epoch = next((each.number for each in ledger.spans() if str(each.number) == text), None)
    if method != "GET" or epoch is None:
        raise NotFound("no_such_log", "There is no such log here")
    if rest in ("checkpoint", "cosigned"):
        return Answer(200, _head(rest, epoch).note, "text/plain; charset=utf-8")
    if rest.startswith("tile/"):
        return Answer(200, ledger.tile(rest, epoch), "application/octet-stream")
    raise NotFound("no_such_tile", "There is no such part of the log")


def _head(which: str, epoch: int) -> ledger.SignedHead:
    newest = ledger.newest if which == "checkpoint" else peers.newest_cosigned
    head = None if ledger.restoring() else newest(epoch)
    if head is None:
        raise NotFound("no_checkpoint", "Nothing has been published yet")
    return head
