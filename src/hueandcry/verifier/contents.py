"""The files of a package where they lie: in its tar, or unpacked in a folder. Nothing is extracted.

One pass takes every digest; what is read later is read in bounds, and compared with its digest
again. Of an exhibit no more than one chunk is ever in memory.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from hueandcry.core import bags
from hueandcry.core.errors import HueError, Malformed, TooLarge
from hueandcry.core.packages import File

CHUNK: Final = 1 << 20
_LINKS: Final = frozenset({tarfile.LNKTYPE, tarfile.SYMTYPE})
_DEVICES: Final = frozenset({tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE})


@dataclass(frozen=True, slots=True)
class Held:
    """A file of the package: its size, both digests, and how to open it at its first byte."""

    size: int
    digests: Mapping[str, str]
    open: Callable[[], BinaryIO]

    @property
    def sha256(self) -> str:
        return self.digests["sha256"]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a package holds, by path below its top folder."""

    top: str
    files: Mapping[str, Held] = field(default_factory=dict)
    tar: File | None = None  #: of a folder: what its tar would be; None where nothing names its top
    problem: HueError | None = None  #: why it is no bag at all: then `files` is empty

    def held(self, path: str) -> Held:
        """The file of this name; Malformed (`bag_missing`)."""
        held = self.files.get(path)
        if held is None:
            raise Malformed("bag_missing", f"There is no {path} in the package")
        return held

    def read(self, path: str, most: int) -> bytes:
        """The whole of a small file; Malformed (`bag_missing`, `bag_changed`), or TooLarge."""
        held = self.held(path)
        if held.size > most:
            raise TooLarge("too_large", f"{path} has {held.size} bytes, it may have {most}")
        with held.open() as file:
            data = file.read(held.size)
        if hashlib.sha256(data).hexdigest() != held.sha256:
            raise Malformed("bag_changed", f"{path} changed while it was being verified")
        return data


def digest(file: BinaryIO) -> File:
    """The digest and size of all that is left to read."""
    sha256, size = hashlib.sha256(), 0
    while chunk := file.read(CHUNK):
        sha256.update(chunk)
        size += len(chunk)
    return File(sha256.hexdigest(), size)


# --- the tar --------------------------------------------------------------------------------------


