"""Writing an address so that nobody, and no program, opens it by mistake."""

from __future__ import annotations

import re
from typing import Final

from hueandcry.core.types import Kind

#: Characters of a value that are shown; the rest is of no use to a reader.
SHOWN: Final = 300

_DOT: Final = re.compile(r"(?<=[^\s.])\.(?=[^\s.])")
_HTTP: Final = re.compile(r"\bhttp(s?)(?=://)", re.IGNORECASE)
_PARTS: Final = re.compile(r"([a-z][a-z0-9+-]*:[/\\]*)?([^/\\?#]*)(.*)", re.IGNORECASE | re.DOTALL)
_WITH_LINKS: Final = frozenset({Kind.DOMAIN, Kind.URL, Kind.EMAIL, Kind.HANDLE, Kind.APP, None})


def defanged(kind: Kind | None, text: str) -> str:
    """`text` with `[.]` in its host, `[at]` and `hxxp`; cut to SHOWN characters.

    Without a kind, all dots are written so: then nobody knows what the text is.
    """
    if len(text) > SHOWN:
        text = text[:SHOWN] + "…"
    return disarmed(text, kind) if kind in _WITH_LINKS else text


def disarmed(text: str, kind: Kind | None = None) -> str:
    """The same at any length, of a kind that holds addresses."""
    if kind is Kind.EMAIL:
        text = text.replace("@", "[at]")
    text = _HTTP.sub(lambda found: f"hxxp{found[1].lower()}", text)
    if kind is not Kind.URL:
        return _DOT.sub("[.]", text)
    scheme, host, rest = _PARTS.fullmatch(text).groups(default="")  # type: ignore[union-attr]
    return scheme + _DOT.sub("[.]", host) + rest
