"""What a source may be, when it runs next, and when a list that shrank is not believed. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping as Dict
from dataclasses import asdict, dataclass, fields
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Final

from hueandcry.core import taxonomy
from hueandcry.core.errors import Malformed
from hueandcry.core.formats import FORMATS, Options
from hueandcry.core.types import MINUTE, SECOND, Kind, Micros, Tlp


class What(StrEnum):
    """How a source is fetched."""

    FILE = "file"
    FOLDER = "folder"
    MISP = "misp"
    TAXII = "taxii"
    HTTPS = "https"


#: What each is, for people.
MEANINGS: Final[dict[What, str]] = {
    What.FILE: "one file, read whole each time",
    What.FOLDER: "a folder; every new file is taken once",
    What.MISP: "a MISP feed: a folder or an https address with a manifest.json",
    What.TAXII: "a TAXII 2.1 server: address of its discovery, of an API root or of a collection",
    What.HTTPS: "one list at an https address, read whole when it has changed",
}


class Outcome(StrEnum):
    """How a run ended."""

    DONE = "done"
    UNCHANGED = "unchanged"  # nothing new since the last run
    PARTLY = "partly"  # what was taken is kept; the rest could not be had
    FAILED = "failed"
    LOST = "lost"  # whoever ran it is gone


#: What a run noticed about the other side: code → meaning.
PROBLEMS: Final[dict[str, str]] = {
    "looped": "The server named a page again that it had given before: the run stopped there.",
    "stuck": "The server says there is more and gives no way to it: equal times fill the page.",
    "empty_pages": "The server gave pages without objects one after the other.",
    "too_many_pages": "More pages than one run takes: the next run goes on from here.",
    "not_growing": "The server's dates of adding went back: they were not believed.",
    "no_dates": "The server does not say when objects were added: its clock was used.",
    "foreign_root": "The server named an API root at another address: it was not called.",
    "unreadable_collection": "A collection may not be read with these credentials.",
    "smaller_pages": "A page was too large: smaller ones were asked for.",
}

#: Rows of a run that are shown when they were rejected.
SAMPLE: Final = 20
#: A list that loses more than this share of what it held, and more than FEW, is not believed.
MOST_GONE: Final = 0.5
FEW: Final = 10
#: The longest wait after failures, and the first one.
LONGEST: Final[Micros] = 360 * MINUTE
_FIRST: Final[Micros] = MINUTE
#: An unchanged list is read again after this long, so that its claims are renewed.
RENEW: Final[Micros] = 1_440 * MINUTE

_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Mapping:
    """How the rows of a source are read, and what holds for all that do not say otherwise."""

    format: str = ""  #: empty: by its look
    column: str = ""
    kind: str = ""
    lure: str = ""
    method: str = ""
    tlp: str = "GREEN"
    confidence: int | None = None
    confidence_cap: int | None = None
    observables: bool | None = None
    without_ids: bool = False
    collections: tuple[str, ...] = ()  #: of a TAXII server, by id, alias or title; empty: all

    def options(self) -> Options:
        """The part of it that readers of formats know."""
        return Options(self.column or None, self.observables, self.without_ids)

    def stored(self) -> dict[str, Any]:
        """As JSON; `read_mapping` is its inverse."""
        return {**asdict(self), "collections": list(self.collections)}


def read_mapping(stored: Dict[str, Any]) -> Mapping:
    """A mapping from its JSON; what this version does not know is left out."""
    known = {field.name for field in fields(Mapping)}
    words = {name: value for name, value in stored.items() if name in known}
    words["collections"] = tuple(words.get("collections", ()))
    return Mapping(**words)


def check_mapping(mapping: Mapping) -> None:
    """Raises Malformed, which says what is taken."""
    if mapping.format and mapping.format not in FORMATS:
        raise Malformed("format", f"There is no format {mapping.format[:40]!a}", do=_one(FORMATS))
    if mapping.kind and mapping.kind not in set(Kind):
        raise Malformed("kind", f"There is no kind {mapping.kind[:40]!a}", do=_one(Kind))
    for name, code in (("lure", mapping.lure), ("method", mapping.method)):
        if code and not taxonomy.is_code(code):
            raise Malformed(name, f"{code[:40]!a} is no {name}", do="Write a code such as `sms`")
    try:
        Tlp.read(mapping.tlp)
    except KeyError:
        known = _one(tlp.wire for tlp in Tlp)
        raise Malformed("tlp", f"There is no TLP:{mapping.tlp[:40]}", do=known) from None
    for number in (mapping.confidence, mapping.confidence_cap):
        if number is not None and not 0 <= number <= 100:
            raise Malformed("confidence", f"{number} is no confidence", do="Use 0 to 100")


def _one(known: Any) -> str:
    return f"Use one of: {', '.join(known)}"


def check_name(name: str, what: str) -> None:
    """A name is lower-case letters, digits, dot, hyphen and underscore, at most 64."""
    if not _NAME.fullmatch(name):
        raise Malformed(
            what,
            f"{name[:80]!a} cannot be the name of a source or feed",
            do="Use lower-case letters, digits, dots, hyphens and underscores, at most 64",
        )


def check_every(minutes: int) -> None:
    if not 1 <= minutes <= 43_200:
        raise Malformed("every", f"Every {minutes} minutes?", do="Use 1 to 43200, which is 30 days")


def next_due(at: Micros, every: int, failures: int, retry_after: Micros | None = None) -> Micros:
    """When the source runs next: by its schedule, or after failures sooner and ever later."""
    regular = at + every * MINUTE
    if retry_after is not None:
        return at + min(max(retry_after, MINUTE), 4 * LONGEST)
    if not failures:
        return regular
    wait: Micros = min(_FIRST * 2 ** min(failures - 1, 20), LONGEST)
    return at + wait


def is_believed(held: int, gone: int) -> bool:
    """Whether a whole list may have lost this many of the values that it held."""
    return gone <= max(FEW, int(held * MOST_GONE))


def retry_after(field: str, at: Micros) -> Micros | None:
    """The wait that a Retry-After field asks for, in seconds or by a date (RFC 9110, 10.2.3)."""
    text = field.strip()
    if text.isascii() and text.isdigit():
        return int(text) * SECOND if len(text) <= 8 else None
    try:
        until = int(parsedate_to_datetime(text).timestamp()) * SECOND
    except (TypeError, ValueError, OverflowError):
        return None
    return max(0, until - at)
