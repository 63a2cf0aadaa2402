"""What left this node as a backup: each is an act, so each is in the ledger."""

from __future__ import annotations

from django.db import models

from hueandcry.engine.ledger.models import Logged
from hueandcry.engine.store.fields import FixedBytesField, MicrosField


class Backup(Logged):
    """One encrypted copy of this node that was written, read again and found whole."""

    at = MicrosField()  # of the snapshot
    sha256 = FixedBytesField(32)  # of the encrypted file
    size = models.BigIntegerField()
    rows = models.BigIntegerField()
    log_end = models.BigIntegerField()  # where the ledger ended in it
    recipients = models.TextField()  # who can open it, one a line
