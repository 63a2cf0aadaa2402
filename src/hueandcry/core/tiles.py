"""A log as files: tiles and entry bundles of C2SP tlog-tiles, pure arithmetic and bytes.

Standard library only. A tile is 256 hashes wide and eight levels of the tree high.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hueandcry.core.errors import Broken, Malformed, TooLarge
from hueandcry.core.tlog import HASH_LENGTH, Frontier, complete_subtrees, root

WIDTH = 256  #: hashes in a full tile, entries in a full bundle
HEIGHT = 8  #: levels of the tree between two levels of tiles
MAX_LEVEL = 63
MAX_ENTRY = 65_535  #: bytes

_FULL = WIDTH * HASH_LENGTH
_NUMBER = r"(?:x[0-9]{3}/)*[0-9]{3}"
_PATH = re.compile(rf"tile/(entries|0|[1-9][0-9]?)/({_NUMBER})(?:\.p/([1-9][0-9]{{0,2}}))?")


@dataclass(frozen=True, slots=True)
class Tile:
    """The place of `width` hashes; at level None, of as many entries (an entry bundle)."""

    level: int | None
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        level_fits = self.level is None or 0 <= self.level <= MAX_LEVEL
        if not (level_fits and self.index >= 0 and 1 <= self.width <= WIDTH):
            raise Malformed("tile", f"There is no tile {self.level}/{self.index}.p/{self.width}")

    @property
    def path(self) -> str:
        """`tile/0/x001/x234/067.p/112`; bundles stand under `tile/entries/`."""
        level = "entries" if self.level is None else self.level
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_number_text(self.index)}{partial}"

    @classmethod
    def read(cls, path: str) -> Tile:
        """The tile of a path; Malformed for any text that `path` would not give back."""
        match = _PATH.fullmatch(path)
        if match is None:
            raise _not_a_tile(path)
        level, number, width = match.groups()
        index = int(number.replace("/", "").replace("x", ""))
        tile = cls(None if level == "entries" else int(level), index, int(width or WIDTH))
        if tile.path != path:
            raise _not_a_tile(path)
        return tile


def _number_text(index: int) -> str:
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03d}")
    return "/".join(reversed(groups))


def _not_a_tile(path: str) -> Malformed:
    return Malformed("tile", f"{path[:80]!a} is not the path of a tile")


def tiles_between(old: int, new: int) -> Iterator[Tile]:
    """The hash tiles that a log of `new` leaves has, and one of `old` leaves does not."""
    for level in range(MAX_LEVEL + 1):
        before, after = old >> HEIGHT * level, new >> HEIGHT * level
        if after == 0:
            return
        for index in range(before // WIDTH, after // WIDTH):
            yield Tile(level, index)
        if after % WIDTH and after != before:
            yield Tile(level, after // WIDTH, after % WIDTH)


def bundles_between(old: int, new: int) -> Iterator[Tile]:
    """The entry bundles that a log of `new` leaves has, and one of `old` leaves does not."""
    for tile in tiles_between(old, new):
        if tile.level != 0:
            return
        yield Tile(None, tile.index, tile.width)


def tile_at(level: int, index: int, size: int) -> Tile:
    """The widest tile of that place in a log of `size` leaves; Malformed when there is none."""
    width = min(WIDTH, (size >> HEIGHT * level) - index * WIDTH)
    return Tile(level, index, width)


# --- reading: hashes out of tiles --------------------------------------------------------------


class TileReader:
    """The `HashReader` of a log of `size` leaves, over a function that fetches tiles.

    Each tile is fetched once: make one reader per proof. Fetched bytes are believed only so far as
    the caller compares the root that comes out of them.
    """

    def __init__(self, size: int, fetch: Callable[[Tile], bytes]) -> None:
        self._size = size
        self._fetch = fetch
        self._tiles: dict[Tile, bytes] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """The hash of the complete subtree `index` at `level` of the tree."""
        tile_level, height = divmod(level, HEIGHT)
        first = index << height
        data = self._data(tile_at(tile_level, first // WIDTH, self._size))
        start = first % WIDTH * HASH_LENGTH
        hashes = data[start : start + (HASH_LENGTH << height)]
        if len(hashes) != HASH_LENGTH << height:
            raise Broken("no_such_hash", f"No complete subtree {index} at level {level}")
        return root(split_hashes(hashes))

    def _data(self, tile: Tile) -> bytes:
        if tile not in self._tiles:
            data = self._fetch(tile)
            # A wider tile begins with the narrower one, and logs may have deleted the latter.
            if len(data) % HASH_LENGTH or not tile.width * HASH_LENGTH <= len(data) <= _FULL:
                raise Broken("tile_length", f"{tile.path} has {len(data)} bytes")
            self._tiles[tile] = data[: tile.width * HASH_LENGTH]
        return self._tiles[tile]


def split_hashes(data: bytes) -> list[bytes]:
    """The 32-byte hashes of a tile."""
    return [data[at : at + HASH_LENGTH] for at in range(0, len(data), HASH_LENGTH)]


# --- growing: the right edge, and the tiles that new leaves make -------------------------------

#: Level → bytes of the partial tile at the right edge of the log; levels without one are absent.
Edge = Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class Growth:
    """What appending made: tiles to write, in order, and the edge to go on from."""

    size: int
    edge: Edge
    tiles: Sequence[tuple[Tile, bytes]]


def grow(size: int, edge: Edge, leaf_hashes: Sequence[bytes]) -> Growth:
    """The tiles that `leaf_hashes` add to a log of `size` leaves; touches nothing but the edge."""
    check_edge(size, edge)
    tiles: list[tuple[Tile, bytes]] = []
    new_edge = dict(edge)
    level, hashes, end = 0, leaf_hashes, size + len(leaf_hashes)
    while hashes:
        data = new_edge.pop(level, b"") + b"".join(hashes)
        first = (size >> HEIGHT * level) // WIDTH
        full = len(data) // _FULL
        chunks = [data[at * _FULL : (at + 1) * _FULL] for at in range(full)]
        tiles += [(Tile(level, first + at), chunk) for at, chunk in enumerate(chunks)]
        if rest := data[full * _FULL :]:
            new_edge[level] = rest
            tiles.append((Tile(level, first + full, len(rest) // HASH_LENGTH), rest))
        hashes = [root(split_hashes(chunk)) for chunk in chunks]
        level += 1
    return Growth(end, new_edge, tiles)


def edge_tiles(size: int) -> Iterator[Tile]:
    """The partial tiles at the right edge of a log of `size` leaves, level 0 first."""
    level = 0
    while count := size >> HEIGHT * level:
        if count % WIDTH:
            yield Tile(level, count // WIDTH, count % WIDTH)
        level += 1


def check_edge(size: int, edge: Edge) -> None:
    """Raises Broken unless the edge has exactly the widths that a log of `size` leaves has."""
    wanted = {tile.level: tile.width * HASH_LENGTH for tile in edge_tiles(size)}
    if wanted != {level: len(data) for level, data in edge.items()}:
        raise Broken("edge", f"These partial tiles are not the edge of a log of {size}")


def edge_frontier(size: int, edge: Edge) -> Frontier:
    """The compact form of the edge, from which the root of the log is folded."""
    check_edge(size, edge)
    hashes: list[bytes] = []
    for level in sorted(edge, reverse=True):
        row = split_hashes(edge[level])
        for height, index in complete_subtrees(0, len(row)):
            hashes.append(root(row[index << height : (index + 1) << height]))
    return Frontier(size, tuple(hashes))


# --- entry bundles -----------------------------------------------------------------------------


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Each entry behind its length as a big-endian uint16."""
    parts = []
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise TooLarge("entry", f"A log entry has at most {MAX_ENTRY} bytes")
        parts.append(len(entry).to_bytes(2, "big") + entry)
    return b"".join(parts)


def decode_bundle(data: bytes) -> list[bytes]:
    """The 1 to 256 entries of a bundle; Malformed when its lengths do not add up."""
    entries, at = [], 0
    while at < len(data):
        start, length = at + 2, int.from_bytes(data[at : at + 2], "big")
        at = start + length
        entries.append(data[start:at])
    if at != len(data) or not 1 <= len(entries) <= WIDTH:
        raise Malformed("bundle", "These bytes are not a bundle of log entries")
    return entries
