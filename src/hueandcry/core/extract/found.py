"""What was found in a text: signals and sums of money, each with the place where it stands."""

from __future__ import annotations

import msgspec

from hueandcry.core.types import Kind, Signal


class Found(msgspec.Struct, frozen=True, gc=False):
    """One signal as a text writes it; `text[start:end]` is what was read, in code points."""

    kind: Kind
    value: str  #: canonical (core.normal)
    start: int
    end: int
    #: 0 to 1: how sure it is that this is such a signal at all. From 0.9 its form or a word beside
    #: it says so, from 0.6 the form alone is usual; below 0.5 it is as likely something ordinary.
    confidence: float
    paid: bool = False  #: a telephone number that the text says is one to pay to

    @property
    def signal(self) -> Signal:
        return Signal(self.kind, self.value)


class Amount(msgspec.Struct, frozen=True, gc=False):
    """A sum of money as a text writes it."""

    value: str  #: decimal, without separators of thousands
    currency: str  #: ISO 4217, or the ticker of a coin; empty where the text does not say
    start: int
    end: int


class OpenAccount(msgspec.Struct, frozen=True, gc=False):
    """Digits that look like a bank account of which the text does not say the bank."""

    digits: str
    start: int
    end: int


class Extraction(msgspec.Struct, frozen=True):
    """All that was found in one text, each list in the order of the text."""

    signals: tuple[Found, ...] = ()
    amounts: tuple[Amount, ...] = ()
    accounts: tuple[OpenAccount, ...] = ()
    cut: bool = False  #: the text was longer, or held more, than what is looked at
