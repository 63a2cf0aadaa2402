"""Changes of settings: the newest version of a name is in force, the others are its history."""

from __future__ import annotations

from django.db import models

from hueandcry.engine.ledger.models import Logged
from hueandcry.engine.store.fields import MicrosField


class Change(Logged):
    """One setting was given a value; an empty `text` with `cleared` gives back the default."""

    name = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    text = models.TextField()
    cleared = models.BooleanField(default=False)
    person = models.BigIntegerField(null=True)  # a number only: the engine knows no people
    at = MicrosField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="policy_change_version")
        ]
