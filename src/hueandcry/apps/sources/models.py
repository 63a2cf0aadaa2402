"""Saved sources: what is fetched, how it is read, how far it has come, and what each run did."""

from __future__ import annotations

from typing import Any

from django.db import models

from hueandcry.engine.ledger.models import Logged
from hueandcry.engine.store.fields import BytesField, MicrosField


class Source(models.Model):
    """One list of others that this node takes again and again."""

    class State(models.TextChoices):
        ACTIVE = "active"
        PAUSED = "paused"
        REMOVED = "removed"  # the row stays: runs and ledger entries speak of it

    name = models.CharField(max_length=64)
    what = models.CharField(max_length=12)  # rules.WHAT
    address = models.CharField(max_length=2048)
    feed = models.CharField(max_length=64)  # the name under which its claims stand
    every = models.PositiveIntegerField()  # minutes
    mapping: models.JSONField[Any, Any] = models.JSONField(default=dict)  # rules.Mapping
    gone = models.CharField(max_length=8, default="keep")  # or retract
    note = models.CharField(max_length=500, blank=True)  # why it is trusted as far as it is
    auth = models.CharField(max_length=8, blank=True)  # basic or bearer
    sealed = models.TextField(blank=True)  # user and secret, under the node's secret
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    added_at = MicrosField()
    person = models.ForeignKey(
        "members.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )
    next_due = MicrosField(default=0)
    failures = models.PositiveIntegerField(default=0)
    holder = models.CharField(max_length=36, blank=True)  # who runs it now
    held_until = MicrosField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=~models.Q(state="removed"), name="sources_source_name"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_due"],
                condition=models.Q(state="active"),
                name="sources_source_due",
            )
        ]


class Mark(models.Model):
    """How far one part of a source has been taken: a collection, an event, a file, a validator."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="marks")
    part = models.CharField(max_length=300)
    value = models.CharField(max_length=300)
    at = MicrosField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "part"], name="sources_mark_one")]


class Run(models.Model):
    """One attempt at a source, and its account; `outcome` is empty while it runs."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="runs")
    started = MicrosField()
    ended = MicrosField(null=True)
    by_hand = models.BooleanField(default=False)
    outcome = models.CharField(max_length=10, blank=True)  # rules.Outcome
    rows = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    merged = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    retracted = models.BigIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    reasons: models.JSONField[Any, Any] = models.JSONField(default=dict)
    skipped: models.JSONField[Any, Any] = models.JSONField(default=dict)
    problems: models.JSONField[Any, Any] = models.JSONField(default=dict)
    sample: models.JSONField[Any, Any] = models.JSONField(default=list)  # some rejected rows
    error = models.CharField(max_length=600, blank=True)
    code = models.CharField(max_length=40, blank=True)


class Act(Logged):
    """One thing that our people did to a source: one ledger entry."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="acts")
    kind = models.CharField(max_length=12)
    person = models.ForeignKey(
        "members.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = MicrosField()
    detail = BytesField(null=True)  # the mapping and address as they were then
