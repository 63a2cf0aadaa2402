"""Reports in a real browser: triage by keyboard alone, and every screen on a phone and a desk."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PIL import Image
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, Page, ViewportSize, expect

import console_browser
from chromium import DESK, NARROWEST, PHONE, chromium, grave, need_chromium, overflow
from console_browser import AGENT
from console_reports import THAI, Intake, loss
from console_scene import person
from hueandcry.apps.reports.face import Flag, GivenFile, GivenReporter
from hueandcry.engine.blobs import face as blobs
from node_scene import Node
from other_member import OtherMember

need_chromium()

SCREENS = (
    *("today/", "reports/", "reports/?state=rejected", "reports/{report}/", "reports/import/"),
    *("reports/{report}/whole/", "hotline/", "hotline/calls/", "intakes/", "quarantine/"),
)


@dataclass(frozen=True)
class Stage:
    """A console with a queue, and an analyst who is signed in."""

    url: str
    cookie: SetCookieParam
    report: int
    plain: int


@pytest.fixture
def stage(database: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    node = Node(monkeypatch)
    node.joined(OtherMember("bank"))
    intake = Intake(node)
    out = io.BytesIO()
    Image.new("RGB", (320, 200), "teal").save(out, "PNG")
    picture = GivenFile("screen.png", "image/png", blobs.take([out.getvalue()], 1 << 20))
    plain = intake.waiting("they wrote", "evil.example", "worse.example", flags=Flag.CHILD)
    report = intake.waiting(
        THAI,
        losses=(loss(),),
        files=(picture,),
        flags=Flag.PAYING,
        reporter=GivenReporter(phone="+66811112222"),
    )
    who = person("analyst", "analyst", "police")
    with console_browser.serving() as url:
        yield Stage(url, console_browser.cookie_of(who, url), report, plain)


@pytest.fixture
def browser(stage: Stage) -> Iterator[Browser]:
    """After the stage: while it runs, this thread may not use Django's database."""
    with chromium() as running:
        yield running


def opened(browser: Browser, stage: Stage, size: ViewportSize, script: bool = True) -> Page:
    context = browser.new_context(viewport=size, user_agent=AGENT, java_script_enabled=script)
    context.add_cookies([stage.cookie])
    page = context.new_page()
    page.set_default_timeout(15_000)
    return page


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.innerText"))


def test_a_report_is_found_unticked_confirmed_and_undone_by_keys_alone(
    stage: Stage, browser: Browser
) -> None:
    page = opened(browser, stage, DESK)
    page.goto(f"{stage.url}/console/reports/?flag=child")
    page.keyboard.press("n")
    assert focused(page) == str(stage.plain)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/reports/{stage.plain}/**")
    first = page.locator("input[name=tick]").first
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused(page) == first.get_attribute("id"):
            break
    page.keyboard.press("Space")
    expect(first).not_to_be_checked()
    page.keyboard.press("c")
    expect(page.get_by_text("1 claim will be made, in one go.")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Confirmed: 1 claim is on its way")).to_be_visible()
    expect(page.locator("#follow article")).to_have_count(1)
    page.keyboard.press("u")
    expect(page.get_by_text("The decision is taken back.")).to_be_visible()
    expect(page.get_by_role("button", name="Confirm")).to_be_visible()
    page.keyboard.press("r")
    assert focused(page) == "reason"
    page.keyboard.press("l")
    expect(page.get_by_role("heading", level=1)).to_have_text("Report " + str(stage.plain))


def test_keys_can_be_turned_off_and_stay_off(stage: Stage, browser: Browser) -> None:
    page = opened(browser, stage, DESK)
    page.goto(f"{stage.url}/console/reports/{stage.plain}/")
    page.get_by_text("Keys", exact=True).click()
    page.get_by_label("Keys are off in this browser").check()
    page.reload()
    page.keyboard.press("l")
    page.keyboard.press("c")
    page.wait_for_timeout(300)
    assert page.url.endswith(f"/reports/{stage.plain}/")


def test_a_file_that_was_looked_at_is_taken_in_without_choosing_it_again(
    stage: Stage, browser: Browser
) -> None:
    page = opened(browser, stage, PHONE)
    page.goto(f"{stage.url}/console/reports/import/")
    data = b"case,story,links\nC-1,a parcel,https://evil.example/x\n"
    given = {"name": "cases.csv", "mimeType": "text/csv", "buffer": data}
    page.get_by_label("File", exact=True).set_input_files(given)  # type: ignore[arg-type]
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_text("1 rows: 1 cases with 0 transactions")).to_be_visible()
    page.get_by_role("button", name="Take it in").click()
    expect(page.get_by_text("1 rows: 1 new, 0 here before, 0 not taken.")).to_be_visible()


def test_a_call_is_taken_without_script(stage: Stage, browser: Browser) -> None:
    page = opened(browser, stage, PHONE, script=False)
    page.goto(f"{stage.url}/console/hotline/")
    page.get_by_label("How much money went?").fill("25,000")
    page.get_by_label("Currency").fill("THB")
    page.get_by_label("When?").select_option(label="Today")
    page.get_by_label("Number of the caller").fill("081 111 2222")
    page.get_by_role("button", name="Called before?").click()
    expect(page.get_by_text("Called before: 1 report.")).to_be_visible()
    page.get_by_role("button", name="Keep the report").click()
    expect(page.get_by_text("It is in the stop-payment lane.")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "th"])
def test_every_screen_is_usable_by_everybody(stage: Stage, browser: Browser, language: str) -> None:
    for size in (PHONE, DESK):
        page = opened(browser, stage, size)
        for path in SCREENS:
            where = f"{stage.url}/console/{path.format(report=stage.report)}"
            page.goto(f"{where}{'&' if '?' in where else '?'}lang={language}")
            assert grave(page) == [], (path, size["width"])
            assert overflow(page) <= 0, (path, size["width"])


def test_nothing_is_wider_than_the_narrowest_phone(stage: Stage, browser: Browser) -> None:
    page = opened(browser, stage, NARROWEST)
    for path in SCREENS:
        page.goto(f"{stage.url}/console/{path.format(report=stage.report)}")
        assert overflow(page) <= 0, path
