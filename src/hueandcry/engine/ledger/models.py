"""Ledger rows: entries in order, signed heads, epochs, and what a logged row carries.

An entry's index is its *position* in the whole life of this log: it grows across epochs and is
never given twice. Each epoch is a tree of its own, which begins at the position `first`.
"""

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
    """One 33-byte commitment (PROTOCOL 5) at its position."""

    index = models.BigIntegerField(primary_key=True)
    entry = FixedBytesField(33)


class Checkpoint(models.Model):
    """A head: size and root are stored before anything is signed; a retry signs exactly those.

    `size` is the position where it ends: its epoch's `first` and the size of the tree together.
    """

    size = models.BigIntegerField(primary_key=True)
    epoch = models.PositiveIntegerField()
    root = FixedBytesField(32)
    decided_at = MicrosField()
    note = BytesField(null=True)  # the signed note; empty until it is signed


class Epoch(models.Model):
    """One tree of this log. What lies between `kept` and `first` was lost, and is nobody's."""

    number = models.PositiveIntegerField(primary_key=True)
    first = models.BigIntegerField()  # position of its first entry
    kept = models.BigIntegerField()  # where that ends which is held of the epochs before
    opened_at = MicrosField()
    document = BytesField(null=True)  # the succession that opened it; none for the first


class Restoration(Logged):
    """This node came out of a backup: it signs and logs nothing until its peers were asked."""

    class State(models.TextChoices):
        ASKING = "asking"  # what did the witnesses see of this log?
        BEHIND = "behind"  # one saw more than is held: only a succession helps
        CONTINUED = "continued"  # the log goes on where it was
        SUCCEEDED = "succeeded"  # a new epoch was opened

    at = MicrosField()
    backup = FixedBytesField(32)  # SHA-256 of the encrypted file
    made_at = MicrosField()  # when that was made
    size = models.BigIntegerField()  # where the log ended in it
    feed = models.BigIntegerField()  # where the feed ended in it
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKING)
    settled_at = MicrosField(null=True)


class Seen(models.Model):
    """What one witness told a restored node that it had seen of its log."""

    restoration = models.ForeignKey(Restoration, on_delete=models.CASCADE)
    witness = models.CharField(max_length=64)  # fingerprint
    note = BytesField(null=True)  # the newest head that it holds, none: it holds none
    epoch = models.PositiveIntegerField(default=0)
    size = models.BigIntegerField(default=0)  # of that head's tree
    index = models.BigIntegerField(null=True)  # the highest position that a receipt of ours names
    at = MicrosField()
    cursor = models.TextField(blank=True)  # how far its copies of what we issued were read
    recovered_at = MicrosField(null=True)  # all of them were

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["restoration", "witness"], name="ledger_seen_one")
        ]


class ForeignHead(models.Model):
    """The newest head that we were shown of another log, one for each of its epochs."""

    origin = models.CharField(max_length=320, primary_key=True)
    size = models.BigIntegerField()
    note = BytesField()


class Cosignature(models.Model):
    """That a witness has seen one of our heads, in its own words."""

    head = models.BigIntegerField()  # the position where that checkpoint ends
    witness = models.CharField(max_length=64)  # fingerprint
    line = BytesField()  # the C2SP signature line
    seconds = models.BigIntegerField()  # POSIX time that it states

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["head", "witness"], name="ledger_cosignature_one")
        ]
        indexes = [models.Index(fields=["witness", "head"], name="ledger_cosignature_by")]


class Witnessed(models.Model):
    """The newest head of another log that we have cosigned, one for each of its epochs."""

    origin = models.CharField(max_length=320, primary_key=True)
    size = models.BigIntegerField()
    root = FixedBytesField(32)
    note = BytesField()  # the checkpoint as its log has signed it
    line = BytesField()  # our cosignature, as it was answered
    at = MicrosField()
