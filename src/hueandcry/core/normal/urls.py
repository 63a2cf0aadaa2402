"""Addresses of pages, canonical as Safe Browsing hashes them, and the expressions to look up.

The value leaves out `http://` and `https://`; any other scheme stays. What a browser opens decides
where the host ends; what Safe Browsing writes decides the form.
"""

from __future__ import annotations

import re

from hueandcry.core.errors import Unreadable
from hueandcry.core.normal.hosts import MAX_NAME, is_plain, url_host
from hueandcry.core.normal.text import MAX_URL, refang, refang_dots, too_long

#: An address that is canonical but for its scheme, if no part of its path is empty or a dot.
_PLAIN = re.compile(
    r"https?://((?:[a-z0-9_-]{1,63}\.)+[a-z][a-z0-9-]{0,62})"
    r"(/[^\x00-\x20#%\\\[({\x7f-\U0010ffff]*)?"
)
_WEB = re.compile(r"h[tx*]{2}p(s?)(?:\[:\]|\[://\]|:)(?:\[/\]|[/\\])*", re.I)
_OTHER = re.compile(r"([a-z][a-z0-9+.-]{0,31})(?:\[:\]//|\[://\]|://)", re.I)
_DROPPED = re.compile(r"[\t\r\n]")
_END_OF_HOST = re.compile(r"[/?\\]")
_PORT = re.compile(r":\d*\Z")
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNSAFE = re.compile(r"[\x00-\x20#%\x7f-\xff]")
_HEX = frozenset("0123456789abcdefABCDEF")
_PASSES = 3  #: of the fast way to unescape, before the one that is linear whatever comes


def url(text: str, market: str | None = None) -> str:
    """The canonical url, at most MAX_URL characters of ASCII; raises Unreadable.

    A host needs a dot or must be an IP literal, except under a scheme that is not the web's.
    """
    plain = _PLAIN.fullmatch(text) if len(text) <= MAX_URL else None
    if plain and len(plain[1]) <= MAX_NAME:
        tail = plain[2] or "/"
        if "//" not in tail and "/." not in tail:
            return plain[1] + tail
    prefix, rest = _scheme(_DROPPED.sub("", text))
    end = _END_OF_HOST.search(rest)
    cut = end.start() if end else len(rest)
    host = _host(rest[:cut])
    if not prefix and "." not in host and host[0] != "[":
        raise Unreadable(
            "not-a-url",
            "This is not an address of a page",
            why="Its host has no dot",
            do="Write it like https://shop.example/pay",
        )
    value = prefix + host + _tail(rest[cut:])
    if len(value) > MAX_URL:
        raise too_long(MAX_URL)
    return value


def split(value: str) -> tuple[str, str, str]:
    """Scheme prefix (empty for the web), host, and path with query, of a canonical url."""
    slash = value.find("/")
    if value[slash - 1] != ":":
        return "", value[:slash], value[slash:]
    start = slash + 2
    slash = value.find("/", start)
    return value[:start], value[start:slash], value[slash:]


def paths(tail: str) -> list[str]:
    """The at most six path expressions of a canonical path with query, most specific first."""
    path, mark, _ = tail.partition("?")
    found = [tail, path] if mark else [path]
    roots: list[str] = []
    at = path.find("/")
    while at >= 0 and len(roots) < 4:
        roots.append(path[: at + 1])
        at = path.find("/", at + 1)
    if roots[-1] == path:
        roots.pop()
    return found + roots[::-1]


def is_web(text: str) -> bool:
    """Whether `text` starts as a web address does, defanged or not."""
    return _WEB.match(text) is not None


def has_scheme(text: str) -> bool:
    """Whether `text` starts with any `scheme://`, defanged or not."""
    return is_web(text) or _OTHER.match(text) is not None


def _scheme(text: str) -> tuple[str, str]:
    """The prefix to keep and what follows the scheme, without the fragment."""
    text = text.partition("#")[0]
    if web := _WEB.match(text):
        return "", text[web.end() :]
    if other := _OTHER.match(text):
        return f"{other[1].lower()}://", text[other.end() :]
    return "", text.lstrip("/\\")


def _host(authority: str) -> str:
    """The canonical host of `user:password@host:port`."""
    if is_plain(authority):
        return authority
    host = _PORT.sub("", refang(authority).rpartition("@")[2]).strip()
    if "%" in host:
        try:
            host = unescape(host).encode("latin-1").decode()
        except UnicodeDecodeError:
            host = ""
    return url_host(host)


def _tail(tail: str) -> str:
    """Path and query after Safe Browsing: unescaped until stable, dots resolved, escaped again."""
    if tail[:1] not in ("/", "\\"):
        tail = "/" + tail
    path, mark, query = tail.partition("?")
    # Once as a browser reads the path, and again for the dots and slashes that were escaped.
    path = _resolve(path)
    tail = refang_dots(unescape(path + mark + query))
    path, mark, query = tail.partition("?")
    return _UNSAFE.sub(_escape, _resolve(path) + mark + query)


def _resolve(path: str) -> str:
    """`path` without `/./`, `/../` and runs of slashes; a backslash is a slash, as in browsers."""
    path = path.replace("\\", "/")
    if "//" not in path and "/." not in path:
        return path
    parts: list[str] = []
    for part in path[1:].split("/"):
        if part == "..":
            del parts[-1:]
        elif part != ".":
            parts.append(part)
    kept = [part for part in parts if part]
    closed = path.endswith(("/", "/.", "/.."))
    return "/" + "/".join(kept) + ("/" if kept and closed else "")


def unescape(text: str) -> str:
    """`text` as UTF-8 octets (one character each) with `%41` undone until none is left."""
    if not text.isascii():
        text = text.encode().decode("latin-1")
    for _ in range(_PASSES):
        if "%" not in text:
            return text
        text, count = _ESCAPED.subn(_octet, text)
        if not count:
            return text
    return _unescape_all(text)


def _unescape_all(text: str) -> str:
    """`%252525…41` undone in one pass: what is written last is looked at again at once."""
    out: list[str] = []
    for char in text:
        out.append(char)
        while len(out) > 2 and out[-3] == "%" and out[-1] in _HEX and out[-2] in _HEX:
            out[-3:] = chr(int(out[-2] + out[-1], 16))
    return "".join(out)


def _octet(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))


def _escape(match: re.Match[str]) -> str:
    return f"%{ord(match[0]):02X}"
