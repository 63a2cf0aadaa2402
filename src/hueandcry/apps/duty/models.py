"""Who is on duty and how they are reached, what they are called for, and what they hand over."""

from __future__ import annotations

from django.db import models

from hueandcry.engine.ledger.models import Logged
from hueandcry.engine.store.fields import MicrosField


class Shift(models.Model):
    """A span in which somebody is on duty."""

    person = models.ForeignKey("members.Person", on_delete=models.PROTECT, related_name="+")
    begins = MicrosField()
    ends = MicrosField()
    second = models.BooleanField(default=False)  # called when the first does not answer
    removed_at = MicrosField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["ends"],
                condition=models.Q(removed_at__isnull=True),
                name="duty_shift_standing",
            )
        ]


class Contact(models.Model):
    """How somebody is reached outside the node."""

    person = models.OneToOneField("members.Person", on_delete=models.PROTECT, related_name="+")
    reach = models.TextField()  # sealed: channel → address


class Position(models.Model):
    """How far a stream of cooperation was looked at."""

    stream = models.CharField(max_length=8, unique=True)  # rang, came
    number = models.BigIntegerField(default=0)


class Call(models.Model):
    """Something that people are called for, until one of them says so or it is done with."""

    class End(models.TextChoices):
        ACKNOWLEDGED = "acknowledged"
        SETTLED = "settled"  # opened, or done in time, before anybody said so
        SUPERSEDED = "superseded"  # its clock rang again

    alarm = models.OneToOneField(
        "cooperation.Alarm", on_delete=models.PROTECT, null=True, related_name="+"
    )
    request = models.ForeignKey("cooperation.Request", on_delete=models.PROTECT, related_name="+")
    type = models.CharField(max_length=24)
    rule = models.CharField(max_length=40, blank=True)  # core.law.ClockRule; none: it came in
    due = MicrosField(null=True)
    overdue = models.BooleanField(default=False)
    escalates_to = models.CharField(max_length=40, blank=True)  # as the rule names it
    made_at = MicrosField()
    step = models.PositiveSmallIntegerField(default=0)  # of rules.Step, that was told last
    next_at = MicrosField(null=True)  # when the next step is told
    ended_at = MicrosField(null=True)
    end = models.CharField(max_length=12, choices=End.choices, blank=True)
    person = models.ForeignKey(
        "members.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=models.Q(alarm__isnull=True), name="duty_call_came"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=models.Q(next_at__isnull=False),
                name="duty_call_next",
            ),
            models.Index(
                fields=["id"], condition=models.Q(ended_at__isnull=True), name="duty_call_open"
            ),
        ]


class Notice(models.Model):
    """One call on its way to one person by one channel, or to a webhook; the row is the state."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        FAILED = "failed"
        DROPPED = "dropped"  # the call had ended

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="notices")
    channel = models.CharField(max_length=8)  # rules.Channel
    person = models.ForeignKey(
        "members.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )
    step = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    made_at = MicrosField()
    due_at = MicrosField()
    done_at = MicrosField(null=True)
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["call", "channel", "person"],
                condition=models.Q(person__isnull=False),
                name="duty_notice_person",
            ),
            models.UniqueConstraint(
                fields=["call", "channel", "step"],
                condition=models.Q(person__isnull=True),
                name="duty_notice_step",
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "id"],
                condition=models.Q(state="waiting"),
                name="duty_notice_waiting",
            )
        ]


class HandOver(models.Model):
    """What somebody who goes off duty leaves for the next."""

    person = models.ForeignKey("members.Person", on_delete=models.PROTECT, related_name="+")
    at = MicrosField()
    said = models.TextField()  # sealed: words and open requests; empty once purged
    taken_by = models.ForeignKey(
        "members.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )
    taken_at = MicrosField(null=True)


class Change(Logged):
    """What somebody did here: one entry in the ledger each."""

    kind = models.CharField(max_length=16)
    number = models.BigIntegerField()  # of the shift, person, call or note
    person = models.ForeignKey(
        "members.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = MicrosField()
