"""Deconfliction: what is put up for matching, sessions with other members, and every act of them.

What names anybody rests sealed under the node's secret. The messages of a session are documents of
the post office, and are deleted there after it.
"""

from __future__ import annotations

from django.db import models

from hueandcry.core.matching import State
from hueandcry.engine.ledger.models import Logged
from hueandcry.engine.store.fields import FixedBytesField, MicrosField


class Offer(models.Model):
    """Items of one open case that a person put up for matching, until a day."""

    sealed = models.TextField()  # {case, items}; empty once it is over
    count = models.PositiveIntegerField()
    person = models.ForeignKey("members.Person", on_delete=models.PROTECT, related_name="+")
    made_at = MicrosField()
    until = MicrosField()
    withdrawn_at = MicrosField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["until"], condition=~models.Q(sealed=""), name="deconfliction_offer_until"
            )
        ]


class Session(models.Model):
    """One comparison of two committed sets, as this side knows it."""

    request = FixedBytesField(16, unique=True)  # the request that it stands on
    peer = FixedBytesField(32)  # the other member's fingerprint
    role = models.CharField(max_length=10)  # core.matching.Role: which of the two we are
    state = models.CharField(max_length=10, default=State.OPEN.value)
    word = models.PositiveSmallIntegerField(default=0)  # the last that was said, by either side
    commitment = FixedBytesField(32)  # to our set
    size = models.PositiveIntegerField()  # as it looks from outside
    items = models.PositiveIntegerField()  # that are in it
    their_commitment = FixedBytesField(32, null=True)
    their_size = models.PositiveIntegerField(null=True)
    sealed = models.TextField()  # {key, items: item → cases}: what opens the commitment
    secret = models.TextField(blank=True)  # sealed: our key of this session, until it ends
    hits = models.PositiveIntegerField(null=True)
    their_hits = models.PositiveIntegerField(null=True)
    found = models.TextField(blank=True)  # sealed: {items, contact, cases}
    alarm = models.CharField(max_length=10, blank=True)  # core.matching.Alarm
    why = models.CharField(max_length=300, blank=True)  # it was refused
    made_at = MicrosField()
    ends_at = MicrosField(null=True)  # none before the first word
    ended_at = MicrosField(null=True)
    cleared_at = MicrosField(null=True)  # its messages were deleted

    class Meta:
        indexes = [
            models.Index(fields=["peer", "made_at"], name="deconfliction_session_by_peer"),
            models.Index(
                fields=["id"],
                condition=models.Q(cleared_at__isnull=True),
                name="deconfliction_session_live",
            ),
        ]


class Act(Logged):
    """One act upon an offer or a session, with its entry in the ledger."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, related_name="acts")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, null=True, related_name="acts")
    name = models.CharField(max_length=10)  # offer, withdraw, commit, say, hear, end
    word = models.PositiveSmallIntegerField(null=True)
    person = models.ForeignKey(
        "members.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )
    document = FixedBytesField(32, null=True)  # digest of the message
    at = MicrosField()

    class Meta:
        indexes = [models.Index(fields=["document"], name="deconfliction_act_document")]
