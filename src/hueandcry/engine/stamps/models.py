"""Time-stamps that are wanted, and those that are held with all that proves them."""

from __future__ import annotations

from django.db import models

from hueandcry.engine.store.fields import BytesField, FixedBytesField, MicrosField


class Stamp(models.Model):
    """One digest at one authority: asked for until a reply that holds is here."""

    class State(models.TextChoices):
        WANTED = "wanted"
        HELD = "held"

    digest = FixedBytesField(32)
    kind = models.CharField(max_length=16)  # checkpoint, package
    subject = models.CharField(max_length=400)  # which, for people
    content = BytesField(null=True)  # the bytes of the digest, where nobody else keeps them
    url = models.CharField(max_length=300)  # the authority that was asked
    state = models.CharField(max_length=6, choices=State.choices, default=State.WANTED)
    wanted_at = MicrosField()
    due_at = MicrosField(default=0)
    failures = models.PositiveIntegerField(default=0)
    said = models.CharField(max_length=300, blank=True)  # why not, the last time
    request = BytesField(null=True)  # the newest TimeStampReq
    reply = BytesField(null=True)  # the TimeStampResp, byte for byte as it came
    chain = BytesField(null=True)  # the certificates that came with it, as PEM
    authority = models.CharField(max_length=64, blank=True)  # SHA-256 of the signer's certificate
    stamped_at = MicrosField(null=True)  # the time that it states
    held_at = MicrosField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "url"], name="stamps_one_at_each")]
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(state="wanted"), name="stamps_wanted"
            )
        ]
