"""Rows about deconfliction: one whole session over two sets, both sides in this process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from benchmarks.table import Figure
from hueandcry.apps.deconfliction import blinding
from hueandcry.apps.deconfliction.wire import DECONFLICTION, Word
from hueandcry.core.ids import uuid7
from hueandcry.core.matching import commitment, padded
from other_member import NOW, OtherMember

_ASKING, _ANSWERING, _COMMON = 1_000, 5_000, 10
_REQUEST: UUID = uuid7(NOW, bytes(10))


def figures(folder: Path) -> Iterator[Figure]:
    """1 000 numbers against 5 000, both ways: sets, commitments, five words as signed documents."""
    began = time.process_time()
    ours = _set(b"a" * 32, _ASKING, first=0)
    theirs = _set(b"b" * 32, _ANSWERING, first=_ASKING - _COMMON)
    committed = time.process_time()
    moved, hits = _session(ours, theirs)
    taken = time.process_time() - committed
    assert hits == (_COMMON, _COMMON)
    yield Figure(
        "deconfliction, 1 000 × 5 000, both ways", taken, "CPU-s", _ASKING + _ANSWERING, 5,
        least=False, note=f"{sum(moved):,} B moved, the largest document {max(moved):,} B",
    )  # fmt: skip
    yield Figure("  both sets padded and committed to", committed - began, "CPU-s")


def _set(key: bytes, size: int, first: int) -> list[str]:
    items = [f"phone:+668{n * 7_919 % 10**8:08d}" for n in range(first, first + size)]
    whole = padded(key, items, size)
    commitment(key, whole)
    return whole


def _session(ours: list[str], theirs: list[str]) -> tuple[list[int], tuple[int, int]]:
    """(bytes of each document, hits on both sides)."""
    side = OtherMember("bench")
    words = []
    their_key, blinded = blinding.blind(theirs)
    words.append(Word(_REQUEST, 1, commitment="0" * 64, size=len(theirs), blinded=blinded))
    our_key, asked = blinding.blind(ours)
    setup, response = blinding.answer(blinded, ours)
    words.append(Word(_REQUEST, 2, blinded=asked, setup=setup, response=response))
    found = len(blinding.found(their_key, setup, response))
    setup, response = blinding.answer(asked, theirs)
    words.append(Word(_REQUEST, 3, setup=setup, response=response, hits=found))
    hits = len(blinding.found(our_key, setup, response))
    words.append(Word(_REQUEST, 4, hits=hits))
    words.append(Word(_REQUEST, 5, contact="desk", cases=("C-1",)))
    raws = [side.document(DECONFLICTION, Word.read(word.body()).body()) for word in words]
    return [len(raw) for raw in raws], (hits, found)
