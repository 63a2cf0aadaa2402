"""Of which kind a value is, by its form alone."""

from __future__ import annotations

import re
from collections.abc import Callable

from hueandcry.core.errors import Unreadable
from hueandcry.core.normal.handles import is_prefixed, linked
from hueandcry.core.normal.hosts import is_plain
from hueandcry.core.normal.suffixes import is_known_top
from hueandcry.core.normal.table import normalise
from hueandcry.core.normal.text import MAX_URL, flat, refang, tidy
from hueandcry.core.normal.urls import has_scheme
from hueandcry.core.types import Kind, Signal

_HASH = re.compile(r"(?:(?:md-?5|sha-?[0-9]+)\s*[:=].*|(?:[0-9a-f]{32}){1,4}|[0-9a-f]{40})", re.I)
_PDQ = re.compile(r"pdq\s*[:=].*", re.I)
_APP = re.compile(
    r"(?:android|ios):.*|market://details.*"
    r"|(?:https?://)?(?:play\.google|apps\.apple|itunes\.apple)\.com/.*",
    re.I,
)
_EMAIL = re.compile(r"(?:mailto:)?[^\s/:@]+@[^\s/:@]+(?:\?.*)?|[^<>@]*<[^<>@:/]+@[^<>@:/]+>", re.I)
_QUAD = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?::[0-9]+)?(?:[/?].*)?")
_SIX = re.compile(r"\[[0-9a-f:.]+\](?::[0-9]+)?(?:[/?].*)?", re.I)
_HOST = re.compile(r"[^\s/?#:\\@]+")
_ACCOUNT = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9 \-]{11,50}|IBAN.*", re.I)
_AT_BANK = re.compile(
    r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?[\s:/]+[0-9][0-9 .\-]+|[0-9]{2,8}:[0-9][0-9 .\-]{4,}",
    re.I,
)
_PHONE = re.compile(r"(?:tel:)?[+(]*[0-9][0-9\s().\-/]{4,}", re.I)
_WALLET = re.compile(r"0x[0-9a-f]{40}|[a-z0-9]{3,11}:[0-9a-z:?=&./@_-]{25,200}|[\w-]{25,120}", re.I)


def guess(text: str, *, market: str | None = None) -> Signal:
    """The signal of the first kind whose form `text` has; raises Unreadable if none does.

    A link that only opens a conversation (t.me, wa.me…) is the handle. A bare name is a domain
    only under a top-level name that exists, so that `report.pdf` is none.
    """
    # Most of every list is plain names; no form before the domain's can have one (tested).
    if is_plain(text) and is_known_top(text):
        return Signal(Kind.DOMAIN, text)
    return _by_form(text, market)


def _by_form(text: str, market: str | None) -> Signal:
    plain = tidy(text, MAX_URL)
    shown = flat(plain)
    first: Unreadable | None = None
    for kind, has_form in _FORMS:
        if not has_form(shown):
            continue
        try:
            return normalise(kind, plain, market=market)
        except Unreadable as refusal:
            first = first or refusal
    raise first or _unknown()


def _matches(shape: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: shape.fullmatch(text) is not None


def _is_handle(text: str) -> bool:
    return is_prefixed(text) or linked(text) is not None


def _is_url(text: str) -> bool:
    """A scheme, an IP literal, or a host under a known top-level name with something after it."""
    if has_scheme(text) or _QUAD.fullmatch(text) or _SIX.fullmatch(text):
        return True
    text = refang(text)
    host = _HOST.match(text)
    return host is not None and host.end() < len(text) and _is_name(host[0])


def _is_name(text: str) -> bool:
    """Whether `text` could be a domain and ends in a top-level name that exists."""
    text = refang(text)
    if "." not in text or _HOST.fullmatch(text) is None:
        return False
    try:
        return is_known_top(normalise(Kind.DOMAIN, text).value)
    except Unreadable:
        return False


def _is_email(text: str) -> bool:
    return "@" in (text := refang(text)) and _EMAIL.fullmatch(text) is not None


#: In order of how sure the form is.
_FORMS: tuple[tuple[Kind, Callable[[str], bool]], ...] = (
    (Kind.FILE_HASH, _matches(_HASH)),
    (Kind.IMAGE_HASH, _matches(_PDQ)),
    (Kind.APP, _matches(_APP)),
    (Kind.HANDLE, _is_handle),
    (Kind.EMAIL, _is_email),
    (Kind.DOMAIN, _is_name),
    (Kind.URL, _is_url),
    (Kind.BANK_ACCOUNT, _matches(_ACCOUNT)),
    (Kind.BANK_ACCOUNT, _matches(_AT_BANK)),
    (Kind.PHONE, _matches(_PHONE)),
    (Kind.WALLET, _matches(_WALLET)),
)


def _unknown() -> Unreadable:
    return Unreadable(
        "no-kind",
        "This has the form of no kind of signal",
        do="Say which kind it is, or give a whole address, number or name with its platform",
    )
