"""What is left of what was purged: that it was, and a mark under which it is known again."""

from __future__ import annotations

from typing import Any

from django.db import models

from hueandcry.engine.ledger.models import Logged
from hueandcry.engine.store.fields import FixedBytesField, MicrosField


class Erased(models.Model):
    """A keyed tombstone: who lacks this node's secret cannot tell of what, not even by trying."""

    kind = models.CharField(max_length=12)  # claim, signal
    mac = FixedBytesField(32)
    modified = MicrosField()  # of the version that was erased: an older one never comes back
    terminal = models.BooleanField(default=False)  # retracted: no version ever comes back
    at = MicrosField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "mac"], name="purge_erased_one")]


class Purge(Logged):
    """One run that deleted something: how many rows of each sort, and why."""

    at = MicrosField()
    reason = models.CharField(max_length=200)
    counts: models.JSONField[Any, Any] = models.JSONField(default=dict)
