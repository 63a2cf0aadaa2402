"""Batches and retractions as signed, the feed in which they stand, and who has got how far."""

from __future__ import annotations

from django.db import models

from hueandcry.engine.ledger.models import Logged
from hueandcry.engine.store.fields import BytesField, FixedBytesField, MicrosField


class Batch(Logged):
    """A batch document with the exact bytes of those of its objects that we hold."""

    part = FixedBytesField(32, unique=True)  # names document and held objects together
    about = FixedBytesField(32)  # the same of what was handed to us, refused objects included
    digest = FixedBytesField(32, db_index=True)  # of the document
    issuer = models.ForeignKey("members.Member", on_delete=models.PROTECT, db_index=False)
    document = BytesField()
    label = models.IntegerField()
    count = models.IntegerField()  # objects that the document speaks of
    held = models.IntegerField()  # objects whose bytes are in `payload`
    payload = BytesField()  # one zstd frame of lines
    paths = BytesField(null=True)  # header line with ordinals and paths, when held < count
    at = MicrosField()
    from_peer = models.ForeignKey("peers.Peer", on_delete=models.PROTECT, null=True, db_index=False)
    effective_at = MicrosField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(from_peer__isnull=False, effective_at__isnull=True),
                name="exchange_batch_unsaid",
            )
        ]


class Retraction(Logged):
    """A signed retraction of one or more claims of one label."""

    digest = FixedBytesField(32, unique=True)
    part = FixedBytesField(32)
    issuer = models.ForeignKey("members.Member", on_delete=models.PROTECT, db_index=False)
    document = BytesField()
    label = models.IntegerField(null=True)  # unknown when none of its claims is held
    at = MicrosField()
    from_peer = models.ForeignKey("peers.Peer", on_delete=models.PROTECT, null=True, db_index=False)
    effective_at = MicrosField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(from_peer__isnull=False, effective_at__isnull=True),
                name="exchange_retraction_unsaid",
            )
        ]


class Entry(models.Model):
    """One position of the feed: a batch or a retraction, found by label."""

    seq = models.BigIntegerField(primary_key=True)
    label = models.IntegerField()
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, null=True)
    retraction = models.ForeignKey(Retraction, on_delete=models.CASCADE, null=True)

    class Meta:
        indexes = [models.Index(fields=["label", "seq"], name="exchange_entry_label")]


class Shown(models.Model):
    """What clients of ours are shown, in the order in which it came: a batch, or lines of its own.

    Object k of a row has the date `added` + k microseconds, which no other object has: rows are
    added under the lock of the feed head. `label` is a label's number, or one of the space `shown`
    (definitions, identities). Clients other than our own meet what was under an embargo in a
    second row, added when that has passed and numbered below zero: a client remembers dates only,
    so that nothing may become visible behind it.
    """

    added = MicrosField(primary_key=True)
    label = models.IntegerField()
    count = models.IntegerField()
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, null=True)
    lines = BytesField(null=True)  # one zstd frame, where there is no batch
    opens_at = MicrosField(null=True)  # the second row is to be added then

    class Meta:
        indexes = [
            models.Index(fields=["label", "added"], name="exchange_shown_label"),
            models.Index(
                fields=["opens_at"],
                condition=models.Q(opens_at__isnull=False),
                name="exchange_shown_opens",
            ),
        ]


class Named(models.Model):
    """Where an object stands that no batch carries: what was withdrawn, and definitions."""

    object_id = FixedBytesField(16)  # the UUID in its STIX id
    shown = models.ForeignKey(Shown, on_delete=models.CASCADE)
    ordinal = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["object_id"], name="exchange_named_id")]


class Reading(models.Model):
    """How far a peer has got in one lane of our feed."""

    peer = models.ForeignKey("peers.Peer", on_delete=models.PROTECT)
    lane = models.CharField(max_length=4)
    position = models.TextField()  # rules.Position as JSON

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["peer", "lane"], name="exchange_reading_one")
        ]


class Pull(models.Model):
    """How far we have got in a peer's feed: its own opaque cursor."""

    peer = models.OneToOneField("peers.Peer", on_delete=models.PROTECT)
    cursor = models.TextField(blank=True)
    at = MicrosField(default=0)


class Handed(models.Model):
    """One part handed to one peer, with what its receipts said."""

    peer = models.ForeignKey("peers.Peer", on_delete=models.PROTECT, db_index=False)
    about = FixedBytesField(32)
    seq = models.BigIntegerField()
    accepted = models.IntegerField()
    refused = models.IntegerField()
    received_at = MicrosField()
    effective_at = MicrosField(null=True)
    batch = models.ForeignKey(Batch, on_delete=models.SET_NULL, null=True)
    retraction = models.ForeignKey(Retraction, on_delete=models.SET_NULL, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["peer", "about"], name="exchange_handed_once")
        ]
        indexes = [models.Index(fields=["peer", "id"], name="exchange_handed_peer")]
