"""Signing in by the organisation's own identity provider: what `oidc.json` in the folder says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from hueandcry.core.errors import Malformed

FILE: Final = "oidc.json"
_WANTED: Final = {"name": str, "issuer": str, "client_id": str, "client_secret": str}


def provider(folder: Path) -> dict[str, Any]:
    """What the file says, with `private` (false); empty without one. Raises Malformed."""
    try:
        text = (folder / FILE).read_text("utf-8")
    except FileNotFoundError:
        return {}
    try:
        said = json.loads(text)
        found = {name: kind(said[name]) for name, kind in _WANTED.items()}
        private = bool(said.get("private", False))
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise Malformed(
            "oidc_file",
            f"{folder / FILE} is not what it should be",
            why=f"{type(wrong).__name__}: {wrong}",
            do=f"Write a JSON object with {', '.join(_WANTED)} and perhaps private",
        ) from wrong
    return found | {"private": private}


def socialaccount(said: dict[str, Any]) -> dict[str, Any]:
    """The same as allauth wants it."""
    if not said:
        return {}
    app = {
        "provider_id": "oidc",
        "name": said["name"],
        "client_id": said["client_id"],
        "secret": said["client_secret"],
        "settings": {"server_url": said["issuer"], "token_auth_method": "client_secret_basic"},
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}
