"""Collections of foreign objects: their bytes in packs, a row for each version, who may do what."""

from __future__ import annotations

from django.db import models

from hueandcry.engine.ledger.models import Logged
from hueandcry.engine.store.fields import BytesField, FixedBytesField, MicrosField


class Collection(models.Model):
    """A place that the operator made, where clients read and write STIX objects."""

    key = FixedBytesField(16, unique=True)  # its UUID on the wire
    name = models.CharField(max_length=64, unique=True)  # its alias, and part of its feeds' names
    title = models.CharField(max_length=200)
    description = models.CharField(max_length=2_000, blank=True)
    tlp = models.SmallIntegerField()  # at least this counts for everything in it
    makes_claims = models.BooleanField(default=True)
    created_at = MicrosField()
    closed_at = MicrosField(null=True)


class Grant(models.Model):
    """What one client may do in one collection."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="grants")
    token = models.ForeignKey("members.Token", on_delete=models.CASCADE)
    can_read = models.BooleanField(default=False)
    can_write = models.BooleanField(default=False)
    can_manage = models.BooleanField(default=False)  # others' objects too

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["collection", "token"], name="collections_grant_one")
        ]


class Pack(models.Model):
    """What was posted at once, byte for byte: the objects joined, in one zstd frame."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, db_index=False)
    first = MicrosField()  # the dates of its first and last version
    last = MicrosField()
    payload = BytesField()
    purge_after = MicrosField()
    held_until = MicrosField(null=True)

    class Meta:
        indexes = [models.Index(fields=["purge_after"], name="collections_pack_purge")]


class Version(models.Model):
    """One version of an object; without a pack it was deleted, and only its name is kept.

    `added` is the server's date, of which no two are equal in all collections: rows are added
    under the lock of the feed head, so that the order of dates is the order of commits.
    """

    added = MicrosField(primary_key=True)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, db_index=False)
    object_id = FixedBytesField(16)  # the UUID in its STIX id
    type = models.IntegerField()  # interned
    version = MicrosField()  # `modified`, else `created`, else `added`
    place = models.SmallIntegerField()  # rules.FIRST, rules.LAST
    tier = models.SmallIntegerField()  # rules.TIERS: the widest audience that may see it
    revoked = models.BooleanField(default=False)
    client = models.IntegerField()  # interned: who posted the object first
    # No index: the versions of a pack lie together, between its two dates.
    pack = models.ForeignKey(Pack, on_delete=models.PROTECT, null=True, db_index=False)
    start = models.IntegerField()  # where in the pack, in bytes
    size = models.IntegerField()
    signal = FixedBytesField(16, null=True)  # key of the signal about which it makes our claim

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "object_id", "type", "version"],
                name="collections_version_one",
            )
        ]
        indexes = [
            models.Index(fields=["collection", "tier", "added"], name="collections_version_seen"),
            models.Index(
                fields=["signal", "client"],
                condition=models.Q(signal__isnull=False),
                name="collections_version_claims",
            ),
        ]


class Status(Logged):
    """What became of one posting, object by object; only its poster may ask."""

    key = FixedBytesField(16, unique=True)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, db_index=False)
    token = models.ForeignKey("members.Token", on_delete=models.PROTECT, db_index=False)
    at = MicrosField()
    body = BytesField()  # the TAXII status as zstd JSON
    purge_after = MicrosField()

    class Meta:
        indexes = [models.Index(fields=["purge_after"], name="collections_status_purge")]


class Act(Logged):
    """One thing that was done to a collection by its operator or a client, beside posting."""

    kind = models.CharField(max_length=12)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, db_index=False)
    token = models.ForeignKey("members.Token", models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey("members.Person", models.PROTECT, null=True, related_name="+")
    at = MicrosField()
    count = models.IntegerField()
