"""Accounts on platforms: `platform:login`, lower-case where the platform ignores case."""

from __future__ import annotations

import re
from collections.abc import Callable

from hueandcry.core.errors import Unreadable
from hueandcry.core.normal.phones import phone
from hueandcry.core.normal.text import flat
from hueandcry.core.normal.urls import is_web, split, url

MAX_HANDLE = 400
_Login = Callable[[str, str | None], str | None]
_PREFIXED = re.compile(r"([A-Za-z][A-Za-z0-9 ]{0,15}?)\s*[:/]\s*(\S.*)")
_SPACED = re.compile(r"([A-Za-z]+)\s+(@?\S+)")


def _lower(pattern: str) -> _Login:
    shape = re.compile(pattern)

    def login(text: str, market: str | None) -> str | None:
        text = text.removeprefix("@").lower()
        return text if shape.fullmatch(text) else None

    return login


def _number(text: str, market: str | None) -> str | None:
    try:
        return phone(text, market)
    except Unreadable:
        return None


_TELEGRAM_NAME = re.compile(r"[a-z][a-z0-9_]{3,31}|[0-9]{5,20}")
_TELEGRAM_INVITE = re.compile(r"\+(?=[A-Za-z0-9_-]*[A-Za-z_-])[A-Za-z0-9_-]{10,40}")


def _telegram(text: str, market: str | None) -> str | None:
    """A name, a user number, `+` and a phone number, or `+` and the code of an invitation."""
    if _TELEGRAM_INVITE.fullmatch(text):
        return text
    if text[0] == "+":
        return _number(text, market)
    name = text.removeprefix("@").lower()
    return name if _TELEGRAM_NAME.fullmatch(name) else None


_SIGNAL_NAME = re.compile(r"[a-z_][a-z0-9_]{2,31}\.[0-9]{2,10}")


def _signal(text: str, market: str | None) -> str | None:
    name = text.removeprefix("@").lower()
    return name if _SIGNAL_NAME.fullmatch(name) else _number(text, market)


_ZALO_NAME = re.compile(r"[0-9]{15,20}|[a-z][a-z0-9._-]{1,63}|g/[a-z0-9]{4,32}")


def _zalo(text: str, market: str | None) -> str | None:
    """A page, a group or a phone number; a national number is Vietnamese unless said otherwise."""
    name = text.removeprefix("@").lower()
    return name if _ZALO_NAME.fullmatch(name) else _number(text, market or "VN")


_LINE_NAME = re.compile(r"@?[a-z0-9._-]{2,30}")


def _line(text: str, market: str | None) -> str | None:
    """A personal id, or with `@` the id of an official account, which is another name space."""
    name = text.removeprefix("~").lower()
    return name if _LINE_NAME.fullmatch(name) else None


_FACEBOOK_NAME = re.compile(r"[a-z0-9]{1,60}")


def _facebook(text: str, market: str | None) -> str | None:
    """A number, or a name, in which neither case nor dots tell accounts apart."""
    name = text.removeprefix("@").lower().replace(".", "")
    return name if _FACEBOOK_NAME.fullmatch(name) else None


_YOUTUBE_CHANNEL = re.compile(r"UC[A-Za-z0-9_-]{22}")
_youtube_name = _lower(r"[a-z0-9._-]{3,30}")


def _youtube(text: str, market: str | None) -> str | None:
    return text if _YOUTUBE_CHANNEL.fullmatch(text) else _youtube_name(text, market)


#: A platform is one row: its name in the value, and how a login is written.
PLATFORMS: dict[str, _Login] = {
    "discord": _lower(r"[a-z0-9._]{2,32}"),
    "facebook": _facebook,
    "instagram": _lower(r"[a-z0-9._]{1,30}"),
    "kakaotalk": _lower(r"[a-z0-9._-]{2,40}"),
    "line": _line,
    "linkedin": _lower(r"[a-z0-9-]{3,100}"),
    "qq": _lower(r"[1-9][0-9]{4,11}"),
    "signal": _signal,
    "skype": _lower(r"(?:live:)?[a-z0-9._,-]{3,64}"),
    "snapchat": _lower(r"[a-z][a-z0-9._-]{2,14}"),
    "telegram": _telegram,
    "threads": _lower(r"[a-z0-9._]{1,30}"),
    "tiktok": _lower(r"[a-z0-9._]{1,24}"),
    "viber": _number,
    "wechat": _lower(r"[a-z0-9_-]{5,32}"),
    "whatsapp": _number,
    "x": _lower(r"[a-z0-9_]{1,15}"),
    "youtube": _youtube,
    "zalo": _zalo,
}
_ALIASES = {
    **{"tg": "telegram", "fb": "facebook", "messenger": "facebook", "ig": "instagram"},
    **{"insta": "instagram", "twitter": "x", "wa": "whatsapp", "weixin": "wechat"},
    **{"kakao": "kakaotalk", "line id": "line", "zalo id": "zalo", "tik tok": "tiktok"},
}

