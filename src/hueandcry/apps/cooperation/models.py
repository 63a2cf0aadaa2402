"""Requests between members: where each stands, every act upon it, and its clocks.

A node holds one side of a request; the other side is another node's, and only documents pass
between the two. What a request says rests sealed under the node's secret.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from hueandcry.engine.ledger.models import Logged
from hueandcry.engine.store.fields import BytesField, FixedBytesField, MicrosField


class Request(models.Model):
    """One request, as this side knows it."""

    uuid = FixedBytesField(16, unique=True)  # UUIDv7 by the asking side: its name on both sides
    type = models.CharField(max_length=24)
    side = models.CharField(max_length=10)  # core.machine.Side: which of the two we are
    peer = FixedBytesField(32)  # the other member's fingerprint, or the key of an Authority
    state = models.CharField(max_length=20)
    before = models.CharField(max_length=20, blank=True)  # what a secrecy alert interrupted
    version = models.PositiveIntegerField(default=0)  # grows with every act
    instrument = models.CharField(max_length=64)
    basis: models.JSONField[Any, Any] = models.JSONField(default=dict)  # of ours: checking.may_go
    given = models.TextField()  # sealed: the fields, as JSON
    signers: models.JSONField[Any, Any] = models.JSONField(default=list)  # pseudonyms, maker first
    maker = models.ForeignKey(
        "members.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )
    document = FixedBytesField(32, null=True)  # digest of the request as it went, or came
    zone = models.CharField(max_length=64)  # IANA: where the days of its clocks end
    made_at = MicrosField()
    moved_at = MicrosField()
    answer_by = MicrosField(null=True)  # until when a consultation can be answered
    answered = models.BooleanField(default=False)  # the consultation was
    package = models.CharField(max_length=64, blank=True)  # digest of the newest result
    closed: models.JSONField[Any, Any] = models.JSONField(default=list)  # age files, in base64
    closed_at = models.PositiveIntegerField(null=True)  # version up to which it is closed
    hold = models.CharField(max_length=20, blank=True)  # state of the hold, where it asks for one
    hold_until = MicrosField(null=True)  # its end, as it stands
    hold_linked = FixedBytesField(16, null=True)  # the request for assistance that keeps it
    outside = models.BooleanField(default=False)  # it went on paper: this copy is the only one
    coerced = models.TextField(blank=True)  # sealed: keys of signals still to be shielded
    money = models.CharField(max_length=20, blank=True)  # state of the money, where it is about any
    money_before = models.CharField(max_length=20, blank=True)  # what our release interrupted
    money_until = MicrosField(null=True)  # the legal limit of a provisional hold
    amounts = models.TextField(blank=True)  # sealed: money_rules.Standing
    parent = models.ForeignKey(  # the request that was made to us, and whose money went on
        "self", on_delete=models.PROTECT, null=True, related_name="hops"
    )
    hop = models.PositiveIntegerField(null=True)  # the act of the parent that names this hop
    report = models.BigIntegerField(null=True)  # ours, from which it was written; told to nobody

    class Meta:
        indexes = [
            models.Index(fields=["state", "id"], name="cooperation_request_by_state"),
            models.Index(fields=["side", "id"], name="cooperation_request_by_side"),
            models.Index(
                fields=["id"],
                condition=~models.Q(coerced=""),
                name="cooperation_request_coerced",
            ),
            models.Index(
                fields=["money_until"],
                condition=models.Q(money="PROVISIONALLY_HELD"),
                name="cooperation_request_held",
            ),
            models.Index(
                fields=["report"],
                condition=models.Q(report__isnull=False),
                name="cooperation_request_of_report",
            ),
        ]


class Transition(Logged):
    """One act upon a request, by either side: one conditional update, one entry in the ledger."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="transitions")
    n = models.PositiveIntegerField()  # the version of the request that it made
    machine = models.CharField(max_length=8)  # core.machine: whose states these are
    event = models.CharField(max_length=24)
    source = models.CharField(max_length=20, blank=True)
    target = models.CharField(max_length=20)
    side = models.CharField(max_length=10)  # who acted
    person = models.ForeignKey(
        "members.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = MicrosField()
    said = models.TextField(blank=True)  # sealed: wire.Said, as JSON
    document = FixedBytesField(32, null=True)  # digest of what told the other side, or us

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "n"], name="cooperation_transition_n")
        ]


