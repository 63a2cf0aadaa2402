"""Outgoing calls of sources: through the one way out, with the source's own credentials."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cache
from typing import Final, Protocol
from urllib.parse import urlsplit

from hueandcry.apps.members import face as members
from hueandcry.apps.sources.rules import retry_after
from hueandcry.core.errors import HueError, NotPermitted, Unreachable
from hueandcry.core.types import Micros
from hueandcry.engine import clock
from hueandcry.engine.egress.client import Egress, Response
from hueandcry.engine.policy import face as policy

#: Bytes of one answer.
MAX_LIST: Final = 128 << 20
MAX_PAGE: Final = 32 << 20
TIMEOUT: Final = 120.0

PRIVATE: Final = policy.declare(
    policy.Setting(
        "sources.private",
        tuple,
        (),
        "Host names and addresses inside our own network that sources may call. All other private "
        "addresses are refused.",
    )
)


class Throttled(HueError):
    """The server asks to be left alone for a while; `wait` is how long, where it says."""

    def __init__(self, what: str, wait: Micros | None) -> None:
        super().__init__("throttled", what, do="It is tried again when its time is over")
        self.wait = wait


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What a server is shown; never written anywhere but sealed."""

    auth: str = ""  #: basic or bearer
    user: str = ""
    secret: str = ""

    def header(self) -> dict[str, str]:
        if self.auth == "bearer":
            return {"Authorization": f"Bearer {self.secret}"}
        if self.auth == "basic":
            pair = base64.b64encode(f"{self.user}:{self.secret}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
        return {}


class Caller(Protocol):
    """Asks one address; credentials go only to the origin that the source names."""

    def get(self, url: str, headers: dict[str, str], max_bytes: int = MAX_PAGE) -> Response:
        """The answer with status 200 or 304; raises what every other one means."""


class Outgoing:
    """The real caller."""

    def __init__(self, address: str, credentials: Credentials) -> None:
        self._origin = origin(address)
        self._credentials = credentials

    def get(self, url: str, headers: dict[str, str], max_bytes: int = MAX_PAGE) -> Response:
        if origin(url) != self._origin:
            raise NotPermitted("other_origin", "A source calls the address that was saved only")
        sent = {**headers, **self._credentials.header()}
        answer = egress().request("GET", url, sent, max_bytes=max_bytes, timeout=TIMEOUT)
        return checked(answer)


def origin(url: str) -> tuple[str, str]:
    """Scheme and authority, by which two addresses are of one server."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port and parts.port != _PORTS.get(parts.scheme) else ""
    return parts.scheme.lower(), f"{(parts.hostname or '').lower()}{port}"


_PORTS: Final = {"http": 80, "https": 443}


@cache
def egress() -> Egress:
    """The only way out; private addresses for a node on loopback, or where the operator says so."""
    host = urlsplit(members.us().url).hostname or ""
    local = host in ("localhost", "127.0.0.1", "::1")

    def may_call(name: str, address: str) -> bool:
        listed = policy.items(PRIVATE.name)
        return local or name in listed or address in listed

    return Egress(allow_private=may_call, timeout=TIMEOUT)


def forget() -> None:
    """Drops the way out: after a swap of databases in tests."""
    egress.cache_clear()


def checked(answer: Response) -> Response:
    """An answer that can be used; raises Throttled, NotPermitted or Unreachable for others."""
    status = answer.status
    if status in (200, 206, 304):
        return answer
    if status in (429, 503):
        wait = retry_after(answer.headers.get("retry-after", ""), clock.now())
        raise Throttled(f"The server answered {status}: not so often", wait)
    if status in (401, 403):
        raise NotPermitted(
            "credentials", f"The server answered {status}", do="Check user and secret of the source"
        )
    if 300 <= status < 400:
        raise Unreachable(
            "redirect",
            f"The server answered {status} and names another address",
            why="Redirects are never followed: they could lead anywhere",
            do="Save the address that it leads to, if you trust it",
        )
    raise Unreachable("status", f"The server answered {status}", do="It is tried again later")