#: Where a link names an account: host and path (canonical url), platform, and what to put before.
_LINKS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), platform, before)
    for pattern, platform, before in (
        (r"(?:t|telegram)\.(?:me|dog)/joinchat/([\w-]+)/?(?:\?.*)?", "telegram", "+"),
        (r"(?:t|telegram)\.(?:me|dog)/(?:s/)?(\+?[\w-]+)(?:[/?].*)?", "telegram", ""),
        (r"tg://resolve/\?domain=(\w+)(?:&.*)?", "telegram", ""),
        (r"wa\.me/\+?([0-9]+)/?(?:\?.*)?", "whatsapp", "+"),
        (r"(?:api|web)\.whatsapp\.com/send/?\?phone=\+?([0-9]+)(?:&.*)?", "whatsapp", "+"),
        (r"zalo\.me/(g/\w+|[\w.]+)/?(?:\?.*)?", "zalo", ""),
        (r"line\.me/(?:[Rr]/)?ti/p/(?:~|(?=@))([@\w.-]+)/?(?:\?.*)?", "line", ""),
        (r"m\.me/([\w.]+)/?(?:\?.*)?", "facebook", ""),
    )
)
_FACEBOOK = r"(?:[\w-]+\.)?(?:facebook|fb)\.com/"
#: Links to profiles, which look like any page: read only when a handle is asked for.
_PROFILES: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), platform, "")
    for pattern, platform in (
        (_FACEBOOK + r"profile\.php\?(?:.*&)?id=([0-9]+)(?:&.*)?", "facebook"),
        (_FACEBOOK + r"([\w.]+)/?(?:\?.*)?", "facebook"),
        (r"(?:www\.)?instagram\.com/([\w.]+)/?(?:\?.*)?", "instagram"),
        (r"(?:www\.)?threads\.(?:net|com)/@([\w.]+)/?(?:\?.*)?", "threads"),
        (r"(?:[\w-]+\.)?tiktok\.com/@([\w.]+)/?(?:\?.*)?", "tiktok"),
        (r"(?:[\w-]+\.)?(?:twitter|x)\.com/(\w+)/?(?:\?.*)?", "x"),
        (r"(?:[\w-]+\.)?youtube\.com/(?:@|channel/)([\w.-]+)/?(?:\?.*)?", "youtube"),
        (r"(?:[\w-]+\.)?linkedin\.com/in/([\w-]+)/?(?:\?.*)?", "linkedin"),
    )
)


def handle(text: str, market: str | None = None) -> str:
    """`platform:login`, also from links, `Platform: @login`, `platform @login`; or Unreadable."""
    text = flat(text)
    if len(text) > MAX_HANDLE:
        raise _not_a_handle()
    if found := linked(text) or _profile(text):
        return login(*found, market)
    if is_web(text):
        raise _not_a_handle()
    named = _PREFIXED.fullmatch(text) or _SPACED.fullmatch(text)
    if not named:
        raise _no_platform()
    return login(named[1], named[2], market)


def is_prefixed(text: str) -> bool:
    """Whether `text` is a known platform, a colon (or a blank and an @), and something."""
    named = _PREFIXED.fullmatch(text) or (_SPACED.fullmatch(text) if "@" in text else None)
    return named is not None and platform_name(named[1]) in PLATFORMS and named[2][:2] != "//"


def platform_name(text: str) -> str:
    """The name of a platform in values, whatever people call it; others just in lower case."""
    name = text.lower()
    return _ALIASES.get(name, name)


def login(platform: str, text: str, market: str | None) -> str:
    """`platform:login` of a platform's name, in any case, and a login on it."""
    name = platform_name(platform)
    if name not in PLATFORMS:
        raise _no_platform()
    found = PLATFORMS[name](text, market)
    if not found:
        raise _not_a_handle()
    return f"{name}:{found}"


def linked(text: str) -> tuple[str, str] | None:
    """Platform and login of a link that only ever opens a conversation (t.me, wa.me…)."""
    return _match(text, _LINKS)


def _profile(text: str) -> tuple[str, str] | None:
    return _match(text, _PROFILES)


def _match(
    text: str, table: tuple[tuple[re.Pattern[str], str, str], ...]
) -> tuple[str, str] | None:
    if "/" not in text or len(text) > MAX_HANDLE:
        return None
    try:
        prefix, host, tail = split(url(text))
    except Unreadable:
        return None
    address = prefix + host.removeprefix("www.") + tail
    for shape, platform, before in table:
        if found := shape.fullmatch(address):
            return platform, before + found[1]
    return None


def _no_platform() -> Unreadable:
    return Unreadable(
        "handle-platform",
        "The platform of this account is not known",
        why="The same name is somebody else's on another platform",
        do=f"Put the platform in front, such as telegram:name; known are {', '.join(PLATFORMS)}",
    )


def _not_a_handle() -> Unreadable:
    return Unreadable(
        "not-a-handle",
        "This is not an account on that platform",
        why="The platform has no account names of this form",
        do="Write the platform, a colon and the name, such as telegram:name",
    )
