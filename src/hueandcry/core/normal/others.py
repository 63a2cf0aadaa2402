"""E-mail addresses, apps, pages, adverts, and hashes of files and pictures."""

from __future__ import annotations

import re

from hueandcry.core.errors import Unreadable
from hueandcry.core.normal.handles import PLATFORMS, login, platform_name
from hueandcry.core.normal.hosts import domain
from hueandcry.core.normal.text import composed, flat, refang
from hueandcry.core.normal.urls import url

_MAX_LOCAL = 64  #: octets (RFC 5321, 4.5.3.1.1)
_LOCAL = re.compile(r"[^\x00-\x20\x7f-\xa0(){}<>\[\]:;,\\\"@]+")
_NAMED = re.compile(r"[^<>]*<([^<>]+)>")
_ANDROID = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)+")
_IOS = re.compile(r"[1-9][0-9]{5,14}")
_PLAY_STORE = re.compile(
    r"(?:play\.google\.com/store/apps/details|market://details/?)\?(?:.*&)?id=([\w.]+)(?:&.*)?"
)
_APP_STORE = re.compile(r"(?:apps|itunes)\.apple\.com/.*/id([0-9]+)(?:[/?].*)?")
_PLATFORM_ID = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,30})\s*:\s*(\S{1,128})")
_ID = re.compile(r"[A-Za-z0-9._-]+")
_AD_LIBRARY = re.compile(r"(?:www\.)?facebook\.com/ads/library/\?(?:.*&)?id=([0-9]+)(?:&.*)?")
_AD_CENTRE = re.compile(r"adstransparency\.google\.com/advertiser/\w+/creative/(\w+)(?:\?.*)?")
_HASH = re.compile(r"(?:(md-?5|sha-?(?:1|256|512))\s*[:=]\s*)?([0-9a-f]+)", re.I)
_HASH_NAMES = {32: "md5", 40: "sha-1", 64: "sha-256", 128: "sha-512"}
_PDQ = re.compile(r"(?:pdq\s*[:=]\s*)?([0-9a-f]{64})", re.I)


def email(text: str, market: str | None = None) -> str:
    """The address with its domain as a domain and its local part as written, in form C."""
    text = refang(text.replace("\uff20", "@"))
    if named := _NAMED.fullmatch(text):
        text = named[1].strip()
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    local, at, host = text.rpartition("@")
    if not local.isascii():
        local = composed(flat(local))
    if not at or not _LOCAL.fullmatch(local) or len(local.encode()) > _MAX_LOCAL:
        raise Unreadable(
            "not-an-email",
            "This is not an e-mail address",
            why="It needs a name of at most 64 octets, an @ and a domain",
            do="Write it like name@shop.example",
        )
    return f"{local}@{domain(host.strip())}"


def app(text: str, market: str | None = None) -> str:
    """`android:package.name` or `ios:digits`, from the same, from links to a store, or bare."""
    text = flat(text)
    if "/" in text:
        return _app_link(url(text))
    system, _, name = text.rpartition(":")
    system, name = system.strip().lower(), name.strip()
    if system in ("", "android") and _ANDROID.fullmatch(name):
        return f"android:{name}"
    if system in ("", "ios") and _IOS.fullmatch(name.removeprefix("id")):
        return f"ios:{name.removeprefix('id')}"
    raise _not_an_app()


def _app_link(address: str) -> str:
    if (found := _PLAY_STORE.fullmatch(address)) and _ANDROID.fullmatch(found[1]):
        return f"android:{found[1]}"
    if (found := _APP_STORE.fullmatch(address)) and _IOS.fullmatch(found[1]):
        return f"ios:{found[1]}"
    raise _not_an_app()


def _not_an_app() -> Unreadable:
    return Unreadable(
        "not-an-app",
        "This is not an app",
        do="Write android: and the package name, ios: and the number in its store, or give a link",
    )


def page(text: str, market: str | None = None) -> str:
    """`platform:id` of a page; a name is read as that platform reads logins."""
    platform, name = _platform_id(flat(text))
    return login(platform, name, market) if platform in PLATFORMS else _plain_id(platform, name)


def advert(text: str, market: str | None = None) -> str:
    """`platform:id` of an advert; takes links into the advert libraries of Facebook and Google."""
    text = flat(text)
    if "/" in text:
        address = url(text)
        if found := _AD_LIBRARY.fullmatch(address):
            return f"facebook:{found[1]}"
        if found := _AD_CENTRE.fullmatch(address):
            return f"google:{found[1]}"
    return _plain_id(*_platform_id(text))


def _platform_id(text: str) -> tuple[str, str]:
    found = _PLATFORM_ID.fullmatch(text)
    if not found:
        raise _no_id()
    return platform_name(found[1]), found[2]


def _plain_id(platform: str, name: str) -> str:
    if not _ID.fullmatch(name):
        raise _no_id()
    return f"{platform}:{name}"


def _no_id() -> Unreadable:
    return Unreadable(
        "platform-id",
        "This names no page or advert",
        why="It needs a platform and the identifier there",
        do="Write it like facebook:1234567890",
    )


def file_hash(text: str, market: str | None = None) -> str:
    """`md5:`, `sha-1:`, `sha-256:` or `sha-512:` and lower-case hex; a bare one by its length."""
    found = _HASH.fullmatch(flat(text))
    name = _HASH_NAMES.get(len(found[2])) if found else None
    if not found or not name or (found[1] and _letters(found[1]) != _letters(name)):
        raise Unreadable(
            "not-a-hash",
            "This is not the hash of a file",
            why="Its digits are not hexadecimal, or not as many as the method has",
            do="Write it like sha-256: and 64 hexadecimal digits",
        )
    return f"{name}:{found[2].lower()}"


def _letters(name: str) -> str:
    return name.lower().replace("-", "")


def image_hash(text: str, market: str | None = None) -> str:
    """`pdq:` and 64 lower-case hexadecimal digits."""
    found = _PDQ.fullmatch(flat(text))
    if not found:
        raise Unreadable(
            "not-an-image-hash",
            "This is not the hash of a picture",
            do="Write it like pdq: and 64 hexadecimal digits",
        )
    return f"pdq:{found[1].lower()}"
