"""Addresses in a text: pages, names of hosts, e-mail, apps, and links that open a conversation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hueandcry.core.errors import Unreadable
from hueandcry.core.extract.page import Page, Reading
from hueandcry.core.extract.searching import Pattern
from hueandcry.core.normal import MAX_URL, normalise
from hueandcry.core.normal.handles import linked, login
from hueandcry.core.normal.suffixes import is_known_top
from hueandcry.core.types import Kind, Signal

#: Letters of scripts that put blanks between words. In the others a host has no visible end, so
#: that there only what follows `://` is taken for one.
_LETTER = r"0-9A-Za-z_\p{Latin}\p{Cyrillic}\p{Greek}\x{300}-\x{36f}"
_LABEL = rf"[{_LETTER}-]"
_TAIL = rf"[!#-;=?-\[\]_a-z~{_LETTER}]"  # no blank, quote, angle or curly bracket, \, ^ or `
_ADDRESS = Pattern(
    rf"[A-Za-z][0-9A-Za-z+*.-]{{0,12}}://(?:{_TAIL}+|[^\s\x00/?#<>\"]+(?:[/?#]{_TAIL}*)?)"
    rf"|@?(?:{_LABEL}+\.)+{_LABEL}+(?::[0-9]+)?(?:[/?#]{_TAIL}*)?"
)
#: A dot between what may be letters of a label; a search that begins with an octet is a fast one.
_DOTTED = re.compile(rb"\.(?<=[0-9A-Za-z_\x80-\xff-]\.)[0-9A-Za-z_\x80-\xff-]")
_LOCAL = re.compile(rb"[0-9A-Za-z._%+\-]+\Z")
_TO_MAIL = re.compile(rb"[0-9A-Za-z._%+\-]{0,63}@")
_SCHEME = re.compile(r"(?:h[tx*]{2}ps?|ftp|tg|market)://", re.I)
_SOME_SCHEME = re.compile(r"[0-9A-Za-z+*.-]+://")
_HOST = re.compile(r"[^/?#:@]+")
_QUAD = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_PACKAGE = re.compile(r"(?:com|org|net|co|io|app)(?:\.[a-z][a-z0-9_]*){2,}", re.I)
_WEB = r"(?:h[tx*]{2}ps?://)?(?:www\.)?"
_CONVERSATION = re.compile(
    rf"{_WEB}(?:(?:t|telegram|wa|zalo|line|m)\.(?:me|dog)/|(?:api|web)\.whatsapp\.com/)|tg://", re.I
)
_STORE = re.compile(rf"{_WEB}(?:play\.google|(?:apps|itunes)\.apple)\.com/|market://", re.I)
_CLOSERS = {")": "(", "]": "["}
_PUNCTUATION = ".,;:!?'*_-~&=…"
_MAX_LOCAL = 64

#: Top-level names that most links in messages have; a bare name under another is less sure.
USUAL = frozenset(
    (
        *("com", "net", "org", "info", "biz", "xyz", "top", "vip", "shop", "site", "online", "app"),
        *("club", "store", "live", "icu", "cc", "co", "io", "gov", "edu", "asia", "link", "work"),
        *("th", "vn", "id", "my", "ph", "sg", "kh", "la", "mm", "hk", "cn", "tw", "example"),
    )
)
#: Top-level names that are ends of file names or words of the ten languages as well.
_WORDLIKE = frozenset(
    (
        *("zip", "mov", "py", "sh", "md", "rs", "pl", "ps", "in", "is", "it", "so", "to", "no"),
        *("at", "be", "am", "us", "me", "ai", "do", "pm", "as", "an", "se", "st", "nu", "ma", "na"),
        *("pa", "sa", "ba", "ne", "de", "ga", "bo", "va", "ki", "li", "gi", "mo", "my", "la"),
    )
)
_SURE, _SHOWN, _BARE, _UNUSUAL, _DOUBTFUL = 0.98, 0.95, 0.85, 0.7, 0.4


def read_links(page: Page, likely: str | None = None) -> Iterator[Reading]:
    """Addresses as signals: a link is `url`, a bare host `domain`, a page of a store `app`."""
    last = 0
    for start, end in _places(page.data):
        token = page.data[start:end].decode()
        if token[0] == "@":
            reading = _mail(page.data, start, token, last)
        elif _TO_MAIL.match(page.data, end):
            continue
        else:
            reading = _address(start, token, page)
        if reading:
            last = reading.end
            yield reading


def _places(data: bytes) -> list[tuple[int, int]]:
    """Where _ADDRESS matches; looked for from the first word with a dot or `://` to the last."""
    dotted, first = _DOTTED.search(data), data.find(b"://")
    if dotted and (first < 0 or dotted.start() < first):
        first = dotted.start()
    if first < 0:
        return []
    end = data.find(b" ", max(data.rfind(b"."), data.rfind(b"://")))
    return _ADDRESS.places(data, data.rfind(b" ", 0, first) + 1, end if end >= 0 else len(data))


def _mail(data: bytes, at: int, token: str, last: int) -> Reading | None:
    """The e-mail address whose `@host` stands at `at`; a mention has no name before the `@`."""
    local = _LOCAL.search(data, max(last, at - _MAX_LOCAL), at)
    host = _HOST.match(token, 1)
    if not local or not host or (at - _MAX_LOCAL > last and local.start() == at - _MAX_LOCAL):
        return None
    name = host[0].rstrip(_PUNCTUATION)
    signal = _signal(Kind.EMAIL, f"{local[0].decode()}@{name}")
    if not signal or not is_known_top(signal.value):
        return None
    return Reading(local.start(), at + 1 + len(name.encode()), signal, _SURE)


def _address(start: int, token: str, page: Page) -> Reading | None:
    scheme = _SCHEME.match(token)
    if scheme is None and _SOME_SCHEME.match(token):
        scheme = _SCHEME.search(token)  # glued to the word before it
        if scheme is None:
            return None
        start += len(token[: scheme.start()].encode())
        token = token[scheme.start() :]
    token = _trimmed(token)
    found = _link(token, page.market) if scheme else _bare(token, page.market)
    if not found:
        return None
    signal, shown, confidence = found
    return Reading(start, start + len(shown.encode()), signal, confidence)


_Found = tuple[Signal, str, float]  # what it is, what of the token shows it, and how sure


def _link(token: str, market: str | None) -> _Found | None:
    """What a token with a scheme leads to; of a link beyond every bound, its host."""
    if signal := _special(token, market) or _signal(Kind.URL, token):
        return signal, token, _SURE
    scheme, _, rest = token.partition("://")
    host = _HOST.match(rest)
    if len(token) > MAX_URL and host and (signal := _signal(Kind.DOMAIN, host[0])):
        return signal, f"{scheme}://{host[0]}", _SURE
    return None


def _special(token: str, market: str | None) -> Signal | None:
    """An account or an app, if the link does nothing but open it."""
    if _STORE.match(token):
        return _signal(Kind.APP, token)
    if _CONVERSATION.match(token) and (account := linked(token)):
        try:
            return Signal(Kind.HANDLE, login(*account, market))
        except Unreadable:
            return None
    return None


def _bare(token: str, market: str | None) -> _Found | None:
    """What a token without a scheme is: a link, a host, a package, or nothing but a full stop."""
    host = _HOST.match(token)
    if host is None:
        return None
    name, tail = host[0], token[host.end() :]
    if _QUAD.fullmatch(name):
        signal = _signal(Kind.URL, token) if "/" in tail else None
        return (signal, token, _BARE) if signal else None
    if not tail and _PACKAGE.fullmatch(name):
        signal = _signal(Kind.APP, name)
        return (signal, name, _BARE) if signal else None
    top = name.rpartition(".")[2].lower()
    if top[:1].isdigit() or (top.isascii() and not is_known_top(top)):
        return None  # a sum, or two sentences
    domain = _signal(Kind.DOMAIN, name)
    if domain is None or not is_known_top(domain.value):
        return None
    if tail.strip("/"):
        signal = _special(token, market) or _signal(Kind.URL, token)
        return (signal, token, _SHOWN) if signal else (domain, name, _SHOWN)
    confidence = _likeness(name, domain.value)
    return (domain, name, confidence) if confidence else None


def _likeness(shown: str, name: str) -> float:
    """How sure a bare name is one: `today.We` joins two sentences, `file.zip` may be a file."""
    labels = shown.split(".")
    top = name.rpartition(".")[2]
    if labels[0].lower() == "www":
        return _SHOWN
    if labels[-1][1:].islower() and labels[-1][0].isupper() and labels[-2][-1:].islower():
        return _DOUBTFUL if top in USUAL and top not in _WORDLIKE else 0.0
    if top in USUAL and top not in _WORDLIKE:
        return _BARE
    plain = len(labels) == 2 and labels[0].isalpha()
    return _DOUBTFUL if plain or (top in _WORDLIKE and len(labels) == 2) else _UNUSUAL


def _trimmed(token: str) -> str:
    """`token` without the punctuation of the sentence, and without a bracket opened before it."""
    while token:
        last = token[-1]
        opener = _CLOSERS.get(last)
        if last in _PUNCTUATION or (opener and token.count(last) > token.count(opener)):
            token = token[:-1]
        else:
            break
    return token


def _signal(kind: Kind, text: str) -> Signal | None:
    try:
        return normalise(kind, text)
    except Unreadable:
        return None
