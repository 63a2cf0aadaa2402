"""Sealed packages over the peer door, part by part, for whom they are sealed for."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.peers.face import PeerView
from hueandcry.core.errors import Malformed, NotFound
from hueandcry.doors.desk.wire import Answer

PREFIX: Final = "/peer/v1/packages/"

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RANGE = re.compile(r"bytes=([0-9]{1,15})-([0-9]{1,15})?")


def get(name: str, span: str, caller: PeerView, body: bytes, query: dict[str, list[str]]) -> Answer:
    """One range of a package (RFC 9110 14), shorter than asked where it would be too long.

    The range is not signed: what comes back is, and the whole is held against its shipping note.
    """
    if not _ID.fullmatch(name):
        raise NotFound("package", "No such package waits here for you")
    asked = _RANGE.fullmatch(span or "bytes=0-")
    if asked is None:
        raise Malformed("range", "Ask for one range, as `Range: bytes=0-8388607`")
    last = int(asked[2]) if asked[2] else None
    part = evidence.part(caller.fingerprint, UUID(name), int(asked[1]), last)
    end = part.first + len(part.data)
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Range": f"bytes {part.first}-{end - 1}/{part.total}",
    }
    return Answer(206, part.data, "application/octet-stream", headers)
