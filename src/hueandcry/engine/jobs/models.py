"""Leases: at most one worker at a time does a named thing."""

from __future__ import annotations

from django.db import models

from hueandcry.engine.store.fields import MicrosField


class Lease(models.Model):
    """A named right that runs out by itself when its holder dies."""

    name = models.CharField(max_length=64, primary_key=True)
    holder = models.CharField(max_length=36, default="")
    until = MicrosField(default=0)
