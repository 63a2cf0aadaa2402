"""Subscriptions: made, changed, removed. The door owns the transaction."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hueandcry.apps.webhooks import queries, rules
from hueandcry.apps.webhooks.models import Change, Delivery, Subscription
from hueandcry.apps.webhooks.receivers import check_url
from hueandcry.core import webhooks
from hueandcry.core.errors import Conflict, Malformed, NotFound
from hueandcry.core.ids import uuid7
from hueandcry.core.times import time_text
from hueandcry.core.types import DAY, Actor, Audience, Kind, Micros
from hueandcry.engine import clock
from hueandcry.engine.keys.own import own
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store import feed

KEPT: Final = policy.declare(
    policy.Setting(
        "webhooks.days", int, 7, "days for which notices and how they fared are kept", 1, 90
    )
)

#: Subscriptions that one token may have.
MOST: Final = 20
#: For how long the secret before a new one still signs, so that receivers can change over.
OVERLAP: Final[Micros] = DAY

_CONTEXT: Final = "webhook-secret"


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """A subscription as its owner sees it: never its secret."""

    number: int
    url: str
    events: tuple[str, ...]
    kinds: tuple[Kind, ...]
    note: str
    audience: Audience
    state: str
    notice: str
    created_at: Micros
    failures: int
    waiting: int
    token: int | None


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One event on its way to a receiver."""

    number: int
    message: str
    type: str
    state: str
    attempts: int
    created_at: Micros
    due_at: Micros | None
    done_at: Micros | None
    status: int | None
    outcome: str


def add(
    actor: Actor,
    url: str,
    events: Sequence[str],
    audience: Audience,
    at: Micros,
    *,
    kinds: Sequence[Kind] = (),
    note: str = "",
) -> tuple[SubscriptionView, str]:
    """A new subscription from now on, and its secret, which is shown once.

    Raises Malformed for a URL that is never called or an unknown event, Conflict beyond 20.
    """
    _check(url, events)
    if actor.token is not None and len(queries.held(actor.token)) >= MOST:
        raise Conflict("webhooks", f"A token has at most {MOST} webhooks", do="Remove one")
    secret = secrets.token_bytes(webhooks.SECRET_BYTES)
    row = Subscription.objects.create(
        token_id=actor.token,
        person_id=actor.person,
        url=url,
        events=" ".join(dict.fromkeys(events)),
        kinds=" ".join(dict.fromkeys(kinds)),
        note=note,
        audience=audience.value,
        secret=own().seal(_CONTEXT, secret),
        created_at=at,
        position=feed.position(feed.FEED),
    )
    _log(actor, "add", row, at)
    return _views([row])[0], webhooks.secret_text(secret)


def _check(url: str | None, events: Iterable[str] | None) -> None:
    if url is not None:
        check_url(url)
    unknown = sorted(set(events or ()) - set(rules.EVENTS))
    if unknown:
        raise Malformed("event", f"{unknown[0]!r} is no event", do=", ".join(rules.EVENTS))


def _log(actor: Actor, kind: str, row: Subscription, at: Micros) -> None:
    act = Change(kind=kind, subscription=row, token_id=actor.token, person_id=actor.person, at=at)
    facts: dict[str, Any] = {"at": time_text(at), "number": row.pk, "url": row.url}
    facts |= {"events": row.events, "audience": row.audience, "state": row.state}
    ledger.append(f"webhooks.{kind}", act, **facts)


def every(token: int | None = None) -> list[SubscriptionView]:
    """The subscriptions of a token, or (None) of everybody."""
    return _views(queries.held(token))


def one(number: int, token: int | None = None) -> SubscriptionView:
    """One subscription; raises NotFound, also for another token's."""
    return _views([_held(number, token)])[0]


def _held(number: int, token: int | None) -> Subscription:
    row = queries.subscription(number, token)
    if row is None:
        raise NotFound("webhook", f"There is no webhook {number}")
    return row


def change(
    actor: Actor,
    number: int,
    at: Micros,
    *,
    url: str | None = None,
    events: Sequence[str] | None = None,
    kinds: Sequence[Kind] | None = None,
    note: str | None = None,
    state: str | None = None,
) -> SubscriptionView:
    """Changes what is given; a state of `active` begins again after a pause, from where it was."""
    row = _held(number, actor.token)
    _check(url, events)
    wanted: dict[str, Any] = {"url": url, "note": note, "state": state}
    wanted["events"] = None if events is None else " ".join(dict.fromkeys(events))
    wanted["kinds"] = None if kinds is None else " ".join(dict.fromkeys(kinds))
    new = {name: value for name, value in wanted.items() if value is not None}
    if state == Subscription.State.ACTIVE or url is not None:
        new |= {"failures": 0, "retry_at": 0}
    if state is not None:
        new["notice"] = ""
    rows = Subscription.objects.filter(pk=row.pk, state=row.state)
    if new and rows.update(**new) != 1:
        raise Conflict("webhook", "Somebody else changed this webhook just now", do="Look again")
    row.refresh_from_db()
    _log(actor, "change", row, at)
    return _views([row])[0]


