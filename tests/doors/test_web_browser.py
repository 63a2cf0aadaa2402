"""The public page in a real browser: readable and usable on a phone and a desk, without script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal
from urllib.parse import quote

import pytest
from django.conf import settings
from playwright.sync_api import Browser, ViewportSize

import django_server
from chromium import DESK, NARROWEST, PHONE, chromium, examined, need_chromium, overflow
from hueandcry.core.types import Tlp
from hueandcry.doors.web.help_pages import PAGES
from node_scene import keyring
from signals_scene import Scene

LOOKS: Final[list[tuple[Literal["light", "dark"], ViewportSize]]] = [
    ("light", PHONE),
    ("dark", DESK),
]
LANGUAGES = [code for code, _ in settings.LANGUAGES]
#: Two scripts in which every page is looked at by axe; the others by what is wider than a window.
LOOKED_AT = ("en", "th")
#: What is asked, and the answer that it gets.
ASKED = {
    "scam": "https://login.evil.example/verify",
    "suspicious": "shop.example",
    "benign": "google.com",
    "unknown": "+66 81 234 5678",
    "unreadable": "https://exa mple.com",
}

#: What is no value: a message.
MESSAGE = "Your parcel is held. Pay the fee of 30 THB at https://parcel-fee.example/th today."

need_chromium()


@pytest.fixture
def address(database: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A node with a scam and a suspicion that the public may know of."""
    keyring()
    scene = Scene(monkeypatch)
    scene.raised("evil.example", tlp=Tlp.CLEAR, lure="impersonation-bank", method="sms")
    scene.ingested("shop.example", tlp=Tlp.CLEAR, source="a-list-with-a-long-name", lure="purchase")
    with django_server.serving() as port:
        yield f"http://127.0.0.1:{port}/"


@pytest.fixture
def browser(address: str) -> Iterator[Browser]:
    """After the stage: while it runs, this thread may not use Django's database."""
    with chromium() as running:
        yield running


def question(address: str, language: str, *lines: str) -> str:
    return f"{address}?lang={language}&value={quote(chr(10).join(lines))}"


def pages(address: str, language: str) -> Iterator[str]:
    """Every page there is, in one language."""
    yield f"{address}?lang={language}"
    for path in ("nope", "report", "my-report", "help", *(f"help/{p.name}" for p in PAGES)):
        yield f"{address}{path}?lang={language}"
    yield question(address, language, MESSAGE)
    for text in ASKED.values():
        yield question(address, language, text)
    yield question(address, language, *ASKED.values())


@pytest.mark.parametrize("language", LOOKED_AT)
def test_no_page_breaks_a_rule_of_accessibility(
    address: str, browser: Browser, language: str
) -> None:
    broken = {}
    for scheme, size in LOOKS:
        context = browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        for url in pages(address, language):
            page.goto(url)
            page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
            found = examined(page)
            if found.violations_count:
                broken[scheme, url] = found.generate_report()
    assert broken == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [NARROWEST, PHONE, DESK], ids=["narrowest", "phone", "desk"])
def test_nothing_is_wider_than_the_window_and_nothing_is_refused_by_the_policy(
    address: str, browser: Browser, language: str, size: ViewportSize
) -> None:
    page = browser.new_page(viewport=size)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    for url in pages(address, language):
        page.goto(url)
        assert overflow(page) <= 0, url
    page.goto(question(address, language, "https://evil.example/" + "a" * 2000))
    assert overflow(page) <= 0
    assert [text for text in said if "404" not in text] == []


def test_without_script_somebody_on_a_phone_checks_a_link_and_changes_the_language(
    address: str, browser: Browser
) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False, locale="th-TH")
    page = context.new_page()
    page.goto(address)
    assert page.locator("html").get_attribute("lang") == "th"
    page.get_by_label("คุณต้องการตรวจสอบอะไร").fill(ASKED["scam"])
    page.get_by_role("button", name="ตรวจสอบ").click()
    verdict = page.get_by_role("heading", level=1)
    assert verdict.inner_text() == "หลอกลวง"
    page.locator(".languages summary").click()
    page.get_by_role("link", name="Tiếng Việt").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Lừa đảo"
    page.goto(address)
    assert page.locator("html").get_attribute("lang") == "vi"


