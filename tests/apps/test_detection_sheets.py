"""Pages of a PDF: drawn in another process, a few at a time, and refused where they cannot be."""

from __future__ import annotations

import io
import os
import signal

import pytest
import typst
from PIL import Image

from hueandcry.apps.detection import drawing, sheets
from hueandcry.apps.detection.sheets import pdf_pages
from hueandcry.core.errors import Malformed, TooLarge

_PAGE = "#set page(width: 10cm, height: 5cm, margin: 0pt, fill: rgb(200, 0, 0))\n"


def pdf(pages: int) -> bytes:
    made = typst.compile((_PAGE + "#pagebreak()\n".join(["words "] * pages)).encode())
    assert isinstance(made, bytes)
    return made


def test_pages_are_drawn_from_any_on_and_it_is_known_whether_more_follow() -> None:
    three = pdf(3)
    found = pdf_pages(three, 2, 1)
    assert (found.first, len(found.pages), found.more) == (2, 1, True)
    drawn = Image.open(io.BytesIO(found.pages[0]), formats=["JPEG"])
    assert drawn.size == (drawing.SIDE, drawing.SIDE // 2), "in its own proportions"
    colour = drawn.getpixel((drawing.SIDE - 9, 9))
    assert isinstance(colour, tuple) and colour[0] > 190 and colour[1] < 20
    last = pdf_pages(three, 3)
    assert (len(last.pages), last.more) == (1, False)


def test_pages_that_take_long_come_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "ENOUGH", 0.0)
    file = os.memfd_create("file")
    try:
        os.write(file, pdf(2))
        pages, more = drawing.drawn(file, 1, 9)
        assert (len(pages), more) == (1, True)
        pages, more = drawing.drawn(file, 2, 9)
        assert (len(pages), more) == (1, False)
    finally:
        os.close(file)


def test_what_is_broken_is_refused_in_words_without_our_paths() -> None:
    with pytest.raises(Malformed) as wrong:
        pdf_pages(pdf(1)[:900])
    assert wrong.value.code == "pdf_broken"
    assert "PDF" in wrong.value.why and "proc" not in wrong.value.why


def test_a_process_that_dies_over_a_file_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "_MODULE", "hueandcry.no_such_module")
    with pytest.raises(Malformed) as wrong:
        pdf_pages(b"%PDF-")
    assert wrong.value.code == "pdf_unsafe"


def test_a_file_that_is_too_large_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_BYTES", 3)
    monkeypatch.setattr(sheets, "_MODULE", "hueandcry.no_such_module")
    with pytest.raises(TooLarge):
        pdf_pages(b"%PDF-")


def test_from_where_pages_are_drawn_nothing_is_written_and_one_file_is_open_at_a_time() -> None:
    file = os.memfd_create("file")
    child = os.fork()
    if child == 0:  # as the other process does it, which has nothing else open
        code = 1
        try:
            os.dup2(file, 3)  # no number below it is free, whatever this process had open
            os.closerange(4, 4_096)
            drawing.limit(3)
            code = 0 if _opens_one() and not _writes(3) else 1
        finally:
            os._exit(code)
    os.close(file)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _opens_one() -> bool:
    with open(os.devnull, "rb"):
        try:
            os.open(os.devnull, os.O_RDONLY)
        except OSError:
            return True
    return False


def _writes(file: int) -> bool:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        return os.write(file, b"x") > 0
    except OSError:
        return False
