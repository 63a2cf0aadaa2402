"""Parameters of addresses, read so that nonsense is nothing."""

from __future__ import annotations

from django.http import HttpRequest


def cursor(request: HttpRequest, name: str) -> int | None:
    """A whole number from the address, or None."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
