"""Answers that were given to requests with a key of their own."""

from __future__ import annotations

from django.db import models

from hueandcry.engine.store.fields import BytesField, FixedBytesField, MicrosField


class Reply(models.Model):
    """One request that was done, by who asked and the key that they gave it."""

    owner = models.BigIntegerField()  # a number only: the engine knows no tokens
    key = models.CharField(max_length=255)
    digest = FixedBytesField(32)  # of the request
    status = models.SmallIntegerField()
    body = BytesField()
    headers: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict)
    forget_after = MicrosField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="replies_once")]
