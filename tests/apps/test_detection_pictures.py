"""What a picture looks like, and that no picture harms who looks at it."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence

import numpy
import pytest
from PIL import ExifTags, Image

from databases import child_environment
from hueandcry.apps.detection import decoding, frames, letters, workshop
from hueandcry.apps.detection.assessment import Assessment, Finding, Sort
from hueandcry.apps.detection.messages import Known
from hueandcry.apps.detection.pictures import assess_picture
from hueandcry.apps.detection.workshop import look
from hueandcry.core.errors import HueError, Malformed, TooLarge
from hueandcry.core.types import Kind, Signal
from pictures_made import bomb, noise, payment_code, screenshot, stored

LINK = "https://evil-bank.example/login"
#: VietQR of NAPAS: the BIN of a bank, then the account.
VIETQR = payment_code(
    "38540010A00000072701240006970436011001234567890208QRIBFTTA",
    "5303704",
    "540550000",
    "5802VN",
    "5912NGUYEN VAN A",
)


@pytest.fixture(scope="module", autouse=True)
def ended() -> Iterator[None]:
    yield
    workshop.close()


def codes_of(picture: Image.Image, form: str = "PNG", **options: object) -> tuple[str, ...]:
    return look(stored(picture, form, **options)).codes


def refused(data: bytes) -> str:
    with pytest.raises(HueError) as caught:
        look(data)
    found = assess_picture(data)
    assert (found.sort, found.finding) == (Sort.PICTURE, Finding.UNKNOWN)
    assert found.reasons[0].params == {"problem": caught.value.code}
    return caught.value.code


# --- decoding -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
def test_a_code_is_read_from_every_format(form: str) -> None:
    assert codes_of(screenshot(LINK), form) == (LINK,)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "LA", "CMYK", "I;16"])
def test_a_code_is_read_in_every_way_to_say_colours(mode: str) -> None:
    grey = screenshot(LINK).convert("L")
    deep = Image.fromarray(numpy.asarray(grey).astype("uint16") * 257)
    made = deep if mode == "I;16" else grey.convert("RGB").convert(mode)
    assert codes_of(made, "JPEG" if mode == "CMYK" else "PNG") == (LINK,)


def test_what_is_transparent_shows_white_as_a_browser_shows_it() -> None:
    values = numpy.array(screenshot(LINK).convert("RGBA"))
    values[values[:, :, 0] > 128, :] = 0  # what was white is black, and cannot be seen
    assert codes_of(Image.fromarray(values)) == (LINK,)


@pytest.mark.parametrize("turn", [90, 180, 270, 10, 45])
def test_a_turned_code_is_read(turn: int) -> None:
    assert codes_of(screenshot(LINK).rotate(turn, expand=True, fillcolor="white")) == (LINK,)


def test_several_codes_are_read_and_too_many_are_not_told() -> None:
    said = ["https://one.example", "https://two.example", "WIFI:S:x;;"]
    assert sorted(codes_of(screenshot(*said))) == sorted(said)
    wall = Image.new("RGB", (1500, 1500), "white")
    for n in range(25):
        tile = screenshot(f"n{n}").crop((100, 380, 400, 680))
        wall.paste(tile, (n % 5 * 300, n // 5 * 300))
    assert len(codes_of(wall)) <= decoding.MAX_CODES


def test_a_picture_is_turned_as_its_camera_says_and_its_data_stay_out_of_the_preview() -> None:
    picture = Image.new("RGB", (60, 40), "white")
    picture.paste("black", (0, 0, 30, 40))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # the camera was held upright
    exif[ExifTags.Base.ImageDescription] = "home of the victim"
    found = look(stored(picture, "JPEG", exif=exif.tobytes(), comment=b"secret"), preview=True)
    shown = Image.open(io.BytesIO(found.preview))
    assert shown.size == (40, 60) and shown.format == "JPEG"
    values = numpy.asarray(shown.convert("L"))
    assert values[5, 20] < 60 and values[55, 20] > 200
    assert b"victim" not in found.preview and b"secret" not in found.preview
    assert dict(shown.getexif()) == {}


def test_a_preview_is_small_whatever_the_picture() -> None:
    found = look(stored(noise(3_000), "JPEG"), preview=True)
    assert max(Image.open(io.BytesIO(found.preview)).size) <= decoding.PREVIEW_SIDE


def test_of_what_moves_the_first_picture_is_looked_at() -> None:
    first, second = screenshot(LINK), screenshot("https://other.example")
    data = stored(first, "GIF", save_all=True, append_images=[second], duration=100)
    found = look(data)
    assert (found.animated, found.codes) == (True, (LINK,))
    assert "only_first_frame" in codes_in(assess_picture(data, words=False))


def test_the_smallest_picture_is_a_picture() -> None:
    found = look(stored(Image.new("RGB", (1, 1))), grey=True, preview=True)
    assert (found.width, found.height, found.codes) == (1, 1, ())


def distance(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


def test_the_hash_of_a_copy_that_was_stored_again_is_near_and_that_of_another_far() -> None:
    first = look(stored(noise(900))).pdq
    assert distance(first, look(stored(noise(900), "JPEG", quality=40)).pdq) <= 31
    assert distance(first, look(stored(noise(450), "JPEG")).pdq) <= 31
    assert distance(first, look(stored(noise(900, seed=2))).pdq) > 90


# --- harm -----------------------------------------------------------------------------------------


def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_decoded() -> None:
    assert refused(bomb(25_000, 25_000)) == "picture_too_large"
    assert refused(bomb(30_001, 1)) == "picture_too_large"


def test_a_picture_within_bounds_is_decoded_however_well_it_was_packed() -> None:
    assert look(bomb(6_000, 6_000)).width == 6_000


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
def test_a_picture_that_was_cut_short_anywhere_is_refused(form: str) -> None:
    data = stored(noise(), form)
    for part in (1, 3, 5, 8):
        assert refused(data[: len(data) * part // 9]).startswith(("picture_", "file_", "not_a_"))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "file_sort"),
        (b"<html><script>alert(1)</script></html>", "file_sort"),
        (b"", "file_empty"),
        (b"%PDF-1.7\n", "not_a_picture"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "picture_broken"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(8), "picture_broken"),
    ],
)
def test_what_is_no_picture_is_refused_by_its_bytes(data: bytes, code: str) -> None:
    assert refused(data) == code


def test_a_picture_is_decoded_by_the_decoder_of_its_first_bytes_only() -> None:
    """Pillow would find a TIFF, a PSD or an EPS by itself, with decoders that nobody asked for."""
    assert refused(stored(noise(), "TIFF")) == "file_sort"
    assert refused(b"\xff\xd8\xff" + stored(noise(), "PNG")) == "picture_broken"


def test_too_many_bytes_are_refused_before_they_are_sent() -> None:
    with pytest.raises(TooLarge):
        look(b"\xff\xd8\xff" + bytes(workshop.MAX_BYTES))


def test_a_decoder_that_breaks_ends_alone_and_the_next_picture_is_looked_at() -> None:
    with pytest.raises(Malformed) as caught:
        workshop._asked({"sort": "image/none", "want": []}, b"x")
    assert caught.value.code == "picture_unsafe"
    assert codes_of(screenshot(LINK)) == (LINK,)


def test_a_process_that_was_killed_is_started_again() -> None:
    assert codes_of(screenshot(LINK)) == (LINK,)
    process = workshop._running()._popen  # once it is seen to be dead, this is another one
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert codes_of(screenshot(LINK)) == (LINK,)


def test_an_answer_or_a_question_beyond_its_bounds_is_not_read() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        frames.send(ours, {"a": 1}, [bytes(100)])
        with pytest.raises(EOFError, match="too long"):
            frames.receive(theirs, 99)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall((frames.MAX_HEADER + 1).to_bytes(4, "big"))
        with pytest.raises(EOFError, match="too long"):
            frames.receive(theirs, 99)


_ESCAPES = {
    "reads a file": "open('/etc/passwd')",
    "writes a file": "open('/tmp/x', 'w')",
    "opens a connection": "__import__('socket').socket()",
    "starts a program": "__import__('subprocess').run(['true'])",
    "takes the memory": "bytearray(2 << 30)",
    "writes into what is open": "[sys.stdout.write('x'), sys.stdout.flush()]",
}


@pytest.mark.parametrize("escape", _ESCAPES)
def test_from_where_pictures_are_decoded_nothing_leads_out(escape: str, tmp_path: object) -> None:
    script = (
        "import sys, socket, subprocess; from hueandcry.apps.detection import decoding; "
        f"decoding.limit()\ntry:\n    {_ESCAPES[escape]}\n"
        "except (OSError, MemoryError): sys.stdout = None; __import__('os')._exit(7)\n"
        "__import__('os')._exit(8)"
    )
    with open(f"{tmp_path}/out", "wb") as out:
        done = subprocess.run(
            [sys.executable, "-c", script], env=child_environment(), stdout=out, check=False
        )
    assert done.returncode in (7, -signal.SIGXFSZ)


def test_the_process_that_decodes_gets_nothing_of_our_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HUEANDCRY_SECRET_FILE", "/secret/place")
    workshop.close()
    look(stored(noise()))
    pid = workshop._running()._popen.pid
    with open(f"/proc/{pid}/environ", "rb") as file:
        assert b"HUEANDCRY" not in file.read()


# --- assessing ------------------------------------------------------------------------------------


def codes_in(found: Assessment) -> list[str]:
    return [each.code for each in found.reasons]


def knowing(**verdicts: str) -> Known:
    """Verdicts by the kind of signal, of whatever value."""

    def known(signals: Sequence[Signal]) -> Mapping[bytes, str]:
        found = {s.key: verdicts.get(s.kind.replace("-", "_"), "") for s in signals}
        return {key: verdict for key, verdict in found.items() if verdict}

    return known


def test_a_payment_code_names_its_account_and_its_sum_where_the_text_says_so() -> None:
    found = assess_picture(stored(screenshot(VIETQR)), words=False)
    (account,) = (each for each in found.signals if each.kind is Kind.BANK_ACCOUNT)
    assert found.text[account.start : account.end] == account.value == "BFTVVNVX:0123456789"
    (amount,) = found.amounts
    assert (amount.value, amount.currency) == ("50000", "VND")
    assert found.text[amount.start : amount.end] == "50000 VND"
    assert "payment_code" in codes_in(found)


def test_a_number_in_a_payment_code_is_one_to_pay_to() -> None:
    promptpay = payment_code(
        "29370016A00000067701011101130066812345678", "5303764", "54041500", "5802TH"
    )
    found = assess_picture(stored(screenshot(promptpay)), words=False)
    (phone,) = (each for each in found.signals if each.kind is Kind.PHONE)
    assert phone.paid and found.text[phone.start : phone.end] == phone.value == "+66812345678"
    (amount,) = found.amounts
    assert (amount.value, amount.currency) == ("1500", "THB")


def test_what_is_known_of_an_account_in_a_code_decides() -> None:
    data = stored(screenshot(VIETQR))
    found = assess_picture(data, known=knowing(bank_account="scam"), words=False)
    assert found.finding is Finding.SCAM and found.likelihood > 0.9
    assert found.reasons[0].code == "known_scam"
    start, end = found.reasons[0].spans[0]
    assert found.text[start:end] == "BFTVVNVX:0123456789"
    milder = assess_picture(data, known=knowing(bank_account="benign"), words=False)
    assert "known_benign" in codes_in(milder) and milder.finding is not Finding.SCAM


def test_a_picture_that_is_known_decides_and_one_with_nothing_in_it_has_no_hash() -> None:
    known = knowing(image_hash="suspicious")
    found = assess_picture(stored(noise()), known=known, words=False)
    assert found.finding is Finding.SUSPICIOUS and "known_picture" in codes_in(found)
    plain = assess_picture(stored(Image.new("RGB", (300, 300), "teal")), known=known, words=False)
    assert plain.signals == () and plain.finding is Finding.UNKNOWN


def test_without_a_reader_of_letters_a_picture_is_looked_at_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(letters, "_program", lambda: None)
    found = assess_picture(stored(screenshot(LINK)))
    assert "words_not_read" in codes_in(found) and LINK in found.text


def test_a_reader_of_letters_that_fails_is_the_same_as_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(letters, "_program", lambda: "/bin/false")
    assert letters.words(b"P5 1 1 255\n\x00") is None


@pytest.mark.skipif(letters._program() is None, reason="tesseract is not installed")
def test_words_are_read_with_what_the_code_says_before_them() -> None:
    picture = screenshot(LINK, words="Your account is blocked.\nCall 0812345678 now")
    found = assess_picture(stored(picture), market="TH")
    assert found.text.startswith(LINK + "\n")
    assert "account is blocked" in found.text and "0812345678" in found.text
    assert {"code_in_picture", "words_from_picture"} <= set(codes_in(found))


def test_letters_are_read_in_the_languages_of_the_market_that_are_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(letters, "_installed", lambda: frozenset({"eng", "tha", "vie", "msa"}))
    assert letters.languages("th") == "tha+eng"
    assert letters.languages("MY") == "msa+eng"
    assert letters.languages("KH") == "eng"
    assert letters.languages(None) == "tha+vie+eng"


def test_a_code_that_leads_to_a_look_alike_is_no_better_than_where_it_leads() -> None:
    link = "https://metamask-login.pages.dev/verify"
    found = assess_picture(stored(screenshot(link)), words=False)
    assert found.finding in (Finding.SCAM, Finding.SUSPICIOUS)
    start, end = next(each.spans[0] for each in found.reasons if each.spans)
    assert found.text[start:end] in link
