"""A text as the model reads it: one spelling, and classes in place of what changes each time.

Letters become lower case without Latin accents, digits of every script become ASCII; addresses,
links and numbers become one sign for their class each. So `Chúc mừng 50.000đ` and `CHUC MUNG
20.000D` fold alike. `read` adds how numbers and hosts begin, which says more than their class.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from hueandcry.apps.detection.assessment import Span

MAX_READ = 4_000  #: code points of a text that are looked at

#: Signs for classes lie in the private use area: no text brings them along, `_Fold` drops them.
LINK, SHORT_LINK, CHAT_LINK, ODD_LINK, PUBLIC_LINK, STORE_LINK, MAIL = map(
    chr, range(0xE000, 0xE007)
)
LINKS: Final = frozenset((LINK, SHORT_LINK, CHAT_LINK, ODD_LINK, PUBLIC_LINK, STORE_LINK))
_NUMBERS = 0xE010  #: numbers by how many digits they have, and how these are set apart

_SHORTENERS: Final = re.compile(
    r"(?:.+\.)?(?:bit\.ly|bitly\.com|cutt\.ly|tinyurl\.com|is\.gd|goo\.gl|rb\.gy|shorturl\.at|s\.id|t\.co"
    r"|ow\.ly|v\.gd|u\.to|rebrand\.ly|tiny\.cc|t\.ly|t\.cn|url\.cn|dwz\.cn|suo\.im|lnkd\.in|gg\.gg"
    r"|surl\.li|tny\.im|clc\.li|bom\.so|by\.com\.vn|rplg\.co|qrco\.de|linktr\.ee|kutt\.it|x\.gd)"
)
_CHATS: Final = re.compile(
    r"(?:.+\.)?(?:wa\.me|whatsapp\.com|t\.me|telegram\.me|telegram\.dog|line\.me|lin\.ee|zalo\.me|m\.me"
    r"|messenger\.com|viber\.com|vb\.me|u\.wechat\.com|weixin\.qq\.com|signal\.me|discord\.gg)"
)
_STORES: Final = re.compile(r"(?:play\.google|apps\.apple|itunes\.apple)\.com")
_ODD: Final = re.compile(
    r".+\.(?:top|xyz|vip|cc|club|icu|buzz|cyou|sbs|cfd|bond|live|online|site|website|store|shop|fun"
    r"|space|click|link|work|win|bid|loan|men|rest|quest|monster|tk|ml|ga|cf|gq|pw|ws|su|ru|cam|lol"
    r"|mom|today|life|world|pro|info|one|best|digital|skin|beauty|hair|makeup|test|example|invalid"
    r"|[0-9]+)"
)
_PUBLIC: Final = re.compile(
    r"(?:.+\.)?(?:gov|go|gob|mil|edu|ac|gc)\.[a-z]{2}|.+\.(?:gov|edu|int|mil)"
)
_KINDS: Final = (
    (SHORT_LINK, _SHORTENERS),
    (CHAT_LINK, _CHATS),
    (STORE_LINK, _STORES),
    (PUBLIC_LINK, _PUBLIC),
    (ODD_LINK, _ODD),
)

#: Ends of names that are words of a language too: a host only after `www.` or before a path.
_WORDY = "me|to|is|it|so|in|at|my|la|id|be|am|go|no|de|us|as|do"
_ENDS = (
    "com|net|org|info|biz|top|xyz|vip|cc|co|club|icu|buzz|cyou|sbs|cfd|bond|live|online|site|website"
    "|store|shop|fun|space|click|link|work|win|bid|loan|asia|app|dev|pro|tk|ml|ga|cf|gq|pw|ws|ru|lol"
    "|life|world|today|one|digital|io|ai|gov|edu|int|mobi|name|tv|ly|ee|gl|gd|th|vn|sg|ph|kh|mm|cn"
    "|hk|tw|jp|kr|uk|eu|fr|es|ng|za|au|test|example|invalid"
)
_IN_PATH = r"[!#-&(-;=?-~]"
_ITEM: Final = re.compile(
    r"(?P<mail>[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5})"
    rf"|(?:h(?:tt|xx)ps?\s?:?\s?//\s?|www\.)(?P<url>{_IN_PATH}{{1,253}}){_IN_PATH}*"
    rf"|(?<![a-z0-9.@-])(?P<host>(?:[a-z0-9-]{{1,63}}\.){{1,6}}(?:(?:{_ENDS})(?![a-z0-9-])"
    rf"(?::[0-9]{{2,5}})?(?:[/?]{_IN_PATH}*)?|(?:{_WORDY})/{_IN_PATH}*))"
    r"|(?P<gone>[\[<](?:url|link)[\]>])"
    r"|(?=[0-9x*<&d])(?P<number>[0-9](?:[0-9x*]|[.,:/-](?=[0-9x*]))*|[x*]{3,}(?:[.,-]?[x*0-9]+)*"
    r"|(?:<|&lt;)(?:#|decimal|time)(?:>|&gt;)|\bdigit\b|\bxx\b"
    r"|(?<=[\u0e00-\u9fff])[x*]+(?=[\u0e00-\u9fff]))"
)
_PLAIN: Final = re.compile(r"[0-9][^x*]*")
_SPELT: Final = 32  #: signs of a host, and of its path, that are read
_DIGITS: Final = 8  #: of a number: more are a certain telephone or account
_LEET: Final = re.compile(r"(?<=[a-z])[013457@$](?=[a-z])")
_LEET_TO: Final = str.maketrans("013457@$", "oieastas")

#: Letters of other scripts that pass for Latin ones; none of the ten languages is written in them.
_ALIKE: Final = dict(
    zip("аеорсухіјѕԁһԛԝαενορτυχικлпмтвнкгьёй", "aeopcyxijsdhqwaevoptuxiklnmtbhkrbeu", strict=True)
)


class _Fold(dict[int, str]):
    """Code point → what it becomes; filled as code points are met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_sign(chr(code))
        return folded


