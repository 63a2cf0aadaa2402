"""The console of two real nodes end to end, at two widths, without a serious fault on any page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from chromium import chromium, examined, need_chromium, overflow
from nodes.partnership import Node
from nodes.story import DESK, PHONE, story, two_nodes

need_chromium()


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[tuple[Node, Node]]:
    with two_nodes(tmp_path) as both:
        yield both


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


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
        wider, found = overflow(page), examined(page)
        if found.violations_count or wider > 0:
            broken[name] = f"wider by {wider}: {found.generate_report()}"

    story(browser, *nodes, seen, size, scheme)
    assert broken == {}
    assert set(stations) >= {"app", "preview", "shared", "purpose", "taken-back", "ledger"}
    for node in nodes:
        assert "Traceback" not in node.said(), node.said()[-3000:]
        node.verified()
