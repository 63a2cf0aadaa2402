"""Which of the ten languages a text is in, with an honest confidence and what it may be as well.

Scripts decide where a script belongs to one language; the rest is told apart by py3langid, which
is restricted to the ten. It is loaded once, when the first text needs it (0.9 s, 60 MB).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from threading import Lock
from typing import Final

from hueandcry.apps.detection.identifying import Identifier

#: The ten, in the order in which doors show them; `zh` is Chinese in either script.
LANGUAGES: Final = ("en", "th", "vi", "id", "ms", "km", "lo", "my", "fil", "zh")
UNDECIDED: Final = "und"

LOOKED_AT = 1_000  #: code points by whose script a text is told
READ = 240  #: code points that are told apart by their words: more change nothing
LEAST_LETTERS = 3  #: fewer say nothing
SURE = 0.55  #: below it the language is named as a rival only

#: Script → language. Kana or Hangul beside Han is not Chinese.
_SCRIPTS: Final = (
    ("th", re.compile(r"[\u0e01-\u0e5b]")),
    ("lo", re.compile(r"[\u0e81-\u0edf]")),
    ("km", re.compile(r"[\u1780-\u17d3]")),
    ("my", re.compile(r"[\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f]")),
    ("zh", re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ebef]")),
)
_FOREIGN = re.compile(r"[\u0370-\u05ff\u0600-\u0dff\u3040-\u30ff\uac00-\ud7af\u10a0-\u137f]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
#: What says nothing about a language: addresses, digits, signs.
_NOISE = re.compile(r"(?:https?://|www\.)\S+|(?<![^\W\d_])\S+@\S+|[\d\W_]+")
#: A syllable of a language that shares its letters counts as much as a whole Latin word.
_DENSE = 4

#: Marks that only Vietnamese has.
_VIETNAMESE = re.compile(r"[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.I)
_NAMES: Final = {"tl": "fil"}
#: Neighbours in the same letters: a text in one of them is in none of the ten, and says so.
_OUTSIDE: Final = ("cs", "de", "es", "fr", "hu", "it", "nl", "pl", "pt", "ro", "sv", "tr")
_LOCK = Lock()


@dataclass(frozen=True, slots=True)
class Language:
    """The language of a text; `und` with its rivals where it cannot be told."""

    code: str = UNDECIDED
    confidence: float = 0.0
    rivals: tuple[str, ...] = ()
    is_foreign: bool = False  #: none of the ten, as far as can be told

    @property
    def nearest(self) -> str:
        """The likeliest language where it is not certain; `und` where there is none."""
        return self.rivals[0] if self.code == UNDECIDED and self.rivals else self.code


def language_of(text: str) -> Language:
    """The language of `text`, from its first thousand characters; never raises."""
    return languages_of([text])[0]


def languages_of(texts: Sequence[str]) -> list[Language]:
    """The language of each text; many at once cost a tenth of one after the other."""
    found = [_by_script(text[:LOOKED_AT]) for text in texts]
    words = {n: _words(texts[n]) for n, language in enumerate(found) if language is None}
    words = {n: told for n, told in words.items() if _letters(told) >= LEAST_LETTERS}
    if words:
        shares = _identifier().shares(list(words.values())).tolist()
        for (n, told), row in zip(words.items(), shares, strict=True):
            found[n] = _by_words(told, row)
    return [language or Language() for language in found]


def _by_script(text: str) -> Language | None:
    """What the letters alone say; None where they are Latin."""
    if text.isascii():
        return None
    counts = {code: len(script.findall(text)) for code, script in _SCRIPTS}
    latin, foreign = len(_LATIN.findall(text)), len(_FOREIGN.findall(text))
    best = max(counts, key=lambda code: counts[code])
    found = counts[best]
    if foreign > max(found, latin) or (best == "zh" and foreign * 4 > found):
        return Language(is_foreign=True)
    if found * _DENSE < latin or not found:
        return None
    others = sum(counts.values()) - found
    confidence = found / (found + others + latin / _DENSE)
    return Language(best, round(confidence, 3), _beside(counts, best, latin))


def _beside(counts: dict[str, int], best: str, latin: int) -> tuple[str, ...]:
    """Other languages of which the text holds a good part."""
    found = [code for code, n in counts.items() if code != best and n * 3 > counts[best]]
    return (*found, "en") if latin > counts[best] else tuple(found)


def _words(text: str) -> str:
    return _NOISE.sub(" ", text[:READ]).strip()


def _letters(words: str) -> int:
    return len(words) - words.count(" ")


def _by_words(words: str, shares: Sequence[float]) -> Language:
    """What is likeliest by the share of each language that py3langid knows."""
    ranked = sorted(zip(_identified(), shares, strict=True), key=itemgetter(1), reverse=True)
    if _VIETNAMESE.search(words):
        ranked.sort(key=lambda each: each[0] != "vi")
        ranked[0] = ("vi", max(ranked[0][1], 0.9))
    (code, share), rivals = ranked[0], ranked[1:]
    confidence = round(share * _trust(_letters(words)), 3)
    near = tuple(
        other
        for other, p in rivals
        if other in LANGUAGES and (p > 0.15 or {code, other} == {"id", "ms"})
    )
    if code in _OUTSIDE:
        return Language(UNDECIDED, confidence, is_foreign=confidence >= SURE)
    if confidence < SURE:
        return Language(UNDECIDED, confidence, (code, *near))
    return Language(code, confidence, near)


def _trust(letters: int) -> float:
    """How far a share of so few letters may be believed: half at 5, nine tenths at 45."""
    return letters / (letters + 5)


@cache
def _loaded() -> Identifier:
    return Identifier(["en", "vi", "id", "ms", "tl", *_OUTSIDE])


def _identifier() -> Identifier:
    """The one identifier of this process; two threads that ask first load it once."""
    with _LOCK:
        return _loaded()


@cache
def _identified() -> tuple[str, ...]:
    """The codes of its columns, as we name them."""
    return tuple(_NAMES.get(code, code) for code in _identifier().codes)
