"""A Django cache in our own database: counts of attempts and spent codes outlive a restart.

Values are JSON, never pickles: who can write to the database must not be able to run code.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

from hueandcry.core.types import SECOND, Micros
from hueandcry.doors.desk.models import Kept
from hueandcry.engine import clock

#: Beyond this many rows the ones that end first go: a flood cannot fill the disk.
ROOM: Final = 20_000
#: How many writes pass between two cleanings.
_EVERY: Final = 256
_FOREVER: Final[Micros] = 10 * 365 * 86_400 * SECOND

_PUT: Final = (
    "INSERT INTO desk_kept (key, value, ends_at) VALUES (%s, %s, %s) "
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value, ends_at = excluded.ends_at"
)
#: Only where nothing that still counts is held: the row count says who was first.
_ADD: Final = f"{_PUT} WHERE desk_kept.ends_at <= %s"


class RowsCache(BaseCache):
    """`add`, `get`, `set` and `delete` are one statement each; keys are kept as digests."""

    _writes = 0

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        row = self._row(key, value, timeout, version)
        return self._write(_ADD, [*row, clock.now()]) == 1

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        rows = Kept.objects.filter(key=self._name(key, version), ends_at__gt=clock.now())
        text = rows.values_list("value", flat=True).first()
        return default if text is None else json.loads(text)

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        self._write(_PUT, self._row(key, value, timeout, version))

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        rows = Kept.objects.filter(key=self._name(key, version), ends_at__gt=clock.now())
        return rows.update(ends_at=self._end(timeout)) == 1

    def delete(self, key: str, version: int | None = None) -> bool:
        return Kept.objects.filter(key=self._name(key, version)).delete()[0] == 1

    def clear(self) -> None:
        Kept.objects.all().delete()

    def _row(self, key: str, value: Any, timeout: Any, version: int | None) -> list[Any]:
        return [self._name(key, version), json.dumps(value), self._end(timeout)]

    def _name(self, key: str, version: int | None) -> str:
        """The digest of a key: logins and addresses are in them."""
        return hashlib.sha256(self.make_key(key, version).encode()).hexdigest()

    def _end(self, timeout: Any) -> Micros:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return clock.now() + (_FOREVER if seconds is None else int(seconds * SECOND))

    def _write(self, sql: str, values: list[Any]) -> int:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            written = int(cursor.rowcount)
        self._writes += 1
        if self._writes % _EVERY == 0:
            clean(clock.now())
        return written


def clean(now: Micros) -> None:
    """Forgets what has ended, and the first to end of what is too many."""
    Kept.objects.filter(ends_at__lte=now).delete()
    beyond = Kept.objects.order_by("-ends_at").values_list("pk", flat=True)[ROOM:]
    Kept.objects.filter(pk__in=list(beyond)).delete()
