"""*Check*, for what is no mere value: messages, pictures, e-mails; and what is far too much."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

import pictures_made
from hueandcry.apps.detection import face as detection
from hueandcry.apps.detection.face import MEANINGS, Assessment, Finding, Indicator, Reason, Sort
from hueandcry.core import taxonomy
from hueandcry.core.errors import TooMany
from hueandcry.core.extract import Found
from hueandcry.core.types import Kind, Tlp
from hueandcry.doors.desk import reasons
from hueandcry.doors.web import pasted
from hueandcry.doors.web.highlighting import SHOWN, merged, pieces
from hueandcry.doors.web.message_advice import FINDINGS, LURES
from hueandcry.doors.web.views import FILES
from node_scene import keyring
from signals_scene import Scene

TEXT = "Your account is <b>locked</b>. Open http://evil.example/a & pay now."


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    keyring()
    return Scene(monkeypatch)


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def posted(client: Client, **fields: Any) -> str:
    """The text of the page that answers a form."""
    response = client.post("/", fields)
    assert response.status_code == 200
    return unescape(response.content.decode())


def seen_as(monkeypatch: pytest.MonkeyPatch, seen: Assessment) -> None:
    """Whatever is asked, this is what it looks like."""
    monkeypatch.setattr(detection, "assess_message", lambda *a, **b: seen)


def scam(**more: Any) -> Assessment:
    at = TEXT.index("http")
    defaults: dict[str, Any] = {
        "language": "en",
        "language_confidence": 0.99,
        "lure": "impersonation-bank",
        "method": "sms",
        "reasons": (Reason("asks_to_open_link", {}, ((16, 29),)),),
        "signals": (Found(Kind.URL, "http://evil.example/a", at, at + 21, 0.99),),
    }
    return Assessment(Sort.MESSAGE, Finding.SCAM, 0.97, **{**defaults, **more})


# --- what a message looks like -------------------------------------------------------------------


def test_a_message_is_answered_with_why_its_parts_and_what_to_do(
    scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.raised("http://evil.example/a", Kind.URL, tlp=Tlp.CLEAR)
    seen_as(monkeypatch, scam())
    html = posted(client, value=TEXT)
    assert '<article class="result scam"' in html and "This looks like a scam" in html
    assert "It wants you to open a link." in html
    assert "False bank" in html and "Text message" in html
    assert str(LURES["impersonation-bank"]) in html
    assert "We read it as English." in html
    assert "Scam: Our own staff have found that it is a scam." in html


def test_the_words_of_a_reason_are_marked_and_nothing_pasted_becomes_markup(
    scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen_as(monkeypatch, scam())
    html = client.post("/", {"value": TEXT}).content.decode()
    assert "<mark>&lt;b&gt;locked&lt;/b&gt;</mark>. Open hxxp://evil[.]example/a &amp; pay" in html
    assert "<b>locked" not in html


def test_the_form_to_raise_it_holds_the_words_as_they_were_pasted(
    scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen_as(monkeypatch, scam())
    html = posted(client, value=TEXT)
    assert f'<input type="hidden" name="about" value="{TEXT}">' in html


@pytest.mark.parametrize("finding", list(Finding))
def test_every_finding_is_said_in_words(
    scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch, finding: Finding
) -> None:
    seen_as(monkeypatch, Assessment(Sort.MESSAGE, finding, 0.5))
    html = posted(client, value="some words, and more of them")
    assert str(FINDINGS[finding].name) in html and str(FINDINGS[finding].meaning) in html
    assert "We could not tell in which language it is." in html


def test_a_doubt_about_the_language_is_said(
    scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen_as(monkeypatch, scam(language="id", language_rivals=("ms",)))
    said = "We read it as Bahasa Indonesia; it may also be Bahasa Melayu."
    assert said in posted(client, value=TEXT)


def test_signs_of_trafficking_lead_to_help(
    scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    signs = (Indicator("free_travel", True, ((0, 4),)), Indicator("debt_clause", False))
    why = (Reason("signs_of_trafficking", {"met": 6, "of": 16}),)
    advert = Assessment(Sort.JOB_ADVERT, Finding.SCAM, 0.9, reasons=why, indicators=signs)
    monkeypatch.setattr(detection, "assess_job", lambda *a, **b: advert)
    seen_as(monkeypatch, scam(lure="job"))
    html = posted(client, value=TEXT)
    assert "Flights, visas and lodging are paid for you" in html
    assert "6 of 16 signs of human trafficking are in it." in html
    assert "You would owe money" not in html and 'href="/help/forced"' in html


def test_a_phone_number_in_a_message_is_told_only_if_released(
    scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.raised("+66812345678", Kind.PHONE, tlp=Tlp.CLEAR)
    seen_as(monkeypatch, scam(signals=(Found(Kind.PHONE, "+66812345678", 0, 4, 0.9),)))
    html = posted(client, value=TEXT)
    assert "+66812345678" in html and "Our own staff" not in html
    assert "No public report about it is known to us." in html


def test_a_text_never_stands_in_an_address(scene: Scene, client: Client) -> None:
    assert client.post("/", {"value": "+66812345678"}).status_code == 200
    assert client.post("/", {"value": "some words about it"}).status_code == 200
    away = client.post("/", {"value": "a.example\nb.example", "lang": "th"})
    assert away.headers["Location"] == "/?value=a.example%0Ab.example"


def test_another_language_is_chosen_without_losing_the_question(
    scene: Scene, client: Client
) -> None:
    html = posted(client, value="some words about it")
    assert '<input type="hidden" name="value" value="some words about it">' in html
    assert 'formaction="?lang=th"' in html


# --- too much, too strange -----------------------------------------------------------------------


def test_a_long_text_is_cut_and_the_page_says_so(scene: Scene, client: Client) -> None:
    html = posted(client, value="many words " * 100_000)
    assert f"Your text was longer than {pasted.MAX_TEXT} characters." in html
    assert len(html) < 100_000


@pytest.mark.parametrize("path", ["/", "/report", "/my-report"])
@pytest.mark.parametrize(
    ("form", "size"),
    [
        ("application/x-www-form-urlencoded", 3_000_000),
        ("application/x-www-form-urlencoded", 2 << 30),
        ("multipart/form-data; boundary=x", 80_000_000),
        ("multipart/form-data; boundary=x", 2 << 30),
    ],
)
def test_what_is_far_too_large_is_refused_in_the_readers_language(
    scene: Scene, client: Client, path: str, form: str, size: int
) -> None:
    said: dict[str, Any] = {"CONTENT_LENGTH": str(size), "HTTP_ACCEPT_LANGUAGE": "vi"}
    response = client.generic("POST", path, b"the beginning", content_type=form, **said)
    assert response.status_code == 413
    html = response.content.decode()
    assert '<html lang="vi">' in html and "không có gì được lưu lại" in unescape(html)


@pytest.mark.parametrize(
    "text", ["😀😱💸 😀", "‮⁧ abc ‬", "\x00 \x07 a", "ก็" * 400, "a\u0301 b" * 300]
)
def test_strange_texts_get_an_answer(scene: Scene, client: Client, text: str) -> None:
    assert '<article class="result' in posted(client, value=text)


# --- files ---------------------------------------------------------------------------------------


def test_a_picture_is_looked_at_and_its_code_is_checked(scene: Scene, client: Client) -> None:
    scene.raised("evil.example", tlp=Tlp.CLEAR)
    picture = pictures_made.stored(pictures_made.screenshot("https://evil.example/pay"))
    html = posted(client, file=SimpleUploadedFile("x.png", picture), value="")
    assert "There is a QR code in the picture." in html
    assert "hxxps://evil[.]example/pay" in html and "What we read in it" in html


def test_an_e_mail_is_looked_at(scene: Scene, client: Client) -> None:
    mail = (
        b"From: Bank <a@bank.example>\r\nReply-To: b@other.example\r\nSubject: Hello\r\n"
        b"Date: Mon, 21 Sep 2026 10:00:00 +0000\r\nTo: me@here.example\r\n\r\nPlease answer.\r\n"
    )
    html = posted(client, file=SimpleUploadedFile("x.eml", mail), value="")
    assert "Your answer would go to b[at]other[.]example, and not to a[at]bank[.]example." in html


@pytest.mark.parametrize("data", [b"MZ\x90\x00" * 100, b"PK\x03\x04" + b"a" * 100, b"\x00"])
def test_a_file_that_is_none_of_these_leaves_what_was_typed(
    scene: Scene, client: Client, data: bytes
) -> None:
    html = posted(client, file=SimpleUploadedFile("photo.png", data), value="my words")
    assert "We could not read this file." in html and ">my words</textarea>" in html


def test_a_file_is_kept_nowhere(
    scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.NamedTemporaryFile", lambda *a, **b: 1 / 0)
    monkeypatch.setattr("hueandcry.engine.blobs.face.writer", lambda *a: 1 / 0)
    text = b"nothing but words " * 300_000
    assert len(text) < FILES.each
    assert "What we read in it" in posted(client, file=SimpleUploadedFile("a.txt", text), value="")


def test_files_cost_more_of_what_an_address_may_ask(
    scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(environ: object, cost: float = 1.0) -> None:
        if cost > 1:
            raise TooMany("rate_address", "Too many requests come from this address")

    monkeypatch.setattr("hueandcry.doors.desk.limits.address", refused)
    response = client.post("/", {"file": SimpleUploadedFile("a.txt", b"words of a text")})
    assert response.status_code == 429


# --- words ---------------------------------------------------------------------------------------

_NAMED = re.compile(r"%\((\w+)\)s")
_BRACED = re.compile(r"\{(\w+)\}")


def test_every_reason_of_detection_is_said_with_parameters_that_it_has() -> None:
    assert set(MEANINGS) - set(reasons.REASONS) == set()
    for code, meaning in MEANINGS.items():
        asked = set(_NAMED.findall(str(reasons.REASONS[code])))
        assert asked <= set(_BRACED.findall(meaning.words)), code
        params = dict.fromkeys(_BRACED.findall(meaning.words), "x")
        assert reasons.sentence(Reason(code, params)) != code


def test_a_reason_that_nobody_has_words_for_is_shown_by_its_code() -> None:
    assert reasons.sentence(Reason("new_rule", {"x": 1})) == "new_rule"
    assert reasons.indicator("new_sign") == "new_sign"


def test_every_lure_has_one_thing_to_know_about_it() -> None:
    assert set(LURES) == set(taxonomy.LURES)


# --- marking -------------------------------------------------------------------------------------

spans = st.lists(st.tuples(st.integers(-5, 4_000), st.integers(-5, 4_000)), max_size=8)


@given(st.text(max_size=200).map(lambda text: text * 20), spans)
def test_pieces_are_the_text_itself_and_marked_where_a_span_lies(
    text: str, marks: list[tuple[int, int]]
) -> None:
    plain = text.replace(".", "").replace("http", "")
    found = pieces(plain, marks)
    shown = plain[:SHOWN] + ("…" if len(plain) > SHOWN else "")
    assert "".join(piece.text for piece in found) == shown
    marked = {at for start, end in marks for at in range(max(0, start), end)}
    at = 0
    for piece in found:
        places = set(range(at, min(at + len(piece.text), len(plain), SHOWN)))
        assert places <= marked if piece.marked else not places & marked
        at += len(piece.text)


@given(spans, st.integers(0, 4_000))
def test_merged_spans_lie_within_in_order_and_apart(
    marks: list[tuple[int, int]], length: int
) -> None:
    joined = merged(marks, length)
    flat = [place for span in joined for place in span]
    assert flat == sorted(set(flat)) and all(0 <= place <= length for place in flat)
