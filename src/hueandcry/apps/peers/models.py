"""The post office: peers, agreements, documents, deliveries, receipts, nonces."""

from __future__ import annotations

from typing import Any

from django.db import models

from hueandcry.engine.ledger.models import Logged
from hueandcry.engine.store.fields import BytesField, FixedBytesField, MicrosField


class Peer(models.Model):
    """A member that this node talks to, added by one of our own people."""

    class Way(models.TextChoices):
        """How what waits for the peer gets to it."""

        CALL = "call"  # we call its address
        POLL = "poll"  # it has no inbound port: it asks us, and takes what waits as the answer
        FILE = "file"  # people carry files

    member = models.OneToOneField("members.Member", on_delete=models.PROTECT)
    url = models.CharField(max_length=300, blank=True)
    way = models.CharField(max_length=4, choices=Way.choices, default=Way.CALL)
    wanted = BytesField()  # our own terms: what we would sign without asking again
    added_at = MicrosField()
    clock_offset = models.BigIntegerField(default=0)  # µs to add to our clock to get theirs
    last_seen = MicrosField(null=True)
    failures = models.PositiveIntegerField(default=0)
    retry_at = MicrosField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    checkpoint = BytesField(null=True)  # the newest signed head of theirs that we were shown


class Expected(models.Model):
    """A member that our own people confirmed before its card was here: its own call adds it."""

    fingerprint = FixedBytesField(32, unique=True)
    spec = models.TextField()  # standard, personal, or the bytes of a terms file
    at = MicrosField()


class Agreement(models.Model):
    """One set of terms between us and a peer, and how far it has got."""

    class State(models.TextChoices):
        PROPOSED = "proposed"  # one side has signed
        IN_FORCE = "in_force"  # both documents are held
        SUPERSEDED = "superseded"
        REFUSED = "refused"  # gives more than our own terms allow

    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="agreements")
    digest = FixedBytesField(32)
    terms = BytesField()
    serial = models.PositiveIntegerField()
    ours = FixedBytesField(32, null=True)  # digest of the document by which we signed
    theirs = FixedBytesField(32, null=True)
    state = models.CharField(max_length=12, choices=State.choices)
    difference: models.JSONField[Any, Any] = models.JSONField(default=list)
    changed_at = MicrosField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["peer", "digest"], name="peers_agreement_one"),
            models.UniqueConstraint(
                fields=["peer"], condition=models.Q(state="in_force"), name="peers_one_in_force"
            ),
        ]


class Document(Logged):
    """A signed act, byte for byte, sent or received; (issuer, id) names it once and for all."""

    issuer = FixedBytesField(32)
    doc_id = FixedBytesField(16)
    digest = FixedBytesField(32, unique=True)
    type = models.CharField(max_length=32)
    document = BytesField()
    at = MicrosField()  # when it was issued or received, by our clock

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "doc_id"], name="peers_document_one")
        ]


class Delivery(models.Model):
    """A document on its way to one peer."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        REFUSED = "refused"

    peer = models.ForeignKey(Peer, on_delete=models.PROTECT)
    document = models.ForeignKey(Document, on_delete=models.PROTECT)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    due_at = MicrosField(default=0)
    done_at = MicrosField(null=True)
    outcome = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["peer", "id"],
                condition=models.Q(state="waiting"),
                name="peers_delivery_waiting",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["peer", "document"], name="peers_delivery_once")
        ]


class Receipt(Logged):
    """A signed answer about something delivered: ours to a peer, or a peer's to us."""

    peer = models.ForeignKey(Peer, on_delete=models.PROTECT)
    about = FixedBytesField(32)  # digest of what was delivered
    ours = models.BooleanField()
    kind = models.CharField(max_length=10)  # receipt, effective
    document = BytesField()
    at = MicrosField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["peer", "about", "ours", "kind"], name="peers_receipt_once"
            )
        ]


class Carriage(Logged):
    """One file for a peer, or from one: what its signed manifest said, and what is owed for it."""

    peer = models.ForeignKey(Peer, on_delete=models.PROTECT)
    ours = models.BooleanField()  # written here; False: taken in here
    digest = FixedBytesField(32)  # of the manifest
    series = FixedBytesField(16)  # names the export that wrote it
    number = models.PositiveIntegerField()
    count = models.PositiveIntegerField()
    cursor = models.TextField(blank=True)  # the reader's place in the feed once it has this file
    answers = BytesField(null=True)  # zstd of JSON: what the way back must carry
    carries: models.JSONField[Any, Any] = models.JSONField(
        default=list
    )  # manifests whose answers are in this file
    settled = models.BooleanField(default=False)  # the other side has what this row stands for
    at = MicrosField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["peer", "ours", "digest"], name="peers_carriage_once")
        ]


class Nonce(models.Model):
    """A nonce that a key has used: the same call is never taken twice."""

    keyid = models.CharField(max_length=81)
    nonce = FixedBytesField(16)
    forget_after = MicrosField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["keyid", "nonce"], name="peers_nonce_once")]


class Witness(models.Model):
    """How it goes to have our heads cosigned by a peer: only where something went wrong."""

    peer = models.OneToOneField(Peer, on_delete=models.CASCADE)
    failures = models.PositiveIntegerField(default=0)
    due_at = MicrosField(default=0)
    said = models.CharField(max_length=300, blank=True)  # why not, the last time


class Doubt(models.Model):
    """A head of a peer's log that may not go with what we hold of it: its log is to prove it."""

    peer = models.ForeignKey(Peer, on_delete=models.CASCADE)
    origin = models.CharField(max_length=320, unique=True)  # one at a time
    note = BytesField()
    dated = MicrosField()  # when its member says it was the newest; 0: it was only handed over
    tries = models.PositiveIntegerField(default=0)
    due_at = MicrosField(default=0)
    said = models.CharField(max_length=300, blank=True)  # why it is not proved yet


class Fork(Logged):
    """A log with two histories, until our people say that they have seen to it."""

    origin = models.CharField(max_length=320)
    kind = models.CharField(max_length=16)  # contradiction, rollback
    evidence = FixedBytesField(32, unique=True)
    smaller = BytesField()
    larger = BytesField()
    finder = FixedBytesField(32)  # the member whose document says so; we, where there is none
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True)
    at = MicrosField()
    cleared_at = MicrosField(null=True)
    cleared_by = models.BigIntegerField(null=True)  # one of our people; none: by command
    words = models.CharField(max_length=500, blank=True)  # what they found

    class Meta:
        indexes = [
            models.Index(
                fields=["origin"],
                condition=models.Q(cleared_at__isnull=True),
                name="peers_fork_open",
            )
        ]