class Authority(Logged):
    """An authority without a node, which is reached by letter alone."""

    key = FixedBytesField(32, unique=True)  # by chance; stands where a fingerprint would
    name = models.CharField(max_length=200, unique=True)
    country = models.CharField(max_length=2)  # ISO 3166
    roles: models.JSONField[Any, Any] = models.JSONField(default=list)
    address = models.TextField(blank=True)
    person = models.ForeignKey("members.Person", on_delete=models.PROTECT, related_name="+")
    at = MicrosField()


class Paper(models.Model):
    """A letter or scan that tells of one act, in the bytes in which it came. Never changed."""

    transition = models.OneToOneField(Transition, on_delete=models.PROTECT, related_name="paper")
    blob = models.CharField(max_length=32, blank=True)  # empty once it is purged
    told = models.TextField()  # sealed: views.Told
    entered_at = MicrosField()


class Translation(Logged):
    """What a request says in another language. Nobody relies on it before it is certified."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="translations")
    language = models.CharField(max_length=35)
    content = FixedBytesField(32)  # digest of what was translated: letter.content
    text = models.TextField()  # sealed: its fields, and who translated them
    person = models.ForeignKey("members.Person", on_delete=models.PROTECT, related_name="+")
    at = MicrosField()

    class Meta:
        indexes = [models.Index(fields=["request", "language"], name="cooperation_translation_in")]


class Certification(Logged):
    """That an officer answers for a translation."""

    translation = models.OneToOneField(
        Translation, on_delete=models.PROTECT, related_name="certification"
    )
    person = models.ForeignKey("members.Person", on_delete=models.PROTECT, related_name="+")
    at = MicrosField()


class Clock(models.Model):
    """One deadline of a request, with the rule that it was reckoned from. Overdue is a flag."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="clocks")
    rule = models.CharField(max_length=40)  # core.law.ClockRule
    started = MicrosField()
    due = MicrosField(null=True)  # none while it stands still
    alarms: models.JSONField[Any, Any] = models.JSONField(default=list)  # instants, ascending
    next_at = MicrosField(null=True)  # when it will say something else
    overdue = models.BooleanField(default=False)
    ended_at = MicrosField(null=True)  # what it waited for was done, in time or not

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "rule"], name="cooperation_clock_rule")
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=models.Q(next_at__isnull=False),
                name="cooperation_clock_next",
            )
        ]


class Result(models.Model):
    """A package that the other side named as the result, or a part, of a request of ours."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="results")
    package = models.CharField(max_length=64)  # digest of its list
    bound_at = MicrosField(null=True)  # since then its exhibits are restricted

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "package"], name="cooperation_result_once")
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(bound_at=None), name="cooperation_result_unbound"
            )
        ]


class Preserved(models.Model):
    """Whether what a preservation names is under legal hold here as its request now wants it."""

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="preserved")
    wanted = models.PositiveIntegerField()  # the version of the request that last changed it
    done = models.PositiveIntegerField(null=True)  # the version that was carried out
    matched = models.BooleanField(default=False)  # its items, since its hold took effect

    class Meta:
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(done=None) | models.Q(done__lt=models.F("wanted")),
                name="cooperation_preserved_due",
            )
        ]


class Kept(models.Model):
    """A legal hold on one report or one exhibit, made for one preservation and ended with it."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="kept")
    report = models.BigIntegerField(null=True)  # its number
    exhibit = FixedBytesField(16, null=True)  # its id …
    hold = models.BigIntegerField(null=True)  # … and the number of the hold on it
    at = MicrosField()
    ended_at = MicrosField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "report"],
                condition=models.Q(ended_at=None, report__isnull=False),
                name="cooperation_kept_report",
            ),
            models.UniqueConstraint(
                fields=["request", "exhibit"],
                condition=models.Q(ended_at=None, exhibit__isnull=False),
                name="cooperation_kept_exhibit",
            ),
        ]


class TreatyFile(Logged):
    """A file of this node's own for the treaty registry, as it was taken in."""

    name = models.CharField(max_length=100)
    file = BytesField()
    person = models.ForeignKey("members.Person", on_delete=models.PROTECT, related_name="+")
    at = MicrosField()
    replaced_at = MicrosField(null=True)  # another file of the same name took its place

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(replaced_at__isnull=True),
                name="cooperation_treatyfile_name",
            )
        ]


class Alarm(models.Model):
    """A clock that rang, once for each of its alarms and once when it ran out."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="rung")
    due = MicrosField()  # when it should ring
    rang_at = MicrosField()
    overdue = models.BooleanField()
    escalates_to = models.CharField(max_length=40, blank=True)  # what its rule names as the way on

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clock", "due"], name="cooperation_alarm_once")
        ]
