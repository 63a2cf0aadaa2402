"""The log as files: tiles and bundles, each whole or absent, however the process ends."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

from hueandcry.core.errors import NotFound
from hueandcry.core.tiles import WIDTH, Tile, decode_bundle, encode_bundle
from hueandcry.core.tlog import HASH_LENGTH

#: Looks at a place that the publisher is just widening; each look can fail only once per widening.
_LOOKS = 5


class LogFolder:
    """DATA/log/<epoch>: `tile/<level>/<n>` as in C2SP tlog-tiles, of partial tiles the newest."""

    def __init__(self, data: Path, epoch: int) -> None:
        self.path = data / "log" / str(epoch)
        self._new = self.path / "new"  # files become visible only by being renamed out of it

    def write(self, tiles: Iterable[tuple[Tile, bytes]]) -> None:
        """Makes every tile durable; one that is there already is replaced in one step."""
        changed = {self.path.parent, *_make(self._new)}
        for tile, data in tiles:
            target = self.path / tile.path
            changed.update(_make(target.parent))
            self._replace(target, data)
            changed.add(target.parent)
        for folder in changed:
            _sync(folder)

    def _replace(self, target: Path, data: bytes) -> None:
        fresh = self._new / uuid4().hex
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)

    def read(self, tile: Tile) -> bytes:
        """The bytes of exactly this tile, out of a wider one where that has taken its place.

        Raises NotFound when the log does not reach so far.
        """
        for _ in range(_LOOKS):
            try:
                return _cut(tile, self._widest_enough(tile).read_bytes())
            except FileNotFoundError:  # a wider one has taken its place since we looked
                continue
        raise NotFound("tile", f"The log has no {tile.path}")

    def has(self, tile: Tile) -> bool:
        """Whether `read` would find this tile; nothing is opened."""
        return self._widest_enough(tile).exists()

    def _widest_enough(self, tile: Tile) -> Path:
        exact = self.path / tile.path
        full = self.path / Tile(tile.level, tile.index).path
        if exact.exists() or tile.width == WIDTH:
            return exact
        if full.exists():
            return full
        wider = [width for width in _widths(full) if width > tile.width]
        return self.path / Tile(tile.level, tile.index, min(wider)).path if wider else full

    def tidy(self, tiles: Iterable[Tile]) -> None:
        """Removes what these tiles, the newest in their places, have made superfluous."""
        for tile in tiles:
            full = self.path / Tile(tile.level, tile.index).path
            if tile.width == WIDTH:
                shutil.rmtree(_partial(full), ignore_errors=True)
                continue
            for width in _widths(full) - {tile.width}:
                (_partial(full) / str(width)).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Removes what a killed publisher had not finished writing."""
        if self._new.is_dir():
            for stray in self._new.iterdir():
                stray.unlink(missing_ok=True)


def _cut(tile: Tile, data: bytes) -> bytes:
    if tile.level is None:
        return encode_bundle(decode_bundle(data)[: tile.width])
    return data[: tile.width * HASH_LENGTH]


def _partial(full: Path) -> Path:
    return full.with_name(f"{full.name}.p")


def _widths(full: Path) -> set[int]:
    try:
        return {int(name) for name in os.listdir(_partial(full))}
    except FileNotFoundError:
        return set()


def _make(folder: Path) -> list[Path]:
    """Makes a folder and those above it; returns the folders that have a new entry thereby."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir(exist_ok=True)
    return [each.parent for each in missing]


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
