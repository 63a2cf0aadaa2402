"""What a client asks for: `added_after`, `limit`, `next` and `match[…]`, read strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus

from hueandcry.apps.collections import face as collections
from hueandcry.core.errors import HueError, Malformed
from hueandcry.core.times import read_rfc3339
from hueandcry.core.types import Micros

#: Objects in one page: when nobody says, and at most.
USUAL: Final = 1_000
MOST: Final = 5_000
#: Values of one `match` at most: each is looked up.
MOST_VALUES: Final = 1_000

_PLACES: Final = frozenset({"first", "last", "all"})
_NEXT: Final = re.compile(r"a[0-9a-f]{1,16}")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: what matches, dated later than `after`, and how many at most."""

    filters: collections.Filters
    after: Micros
    limit: int
    names_version: bool = False


#: What each endpoint takes (TAXII 2.1 section 3.4 and 5); anything else is refused.
PAGED: Final = frozenset({"added_after", "limit", "next"})
MATCHES: Final = frozenset({"match[id]", "match[type]", "match[spec_version]", "match[version]"})
OBJECT: Final = PAGED | {"match[spec_version]", "match[version]"}
VERSIONS: Final = PAGED | {"match[spec_version]"}
DELETING: Final = frozenset({"match[spec_version]", "match[version]"})


def read_query(query: str, known: frozenset[str]) -> Asked:
    """A query string; raises Malformed with code `filter`, `added_after`, `limit` or `next`."""
    given = _pairs(query, known)
    after = max(_added_after(given.get("added_after")), _next(given.get("next")))
    limit = _limit(given.get("limit"))
    return Asked(_filters(given), after, limit, "match[version]" in given)


def next_text(upto: Micros) -> str:
    """The `next` by which a client goes on after this date; opaque to it."""
    return f"a{max(upto, 0):x}"


def _pairs(query: str, known: frozenset[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in query.split("&") if query else ():
        name, _, text = pair.partition("=")
        try:
            name, text = unquote_plus(name, errors="strict"), unquote_plus(text, errors="strict")
        except UnicodeDecodeError:
            raise Malformed("filter", "The query is not UTF-8") from None
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise Malformed("filter", f"{name[:60]!a} is no filter here", do=f"There are: {listed}")
        if name in found:
            raise Malformed("filter", f"{name} stands twice", do="Part several values by commas")
        found[name] = text
    return found


def _added_after(text: str | None) -> Micros:
    if text is None:
        return 0
    try:
        return read_rfc3339(text)
    except HueError as error:
        do = "Write it as 2026-01-31T23:59:59.000000Z"
        raise Malformed("added_after", f"{text[:60]!a} is not a time", do=do) from error


def _next(text: str | None) -> Micros:
    if text is None or text == "":  # taxii2-client sends an empty one
        return 0
    if not _NEXT.fullmatch(text):
        raise Malformed("next", "This `next` did not come from here", do="Begin without one")
    return min(int(text[1:], 16), 2**62)


def _limit(text: str | None) -> int:
    """Zero, which taxii2-client sends for "as you like", is as if nobody had said."""
    if text is None or text == "0":
        return USUAL
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < 1:
        raise Malformed("limit", f"{text[:20]!a} is no number of objects", do="Give 1 or more")
    return min(int(text), MOST)


def _filters(given: dict[str, str]) -> collections.Filters:
    places, versions = _versions(given.get("match[version]"))
    return collections.Filters(
        ids=_values(given, "id"),
        types=_values(given, "type"),
        spec_versions=_values(given, "spec_version"),
        places=places,
        versions=versions,
    )


def _values(given: dict[str, str], name: str) -> frozenset[str] | None:
    text = given.get(f"match[{name}]")
    if text is None:
        return None
    values = frozenset(text.split(","))
    if "" in values or len(values) > MOST_VALUES:
        raise Malformed(
            "filter", f"match[{name}] has 1 to {MOST_VALUES} values, none of them empty"
        )
    return values


def _versions(text: str | None) -> tuple[frozenset[str], frozenset[Micros]]:
    if text is None:
        return frozenset({"last"}), frozenset()
    words = text.split(",")
    try:
        times = frozenset(read_rfc3339(word) for word in words if word not in _PLACES)
    except HueError as error:
        do = "Use first, last, all, or times"
        raise Malformed("filter", "match[version] has other words", do=do) from error
    if len(times) > MOST_VALUES:
        raise Malformed("filter", f"match[version] has at most {MOST_VALUES} values")
    return _PLACES.intersection(words), times
