"""A small server on loopback that answers with bytes or by a function, and made-up names for it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from hueandcry.core.errors import Unreachable
from hueandcry.engine.egress.client import Egress, Response

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Answer = bytes | Callable[[socket.socket], None]


class Listener:
    """Listens on a free port of loopback; serves each who calls in a thread of its own."""

    def __init__(self) -> None:
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        raise NotImplementedError

    def close(self) -> None:
        # Closing alone does not wake a thread in accept(): the kernel would take one caller more.
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Server(Listener):
    """Answers each request with the next of its answers, the last one for ever; keeps what came."""

    def __init__(self, *answers: Answer, tls: ssl.SSLContext | None = None) -> None:
        self.answers, self.tls = list(answers) or [OK], tls
        self.requests: list[bytes] = []
        self.names: list[str | None] = []
        if tls is not None:
            tls.sni_callback = lambda sock, name, context: self.names.append(name)
        super().__init__()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            while request := self._read(connection):
                self.requests.append(request)
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if isinstance(answer, bytes):
                    connection.sendall(answer)
                else:
                    answer(connection)
                    connection.close()
                    return
        except OSError:
            return

    @staticmethod
    def _read(connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65_536)
            if not more:
                return b""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        size = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
        while len(body) < size:
            body += connection.recv(65_536)
        return head + b"\r\n\r\n" + body

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(*answers: Answer, tls: ssl.SSLContext | None = None) -> Server:
        servers.append(Server(*answers, tls=tls))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def out() -> Iterator[Egress]:
    with Egress(allow_private=True, timeout=5) as egress:
        yield egress


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Names under `.test` resolve to what is put in here; everything else as ever."""
    table: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def lookup(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host not in table:
            return real(host, port, *args, **kwargs)
        return [
            entry for text in table[host] for entry in real(text, port, type=socket.SOCK_STREAM)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return table


def refusal(call: Callable[[], Response]) -> Unreachable:
    with pytest.raises(Unreachable) as caught:
        call()
    return caught.value