def _fold_sign(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind in ("Cf", "Co", "Cs", "Cc") and sign not in "\t\n\r":
        return ""
    if kind == "Nd":
        return str(unicodedata.digit(sign))
    letters = unicodedata.normalize("NFKD", sign).lower().replace("đ", "d").replace("ı", "i")
    return "".join(
        _ALIKE.get(c, c) for c in letters if not 0x300 <= ord(c) <= 0x36F and c != "\ufe0f"
    )


_FOLD: Final = _Fold()


@dataclass(frozen=True, slots=True)
class Folded:
    """A text as it is scored, and the way back to the code points that were given."""

    text: str
    places: tuple[int, ...]  #: for each sign of `text`, where it began in what was given
    ends: tuple[int, ...]  #: and where what it stands for ended

    def span(self, start: int, end: int) -> Span:
        """The place in the given text of `text[start:end]`, which is not empty."""
        return self.places[start], self.ends[end - 1]


def fold(text: str) -> str:
    """`text` as the model reads it, from its first 4 000 code points; linear in its length."""
    return " ".join(_ITEM.sub(_class, _letters(text[:MAX_READ])).split())


def read(text: str) -> str:
    """`text` folded, and its numbers and hosts as they were written in a line of their own.

    Masked numbers (`<#>`, `XXX`) are not among them: only what made a data set writes those.
    """
    written: list[str] = []

    def take(found: re.Match[str]) -> str:
        spelt = found["url"] or found["host"] or ""
        number = found["number"] or ""
        if spelt or _PLAIN.fullmatch(number):
            written.append(spelt[:_SPELT] or number[:_DIGITS])
        return _class(found)

    folded = " ".join(_ITEM.sub(take, _letters(text[:MAX_READ])).split())
    return f"{folded}\n{' '.join(written)}" if written else folded


def fold_with_places(text: str) -> Folded:
    """The same, with the place that each sign came from; slower, for explanations."""
    text = text[:MAX_READ]
    pieces = [_FOLD[ord(sign)] for sign in text]
    origin = [n for n, piece in enumerate(pieces) for _ in piece]
    beyond = [place + 1 for place in origin]
    letters = _letters(text)
    signs: list[str] = []
    places: list[int] = []
    ends: list[int] = []

    def take(start: int, end: int) -> None:
        signs.extend(letters[start:end])
        places.extend(origin[start:end])
        ends.extend(beyond[start:end])

    at = 0
    for found in _ITEM.finditer(letters):
        start, end = found.span()
        take(at, start)
        for sign in _class(found):
            signs.append(sign)
            places.append(origin[start])
            ends.append(beyond[end - 1])
        at = end
    take(at, len(letters))
    return _squeezed(signs, places, ends)


def _squeezed(signs: list[str], places: list[int], ends: list[int]) -> Folded:
    """Runs of blanks as one, none at the edges: what `fold` does to a string."""
    kept = [
        n
        for n, sign in enumerate(signs)
        if not sign.isspace() or (n and not signs[n - 1].isspace())
    ]
    while kept and signs[kept[-1]].isspace():
        kept.pop()
    return Folded(
        "".join(" " if signs[n].isspace() else signs[n] for n in kept),
        tuple(places[n] for n in kept),
        tuple(ends[n] for n in kept),
    )


def _letters(text: str) -> str:
    letters = text.lower() if text.isascii() and text.isprintable() else text.translate(_FOLD)
    return _LEET.sub(lambda found: found[0].translate(_LEET_TO), letters)


def _class(found: re.Match[str]) -> str:
    """The sign of the class of one address, link or number."""
    which = found.lastgroup
    if which == "mail":
        return MAIL
    if which == "number":
        return _number(found[0])
    return LINK if which == "gone" else _link(found[which or 0])


def _link(text: str) -> str:
    host = re.split(r"[/?#:]", text, maxsplit=1)[0].removeprefix("www.").rstrip(".,;)")
    return next((sign for sign, kind in _KINDS if kind.fullmatch(host)), LINK)


def _number(text: str) -> str:
    """One sign for how many digits (or signs that mask them) there are, and how they are set."""
    digits = sum(sign.isdigit() or sign in "x*" for sign in text) if text[0] not in "<&d" else 2
    size = next(n for n, most in enumerate((2, 3, 4, 6, 8, 13, 10_000)) if digits <= most)
    set_apart = 1 if "," in text or "." in text else 2 if set(text) & set("/:-") else 0
    return chr(_NUMBERS + 3 * size + set_apart)
