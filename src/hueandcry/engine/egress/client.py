"""Outgoing HTTP/1.1: keep-alive, bounded in time and size, no redirects, no proxies, no cookies."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Self

import httpcore

from hueandcry.core.errors import Malformed, Unreachable
from hueandcry.engine import clock
from hueandcry.engine.egress.dialling import AllowPrivate, CheckedBackend, Deadline
from hueandcry.engine.egress.target import Target, read_url

TIMEOUT = 30.0  #: seconds for a whole request, connecting and reading included
MAX_BYTES = 16 * 1024 * 1024
CONNECTIONS = 100
IDLE_SECONDS = 20.0  #: shorter than servers keep an idle connection, so they seldom close first
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE"})
_OWN_FIELDS = frozenset({"host", "content-length", "transfer-encoding", "connection"})


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: lower-case names, repeated fields joined by commas, body as transferred."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Egress:
    """The only way out. Any thread may use one; connections are kept per scheme, host and port.

    `allow_private` decides per host and address, or for all; link-local, reserved and metadata
    addresses are never called. `trust` is for nodes with certificates of their own authority.
    """

    def __init__(
        self,
        allow_private: AllowPrivate | bool = False,
        timeout: float = TIMEOUT,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        allow = _always(allow_private) if isinstance(allow_private, bool) else allow_private
        self._timeout = timeout
        self._deadline = Deadline()
        trust = trust or ssl.create_default_context()
        self._pools = {
            scheme: httpcore.ConnectionPool(
                ssl_context=trust,
                max_connections=CONNECTIONS,
                keepalive_expiry=IDLE_SECONDS,
                network_backend=CheckedBackend(allow, self._deadline, plain=scheme == "http"),
            )
            for scheme in ("http", "https")
        }

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        max_bytes: int = MAX_BYTES,
        timeout: float | None = None,
    ) -> Response:
        """One request and its answer, whatever its status; path and query go out as written.

        Nothing is ever sent twice: a nonce would be refused, and who asked knows better.

        Raises Malformed for a URL or field that cannot be sent, and Unreachable with code
        `refused_address`, `not_https`, `certificate`, `timeout`, `too_large` or `unreachable`.
        """
        if method not in METHODS:
            raise Malformed("method", f"{method!r} is not a method that is sent")
        target = read_url(url)
        seconds = self._timeout if timeout is None else timeout
        self._deadline.at = clock.monotonic() + seconds
        request = httpcore.Request(
            method,
            _pool_url(target),
            headers=_fields(method, target, headers or {}, body),
            content=body or b"",
            extensions={"timeout": {"pool": seconds}},
        )
        pool = self._pools[target.scheme]
        with _told(target), closing(pool.handle_request(request)) as answer:
            return _read(answer, target, max_bytes)

    def close(self) -> None:
        """Closes every kept connection; the next request opens new ones."""
        for pool in self._pools.values():
            pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _always(allowed: bool) -> AllowPrivate:
    return lambda host, address: allowed


def _pool_url(target: Target) -> httpcore.URL:
    return httpcore.URL(
        scheme=target.scheme.encode(),
        host=target.host.encode(),
        port=target.port,
        target=(target.path + target.query).encode(),
    )


def _fields(
    method: str, target: Target, headers: Mapping[str, str], body: bytes | None
) -> list[tuple[bytes, bytes]]:
    given = {name.lower(): value for name, value in headers.items()}
    if _OWN_FIELDS & given.keys():
        raise Malformed("header", f"Set by us: {' '.join(sorted(_OWN_FIELDS & given.keys()))}")
    fields = {"host": target.authority, "accept-encoding": "identity", "user-agent": "hueandcry"}
    fields |= given
    if body is not None or method not in {"GET", "HEAD"}:
        fields["content-length"] = str(len(body or b""))
    try:
        return [(name.encode("ascii"), value.encode("latin-1")) for name, value in fields.items()]
    except UnicodeEncodeError:
        raise Malformed("header", "A header field has letters that HTTP cannot carry") from None


def _read(answer: httpcore.Response, target: Target, max_bytes: int) -> Response:
    headers: dict[str, str] = {}
    for raw_name, raw_value in answer.headers:
        name, value = raw_name.decode("ascii").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    chunks, size = [], 0
    for chunk in answer.iter_stream():
        size += len(chunk)
        if size > max_bytes:
            raise Unreachable(
                "too_large", f"{target.authority} answered with more than {max_bytes} bytes"
            )
        chunks.append(chunk)
    return Response(answer.status, headers, b"".join(chunks))


@contextmanager
def _told(target: Target) -> Iterator[None]:
    """Says in our words what went wrong below."""
    name = target.authority
    try:
        yield
    except httpcore.TimeoutException:
        raise Unreachable(
            "timeout", f"{name} did not answer in time", do="It is tried again later"
        ) from None
    except httpcore.LocalProtocolError as error:
        raise Malformed("header", "This request cannot be sent", why=str(error)) from None
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise Unreachable("unreachable", f"{name} cannot be reached", why=str(error)) from None
