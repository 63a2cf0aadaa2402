"""What two members compare without showing it: items, padded sets, turns, what is out of the usual.

The points on the curve are the affair of a library; everything around them is decided here.
"""

from hueandcry.core.matching.items import KINDS, check_not_swept, read_item, read_items
from hueandcry.core.matching.sets import MOST, SIZES, commitment, is_dummy, padded, size_for
from hueandcry.core.matching.turns import (
    LAST,
    Alarm,
    Role,
    State,
    after,
    check_budget,
    method,
    read_method,
    speaker,
    unusual,
)

__all__ = [
    "KINDS",
    "LAST",
    "MOST",
    "SIZES",
    "Alarm",
    "Role",
    "State",
    "after",
    "check_budget",
    "check_not_swept",
    "commitment",
    "is_dummy",
    "method",
    "padded",
    "read_item",
    "read_items",
    "read_method",
    "size_for",
    "speaker",
    "unusual",
]
