"""This node's own keyring, opened once a process from the folder that the settings name."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from hueandcry.engine.keys.keyring import Keyring


@cache
def own() -> Keyring:
    """The keys of this node; raises NotFound before `init`."""
    return Keyring.open(settings.DATA, settings.ENVIRONMENT.secret_file)
