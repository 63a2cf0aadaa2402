"""Sets as they are committed to and compared: padded to a step, in an order that says nothing.

Everything follows from the items and one secret key of 32 bytes, so that whoever holds both can
open the commitment later, as a whole or one item with its path.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Sequence
from typing import Final

from hueandcry.core import tlog
from hueandcry.core.errors import TooLarge

#: How large a set looks from outside: only these, so that nobody sees it grow.
SIZES: Final = (100, 1_000, 5_000)
MOST: Final = SIZES[-1]

_DUMMY: Final = "padding:"


def size_for(count: int) -> int:
    """The step that a set of so many items is padded to; raises TooLarge beyond the last."""
    for size in SIZES:
        if count <= size:
            return size
    raise TooLarge(
        "set", f"{count:,} items: a set has at most {MOST:,}", do="Split it by what is urgent"
    )


def padded(key: bytes, items: Collection[str], size: int) -> list[str]:
    """The items with as many dummies as the size lacks, ordered by their leaves.

    Dummies are random to everybody without the key, so none is ever found in another's set.
    """
    dummies = [f"{_DUMMY}{_keyed(key, f'dummy {n}').hex()}" for n in range(size - len(items))]
    return sorted([*items, *dummies], key=lambda item: _leaf(key, item))


def is_dummy(item: str) -> bool:
    return item.startswith(_DUMMY)


def commitment(key: bytes, whole: Sequence[str]) -> bytes:
    """The root (RFC 6962) over the padded set, in its order, each leaf under a salt of its own.

    Without the key not even a telephone number can be guessed from it.
    """
    return tlog.root([_leaf(key, item) for item in whole])


def _leaf(key: bytes, item: str) -> bytes:
    return tlog.leaf_hash(_keyed(key, f"salt {item}") + item.encode())


def _keyed(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
