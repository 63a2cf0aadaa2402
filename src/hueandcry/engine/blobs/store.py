"""Where the bytes lie: a folder of this machine, or an S3 store (obstore does both).

A name is taken once and never written over. What is in the folder is durable before anybody hears
of it; obstore itself leaves that to the operating system.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final, Protocol

import obstore
from django.conf import settings
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, MemoryStore, S3Store, from_url

from hueandcry.core.errors import Conflict, Malformed, NotFound, Unreachable
from hueandcry.core.types import Micros
from hueandcry.engine.keys.files import sync_folder
from hueandcry.engine.keys.own import own

#: Bytes that are held before they go out, and of each part of a longer upload (S3: at least 5 MiB).
PIECE: Final = 8 << 20
#: S3 takes at most 10 000 parts: 78 GiB in parts of this size.
PARTS: Final = 10_000
#: Parts of one object that are on their way at once, each in memory.
IN_FLIGHT: Final = 4


class Growing(Protocol):
    """A long object on its way; dropped without `close`, nothing of it appears."""

    def write(self, buffer: bytes, /) -> int: ...

    def close(self) -> None: ...


class Store:
    """Objects by name. Any thread may use one store."""

    def __init__(self, place: LocalStore | MemoryStore | S3Store, folder: Path | None) -> None:
        self._place = place
        self._folder = folder

    def put(self, name: str, data: bytes) -> None:
        """Stores a short object; raises Conflict when the name is taken."""
        try:
            obstore.put(self._place, _path(name), data, mode="create", use_multipart=False)
        except AlreadyExistsError:
            raise Conflict("blob_taken", "A blob of this name is stored already") from None
        except (BaseError, OSError) as error:
            raise _unreachable(error) from None
        self._settle(name)

    def grow(self, name: str) -> Growing:
        """Begins a long object, which appears when it is closed and then settled."""
        return obstore.open_writer(
            self._place, _path(name), buffer_size=PIECE, max_concurrency=IN_FLIGHT
        )

    def add(self, growing: Growing, pieces: Iterable[bytes]) -> None:
        """Adds to a long object."""
        try:
            for piece in pieces:
                growing.write(piece)
        except (BaseError, OSError) as error:
            raise _unreachable(error) from None

    def close(self, name: str, growing: Growing) -> None:
        """Ends a long object: from here on it is there, durably."""
        try:
            growing.close()
        except (BaseError, OSError) as error:
            raise _unreachable(error) from None
        self._settle(name)

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of an object, some at a time; raises NotFound, Unreachable."""
        try:
            for piece in obstore.get(self._place, _path(name)).stream(min_chunk_size=1 << 20):
                yield bytes(piece)
        except FileNotFoundError:
            raise NotFound(
                "blob_bytes",
                "The bytes of a stored file are gone",
                do="Bring the folder of blobs back from a backup",
            ) from None
        except (BaseError, OSError) as error:
            raise _unreachable(error) from None

    def remove(self, name: str) -> None:
        """The object is gone, also when it was before."""
        try:
            obstore.delete(self._place, _path(name))
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise _unreachable(error) from None

    def listed(self) -> Iterator[list[tuple[str, Micros]]]:
        """(name, when it was stored) of every object, some at a time."""
        try:
            for part in obstore.list(self._place, chunk_size=1_000):
                yield [(_name(each["path"]), _micros(each["last_modified"])) for each in part]
        except (BaseError, OSError) as error:
            raise _unreachable(error) from None

    def remains(self, before: Micros) -> list[Path]:
        """What uploads that were killed left in the folder, of before that instant."""
        if self._folder is None:
            return []
        found = self._folder.glob("??/*#*")
        return [path for path in found if path.stat().st_mtime_ns // 1_000 < before]

    def _settle(self, name: str) -> None:
        if self._folder is None:
            return
        path = self._folder / _path(name)
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        sync_folder(path.parent)
        sync_folder(self._folder)


@cache
def store() -> Store:
    """The store that the settings name; raises Malformed for an address that is none."""
    url: str = settings.ENVIRONMENT.blobs
    if "://" not in url:
        folder = Path(url) / mark()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Store(LocalStore(folder), folder)
    try:
        place = from_url(f"{url.rstrip('/')}/{mark()}") if url.startswith("s3://") else None
    except (BaseError, ValueError) as error:
        raise _no_address(str(error).partition("\n")[0]) from None
    if not isinstance(place, S3Store):
        raise _no_address("It is neither a folder nor s3://…")
    return Store(place, None)


def mark() -> str:
    """The folder of this node in a store, where another node may have one too.

    `tidy` removes what no row knows: it must never see what another node's rows know.
    """
    return own().mac("blob-store", b"")[:8].hex()


def forget() -> None:
    """The next call opens the store that the settings name by then."""
    store.cache_clear()


def _path(name: str) -> str:
    return f"{name[:2]}/{name}"


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _micros(at: datetime) -> Micros:
    return int(at.timestamp() * 1_000_000)


def _unreachable(error: Exception) -> Unreachable:
    return Unreachable(
        "blob_store",
        "The store of files does not answer as it should",
        why=str(error).partition("\n")[0],
        do="See HUEANDCRY_BLOBS and `hueandcry doctor`, and try again",
    )


def _no_address(why: str) -> Malformed:
    return Malformed(
        "blobs_url",
        "HUEANDCRY_BLOBS is no place to keep files",
        why=why,
        do="Write a folder, or s3://bucket/prefix with the usual AWS_… variables beside it",
    )
