"""A partnership as this node holds it: its charter, acts, signatures, and what they add up to."""

from __future__ import annotations

from typing import Any

from django.db import models

from hueandcry.engine.ledger.models import Logged
from hueandcry.engine.store.fields import BytesField, FixedBytesField, MicrosField


class Partnership(models.Model):
    """A charter. Only one that our own people have signed has any effect here."""

    digest = FixedBytesField(32, unique=True)
    act = BytesField()  # the charter's JCS bytes
    adopted = models.BooleanField(default=False)
    adopted_at = MicrosField(null=True)
    received_at = MicrosField()
    from_peer = models.ForeignKey("peers.Peer", on_delete=models.PROTECT, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["adopted"], condition=models.Q(adopted=True), name="directory_one_adopted"
            )
        ]


class Act(models.Model):
    """One thing to be decided about a member; the same bytes for everybody who signs it."""

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="acts")
    digest = FixedBytesField(32)
    kind = models.CharField(max_length=16)
    act = BytesField()  # JCS
    received_at = MicrosField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "digest"], name="directory_act_one")
        ]


class Signature(models.Model):
    """One member's document under the charter or an act."""

    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="signatures"
    )
    about = FixedBytesField(32)  # digest of the charter or of the act
    issuer = FixedBytesField(32)
    document = models.OneToOneField("peers.Document", on_delete=models.PROTECT)
    kid = models.CharField(max_length=81)
    standing = FixedBytesField(32, null=True)  # what the issuer's standing rests on; null: charter
    answers: models.JSONField[Any, Any] = models.JSONField(default=list)
    iat = MicrosField()
    logged_at = MicrosField()

    class Meta:
        indexes = [models.Index(fields=["partnership", "issuer"], name="directory_signature_by")]


class Standing(models.Model):
    """How a member stands now, as the documents that we hold say."""

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="standings")
    fingerprint = FixedBytesField(32)
    status = models.CharField(max_length=10)
    serial = models.PositiveIntegerField()
    act = FixedBytesField(32)
    since = MicrosField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "fingerprint"], name="directory_standing_one"
            )
        ]


class Change(Logged):
    """One change of a member's standing: an entry of the ledger each."""

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="changes")
    fingerprint = FixedBytesField(32)
    status = models.CharField(max_length=10)
    serial = models.PositiveIntegerField()
    act = FixedBytesField(32)
    at = MicrosField()
