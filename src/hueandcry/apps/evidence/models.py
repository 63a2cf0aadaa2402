"""Exhibits, what happened to each, what may not be done with them, and who holds them back.

What a person could be known by rests sealed under the node's secret, or stands in the record of an
event, which is erased with its exhibit. Outside the node people are pseudonyms.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from hueandcry.engine.ledger.models import Logged
from hueandcry.engine.store.fields import BytesField, FixedBytesField, MicrosField


class Numbering(models.Model):
    """The last exhibit number that was given in a year: it grows, and is never given twice."""

    year = models.PositiveIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)


class Exhibit(models.Model):
    """One item of evidence: its bytes, where it stands, and the end of its custody."""

    uuid = FixedBytesField(16, unique=True)  # UUIDv7: its name everywhere
    number = models.CharField(max_length=64)  # as the member that took it first calls it
    origin = FixedBytesField(32)  # that member's fingerprint
    state = models.CharField(max_length=10)  # rules.State
    events = models.PositiveIntegerField(default=0)  # of its custody, those of earlier holders too
    link = FixedBytesField(32, null=True)  # of its newest event: what the next one names
    linked_at = MicrosField(default=0)  # that event's time
    added_at = MicrosField()
    sha256 = FixedBytesField(32)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    blob = models.CharField(max_length=64, blank=True)  # empty: its key and bytes are gone
    name = models.TextField(blank=True)  # sealed: what the file was called
    source = models.TextField(blank=True)  # sealed: where it came from
    collector = models.TextField(blank=True)  # sealed: who collected it
    quarantined = models.BooleanField(default=False)  # core/quarantine.py: for the police alone
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    holds = models.PositiveIntegerField(default=0)  # legal holds that stand
    purge_after = MicrosField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["origin", "number"], name="evidence_exhibit_number")
        ]
        indexes = [
            models.Index(fields=["number"], name="evidence_exhibit_by_number"),
            models.Index(fields=["sha256"], name="evidence_exhibit_sha256"),
            models.Index(
                fields=["purge_after"],
                condition=models.Q(state__in=("open", "released"), holds=0),
                name="evidence_exhibit_purge",
            ),
        ]


class CustodyEvent(Logged):
    """One event of ours: its record (core/custody.py) is the opening of its ledger entry."""

    exhibit = models.ForeignKey(Exhibit, on_delete=models.PROTECT, related_name="custody")
    n = models.PositiveIntegerField()
    event = FixedBytesField(16, unique=True)
    action = models.CharField(max_length=12)
    at = MicrosField()
    kid = models.CharField(max_length=81)
    signature = FixedBytesField(64)
    person = models.ForeignKey(
        "members.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )
    counterpart = FixedBytesField(32, null=True)  # of a hand-over: the other member
    package = FixedBytesField(16, null=True)
    answer = BytesField(null=True)  # of what we handed over: the record of the receiver's event

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exhibit", "n"], name="evidence_custodyevent_n")
        ]
        indexes = [
            models.Index(
                fields=["package"],
                condition=models.Q(package__isnull=False),
                name="evidence_custodyevent_package",
            )
        ]


class EarlierLine(models.Model):
    """One event of an earlier holder, in the bytes that came with the exhibit."""

    exhibit = models.ForeignKey(Exhibit, on_delete=models.PROTECT, related_name="earlier")
    n = models.PositiveIntegerField()
    record = BytesField(null=True)  # erased with the exhibit, as its salt is
    salt = FixedBytesField(32, null=True)
    origin = models.CharField(max_length=320)  # the log that holds its entry
    index = models.BigIntegerField()  # in the tree of that log
    kid = models.CharField(max_length=81)
    signature = FixedBytesField(64)
    proof = BytesField(null=True)  # the .tlog-proof that came with it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exhibit", "n"], name="evidence_earlierline_n")
        ]


class Restriction(Logged):
    """What may not be done with certain bytes: bound to their digest, whatever they are called."""

    sha256 = FixedBytesField(32, db_index=True)
    kind = models.CharField(max_length=8)  # rules.Limit
    to: models.JSONField[Any, Any] = models.JSONField(default=list)  # fingerprints
    purposes: models.JSONField[Any, Any] = models.JSONField(default=list)
    words = models.TextField()
    authority = models.CharField(max_length=500)
    imposed_by = FixedBytesField(32)  # the member that asks for it: it alone can lift it
    at = MicrosField()
    until = MicrosField(null=True)
    ended_at = MicrosField(null=True)


class Hold(Logged):
    """A legal hold: while it stands, nothing of the exhibit is purged or destroyed."""

    exhibit = models.ForeignKey(Exhibit, on_delete=models.PROTECT, related_name="held_by")
    authority = models.CharField(max_length=500)
    reason = models.TextField()
    at = MicrosField()
    review_at = MicrosField()  # somebody has to ask then whether it is still needed; it stands on
    ended_at = MicrosField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["review_at"], condition=models.Q(ended_at=None), name="evidence_hold_review"
            )
        ]


class Ruling(Logged):
    """A hold that was looked at again or ended, a restriction that was lifted: one entry each."""

    kind = models.CharField(max_length=12)  # rules.Ruled
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, null=True, related_name="rulings")
    restriction = models.ForeignKey(
        Restriction, on_delete=models.PROTECT, null=True, related_name="rulings"
    )
    at = MicrosField()


class Package(Logged):
    """A package of ours: what determines it, and how far it has got."""

    class State(models.TextChoices):
        DRAWN = "drawn"  # the custody of its exhibits tells of it
        SIGNED = "signed"  # its statement is signed and logged: it can be built, again and again
        SENT = "sent"  # its shipping note is on the way; the file waits to be fetched
        ACCEPTED = "accepted"  # the recipient took it in, as its signed receipt says
        REFUSED = "refused"  # the recipient did not

    uuid = FixedBytesField(16, unique=True)  # UUIDv7
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAWN)
    recipient = FixedBytesField(32)  # our own fingerprint: it stays here
    at = MicrosField()
    exhibits: models.JSONField[Any, Any] = models.JSONField(default=list)  # their ids
    facts = models.TextField()  # sealed: facts.PackageFacts; empty once an exhibit was purged
    certificates: models.JSONField[Any, Any] = models.JSONField(default=dict)  # language → blob
    request = BytesField(null=True)  # the document that it answers
    statement = BytesField(null=True)  # tagmanifest.jws
    checkpoint = BytesField(null=True)  # the head that its proofs lead to, as it is stamped
    note = FixedBytesField(32, null=True)  # digest of the shipping note of the copy that was sent
    receipt = BytesField(null=True)  # the recipient's, signed

    class Meta:
        indexes = [models.Index(fields=["state", "id"], name="evidence_package_by_state")]


class Incoming(models.Model):
    """A package that another member announced to us, and what became of it here."""

    class State(models.TextChoices):
        ANNOUNCED = "announced"  # its shipping note is here, the file not yet whole
        ACCEPTED = "accepted"
        REFUSED = "refused"  # kept aside; nothing of it was taken in

    uuid = FixedBytesField(16)
    sender = FixedBytesField(32)
    state = models.CharField(max_length=9, choices=State.choices, default=State.ANNOUNCED)
    note = BytesField()  # the shipping note
    digest = FixedBytesField(32, unique=True)  # of the note
    announced_at = MicrosField()
    due_at = MicrosField(default=0)
    failures = models.PositiveIntegerField(default=0)
    said = models.CharField(max_length=300, blank=True)  # why not, the last time
    settled_at = MicrosField(null=True)
    report: models.JSONField[Any, Any] = models.JSONField(default=list)  # the ten checks
    exhibits: models.JSONField[Any, Any] = models.JSONField(default=list)  # ids that were taken in
    consistency = BytesField(null=True)  # consistency.json, for whoever gets them from us
    tagmanifest = FixedBytesField(32, null=True)  # SHA-256 of its list, once it was taken in
    opened = FixedBytesField(32, null=True)  # … and of the package, opened

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(state="announced"),
                name="evidence_incoming_due",
            ),
            models.Index(
                fields=["tagmanifest"],
                condition=models.Q(tagmanifest__isnull=False),
                name="evidence_incoming_result",
            ),
            models.Index(
                fields=["opened"],
                condition=models.Q(opened__isnull=False),
                name="evidence_incoming_opened",
            ),
        ]


class Upload(models.Model):
    """A file on its way in, piece by piece: what is here stays here when the line breaks."""

    uuid = FixedBytesField(16, unique=True)
    person = models.ForeignKey("members.Person", on_delete=models.PROTECT, related_name="+")
    name = models.TextField()  # sealed: what the file is called
    size = models.BigIntegerField()  # of the whole file, as its sender says
    modified = models.BigIntegerField()  # as its sender says: with name and size it finds it again
    offset = models.BigIntegerField(default=0)  # bytes that are here
    blob = models.CharField(max_length=64, blank=True)  # the whole file, once it is one
    media_type = models.CharField(max_length=100, blank=True)
    purge_after = MicrosField(db_index=True)


class Piece(models.Model):
    """Some bytes of a file on its way in, stored as they came."""

    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="pieces")
    offset = models.BigIntegerField()
    blob = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["upload", "offset"], name="evidence_piece_offset")
        ]
