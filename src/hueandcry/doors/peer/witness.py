"""This node as a witness: `add-checkpoint` of C2SP tlog-witness, with its exact answers."""

from __future__ import annotations

from dataclasses import replace

from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import PeerView
from hueandcry.core.errors import HueError, Untrusted
from hueandcry.core.witnessing import SIZE_TYPE, SizeDiffers
from hueandcry.doors.desk.wire import Answer, error, json
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

PATH = "/witness/v1/add-checkpoint"

_TEXT = "text/plain; charset=utf-8"


def post(body: bytes) -> Answer:
    """Cosigns what goes on from what was cosigned last: kept, durable, and only then answered."""
    at = clock.now()
    try:
        with unit_of_work():
            line = peers.add_checkpoint(body, at)
    except HueError as refused:
        if refused.code in peers.DOUBTFUL:
            with unit_of_work():
                peers.suspect(body, at)
        return _refusal(refused)
    return Answer(200, line, _TEXT)


def _refusal(refused: HueError) -> Answer:
    if isinstance(refused, SizeDiffers):
        return Answer(409, f"{refused.size}\n".encode(), SIZE_TYPE)
    said = error(refused)
    return replace(said, status=422) if isinstance(refused, Untrusted) else said


def hear(caller: PeerView, body: bytes, query: dict[str, list[str]]) -> Answer:
    """What a witness that we cannot call has cosigned: the checkpoint with its lines."""
    with unit_of_work():
        return json({"new": peers.hear_cosignatures(caller, body, clock.now())})
