"""What a file is, by its own bytes; what is of no sort that is taken, or of two."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hueandcry.core.errors import HueError, Malformed
from hueandcry.core.files import HEAD, PICTURES, SORTS, TAIL, Ends, clean_name, recognise


def picture(form: str, size: tuple[int, int] = (20, 10)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, form)
    return out.getvalue()


def archive(content: str = "x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a.txt", content)
    return out.getvalue()


def sort_of(data: bytes) -> str:
    return recognise(Ends.of(data))


def refused(data: bytes) -> str:
    with pytest.raises(Malformed) as caught:
        sort_of(data)
    return caught.value.code


MAIL = b"Received: from a.example\r\nFrom: A <a@b.example>\r\nSubject: =?utf-8?q?hi?=\r\n\r\nhello"
MADE = {
    "image/png": picture("PNG"),
    "image/jpeg": picture("JPEG"),
    "image/gif": picture("GIF"),
    "image/webp": picture("WEBP"),
    "image/avif": picture("AVIF"),
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n%%EOF\n",
    "message/rfc822": MAIL,
    "text/plain": "Chuyển tiền ngay; โอนเงินด่วน".encode(),
    "audio/mpeg": b"ID3\x04\x00\x00\x00\x00\x00\x00",
    "audio/ogg": b"OggS\x00\x02",
    "video/mp4": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00",
    "image/heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00",
    "video/3gpp": b"\x00\x00\x00\x18ftyp3gp5\x00\x00\x00\x00",
    "audio/amr": b"#!AMR\n\x3c",
}


@pytest.mark.parametrize("sort", MADE)
def test_a_file_is_what_its_bytes_are(sort: str) -> None:
    assert sort_of(MADE[sort]) == sort


def test_pictures_that_can_be_looked_at_are_files_that_are_taken() -> None:
    assert set(PICTURES) < set(SORTS)


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body>hello</body></html>",
        b"  <!DOCTYPE html><p>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg/>",
        b"<?php system($_GET[1]);",
        b"#!/bin/sh\nrm -rf /\n",
        b"MZ\x90\x00\x03",
        b"\x7fELF\x02\x01",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        archive(),
        b"text with a \x00 in it",
        b"\xff\xfa not utf-8",
        "<html><script>alert(1)</script>".encode("utf-16"),
        b"\xff\xfe\x00\x00\x01\x00",
    ],
)
def test_pages_programs_and_archives_are_not_taken_whatever_they_are_called(data: bytes) -> None:
    assert refused(data) == "file_sort"


@pytest.mark.parametrize("sort", PICTURES)
def test_a_picture_with_an_archive_behind_it_is_refused(sort: str) -> None:
    assert refused(MADE[sort] + archive()) == "file_two_in_one"
    assert refused(MADE[sort] + archive("y" * 100_000)) == "file_two_in_one"


@pytest.mark.parametrize("sort", ["image/png", "image/gif", "image/webp"])
def test_a_picture_with_anything_behind_its_end_is_refused(sort: str) -> None:
    assert refused(MADE[sort] + b"<b>more</b>") == "file_two_in_one"


def test_what_a_camera_writes_behind_a_jpeg_is_no_second_file() -> None:
    assert sort_of(MADE["image/jpeg"] + b"SEFHe\x00\x00\x00" + bytes(200)) == "image/jpeg"


def test_a_picture_that_is_a_script_or_a_pdf_as_well_is_refused() -> None:
    gif = MADE["image/gif"]
    assert refused(b"GIF89a/*" + gif[8:-1] + b"*/=1;alert(1);") == "file_two_in_one"
    assert refused(b"GIF89a=1" + gif[8:]) == "file_two_in_one"
    assert refused(gif[:20] + b"<script>alert(1)</script>" + gif[20:]) == "file_two_in_one"
    assert refused(b"\xff\xd8\xff\xfe\x00\x20%PDF-1.4" + MADE["image/jpeg"][2:]) == (
        "file_two_in_one"
    )


def test_nothing_is_no_file() -> None:
    assert refused(b"") == "file_empty"


def test_text_that_is_cut_between_the_ends_of_a_letter_is_still_text() -> None:
    assert sort_of(("ก" * (HEAD + TAIL)).encode()) == "text/plain"
    for pad in range(4):
        assert sort_of(b"x" * pad + ("😀" * TAIL).encode()) == "text/plain"


@given(st.binary(max_size=300))
def test_any_bytes_have_a_sort_or_are_refused_in_words(data: bytes) -> None:
    try:
        assert sort_of(data) in SORTS
    except HueError as refused_:
        assert refused_.what and refused_.code.startswith("file_")


@pytest.mark.parametrize(
    ("name", "sort", "clean"),
    [
        ("photo.png", "image/png", "photo.png"),
        ("invoice.exe", "image/png", "invoice.exe.png"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("C:\\Users\\me\\a.JPG", "image/jpeg", "a.jpg"),
        ("evil\u202egnp.exe", "image/png", "evilgnp.exe.png"),
        ("", "application/pdf", "file.pdf"),
        ("...", "image/gif", "file.gif"),
        ("a\r\nX-Header: 1.png", "image/png", "aX-Header_ 1.png"),
        ("ใบแจ้งหนี้.pdf", "application/pdf", "ใบแจ้งหนี้.pdf"),
        ("a" * 300 + ".png", "image/png", "a" * 80 + ".png"),
        ('q"uote;s.txt', "text/plain", "q_uote_s.txt"),
    ],
)
def test_a_name_keeps_its_words_and_loses_what_leads_elsewhere(
    name: str, sort: str, clean: str
) -> None:
    assert clean_name(name, sort) == clean


@given(st.text(max_size=200), st.sampled_from(sorted(SORTS)))
def test_a_cleaned_name_is_a_plain_name_and_stays_as_it_is(name: str, sort: str) -> None:
    clean = clean_name(name, sort)
    assert clean.endswith(SORTS[sort]) and len(clean) <= 90
    assert not set(clean) & set('/\\\r\n"<>%;:') and clean == clean_name(clean, sort)
