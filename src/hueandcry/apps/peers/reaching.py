"""Trying the way between two nodes, in both directions: for people who set one up."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import client
from hueandcry.apps.peers.models import Peer
from hueandcry.core import calls, jcs
from hueandcry.core.errors import HueError, TooMany, Unreachable, Untrusted
from hueandcry.core.types import SECOND, Fingerprint, Micros
from hueandcry.engine import clock
from hueandcry.engine.keys import ed25519
from hueandcry.engine.keys.own import own

HELLO = "/peer/v1/hello"
#: A peer is called back at most so often, and so many at once: it decides when we call it.
PAUSE = 10.0
AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Knock:
    """What a node answered to a signed call: under its own key, whatever it said."""

    known: bool  #: it knows us as a peer
    code: str  #: why not, when it does not
    offset: Micros  #: its clock less ours, to half a second
    took: Micros


def knock(url: str, fingerprint: Fingerprint) -> Knock:
    """Calls a node whose card we hold, peer or not yet; raises Unreachable or Untrusted."""
    parts = urlsplit(url.rstrip("/"))
    request = calls.Call("GET", parts.netloc.lower(), parts.path + HELLO)
    keyring, key_id = own(), members.signing_key("transport")
    before = clock.now()
    headers = calls.sign_call(
        request,
        keyid=f"{members.us().fingerprint}/{key_id}",
        sign=lambda message: keyring.sign("transport", message, key_id),
        created=before // SECOND,
        nonce=secrets.token_bytes(16),
    )
    target = url.rstrip("/") + HELLO
    answer = client.egress().request("GET", target, headers, None, max_bytes=1 << 16)
    after = clock.now()
    believed = calls.verify_response(
        answer.status,
        answer.body,
        answer.headers,
        request_signature=headers["Signature"],
        key_for=lambda keyid: _key_of(fingerprint, keyid),
        verify=ed25519.verify,
    )
    offset = believed.created * SECOND + SECOND // 2 - (before + after) // 2
    return Knock(answer.status == 200, _code(answer.status, answer.body), offset, after - before)


def _key_of(fingerprint: Fingerprint, keyid: str) -> bytes:
    if not keyid.startswith(fingerprint + "/"):
        raise Untrusted("other_member", "Another member answered than the one that was asked")
    return members.transport_key(keyid).public


def _code(status: int, body: bytes) -> str:
    if status == 200:
        return ""
    said = jcs.parse(body, max_bytes=1 << 16)
    return str(said.get("code", "refused")) if isinstance(said, dict) else "refused"


def ask_back(peer: Peer) -> dict[str, Any]:
    """Asks a peer to call us at the address that it has for us; gives what it found.

    `{reached, code?, what?, ms?}`, under its signature.
    """
    answer = client.call(peer, "GET", f"{HELLO}?back=1")
    said = jcs.parse(answer.body, max_bytes=1 << 16)
    back = said.get("back") if isinstance(said, dict) else None
    if not isinstance(back, dict) or type(back.get("reached")) is not bool:
        raise Unreachable("no_answer", "The peer does not say whether it can call us")
    return back


class _Turns:
    """Who may be called back now."""

    def __init__(self) -> None:
        self._last: dict[int, float] = {}
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(AT_ONCE)

    def take(self, peer_id: int) -> Callable[[], None]:
        """Gives what ends the turn; raises TooMany."""
        now = clock.monotonic()
        with self._lock:
            early = now < self._last.get(peer_id, -PAUSE) + PAUSE
            if early or not self._room.acquire(blocking=False):
                raise TooMany("busy", "You were called back just now", do="Ask again in a while")
            self._last[peer_id] = now
        return self._room.release


_turns = _Turns()


def call_back(peer: Peer) -> dict[str, Any]:
    """Calls a peer at its own address and says how that went: never anywhere else."""
    end = _turns.take(peer.pk)
    began = clock.monotonic()
    try:
        client.call(peer, "GET", HELLO)
    except (client.PeerRefused, client.ClockCorrected):
        pass  # it answered, under its own key
    except HueError as error:
        return {"reached": False, "code": error.code, "what": str(error)[:300]}
    finally:
        end()
    return {"reached": True, "ms": int((clock.monotonic() - began) * 1000)}
