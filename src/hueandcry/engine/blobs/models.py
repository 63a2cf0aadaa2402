"""What this node knows of each blob: without its row, the bytes in the store are noise."""

from __future__ import annotations

from django.db import models

from hueandcry.engine.store.fields import FixedBytesField, MicrosField


class Blob(models.Model):
    """One file: where it lies, what it is, and the key that alone opens it."""

    name = FixedBytesField(16, unique=True)  # random: the store learns nothing from it
    sha256 = FixedBytesField(32, db_index=True)  # of the content, before it was sealed
    size = models.BigIntegerField()
    key = models.TextField()  # sealed under the node's secret, with the name that it is for
    at = MicrosField()
