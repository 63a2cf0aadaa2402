"""Members and their cards and keys; our own people."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from hueandcry.engine.ledger.models import Logged
from hueandcry.engine.store.fields import BytesField, FixedBytesField, MicrosField


class Member(models.Model):
    """An organisation, known by the fingerprint of its first root statement."""

    fingerprint = FixedBytesField(32, unique=True)
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    roles: models.JSONField[Any, Any] = models.JSONField(default=list)
    url = models.CharField(max_length=300, blank=True)
    serial = models.PositiveIntegerField(default=0)  # of the newest card that we hold
    is_self = models.BooleanField(default=False)
    hosted = models.BooleanField(default=False)  # a guest: it has a seat here and no node
    barred = models.BooleanField(default=False)  # by the partnership: nothing passes to or from it

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_self"], condition=models.Q(is_self=True), name="members_one_self"
            )
        ]


class Seat(models.Model):
    """A place that a member gives a guest on its node: the home signs, the guest speaks.

    Ours have a `guest`; those of other homes are known by the document that announced them.
    """

    home = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="seats")
    guest = models.OneToOneField(Member, on_delete=models.PROTECT, null=True, related_name="seat")
    code = models.CharField(max_length=64)  # names it on the wire: rules of members/seats.py
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    roles: models.JSONField[Any, Any] = models.JSONField(default=list)
    serial = models.PositiveIntegerField()
    ended = models.BooleanField(default=False)
    terms = BytesField(null=True)  # ours only: what the guest may see of what we hold
    announced = BytesField(null=True)  # the newest document about it, byte for byte
    changed_at = MicrosField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["home", "code"], name="members_seat_one")]


class Card(Logged):
    """A signed card, byte for byte; the newest serial of a member is the one in force."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="cards")
    serial = models.PositiveIntegerField()
    document = BytesField()
    received_at = MicrosField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "serial"], name="members_card_serial")
        ]


class Key(models.Model):
    """One operational public key of a member, for one purpose."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="keys")
    purpose = models.CharField(max_length=12)  # act, transport, log, witness, age
    key_id = models.CharField(max_length=16)  # first 16 hex of SHA-256 of the public key
    public = FixedBytesField(32)
    valid_from = MicrosField()
    valid_to = MicrosField()
    revoked_at = MicrosField(null=True)
    compromised_since = MicrosField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "purpose", "key_id"], name="members_key_one")
        ]


class Revocation(Logged):
    """A signed revocation of one key, byte for byte."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT)
    digest = FixedBytesField(32, unique=True)
    document = BytesField()
    received_at = MicrosField()


class People(BaseUserManager["Person"]):
    """Creates people; passwords are hashed by Django."""

    def create_user(self, login: str, password: str, **fields: Any) -> Person:
        person = self.model(login=login, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """One of our own people, or a guest member's, with the roles that they hold."""

    login = models.CharField(max_length=150, unique=True)
    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    roles: models.JSONField[Any, Any] = models.JSONField(default=list)
    language = models.CharField(max_length=10, default="en")
    zone = models.CharField(max_length=64, default="UTC")  # IANA name: how times are shown
    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True)  # null: our own
    is_active = models.BooleanField(default=True)
    created_at = MicrosField(default=0)

    objects: ClassVar[People] = People()
    USERNAME_FIELD = "login"
    EMAIL_FIELD = "email"


class Token(models.Model):
    """What a machine shows: only its SHA-256 is kept. It reads exactly one audience."""

    digest = FixedBytesField(32, unique=True)
    name = models.CharField(max_length=64, blank=True)  # the user name where a tool wants Basic
    audience = models.CharField(max_length=8)
    scopes = models.TextField(default="lookup")  # rules.SCOPES, parted by spaces
    note = models.CharField(max_length=200, blank=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True)  # who made it
    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True)  # null: our own
    created_at = MicrosField()
    expires_at = MicrosField(null=True)
    used_at = MicrosField(null=True)  # to the minute
    revoked_at = MicrosField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(revoked_at__isnull=True) & ~models.Q(name=""),
                name="members_token_name",
            )
        ]


class Duty(Logged):
    """One thing that was done to accounts: a person, their roles, a token."""

    kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=200)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True)  # who did it
    at = MicrosField()


class Access(models.Model):
    """Who looked at what, or was refused: kept until `purge_after` unless held."""

    at = MicrosField()
    action = models.CharField(max_length=64)
    subject = models.CharField(max_length=300, blank=True)
    outcome = models.CharField(max_length=8)  # ok, refused
    purpose = models.CharField(max_length=300, blank=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True)
    token = models.ForeignKey(Token, on_delete=models.PROTECT, null=True, db_index=False)
    address = models.CharField(max_length=64, blank=True)
    purge_after = MicrosField(db_index=True)
    held_until = MicrosField(null=True)
