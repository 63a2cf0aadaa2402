"""Rows about pictures, in the processes that a node has them decoded in: no node is needed."""

from __future__ import annotations

import io
import os
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy
import zxingcpp
from PIL import Image, ImageDraw

from benchmarks.processes import cpu_seconds
from benchmarks.table import Figure
from hueandcry.apps.detection.face import assess_picture, picture_preview

_ROUNDS = 40


def figures(folder: Path) -> Iterator[Figure]:
    """A telephone's screen with words and a QR code, as it is assessed on every upload."""
    data = _screen()
    assess_picture(data, "TH", words=False)  # the first one starts the process and loads the model
    used, taken = _taken(lambda: assess_picture(data, "TH", words=False), _ROUNDS)
    yield Figure(
        "picture with QR", used, "CPU-ms", _ROUNDS, 100, least=False,
        note=f"1080 × 1920 PNG; by the clock {taken:.0f} ms, with all its processes",
    )  # fmt: skip
    used, taken = _taken(lambda: picture_preview(data), _ROUNDS)
    yield Figure("  its preview", used, "CPU-ms", _ROUNDS, note=f"by the clock {taken:.0f} ms")
    used, taken = _taken(lambda: assess_picture(data, "TH"), 5)
    yield Figure(
        "  with its words", used, "CPU-ms", 5,
        note=f"by the clock {taken:.0f} ms; by tesseract, where it is installed",
    )  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    yield Figure("  memory of what read its words", peak, "MB")


def _taken(act: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Milliseconds of one round: of processors, in every process, and the median by the clock."""
    before, clocked = cpu_seconds(os.getpid()), []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        clocked.append((time.perf_counter() - began) * 1_000)
    used = (cpu_seconds(os.getpid()) - before) * 1_000 / rounds
    return used, statistics.median(clocked)


def _screen() -> bytes:
    picture = Image.new("RGB", (1080, 1920), (236, 229, 221))
    draw = ImageDraw.Draw(picture)
    for n in range(8):
        draw.rounded_rectangle((40, 60 + 110 * n, 900, 150 + 110 * n), 20, fill="white")
        words = f"Your parcel {n} waits. Pay the fee of 45 baht at post-{n}.example/pay"
        draw.text((60, 85 + 110 * n), words, fill="black", font_size=24)
    code = zxingcpp.create_barcode("https://post.example/pay", zxingcpp.BarcodeFormat.QRCode)
    tile = numpy.asarray(zxingcpp.write_barcode_to_image(code, scale=10))
    picture.paste(Image.fromarray(tile), (300, 1200))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
