"""A TAXII 2.1 server on loopback, over real HTTP: a good one, and what a hostile one answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from hueandcry.core.times import read_rfc3339, time_text

MEDIA = "application/taxii+json;version=2.1"
Answer = tuple[int, dict[str, str], bytes]
Route = Callable[[str, dict[str, str], dict[str, Any]], Answer]


def answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return status, {"Content-Type": MEDIA, **(headers or {})}, json.dumps(value).encode()


@dataclass
class Taxii:
    """One API root with collections of (date added, object), served in pages.

    `page` bounds every page whatever is asked for. With `cursors` pages are named by `next`, else
    the client has to go on by dates; `dated` says whether dates are told at all.
    """

    collections: dict[str, list[tuple[int, dict[str, Any]]]] = field(default_factory=dict)
    page: int = 1_000
    cursors: bool = True
    dated: bool = True
    token: str = ""
    asked: list[str] = field(default_factory=list)
    #: Path → what is answered instead.
    instead: dict[str, Route] = field(default_factory=dict)

    def add(self, collection: str, at: int, *objects: dict[str, Any]) -> None:
        self.collections.setdefault(collection, []).extend((at, each) for each in objects)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        path, text = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        query = {name: found[0] for name, found in parse_qs(text).items()}
        self.asked.append(f"{path}?{text}" if text else path)
        status, headers, body = self._route(path, query, environ)
        headers = {"Content-Length": str(len(body)), **headers}
        start_response(f"{status} Said", list(headers.items()))
        return [body]

    def _route(self, path: str, query: dict[str, str], environ: dict[str, Any]) -> Answer:
        if path in self.instead:
            return self.instead[path](path, query, environ)
        if self.token and environ.get("HTTP_AUTHORIZATION") != self.token:
            return answer({"title": "who are you?"}, 401)
        if path == "/taxii2/":
            return answer({"title": "Tests", "api_roots": ["/root/"], "default": "/root/"})
        if path == "/root/":
            return answer({"title": "Root", "versions": [MEDIA], "max_content_length": 10_000_000})
        if path == "/root/collections/":
            return answer({"collections": [self._collection(id) for id in self.collections]})
        parts = path.strip("/").split("/")
        if parts[:2] == ["root", "collections"] and parts[2] in self.collections:
            if len(parts) == 3:
                return answer(self._collection(parts[2]))
            if parts[3:] == ["objects"]:
                return self._objects(parts[2], query)
        return answer({"title": "nothing here"}, 404)

    def _collection(self, id: str) -> dict[str, Any]:
        return {"id": id, "title": f"List {id}", "can_read": True, "can_write": False}

    def _objects(self, id: str, query: dict[str, str]) -> Answer:
        after = read_rfc3339(query["added_after"]) if "added_after" in query else -1
        held = sorted(
            (each for each in self.collections[id] if each[0] > after), key=lambda e: e[0]
        )
        start = int(query.get("next", "0"))
        end = start + min(self.page, int(query.get("limit", "1000")))
        found, more = held[start:end], end < len(held)
        if not found:
            return answer({})
        envelope: dict[str, Any] = {"more": more, "objects": [each for _, each in found]}
        if more and self.cursors:
            envelope["next"] = str(end)
        dates = {
            "X-TAXII-Date-Added-First": time_text(found[0][0]),
            "X-TAXII-Date-Added-Last": time_text(found[-1][0]),
        }
        return answer(envelope, headers=dates if self.dated else {})


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        return None


def serving(app: Any) -> Iterator[str]:
    """Serves on loopback while it lasts; gives the address without a slash at its end."""
    server: WSGIServer = make_server("127.0.0.1", 0, app, handler_class=_Silent)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def indicator(value: str, n: int, **more: Any) -> dict[str, Any]:
    """An indicator as other producers write it."""
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--00000000-0000-4000-8000-{n:012d}",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "pattern": f"[domain-name:value = '{value}']",
        "pattern_type": "stix",
        "valid_from": "2026-01-01T00:00:00Z",
        "indicator_types": ["malicious-activity"],
        **more,
    }
