"""Signals, each member's claims about them, and what this node decided by itself."""

from __future__ import annotations

from django.db import models

from hueandcry.engine.ledger.models import Logged
from hueandcry.engine.store.fields import FixedBytesField, MicrosField

#: `rules.KIND_NUMBER` of email, phone, bank-account and handle: fixed, since an index says so.
PERSONAL_KINDS = (2, 3, 4, 6)


class Signal(models.Model):
    """One canonical value with the verdict of each audience, packed by `rules.pack`.

    The three columns hold until `verdict_until`: readers compare, so that expiry needs no sweep.
    """

    key = FixedBytesField(16, unique=True)
    kind = models.SmallIntegerField()  # rules.KINDS
    value = models.TextField()
    v_clear = models.SmallIntegerField(default=0)
    v_green = models.SmallIntegerField(default=0)
    v_own = models.SmallIntegerField(default=0)
    verdict_until = MicrosField(null=True)
    # Of kinds that name a person only; worked out by the purge, which finds what has none yet.
    purge_after = MicrosField(null=True)
    held_until = MicrosField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["purge_after"],
                name="signals_signal_purge",
                condition=models.Q(kind__in=PERSONAL_KINDS),
            )
        ]


class Hold(Logged):
    """A legal hold: what is known of this signal is not purged until it ends."""

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="holds")
    until = MicrosField()
    reason = models.CharField(max_length=200)
    person = models.ForeignKey("members.Person", on_delete=models.PROTECT, null=True)
    at = MicrosField()
    ended_at = MicrosField(null=True)


class Shield(Logged):
    """One request names who has this value as a person who may be coerced.

    It has the key of the signal and the id of the request alone: not the value, and not who.
    """

    key = FixedBytesField(16)
    because = FixedBytesField(16)
    at = MicrosField()
    ended_at = MicrosField(null=True)  # lifted by a person
    reason = models.CharField(max_length=200, blank=True)  # why it was
    person = models.ForeignKey("members.Person", on_delete=models.PROTECT, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "because"], name="signals_shield_one")
        ]


class Claim(models.Model):
    """The newest version of one member's claim; `claim_id` is the UUID that the wire names."""

    claim_id = FixedBytesField(16, unique=True)
    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="claims")
    # No index: nothing hot asks for the claims of one member, and bulk ingest would pay for it.
    claimant = models.ForeignKey("members.Member", on_delete=models.PROTECT, db_index=False)
    source = models.IntegerField()  # interned feed; 0: the claimant's own people
    profile = models.IntegerField()  # interned lure and method
    n = models.SmallIntegerField(default=0)
    verdict = models.SmallIntegerField()  # rules.VERDICTS
    confidence = models.SmallIntegerField(null=True)
    valid_from = MicrosField()
    valid_until = MicrosField()
    created = MicrosField()
    modified = MicrosField()
    label = models.IntegerField()  # interned core.sharing.Label
    state = models.SmallIntegerField(default=0)  # rules.LIVE or rules.RETRACTED
    seq = models.BigIntegerField(db_index=True)  # position in the change feed
    batch = models.BigIntegerField(null=True)  # exchange batch that carries this version
    ordinal = models.IntegerField(null=True)  # its place in the last batch that carried it

    class Meta:
        indexes = [
            models.Index(
                fields=["label", "id"],
                name="signals_claim_pending",
                condition=models.Q(batch__isnull=True),
            ),
            models.Index(
                fields=["batch"],
                name="signals_claim_batch",
                condition=models.Q(batch__isnull=False),
            ),
            # What people said, newest last: lists are not in it, so that bulk ingest pays nothing.
            models.Index(
                fields=["seq", "claimant"],
                name="signals_claim_people",
                condition=models.Q(source=0),
            ),
        ]


class Act(Logged):
    """One thing that our people did to claims, however many: one ledger entry."""

    kind = models.CharField(max_length=12)
    person = models.ForeignKey("members.Person", on_delete=models.PROTECT, null=True)
    token = models.ForeignKey("members.Token", on_delete=models.PROTECT, null=True, db_index=False)
    at = MicrosField()
    count = models.IntegerField()


class Withdrawal(models.Model):
    """Why a claim of ours was retracted; the claim row itself is the tombstone."""

    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, primary_key=True)
    reason = models.CharField(max_length=64)
    at = MicrosField()


class Tombstone(models.Model):
    """A retraction that arrived before (or without) its claim: the id is taken for ever.

    One for each member that says so: ids can be worked out by anybody beforehand, and only the
    claimant's own retraction counts against its claim.
    """

    claim_id = FixedBytesField(16)
    claimant = models.ForeignKey("members.Member", on_delete=models.PROTECT, db_index=False)
    modified = MicrosField()
    at = MicrosField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim_id", "claimant"], name="signals_tombstone_one")
        ]


class Override(models.Model):
    """A local decision about one signal that stands above every claim until it ends or is cleared.

    Cleared rows stay: they are the history, and the feed position of the change.
    """

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="overrides")
    verdict = models.SmallIntegerField()
    reason = models.CharField(max_length=200)
    person = models.ForeignKey("members.Person", on_delete=models.PROTECT, null=True)
    at = MicrosField()
    until = MicrosField(null=True)
    cleared_at = MicrosField(null=True)
    seq = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["signal"],
                condition=models.Q(cleared_at__isnull=True),
                name="signals_override_one",
            )
        ]


class Note(models.Model):
    """What one of our own people wrote about a signal for colleagues; it never leaves this node."""

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="notes")
    text = models.CharField(max_length=2000)
    person = models.ForeignKey("members.Person", on_delete=models.PROTECT, null=True)
    at = MicrosField()
