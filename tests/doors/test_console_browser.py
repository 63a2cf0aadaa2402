"""Signing in and administering in a real browser: both kinds of factor, on a phone and a desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pytest
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, Page, ViewportSize

import console_browser
from chromium import DESK, NARROWEST, PHONE, chromium, examined, need_chromium, overflow
from console_browser import AGENT, key_reader
from console_scene import code, person
from hueandcry.apps.members import face as members
from hueandcry.core.types import Audience
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node

need_chromium()

OWN = "correct horse battery"
SCREENS = (
    *("account/", "account/factors/", "account/password/", "account/factors/keys/add/"),
    *("account/factors/codes/new/", "people/", "people/new/", "people/{other}/"),
    *("tokens/", "tokens/new/", "settings/", "settings/console.idle_minutes/"),
    *("settings/limits.proxies/", "access/", "access/?action=nothing", "nope/"),
)


@dataclass(frozen=True)
class Stage:
    """A console with people: one just added, one administrator who is signed in."""

    url: str
    password: str
    administrator: SetCookieParam
    other: int


@pytest.fixture
def stage(database: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    node = Node(monkeypatch)
    with unit_of_work():
        added, password = members.add_person("new.person", ["analyst"], "Ngọc สมชาย", at=node.now)
    boss = person("administrator-with-a-long-login", "administrator", "auditor")
    with unit_of_work():
        members.new_token(
            Audience.GREEN, "A bank with a long name", node.now, name="bank", person=boss.pk
        )
        policy.change("console.idle_minutes", "45", boss.pk, node.now)
        policy.change("console.idle_minutes", "60", boss.pk, node.now)
    with console_browser.serving() as url:
        cookie = console_browser.cookie_of(boss, url)
        yield Stage(url, password, cookie, added.pk)


@pytest.fixture
def browser(stage: Stage) -> Iterator[Browser]:
    """After the stage: while it runs, this thread may not use Django's database."""
    with chromium() as running:
        yield running


def opened(browser: Browser, size: ViewportSize) -> Page:
    """A page in a browser of somebody's own; an element that is not there fails soon."""
    page = browser.new_context(viewport=size).new_page()
    page.set_default_timeout(10_000)
    return page


def enter(page: Page, stage: Stage, password: str) -> None:
    page.goto(f"{stage.url}/console/")
    page.get_by_label("Login").fill("new.person")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def first_password(page: Page, stage: Stage) -> None:
    """Signs in with the password that was handed over, and replaces it."""
    enter(page, stage, stage.password)
    page.get_by_label("Password until now").fill(stage.password)
    page.get_by_label("New password", exact=True).fill(OWN)
    page.get_by_label("New password again").fill(OWN)
    page.get_by_role("button", name="Change the password").click()
    assert heading(page) == "Set up a second factor"


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def test_a_first_sign_in_with_an_app_and_then_with_app_and_recovery_code(
    stage: Stage, browser: Browser
) -> None:
    page = opened(browser, PHONE)
    first_password(page, stage)
    page.goto(f"{stage.url}/console/account/")
    assert heading(page) == "Set up a second factor", "nothing else opens before"
    page.get_by_role("link", name="Authenticator app").click()
    assert page.locator(".qr").evaluate("img => img.naturalWidth") > 100
    secret = page.locator(".secret").inner_text()
    page.get_by_label("Code").fill(code(secret))
    page.get_by_role("button", name="Activate").click()
    assert heading(page) == "Recovery codes"
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url(re.compile(r"/console/(?!account/factors)"))
    for answer in (code(secret), codes[3]):
        page.locator("header").get_by_role("button", name="Sign out").click()
        enter(page, stage, OWN)
        assert heading(page) == "Second factor"
        page.get_by_label("Code from the app").fill(answer)
        page.get_by_role("button", name="Sign in").click()
        page.goto(f"{stage.url}/console/account/")
        assert heading(page) == "My account"


def test_a_first_sign_in_with_a_security_key_and_then_with_it(
    stage: Stage, browser: Browser
) -> None:
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    key_reader(context, page)
    first_password(page, stage)
    page.get_by_role("link", name="Security key or passkey").click()
    page.get_by_label("Name of the key").fill("Blue key")
    page.get_by_role("button", name="Add the key").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    page.goto(f"{stage.url}/console/account/factors/")
    assert page.get_by_text("Blue key").is_visible()

    page.locator("header").get_by_role("button", name="Sign out").click()
    enter(page, stage, OWN)
    page.get_by_role("button", name="Use a security key").click()
    page.wait_for_url(re.compile(r"/console/(?!sign-in)"))
    page.goto(f"{stage.url}/console/account/")
    assert heading(page) == "My account"


