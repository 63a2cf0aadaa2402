"""*Check*, for links: what is claimed comes first, then what the spelling looks like, and why."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from hueandcry.apps.detection import face as detection
from hueandcry.apps.detection.face import Assessment
from hueandcry.core.types import Kind, Tlp
from hueandcry.doors.web.message_advice import LURES
from node_scene import keyring
from signals_scene import Scene

SPELLED = "We looked only at how it is written. We never open a link."
SILENT = "How it is written does not tell whether it is a scam."
ORDINARY = "Shall we meet at six for dinner tonight? Grandma will bring the rice."


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    keyring()
    return Scene(monkeypatch)


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def page(client: Client, text: str, **more: str) -> str:
    response = client.get("/", {"value": text, **more})
    assert response.status_code == 200
    return unescape(response.content.decode())


def verdicts(html: str) -> list[str]:
    return re.findall(r'<article class="result (\w+)"', html)


@pytest.mark.parametrize("text", ["kbank-verify.top", "https://kbank-verify.top/a"])
def test_a_look_alike_is_named_with_its_brand_and_what_to_do(
    scene: Scene, client: Client, text: str
) -> None:
    html = page(client, text)
    assert verdicts(html) == ["scam"] and "This looks like a scam" in html
    assert "uses the name of" in html and "Genuine: kasikornbank[.]com" in html
    assert "False bank" in html and str(LURES["impersonation-bank"]) in html
    assert "No public report about it is known to us." in html
    assert "Do not pay, and do not give a password" in html and SPELLED in html


@pytest.mark.parametrize(
    ("language", "said"),
    [("th", "นี่"), ("zh-hans", "我们从不打开链接。"), ("my", "လင့်ခ်ကို ဘယ်တော့မှ မဖွင့်ပါ။")],
)
def test_it_is_said_in_the_language_of_the_reader(
    scene: Scene, client: Client, language: str, said: str
) -> None:
    html = page(client, "kbank-verify.top", lang=language)
    assert verdicts(html) == ["scam"] and said in html
    assert "look" not in re.sub(r"<[^>]*>", "", html.partition("<article")[2].partition("</ar")[0])


@pytest.mark.parametrize("text", ["my-little-bakery.com", "a.example", "https://bit.ly/3abc"])
def test_an_honest_looking_name_clears_nothing(scene: Scene, client: Client, text: str) -> None:
    html = page(client, text)
    assert verdicts(html) == ["unknown"] and "This does not mean that it is safe." in html
    assert (SILENT in html) is ("bit.ly" not in text)


def test_whose_name_it_is_clears_it_with_a_warning(scene: Scene, client: Client) -> None:
    html = page(client, "https://www.scbx.com/about")
    assert verdicts(html) == ["ordinary"] and "We found no sign of a scam" in html
    assert "That does not prove that it is genuine." in html


def test_what_is_claimed_comes_before_what_it_looks_like(scene: Scene, client: Client) -> None:
    scene.raised("scbx.com", tlp=Tlp.CLEAR)
    html = page(client, "https://www.scbx.com/about")
    assert verdicts(html) == ["scam"] and SPELLED not in html and "belongs to" not in html


@pytest.mark.parametrize("tlp", [Tlp.GREEN, Tlp.RED])
def test_what_is_not_public_does_not_show_in_it(scene: Scene, client: Client, tlp: Tlp) -> None:
    before = page(client, "kbank-verify.top")
    scene.raised("kbank-verify.top", tlp=tlp, lure="romance")
    nonce = re.compile(r"nonce-\S+")
    assert nonce.sub("", page(client, "kbank-verify.top")) == nonce.sub("", before)


def test_several_links_are_counted_by_answer_the_worst_first(scene: Scene, client: Client) -> None:
    scene.raised("evil.example", tlp=Tlp.CLEAR)
    html = page(client, "a.example\nkbank-verify.top\nevil.example")
    assert verdicts(html) == ["unknown", "scam", "scam"]
    counts = re.findall(r"<span>([^<]+): <b>(\d)</b>", html)
    assert counts == [("Scam", "1"), ("This looks like a scam", "1"), ("Not known", "1")]


def test_a_look_alike_in_a_message_outweighs_its_words(scene: Scene, client: Client) -> None:
    assert verdicts(posted(client, ORDINARY)) != ["scam"]
    html = posted(client, f"{ORDINARY} https://kbank-verify.top/menu")
    assert verdicts(html) == ["scam"]
    assert "<mark>hxxps://kbank-verify[.]top/menu</mark>" in html
    assert re.search(r"This looks like a scam: [^<]*uses the name of", html)


def test_a_link_written_around_filters_is_judged_by_what_it_is(
    scene: Scene, client: Client
) -> None:
    html = posted(client, f"{ORDINARY} see kbank-verify[.]top for it")
    assert verdicts(html) == ["scam"] and "uses the name of" in html


def test_what_is_publicly_known_of_a_link_in_a_message_stands(scene: Scene, client: Client) -> None:
    scene.raised("kbank-verify.top", tlp=Tlp.CLEAR)
    html = posted(client, f"{ORDINARY} https://kbank-verify.top/menu")
    assert verdicts(html) == ["scam"] and "is known to be part of a scam." in html
    assert "uses the name of" not in html


def test_many_links_in_one_message_are_bounded(
    scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    assess = detection.assess_link

    def counted(text: str) -> Assessment:
        asked.append(text)
        return assess(text)

    monkeypatch.setattr(detection, "assess_link", counted)
    posted(client, ORDINARY + " ".join(f" https://host{n}.example/a" for n in range(200)))
    assert 0 < len(asked) <= 20


def test_a_number_is_not_judged_by_how_it_is_written(scene: Scene, client: Client) -> None:
    scene.raised("+66812345678", Kind.PHONE, tlp=Tlp.CLEAR)
    html = posted(client, "+66812345678")
    assert verdicts(html) == ["unknown"] and SPELLED not in html


def posted(client: Client, text: str) -> str:
    response = client.post("/", {"value": text})
    assert response.status_code == 200
    return unescape(response.content.decode())
