"""What rests sealed under the node's secret, and how people are called outside it."""

from __future__ import annotations

from typing import Final

from hueandcry.engine.keys.own import own

_CONTEXT: Final = "evidence"
_PSEUDONYM: Final = "pseudonym"


def seal(plain: str) -> str:
    """A text that only this node can read; nothing stays nothing."""
    return own().seal(_CONTEXT, plain.encode("utf-8", "surrogatepass")) if plain else ""


def opened(sealed: str) -> str:
    """What `seal` was given; empty of what was erased."""
    if not sealed:
        return ""
    return own().open_sealed(_CONTEXT, sealed).decode("utf-8", "surrogatepass")


def pseudonym(person: int) -> str:
    """What one of our people is called in records: always the same, and nobody else can tell."""
    return _pseudonym(str(person))


def pseudonym_of_name(name: str) -> str:
    """The same for somebody who is known here by name alone, such as who collected a thing."""
    return _pseudonym(f"name\n{name.casefold().strip()}")


def _pseudonym(who: str) -> str:
    return "p-" + own().mac(_PSEUDONYM, who.encode()).hex()[:16]
