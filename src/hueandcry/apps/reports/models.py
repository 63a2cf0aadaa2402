"""What somebody says happened to them, who said it, what was found in it, what was done with it.

All that a person wrote, and every value found in it, rests sealed under the node's secret
(`sealed.py`): a copy of the database alone tells who keeps it nothing about anybody. What must be
found again without being read (a value, a caller, a receipt code) is a keyed digest.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from hueandcry.engine.ledger.models import Logged
from hueandcry.engine.store.fields import BytesField, FixedBytesField, MicrosField


class Group(models.Model):
    """Near-identical reports: one row in the queue, however many come in."""

    sketch = BytesField()  # MinHash of its first report: likeness.SIZE numbers of 4 bytes
    size = models.PositiveIntegerField(default=1)
    first_at = MicrosField()
    last_at = MicrosField()


class Band(models.Model):
    """One band of a group's sketch: reports that share one are compared."""

    key = FixedBytesField(8)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="bands")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "group"], name="reports_band_one"),
        ]


class Report(models.Model):
    """One report: where it stands, what decides its place in the queue, and its sealed words."""

    class State(models.TextChoices):
        RECEIVED = "received"  # accepted; nobody, and nothing, has read it yet
        WAITING = "waiting"  # read by the assessors: in the queue
        ASKED = "asked"  # a question waits for the reporter
        CONFIRMED = "confirmed"
        REJECTED = "rejected"
        MERGED = "merged"
        WITHDRAWN = "withdrawn"  # by the reporter

    root = FixedBytesField(16, unique=True)  # UUIDv7: its name outside, and its timeline
    source = models.CharField(max_length=8)  # rules.Source
    intake = models.CharField(max_length=24)  # rules.intake: who brings reports, by name
    token = models.ForeignKey(
        "members.Token", on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    version = models.PositiveIntegerField(default=0)  # grows with every act
    at = MicrosField()
    changed_at = MicrosField()
    happened_at = MicrosField(null=True)
    language = models.CharField(max_length=8, default="und")
    market = models.CharField(max_length=2)
    lure = models.CharField(max_length=64, blank=True)
    method = models.CharField(max_length=64, blank=True)
    finding = models.CharField(max_length=12, blank=True)  # of the assessors; empty: not read yet
    likelihood = models.FloatField(null=True)
    model = models.CharField(max_length=64, blank=True)
    harm = models.PositiveSmallIntegerField(default=0)
    rank = models.BigIntegerField()  # rules.rank: the queue is read from the greatest down
    flags = models.PositiveIntegerField(default=0)  # rules.Flag
    desk = models.CharField(max_length=12)  # rules.Desk
    stop_until = MicrosField(null=True)  # in the stop-payment lane until then
    group = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, related_name="reports")
    # One of many alike: it waits for what is decided of that one, and is no row of the queue.
    follows = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="followers"
    )
    into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")
    story = models.TextField(blank=True)  # sealed: what happened
    read = models.TextField(blank=True)  # sealed: what the assessors said of it
    receipt = FixedBytesField(32, null=True, unique=True)  # keyed digest of the receipt code
    form = FixedBytesField(32, null=True, unique=True)  # of the form, so that twice is once
    reference = FixedBytesField(32, null=True)  # of the intake's own number of the case
    purge_after = MicrosField()
    review_at = MicrosField(null=True)  # a legal hold keeps it; looked at again then
    kept = models.PositiveIntegerField(default=0)  # holds for requests of others that stand
    purged_at = MicrosField(null=True)  # only this row is left

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["intake", "reference"],
                condition=models.Q(reference__isnull=False),
                name="reports_report_reference",
            )
        ]
        indexes = [
            models.Index(
                fields=["state", "-rank", "-id"],
                condition=models.Q(follows=None),
                name="reports_report_queue",
            ),
            models.Index(fields=["token", "id"], name="reports_report_token"),
            models.Index(
                fields=["review_at"],
                condition=models.Q(review_at__isnull=False),
                name="reports_report_held",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(kept__gt=0),
                name="reports_report_kept",
            ),
            models.Index(
                fields=["-rank", "-id"],
                condition=models.Q(flags__gte=64),  # rules.AGAIN
                name="reports_report_again",
            ),
            models.Index(
                fields=["purge_after"],
                condition=models.Q(purged_at=None),
                name="reports_report_purge",
            ),
        ]


class Reporter(models.Model):
    """Who reported, if they said so: apart from what they reported, and gone before it."""

    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="reporter")
    sealed = models.TextField()  # name, ways and times to be contacted
    caller = FixedBytesField(32, null=True, db_index=True)  # keyed digest of the number
    purge_after = MicrosField(db_index=True)


