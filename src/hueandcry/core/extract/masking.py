"""Which parts of a narrative are likely personal, so that a screen hides them until asked.

Nobody can tell from a text whose number it is: everything that could be the reporter's is taken.
What identifies an address of a scam alone (a link, a host, a wallet, an app) stays to be read.
"""

from __future__ import annotations

from hueandcry.core.extract.folding import fold
from hueandcry.core.extract.found import Extraction
from hueandcry.core.extract.identities import identity_places
from hueandcry.core.extract.reading import MAX_TEXT
from hueandcry.core.types import Kind

Span = tuple[int, int]  # code points of the text, start and end

_HIDDEN = frozenset({Kind.PHONE, Kind.EMAIL, Kind.BANK_ACCOUNT})


def personal_spans(text: str, extraction: Extraction) -> tuple[Span, ...]:
    """Rising spans, apart from each other, of telephone numbers, e-mail, accounts, cards and ids.

    `extraction` is that of the same text. What lies beyond MAX_TEXT was not looked at; a screen
    hides it whole.
    """
    folded = fold(text[:MAX_TEXT])
    spans = folded.origins(identity_places(folded.data))
    spans += [(found.start, found.end) for found in extraction.signals if found.kind in _HIDDEN]
    spans += [(account.start, account.end) for account in extraction.accounts]
    return tuple(_joined(sorted(spans)))


def _joined(spans: list[Span]) -> list[Span]:
    """Sorted spans, those that touch as one."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
