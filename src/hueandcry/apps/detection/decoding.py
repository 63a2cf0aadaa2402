"""The process that decodes pictures of strangers: `python -m …decoding SOCKET`, started by a node.

It loads its libraries once and then forks for each picture. The fork gives away, before it reads a
byte of the picture, all that it will not need (`limit`): it can open no file and no connection,
start nothing, write no file, and take only so much memory and time. A picture that crashes its
decoder ends one fork. What this does not do: it is the same account on the same machine, without a
filter of system calls; a fault in a decoder that runs code of the attacker still has what the
account's kernel gives without opening anything.
"""

from __future__ import annotations

import io
import os
import resource
import signal
import socket
import sys
from contextlib import suppress
from typing import Any, Final

import numpy
import pdqhash
import zxingcpp
from PIL import AvifImagePlugin, ExifTags, Image, ImageOps, UnidentifiedImageError

from hueandcry.apps.detection import frames
from hueandcry.core.errors import HueError, Malformed, TooLarge
from hueandcry.core.files import PICTURES

#: Bytes of a picture, and of an answer.
MAX_BYTES: Final = 32 << 20
MAX_ANSWER: Final = 16 << 20
#: Pixels that are decoded; of JPEG, which decodes smaller at once, that are there.
MAX_PIXELS: Final = 40_000_000
MAX_JPEG_PIXELS: Final = 240_000_000
MAX_SIDE: Final = 30_000
#: Pixels in which codes are looked for, and letters.
CODE_PIXELS: Final = 4_000_000
TEXT_PIXELS: Final = 8_000_000
#: The shorter side, about, at which a picture is hashed: 4 to 14 of 256 bits from the whole one's.
HASH_SIDE: Final = 360
#: The longer side at which a large JPEG is decoded at least, and that of a preview.
DRAFT_SIDE: Final = 2_048
PREVIEW_SIDE: Final = 1_280
#: Codes that are told of one picture, and letters of each.
MAX_CODES: Final = 16
MAX_CODE: Final = 8_192

#: Bytes of address space, seconds of processor, seconds in all.
MEMORY: Final = 1_536 << 20
CPU_SECONDS: Final = 10
SECONDS: Final = 20

_FORMATS: Final = dict(zip(PICTURES, ("PNG", "JPEG", "GIF", "WEBP", "AVIF"), strict=True))
_CODES: Final = zxingcpp.barcode_formats_from_str("QRCode")

# --- one picture ----------------------------------------------------------------------------------


def looked(data: bytes, sort: str, want: list[str]) -> tuple[frames.Header, list[bytes]]:
    """What is in a picture of this media type; `want` names the parts: `grey`, `preview`.

    Raises Malformed or TooLarge.
    """
    picture = _decoded(data, sort)
    plain = _plain(picture)
    small = _within(plain, CODE_PIXELS)
    bits, quality = _hashed(small)
    header: frames.Header = {
        "width": picture.width,
        "height": picture.height,
        "animated": bool(getattr(picture, "is_animated", False)),
        "codes": _codes(small),
        "pdq": bits,
        "quality": quality,
    }
    made = {"grey": _grey, "preview": _preview}
    return header, [made[name](plain) for name in want]


def _decoded(data: bytes, sort: str) -> Image.Image:
    """The picture, or its first frame; only by the decoder of what its first bytes say."""
    try:
        picture = Image.open(io.BytesIO(data), formats=[_FORMATS[sort]])
        _check_size(picture)
        picture.draft("RGB", (DRAFT_SIDE, DRAFT_SIDE))
        picture.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise _broken(str(error)) from None
    except (Image.DecompressionBombError, MemoryError):
        raise _too_large() from None
    return picture


def _check_size(picture: Image.Image) -> None:
    width, height = picture.size
    most = MAX_JPEG_PIXELS if picture.format == "JPEG" else MAX_PIXELS
    if max(width, height) > MAX_SIDE or width * height > most:
        raise _too_large()


