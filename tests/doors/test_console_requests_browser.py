"""Requests in a real browser: every page on a phone and at a desk, and a letter that is entered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, Page, ViewportSize, expect

import console_browser
from chromium import DESK, NARROWEST, PHONE, chromium, grave, need_chromium, overflow
from console_browser import AGENT
from console_scene import person
from hueandcry.core.types import DAY
from other_member import OtherMember
from papers_scene import NAME, SCAN, Papers

need_chromium()

SCREENS = (
    *("requests/", "requests/?side=requested", "requests/figures/", "requests/authorities/"),
    *("requests/new/", "requests/new/?to={peer}", "requests/new/?to={peer}&type=PRESERVE"),
    *("requests/new/?to={peer}&type=PRESERVE&basis=reciprocity", "requests/came/"),
    *("requests/came/?from={lao}", "requests/came/?from={lao}&type=MLA_STORED"),
    "requests/came/?from={lao}&type=MLA_STORED&basis=reciprocity",
    *("requests/{sent}/", "requests/{came}/", "requests/{letter}/"),
    *("desk/", "deconflict/", "duty/"),
)


@dataclass(frozen=True)
class Stage:
    """A console with requests of every sort, and somebody of two roles who is signed in."""

    url: str
    cookie: SetCookieParam
    names: dict[str, str | UUID]


@pytest.fixture
def stage(database: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    other = OtherMember("hanoi", roles=("ca", "p24", "asc"))
    node = Papers(monkeypatch, other, ("ca", "p24", "asc"))
    letter = node.entered(facts_summary="ข้อเท็จจริง " * 40)
    node.did("dao", letter, "open")
    preserved = node.asked("PRESERVE")
    node.did("dao", preserved, "hold", until=node.now + 80 * DAY)
    names: dict[str, str | UUID] = {
        "peer": other.fingerprint,
        "lao": node.authority(),
        "sent": node.delivered_to("MLA_STORED"),
        "came": preserved,
        "letter": letter,
    }
    who = person("legal-officer-with-a-long-login", "legal", "duty")
    with console_browser.serving() as url:
        yield Stage(url, console_browser.cookie_of(who, url), names)


@pytest.fixture
def browser(stage: Stage) -> Iterator[Browser]:
    """After `stage`: while it runs, this thread may not use Django's database."""
    with chromium() as running:
        yield running


def opened(browser: Browser, stage: Stage, size: ViewportSize) -> Page:
    context = browser.new_context(viewport=size, user_agent=AGENT)
    context.add_cookies([stage.cookie])
    page = context.new_page()
    page.set_default_timeout(15_000)
    return page


@pytest.mark.parametrize(
    ("size", "language"),
    [(NARROWEST, "th"), (NARROWEST, "vi"), (DESK, "en")],
    ids=["narrowest-th", "narrowest-vi", "desk-en"],
)
def test_nobody_is_kept_out_and_nothing_is_wider_than_the_window(
    stage: Stage, browser: Browser, size: ViewportSize, language: str
) -> None:
    page = opened(browser, stage, size)
    for path in SCREENS:
        where = f"{stage.url}/console/{path.format(**stage.names)}"
        page.goto(f"{where}{'&' if '?' in where else '?'}lang={language}")
        page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
        assert grave(page) == [], path
        assert overflow(page) <= 0, path


def test_a_letter_is_entered_on_a_phone(stage: Stage, browser: Browser, tmp_path: Path) -> None:
    scan = tmp_path / "letter.pdf"
    scan.write_bytes(SCAN + b"from a phone")
    page = opened(browser, stage, PHONE)
    page.goto(f"{stage.url}/console/requests/")
    page.get_by_role("link", name="Enter a letter").click()
    page.get_by_role("link", name=NAME).click()
    page.get_by_role("link", name="Status of a request").click()
    page.get_by_role("link", name="Policy of the partnership").click()
    page.locator("#f-contact").fill("+856 21 212 500")
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_text("The letter does not say, and it is needed:")).to_be_visible()
    page.get_by_label("How it came").select_option("diplomatic")
    page.get_by_label("Who brought it").fill("Ms K., embassy")
    page.get_by_label("When it came").fill("2026-01-15T09:00:00")
    page.get_by_label("Letter or scan").set_input_files(scan)
    page.get_by_role("button", name="Enter it with its letter").click()
    expect(page.get_by_text("Entered with its letter. Its clocks run.")).to_be_visible()
    expect(page.get_by_text("It came on paper")).to_be_visible()
    expect(page.get_by_text("Ms K., embassy")).to_be_visible()
