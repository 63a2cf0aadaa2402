"""The scam taxonomy in plain words; a code that is not here is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise, lazy

from hueandcry.core import taxonomy
from hueandcry.core.taxonomy import Term
from hueandcry.doors.desk.languages import reading

Words = str | Promise


def _said(term: Term) -> str:
    return term.words.get(reading()) or term.words["en"]


_lazily = lazy(_said, str)


def _in_words(terms: Mapping[str, Term]) -> dict[str, Words]:
    """Each code with its words, which are looked up in the reader's language when shown."""
    return {code: _lazily(term) for code, term in terms.items()}


LURES: Final = _in_words(taxonomy.LURES)
METHODS: Final = _in_words(taxonomy.METHODS)
#: Those that somebody can be asked about: where they met the scam.
MEETINGS: Final = {code: METHODS[code] for code in METHODS if code != taxonomy.PAYMENT_PROXY}
RAILS: Final = _in_words(taxonomy.RAILS)


def named(lure: str, method: str) -> list[str]:
    """The lure and the method of a claim, as far as it says them."""
    pairs = ((LURES, lure), (METHODS, method))
    return [str(words.get(code, code)) for words, code in pairs if code]
