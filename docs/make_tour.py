"""Makes the pictures of docs/tour.md from two real nodes: `python docs/make_tour.py [NAME…]`.

The story is the one that tests/nodes/test_console_story.py plays; it needs Debian's Chromium.
"""

from __future__ import annotations

import os
import shutil
import struct
import sys
import tempfile
import zlib
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "src"), str(HERE.parent / "tests")]

from playwright.sync_api import Page

from chromium import chromium
from nodes.story import DESK, PHONE, story, two_nodes

PICTURES = HERE / "tour"
Colour = tuple[int, int, int]
#: Bytes of one picture, and the tallest part of a page that it shows.
MOST = 120_000
TALLEST = 1_400

#: Station of the story → picture, in the order of the tour. The last word is the size.
STATIONS = {
    "sign-in": "01-sign-in",
    "app": "02-second-factor",
    "raise": "03-raise",
    "preview": "04-who-gets-it",
    "shared": "05-in-effect",
    "partner-today": "06-at-the-bank",
    "partner-signal": "07-why",
    "many": "08-many-at-once",
    "claims": "09-my-claims",
    "purpose": "10-purpose",
    "kept-back": "11-kept-back",
    "retract": "12-take-back",
    "taken-back": "13-taken-back",
    "today": "14-today",
    "peer": "15-peer",
    "receipt": "16-receipt",
    "ledger": "17-ledger",
    "source-preview": "18-source",
    "check": "22-check-th",
    "reported": "23-reported-th",
    "queue": "24-queue",
    "report": "25-report",
    "report-preview": "26-report-claims",
    "report-confirmed": "27-report-confirmed",
}
#: What is shown once more on a phone, in Thai.
ON_A_PHONE = {"today": "19-today-th", "shared": "20-in-effect-th", "raise": "21-raise-th"}


def main(wanted: list[str]) -> None:
    """Plays the story once, and takes the pictures that are wanted (all, when none is named)."""
    PICTURES.mkdir(exist_ok=True)
    taken: set[str] = set()

    def seen(station: str, page: Page) -> None:
        for names, phone in ((STATIONS, False), (ON_A_PHONE, True)):
            name = names.get(station)
            if name is None or name in taken or (wanted and name not in wanted):
                continue
            taken.add(name)
            _on_a_phone(page, name) if phone else _take(page, name)

    folder = Path(tempfile.gettempdir(), "nodes")  # its name is in a picture
    folder.mkdir()
    os.environ["HUEANDCRY_DATA"] = str(folder)  # where tables are migrated, once for both nodes
    try:
        with two_nodes(folder) as nodes, chromium() as browser:
            story(browser, *nodes, seen, DESK)
    finally:
        shutil.rmtree(folder)


def _on_a_phone(page: Page, name: str) -> None:
    """The same page in Thai, as a phone shows it; the story goes on as it was."""
    other = page.context.new_page()
    other.set_viewport_size(PHONE)
    bare = page.url.partition("#")[0]
    other.goto(f"{bare}{'&' if '?' in bare else '?'}lang=th")
    _take(other, name)
    other.goto(f"{bare}{'&' if '?' in bare else '?'}lang=en")
    other.close()


def _take(page: Page, name: str) -> None:
    height = min(TALLEST, int(page.evaluate("document.documentElement.scrollHeight")))
    size = page.viewport_size or DESK
    clip = {"x": 0, "y": 0, "width": size["width"], "height": max(height, 0)}
    raw = page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]
    small = raw
    for bits in (2, 3, 4):
        if len(small) <= MOST:
            break
        small = shrunk(raw, bits)
    assert len(small) <= MOST, f"{name} has {len(small)} bytes"
    (PICTURES / f"{name}.png").write_bytes(small)
    print(f"{name}: {len(small)} bytes")


def shrunk(picture: bytes, bits: int) -> bytes:
    """The same picture in its 256 commonest colours, the lowest `bits` of each dropped."""
    width, height, rows = _pixels(picture)
    keep = 0xFF & ~((1 << bits) - 1)
    count = Counter(
        (row[x] & keep, row[x + 1] & keep, row[x + 2] & keep)
        for row in rows
        for x in range(0, 3 * width, 3)
    )
    palette = [colour for colour, _ in count.most_common(256)]
    place = {colour: n for n, colour in enumerate(palette)}
    for colour in count:
        if colour not in place:
            place[colour] = place[_nearest(colour, palette)]
    lines = b"".join(
        b"\0"
        + bytes(
            place[row[x] & keep, row[x + 1] & keep, row[x + 2] & keep]
            for x in range(0, 3 * width, 3)
        )
        for row in rows
    )
    half = (1 << bits) >> 1
    colours = bytes(min(255, part + half) if part < 248 else 255 for c in palette for part in c)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", colours),
            _chunk(b"IDAT", zlib.compress(lines, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _nearest(colour: Colour, palette: list[Colour]) -> Colour:
    return min(palette, key=lambda each: sum(abs(a - b) for a, b in zip(each, colour, strict=True)))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _pixels(picture: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height and RGB rows of a PNG as Chromium writes it: 8 bits, no interlace."""
    place, data, head = 8, b"", b""
    while place < len(picture):
        (length,) = struct.unpack(">I", picture[place : place + 4])
        kind = picture[place + 4 : place + 8]
        body = picture[place + 8 : place + 8 + length]
        head, data = (body, data) if kind == b"IHDR" else (head, data + body * (kind == b"IDAT"))
        place += 12 + length
    width, height, _, colour = struct.unpack(">IIBB", head[:10])
    step = {2: 3, 6: 4}[colour]
    raw, rows, above = zlib.decompress(data), [], bytes(width * step)
    for y in range(height):
        start = y * (width * step + 1)
        above = _unfiltered(raw[start], raw[start + 1 : start + 1 + width * step], above, step)
        rows.append(
            above if step == 3 else b"".join(above[x : x + 3] for x in range(0, len(above), 4))
        )
    return width, height, rows


def _unfiltered(how: int, line: bytes, above: bytes, step: int) -> bytes:
    """One row as it was before its PNG filter."""
    if how == 0:
        return line
    row = bytearray(line)
    for x in range(len(row)):
        left = row[x - step] if x >= step else 0
        corner = above[x - step] if x >= step else 0
        if how == 1:
            guess = left
        elif how == 2:
            guess = above[x]
        elif how == 3:
            guess = (left + above[x]) // 2
        else:
            p = left + above[x] - corner
            guess = min((left, above[x], corner), key=lambda each: abs(p - each))
        row[x] = (row[x] + guess) & 255
    return bytes(row)


if __name__ == "__main__":
    main(sys.argv[1:])
