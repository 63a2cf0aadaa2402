"""What clients of ours are shown, written down in the transaction in which it comes.

Who of them may see it is decided when they ask, by label (`apps/exchange/shown.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final
from uuid import UUID

from django.db import transaction

from hueandcry.apps.exchange.models import Batch, Named, Shown
from hueandcry.apps.members import face as members
from hueandcry.apps.signals import face as signals
from hueandcry.core import jcs, jws, sharing, stix
from hueandcry.core.envelopes import compress, decompress
from hueandcry.core.errors import NotFound
from hueandcry.core.sharing import Label
from hueandcry.core.types import Audience, Claim, Fingerprint, Micros
from hueandcry.engine import clock
from hueandcry.engine.store import feed, interned
from hueandcry.engine.store.work import unit_of_work

#: The space of interned texts that name what every reader, or one audience, sees beside claims.
SPACE: Final = "shown"
DEFINITIONS: Final = "definitions"

_STEP: Final[Micros] = 1_000  #: a version is at least this much newer (PROTOCOL 4)

#: An object with the UUID by which clients ask for it.
Line = tuple[bytes, bytes]

_present: set[str] = set()


def forget() -> None:
    """Empties the memory of what stands: for tests that swap databases under one process."""
    _present.clear()


def show_batch(batch: Batch) -> None:
    """Shows the claims of a batch, in the caller's transaction, once they are stored."""
    _stand_seats(batch, clock.now())
    _show(batch.label, clock.now(), batch=batch)


def show_withdrawn(ids: Sequence[bytes]) -> None:
    """Shows retracted claims once more, revoked; only those that somebody may have seen."""
    us = members.us().fingerprint
    by_label: dict[int, list[Line]] = {}
    for label, claim in signals.withdrawn(ids):
        by_label.setdefault(label, []).append((claim.id.bytes, _revoked(claim, us)))
    for label, lines in by_label.items():
        _show(label, clock.now(), lines=lines)


def _revoked(claim: Claim, us: Fingerprint) -> bytes:
    """The object again, with `revoked`; always newer than the version that it ends."""
    if claim.claimant != us:
        claim = replace(claim, modified=claim.modified + _STEP)
    return stix.revoked(claim)


def _show(
    number: int, at: Micros, *, batch: Batch | None = None, lines: Sequence[Line] = ()
) -> None:
    """One row for our own clients; a second for others now or when its embargo has passed."""
    label, us = signals.label(number), members.us().fingerprint
    embargo = label.marking.embargo
    opens_at = embargo.until if embargo is not None and at < embargo.until else None
    _stand(label, at)
    _add(number, at, batch=batch, lines=lines, opens_at=opens_at)
    if embargo is not None and opens_at is None and _outside(label, at, us):
        _add(-number, at, batch=batch, lines=lines)


def _outside(label: Label, at: Micros, us: Fingerprint) -> bool:
    return any(
        sharing.decide_client(audience, label, at, us=us).allowed
        for audience in (Audience.CLEAR, Audience.GREEN)
    )


def _add(
    label: int,
    at: Micros,
    *,
    batch: Batch | None = None,
    lines: Sequence[Line] = (),
    opens_at: Micros | None = None,
) -> None:
    """One row at the end. The lock of the feed head makes the order of dates that of commits."""
    feed.hold(feed.FEED)
    last = Shown.objects.order_by("-added").values_list("added", "count").first()
    count = batch.held if batch is not None else len(lines)
    shown = Shown.objects.create(
        added=max(at, sum(last)) if last else at,
        label=label,
        count=count,
        batch=batch,
        lines=compress([line for _, line in lines]) if lines else None,
        opens_at=opens_at,
    )
    Named.objects.bulk_create(
        [Named(object_id=id, shown=shown, ordinal=n) for n, (id, _) in enumerate(lines)]
    )


def blank(ids: Collection[bytes]) -> None:
    """Forgets the lines of these objects in rows of their own; the dates of others stay theirs."""
    found = Named.objects.filter(object_id__in=list(ids))
    gone: dict[Micros, set[int]] = {}
    for shown, ordinal in found.values_list("shown_id", "ordinal"):
        gone.setdefault(shown, set()).add(ordinal)
    for row in Shown.objects.filter(pk__in=list(gone), lines__isnull=False):
        lines = decompress(row.lines or b"").split(b"\n")[:-1]
        left = [b"" if n in gone[row.pk] else line for n, line in enumerate(lines)]
        Shown.objects.filter(pk=row.pk).update(lines=compress(left))
    found.delete()


# --- what opens later ----------------------------------------------------------------------------


def open_some() -> bool:
    """Shows to other clients what was under an embargo until now; True when there may be more."""
    at = clock.now()
    due = list(Shown.objects.filter(opens_at__lte=at).order_by("opens_at")[:100])
    for row in due:
        with unit_of_work():
            _open(row, at)
    return bool(due)


