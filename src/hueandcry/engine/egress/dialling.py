"""Connecting: resolve, check every answer, and connect to an address that was checked.

The pool above never resolves, so between the check and the connection no name can change.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from hueandcry.core.errors import Unreachable
from hueandcry.engine import clock
from hueandcry.engine.egress.addresses import Reach, reach

AllowPrivate = Callable[[str, str], bool]  #: host, address → whether this private one may be called
CONNECT_SECONDS = 10.0  #: at most, per address


class Deadline(threading.local):
    """When the request that this thread makes must be over: a bound on the whole, not a pause."""

    at: float = 0.0

    def left(self) -> float:
        """Seconds that remain; raises httpcore.ReadTimeout when there are none."""
        seconds = self.at - clock.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout
        return seconds


class CheckedBackend(httpcore.NetworkBackend):
    """Opens sockets for a pool; `plain` is for http, which leaves no private network."""

    def __init__(self, allow_private: AllowPrivate, deadline: Deadline, *, plain: bool) -> None:
        self._allow_private = allow_private
        self._deadline = deadline
        self._plain = plain
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address of `host` that answers, when all may be called."""
        addresses = resolve(host, port)
        for address in addresses:
            check(host, address, self._allow_private, plain=self._plain)
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            seconds = min(self._deadline.left(), CONNECT_SECONDS)
            try:
                stream = self._sockets.connect_tcp(address, port, seconds, None, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            return _Bounded(stream, self._deadline)
        raise failure


class _Bounded(httpcore.NetworkStream):
    """A socket whose every wait ends with the request that it serves."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        try:
            secured = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        except httpcore.ConnectError as error:
            cause = error.__cause__
            if isinstance(cause, ssl.SSLCertVerificationError):
                raise Unreachable(
                    "certificate",
                    f"The certificate of {server_hostname} is not valid",
                    why=cause.verify_message,
                ) from None
            raise
        return _Bounded(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def dial(
    host: str, port: int, allow_private: AllowPrivate, seconds: float, *, plain: bool
) -> socket.socket:
    """A socket to the first address of `host` that answers, when all may be called.

    For protocols other than HTTP. Raises Unreachable, and OSError where none answers.
    """
    addresses = resolve(host, port)
    for address in addresses:
        check(host, address, allow_private, plain=plain)
    failure = OSError("no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), seconds)
        except OSError as error:
            failure = error
    raise failure


def check(host: str, address: str, allow_private: AllowPrivate, *, plain: bool) -> None:
    """Raises Unreachable unless an address of `host` may be called; `plain` is without TLS."""
    found = reach(address)
    if found is Reach.PUBLIC and not plain:
        return
    if found is Reach.PRIVATE and allow_private(host, address):
        return
    raise _refused(host, address, found)


def resolve(host: str, port: int) -> list[str]:
    """Every address of `host`, in the system's order, each once; raises Unreachable for none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "It is not a host name"
        raise Unreachable(
            "unreachable", f"{host} has no address", why=why or "", do="Check the name"
        ) from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _refused(host: str, address: str, found: Reach) -> Unreachable:
    if found is Reach.PUBLIC:
        return Unreachable(
            "not_https", f"{host} is on the public net and may be called under TLS only"
        )
    why = "It lies in a private network" if found is Reach.PRIVATE else "Nodes never call such ones"
    do = "List the host in the policy if it is meant" if found is Reach.PRIVATE else ""
    return Unreachable("refused_address", f"{host} is at {address}, not called", why=why, do=do)
