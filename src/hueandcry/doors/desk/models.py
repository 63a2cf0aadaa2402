"""What doors keep about those who sign in: their account, their sessions, counters of attempts."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from hueandcry.engine.store.fields import FixedBytesField, MicrosField


class Account(models.Model):
    """How one person signs in, beside the password hash of the person and the second factors."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, primary_key=True, related_name="account"
    )
    #: When the person chose the password; null: it was given out, and opens only the page to
    #: choose one.
    chosen_at = MicrosField(null=True)
    given_at = MicrosField(null=True)  # when it was last given out anew
    #: Sessions that carry another number have ended: sign-out everywhere.
    epoch = models.PositiveIntegerField(default=0)
    signed_in_at = MicrosField(null=True)


class Session(models.Model):
    """One session of the console; its cookie is known by its SHA-256 only."""

    digest = FixedBytesField(32, primary_key=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    data = models.TextField()  # sealed under the node's secret
    begun_at = MicrosField()
    seen_at = MicrosField()
    ends_at = MicrosField(db_index=True)
    agent = models.CharField(max_length=200)
    network = models.CharField(max_length=50)


class Kept(models.Model):
    """A value that must outlive this process for a while: counts of attempts, spent codes."""

    key = models.CharField(max_length=250, primary_key=True)
    value = models.TextField()
    ends_at = MicrosField(db_index=True)
