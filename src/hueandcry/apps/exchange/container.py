"""The carried file: a tar of the manifest and its items, sealed with age for its addressee.

Nothing in it is looked at before all of it is decrypted, and nothing is taken in before every item
was compared with the signed manifest.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from hueandcry.core.carriage import MANIFEST, MAX_ITEMS, Item, Manifest
from hueandcry.core.errors import Malformed, Untrusted
from hueandcry.core.jws import MAX_DOCUMENT
from hueandcry.engine.keys import agefile

_STEP = 1 << 20


@dataclass(frozen=True, slots=True)
class Spooled:
    """An item on its way into a file, and where its bytes are in the spool."""

    item: Item
    offset: int


class Spool:
    """Items before they are sealed: in one nameless file of this node's folder.

    Nothing unsealed ever touches the stick, where it could be found after it was deleted.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def put(self, item: Item, data: bytes) -> Spooled:
        """Keeps the bytes of one item."""
        offset = self._file.seek(0, os.SEEK_END)
        self._file.write(data)
        return Spooled(item, offset)

    def get(self, spooled: Spooled) -> BinaryIO:
        """The spool, at the first byte of an item."""
        self._file.seek(spooled.offset)
        return self._file


@contextmanager
def spool(folder: Path) -> Iterator[Spool]:
    """A spool below `folder`, gone with the process however that ends."""
    with tempfile.TemporaryFile(dir=folder) as file:
        yield Spool(file)


def pack(
    target: Path,
    manifest: bytes,
    items: Sequence[Spooled],
    spool: Spool,
    recipient: bytes,
    folder: Path,
) -> None:
    """Writes one file, whole or not at all: it has its name only once it is on the disk.

    What is not sealed yet lies below `folder` meanwhile, without a name.
    """
    fresh = target.with_name(f"{target.name}.part")
    with tempfile.TemporaryFile(dir=folder) as plain:
        with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            _add(tar, MANIFEST, io.BytesIO(manifest), len(manifest))
            for each in items:
                _add(tar, each.item.name, spool.get(each), each.item.size)
        plain.seek(0)
        with fresh.open("wb") as sealed:
            os.fchmod(sealed.fileno(), 0o600)
            agefile.seal(plain, sealed, recipient)
            sealed.flush()
            os.fsync(sealed.fileno())
    fresh.replace(target)


def _add(tar: tarfile.TarFile, name: str, source: BinaryIO, size: int) -> None:
    """No time, owner or mode of this machine goes into the file."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    tar.addfile(entry, source)


class Opened:
    """A decrypted file: nothing in it is believed but by the digests of its manifest."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._entries = _entries(tar)

    @property
    def manifest(self) -> bytes:
        """The bytes of the manifest, which nobody has verified yet."""
        found = self._entries.get(MANIFEST)
        if found is None or found.size > MAX_DOCUMENT:
            raise Malformed("carriage", "The file has no manifest")
        return self._bytes(found)

    def check(self, manifest: Manifest) -> None:
        """Raises Untrusted unless the file holds exactly the items that were signed."""
        wanted = {item.name for item in manifest.items}
        if self._entries.keys() - {MANIFEST} != wanted:
            raise Untrusted("carriage_items", "The file has more or fewer items than were signed")
        for item in manifest.items:
            self.read(item)

    def read(self, item: Item) -> bytes:
        """The bytes of one item; raises Untrusted when they are not those that were signed."""
        found = self._entries.get(item.name)
        data = self._bytes(found) if found is not None and found.size == item.size else b""
        if hashlib.sha256(data).hexdigest() != item.digest:
            raise Untrusted("carriage_items", f"{item.name} is not the item that was signed")
        return data

    def _bytes(self, entry: tarfile.TarInfo) -> bytes:
        source = self._tar.extractfile(entry)
        return source.read() if source is not None else b""


def _entries(tar: tarfile.TarFile) -> dict[str, tarfile.TarInfo]:
    """Regular files only, each name once; names are compared, and never used as paths."""
    found: dict[str, tarfile.TarInfo] = {}
    try:
        for entry in tar:
            if not entry.isreg() or entry.name in found or len(found) > MAX_ITEMS:
                raise Malformed("carriage", "The file holds links, folders, or a name twice")
            found[entry.name] = entry
    except (tarfile.TarError, ValueError, OSError) as error:
        raise _no_tar(error) from error
    return found


@contextmanager
def opened(source: Path, folder: Path, identities: Sequence[str]) -> Iterator[Opened]:
    """The file decrypted into a nameless file below `folder`, which no crash leaves behind."""
    with tempfile.TemporaryFile(dir=folder) as plain:
        with source.open("rb") as sealed:
            agefile.unseal(sealed, plain, identities)
        plain.seek(0)
        with ExitStack() as stack:
            try:
                tar = stack.enter_context(tarfile.open(fileobj=plain, mode="r:"))
            except tarfile.TarError as error:
                raise _no_tar(error) from error
            yield Opened(tar)


def _no_tar(error: Exception) -> Malformed:
    return Malformed("carriage", "The file does not hold a tar", why=str(error))