def test_without_the_key_nobody_gets_in_and_the_page_says_so(
    stage: Stage, browser: Browser
) -> None:
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    key_reader(context, page)
    first_password(page, stage)
    page.get_by_role("link", name="Security key or passkey").click()
    page.get_by_role("button", name="Add the key").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()

    other = browser.new_context(viewport=PHONE)
    thief = other.new_page()
    key_reader(other, thief)  # a key of their own
    enter(thief, stage, OWN)
    thief.get_by_role("button", name="Use a security key").click()
    thief.get_by_text("The security key did not answer").wait_for()
    thief.goto(f"{stage.url}/console/account/")
    assert heading(thief) in ("Sign in", "Second factor")


def test_an_administrator_adds_somebody_makes_a_token_and_undoes_a_setting(
    stage: Stage, browser: Browser
) -> None:
    context = browser.new_context(viewport=DESK, user_agent=AGENT)
    context.add_cookies([stage.administrator])
    page = context.new_page()
    page.goto(f"{stage.url}/console/people/")
    page.get_by_role("link", name="Add somebody").click()
    page.get_by_label("Login").fill("somsak")
    page.get_by_label("Name").fill("Somsak")
    page.get_by_label("Duty officer").check()
    page.get_by_role("button", name="Add", exact=True).click()
    assert heading(page) == "A password to hand over"
    assert len(page.locator(".once code").inner_text()) >= 20
    page.get_by_role("link", name="Done").click()
    assert "handed over, not replaced yet" in page.locator(".facts").inner_text()

    page.get_by_role("link", name="Tokens").first.click()
    page.get_by_role("link", name="New token").click()
    page.get_by_label("Name").fill("telco")
    page.get_by_label("For whom").fill("A telephone company")
    page.get_by_label("green: members and their partners").check()
    page.get_by_label("lookup: ask for verdicts").check()
    page.get_by_role("button", name="Make the token").click()
    token = page.locator(".once code").inner_text()
    page.get_by_role("link", name="Done").click()
    assert token not in page.content() and page.get_by_text("A telephone company").is_visible()
    page.get_by_role("button", name="Revoke telco").click()
    assert page.locator("tr", has_text="telco").get_by_text("revoked").is_visible()

    page.goto(f"{stage.url}/console/settings/console.idle_minutes/")
    assert page.get_by_label("Value").input_value() == "60"
    page.get_by_role("button", name="Back to version 1").click()
    assert page.get_by_label("Value").input_value() == "45"
    page.get_by_label("Value").fill("4")
    page.get_by_role("button", name="Save").click()
    assert page.get_by_label("Value").evaluate("field => field.validity.rangeUnderflow")


@pytest.mark.parametrize(
    ("language", "size", "scheme"),
    [
        ("en", NARROWEST, "light"),
        ("en", DESK, "dark"),
        ("th", PHONE, "dark"),
        ("th", DESK, "light"),
        ("vi", PHONE, "light"),
    ],
    ids=["narrowest-en", "desk-en-dark", "phone-th-dark", "desk-th", "phone-vi"],
)
def test_screens_fit_their_window_and_break_no_rule_of_accessibility(
    stage: Stage,
    browser: Browser,
    language: str,
    size: ViewportSize,
    scheme: Literal["light", "dark"],
) -> None:
    context = browser.new_context(
        viewport=size, color_scheme=scheme, user_agent=AGENT, bypass_csp=True
    )
    page = context.new_page()
    broken = {}
    entrance = f"{stage.url}/console/sign-in/?lang={language}"
    for url in (entrance, *(screen(stage, path, language) for path in SCREENS)):
        page.goto(url)
        if url == entrance:
            context.add_cookies([stage.administrator])
        found = examined(page)
        if found.violations_count:
            broken[url] = found.generate_report()
        assert overflow(page) <= 0, url
    assert broken == {}


def test_nothing_is_refused_by_the_policy_of_the_pages(stage: Stage, browser: Browser) -> None:
    context = browser.new_context(viewport=DESK, user_agent=AGENT)
    context.add_cookies([stage.administrator])
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    for path in SCREENS:
        page.goto(screen(stage, path, "en"))
    assert [text for text in said if "404" not in text] == []


def screen(stage: Stage, path: str, language: str) -> str:
    joint = "&" if "?" in path else "?"
    return f"{stage.url}/console/{path.format(other=stage.other)}{joint}lang={language}"
