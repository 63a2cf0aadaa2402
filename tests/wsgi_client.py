"""Calls of a WSGI application without a network: what a server would pass, and what came back."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

from hueandcry.doors.desk.wire import App


@dataclass(frozen=True, slots=True)
class Response:
    """What the application answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def call(
    app: App,
    method: str,
    target: str,
    *,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    **environ: Any,
) -> Response:
    """One request; `target` is path and query, `environ` overrides what a server would pass."""
    path, _, query = target.partition("?")
    passed = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "wsgi.input": io.BytesIO(body),
        **{f"HTTP_{name.upper().replace('-', '_')}": v for name, v in (headers or {}).items()},
        **environ,
    }
    started: list[tuple[str, list[tuple[str, str]]]] = []
    parts = app(passed, lambda status, fields: started.append((status, fields)))
    ((status, fields),) = started
    return Response(int(status.split()[0]), dict(fields), b"".join(parts))
