"""Refusals in the access log: each is noted, but of a flood only so many rows a minute."""

from __future__ import annotations

import logging
from typing import Final

from hueandcry.apps.members import face as members
from hueandcry.core.types import MINUTE
from hueandcry.doors.desk.addresses import Environ, client_address
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

log = logging.getLogger("hueandcry.doors")

#: Refusals noted in one minute, by everybody together; the others are only counted.
NOTED: Final = 20

_minute: list[int] = [0, 0, 0]  # which minute, rows noted in it, refusals left uncounted


def forget() -> None:
    """Begins a new minute: for tests that swap databases."""
    _minute[:] = [0, 0, 0]


def note_refusal(
    environ: Environ, code: str, token: int | None = None, person: int | None = None
) -> None:
    """Notes a refusal in the access log, within bounds; never fails."""
    at = clock.now()
    minute = at // MINUTE
    if _minute[0] != minute:
        _minute[:2] = [minute, 0]
    if _minute[1] >= NOTED:
        _minute[2] += 1
        return
    more = f" (and {_minute[2]} more, not noted one by one)" if _minute[2] else ""
    _minute[1:] = [_minute[1] + 1, 0]
    subject = f"{environ.get('REQUEST_METHOD', '')} {environ.get('PATH_INFO', '')}{more}"
    address = client_address(environ)
    try:
        with unit_of_work():
            note = members.AccessNote(
                code, subject, "refused", token=token, person=person, address=address
            )
            members.log_access(note, at)
    except Exception:
        log.exception("a refusal could not be noted")
