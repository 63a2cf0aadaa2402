"""What goes over the socket between a node and the process that decodes for it: bounded frames.

A frame is the length of a JSON header (4 bytes, big-endian), the header, and the parts whose
lengths it names.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from typing import Any, Final

_PREFIX: Final = 4
MAX_HEADER: Final = 1 << 20

Header = dict[str, Any]


def send(to: socket.socket, header: Header, parts: Sequence[bytes] = ()) -> None:
    """Sends one frame; raises OSError."""
    text = json.dumps({**header, "parts": [len(part) for part in parts]}).encode()
    to.sendall(len(text).to_bytes(_PREFIX, "big") + text)
    for part in parts:
        to.sendall(part)


def receive(source: socket.socket, most: int) -> tuple[Header, list[bytes]]:
    """One frame whose parts have at most `most` bytes in all; raises EOFError, OSError."""
    size = int.from_bytes(_exactly(source, _PREFIX), "big")
    if size > MAX_HEADER:
        raise EOFError("the header is too long")
    header: Header = json.loads(_exactly(source, size))
    sizes = [int(each) for each in header.pop("parts")]
    if any(each < 0 for each in sizes) or sum(sizes) > most:
        raise EOFError("the parts are too long")
    return header, [_exactly(source, each) for each in sizes]


def _exactly(source: socket.socket, size: int) -> bytes:
    got = bytearray()
    while len(got) < size:
        piece = source.recv(min(1 << 20, size - len(got)))
        if not piece:
            raise EOFError("the other side ended")
        got += piece
    return bytes(got)
