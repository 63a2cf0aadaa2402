"""Hop rows: who did what to a thing, when, and by whose clock we know it."""

from __future__ import annotations

from django.db import models

from hueandcry.engine.store.fields import FixedBytesField, MicrosField


class Source(models.TextChoices):
    """How we know a time (DESIGN 1): never shown without it."""

    OWN = "own"  # our own clock
    CLAIMED = "claimed"  # stated by the other side
    RECEIPTED = "receipted"  # stated in a signed receipt
    WITNESSED = "witnessed"
    TSA = "tsa"


class Hop(models.Model):
    """One step in the life of the thing that `root` names."""

    root = FixedBytesField(16)
    name = models.CharField(max_length=32)
    node = models.CharField(max_length=64)
    at = MicrosField()
    source = models.CharField(max_length=12, choices=Source.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["root", "name", "node"], name="timeline_hop_once")
        ]
