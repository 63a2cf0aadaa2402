"""Accounts on platforms in a text: the name of a platform, and the login written beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import re2

from hueandcry.core.errors import Unreadable
from hueandcry.core.extract.links import USUAL
from hueandcry.core.extract.page import Page, Reading
from hueandcry.core.extract.searching import MAX_PLACES, Pattern
from hueandcry.core.normal.handles import login
from hueandcry.core.types import Kind, Signal

#: Platforms of core.normal.handles, and how messages write them.
_SPELT = {
    "line": "line|ไลน์|ไลน|แอดไลน์|แอดไลน|ไลน์ไอดี|ไอดีไลน์|ลาย|ລາຍ|赖",
    "telegram": "telegram|tele gram|tele|tg|เทเลแกรม|เทเลแกม|ເທເລແກຣມ|តេឡេក្រាម"
    "|តេលេក្រាម|တယ်လီဂရမ်|电报|飞机|纸飞机",
    "whatsapp": "whatsapp|whats app|whatapp|watsapp|wasap|wassap|wa|ws|w.a|วอทแอป|วอตส์แอป"
    "|ວອດແອັບ|វ៉ាត់សាប់",
    "zalo": "zalo|za lo|ซาโล",
    "viber": "viber|ဗိုက်ဘာ|ไวเบอร์",
    "wechat": "wechat|we chat|weixin|wx|vx|วีแชท|วีแชต|微信号|微信|加微|薇信|威信",
    "facebook": "facebook|fb|messenger|เฟสบุ๊ค|เฟซบุ๊ก|เฟสบุ๊ก|เฟส|ເຟສບຸກ|ហ្វេសប៊ុក|ဖေ့စ်ဘွတ်|脸书",
    "instagram": "instagram|ig|insta|ไอจี",
    "tiktok": "tiktok|tik tok|ติ๊กต๊อก|抖音",
    "qq": "qq|扣扣",
    "kakaotalk": "kakaotalk|kakao",
    "skype": "skype",
    "signal": "signal",
    "discord": "discord",
}
_PLATFORMS = {word: name for name, words in _SPELT.items() for word in words.split("|")}
_NUMBERED = frozenset({"whatsapp", "zalo", "viber", "telegram", "signal"})
_BY_LENGTH = sorted(_PLATFORMS, key=len, reverse=True)


_LATIN = "|".join(re2.escape(word) for word in _BY_LENGTH if word.isascii())
_OTHER = "|".join(re2.escape(word) for word in _BY_LENGTH if not word.isascii())
_WORD = rf"(?:(?:^|[^0-9A-Za-z_.@/=?&%-])(?:{_LATIN})|(?:{_OTHER}))"
#: What may stand between a platform and a login, and says that a login follows.
_LABEL = (
    r"(?:id|ไอดี|user(?:name)?|acc(?:ount)?|nick|name|number|no\.?|num|hp|official|oa|admin"
    r"|号码|号|帐号|账号|số|so|nomor|nombor|เบอร์|លេខ|ເບີ|နံပါတ်)"
)
_JOIN = r"[\s:=>~()-]*(?:is|là|คือ|ที่|นี้|at|มาที่|ជា|ແມ່ນ)?[\s:=>~()-]*"
_LOGIN = r"(?:\+?\(?[0-9](?:[ .()-]{0,2}[0-9]){5,}|[@+]?[0-9A-Za-z][0-9A-Za-z._-]{2,39})"
_NAMED = Pattern(rf"(?i){_WORD}(?:\s?{_LABEL})?{_JOIN}{_LOGIN}")
#: Begins with a letter that is found at once, and is bounded: no text can make it slow.
_MENTION = re.compile(rb"@(?<![0-9A-Za-z._@/-]@)[0-9A-Za-z][0-9A-Za-z._-]{2,31}")
_ANY_WORD = Pattern(rf"(?i){_WORD}(?:$|[^0-9A-Za-z])")

# What follows sees one such piece, whose length is bounded.
_LONGEST = 160
_NEAR = 120  #: octets before a mention in which the platform may be named
_FIRST = re.compile(rf"(?is).?({_LATIN}|{_OTHER})")
_REST = re.compile(rf"(?i)\s?(?P<label>{_LABEL})?(?P<join>{_JOIN})(?P<login>{_LOGIN})")
_DIGITS = re.compile(r"\+?\(?[0-9][0-9 .()-]{4,}")
_NUMBER, _LABELLED, _LIKELY = 0.92, 0.9, 0.7


def read_names(page: Page, likely: str | None = None) -> Iterator[Reading]:
    """Logins beside the name of their platform; `likely` is the market to try without another."""
    market = page.market or likely
    for start, end in _NAMED.places(page.data):
        if end - start <= _LONGEST and (reading := _named(page.data, start, end, market)):
            yield reading


def read_mentions(page: Page, likely: str | None = None) -> Iterator[Reading]:
    """`@name` where the platform is named somewhere before it."""
    for found in islice(_MENTION.finditer(page.data), MAX_PLACES):
        at, end = found.span()
        before = page.data[max(0, at - _NEAR) : at]
        named = [before[a:b].decode(errors="ignore") for a, b in _ANY_WORD.places(before)]
        if named and (platform := _platform(named[-1])):
            name = page.data[at:end].rstrip(b".-_")
            if signal := _signal(platform[0], name.decode(), None):
                yield Reading(at, at + len(name), signal, _LIKELY)


def _named(data: bytes, start: int, end: int, market: str | None) -> Reading | None:
    piece = data[start:end].decode()
    platform = _platform(piece)
    if platform is None:
        return None
    name, rest = platform
    parts = _REST.fullmatch(rest)
    if parts is None or _is_address(parts["login"], data[end : end + 3]):
        return None
    shown = parts["login"].rstrip(" .-_()")
    first = end - len(parts["login"].encode())
    if _DIGITS.fullmatch(shown) and name in _NUMBERED:
        shown = data[first:end].decode().rstrip(" .-(")
        signal, confidence = _signal(name, shown, market), _NUMBER
    else:
        confidence = _confidence(name, shown, parts["label"] or "", parts["join"])
        signal = _signal(name, shown, market) if confidence else None
    if signal is None or len(set(shown)) == 1:  # `xxxxxx` is what was struck out
        return None
    return Reading(first, first + len(shown.encode()), signal, confidence)


def _platform(piece: str) -> tuple[str, str] | None:
    """The platform that `piece` begins with, after one other character at most, and the rest."""
    found = _FIRST.match(piece)
    if found is None:
        return None
    word, rest = found[1].casefold(), piece[found.end() :]
    if word.isascii() and rest[:1].isascii() and rest[:1].isalpha():
        return None
    return _PLATFORMS[word], rest


def _confidence(platform: str, shown: str, label: str, join: str) -> float:
    """How sure it is that `shown` is a login and not the next word; 0 if nothing speaks for it."""
    if label or shown[0] == "@":
        return _LABELLED
    coded = any(char.isdigit() or char == "_" for char in shown)
    if any(sign in join for sign in ":=>"):
        return _LABELLED if coded else _LIKELY
    if platform == "qq" and shown.isdigit():
        return _LABELLED
    return _LIKELY if coded and not shown[0].isdigit() else 0.0


def _is_address(shown: str, after: bytes) -> bool:
    """Whether what stands where a login would is a link, an e-mail address or a host."""
    if after[:1] in (b"/", b"@") or after == b"://":
        return True
    name = shown.lower().rstrip(".-_")
    return "." in name and (name.startswith("www.") or name.rpartition(".")[2] in USUAL)


def _signal(platform: str, shown: str, market: str | None) -> Signal | None:
    try:
        return Signal(Kind.HANDLE, login(platform, shown, market))
    except Unreadable:
        return None
