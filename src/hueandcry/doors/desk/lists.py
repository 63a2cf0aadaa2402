"""Lists for others: what one audience may block, written in any format, to a stream or a folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import face as signals
from hueandcry.core import formats
from hueandcry.core.errors import Malformed, NotFound
from hueandcry.core.formats import Entry, Format, Heading, misp_events
from hueandcry.core.formats.misp_events import Slot
from hueandcry.core.types import SECOND, Audience, Kind, Micros, Tlp, Verdict

#: Name of a list → the kinds in it.
NAMES: Final[dict[str, frozenset[Kind]]] = {
    "all": frozenset(Kind),
    **{kind.value: frozenset({kind}) for kind in Kind},
}
#: The strictest marking that a list for an audience can hold.
CEILING: Final = {
    Audience.CLEAR: Tlp.CLEAR,
    Audience.GREEN: Tlp.GREEN,
    Audience.OWN: Tlp.RED,
}
_PIECE: Final = 65_536


@dataclass(frozen=True, slots=True)
class List:
    """One list: what is in it, for whom, and in which format."""

    name: str
    format: Format
    wanted: signals.Wanted

    @property
    def lost(self) -> frozenset[Kind]:
        """The kinds of the list that its format cannot carry."""
        return self.wanted.kinds - self.format.kinds


def list_of(
    name: str,
    format: str,
    audience: Audience,
    verdicts: Iterable[Verdict] = (Verdict.SCAM,),
) -> List:
    """The list of this name in this format; raises NotFound for what there is none of."""
    kinds = NAMES.get(name)
    if kinds is None:
        raise NotFound("list", f"There is no list {name[:40]!a}", do=f"Ask for {', '.join(NAMES)}")
    made = formats.format_of(format)
    if not kinds & made.kinds:
        raise NotFound("list", f"{made.name} lists cannot hold the kind {name}")
    return List(name, made, signals.Wanted(audience, frozenset(verdicts), kinds & made.kinds))


def heading(wanted: List, at: Micros, serial: int | None = None) -> Heading:
    """What the list says about itself as of `at`; its serial grows by the second."""
    us = members.us()
    audience = wanted.wanted.audience
    return Heading(
        name=wanted.name,
        audience=audience.value,
        tlp=CEILING[audience],
        member=us.name,
        fingerprint=us.fingerprint,
        country=us.country,
        url=us.url,
        at=at,
        serial=at // SECOND % (1 << 32) if serial is None else serial,
        passes=tuple(signals.passes(at)) if wanted.format.name == "rpz" else (),
    )


def pieces(wanted: List, at: Micros, serial: int | None = None) -> Iterator[bytes]:
    """The whole list in pieces of about 64 KiB: no more of it is ever in memory."""
    write = wanted.format.write
    if write is None:
        raise Malformed("format", "A MISP feed is a folder of files", do="Give a folder")
    said = heading(wanted, at, serial)
    return _joined(write((entry for _, entry in signals.listed(wanted.wanted, at)), said))


def _joined(texts: Iterator[str]) -> Iterator[bytes]:
    held: list[str] = []
    size = 0
    for text in texts:
        held.append(text)
        size += len(text)
        if size >= _PIECE:
            yield "".join(held).encode()
            held, size = [], 0
    if held:
        yield "".join(held).encode()


# --- a MISP feed in a folder ---------------------------------------------------------------------


def write_feed(folder: Path, wanted: List, at: Micros) -> int:
    """Writes the feed into `folder` and returns how many values it holds.

    Events first and the manifest last, each whole or not at all; then what no manifest names any
    more is taken away. Of the list only the numbers of its rows are held.
    """
    folder.mkdir(parents=True, exist_ok=True)
    said = heading(wanted, at)
    days: dict[Slot, array[int]] = {}
    for id, entry in signals.listed(wanted.wanted, at):
        days.setdefault(misp_events.slot_of(entry), array("q")).append(id)
    lines, count = {}, 0
    for slot in sorted(days, key=lambda each: (each.day, each.tlp)):
        for part, ids in enumerate(misp_events.parts(days[slot])):
            entries = _still(wanted, slot, ids, at)
            if not entries:
                continue
            of_part = Slot(slot.day, slot.tlp, part)
            document = misp_events.event(of_part, entries, said)
            uuid, line = misp_events.manifest_line(of_part, entries, document, said)
            write_file(folder / f"{uuid}.json", [document])
            lines[uuid] = line
            count += len(entries)
    write_file(folder / misp_events.MANIFEST, [misp_events.manifest(lines)])
    _take_away(folder, {f"{uuid}.json" for uuid in lines} | {misp_events.MANIFEST})
    return count


def _still(wanted: List, slot: Slot, ids: Iterable[int], at: Micros) -> list[Entry]:
    """The entries of these rows that are as they were: another's commit may have come between."""
    found = signals.listed_of(wanted.wanted, list(ids), at)
    return [entry for entry in found if misp_events.slot_of(entry) == slot]


def _take_away(folder: Path, named: set[str]) -> None:
    for path in folder.glob("????????-????-????-????-????????????.json"):
        if path.name not in named:
            path.unlink(missing_ok=True)


def write_file(path: Path, pieces: Iterable[bytes]) -> str:
    """Writes a file whole or not at all, and returns the SHA-256 of what was written."""
    digest = hashlib.sha256()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise
    return digest.hexdigest()
