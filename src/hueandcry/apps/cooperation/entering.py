"""A request that came on paper: one of ours enters what it asks, with the letter or its scan.

Our copy is the only one, as of a request that went outside. Who asks may be an authority without a
node or a member whose node is down. Its clocks run from the day on which the letter came.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from hueandcry.apps.cooperation import (
    authorities,
    checking,
    holding,
    moving,
    outside,
    queries,
    rules,
    sealed,
    timing,
)
from hueandcry.apps.cooperation.models import Request
from hueandcry.apps.cooperation.moving import Act
from hueandcry.apps.cooperation.outside import Letter
from hueandcry.apps.cooperation.rules import Doing
from hueandcry.apps.cooperation.wire import Asked
from hueandcry.apps.evidence import face as evidence
from hueandcry.core.errors import Conflict, Malformed
from hueandcry.core.ids import uuid7
from hueandcry.core.law import LAW
from hueandcry.core.machine import HOLD, MONEY, Side
from hueandcry.core.types import Actor, Fingerprint, Micros
from hueandcry.engine.ledger import face as ledger

_DELIVER: Final = "deliver_outside"
_FROM: Final = "SENT_OUTSIDE"


def enter(
    actor: Actor,
    type: str,
    sender: Fingerprint,
    instrument: str,
    given: Mapping[str, Any],
    letter: Letter,
    at: Micros,
) -> UUID:
    """A request that a letter asks of us, at our desk in the caller's transaction; its id.

    What the letter leaves out stays out: people return it as incomplete. Raises Conflict for one
    that was entered from the same bytes, and else as a request that comes by wire is refused:
    the way between the two, a basis that does not serve the type, a field of another form.
    """
    person = rules.check_may(actor, Doing.ENTER)
    rules.check_desk(type, actor)
    outside.check_open(type)
    authorities.must_be(sender)
    said = rules.stated(given)
    asked = Asked(uuid7(at, secrets.token_bytes(10)), type, instrument, said, ())
    checking.may_stand(asked, sender)
    if not said:
        raise Malformed("empty", "Nothing is entered of what the letter asks")
    outside.check_second_factor(type, actor)
    outside.check_dated(letter, at)
    _check_new(type, letter)
    row = _row(asked, sender, letter, person)
    done = Act(_DELIVER, Side.REQUESTED, letter.dated, person=person, document=letter.fresh.sha256)
    moving.begin(row, done, _FROM)
    outside.keep(row, letter, evidence.pseudonym(person), at)
    holding.assistance_came(asked, sender, letter.dated, outside=True)
    return asked.request


def _row(asked: Asked, sender: Fingerprint, letter: Letter, person: int) -> Request:
    return Request(
        uuid=asked.request.bytes,
        type=asked.type,
        side=Side.REQUESTED,
        peer=bytes.fromhex(sender),
        state=rules.BEGINS[Side.REQUESTED],
        instrument=asked.instrument,
        given=sealed.seal(asked.given),
        maker_id=person,
        document=letter.fresh.sha256,
        hold=HOLD.start if rules.asks_for_a_hold(LAW.types[asked.type]) else "",
        money=MONEY.start if rules.is_about_money(LAW.types[asked.type]) else "",
        outside=True,
        zone=timing.our_zone(),
        made_at=letter.dated,
        moved_at=letter.dated,
    )


def _check_new(type: str, letter: Letter) -> None:
    """Raises Conflict where such a request, which has not ended, was entered from these bytes."""
    row = ledger.known(lambda: queries.entered_from(letter.fresh.sha256, type))
    if row is not None:
        raise Conflict(
            "request_known",
            f"That letter was entered already, as the request {UUID(bytes=row.uuid)}",
            do="Look at that request; a reminder is told to the desk, and is no new request",
        )
