"""What binds a session to the one who began it: browser, network, standing, and its ends."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from typing import Any

from django.http import HttpRequest

from hueandcry.core.errors import Untrusted
from hueandcry.doors.console import policy
from hueandcry.doors.console.sessions import BOUND, STAMP, SessionStore, digest
from hueandcry.doors.desk import accounts
from hueandcry.doors.desk.addresses import client_address
from hueandcry.engine import clock


def begin(request: HttpRequest, person: Any) -> None:
    """Binds the session of `request` to this browser, this network and the person as it is now."""
    request.session[BOUND] = {
        "person": person.pk,
        "begun": clock.now(),
        "standing": accounts.standing(person),
        "browser": browser(request),
        "agent": agent(request)[:200],
        "network": network(address(request)),
    }


def alone(request: HttpRequest, person: Any) -> None:
    """Ends every session of the person but this one, which goes on."""
    accounts.end_sessions(person.pk, digest(request.session.session_key or ""))
    request.session[BOUND] = {**request.session[BOUND], "standing": accounts.standing(person)}


def check(request: HttpRequest) -> None:
    """Raises Untrusted for a session that has ended or is used elsewhere; else stamps its use."""
    held = request.session.get(BOUND)
    if not held or held["person"] != request.user.pk:
        raise Untrusted("session_unbound", "This session was not begun by signing in")
    if _is_elsewhere(held, request):
        raise Untrusted(
            "session_elsewhere",
            "This session was begun in another browser or network",
            why="A session is good only where it was begun: elsewhere it may have been stolen",
            do="Sign in again",
        )
    if not hmac.compare_digest(held["standing"], accounts.standing(request.user)):
        raise Untrusted(
            "session_ended",
            "This session was ended",
            why="Password, roles or second factors changed, or somebody signed out everywhere",
            do="Sign in again",
        )
    _stamp(request)


def _is_elsewhere(held: dict[str, Any], request: HttpRequest) -> bool:
    if held["browser"] != browser(request):
        return True
    return policy.binds_network() and held["network"] != network(address(request))


def _stamp(request: HttpRequest) -> None:
    """Moves the idle end of the session on, at most once a minute."""
    session = request.session
    now = clock.now()
    assert isinstance(session, SessionStore)
    if session.row is not None and now - session.row.seen_at >= STAMP:
        session.stamp(now)


def agent(request: HttpRequest) -> str:
    return str(request.META.get("HTTP_USER_AGENT", ""))


def browser(request: HttpRequest) -> str:
    """A digest of how the browser names itself."""
    return hashlib.sha256(agent(request).encode("utf-8", "replace")).hexdigest()


def address(request: HttpRequest) -> str:
    """Where the request comes from, behind the proxies that the policy names."""
    return client_address(request.META)


def network(address: str) -> str:
    """The /24 or /48 of an address: it changes less often than the address itself."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))
