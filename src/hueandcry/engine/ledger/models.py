"""Ledger rows: entries in order, signed heads, and what a logged row carries."""

from __future__ import annotations

from django.db import models

from hueandcry.engine.store.fields import BytesField, FixedBytesField, MicrosField


class Logged(models.Model):
    """A row whose record is committed to in the ledger: erasing the row erases the opening."""

    log_index = models.BigIntegerField(unique=True, null=True)
    log_salt = FixedBytesField(32, null=True)
    log_record = BytesField(null=True)

    class Meta:
        abstract = True


class Entry(models.Model):
    """One 33-byte commitment (PROTOCOL 5) at its index in its epoch."""

    index = models.BigIntegerField(primary_key=True)
    entry = FixedBytesField(33)


class Checkpoint(models.Model):
    """A head: size and root are stored before anything is signed; a retry signs exactly those."""

    size = models.BigIntegerField(primary_key=True)
    epoch = models.PositiveIntegerField()
    root = FixedBytesField(32)
    decided_at = MicrosField()
    note = BytesField(null=True)  # the signed note; empty until it is signed
