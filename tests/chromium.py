"""A real browser for tests and for the tour: how it is started, its windows, and what axe finds."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

import databases

_CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser")
_ARGUMENTS: Final = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
_RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

NARROWEST: Final[ViewportSize] = {"width": 320, "height": 640}
PHONE: Final[ViewportSize] = {"width": 360, "height": 740}
DESK: Final[ViewportSize] = {"width": 1280, "height": 800}


def need_chromium() -> None:
    """Skips the module without Chromium, unless nothing may be skipped here."""
    if _CHROMIUM is None and not databases.skips_fail(os.environ):
        pytest.skip(
            "Chromium is not installed (Debian's package chromium)", allow_module_level=True
        )


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser. While Playwright runs, this thread may not use Django's database."""
    assert _CHROMIUM, "Chromium is not installed (Debian's package chromium)"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        yield running
        running.close()


def examined(page: Page) -> Any:
    """What axe finds on a page."""
    return Axe().run(page, options={"runOnly": _RULES})


def grave(page: Page) -> list[tuple[str, list[object]]]:
    """What axe finds that keeps somebody out."""
    return [
        (each["id"], [node["target"] for node in each["nodes"]])
        for each in examined(page).response["violations"]
        if each["impact"] in ("serious", "critical")
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
