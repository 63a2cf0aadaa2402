"""Time-stamps of authorities outside (RFC 3161): asked for, checked, kept byte for byte.

A row for each digest and authority moves from wanted to held. What comes back counts only if it is
about what was asked, answers this request and is signed; anything else is a failure of that
authority, which is shown, and tried again later.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings

from hueandcry.core import timestamps
from hueandcry.core.errors import HueError, Unreachable
from hueandcry.core.types import DAY, SECOND, Micros
from hueandcry.engine import clock
from hueandcry.engine.egress.client import Egress
from hueandcry.engine.jobs.loops import Loop
from hueandcry.engine.stamps import checking
from hueandcry.engine.stamps.models import Stamp
from hueandcry.engine.store.work import unit_of_work

__all__ = [
    "CHECKPOINT",
    "StampView",
    "ask_due",
    "authorities",
    "held",
    "loop",
    "newest_head",
    "overdue",
    "signers",
    "stamp",
    "stamp_head",
    "views",
    "wanted",
]

log = logging.getLogger("hueandcry.stamps")

TIMEOUT = 20.0  #: seconds that an authority may take
QUERY = "application/timestamp-query"
_HEADERS = {"Content-Type": QUERY, "Accept": "application/timestamp-reply"}

#: Seconds between two tries at one authority: doubled from the first to the last.
BACK_OFF = (2.0, 3_600.0)

CHECKPOINT = "checkpoint"  #: kind of the time-stamps over our own heads

#: Our own head is stamped so often.
EVERY: Micros = DAY

#: A wanted time-stamp that is older than this is worth a word to people.
LATE: Micros = 3_600 * SECOND


@dataclass(frozen=True, slots=True)
class StampView:
    """One time-stamp, or one that is still wanted: then `reply` is None."""

    number: int
    digest: bytes
    kind: str  #: checkpoint or package
    subject: str
    content: bytes | None
    url: str
    wanted_at: Micros
    failures: int
    said: str  #: why not, the last time
    reply: bytes | None  #: the TimeStampResp in DER
    chain: bytes  #: certificates that came with it, as PEM; empty where none did
    authority: str  #: SHA-256 of the signer's certificate
    stamped_at: Micros | None  #: the time that it states


def _view(row: Stamp) -> StampView:
    return StampView(
        row.pk,
        row.digest,
        row.kind,
        row.subject,
        row.content,
        row.url,
        row.wanted_at,
        row.failures,
        row.said,
        row.reply,
        row.chain or b"",
        row.authority,
        row.stamped_at,
    )


def authorities() -> tuple[str, ...]:
    """The authorities that this node asks, by address; none: it has no time-stamps."""
    found: tuple[str, ...] = settings.AUTHORITIES
    return found


def stamp(
    digest: bytes, kind: str, subject: str, at: Micros, *, content: bytes | None = None
) -> None:
    """Wants a SHA-256 digest stamped by every authority, in the caller's transaction; once."""
    for url in authorities():
        Stamp.objects.get_or_create(
            digest=digest,
            url=url,
            defaults={
                "kind": kind,
                "subject": subject[:400],
                "content": content,
                "wanted_at": at,
            },
        )


def held(digest: bytes) -> list[StampView]:
    """The time-stamps that we have of a digest, the earliest first."""
    rows = Stamp.objects.filter(digest=digest, state=Stamp.State.HELD)
    return [_view(row) for row in rows.order_by("stamped_at", "id")]


def signers() -> dict[str, str]:
    """SHA-256 (hex) of each certificate that stamped for us → its authority, if still named."""
    rows = Stamp.objects.filter(state=Stamp.State.HELD, url__in=authorities())
    return dict(rows.order_by("id").values_list("authority", "url"))


def views(limit: int) -> list[StampView]:
    """The newest rows, wanted and held."""
    return [_view(row) for row in Stamp.objects.order_by("-id")[:limit]]


def newest_head() -> StampView | None:
    """The time-stamp over a head of ours that states the latest time; `content` is that head."""
    rows = Stamp.objects.filter(kind=CHECKPOINT, state=Stamp.State.HELD)
    row = rows.order_by("-stamped_at", "-id").first()
    return None if row is None else _view(row)


def wanted() -> list[StampView]:
    """What is asked for and not here yet, the oldest first."""
    rows = Stamp.objects.filter(state=Stamp.State.WANTED, url__in=authorities())
    return [_view(row) for row in rows.order_by("id")]


def overdue(at: Micros) -> list[StampView]:
    """What is wanted for so long that people should know."""
    return [each for each in wanted() if each.wanted_at + LATE <= at]


# --- asking ---------------------------------------------------------------------------------------


@cache
def _egress() -> Egress:
    """Only authorities that our own operator has named are called: they may lie in our network."""
    named = {urlsplit(url).hostname for url in authorities()}
    return Egress(lambda host, _: host in named, timeout=TIMEOUT)


def _ask(row: Stamp) -> None:
    """Asks one authority once; raises what was wrong with its answer."""
    nonce = secrets.randbits(64)
    body = timestamps.request(row.digest, nonce)
    answer = _egress().request("POST", row.url, _HEADERS, body, max_bytes=timestamps.MAX_REPLY)
    if answer.status != 200:
        raise Unreachable("stamp_status", f"{urlsplit(row.url).netloc} answered {answer.status}")
    token = timestamps.check_reply(answer.body, row.digest, nonce, checking.verify)
    with unit_of_work():
        rows = Stamp.objects.filter(pk=row.pk, state=Stamp.State.WANTED)
        rows.update(
            state=Stamp.State.HELD,
            request=body,
            reply=answer.body,
            chain=checking.pem(token.certificates),
            authority=token.authority,
            stamped_at=token.at,
            held_at=clock.now(),
            said="",
        )


def _failed(row: Stamp, error: HueError) -> None:
    seconds = min(BACK_OFF[0] * 2.0 ** min(row.failures, 16), BACK_OFF[1])
    log.warning("no time-stamp of %s: %s", urlsplit(row.url).netloc, error)
    with unit_of_work():
        rows = Stamp.objects.filter(pk=row.pk, state=Stamp.State.WANTED, failures=row.failures)
        rows.update(
            failures=row.failures + 1,
            due_at=clock.now() + int(seconds * SECOND),
            said=str(error)[:300],
        )


def ask_due() -> bool:
    """Asks for what is due, at the authorities that are still named; True: there may be more.

    One at a time: an authority that is slow delays the others by its time-out, and no more.
    """
    rows = Stamp.objects.filter(state=Stamp.State.WANTED, due_at__lte=clock.now())
    row = rows.filter(url__in=authorities()).order_by("due_at", "id").first()
    if row is None:
        return False
    try:
        _ask(row)
    except HueError as error:
        _failed(row, error)
    return True


def stamp_head(origin: str, note: bytes, at: Micros) -> bool:
    """Wants our head stamped, unless one was asked for within a day at every authority."""
    fresh = Stamp.objects.filter(kind=CHECKPOINT, wanted_at__gt=at - EVERY)
    asked = set(fresh.values_list("url", flat=True))
    if asked >= set(authorities()):
        return False
    with unit_of_work():
        stamp(hashlib.sha256(note).digest(), CHECKPOINT, origin, at, content=note)
    return True


def loop(head: Callable[[], tuple[str, bytes] | None]) -> Loop:
    """Stamps the newest head (origin and size, note) daily, and what else is wanted."""

    def body() -> bool:
        if not authorities():
            return False
        newest = head()
        if newest is not None:
            stamp_head(*newest, clock.now())
        return ask_due()

    return Loop("stamps", body, every=5.0, woken=False)
