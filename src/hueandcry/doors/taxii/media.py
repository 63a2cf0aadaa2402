"""Media types of TAXII 2.1: what a client may ask for, and what it may send."""

from __future__ import annotations

import re
from typing import Final

TAXII: Final = "application/taxii+json;version=2.1"
STIX: Final = "application/stix+json;version=2.1"

_VERSION: Final = "2.1"
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')


def accepts(header: str | None) -> bool:
    """Whether a client that sends this Accept field takes TAXII 2.1 (RFC 9110 section 12.5.1).

    No field at all is taken as `*/*`. Of several ranges that fit, the most specific decides.
    """
    if header is None or not header.strip():
        return True
    fitting = [found for part in _parts(header, ",") if (found := _range(part)) is not None]
    return max(fitting, default=(0, 0.0))[1] > 0


def sends_taxii(content_type: str) -> bool:
    """Whether a body is said to be TAXII 2.1; without a version it is the newest one's."""
    name, parameters = _read(content_type)
    return name == "application/taxii+json" and parameters.get("version", _VERSION) == _VERSION


def _range(text: str) -> tuple[int, float] | None:
    """(how specific, weight) of a media range that covers TAXII 2.1, or None."""
    name, parameters = _read(text)
    weight = _weight(parameters.pop("q", "1"))
    if name == "*/*":
        return 0, weight
    if name == "application/*":
        return 1, weight
    if name != "application/taxii+json":
        return None
    version = parameters.get("version")
    if version is None:
        return 2, weight
    return (3, weight) if version == _VERSION else None


def _read(text: str) -> tuple[str, dict[str, str]]:
    name, *rest = _parts(text, ";")
    pairs = (part.partition("=") for part in rest)
    return name.lower(), {key.strip().lower(): _unquoted(value.strip()) for key, _, value in pairs}


def _parts(text: str, sign: str) -> list[str]:
    """What stands between signs that are not inside quotes."""
    masked = _QUOTED.sub(lambda match: "_" * len(match[0]), text)
    ends = [n for n, each in enumerate(masked) if each == sign]
    starts = [0, *(n + 1 for n in ends)]
    return [text[a:b].strip() for a, b in zip(starts, [*ends, len(text)], strict=True)]


def _unquoted(text: str) -> str:
    match = _QUOTED.fullmatch(text)
    return re.sub(r"\\(.)", r"\1", match[1]) if match else text


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