def remove(actor: Actor, number: int, at: Micros) -> None:
    """Ends a subscription; what waits for it is never sent."""
    row = _held(number, actor.token)
    rows = Subscription.objects.filter(pk=row.pk).exclude(state=Subscription.State.REMOVED)
    if rows.update(state=Subscription.State.REMOVED, secret="", before="") != 1:
        raise NotFound("webhook", f"There is no webhook {number}")
    Delivery.objects.filter(subscription=row, state=queries.WAITING).update(
        state=Delivery.State.FAILED, done_at=at, outcome="the webhook was removed"
    )
    queries.forget_told(row)
    row.state = Subscription.State.REMOVED
    _log(actor, "remove", row, at)


def renew_secret(actor: Actor, number: int, at: Micros) -> tuple[SubscriptionView, str]:
    """A new secret, shown once; for a day notices are signed by the one before as well."""
    row = _held(number, actor.token)
    secret = secrets.token_bytes(webhooks.SECRET_BYTES)
    Subscription.objects.filter(pk=row.pk).update(
        secret=own().seal(_CONTEXT, secret), before=row.secret, before_until=at + OVERLAP
    )
    _log(actor, "secret", row, at)
    return _views([row])[0], webhooks.secret_text(secret)


def good_secrets(row: Subscription, at: Micros) -> list[bytes]:
    """The secrets that sign now, the newest first."""
    texts = [row.secret]
    if row.before and row.before_until is not None and at < row.before_until:
        texts.append(row.before)
    return [own().open_sealed(_CONTEXT, text) for text in texts]


# --- deliveries ----------------------------------------------------------------------------------


def test(actor: Actor, number: int, at: Micros) -> DeliveryView:
    """Puts a notice of type `webhook.test` on its way."""
    row = _held(number, actor.token)
    if row.state != Subscription.State.ACTIVE:
        raise Conflict("paused", "This webhook is paused", do="Make it active first")
    notice = rules.Notice(rules.TEST, rules.encode(rules.TEST, None, at))
    send(row, [notice], at)
    Subscription.objects.filter(pk=row.pk).update(retry_at=0)
    return _delivery(queries.deliveries(row.pk, None, 1)[0])


def send(row: Subscription, notices: Sequence[rules.Notice], at: Micros) -> None:
    """Puts notices on their way, each under an id of its own."""
    ids = [f"msg_{uuid7(clock.now(), secrets.token_bytes(10)).hex}" for _ in notices]
    queries.add(row, notices, ids, at, at + policy.number(KEPT.name) * DAY)


def deliveries(
    number: int, token: int | None = None, *, before: int | None = None, limit: int = 50
) -> list[DeliveryView]:
    """What was and is to be sent, newest first, below a delivery; raises NotFound."""
    row = _held(number, token)
    return [_delivery(each) for each in queries.deliveries(row.pk, before, limit)]


def redeliver(actor: Actor, number: int, delivery: int, at: Micros) -> DeliveryView:
    """Sends an event again under the same id; raises NotFound, Conflict while it waits."""
    row = _held(number, actor.token)
    rows = Delivery.objects.filter(pk=delivery, subscription=row)
    if not rows.exists():
        raise NotFound("delivery", f"There is no delivery {delivery}")
    again = rows.exclude(state=queries.WAITING)
    changed = again.update(state=queries.WAITING, due_at=at, attempts=0, done_at=None)
    if changed != 1:
        raise Conflict("waiting", "This delivery is on its way already")
    Subscription.objects.filter(pk=row.pk).update(retry_at=0)
    return _delivery(rows.get())


def _delivery(row: Delivery) -> DeliveryView:
    due = row.due_at if row.state == queries.WAITING else None
    return DeliveryView(
        row.pk,
        row.message,
        row.type,
        row.state,
        row.attempts,
        row.created_at,
        due,
        row.done_at,
        row.status,
        row.outcome,
    )


def _views(rows: Sequence[Subscription]) -> list[SubscriptionView]:
    waiting = queries.waiting_counts(row.pk for row in rows)
    return [
        SubscriptionView(
            row.pk,
            row.url,
            tuple(row.events.split()),
            tuple(map(Kind, row.kinds.split())),
            row.note,
            Audience(row.audience),
            row.state,
            row.notice,
            row.created_at,
            row.failures,
            waiting.get(row.pk, 0),
            row.token_id,
        )
        for row in rows
    ]
