"""The only place where text becomes a signal: one canonical form per kind.

Two people who write the same thing differently get the same signal, and so the same id.
"""

from hueandcry.core.normal.examples import Example, examples
from hueandcry.core.normal.guessing import guess
from hueandcry.core.normal.keys import lookups
from hueandcry.core.normal.suffixes import registrable
from hueandcry.core.normal.table import normalise
from hueandcry.core.normal.text import MAX_URL, MAX_VALUE

__all__ = [
    "MAX_URL",
    "MAX_VALUE",
    "Example",
    "examples",
    "guess",
    "lookups",
    "normalise",
    "registrable",
]
