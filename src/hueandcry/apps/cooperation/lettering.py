"""A request of this node as a letter: what is known of it put together, and set as PDF."""

from __future__ import annotations

from uuid import UUID

from hueandcry.apps.cooperation import (
    authorities,
    checking,
    letter,
    queries,
    rules,
    sealed,
    translating,
)
from hueandcry.apps.cooperation.letter import Ground, Letter
from hueandcry.apps.cooperation.models import Request
from hueandcry.apps.members import face as members
from hueandcry.core.errors import NotFound
from hueandcry.core.machine import Side
from hueandcry.engine import sheets

#: Acts by which a request came to be what it is; the last of them stands in the letter.
_MADE = rules.LEAVING | {"sign", "deliver", "supplement"}


def pdf(identifier: UUID, language: str = sheets.ENGLISH, *, translated: bool = True) -> bytes:
    """A request as a letter with its fixed words in a language; as it stands now, same bytes.

    With `translated` it shows the certified translation into that language, if there is one.
    Raises NotFound for no such request or language, NotPermitted for an uncertified translation.
    """
    row = queries.request(identifier)
    on_paper = row.outside and row.side == Side.REQUESTED
    given = sealed.opened(row.given)
    if not given:
        raise NotFound("purged", "What the request said was purged")
    us, them = members.us().fingerprint, row.peer.hex()
    sender, recipient = (us, them) if row.side == Side.REQUESTING else (them, us)
    made = [e for e in queries.transitions(row) if e.event in _MADE or (on_paper and e.n == 0)]
    last = made[-1] if made else queries.transition(row, 0)
    shown = Letter(
        request=identifier,
        type=row.type,
        given=given,
        ground=_ground(row, sender, recipient),
        sender=authorities.correspondent(sender),
        recipient=authorities.correspondent(recipient),
        state=row.state,
        signers=row.signers,
        document=row.document.hex() if row.document else "",
        on_paper=on_paper,
        entry=last.log_index if made else None,
        at=last.at,
        translation=translating.for_letter(row, language) if translated else None,
    )
    return letter.sheet(shown, language)


def _ground(row: Request, sender: str, recipient: str) -> Ground:
    """Of ours as it was found when it left; of theirs as our registry had it when it came."""
    if row.side == Side.REQUESTING:
        kept = row.basis
        return Ground(row.instrument, kept["on"], kept["why"], kept["articles"])
    return checking.ground(row.type, row.instrument, sender, recipient, row.made_at)