def _plain(picture: Image.Image) -> Image.Image:
    """Upright, in RGB, on white: what a person would have seen."""
    picture = _upright(picture)
    if picture.mode.startswith("I"):  # 16 bits and more: the upper eight
        values = numpy.asarray(picture).astype("int64")
        return Image.fromarray((values.clip(0, 65_535) >> 8).astype("uint8")).convert("RGB")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        upper = picture.convert("RGBA")
        white = Image.new("RGBA", upper.size, "white")
        return Image.alpha_composite(white, upper).convert("RGB")
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _upright(picture: Image.Image) -> Image.Image:
    try:
        if picture.getexif().get(ExifTags.Base.Orientation, 1) != 1:
            return ImageOps.exif_transpose(picture)
    except Exception:  # whatever its camera, or somebody else, wrote there
        return picture
    return picture


def _within(picture: Image.Image, pixels: int) -> Image.Image:
    """The picture with at most so many pixels, in its own proportions."""
    scale = (pixels / (picture.width * picture.height)) ** 0.5
    if scale >= 1:
        return picture
    size = (max(1, int(picture.width * scale)), max(1, int(picture.height * scale)))
    return picture.resize(size, Image.Resampling.BOX)


def _hashed(picture: Image.Image) -> tuple[str, int]:
    """PDQ (Facebook, 2019) as hexadecimal digits, and its quality from 0 to 100."""
    reduced = picture.reduce(max(1, min(picture.size) // HASH_SIDE))
    bits, quality = pdqhash.compute(numpy.asarray(reduced))
    return numpy.packbits(bits.astype(bool)).tobytes().hex(), int(quality)


def _codes(picture: Image.Image) -> list[str]:
    found = zxingcpp.read_barcodes(picture.convert("L"), formats=_CODES)
    return [code.text[:MAX_CODE] for code in found[:MAX_CODES] if code.text]


def _grey(picture: Image.Image) -> bytes:
    """Netpbm: the simplest form that a reader of letters takes."""
    return _written(_within(picture, TEXT_PIXELS).convert("L"), "PPM")


def _preview(picture: Image.Image) -> bytes:
    """A small JPEG, painted anew: nothing of the file's own bytes is in it."""
    small = picture.copy()
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    small.info = {}  # comments and such are written again by Pillow
    return _written(small, "JPEG", quality=80)


def _written(picture: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def _broken(why: str) -> Malformed:
    return Malformed(
        "picture_broken",
        "The picture cannot be decoded",
        why=why[:200],
        do="Open it, and send a new picture of what you see",
    )


def _too_large() -> TooLarge:
    return TooLarge(
        "picture_too_large",
        f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels",
        do="Send a smaller one",
    )


# --- the process ----------------------------------------------------------------------------------


def limit() -> None:
    """From here on this process can open nothing, start nothing, and take only so much."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(what, (most, most))
    signal.alarm(SECONDS)


def answer(to: socket.socket) -> None:
    """Takes one request from the socket and answers it there."""
    header, (data,) = frames.receive(to, MAX_BYTES)
    try:
        found, parts = looked(data, header["sort"], header["want"])
    except HueError as refused:
        found, parts = {"refused": [refused.code, refused.what, refused.why, refused.do]}, []
    frames.send(to, found, parts)


def warm() -> None:
    """Runs every decoder once: what they load later, a fork could not open any more."""
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # a fork may start none
    Image.MAX_IMAGE_PIXELS = MAX_JPEG_PIXELS
    for sort, form in _FORMATS.items():
        looked(_written(Image.new("RGB", (64, 64), "teal"), form), sort, ["grey", "preview"])


def _waited(*_: object) -> None:
    """Takes leave of forks that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue


def serve(control: socket.socket) -> None:
    """Forks for each socket that arrives, until the node that sends them is gone."""
    signal.signal(signal.SIGCHLD, _waited)
    while True:
        _, handles, _, _ = socket.recv_fds(control, 1, 1)
        if not handles:
            return
        if os.fork():
            os.close(handles[0])
            continue
        try:
            control.close()
            limit()
            answer(socket.socket(fileno=handles[0]))
        finally:
            os._exit(0)


if __name__ == "__main__":
    warm()
    serve(socket.socket(fileno=int(sys.argv[1])))
