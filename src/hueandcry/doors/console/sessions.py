"""Sessions of the console: rows that know only the digest of their cookie, sealed at rest.

Django's session engine interface; `SESSION_ENGINE` names this module.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, transaction

from hueandcry.core.errors import HueError
from hueandcry.core.types import Micros
from hueandcry.doors.console import policy
from hueandcry.doors.desk.models import Session
from hueandcry.engine import clock
from hueandcry.engine.keys.own import own

_CONTEXT: Final = "console-session"
#: Where nobody is signed in yet, a session lives this long: long enough to type two factors.
ENTRANCE: Final[Micros] = 30 * 60 * 1_000_000
#: A session is stamped as used at most this often.
STAMP: Final[Micros] = 60 * 1_000_000


def digest(key: str) -> bytes:
    """What a row knows of the cookie."""
    return hashlib.sha256(key.encode()).digest()


#: Where a signed-in session says whose it is; `binding` fills it.
BOUND: Final = "bound"


def _columns(data: dict[str, Any], now: Micros) -> dict[str, Any]:
    """What a row shows of its session."""
    bound = data.get(BOUND) or {}
    return {
        "person_id": bound.get("person"),
        "begun_at": bound.get("begun", now),
        "seen_at": now,
        "ends_at": _end(data, now),
        "agent": bound.get("agent", ""),
        "network": bound.get("network", ""),
    }


def _end(data: dict[str, Any], now: Micros) -> Micros:
    """When the session ends unless it is used before; never later than its absolute end."""
    bound = data.get(BOUND)
    if not bound:
        return now + ENTRANCE
    return min(now + policy.idle(), int(bound["begun"]) + policy.absolute())


class SessionStore(SessionBase):
    """One session; `load` gives nothing for one that is unknown, ended, or sealed elsewhere."""

    row: Session | None = None

    def load(self) -> dict[str, Any]:
        self.row = self._find()
        if self.row is None:
            self._session_key = None
            return {}
        try:
            plain = own().open_sealed(_CONTEXT, self.row.data)
        except HueError:
            self._session_key = None
            return {}
        found: dict[str, Any] = json.loads(plain)
        return found

    def _find(self) -> Session | None:
        if not self.session_key:
            return None
        return Session.objects.filter(
            digest=digest(self.session_key), ends_at__gt=clock.now()
        ).first()

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(digest=digest(session_key)).exists()

    def create(self) -> None:
        while True:
            self._session_key = secrets.token_urlsafe(32)
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # not in stubs
        now = clock.now()
        sealed = own().seal(_CONTEXT, json.dumps(data).encode())
        key = digest(self.session_key)
        if must_create:
            self._insert(Session(digest=key, data=sealed, **_columns(data, now)))
        elif Session.objects.filter(digest=key).update(data=sealed, **_columns(data, now)) != 1:
            raise UpdateError
        return None

    def _insert(self, row: Session) -> None:
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as taken:
            raise CreateError from taken
        self.row = row

    def stamp(self, now: Micros) -> None:
        """Notes the use of a signed-in session, which moves its idle end on."""
        assert self.row is not None
        Session.objects.filter(digest=self.row.digest).update(
            seen_at=now, ends_at=_end(dict(self.items()), now)
        )

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(digest=digest(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.filter(ends_at__lte=clock.now()).delete()


@dataclass(frozen=True, slots=True)
class SessionView:
    """One session as its owner sees it."""

    digest: bytes
    agent: str
    network: str
    begun_at: Micros
    seen_at: Micros


def sessions_of(person: int) -> list[SessionView]:
    """Where a person is signed in, the last used first; rows that were ended may be among them."""
    rows = Session.objects.filter(person=person, ends_at__gt=clock.now()).order_by("-seen_at")[:20]
    return [SessionView(r.digest, r.agent, r.network, r.begun_at, r.seen_at) for r in rows]
