"""Exhibits on the screen of the console: what is shown of each sort, inert, and what it notes."""

from __future__ import annotations

import base64
import io
import re
from email.message import EmailMessage

import pytest
import typst
from django.test import Client
from PIL import Image

from console_reports import opened, posted
from console_scene import one_with
from evidence_scene import Evidence, actions
from hueandcry.apps.evidence.face import ExhibitView
from hueandcry.apps.members.models import Access
from hueandcry.core.custody import Action
from pictures_made import noise, stored

WHY = {"purpose": "investigation", "reference": "case 7"}
OFFER = "Look at it here, because…"
PICTURE = stored(noise())
_INLINE = re.compile(r'src="data:image/jpeg;base64,([^"]+)"')


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Evidence:
    return Evidence(monkeypatch)


@pytest.fixture
def analyst(node: Evidence) -> Client:
    return one_with("analyst")


def page(view: ExhibitView, more: str = "") -> str:
    return f"/console/exhibits/{view.id}/{more}"


def looked(client: Client, view: ExhibitView, status: int = 200, **said: str) -> str:
    return posted(client, page(view, "look/"), status, **WHY, **said)


def pictures(html: str) -> list[Image.Image]:
    """What a page shows, once it is known to be a JPEG."""
    return [
        Image.open(io.BytesIO(base64.b64decode(each)), formats=["JPEG"])
        for each in _INLINE.findall(html)
    ]


def pdf(pages: int) -> bytes:
    made = typst.compile("#pagebreak()\n".join(f"Page {n}\n" for n in range(pages)).encode())
    assert isinstance(made, bytes)
    return made


def letter() -> bytes:
    mail = EmailMessage()
    mail["From"] = "A Bank <service@bank.example>"
    mail["Date"] = "Tue, 10 Mar 2026 14:03:00 +0700"
    mail["X-Mailer"] = "<script>alert(1)</script>"
    mail.set_content("pay <b>now</b> at https://evil.example/x")
    mail.add_alternative(
        '<p>Open <a href="https://evil.example/y">our page</a><img src="https://evil.example/z">',
        subtype="html",
    )
    mail.add_attachment(b"abc", maintype="application", subtype="zip", filename="bill.zip")
    return mail.as_bytes()


def test_a_picture_is_painted_anew_and_the_custody_tells_of_it_once(
    node: Evidence, analyst: Client
) -> None:
    view = node.kept(PICTURE, "it.png").exhibit
    assert OFFER in opened(analyst, page(view))
    [shown] = pictures(looked(analyst, view))
    assert shown.size == (200, 200)
    assert actions(node.chain(view.id)) == ["acquired", "accessed"]
    assert node.chain(view.id)[-1].reason == "investigation: case 7"
    assert Access.objects.filter(action="evidence.read", outcome="ok").count() == 1


def test_pages_of_a_pdf_are_drawn_from_the_one_that_was_asked_for(
    node: Evidence, analyst: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hueandcry.apps.detection.sheets.MAX_PAGES", 1)
    view = node.kept(pdf(2), "it.pdf").exhibit
    html = looked(analyst, view)
    assert len(pictures(html)) == 1 and "read on from 2" in html
    html = looked(analyst, view, first="2")
    assert f"Page 2 of exhibit {view.number}" in html and "read on" not in html
    assert "It ends before page 3." in looked(analyst, view, first="3")
    assert actions(node.chain(view.id)) == ["acquired"] + 3 * ["accessed"]


def test_an_e_mail_is_text_and_nothing_of_it_runs_or_is_fetched(
    node: Evidence, analyst: Client
) -> None:
    view = node.kept(letter(), "it.eml").exhibit
    html = analyst.post(page(view, "look/"), WHY, secure=True).content.decode()
    assert "pay &lt;b&gt;now&lt;/b&gt;" in html and "<script>alert" not in html
    assert "our page &lt;https://evil.example/y&gt;" in html
    assert 'href="https://evil' not in html and 'src="https://evil' not in html
    assert "Tue, 10 Mar 2026 14:03:00 +0700" in html and "X-Mailer" in html
    assert "bill.zip" in html and "ba7816bf" in html, "the digest of what is attached"
    assert actions(node.chain(view.id)) == ["acquired", "accessed"]


def test_without_a_purpose_nothing_is_looked_at(node: Evidence, analyst: Client) -> None:
    view = node.kept(PICTURE, "it.png").exhibit
    assert "This field is required." in posted(analyst, page(view, "look/"), 400)
    again = analyst.get(page(view, "look/"), {"lang": "th"}, secure=True)
    assert again.headers["Location"] == page(view), "in another language one asks again"
    assert actions(node.chain(view.id)) == ["acquired"]


def test_what_nothing_here_shows_is_not_offered_and_not_read(
    node: Evidence, analyst: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = node.kept().exhibit
    assert OFFER not in opened(analyst, page(text))
    looked(analyst, text, 404)
    monkeypatch.setattr(
        "hueandcry.doors.console.exhibit_page._VIEWERS", {"image/png": ("picture", 9)}
    )
    large = node.kept(PICTURE, "it.png").exhibit
    looked(analyst, large, 404)
    assert actions(node.chain(text.id)) == actions(node.chain(large.id)) == ["acquired"]


def test_a_broken_picture_is_told_and_was_read_all_the_same(
    node: Evidence, analyst: Client
) -> None:
    view = node.kept(b"\x89PNG\r\n\x1a\n nonsense", "it.png").exhibit
    assert "picture_broken" in looked(analyst, view, 400)
    assert node.chain(view.id)[-1].action is Action.ACCESSED


def test_only_the_police_look_at_what_lies_in_quarantine(node: Evidence, analyst: Client) -> None:
    view = node.kept(PICTURE, "it.png", quarantined=True).exhibit
    assert OFFER not in opened(analyst, page(view))
    looked(analyst, view, 403)
    assert actions(node.chain(view.id)) == ["acquired"]
    assert Access.objects.get(action="evidence.read").outcome == "refused"
    police = one_with("police")
    assert OFFER in opened(police, page(view))
    assert len(pictures(looked(police, view))) == 1
