"""Style sheets, scripts and pictures of our own: served by the node itself, under their digest.

The name changes whenever the bytes do, so that a browser may keep them for ever.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from django.apps import apps
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, in memory."""

    url: str
    body: bytes
    content_type: str


@cache
def assets() -> dict[str, Asset]:
    """Every file in the `static` folder of every installed app, by its path below that folder."""
    found: dict[str, Asset] = {}
    for app in apps.get_app_configs():
        folder = Path(app.path, "static")
        for file in sorted(folder.rglob("*")):
            if file.suffix in _TYPES:
                name = file.relative_to(folder).as_posix()
                found[name] = _read(name, file)
    return found


def _read(name: str, file: Path) -> Asset:
    body = file.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:16]
    return Asset(f"{settings.STATIC_URL}{digest}/{name}", body, _TYPES[file.suffix])


def serve(request: HttpRequest, digest: str, name: str) -> HttpResponse:
    """The bytes of one asset; 404 unless the digest is that of what we hold."""
    asset = assets().get(name)
    if asset is None or asset.url != request.path:
        raise Http404
    response = HttpResponse(asset.body, content_type=asset.content_type)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
