"""The closed store of referrals: what they say of persons is readable by the protection desk alone.

Once a referral has been delivered, each side seals these fields to the age recipient that its
policy names, leaves a word in their place, and erases the documents that carried them. The node
holds no key for it, and so nobody who runs the node can read them.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from typing import Any, Final
from uuid import UUID

from hueandcry.apps.cooperation import queries, rules, sealed
from hueandcry.apps.cooperation.models import Request, Transition
from hueandcry.apps.cooperation.settings import PROTECTION_RECIPIENT
from hueandcry.apps.cooperation.wire import Said
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core import jcs
from hueandcry.core.errors import Conflict, HueError, NotFound
from hueandcry.core.law import LAW
from hueandcry.core.types import Actor, Micros
from hueandcry.engine.keys import age, agefile
from hueandcry.engine.policy import face as policy
from hueandcry.engine.purge import face as purge
from hueandcry.engine.store.work import unit_of_work

#: Fields by which a person could be found or known.
PERSONAL: Final = frozenset(
    {"danger", "facts_summary", "indicators", "person_consent", "persons", "place"}
)
_CLOSED: Final = "closed"
_TABLES: Final = ("cooperation_request", "cooperation_transition", "peers_document")


def close_all() -> bool:
    """Closes what was delivered since; False: no more at once."""
    recipient = _recipient()
    rows = queries.unclosed() if recipient is not None else []
    if rows:
        purge.begin()
    if any([_closed(row, recipient) for row in rows if recipient is not None]):
        purge.scrub(_TABLES)
    return False


def _closed(row: Request, recipient: bytes) -> bool:
    """Whether anything was closed or erased now; what moves on meanwhile waits for a turn."""
    with suppress(Conflict), unit_of_work():
        return _close(row, recipient)
    return False


def unset() -> bool:
    """Whether policy names nobody to whom referrals could be sealed."""
    return _recipient() is None


def opened_for(actor: Actor, identifier: UUID, at: Micros) -> list[bytes]:
    """What of a referral is closed, as age files in the order in which it came.

    Each look is noted. Raises NotPermitted for other roles, NotFound where nothing is closed.
    """
    row = queries.request(identifier)
    rules.check_desk(row.type, actor)
    if not row.closed:
        raise NotFound("closed", "Nothing of this request is closed")
    note = members.AccessNote("request.closed", str(identifier), person=actor.person)
    members.log_access(note, at)
    return [base64.b64decode(each) for each in row.closed]


def _recipient() -> bytes | None:
    try:
        return age.read_recipient(str(policy.value(PROTECTION_RECIPIENT.name)))
    except HueError:
        return None


def _close(row: Request, recipient: bytes) -> bool:
    given, acts = sealed.opened(row.given), queries.transitions(row)
    personal = {n: v for n, v in given.items() if n in PERSONAL and v != instead(n)}
    closed = [*row.closed, _sealed(personal, recipient)] if personal else row.closed
    left = peers.erase_documents(_documents(row, acts))
    changed: dict[str, Any] = {"closed": closed, "closed_at": None if left else row.version}
    if personal:
        changed["given"] = sealed.seal({**given, **{name: instead(name) for name in personal}})
    if Request.objects.filter(pk=row.pk, version=row.version).update(**changed) != 1:
        raise Conflict("moved_on", "The referral moved on while it was closed")
    for act in acts:
        _strip(act)
    return bool(personal) or not left


def _documents(row: Request, acts: Collection[Transition]) -> set[bytes]:
    told = [row.document, *(act.document for act in acts)]
    return {bytes(digest) for digest in told if digest is not None}


def _strip(act: Transition) -> None:
    """Takes the same fields out of what an act completed."""
    said = Said.read(sealed.opened(act.said))
    if PERSONAL & said.given.keys():
        kept = {name: value for name, value in said.given.items() if name not in PERSONAL}
        stripped = replace(said, given=kept)
        Transition.objects.filter(pk=act.pk).update(said=sealed.seal(stripped.value()))


def _sealed(personal: Mapping[str, Any], recipient: bytes) -> str:
    target = BytesIO()
    agefile.seal(BytesIO(jcs.canonical(dict(personal))), target, recipient)
    return base64.b64encode(target.getvalue()).decode()


def instead(name: str) -> Any:
    """What stands in a field that is closed: the same form, and one word."""
    field = LAW.fields[name]
    record = dict.fromkeys(field.members, _CLOSED)
    return {"text": _CLOSED, "texts": [_CLOSED], "record": record, "records": [record]}[field.kind]
