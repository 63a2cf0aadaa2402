"""An HTTP client that costs little: ready-made requests over kept connections."""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections.abc import Sequence
from itertools import cycle
from typing import Any


def get(path: str, token: str) -> bytes:
    """A GET as it goes over the wire."""
    return _request(f"GET {path}", token, b"")


def post(path: str, token: str, value: Any) -> bytes:
    """A POST of compact JSON as it goes over the wire."""
    body = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    return _request(f"POST {path}", token, body)


def _request(line: str, token: str, body: bytes) -> bytes:
    head = (
        f"{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Connection:
    """One kept connection: a whole request out, a whole answer back."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._data = bytearray()
        self._whole = 0
        self.sent_at = 0.0

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, request: bytes) -> None:
        self._data.clear()
        self._whole = 0
        self.sent_at = time.perf_counter()
        self._socket.sendall(request)

    def receive(self) -> bool:
        """Takes what has come; True when the answer is whole. Raises for any but 200 and 201."""
        more = self._socket.recv(1 << 20)
        if not more:
            raise ConnectionError("the server closed the connection")
        self._data += more
        if not self._whole:
            end = self._data.find(b"\r\n\r\n")
            if end < 0:
                return False
            head = bytes(self._data[:end]).lower()
            if not head.startswith((b"http/1.1 200", b"http/1.1 201")):
                raise RuntimeError(self._data.decode(errors="replace"))
            length = next(f for f in head.split(b"\r\n") if f.startswith(b"content-length:"))
            self._whole = end + 4 + int(length[15:])
        return len(self._data) >= self._whole

    def ask(self, request: bytes) -> bytes:
        """One request and its answer's body."""
        self.send(request)
        while not self.receive():
            continue
        return bytes(self._data[self._data.find(b"\r\n\r\n") + 4 :])

    def close(self) -> None:
        self._socket.close()


def hammer(port: int, requests: Sequence[bytes], n: int, connections: int) -> list[float]:
    """Sends `n` requests, `connections` at a time; the sorted seconds that each took."""
    turn, taken, sent = cycle(requests), list[float](), 0
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            connection = Connection(port)
            selector.register(connection, selectors.EVENT_READ)
            connection.send(next(turn))
            sent += 1
        while len(taken) < n:
            for key, _ in selector.select():
                connection = key.fileobj  # type: ignore[assignment]
                if connection.receive():
                    taken.append(time.perf_counter() - connection.sent_at)
                    if sent < n:
                        connection.send(next(turn))
                        sent += 1
        for key in list(selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
    return sorted(taken)
