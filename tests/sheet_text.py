"""The words of a PDF that typst has set, read back out of its bytes, for tests."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

_OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj", re.S)
_TOKEN = re.compile(rb"/(f\d+) [\d.]+ Tf|/ActualText ?<([0-9A-F]+)>|(EMC)|\(")
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.S)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}

Letters = dict[bytes, str]


def words_of(pdf: bytes) -> str:
    """All text of a PDF in the order in which it was set, without any white space."""
    objects = {int(m[1]): m[2] for m in _OBJECT.finditer(pdf)}
    pages = [body for body in objects.values() if re.search(rb"/Type ?/Page\b", body)]
    return squeezed("".join("".join(_page(objects, body)) for body in pages))


def squeezed(text: str) -> str:
    """A text as `words_of` would have it."""
    return re.sub(r"[\s\u200b]", "", text)


def _page(objects: dict[int, bytes], page: bytes) -> Iterator[str]:
    resources = _named(objects, page, b"Resources")
    fonts = {
        name: _letters(objects, objects[int(number)])
        for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", resources)
    }
    content = _stream(_named(objects, page, b"Contents"))
    letters: Letters = {}
    at, replaced = 0, False
    while token := _TOKEN.search(content, at):
        at = token.end()
        if token[1]:
            letters = fonts[token[1]]
        elif token[2]:  # what the glyphs up to EMC stand for
            yield bytes.fromhex(token[2].decode()).decode("utf-16")
            replaced = True
        elif token[3]:
            replaced = False
        else:
            text, at = _string(content, at)
            if not replaced:
                yield from (letters.get(text[n : n + 2], "") for n in range(0, len(text), 2))


def _named(objects: dict[int, bytes], body: bytes, name: bytes) -> bytes:
    """The object that another one refers to by this name."""
    found = re.search(rb"/" + name + rb" (\d+) 0 R", body)
    assert found is not None
    return objects[int(found[1])]


def _letters(objects: dict[int, bytes], font: bytes) -> Letters:
    """Glyph of a font → the letters it stands for."""
    table = _stream(_named(objects, font, b"ToUnicode"))
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", table)
    return {
        bytes.fromhex(glyph.decode()): bytes.fromhex(letters.decode()).decode("utf-16-be")
        for glyph, letters in pairs
    }


def _stream(body: bytes) -> bytes:
    return zlib.decompress(body.partition(b"stream\n")[2].rpartition(b"\nendstream")[0])


def _string(content: bytes, start: int) -> tuple[bytes, int]:
    """The string that begins there, and where it ends; parentheses in it are balanced."""
    depth, at = 1, start
    while depth:
        sign = content[at : at + 1]
        at += 2 if sign == b"\\" else 1
        depth += {b"(": 1, b")": -1}.get(sign, 0)
    return _ESCAPE.sub(lambda m: _NAMED.get(m[1]) or _octal(m[1]), content[start : at - 1]), at


def _octal(digits: bytes) -> bytes:
    return bytes([int(digits, 8)]) if digits[:1] in b"01234567" else digits
