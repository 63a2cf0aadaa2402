"""Who wants to be told what, what is on its way, and what each was told last."""

from __future__ import annotations

from django.db import models

from hueandcry.engine.ledger.models import Logged
from hueandcry.engine.store.fields import BytesField, FixedBytesField, MicrosField


class Subscription(models.Model):
    """One receiver: where it is, what it wants, how far in the change feed it was told."""

    class State(models.TextChoices):
        ACTIVE = "active"
        PAUSED = "paused"
        REMOVED = "removed"

    token = models.ForeignKey("members.Token", on_delete=models.PROTECT, null=True)
    person = models.ForeignKey("members.Person", on_delete=models.PROTECT, null=True)
    url = models.CharField(max_length=2000)
    events = models.CharField(max_length=200)  # joined by blanks
    kinds = models.CharField(max_length=200, blank=True)  # joined by blanks; empty: every kind
    note = models.CharField(max_length=200, blank=True)
    audience = models.CharField(max_length=8)
    secret = models.TextField()  # sealed
    before = models.TextField(blank=True)  # sealed: the secret before, good until `before_until`
    before_until = MicrosField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    notice = models.CharField(max_length=300, blank=True)
    created_at = MicrosField()
    position = models.BigIntegerField()  # in the change feed
    failures = models.PositiveIntegerField(default=0)  # in a row
    retry_at = MicrosField(default=0)


class Delivery(models.Model):
    """One event on its way to one receiver; the row is the state."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        FAILED = "failed"

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT)
    message = models.CharField(max_length=40, unique=True)  # webhook-id
    type = models.CharField(max_length=40)
    payload = BytesField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    created_at = MicrosField()
    due_at = MicrosField()
    done_at = MicrosField(null=True)
    status = models.IntegerField(null=True)  # what the receiver answered last
    outcome = models.CharField(max_length=300, blank=True)
    purge_after = MicrosField(db_index=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["subscription", "id"],
                condition=models.Q(state="waiting"),
                name="webhooks_delivery_waiting",
            )
        ]


class Told(models.Model):
    """The verdict that a receiver was last told about a signal; none: unknown."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE)
    key = FixedBytesField(16)
    verdict = models.CharField(max_length=10)
    at = MicrosField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription", "key"], name="webhooks_told_once")
        ]


class Change(Logged):
    """What was done to a subscription: one ledger entry each."""

    kind = models.CharField(max_length=12)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT)
    token = models.ForeignKey("members.Token", on_delete=models.PROTECT, null=True)
    person = models.ForeignKey("members.Person", on_delete=models.PROTECT, null=True)
    at = MicrosField()
