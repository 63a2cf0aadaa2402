"""Django's part of this node on a free port of loopback, for a browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.wsgi import get_wsgi_application
from django.db import connections

from hueandcry.engine.store.reading import close_reader


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def serving() -> Iterator[int]:
    """Its port, while it serves."""
    django = get_wsgi_application()

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        try:
            return [b"".join(django(environ, start_response))]
        finally:
            connections.close_all()  # every request has a thread of its own here
            close_reader()

    with make_server("127.0.0.1", 0, application, _Server, _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()
