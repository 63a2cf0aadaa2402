"""A TAXII 2.1 client for any server: finds collections, reads pages, and never goes in circles.

Where the next page begins is the server's word (`next`, `X-TAXII-Date-Added-Last`), which is
checked against what it said before: a server that mis-pages costs a run, never a loop.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote, urljoin

from hueandcry.apps.sources.calling import MAX_LIST, MAX_PAGE, Caller, origin
from hueandcry.core import jcs
from hueandcry.core.errors import HueError, Malformed, NotFound, Unreachable
from hueandcry.core.formats import bundles
from hueandcry.core.times import read_rfc3339, time_text
from hueandcry.core.types import SECOND, Micros
from hueandcry.engine.egress.client import Response

MEDIA: Final = "application/taxii+json;version=2.1"
#: Pages of one collection in one run, and objects of a page: asked for, and fewer if too large.
MOST_PAGES: Final = 2_000
LIMITS: Final = (1_000, 100, 10, 1)
#: Asked for where equal times fill a page and the server gives no other way on.
WIDER: Final = (10_000, 100_000)
_EMPTY: Final = 3
_ROOTS: Final = 20
_COLLECTIONS: Final = 500


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection that may be read."""

    url: str  #: with its slash at the end
    id: str
    title: str
    alias: str

    def is_named(self, wanted: Sequence[str]) -> bool:
        return not wanted or not {self.id, self.title, self.alias}.isdisjoint(wanted)


@dataclass(frozen=True, slots=True)
class Page:
    """Objects as their bytes, and up to when they were added."""

    objects: list[bytes]
    after: str  #: what to ask from next time; empty while the page does not move it
    last: bool  #: nothing more for now


class Client:
    """Reads one server; what it notices about it is counted in `problems`."""

    def __init__(self, caller: Caller, address: str) -> None:
        self._caller = caller
        self._address = address if address.endswith("/") or "?" in address else f"{address}/"
        self.problems: Counter[str] = Counter()

    # --- where things are ------------------------------------------------------------------------

    def collections(self, wanted: Sequence[str]) -> list[Collection]:
        """The collections that may be read, of those wanted (by id, alias or title; none: all).

        Raises NotFound for one that is wanted and not there, so that nobody waits in vain.
        """
        found = [each for each in self._all() if each.is_named(wanted)]
        names = {name for each in found for name in (each.id, each.title, each.alias)}
        missing = [name for name in wanted if name not in names]
        if missing:
            raise NotFound(
                "collection",
                f"The server shows no readable collection {missing[0][:80]!a}",
                do="Check its id, and what these credentials may read",
            )
        return found

    def _all(self) -> Iterator[Collection]:
        document = self._document(self._address)
        if "can_read" in document:
            yield from self._readable([document], self._address.rstrip("/").rpartition("/")[0])
            return
        for root in self._roots(document):
            listed = self._document(_below(root, "collections/")).get("collections", [])
            yield from self._readable(listed, _below(root, "collections"))

    def _roots(self, document: dict[str, Any]) -> list[str]:
        """The API roots of a discovery, or the one that was asked; only at the same origin."""
        if "api_roots" not in document and "default" not in document:
            return [self._address]
        listed = document.get("api_roots") or [document.get("default")]
        if not isinstance(listed, list):
            raise _misshapen("api_roots")
        found = []
        for each in listed[:_ROOTS]:
            root = urljoin(self._address, each) if isinstance(each, str) else ""
            if _is_same(root, self._address):
                found.append(root)
            else:
                self.problems["foreign_root"] += 1
        return list(dict.fromkeys(found))

    def _readable(self, listed: Any, base: str) -> Iterator[Collection]:
        if not isinstance(listed, list):
            raise _misshapen("collections")
        for each in listed[:_COLLECTIONS]:
            if not isinstance(each, dict) or not isinstance(each.get("id"), str):
                raise _misshapen("collections")
            if each.get("can_read") is not True:
                self.problems["unreadable_collection"] += 1
                continue
            title, alias = (each.get(name) for name in ("title", "alias"))
            yield Collection(
                f"{base}/{quote(each['id'], safe='')}/",
                each["id"],
                title if isinstance(title, str) else "",
                alias if isinstance(alias, str) else "",
            )

    def _document(self, url: str) -> dict[str, Any]:
        answer = self._caller.get(url, {"Accept": MEDIA})
        value = jcs.parse(_json(answer), max_bytes=MAX_PAGE, floats=True)
        if not isinstance(value, dict):
            raise _misshapen("answer")
        return value

    # --- pages -----------------------------------------------------------------------------------

    def pages(self, collection: Collection, after: str) -> Iterator[Page]:
        """Every page since `after` (a time of the server's, or empty), until there is no more."""
        walk = _Walk(after)
        for _ in range(MOST_PAGES):
            answer = self._page(collection, walk)
            page = walk.take(answer, self.problems)
            yield page
            if page.last or walk.stopped:
                return
        self.problems["too_many_pages"] += 1

    def _page(self, collection: Collection, walk: _Walk) -> Response:
        """One page; a smaller one where the first is greater than is read."""
        while True:
            url = f"{collection.url}objects/?{walk.query()}"
            try:
                return self._caller.get(url, {"Accept": MEDIA}, MAX_LIST)
            except Unreachable as refused:
                if refused.code != "too_large" or not walk.smaller():
                    raise
                self.problems["smaller_pages"] += 1


