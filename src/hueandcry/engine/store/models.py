"""The heads that give gap-free order, and interned texts."""

from __future__ import annotations

from django.db import models


class Head(models.Model):
    """A counter whose row lock, held to commit, gives every reader gap-free commit order.

    A database sequence would not do: a slow transaction commits behind a reader's cursor.
    """

    name = models.CharField(max_length=32, primary_key=True)
    value = models.BigIntegerField(default=0)


class Interned(models.Model):
    """A text stored once and named by a small number: labels, feeds, lures with methods."""

    space = models.CharField(max_length=16)
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["space", "text"], name="store_interned_one")]