class _Counted:
    """Reads on while it takes the digest of everything that goes by."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._sha256 = hashlib.sha256()
        self.at = 0

    def exactly(self, length: int) -> bytes:
        data = self._file.read(length)
        self._sha256.update(data)
        self.at += len(data)
        if len(data) != length:
            raise Malformed("tar_short", "The tar ends too early: it was cut short")
        return data

    def rest(self) -> bytes:
        """What is left, when it is no longer than the end of a tar may be."""
        data = self._file.read(tarfile.RECORDSIZE + 2 * bags.BLOCK + 1)
        self._sha256.update(data)
        self.at += len(data)
        return data

    def finish(self) -> File:
        """The digest of the whole, whatever was read of it until now."""
        while chunk := self._file.read(CHUNK):
            self._sha256.update(chunk)
            self.at += len(chunk)
        return File(self._sha256.hexdigest(), self.at)


def index_tar(file: BinaryIO, open_again: Callable[[], BinaryIO]) -> Contents:
    """The contents of an opened tar; `open_again` gives it anew, to be read at any place."""
    counted = _Counted(file)
    found: dict[str, Held] = {}
    problem: HueError | None = None
    try:
        for name, held in _members(counted, open_again):
            found[name] = held
        top, files = _below_top(found)
    except HueError as wrong:
        problem, top, files = wrong, "", {}
    return Contents(top, files, counted.finish(), problem)


def _members(counted: _Counted, open_again: Callable[[], BinaryIO]) -> Iterator[tuple[str, Held]]:
    """Each file in order; Malformed for every byte that is not where its writer would put it."""
    last, count = "", 0
    while True:
        begun = counted.at
        raw = counted.exactly(bags.BLOCK)
        if not any(raw):
            if raw + counted.rest() != bags.tar_end(begun):
                raise Malformed("tar_form", "Something stands behind the end of the tar")
            return
        name, size, raw = _header(raw, counted)
        _check_order(last, name)
        if raw != bags.tar_header(name, size):
            raise _form(f"The header of {name[:120]!a} says more than a name and a size")
        start = counted.at
        digests = _hash(counted.exactly, size)
        if any(counted.exactly(-size % bags.BLOCK)):
            raise _form(f"Something stands behind the end of {name[:120]!a}")
        yield name, Held(size, digests, _opener(open_again, start))
        last, count = name, count + 1
        if count > bags.MAX_FILES:
            raise TooLarge("files", f"A package has at most {bags.MAX_FILES:,} files")


def _header(raw: bytes, counted: _Counted) -> tuple[str, int, bytes]:
    """(name, size, all bytes of the header) of the next file; Malformed unless it is a file."""
    entry = _entry(raw)
    long: dict[str, str] = {}
    if entry.type == bags.LONG_NAME:
        if entry.size > bags.MAX_LONG:
            raise _form("A pax header is too long")
        said = counted.exactly(entry.size)
        more = said + counted.exactly(-entry.size % bags.BLOCK)
        long = _pax(said)
        last = counted.exactly(bags.BLOCK)
        entry, raw = _entry(last), raw + more + last
    name = long.get("path", entry.name)
    size = int(long["size"]) if long.get("size", "").isdecimal() else entry.size
    bags.check_path(name)
    if entry.type in _LINKS:
        raise Malformed("tar_link", f"{name[:120]!a} is a link: it could lead out of the bag")
    if entry.type in _DEVICES:
        raise Malformed("tar_device", f"{name[:120]!a} is a device, not a file")
    if entry.type != bags.PLAIN or size < 0:
        raise _form(f"{name[:120]!a} is no plain file")
    return name, size, raw


def _entry(raw: bytes) -> tarfile.TarInfo:
    try:
        return tarfile.TarInfo.frombuf(raw, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError) as error:
        raise _form(f"A header of the tar cannot be read ({error})") from None


def _pax(data: bytes) -> dict[str, str]:
    """The records `length keyword=value` of a pax header; only `path` and `size` are known."""
    said: dict[str, str] = {}
    at = 0
    while at < len(data):
        length = data[at : at + 8].partition(b" ")[0]
        end = at + int(length) if length.isdigit() and int(length) else len(data) + 1
        keyword, equals, value = data[at + len(length) + 1 : end - 1].partition(b"=")
        if end > len(data) or not equals or data[end - 1 : end] != b"\n":
            raise _form("A pax header cannot be read")
        said[keyword.decode(errors="replace")] = value.decode(errors="replace")
        at = end
    return said


def _check_order(last: str, name: str) -> None:
    if name == last:
        raise Malformed("path_double", f"{name[:120]!a} stands twice in the tar")
    if name < last:
        raise Malformed("tar_order", f"{name[:120]!a} stands behind {last[:120]!a} in the tar")


def _form(what: str) -> Malformed:
    return Malformed(
        "tar_form",
        what,
        why="A tar of ours has one form only, so that nothing can be hidden in it",
        do="If it was packed again by another program: unpack it, and verify the folder",
    )


def _opener(open_again: Callable[[], BinaryIO], start: int) -> Callable[[], BinaryIO]:
    def opened() -> BinaryIO:
        file = open_again()
        file.seek(start)
        return file

    return opened


def _hash(read: Callable[[int], bytes], size: int) -> dict[str, str]:
    each = {name: hashlib.new(name) for name in bags.MANIFESTS}
    left = size
    while left:
        chunk = read(min(CHUNK, left))
        for one in each.values():
            one.update(chunk)
        left -= len(chunk)
    return {name: one.hexdigest() for name, one in each.items()}


def _below_top(found: Mapping[str, Held]) -> tuple[str, dict[str, Held]]:
    """The one folder in which everything stands, and the files by their names below it."""
    bags.check_together(found)
    tops = {name.partition("/")[0] for name in found}
    if len(tops) != 1 or any("/" not in name for name in found):
        raise Malformed("bag_top", "A package has one folder at its top, and all else below it")
    (top,) = tops
    files = {name.removeprefix(f"{top}/"): held for name, held in found.items()}
    for path in files:
        bags.check_path(path)  # once more, for what only the names at the top may not be
    return top, files


# --- the folder -----------------------------------------------------------------------------------


def index_folder(folder: Path, top: str) -> Contents:
    """The contents of an unpacked package; its tar is reckoned as if its top were called `top`."""
    try:
        paths = {path: folder / path for path in _walk(folder)}
        bags.check_together(paths)
        return _index_paths(paths, top)
    except HueError as wrong:
        return Contents(top, problem=wrong)


def _walk(folder: Path) -> list[str]:
    """Names of all files below a folder, sorted; Malformed for links and devices."""
    found: list[str] = []
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        for entry in os.scandir(folder / inside):
            path = f"{inside}{entry.name}"
            bags.check_path(path)
            kind = entry.stat(follow_symlinks=False).st_mode
            if stat.S_ISLNK(kind):
                raise Malformed("tar_link", f"{path[:120]!a} is a link: it could lead out")
            if stat.S_ISDIR(kind):
                waiting.append(f"{path}/")
            elif stat.S_ISREG(kind):
                found.append(path)
            else:
                raise Malformed("tar_device", f"{path[:120]!a} is a device, not a file")
        if len(found) > bags.MAX_FILES:
            raise TooLarge("files", f"A package has at most {bags.MAX_FILES:,} files")
    return sorted(found)


def _index_paths(paths: Mapping[str, Path], top: str) -> Contents:
    whole, length = hashlib.sha256(), 0
    files: dict[str, Held] = {}
    for path, place in paths.items():
        with place.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            header = bags.tar_header(f"{top}/{path}", size)
            whole.update(header)

            def read(most: int, file: BinaryIO = file, path: str = path) -> bytes:
                chunk = file.read(most)
                if not chunk:
                    raise Malformed("bag_changed", f"{path} changed while it was being verified")
                whole.update(chunk)
                return chunk

            digests = _hash(read, size)
        whole.update(bags.tar_padding(size))
        length += len(header) + size + -size % bags.BLOCK
        files[path] = Held(size, digests, _reader(place))
    end = bags.tar_end(length)
    whole.update(end)
    return Contents(top, files, File(whole.hexdigest(), length + len(end)))


def _reader(place: Path) -> Callable[[], BinaryIO]:
    return lambda: place.open("rb")
