"""The public page *check this*: what it says, to whom, and in whose words."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from hueandcry.apps.members import face as members
from hueandcry.apps.members.models import Member
from hueandcry.apps.reports import face as reports
from hueandcry.apps.signals.rules import Code
from hueandcry.core import taxonomy
from hueandcry.core.normal import normalise
from hueandcry.core.types import DAY, Audience, Kind, Tlp, Verdict
from hueandcry.doors.desk.assets import assets
from hueandcry.doors.desk.defanging import defanged
from hueandcry.doors.desk.kinds import KINDS
from hueandcry.doors.desk.taxonomy import LURES, METHODS
from hueandcry.doors.web import words
from hueandcry.doors.web.advice import ADVICE
from hueandcry.doors.web.dates import day
from hueandcry.doors.web.examples import EXAMPLES
from hueandcry.engine.store.work import unit_of_work
from node_scene import keyring
from signals_scene import ACTOR, Scene

LANGUAGES = [code for code, _ in settings.LANGUAGES]


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    keyring()
    return Scene(monkeypatch)


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def page(client: Client, *values: str, **more: Any) -> str:
    """The text of the page for these lines."""
    response = client.get("/", {"value": "\n".join(values)}, **more)
    assert response.status_code == 200
    return unescape(response.content.decode())


def verdicts(html: str) -> list[str]:
    return re.findall(r'<article class="result (\w+)"', html)


# --- answers -------------------------------------------------------------------------------------


def test_a_public_scam_is_answered_in_words_with_why_and_what_to_do(
    scene: Scene, client: Client
) -> None:
    scene.raised("evil.example", tlp=Tlp.CLEAR, lure="impersonation-bank", method="sms")
    html = page(client, "https://login.evil.example/verify")
    assert verdicts(html) == ["scam"]
    assert (
        "<title>Scam: hxxps://login.evil[.]example/verify – 11</title>".replace(
            "login.evil", "login[.]evil"
        )
        in html
    )
    assert "Our own staff have found that it is a scam." in html
    assert "The report is about evil[.]example, of which this is a part." in html
    assert "11 reported it as a scam on 21 September 2026." in html
    assert "False bank" in html and "Text message" in html
    assert "This answer holds until 20 December 2026 at the latest." in html
    assert "Call your bank at once" in html
    assert "Is this answer wrong?" in html and "Tell 11, which gives this answer." in html


@pytest.mark.parametrize("tlp", [Tlp.GREEN, Tlp.AMBER, Tlp.AMBER_STRICT, Tlp.RED])
def test_what_is_not_public_is_answered_as_what_does_not_exist(
    scene: Scene, client: Client, tlp: Tlp
) -> None:
    scene.raised("secret.example", tlp=tlp, lure="romance")
    seen, absent = page(client, "secret.example"), page(client, "absent.example")
    reference = re.compile(r"domain-name--[0-9a-f-]{36}|nonce-\S+")
    same = [
        reference.sub("", html.replace(word, ""))
        for html, word in ((seen, "secret"), (absent, "absent"))
    ]
    assert same[0] == same[1]
    assert verdicts(seen) == ["unknown"]


def test_unknown_says_that_it_is_not_safe(scene: Scene, client: Client) -> None:
    assert "This does not mean that it is safe." in page(client, "new.example")


def test_one_unconfirmed_source_is_suspicious(scene: Scene, client: Client) -> None:
    scene.ingested("shop.example", tlp=Tlp.CLEAR, source="some-list")
    html = page(client, "shop.example")
    assert verdicts(html) == ["suspicious"]
    assert "One source reports it as a scam." in html and "Source: some-list" in html


def test_a_well_known_site_is_known_as_genuine_with_a_warning(scene: Scene, client: Client) -> None:
    html = page(client, "google.com")
    assert verdicts(html) == ["benign"]
    assert "the most visited websites" in html and "may still be lying" in html


def test_several_lines_get_several_answers_in_order_without_repetition(
    scene: Scene, client: Client
) -> None:
    scene.raised("evil.example", tlp=Tlp.CLEAR)
    html = page(client, "google.com", "", "evil.example", "google.com", "0x123")
    assert verdicts(html) == ["benign", "scam", "unreadable"]


def test_more_than_twenty_lines_are_cut_and_the_page_says_so(scene: Scene, client: Client) -> None:
    html = page(client, *(f"n{n}.example" for n in range(23)))
    assert len(verdicts(html)) == 20
    assert "Only the first 20 lines were checked. Lines left out: 3." in html


def test_a_number_without_country_code_is_read_as_one_of_the_nodes_country(
    scene: Scene, client: Client
) -> None:
    scene.raised("+66812345678", Kind.PHONE, tlp=Tlp.CLEAR)
    assert verdicts(page(client, "081-234-5678")) == ["unknown"], "nobody released it"
    with unit_of_work():
        reports.release(ACTOR, normalise(Kind.PHONE, "+66812345678"), "it calls many", scene.now)
    html = page(client, "081-234-5678")
    assert verdicts(html) == ["scam"]
    assert "warn of it since 21 September 2026" in html
    assert "Phone number" in html and "+66812345678" in html


def test_where_the_node_has_no_country_such_a_number_needs_its_code(
    scene: Scene, client: Client
) -> None:
    Member.objects.update(country="IO")
    members.forget()
    html = page(client, "081-234-5678")
    assert verdicts(html) == ["unreadable"] and "begin with + and the country code" in html


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("GB33BUKB20201555555556", "typing mistake in this account number"),
        ("https://a.example/" + "x" * 9000, "This is too long."),
        ("http://exa mple.com/a", "looks like a web address"),
        ("0x123", "on each line, without the text around it"),
    ],
)
def test_what_cannot_be_read_gets_help_and_examples_and_is_there_to_be_corrected(
    scene: Scene, client: Client, text: str, says: str
) -> None:
    html = page(client, text)
    assert verdicts(html) == ["unreadable"]
    assert says in html
    assert EXAMPLES[0].text in html
    assert f">{text}</textarea>" in html


def test_every_example_on_the_page_can_be_checked(scene: Scene, client: Client) -> None:
    found = verdicts(page(client, *(example.text for example in EXAMPLES)))
    assert len(found) == len(EXAMPLES) and "unreadable" not in found


def test_nothing_that_was_asked_becomes_a_link_or_markup(scene: Scene, client: Client) -> None:
    raw = client.get("/", {"value": "https://evil.example/<script>alert(1)</script>"})
    html = raw.content.decode()
    assert "<script>" not in html
    assert not re.search(
        r'(?:href|src|action)="[^"]*evil',
        html.replace("?value=", "?v=").replace(
            quote("https://evil.example/<script>alert(1)</script>", safe=""), ""
        ),
    )


@pytest.mark.parametrize(
    "text", ["\x00", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "‮", "a\x00b.com"]
)
def test_strange_characters_get_a_page(scene: Scene, client: Client, text: str) -> None:
    assert client.get("/", {"value": text}).status_code == 200


def test_a_claim_that_ends_is_no_longer_answered(scene: Scene, client: Client) -> None:
    scene.raised("evil.example", tlp=Tlp.CLEAR, valid_until=scene.now + DAY)
    scene.now += 2 * DAY
    html = page(client, "evil.example")
    assert verdicts(html) == ["unknown"] and "none of them is in force now" in html


def test_the_page_answers_what_a_clear_token_reads(scene: Scene, client: Client) -> None:
    values = {"a.example": Tlp.CLEAR, "b.example": Tlp.GREEN, "c.example": Tlp.RED}
    for value, tlp in values.items():
        scene.raised(value, tlp=tlp)
    answers = [scene.verdict(value, Audience.CLEAR) for value in values]
    assert verdicts(page(client, *values)) == answers == ["scam", "unknown", "unknown"]


# --- the frame -----------------------------------------------------------------------------------


def test_every_answer_carries_a_strict_policy_with_a_nonce_of_its_own(
    scene: Scene, client: Client
) -> None:
    policies = {client.get(path).headers["Content-Security-Policy"] for path in ("/", "/", "/nope")}
    assert len(policies) == 3
    for policy in policies:
        assert policy.startswith("default-src 'none'; script-src 'self' 'nonce-")
        assert "unsafe" not in policy and "frame-ancestors 'none'" in policy


def test_the_page_has_nothing_inline_and_nothing_from_elsewhere(
    scene: Scene, client: Client
) -> None:
    html = page(client, "a.example", "hello world")
    assert "style=" not in html and "<style" not in html and not re.search(r"<\w[^>]* on\w+=", html)
    loaded = re.findall(r'<link rel="(?:icon|stylesheet)" href="([^"]+)"', html)
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", html)
    assert len(loaded) == 4 and len(scripts) == 1
    assert all(url.startswith("/static/") for url in loaded)
    assert all(head.startswith(' src="/static/') and not body for head, body in scripts)


def test_an_answer_is_kept_by_nobody(scene: Scene, client: Client) -> None:
    response = client.get("/", {"value": "a.example"})
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert '<meta name="robots" content="noindex">' in response.content.decode()


def test_files_are_served_under_their_digest_and_kept_for_ever(client: Client) -> None:
    asset = assets()["web/page.css"]
    response = client.get(asset.url)
    assert (response.status_code, response.content) == (200, asset.body)
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in response.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    ["/static/0000000000000000/web/page.css", "/static/x/../../../etc/passwd", "/static/page.css"],
)
def test_another_digest_or_path_is_404(database: None, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("method", ["put", "delete"])
def test_the_page_is_asked_and_nothing_else(scene: Scene, client: Client, method: str) -> None:
    assert getattr(client, method)("/").status_code == 405


def test_a_page_that_does_not_exist_is_404_in_the_frame(scene: Scene, client: Client) -> None:
    response = client.get("/nope", headers={"Accept-Language": "th"})
    html = response.content.decode()
    assert response.status_code == 404
    assert "ไม่พบหน้านี้" in html and '<html lang="th">' in html


def test_a_fault_is_a_page_without_its_words(
    scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hueandcry.doors.web.views.results", lambda *a: 1 / 0)
    response = client.get("/", {"value": "a.example"})
    html = response.content.decode()
    assert response.status_code == 500
    assert "Something went wrong here" in html and "division" not in html


def test_a_bad_request_is_a_page(scene: Scene, client: Client) -> None:
    query = "&".join(f"a{n}=1" for n in range(1_100))
    response = client.get("/?" + query)
    assert response.status_code == 400
    assert "This could not be read" in response.content.decode()


@pytest.mark.parametrize("path", ["/", "/?value=a.example", "/nope"])
def test_before_the_node_is_founded_every_page_says_something(
    database: None, client: Client, path: str
) -> None:
    response = client.get(path)
    assert response.status_code in (404, 503)
    assert "Hue and Cry" in response.content.decode()


# --- languages -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "language"),
    [("th", "th"), ("vi-VN,vi;q=0.9", "vi"), ("th-TH,en;q=0.5", "th"), ("fr", "en"), ("", "en")],
)
def test_the_browsers_language_is_honoured(
    scene: Scene, client: Client, header: str, language: str
) -> None:
    assert f'<html lang="{language}">' in page(client, headers={"Accept-Language": header})


def test_a_chosen_language_goes_before_the_browsers_and_is_remembered(
    scene: Scene, client: Client
) -> None:
    first = client.get("/?lang=vi&value=a.example", headers={"Accept-Language": "th"})
    assert '<html lang="vi">' in first.content.decode()
    cookie = first.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert '<html lang="vi">' in page(client, headers={"Accept-Language": "th"})


@pytest.mark.parametrize("wrong", ["xx", "../../etc", "", "%00", "th" * 500])
def test_a_language_that_there_is_not_changes_nothing(
    scene: Scene, client: Client, wrong: str
) -> None:
    response = client.get(f"/?lang={wrong}")
    assert response.status_code == 200
    assert '<html lang="en">' in response.content.decode() and not response.cookies


def test_the_other_languages_show_the_same_answer(scene: Scene, client: Client) -> None:
    html = page(client, "a.example", "+66812345678")
    urls = re.findall(r'<a href="(\?[^"]+)" lang="([\w-]+)"', html)
    assert [code for _, code in urls] == LANGUAGES[1:]
    for url, code in urls:
        other = client.get("/" + url).content.decode()
        assert f'<html lang="{code}">' in other
        assert verdicts(other) == ["unknown", "unknown"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_verdict_kind_lure_and_method_has_words(language: str) -> None:
    for_us_alone = {Code.SHIELDED.text}
    told = {code.text for code in Code} - for_us_alone
    assert told | {"claim", "released"} == set(words.REASONS)
    assert set(Verdict) == set(ADVICE)
    assert set(Kind) == set(KINDS)
    assert set(taxonomy.LURES) == set(LURES) and set(taxonomy.METHODS) == set(METHODS)
    assert {v.value for v in Verdict} - {"unknown"} == set(words.CLAIMS)
    with translation.override(language):
        for code in Code:
            assert words.sentence({"code": code.text, "params": {}})


def test_a_reason_that_nobody_has_words_for_is_shown_by_its_code() -> None:
    assert words.sentence({"code": "new_rule", "params": {"x": 1}}) == "new_rule"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "28 February 2027"),
        ("th", "28 กุมภาพันธ์ พ.ศ. 2570"),
        ("vi", "ngày 28 tháng 2 năm 2027"),
        ("id", "28 Februari 2027"),
        ("km", "ថ្ងៃទី 28 ខែកុម្ភៈ ឆ្នាំ 2027"),
        ("lo", "28 ກຸມພາ 2027"),
        ("my", "2027 ဖေဖော်ဝါရီ 28"),
        ("fil", "Pebrero 28, 2027"),
        ("zh-hans", "2027年2月28日"),
    ],
)
def test_days_are_written_as_readers_write_them(language: str, text: str) -> None:
    with translation.override(language):
        assert day("2027-02-28T23:59:59.999999Z") == text


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        (Kind.DOMAIN, "a.evil.example", "a[.]evil[.]example"),
        (
            Kind.URL,
            "HTTPS://evil.example/a.b?u=http://x.y/",
            "hxxps://evil[.]example/a.b?u=hxxp://x.y/",
        ),
        (Kind.URL, "evil.example/a.b", "evil[.]example/a.b"),
        (Kind.URL, "evil.example?u=http://x.y", "evil[.]example?u=hxxp://x.y"),
        (Kind.URL, "ftp://evil.example/a", "ftp://evil[.]example/a"),
        (Kind.URL, "evil.example:8080/a.b\nc", "evil[.]example:8080/a.b\nc"),
        (Kind.EMAIL, "a.b@evil.example", "a[.]b[at]evil[.]example"),
        (Kind.PHONE, "+66812345678", "+66812345678"),
        (None, "see http://evil.example now.", "see hxxp://evil[.]example now."),
        (Kind.DOMAIN, "x" * 400, "x" * 300 + "…"),
    ],
)
def test_addresses_are_shown_so_that_nothing_opens_them(
    kind: Kind | None, text: str, shown: str
) -> None:
    assert defanged(kind, text) == shown