class _Walk:
    """Where one collection has been read to, and every way on that was tried.

    What is added at the same instant may be split between two pages. So without a `next` the walk
    asks again from just before the last instant, and only the last page's instant is a mark that
    leaves nothing behind.
    """

    def __init__(self, after: str) -> None:
        self._asked_after = after
        self._next = ""
        self._seen: set[str] = set()
        self._small = 0  # place in LIMITS
        self._wide = 0  # place in WIDER, from 1
        self._empty = 0
        self._dated = False
        self._clock: Micros | None = None
        self._reached: Micros | None = read_rfc3339(after) if after else None
        self.stopped = False

    def query(self) -> str:
        """The query of the next request."""
        limit = WIDER[self._wide - 1] if self._wide else LIMITS[self._small]
        words = [f"limit={limit}"]
        if self._asked_after:
            words.insert(0, f"added_after={quote(self._asked_after, safe=':')}")
        if self._next:
            words.append(f"next={quote(self._next, safe='')}")
        return "&".join(words)

    def smaller(self) -> bool:
        """Asks for less; False when there is no less."""
        if self._wide or self._small + 1 == len(LIMITS):
            return False
        self._small += 1
        return True

    def take(self, answer: Response, problems: Counter[str]) -> Page:
        """The page of an answer, and the way on from it."""
        document = _json(answer)
        found = bundles.objects(document) if document.strip() else []
        more, following = bundles.envelope_end(document) if document.strip() else (False, "")
        if self._clock is None:
            self._clock = _clock(answer)
        moved = self._move(answer.headers.get("x-taxii-date-added-last", ""), problems)
        if more:
            self._go_on(following, moved, bool(found), problems)
            return Page(found, self._mark(back=1), False)
        if found and not self._dated and self._clock is not None:
            problems["no_dates"] += 1
            self._reached = max(self._reached or self._clock, self._clock)
        return Page(found, self._mark(back=0), True)

    def _mark(self, back: Micros) -> str:
        return "" if self._reached is None else time_text(self._reached - back)

    def _move(self, last: str, problems: Counter[str]) -> bool:
        """Takes the newest time of adding that the server names, never one before another."""
        if not last:
            return False
        try:
            named = read_rfc3339(last)
        except HueError:
            problems["not_growing"] += 1
            return False
        self._dated = True
        if self._reached is not None and named <= self._reached:
            if named < self._reached:
                problems["not_growing"] += 1
            return False
        self._reached = named
        return True

    def _go_on(self, following: str, moved: bool, any_found: bool, problems: Counter[str]) -> None:
        self._empty = 0 if any_found else self._empty + 1
        if self._empty >= _EMPTY:
            self._stop("empty_pages", problems)
        elif following:
            if following in self._seen:
                self._stop("looped", problems)
            self._seen.add(following)
            self._next = following
        elif moved:
            self._asked_after, self._next, self._wide = self._mark(back=1), "", 0
        elif self._wide < len(WIDER):
            self._wide += 1  # equal times fill the page: a wider one may reach beyond them
        else:
            self._stop("stuck", problems)

    def _stop(self, code: str, problems: Counter[str]) -> None:
        problems[code] += 1
        self.stopped = True


def _is_same(root: str, address: str) -> bool:
    try:
        return bool(root) and origin(root) == origin(address)
    except ValueError:
        return False


def _below(root: str, name: str) -> str:
    return f"{root.rstrip('/')}/{name}"


def _json(answer: Response) -> bytes:
    """The body of an answer that says that it is JSON; other types are not looked into."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (
        "application/taxii+json",
        "application/json",
        "application/vnd.oasis.taxii+json",
    ):
        raise Malformed(
            "media_type",
            f"The server answered with {kind[:60] or 'no media type'!a}",
            why=f"TAXII 2.1 is {MEDIA}",
            do="Check the address: it may be a web page",
        )
    return answer.body


def _clock(answer: Response) -> Micros | None:
    """The server's own time, a second early: what is added later is later than this."""
    try:
        stated = parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
    return int(stated - 1) * SECOND


def _misshapen(name: str) -> Malformed:
    return Malformed("taxii_shape", f"This is no TAXII 2.1 {name}", do="Check the address")
