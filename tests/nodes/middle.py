"""A man in the middle: he does to a node's calls what bad networks and bad people do."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: (status, headers, body)
Answer = tuple[int, list[tuple[str, str]], bytes]


@dataclass(frozen=True, slots=True)
class Request:
    """One call as it came."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Cut(Exception):
    """The connection ends here; `sent` is what of the answer still gets through."""

    def __init__(self, sent: Answer | None = None) -> None:
        self.sent = sent


@dataclass
class Middle:
    """Forwards what comes to its port to `target`, each call with one of the faults.

    The same seed gives the same row of faults. `calm` makes it an honest proxy from then on.
    """

    port: int
    faults: tuple[str, ...]
    seed: int = 1
    target: int = 0
    calm: bool = False
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self._answers: list[Answer] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: Request) -> Answer:
        """What the caller gets; raises Cut when the connection is to end instead."""
        with self._lock:
            name = "calm" if self.calm else self._random.choice(self.faults)
            share = self._random.random()
            self.done[name] += 1
        step: Callable[[Request, float], Answer] = getattr(self, f"_{name}")
        answer = step(request, share)
        with self._lock:
            if request.body:
                self._requests = [*self._requests[-50:], request]
            self._answers = [*self._answers[-50:], answer]
        return answer

    def _forward(self, request: Request) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.target, timeout=60)
        try:
            headers = dict(request.headers)
            connection.request(request.method, request.path, request.body or None, headers)
            said = connection.getresponse()
            return said.status, said.getheaders(), said.read()
        except OSError:
            raise Cut from None
        finally:
            connection.close()

    # --- what it does ---------------------------------------------------------------------------

    def _calm(self, request: Request, share: float) -> Answer:
        return self._forward(request)

    def _late(self, request: Request, share: float) -> Answer:
        """Holds it back, so that what was sent after it comes first."""
        time.sleep(share * 0.6)
        return self._forward(request)

    def _slow(self, request: Request, share: float) -> Answer:
        time.sleep(0.5)
        return self._forward(request)

    def _twice(self, request: Request, share: float) -> Answer:
        """Makes the call twice, and gives the one or the other answer."""
        answers = (self._forward(request), self._forward(request))
        return answers[share < 0.5]

    def _replay(self, request: Request, share: float) -> Answer:
        """Makes an older call again, before this one."""
        with self._lock:
            older = self._requests[int(share * len(self._requests))] if self._requests else request
        self._forward(older)
        return self._forward(request)

    def _bent(self, request: Request, share: float) -> Answer:
        """Changes one bit of the body on the way in, or the query."""
        body = bytearray(request.body)
        if not body:
            return self._forward(replace(request, path=f"{request.path}?x"))
        body[int(share * len(body))] ^= 1
        return self._forward(replace(request, body=bytes(body)))

    def _lost(self, request: Request, share: float) -> Answer:
        """The node does it, and nobody hears of it."""
        self._forward(request)
        raise Cut

    def _truncated(self, request: Request, share: float) -> Answer:
        """The answer ends in its middle."""
        raise Cut(self._forward(request))

    def _mute(self, request: Request, share: float) -> Answer:
        """The node never hears of it."""
        return 502, [("Content-Type", "text/html")], b"<h1>Bad gateway</h1>"

    def _foreign(self, request: Request, share: float) -> Answer:
        """Gives the signed answer to another call."""
        with self._lock:
            other = self._answers[int(share * len(self._answers))] if self._answers else None
        return other or self._forward(request)

    def _forged(self, request: Request, share: float) -> Answer:
        """Changes one bit of the answer."""
        status, headers, body = self._forward(request)
        changed = bytearray(body or b"{}")
        changed[int(share * len(changed))] ^= 1
        return status, headers, bytes(changed)


#: Everything that is done to a call besides making it slow.
HOSTILE = (
    *("calm", "calm", "late", "late", "twice", "replay", "bent", "lost"),
    *("truncated", "mute", "foreign", "forged"),
)


def _handler(middle: Middle) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _call(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(size) if size else b""
            request = Request(self.command, self.path, tuple(self.headers.items()), body)
            try:
                self._send(middle.answer(request))
            except Cut as cut:
                self.close_connection = True
                if cut.sent is not None:
                    self._send(cut.sent, share=0.5)

        def _send(self, answer: Answer, share: float = 1.0) -> None:
            status, headers, body = answer
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            with suppress(OSError):  # the caller may have been killed meanwhile
                self.end_headers()
                self.wfile.write(body[: int(len(body) * share)])

        do_GET = do_POST = _call

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Handler
