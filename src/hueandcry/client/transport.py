"""HTTP to one node: a kept connection for each thread, retries that can do nothing twice."""

from __future__ import annotations

import http.client
import random
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from hueandcry.client.answers import Problem
from hueandcry.client.errors import Unreachable, refused

#: Answers that are good again after a while.
_LATER: Final = frozenset({429, 503})
_LONGEST: Final = 60.0  #: seconds that are waited at once, whatever the node asks
_BUSY: Final = "in_flight"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class File:
    """A body that is sent as it is, and what it is called (RFC 8187)."""

    data: bytes
    name: str = ""


class Transport:
    """Sends requests to one node; any thread may use it."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: float,
        retries: int,
        context: ssl.SSLContext | None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not the address of a node: https://host")
        self._parts = parts
        self._timeout, self._retries, self._sleep = timeout, retries, sleep
        self._context = context
        self._local = threading.local()
        self._fields = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "User-Agent": "hueandcry-client",
        }

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        key: str | None = None,
    ) -> Reply:
        """One request and its answer of success; raises Refused or Unreachable.

        Tried again when the node asks to wait, and when a connection breaks: every request here
        is either without effect, or done once by its key, or the same when it is done twice.
        """
        target = self._parts.path.rstrip("/") + path
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        if asked:
            target += "?" + urlencode(asked)
        raw, more = _sent(body)
        fields = self._fields | more
        if key is not None:
            fields["Idempotency-Key"] = key
        return self._tried(method, target, raw, fields)

    def _tried(self, method: str, target: str, raw: bytes, fields: dict[str, str]) -> Reply:
        for attempt in range(self._retries + 1):
            last = attempt == self._retries
            try:
                reply = self._once(method, target, raw, fields)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if last:
                    where = self._parts.netloc
                    raise Unreachable(f"{where} cannot be reached: {error}") from error
                self._sleep(_pause(attempt, None))
                continue
            if 200 <= reply.status < 300:
                return reply
            problem = _problem(reply)
            if last or (reply.status not in _LATER and problem.code != _BUSY):
                raise refused(problem)
            self._sleep(_pause(attempt, reply.headers.get("retry-after")))
        raise AssertionError("unreachable")

    def _once(self, method: str, target: str, raw: bytes, fields: dict[str, str]) -> Reply:
        connection = self._connection()
        with suppress(BrokenPipeError):  # what is too large is answered before it is read
            connection.request(method, target, raw or None, fields)
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, headers, answer.read())

    def _connection(self) -> http.client.HTTPConnection:
        held: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if held is None:
            host, port = self._parts.hostname or "", self._parts.port
            if self._parts.scheme == "https":
                held = http.client.HTTPSConnection(
                    host, port, timeout=self._timeout, context=self._context
                )
            else:
                held = http.client.HTTPConnection(host, port, timeout=self._timeout)
            self._local.connection = held
        return held

    def close(self) -> None:
        """Ends this thread's connection; the next request opens a new one."""
        held: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if held is not None:
            held.close()
            self._local.connection = None


def _sent(body: Any) -> tuple[bytes, dict[str, str]]:
    """The bytes of a body, and the fields that say what they are."""
    if body is None:
        return b"", {}
    if not isinstance(body, File):
        return msgspec.json.encode(body), {"Content-Type": "application/json"}
    fields = {"Content-Type": "application/octet-stream"}
    if body.name:
        fields["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(body.name, safe='')}"
    return body.data, fields


def _pause(attempt: int, asked: str | None) -> float:
    if asked is not None and asked.isdecimal():
        return min(float(asked), _LONGEST)
    spread: float = 0.5 + random.random() / 2
    return float(min(0.25 * 2**attempt, _LONGEST)) * spread


def _problem(reply: Reply) -> Problem:
    """What a node says of a refusal; what something between says is put into the same form."""
    try:
        return msgspec.json.decode(reply.body, type=Problem)
    except msgspec.DecodeError:
        words = f"The answer was {reply.status}, and not in the form of a node"
        return Problem(
            type="about:blank",
            title=words,
            status=reply.status,
            code=f"http_{reply.status}",
            detail=words,
            what=words,
        )
