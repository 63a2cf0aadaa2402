"""Items as both sides must write them: one canonical form, with its kind in front."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from hueandcry.core.errors import HueError, Malformed, NotPermitted
from hueandcry.core.normal import guess, normalise
from hueandcry.core.types import Kind, Signal

#: What is compared: a number, an account, a wallet; each names one holder.
KINDS: Final = (Kind.PHONE, Kind.BANK_ACCOUNT, Kind.WALLET)

#: So many numbers within so narrow a range are a range that was counted through, not a case.
SWEPT: Final = 20
WITHIN: Final = 200

_NAMED: Final = 5  #: faults that one refusal names
_IBAN: Final = re.compile(r"([A-Z]{2})[0-9]{2}([A-Z0-9]{11,30})")
_NUMBERED: Final = re.compile(r"(.*?)([0-9]{1,18})")


def read_item(text: str, market: str | None = None) -> str:
    """`phone:+66812345678` of any spelling, with or without its kind in front.

    `market` (ISO 3166 alpha-2) is where a number without a country code is read. Raises Unreadable
    for what is no value at all, Malformed for one of a kind that is not compared.
    """
    tag, colon, value = text.strip().partition(":")
    named = next((kind for kind in KINDS if colon and tag.strip().lower() == kind), None)
    signal = _read(named, value if named else text, market)
    if signal.kind not in KINDS:
        raise Malformed(
            "kind",
            f"This is a {signal.kind}, which is not compared",
            do=f"Give a {', '.join(KINDS[:-1])} or {KINDS[-1]}",
        )
    return f"{signal.kind}:{signal.value}"


def _read(kind: Kind | None, text: str, market: str | None) -> Signal:
    return guess(text, market=market) if kind is None else normalise(kind, text, market=market)


def read_items(lines: Iterable[str], market: str | None = None) -> list[str]:
    """The items of a list, one to a line, each once; blank lines and `#` lines say nothing.

    Raises Malformed, which names the first lines that cannot be read: nothing is left out quietly.
    """
    found, wrong = dict[str, None](), list[str]()
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            found[read_item(line, market)] = None
        except HueError as error:
            wrong.append(f"line {number}: {error.what}")
    if wrong:
        more = f", and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
        raise Malformed("items", "; ".join(wrong[:_NAMED]) + more, do="Correct or drop these lines")
    if not found:
        raise Malformed("no_items", "There is no item in this list")
    return list(found)


def check_not_swept(items: Iterable[str]) -> None:
    """Raises NotPermitted where the items count through a range of numbers.

    Whoever asks for every number of a range learns who is in the other side's cases. A box of cards
    bought together has neighbours too, but not twenty of them within two hundred.
    """
    for series, numbers in _series(items):
        for low, high in zip(numbers, islice(numbers, SWEPT - 1, None), strict=False):
            if high - low < WITHIN:
                raise NotPermitted(
                    "sequential",
                    f"{SWEPT} {series} numbers of this list lie within {high - low + 1}",
                    why="A range that is counted through is no case",
                    do="Give only what the case itself has brought up",
                )


def _series(items: Iterable[str]) -> Iterator[tuple[str, list[int]]]:
    """(kind, ascending numbers) of everything that is counted alike: one prefix, one length."""
    found = defaultdict[tuple[str, str, int], list[int]](list)
    for item in items:
        kind, _, value = item.partition(":")
        # Check digits make neighbours look far apart.
        numbered = None if kind == Kind.WALLET else _NUMBERED.fullmatch(_IBAN.sub(r"\1\2", value))
        if numbered is not None:
            found[kind, numbered[1], len(numbered[2])].append(int(numbered[2]))
    for (kind, _, _), numbers in found.items():
        yield kind, sorted(numbers)