def _open(row: Shown, at: Micros) -> None:
    if Shown.objects.filter(pk=row.pk, opens_at=row.opens_at).update(opens_at=None) != 1:
        return
    label = signals.label(row.label)
    if not _outside(label, at, members.us().fingerprint):
        return
    _stand(label, at)
    if row.batch is not None:
        _stand_seats(row.batch, at)
    named = Named.objects.filter(shown=row).order_by("ordinal").values_list("object_id", "ordinal")
    opened = decompress(row.lines).split(b"\n")[:-1] if row.lines else []
    lines = [(bytes(id), opened[n]) for id, n in named]  # without what was purged meanwhile
    _add(-row.label, at, batch=row.batch, lines=lines)


# --- definitions and identities ------------------------------------------------------------------


def _stand(label: Label, at: Micros) -> None:
    """Sees to it that what these objects refer to stands before them, for whoever sees them."""
    us = members.us().fingerprint
    _keep(DEFINITIONS, at)
    for audience in Audience:
        if sharing.decide_client(audience, label, at, us=us).allowed:
            _keep(identity_text(audience, label.origin), at)


def _stand_seats(batch: Batch, at: Micros) -> None:
    """Sees to it that guests who speak in a batch are described to whoever sees its claims."""
    label, us = signals.label(batch.label), members.us().fingerprint
    for source in signals.sources_of_batch(batch.pk):
        seat = members.speaker(label.origin, source)
        for audience in Audience if seat is not None else ():
            if seat and sharing.decide_client(audience, label, at, us=us).allowed:
                _keep(identity_text(audience, f"{label.origin}/{seat.code}"), at)


def identity_text(audience: Audience, member: str) -> str:
    """What names an identity as one audience sees it, each from its first claim on.

    `member` is a fingerprint; a guest's is that of its home, a stroke, and its seat's code.
    """
    return f"identity:{audience.value}:{member}"


def keep_standing() -> bool:
    """Replaces definitions and identities that have changed: new software, a new card."""
    at = clock.now()
    standing = interned.numbers(SPACE)
    held = set(Shown.objects.filter(label__in=standing).values_list("label", flat=True))
    texts = [text for number, text in standing.items() if number in held]
    for text in texts if DEFINITIONS in texts else [DEFINITIONS, *texts]:
        if not _is_current(text):
            with unit_of_work():
                _replace(text, at)
    return False


def _keep(text: str, at: Micros) -> None:
    if text not in _present:
        if not Shown.objects.filter(label=interned.number(SPACE, text)).exists():
            _replace(text, at)
        else:
            # What a rolled-back transaction showed must not be remembered.
            transaction.on_commit(lambda: _present.add(text))


def _is_current(text: str) -> bool:
    row = Shown.objects.filter(label=interned.number(SPACE, text)).first()
    opened = decompress(row.lines) if row is not None and row.lines else b""
    return opened == b"".join(line + b"\n" for _, line in _standing(text))


def _replace(text: str, at: Micros) -> None:
    """The row before goes: a reader finds each object in its newest version, once."""
    number = interned.number(SPACE, text)
    feed.hold(feed.FEED)
    Shown.objects.filter(label=number).delete()
    _add(number, at, lines=_standing(text))


def _standing(text: str) -> list[Line]:
    if text == DEFINITIONS:
        return list(definitions())
    member, _, code = text.rpartition(":")[2].partition("/")
    return [_line(_seat_identity(member, code) if code else _identity(member))]


def _identity(member: Fingerprint) -> dict[str, object]:
    """A member as its newest card describes it."""
    view = members.member(members.member_id(member))
    return stix.identity(member, view.name, view.country, view.roles, _since(member))


def _seat_identity(home: Fingerprint, code: str) -> dict[str, object]:
    """A guest as its home announced it last."""
    seat = members.speaker(home, members.SEAT_SOURCE + code)
    if seat is None:
        raise NotFound("seat", f"No seat {code} is known")
    return stix.seat_identity(home, code, seat.name, seat.roles, seat.changed_at)


def _since(member: Fingerprint) -> Micros:
    """The time of its card; of a member without one (a hosted seat) none is known."""
    try:
        return jws.open_document(members.card_of(member)).stated.iat
    except NotFound:
        return 0


@lru_cache(maxsize=1)
def definitions() -> tuple[Line, ...]:
    """What every collection ships: who publishes, extension definitions, TLP 2.0 markings."""
    objects: Iterable[dict[str, object]] = (
        *stix.TLP_MARKINGS.values(),
        stix.publisher(),
        *stix.extension_definitions(),
    )
    return tuple(_line(each) for each in objects)


def _line(value: dict[str, object]) -> Line:
    id = str(value["id"])
    return UUID(id.partition("--")[2]).bytes, jcs.canonical(value)
