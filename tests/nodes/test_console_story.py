"""The console of two real nodes end to end, at two widths, without a serious fault on any page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

import databases
from nodes.partnership import Node
from nodes.story import ARGUMENTS, CHROMIUM, DESK, PHONE, story, two_nodes

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

if CHROMIUM is None and not databases.skips_fail(os.environ):
    pytest.skip("Chromium is not installed (Debian's package chromium)", allow_module_level=True)


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[tuple[Node, Node]]:
    with two_nodes(tmp_path) as both:
        yield both


@pytest.fixture
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "Chromium is not installed, and nothing may be skipped here"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.mark.parametrize(
    ("size", "scheme"), [(PHONE, "dark"), (DESK, "light")], ids=["phone", "desk"]
)
def test_a_scam_is_raised_shared_receipted_and_taken_back(
    nodes: tuple[Node, Node],
    browser: Browser,
    size: ViewportSize,
    scheme: Literal["light", "dark"],
) -> None:
    broken: dict[str, str] = {}
    stations: list[str] = []

    def seen(name: str, page: Page) -> None:
        stations.append(name)
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        found = Axe().run(page, options={"runOnly": RULES})
        if found.violations_count or wider > 0:
            broken[name] = f"wider by {wider}: {found.generate_report()}"

    story(browser, *nodes, seen, size, scheme)
    assert broken == {}
    assert set(stations) >= {"app", "preview", "shared", "purpose", "taken-back", "ledger"}
    for node in nodes:
        assert "Traceback" not in node.said(), node.said()[-3000:]
        node.verified()
