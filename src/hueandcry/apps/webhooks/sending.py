"""Notices out of the change feed, and one try of one notice. State lives on the rows."""

from __future__ import annotations

from random import random
from typing import Final

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import face as signals
from hueandcry.apps.webhooks import queries, receivers, rules, service
from hueandcry.apps.webhooks.models import Delivery, Subscription
from hueandcry.client.words import Verdict
from hueandcry.core import webhooks
from hueandcry.core.errors import HueError, Malformed
from hueandcry.core.types import SECOND, Audience, Kind, Micros, Signal
from hueandcry.engine import clock
from hueandcry.engine.egress.client import Response
from hueandcry.engine.store import feed
from hueandcry.engine.store.work import unit_of_work

#: Changes that are looked at in one step for one receiver.
PAGE: Final = 200
#: How long a try has a delivery in hand: longer than any try may take.
HAND: Final[Micros] = 60 * SECOND
#: Bytes of a receiver's answer that are read at all.
MAX_ANSWER: Final = 65_536


def feed_some() -> bool:
    """Makes notices of what changed, for each receiver; True when there is more at once."""
    at = clock.now()
    return any([_feed(row, at) for row in queries.behind(feed.position(feed.FEED))])


def _feed(row: Subscription, at: Micros) -> bool:
    if reason := _ended(row, at):
        with unit_of_work():
            queries.pause(row.pk, reason)
        return False
    audience = Audience(row.audience)
    page = signals.changes_seen(audience, row.position, PAGE, at)
    wanted = rules.Wanted(frozenset(row.events.split()), frozenset(map(Kind, row.kinds.split())))
    live = [each for each in page.changes if not each.bulk and wanted.takes(each.signal.kind)]
    found = list(dict.fromkeys(each.signal for each in live))
    told = queries.told(row, [signal.key for signal in found])
    us = members.us()
    node = (us.fingerprint, us.url.rstrip("/"))
    planned = rules.plan(live, wanted, _verdicts(found, audience), told, node, at)
    with unit_of_work():
        if queries.move(row, page.position) == 1:
            service.send(row, planned.notices, at)
            queries.tell(row, planned.told, at)
    return page.more


def _ended(row: Subscription, at: Micros) -> str:
    """Why a receiver's right to be told has ended, if it has."""
    token = row.token
    if token is None:
        return ""
    if token.revoked_at is not None:
        return "its token was revoked"
    if token.expires_at is not None and token.expires_at <= at:
        return "its token has expired"
    return ""


def _verdicts(found: list[Signal], audience: Audience) -> dict[Signal, Verdict]:
    lookups = signals.Lookups(audience)
    verdicts: dict[Signal, Verdict] = {}
    for kind in {signal.kind for signal in found}:
        some = [signal for signal in found if signal.kind is kind]
        answers = lookups.many([signal.value for signal in some], kind)
        verdicts |= {s: answer["verdict"] for s, answer in zip(some, answers, strict=True)}
    return verdicts


# --- one try -------------------------------------------------------------------------------------


def send_next(number: int) -> bool:
    """Tries the oldest notice of one receiver that is due; True when there may be more."""
    at = clock.now()
    row = queries.subscription(number, None)
    if row is None or row.state != Subscription.State.ACTIVE or row.retry_at > at:
        return False
    delivery = queries.next_due(number, at)
    if delivery is None:
        return False
    with unit_of_work():
        if queries.take(delivery, at, at + HAND) != 1:
            return False
    delivery.attempts += 1
    return _try(row, delivery, at)


def _try(row: Subscription, delivery: Delivery, at: Micros) -> bool:
    try:
        if reason := _ended(row, at):
            raise _Ended("ended", reason)
        answer = _post(row, delivery, at)
    except HueError as error:
        return _failed(row, delivery, None, str(error), isinstance(error, _Ended | Malformed))
    if 200 <= answer.status < 300:
        return _delivered(row, delivery, answer.status)
    what = f"The receiver answered {answer.status}"
    return _failed(row, delivery, answer, what, answer.status == 410)


class _Ended(HueError):
    """The right to be told has ended."""


def _post(row: Subscription, delivery: Delivery, at: Micros) -> Response:
    body = bytes(delivery.payload)
    fields = webhooks.headers(service.good_secrets(row, at), delivery.message, at // SECOND, body)
    fields["content-type"] = "application/json"
    receivers.check_url(row.url)
    return receivers.egress().request("POST", row.url, fields, body, max_bytes=MAX_ANSWER)


def _delivered(row: Subscription, delivery: Delivery, status: int) -> bool:
    now = clock.now()
    with unit_of_work():
        queries.settle(
            delivery, Delivery.State.DELIVERED, now, status=status, outcome="", due_at=now
        )
        queries.succeeded(row.pk)
    return True


def _failed(
    row: Subscription, delivery: Delivery, answer: Response | None, what: str, for_good: bool
) -> bool:
    """Puts the next try off, gives up this notice, or pauses the receiver with a notice."""
    now = clock.now()
    failures = row.failures + 1
    retry_at = now + max(webhooks.wait(failures, random()), _asked(answer))
    given_up = answer is not None and delivery.attempts >= rules.GIVEN_UP_AFTER
    state = Delivery.State.FAILED if given_up else Delivery.State.WAITING
    with unit_of_work():
        queries.settle(
            delivery,
            state,
            now,
            status=answer.status if answer else None,
            outcome=what,
            due_at=retry_at,
        )
        queries.failed(row, retry_at)
        if for_good or failures >= rules.PAUSED_AFTER:
            queries.pause(row.pk, f"{what} ({failures} tries in a row failed)")
    return False


def _asked(answer: Response | None) -> Micros:
    """How long a receiver asks us to wait, at most an hour."""
    text = answer.headers.get("retry-after", "") if answer else ""
    return min(int(text) * SECOND, webhooks.LONGEST) if text.isdecimal() and len(text) < 9 else 0
