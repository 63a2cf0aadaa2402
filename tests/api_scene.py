"""A founded node with tokens, and short words for calls of its JSON API."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from hueandcry.apps.members import face as members
from hueandcry.core.types import Audience
from hueandcry.doors.api.app import api
from hueandcry.doors.api.endpoint import Endpoint
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node
from wsgi_client import Response, call

EVERYTHING = tuple(members.SCOPES)


class Scene:
    """One node and one token of every scope."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.node = Node(monkeypatch)
        self.token = self.new_token()

    def new_token(
        self,
        audience: Audience = Audience.OWN,
        scopes: Sequence[str] = EVERYTHING,
        **more: Any,
    ) -> str:
        with unit_of_work():
            made = members.new_token(audience, "test", self.node.now, scopes=scopes, **more)
        return made.text

    def ask(
        self,
        method: str,
        path: str,
        value: Any = None,
        *,
        token: str | None = "",
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
        **environ: Any,
    ) -> Response:
        """One request; `token` empty is the scene's own, None sends none."""
        fields = dict(headers or {})
        if token is not None:
            fields["Authorization"] = f"Bearer {token or self.token}"
        body = raw if raw is not None else b"" if value is None else json.dumps(value).encode()
        if body:
            environ.setdefault("CONTENT_TYPE", "application/json")
        return call(api, method, "/api/v1" + path, body=body, headers=fields, **environ)

    def get(self, path: str, **more: Any) -> Any:
        """The value of an answer that must be 200."""
        answer = self.ask("GET", path, **more)
        assert answer.status == 200, answer.body
        return answer.json()

    def post(self, path: str, value: Any = None, **more: Any) -> Any:
        """The value of an answer that must be of success."""
        answer = self.ask("POST", path, value, **more)
        assert 200 <= answer.status < 300, answer.body
        return answer.json()

    def refusal(self, method: str, path: str, value: Any = None, **more: Any) -> tuple[int, str]:
        """(status, code) of a refusal, which must be a problem in its form."""
        answer = self.ask(method, path, value, **more)
        assert answer.headers["Content-Type"] == "application/problem+json"
        said = answer.json()
        assert said["status"] == answer.status
        assert said["type"].endswith(f"#{said['code']}")
        return answer.status, said["code"]


def path_of(endpoint: Endpoint) -> str:
    """An address of an endpoint, about things that there are not."""
    return endpoint.path.format(
        number=1,
        delivery=1,
        index=0,
        fingerprint="0" * 64,
        claim="00000000-0000-5000-8000-000000000000",
        report="00000000-0000-7000-8000-000000000000",
        kind="domain",
        source="none",
    )
