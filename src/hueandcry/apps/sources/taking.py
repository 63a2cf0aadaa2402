"""Fetching a source in portions: rows, and the marks that may be set once they are durable.

What a portion's marks say is true only after its rows are; whoever takes portions sets them then,
so a run may be killed anywhere and goes on from there.
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hueandcry.apps.sources import rules
from hueandcry.apps.sources.calling import MAX_LIST, Caller
from hueandcry.apps.sources.rules import What
from hueandcry.apps.sources.taxii import Client
from hueandcry.core import formats
from hueandcry.core.errors import HueError, NotFound
from hueandcry.core.formats import Account, Row, bundles, misp, misp_events
from hueandcry.core.types import Micros

#: The mark of a whole list: its digest and when it was read.
CONTENT: Final = "content"
VALIDATORS: Final = "validators"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be fetched, apart from the row that says so."""

    what: What
    address: str
    mapping: rules.Mapping
    gone: str = "keep"


@dataclass(frozen=True, slots=True)
class Portion:
    """Rows that are taken together, and part → value to remember when they are durable."""

    rows: Iterable[Row]
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Taking:
    """One fetching: what it found besides rows."""

    account: Account = field(default_factory=Account)
    problems: Counter[str] = field(default_factory=Counter)
    pages: int = 0
    unchanged: bool = False
    #: Whether the portions together are the list as it now is, so that what is not in it is gone.
    whole: bool = False
    damage: HueError | None = None


def portions(
    plan: Plan, marks: Mapping[str, str], caller: Caller, at: Micros, taking: Taking
) -> Iterator[Portion]:
    """The source since these marks, a portion at a time; raises what keeps it from being read."""
    return _FETCH[plan.what](plan, marks, caller, at, taking)


# --- one whole list ------------------------------------------------------------------------------


def _file(
    plan: Plan, marks: Mapping[str, str], caller: Caller, at: Micros, taking: Taking
) -> Iterator[Portion]:
    path = Path(plan.address)
    if not path.is_file():
        raise NotFound("file", f"There is no file {plan.address}")
    digest = _digest_of(path)
    mark = {CONTENT: f"{digest} {at}"}
    if _is_held(marks.get(CONTENT, ""), digest, at):
        taking.unchanged = True
        return
    with path.open("rb") as file:
        yield from _list(formats.Stream(file), path.name, plan, mark, taking)


def _https(
    plan: Plan, marks: Mapping[str, str], caller: Caller, at: Micros, taking: Taking
) -> Iterator[Portion]:
    tag, _, changed = marks.get(VALIDATORS, "").partition("\n")
    renew = not _is_young(marks.get(CONTENT, ""), at)
    asked = {} if renew else {"If-None-Match": tag, "If-Modified-Since": changed}
    answer = caller.get(plan.address, {k: v for k, v in asked.items() if v}, MAX_LIST)
    taking.pages = 1
    digest = hashlib.sha256(answer.body).hexdigest()
    if answer.status == 304 or _is_held(marks.get(CONTENT, ""), digest, at):
        taking.unchanged = True
        return
    tag, changed = (answer.headers.get(name, "") for name in ("etag", "last-modified"))
    mark = {CONTENT: f"{digest} {at}", VALIDATORS: f"{tag[:200]}\n{changed[:60]}"}
    name = plan.address.partition("?")[0].rpartition("/")[2]
    yield from _list(formats.Stream(io.BytesIO(answer.body)), name, plan, mark, taking)


def _list(
    stream: formats.Stream, name: str, plan: Plan, mark: Mapping[str, str], taking: Taking
) -> Iterator[Portion]:
    """One whole list. It counts as whole only if its end could be read."""
    known = _known(plan, name, stream)
    yield Portion(known.read(stream, plan.mapping.options(), taking.account))
    if stream.damage is not None:
        taking.damage = stream.damage
        return
    taking.whole = True
    yield Portion((), mark)


def _known(plan: Plan, name: str, stream: formats.Stream) -> formats.Format:
    """The format that the mapping names, or that the list looks like."""
    if plan.mapping.format:
        return formats.format_of(plan.mapping.format)
    return formats.sniff(name, stream.head, plan.mapping.options())


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_held(mark: str, digest: str, at: Micros) -> bool:
    """Whether this very content was taken, and lately enough that its claims are fresh."""
    return mark.partition(" ")[0] == digest and _is_young(mark, at)


def _is_young(mark: str, at: Micros) -> bool:
    taken = mark.partition(" ")[2]
    return taken.isdigit() and 0 <= at - int(taken) < rules.RENEW


# --- a folder of files ---------------------------------------------------------------------------


