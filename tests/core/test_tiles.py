"""A log as files: paths as C2SP prints them, and any proof out of a handful of tiles."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hueandcry.core import tiles, tlog
from hueandcry.core.errors import Broken, Malformed, TooLarge
from hueandcry.core.tiles import Tile

HASHES = [tlog.leaf_hash(n.to_bytes(3, "big")) for n in range(70_000)]
SIZES = st.integers(0, 2_000) | st.sampled_from([255, 256, 257, 512, 65_535, 65_536, 70_000])


def files(growth: tiles.Growth) -> dict[str, bytes]:
    return {tile.path: data for tile, data in growth.tiles}


def fetch(stored: dict[str, bytes]) -> Callable[[Tile], bytes]:
    return lambda tile: stored[tile.path]


@pytest.fixture(scope="module")
def large() -> dict[str, bytes]:
    return files(tiles.grow(0, {}, HASHES))


# --- places ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(1, 1, 17), "tile/1/001.p/17"),
        (Tile(2, 0, 1), "tile/2/000.p/1"),
        (Tile(0, 1_234_067), "tile/0/x001/x234/067"),
        (Tile(0, 1_234_067, 112), "tile/0/x001/x234/067.p/112"),
        (Tile(0, 1000), "tile/0/x001/000"),
        (Tile(None, 7, 3), "tile/entries/007.p/3"),
        (Tile(63, 0), "tile/63/000"),
    ],
)
def test_paths_are_those_of_tlog_tiles(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert Tile.read(path) == tile


@given(st.none() | st.integers(0, 63), st.integers(0, 10**12), st.integers(1, 256))
def test_every_path_reads_back_as_its_tile(level: int | None, index: int, width: int) -> None:
    assert Tile.read(Tile(level, index, width).path) == Tile(level, index, width)


@pytest.mark.parametrize(
    "path",
    ["", "tile/0/0", "tile/0/0000", "tile/00/000", "tile/64/000", "tile/-1/000", "tile/0/x000/001",
     "tile/0/001/001", "tile/0/x001", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01",
     "tile/0/000.p/", "tile/0/000/", "/tile/0/000", "tile/0/000\n", "tile/0/\u0660\u0660\u0660",
     "tile/data/000", "tile/0/../000", "tile/0/X001/001"],
)  # fmt: skip
def test_any_other_spelling_of_a_path_is_refused(path: str) -> None:
    with pytest.raises(Malformed):
        Tile.read(path)


def test_a_log_of_70_000_has_the_tiles_that_the_specification_counts() -> None:
    made = list(tiles.tiles_between(0, 70_000))
    full = [tile for tile in made if tile.width == tiles.WIDTH]
    partial = [tile.path for tile in made if tile.width != tiles.WIDTH]
    assert [sum(tile.level == level for tile in full) for level in range(3)] == [273, 1, 0]
    assert partial == ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]
    assert [tile.path for tile in tiles.tiles_between(0, 256)] == ["tile/0/000", "tile/1/000.p/1"]


def test_bundles_stand_beside_the_tiles_of_level_0() -> None:
    made = [tile.path for tile in tiles.bundles_between(255, 513)]
    assert made == ["tile/entries/000", "tile/entries/001", "tile/entries/002.p/1"]


@pytest.mark.parametrize(("level", "index", "size"), [(0, 1, 256), (1, 0, 255), (0, 0, 0)])
def test_a_log_has_no_tile_beyond_its_edge(level: int, index: int, size: int) -> None:
    with pytest.raises(Malformed):
        tiles.tile_at(level, index, size)


# --- growing and reading -----------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(SIZES, SIZES)
def test_growing_writes_exactly_the_new_tiles_and_goes_on_from_the_edge(a: int, b: int) -> None:
    old, new = sorted((a, b))
    first = tiles.grow(0, {}, HASHES[:old])
    second = tiles.grow(old, first.edge, HASHES[old:new])
    assert second.size == new
    assert [tile for tile, _ in second.tiles] == list(tiles.tiles_between(old, new))
    whole = tiles.grow(0, {}, HASHES[:new])
    assert second.edge == whole.edge
    assert (files(first) | files(second)).items() >= files(whole).items()
    assert tiles.edge_frontier(new, second.edge) == tlog.Frontier().extend(HASHES[:new])


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 70_000), st.data())
def test_any_proof_comes_out_of_the_tiles_of_a_larger_log(
    large: dict[str, bytes], size: int, data: Any
) -> None:
    def widest(tile: Tile) -> bytes:  # the narrower partial tiles were never kept
        return large[tiles.tile_at(tile.level or 0, tile.index, 70_000).path]

    reader = tiles.TileReader(size, widest)
    root = tlog.tree_root(size, reader)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    path = tlog.inclusion_proof(index, size, reader)
    tlog.verify_inclusion(index, size, HASHES[index], path, root)
    proof = tlog.consistency_proof(old, size, reader)
    tlog.verify_consistency(old, size, tlog.tree_root(old, reader), root, proof)


def test_a_proof_in_a_log_of_ten_million_reads_a_handful_of_tiles() -> None:
    size, level_hash = 10_000_000, [tlog.leaf_hash(b"same")]
    for _ in range(24):
        level_hash.append(tlog.node_hash(level_hash[-1], level_hash[-1]))
    read: list[str] = []

    def serve(tile: Tile) -> bytes:  # every leaf is the same, so every tile can be told
        read.append(tile.path)
        return level_hash[(tile.level or 0) * tiles.HEIGHT] * tile.width

    reader = tiles.TileReader(size, serve)
    root = tlog.tree_root(size, reader)
    path = tlog.inclusion_proof(6_543_210, size, reader)
    tlog.verify_inclusion(6_543_210, size, level_hash[0], path, root)
    assert len(read) == len(set(read)) <= 2 * math.ceil(math.log(size, tiles.WIDTH))


@pytest.mark.parametrize("length", [0, 31, 32 * 111, 32 * 112 + 1, 32 * 257])
def test_a_tile_of_the_wrong_length_is_refused(large: dict[str, bytes], length: int) -> None:
    reader = tiles.TileReader(70_000, lambda tile: bytes(length))
    with pytest.raises(Broken):
        reader(0, 69_999)


def test_a_hash_beyond_the_log_is_refused(large: dict[str, bytes]) -> None:
    reader = tiles.TileReader(70_000, fetch(large))
    with pytest.raises(Broken):
        reader(7, 546)  # the subtree would be leaves 69 888 to 70 015
    with pytest.raises(Malformed):
        reader(0, 70_144)


@pytest.mark.parametrize(
    ("size", "edge"),
    [
        (1, {}),
        (0, {0: bytes(32)}),
        (2, {0: bytes(32)}),
        (256, {0: bytes(32)}),
        (257, {0: b"x" * 32}),
    ],
)
def test_an_edge_that_is_not_of_that_size_is_refused(size: int, edge: dict[int, bytes]) -> None:
    with pytest.raises(Broken):
        tiles.grow(size, edge, [bytes(32)])


# --- bundles -----------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_bundles_give_their_entries_back(entries: list[bytes]) -> None:
    data = tiles.encode_bundle(entries)
    assert tiles.decode_bundle(data) == entries
    with pytest.raises(Malformed):
        tiles.decode_bundle(data[:-1] if len(entries) == 1 else data + b"\x01")


def test_a_bundle_is_written_with_16_bit_lengths() -> None:
    assert tiles.encode_bundle([b"ab", b""]) == b"\x00\x02ab\x00\x00"
    assert tiles.decode_bundle(tiles.encode_bundle([bytes(65_535)])) == [bytes(65_535)]
    with pytest.raises(TooLarge):
        tiles.encode_bundle([bytes(65_536)])


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x00\x02a", b"\x00\x00\x01", b"\x00\x00" * 257])
def test_what_is_no_bundle_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        tiles.decode_bundle(data)
