"""How a text is written: spellings that people read and filters do not."""

from __future__ import annotations

import re
from typing import Final

from hueandcry.apps.detection.assessment import Span

_LOOKED_AT: Final = 2_000  #: code points
_LEAST_SPELT: Final = 3  #: words with digits for letters, or cut by signs; fewer are slips

#: A break that shows nothing, inside a Latin word; other scripts use it between words.
_INVISIBLE = re.compile(r"[A-Za-z]+(?:[\u00ad\u200b-\u200d\u2060-\u2064\ufeff][A-Za-z]+)+")
#: Letters of two alphabets in one word.
_MIXED = re.compile(
    r"\b(?=\w*[A-Za-z])(?=\w*[\u0370-\u03ff\u0400-\u04ff])[A-Za-z\u0370-\u03ff\u0400-\u04ff]{3,32}\b"
)
_SPELT = re.compile(
    r"\b[A-Za-z]{1,12}[0134@$][A-Za-z]{1,12}(?:[0134@$A-Za-z]{0,12})\b"
    r"|(?<![\w.])[A-Za-z]{1,4}(?:[.,:;'\"_^*|~!]{1,2}[A-Za-z]{1,4}){3,12}"
)
#: What every word of `_SPELT` holds: most texts hold none, and this is found out sooner.
_BROKEN = re.compile(r"[A-Za-z][0134@$.,:;'\"_^*|~!]{1,2}[A-Za-z]")


def hidden_spans(text: str) -> tuple[Span, ...]:
    """Words written to pass filters: invisible breaks, two alphabets, digits for letters."""
    text = text[:_LOOKED_AT]
    patterns = () if text.isascii() else (_INVISIBLE, _MIXED)
    found = [place.span() for pattern in patterns for place in pattern.finditer(text)]
    spelt = [place.span() for place in _SPELT.finditer(text)] if _BROKEN.search(text) else []
    if len(spelt) >= _LEAST_SPELT:
        found += spelt
    return tuple(sorted(found))
