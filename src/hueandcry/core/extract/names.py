"""Accounts on platforms in a text: the name of a platform, and the login written beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import re2

from hueandcry.core.errors import Unreadable
from hueandcry.core.extract.page import Page, Reading, places
from hueandcry.core.normal.handles import login
from hueandcry.core.types import Kind, Signal

#: Platforms of core.normal.handles, and how messages write them.
_SPELT = {
    "line": "line|ไลน์|ไลน|แอดไลน์|แอดไลน|ไลน์ไอดี|ไอดีไลน์|ลาย|ລາຍ|赖",
    "telegram": "telegram|tele gram|tele|tg|เทเลแกรม|เทเลแกม|ເທເລແກຣມ|តេឡេក្រាម|តេលេក្រាម|တယ်လီဂရမ်|电报|飞机|纸飞机",
    "whatsapp": "whatsapp|whats app|whatapp|watsapp|wasap|wassap|wa|ws|w.a|วอทแอป|วอตส์แอป|ວອດແອັບ|វ៉ាត់សាប់",
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


def _is_latin(word: str) -> bool:
    return word.isascii()


_WORD = (
    rf"(?:(?:^|[^0-9A-Za-z_.@/-])(?:{'|'.join(map(re2.escape, filter(_is_latin, _BY_LENGTH)))})"
    rf"|(?:{'|'.join(re2.escape(word) for word in _BY_LENGTH if not _is_latin(word))}))"
)
#: What may stand between a platform and a login, and says that a login follows.
_LABEL = (
    r"(?:id|ไอดี|user(?:name)?|acc(?:ount)?|nick|name|number|no\.?|num|hp|official|oa|admin"
    r"|号码|号|帐号|账号|số|so|nomor|nombor|เบอร์|ลงทะเบียน|លេខ|ເບີ|နံပါတ်)"
)
_JOIN = r"[\s:=>~()-]*(?:is|là|คือ|ที่|นี้|at|มาที่|ជា|ແມ່ນ)?[\s:=>~()-]*"
_LOGIN = r"(?:\+?\(?[0-9](?:[ .()-]{0,2}[0-9]){5,}|[@+]?[0-9A-Za-z][0-9A-Za-z._-]{2,39})"
_NAMED = re2.compile(rf"(?i){_WORD}(?:\s?{_LABEL})?{_JOIN}{_LOGIN}".encode())
_MENTION = re2.compile(rb"(?:^|[^0-9A-Za-z._@/-])@[0-9A-Za-z][0-9A-Za-z._-]{2,31}")
_ANY_WORD = re2.compile(rf"(?i){_WORD}(?:$|[^0-9A-Za-z])".encode())

# What follows sees one such piece, whose length is bounded.
_LONGEST = 160
_NEAR = 120  #: octets before a mention in which the platform may be named
_TAIL = re.compile(rf"(?is)(?P<between>.*?)(?P<login>{_LOGIN})\Z")
_DIGITS = re.compile(r"\+?\(?[0-9][0-9 .()-]{4,}")
_NUMBER, _LABELLED, _LIKELY = 0.92, 0.9, 0.7