def test_the_verdict_is_on_the_first_screen_of_a_phone(address: str, browser: Browser) -> None:
    page = browser.new_page(viewport=PHONE)
    for language in LANGUAGES:
        for text in ASKED.values():
            page.goto(question(address, language, text))
            box = page.locator(".verdict").bounding_box()
            assert box is not None and box["y"] + box["height"] < PHONE["height"] * 0.6


def test_the_keyboard_reaches_content_field_and_button_and_shows_where_it_is(
    address: str, browser: Browser
) -> None:
    page = browser.new_page(viewport=DESK)
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "value"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
    page.keyboard.type("google.com")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "file"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?value=google.com")
    assert page.get_by_role("heading", level=1).inner_text() == "Known as genuine"


def test_every_answer_is_told_by_colour_by_sign_and_by_word(address: str, browser: Browser) -> None:
    page = browser.new_page(viewport=DESK)
    page.goto(question(address, "en", *ASKED.values()))
    seen = page.locator(".result").evaluate_all(
        """results => results.map(result => [
            getComputedStyle(result.querySelector(".verdict")).backgroundColor,
            result.querySelector(".verdict .icon").innerHTML,
            result.querySelector("h2").innerText,
        ])"""
    )
    assert [len(set(column)) for column in zip(*seen, strict=True)] == [len(ASKED)] * 3


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_a_message_is_checked_and_raised_and_the_report_comes_back_by_its_code(
    address: str, browser: Browser, script: bool
) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=script, locale="en")
    page = context.new_page()
    page.goto(address)
    page.get_by_label("What do you want to check?").fill(MESSAGE)
    page.get_by_role("button", name="Check").click()
    assert page.locator("mark, .pasted").count() and "parcel" not in page.url
    page.get_by_role("button", name="Report this").click()
    assert page.get_by_label("What happened?").input_value() == MESSAGE
    page.get_by_label("How much money was lost?").fill("30")
    page.get_by_label("When did you pay?").select_option("today")
    page.get_by_label("I am still paying").check()
    page.get_by_role("button", name="Send the report").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Your report has arrived"
    assert page.get_by_role("heading", name="Do this now").count() == 1
    assert overflow(page) <= 0
    code = page.locator("#code").inner_text()
    page.get_by_role("link", name="My report").first.click()
    page.get_by_label("Your code").fill(code)
    page.get_by_role("button", name="Show").click()
    assert page.get_by_text("We have received your report.").is_visible()
    assert code not in page.url


@pytest.mark.parametrize("language", LOOKED_AT)
def test_what_a_form_answers_breaks_no_rule_of_accessibility_either(
    address: str, browser: Browser, language: str
) -> None:
    for scheme, size in LOOKS:
        context = browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        for amount in ("much", "30"):
            page.goto(f"{address}report?lang={language}")
            page.locator("[name=text]").fill("I want to die. " + MESSAGE)
            page.locator("[name=amount]").fill(amount)
            page.locator("[name=paid]").select_option("today")
            page.locator(".send button").click()
            found = examined(page)
            assert found.violations_count == 0, found.generate_report()
        page.locator("main form button").last.click()
        page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
        found = examined(page)
        assert found.violations_count == 0, found.generate_report()


def test_leaving_leaves_no_way_back(address: str, browser: Browser) -> None:
    page = browser.new_page(viewport=PHONE)
    page.route("https://www.wikipedia.org/**", lambda route: route.fulfill(body="elsewhere"))
    page.goto("about:blank")
    page.goto(f"{address}help/forced")
    page.get_by_role("link", name="Leave now").click()
    page.wait_for_url("https://www.wikipedia.org/")
    page.go_back()
    assert page.url == "about:blank"
