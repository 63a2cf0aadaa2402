"""Webhooks of the token that asks."""

from __future__ import annotations

from typing import TypeVar

from msgspec import UnsetType

from hueandcry.apps.webhooks import face as webhooks
from hueandcry.apps.webhooks.face import DeliveryView, SubscriptionView
from hueandcry.client import records, requests
from hueandcry.core.times import time_text
from hueandcry.core.types import Kind
from hueandcry.doors.api import cursors, shown
from hueandcry.doors.api.endpoint import Asked, Said
from hueandcry.doors.api.reading import visible

T = TypeVar("T")


def every(asked: Asked) -> records.Webhooks:
    """Every webhook of this token."""
    return records.Webhooks(items=[_webhook(each) for each in webhooks.every(asked.caller.token)])


def one(asked: Asked) -> records.Webhook:
    """One webhook of this token."""
    return _webhook(webhooks.one(asked.number(), asked.caller.token))


def add(asked: Asked) -> Said:
    """A new webhook, for the audience of the token."""
    body: requests.NewWebhook = asked.body
    made, secret = webhooks.add(
        asked.caller.actor(),
        body.url,
        body.events,
        asked.audience,
        asked.at,
        kinds=[Kind(kind) for kind in body.kinds],
        note=visible("note", body.note),
    )
    answer = records.WebhookMade(webhook=_webhook(made), secret=secret)
    return Said(answer, {"Location": f"/api/v1/webhooks/{made.number}"})


def change(asked: Asked) -> records.Webhook:
    """Changes what is given."""
    body: requests.WebhookChange = asked.body
    kinds, note = _given(body.kinds), _given(body.note)
    changed = webhooks.change(
        asked.caller.actor(),
        asked.number(),
        asked.at,
        url=_given(body.url),
        events=_given(body.events),
        kinds=None if kinds is None else [Kind(kind) for kind in kinds],
        note=None if note is None else visible("note", note),
        state=_given(body.state),
    )
    return _webhook(changed)


def _given(value: T | UnsetType) -> T | None:
    return None if isinstance(value, UnsetType) else value


def remove(asked: Asked) -> None:
    """Ends a webhook."""
    webhooks.remove(asked.caller.actor(), asked.number(), asked.at)


def renew_secret(asked: Asked) -> records.WebhookMade:
    """A new secret, shown once."""
    made, secret = webhooks.renew_secret(asked.caller.actor(), asked.number(), asked.at)
    return records.WebhookMade(webhook=_webhook(made), secret=secret)


def test(asked: Asked) -> records.WebhookDelivery:
    """Puts a test on its way."""
    return _delivery(webhooks.test(asked.caller.actor(), asked.number(), asked.at))


def deliveries(asked: Asked) -> records.WebhookDeliveryPage:
    """What was and is to be sent, newest first."""
    query: requests.PageQuery = asked.query
    number, token = asked.number(), asked.caller.token
    what = f"webhook/{number}"
    before = cursors.read(what, asked.caller, query.cursor)
    rows = webhooks.deliveries(number, token, before=before, limit=query.limit)
    full = len(rows) == query.limit
    return records.WebhookDeliveryPage(
        items=[_delivery(row) for row in rows],
        next=cursors.seal(what, asked.caller, rows[-1].number) if full else None,
    )


def redeliver(asked: Asked) -> records.WebhookDelivery:
    """Sends one again."""
    actor, delivery = asked.caller.actor(), asked.number("delivery")
    return _delivery(webhooks.redeliver(actor, asked.number(), delivery, asked.at))


def _webhook(found: SubscriptionView) -> records.Webhook:
    return records.Webhook(
        number=found.number,
        url=found.url,
        events=list(found.events),  # type: ignore[arg-type]
        kinds=[kind.value for kind in found.kinds],
        note=found.note,
        audience=found.audience.value,
        state=found.state,  # type: ignore[arg-type]
        notice=found.notice,
        created_at=time_text(found.created_at),
        failures=found.failures,
        waiting=found.waiting,
    )


def _delivery(found: DeliveryView) -> records.WebhookDelivery:
    return records.WebhookDelivery(
        number=found.number,
        id=found.message,
        type=found.type,
        state=found.state,  # type: ignore[arg-type]
        attempts=found.attempts,
        created_at=time_text(found.created_at),
        due_at=shown.time(found.due_at),
        done_at=shown.time(found.done_at),
        status=found.status,
        outcome=found.outcome,
    )