def _folder(
    plan: Plan, marks: Mapping[str, str], caller: Caller, at: Micros, taking: Taking
) -> Iterator[Portion]:
    """Every new file once, by its digest; hidden ones and folders are left alone."""
    folder = Path(plan.address)
    if not folder.is_dir():
        raise NotFound("folder", f"There is no folder {plan.address}")
    found = False
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or not path.is_file() or path.is_symlink():
            continue
        part = f"sha256:{_digest_of(path)}"
        if part in marks:
            continue
        found = True
        yield from _one_of_folder(path, part, plan, taking)
    taking.unchanged = not found


def _one_of_folder(path: Path, part: str, plan: Plan, taking: Taking) -> Iterator[Portion]:
    """One file; one that cannot be read as its format is one bad row, and is not tried again."""
    mark = {part: path.name[:300]}
    options = plan.mapping.options()
    with path.open("rb") as file:
        stream = formats.Stream(file)
        known = _known(plan, path.name, stream)
        yield Portion(_guarded(lambda: known.read(stream, options, taking.account), path.name))
        taking.pages += 1
        if stream.damage is None:
            yield Portion((), mark)
        else:
            taking.damage = stream.damage  # it may still be being written: it is tried again


def _guarded(rows: Callable[[], Iterable[Row]], name: str) -> Iterator[Row]:
    try:
        yield from rows()
    except HueError as refused:
        yield Row(0, name, fault=refused.code)


# --- a MISP feed ---------------------------------------------------------------------------------


def _misp(
    plan: Plan, marks: Mapping[str, str], caller: Caller, at: Micros, taking: Taking
) -> Iterator[Portion]:
    """Events that are new or newer. Where what is gone counts, every event is read each time."""
    fetch = _feed_reader(plan.address, caller)
    listed = misp_events.read_manifest(fetch(misp_events.MANIFEST))
    whole = plan.gone == "retract"
    new = [e for e in listed if whole or marks.get(f"event:{e.uuid}") != _version(e)]
    taking.unchanged = not new
    bad = False
    for event in new:
        rows = list(_guarded(lambda event=event: _event(event, fetch, plan, taking), event.uuid))  # type: ignore[misc]
        failed = any(row.n == 0 and row.fault for row in rows)
        bad = bad or failed
        taking.pages += 1
        mark = {} if failed else {f"event:{event.uuid}": _version(event)}
        yield Portion(rows, mark)
    taking.whole = whole and not bad and bool(listed)


def _version(event: misp_events.Listed) -> str:
    return f"{event.timestamp} {event.sha256}"


def _event(
    event: misp_events.Listed, fetch: Callable[[str], bytes], plan: Plan, taking: Taking
) -> Iterator[Row]:
    document = fetch(f"{event.uuid}.json")
    event.check(document)
    yield from misp.rows(misp.parsed(document), plan.mapping.options(), taking.account)


def _feed_reader(address: str, caller: Caller) -> Callable[[str], bytes]:
    """A function from the name of a file of the feed to its bytes."""
    base = address.removesuffix(misp_events.MANIFEST).rstrip("/")
    if base.startswith(("https://", "http://")):
        return lambda name: caller.get(f"{base}/{name}", {}, MAX_LIST).body

    def read(name: str) -> bytes:
        path = Path(base) / name
        if not path.is_file() or path.is_symlink():
            raise NotFound("file", f"There is no file {name} in {base}")
        with path.open("rb") as file:
            return formats.Stream(file).document()

    return read


# --- a TAXII server ------------------------------------------------------------------------------


def _taxii(
    plan: Plan, marks: Mapping[str, str], caller: Caller, at: Micros, taking: Taking
) -> Iterator[Portion]:
    """Every page of every wanted collection since its mark; the mark moves with each page."""
    client = Client(caller, plan.address)
    taking.problems = client.problems
    options = plan.mapping.options()
    if options.observables is None:
        options = formats.Options(options.column, False, options.without_ids)
    found = False
    for collection in client.collections(plan.mapping.collections):
        part = f"collection:{collection.url}"[:300]
        for page in client.pages(collection, marks.get(part, "")):
            taking.pages += 1
            found = found or bool(page.objects)
            rows = bundles.rows(page.objects, options, taking.account)
            yield Portion(rows, {part: page.after} if page.after else {})
    taking.unchanged = not found


_Fetch = Callable[[Plan, Mapping[str, str], Caller, Micros, Taking], Iterator[Portion]]
_FETCH: Final[dict[What, _Fetch]] = {
    What.FILE: _file,
    What.HTTPS: _https,
    What.FOLDER: _folder,
    What.MISP: _misp,
    What.TAXII: _taxii,
}
