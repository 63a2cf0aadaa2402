"""Evidence in a real browser: one is added and saved, and every screen on a phone and a desk."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Page, Route, expect

import console_browser
from chromium import DESK, PHONE, chromium, grave, need_chromium, overflow
from console_browser import AGENT
from console_scene import person
from evidence_scene import Evidence, publish_all
from hueandcry.apps.evidence import face, uploading
from hueandcry.apps.evidence.face import Limit, Terms, Wanted
from hueandcry.apps.peers import face as peers
from hueandcry.core.custody import Action, Tool
from hueandcry.core.types import DAY
from other_member import NOW, OtherMember

need_chromium()

SCREENS = (
    *("exhibits/", "exhibits/?state=destroyed", "exhibits/new/", "exhibits/{exhibit}/"),
    *("exhibits/{exhibit}/derive/", "packages/incoming/new/"),
    *("packages/", "packages/new/?exhibit={exhibit}", "packages/{package}/"),
    *("packages/incoming/", "packages/incoming/{arrival}/"),
)


@dataclass(frozen=True)
class Stage:
    """A console with an exhibit on which everything stands that can, and a police officer."""

    url: str
    cookie: SetCookieParam
    names: dict[str, object]  #: what stands in the addresses of the screens


@pytest.fixture
def stage(database: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Stage]:
    node = Evidence(monkeypatch)
    monkeypatch.setattr(face, "MOST_PIECE", 1 << 16)
    node.joined(OtherMember("bank"))
    view = node.held(
        description="Chat of the victim with the person who said that he was her bank",
        source="Her telephone",
        collected_by="Officer Somchai",
        place="Bangkok",
        authority="Consent of the owner",
        condition="Screen broken",
        tool=Tool("exiftool", "12.57", "-a"),
    )
    node.did(face.hold, view.id, "Court", "Appeal", NOW + DAY)
    node.did(face.restrict, view.id, Terms(Limit.ONWARD, "For the trial alone", "Court"))
    node.did(face.derive, view.id, node.taken(b"x"), face.Told(), Action.REDACTED, "Names gone")
    wanted = Wanted([view.number], node.fingerprint, "For the file")
    package = face.package(node.police, wanted)
    publish_all()
    monkeypatch.setattr(peers, "quorum", lambda: 0)  # the bank of this stage witnesses nothing
    built = face.build(package.id, tmp_path / "it.tar.age")
    arrival = face.receive_package(built.path, built.note)
    names = {"exhibit": view.id, "package": package.id, "arrival": arrival.number}
    who = person("somsri", "police")
    with console_browser.serving() as url:
        yield Stage(url, console_browser.cookie_of(who, url), names)


@pytest.fixture
def page(stage: Stage) -> Iterator[Page]:
    """After `stage`: while it runs, this thread may not use Django's database."""
    with chromium() as running:
        context = running.new_context(user_agent=AGENT)
        context.add_cookies([stage.cookie])
        opened = context.new_page()
        opened.set_default_timeout(60_000)
        yield opened


def test_screens_are_usable_by_everybody_and_a_file_is_added_and_saved(
    stage: Stage, page: Page
) -> None:
    for size, language in ((PHONE, "th"), (DESK, "en")):
        page.set_viewport_size(size)
        for path in SCREENS:
            where = f"{stage.url}/console/{path.format(**stage.names)}"
            page.goto(f"{where}{'&' if '?' in where else '?'}lang={language}")
            for each in page.locator("main details").all():
                each.evaluate("each => each.open = true")
            assert grave(page) == [], (path, size["width"])
            assert overflow(page) <= 0, (path, size["width"])
    _added_and_saved(stage, page)
    _large_file_added(stage, page)
    _chat_read(stage, page)


def _added_and_saved(stage: Stage, page: Page) -> None:
    page.goto(f"{stage.url}/console/exhibits/new/")
    given = {"name": "note.bin", "mimeType": "text/plain", "buffer": b"\x00\x01\x02"}
    page.get_by_label("File", exact=True).set_input_files(given)  # type: ignore[arg-type]
    page.get_by_label("What it is").fill("A note")
    page.get_by_role("button", name="Make it an exhibit").click()
    expect(page.get_by_text("Kept as exhibit TH-")).to_be_visible()
    page.get_by_text("Save the file, because…").click()
    _said(page, "read")
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save the file").click()
    assert saving.value.path().read_bytes() == b"\x00\x01\x02"
    page.reload()
    expect(page.get_by_text("investigation: case 7")).to_be_visible()


def _large_file_added(stage: Stage, page: Page) -> None:
    """Of its two pieces the first is lost on the way, and the answer to the second."""
    lost = [True, False, True]

    def way(route: Route) -> None:
        if route.request.method == "PATCH" and lost and lost.pop(0):
            if not lost:
                route.fetch()
            route.abort()
        else:
            route.fallback()

    page.route("**/exhibits/uploads/*/", way)
    page.goto(f"{stage.url}/console/exhibits/new/")
    disk = bytes(face.MOST_PIECE + 5)
    given = {"name": "disk.img", "mimeType": "", "buffer": disk}
    page.get_by_label("File", exact=True).set_input_files(given)  # type: ignore[arg-type]
    page.get_by_label("What it is").fill("A disk")
    with _loop(uploading.join):
        page.get_by_role("button", name="Make it an exhibit").click()
        broken, kept = "The line is broken. Trying again…", "Kept as exhibit TH-"
        expect(page.get_by_text(broken)).to_be_visible(timeout=30_000)
        expect(page.get_by_text(kept)).to_be_visible(timeout=60_000)
    assert hashlib.sha256(disk).hexdigest() in re.sub(r"\s", "", page.content())
    assert lost == []


@contextmanager
def _loop(body: Callable[[], bool]) -> Iterator[None]:
    """A loop of the node on a thread of its own, with its own connection to the database."""
    over = threading.Event()

    def turn() -> None:
        while not over.wait(0.2):
            body()
        connection.close()

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _chat_read(stage: Stage, page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"{stage.url}/console/exhibits/{stage.names['exhibit']}/")
    page.get_by_text("Read it as a chat, because…").click()
    _said(page, "chat")
    page.get_by_role("button", name="Read the chat").click()
    expect(page.get_by_text("send it today")).to_be_visible()
    assert overflow(page) <= 0
    assert grave(page) == []


def _said(page: Page, form: str) -> None:
    page.locator(f"#{form}-purpose").select_option("investigation")
    page.locator(f"#{form}-reference").fill("case 7")
