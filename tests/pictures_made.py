"""Pictures made here and nowhere fetched: codes, words, and what somebody sends to do harm."""

from __future__ import annotations

import binascii
import io
import struct
import zlib
from typing import Any

import numpy
import zxingcpp
from PIL import Image, ImageDraw


def code(text: str, scale: int = 6) -> Image.Image:
    """A QR code that says `text`."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    return Image.fromarray(numpy.asarray(zxingcpp.write_barcode_to_image(made, scale=scale)))


def screenshot(*codes: str, words: str = "", size: tuple[int, int] = (1080, 1920)) -> Image.Image:
    """The screen of a telephone, with codes one below the other and words above them."""
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    draw.multiline_text((40, 40), words, fill="black", font_size=34, spacing=16)
    for n, text in enumerate(codes):
        picture.paste(code(text), (120, 400 + 520 * n))
    return picture


def stored(picture: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """The bytes of a file of that format."""
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def noise(side: int = 200, seed: int = 1) -> Image.Image:
    """A picture with enough in it to be told from others."""
    values = numpy.random.default_rng(seed).random((12, 12, 3)) * 255
    small = Image.fromarray(values.astype("uint8"))
    return small.resize((side, side), Image.Resampling.BICUBIC)


def payment_code(*fields: str) -> str:
    """An EMV payment code around these fields, with its check sum."""
    body = "000201" + "".join(fields) + "6304"
    return f"{body}{binascii.crc_hqx(body.encode(), 0xFFFF):04X}"


def bomb(width: int, height: int) -> bytes:
    """A PNG of one bit a pixel: few bytes that decode to a great many."""
    row = b"\x00" + bytes((width + 7) // 8)
    press = zlib.compressobj(9)
    data = b"".join(press.compress(row) for _ in range(height)) + press.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in parts)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