class Consent(models.Model):
    """What the reporter agreed to, in which words, and when they took it back."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=12)  # rules.Consent
    wording = models.CharField(max_length=40)  # the version of the words that were shown
    given_at = MicrosField()
    withdrawn_at = MicrosField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "purpose"],
                condition=models.Q(withdrawn_at=None),
                name="reports_consent_one",
            )
        ]


class Value(models.Model):
    """One signal found in a report, ticked or not, and the claim that it became."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="values")
    kind = models.CharField(max_length=12)
    key = FixedBytesField(16)  # keyed digest of the signal key
    sealed = models.TextField()  # the canonical value
    origin = models.CharField(max_length=8)  # rules.Origin
    start = models.PositiveIntegerField(null=True)  # in the words, in code points
    end = models.PositiveIntegerField(null=True)
    confidence = models.FloatField(default=1.0)
    role = models.CharField(max_length=12, blank=True)  # rules.Role: how a number was met
    ticked = models.BooleanField(default=True)
    claim = FixedBytesField(16, null=True)
    founded = models.BooleanField(default=False)  # the claim is there because of this report
    late = models.BooleanField(default=False)  # found after the decision: nobody has looked at it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "kind", "key"], name="reports_value_one")
        ]
        indexes = [
            models.Index(fields=["key"], name="reports_value_key"),
            models.Index(
                fields=["claim"],
                condition=models.Q(claim__isnull=False),
                name="reports_value_claim",
            ),
        ]


class Loss(models.Model):
    """Money that went, or was about to: of a form, or a transaction of a bank's file."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="losses")
    amount = models.DecimalField(max_digits=24, decimal_places=8)
    currency = models.CharField(max_length=12)
    rail = models.CharField(max_length=32, blank=True)  # rules.RAILS
    at = MicrosField(null=True)
    value = models.ForeignKey(Value, on_delete=models.PROTECT, null=True)  # where it went
    reference = models.TextField(blank=True)  # sealed: the bank's number of the transaction


class Message(models.Model):
    """What the desk and the reporter wrote to each other by the receipt code."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=10)  # question, answer, addition
    sealed = models.TextField()
    at = MicrosField()
    person = models.ForeignKey(
        "members.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )


class Attachment(models.Model):
    """One file of a report; its bytes are in the store of blobs, under `blob`."""

    class State(models.TextChoices):
        KEPT = "kept"
        QUARANTINED = "quarantined"  # no preview, no reading, no hash that is shared
        SHREDDED = "shredded"

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="attachments")
    name = models.TextField()  # sealed
    sha256 = FixedBytesField(32)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    blob = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=State.choices, default=State.KEPT)
    at = MicrosField()
    read_at = MicrosField(null=True)
    read = models.TextField(blank=True)  # sealed: what the assessors said of it

    class Meta:
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(state="kept", read_at=None),
                name="reports_attachment_unread",
            )
        ]


class Call(models.Model):
    """A call back that the hotline promised; the row is the state."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="calls")
    due_at = MicrosField()
    note = models.TextField(blank=True)  # sealed
    done_at = MicrosField(null=True)
    person = models.ForeignKey(
        "members.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(done_at=None), name="reports_call_due"
            )
        ]


class Act(Logged):
    """One thing that was done to a report: one ledger entry, undone by a later act."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="acts")
    kind = models.CharField(max_length=12)  # rules.Doing
    version = models.PositiveIntegerField()  # of the report, after it
    before = models.CharField(max_length=10)  # states
    after = models.CharField(max_length=10)
    at = MicrosField()
    person = models.ForeignKey(
        "members.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )
    token = models.ForeignKey(
        "members.Token", on_delete=models.PROTECT, null=True, related_name="+"
    )
    rule = models.CharField(max_length=40, blank=True)  # what confirmed it, where nobody did
    detail = models.TextField(blank=True)  # sealed: the reason, or what it was before
    undone_by = models.OneToOneField("self", on_delete=models.PROTECT, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "version"], name="reports_act_version")
        ]


class Release(Logged):
    """A person's decision that the public may be told about a value of a kind that names one."""

    key = FixedBytesField(16)  # keyed digest of the signal key
    at = MicrosField()
    until = MicrosField()
    reason = models.CharField(max_length=200)
    person = models.ForeignKey("members.Person", on_delete=models.PROTECT, null=True)
    ended_at = MicrosField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                condition=models.Q(ended_at=None),
                name="reports_release_one",
            )
        ]


class Delivery(Logged):
    """A file of cases that was taken in, with the account of its rows."""

    form = models.CharField(max_length=8)  # bank, hotline
    digest = FixedBytesField(32)
    rows = models.PositiveIntegerField()
    accepted = models.PositiveIntegerField()
    merged = models.PositiveIntegerField()
    rejected = models.PositiveIntegerField()
    reasons: models.JSONField[Any, Any] = models.JSONField(default=dict)
    at = MicrosField()
    person = models.ForeignKey(
        "members.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )
