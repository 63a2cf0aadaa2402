"""What certificate a server shows: for the checks that a node makes of itself and of its peers."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from hueandcry.core.errors import Unreachable
from hueandcry.core.types import SECOND, Micros
from hueandcry.engine.egress.target import read_url

CONNECT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that holds for the host that showed it."""

    host: str
    names: tuple[str, ...]
    issuer: str
    not_after: Micros


def certificate(url: str, trust: ssl.SSLContext | None = None) -> Certificate:
    """The certificate under an https URL, when this machine would believe it.

    Nothing is sent but the handshake, and nothing is read: the address may be a private one, as a
    node's own often is from inside. Raises Malformed, and Unreachable with code `unreachable`,
    `certificate` (why says what is wrong with it), or `not_https`.
    """
    target = read_url(url)
    if target.is_plain:
        raise Unreachable("not_https", f"{url} is not an https address")
    context = trust or ssl.create_default_context()
    try:
        with (
            socket.create_connection((target.host, target.port), CONNECT_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=target.host) as secured,
        ):
            return _read(target.host, secured.getpeercert() or {})
    except ssl.SSLCertVerificationError as error:
        why = error.verify_message or "it does not verify"
        what = f"{target.host} shows a bad certificate"
        raise Unreachable("certificate", what, why=why) from error
    except (OSError, ssl.SSLError) as error:
        why = str(error) or type(error).__name__
        raise Unreachable("unreachable", f"{target.authority} does not answer", why=why) from error


def _read(host: str, shown: Mapping[str, object]) -> Certificate:
    names = tuple(str(each[1]) for each in _pairs(shown.get("subjectAltName")))
    issuer = {
        str(pair[0]): str(pair[1]) for part in _pairs(shown.get("issuer")) for pair in _pairs(part)
    }
    ends = ssl.cert_time_to_seconds(str(shown.get("notAfter")))
    name = issuer.get("organizationName") or issuer.get("commonName") or "unknown"
    return Certificate(host, names, name, int(ends) * SECOND)


def _pairs(value: object) -> tuple[tuple[object, ...], ...]:
    return value if isinstance(value, tuple) else ()
