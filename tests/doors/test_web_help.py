"""*Get help*: steps, numbers with their source, and a way out, on every page."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from hueandcry.apps.reports.face import Consent
from hueandcry.doors.desk.hotlines import ANYWHERE, UNCHECKED, Purpose, countries, of
from hueandcry.doors.web.help_pages import PAGES
from hueandcry.doors.web.report_form import CONSENTS, CURRENCIES, currency_of, wording
from reports_scene import Reports


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Reports:
    return Reports(monkeypatch)


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_of_help_has_steps_numbers_and_a_way_out(
    scene: Reports, client: Client, page: Any
) -> None:
    html = unescape(client.get(f"/help/{page.name}?country=my").content.decode())
    assert all(str(step) in html for step in page.steps)
    assert all(line.number in html for line in of("MY", *page.lines))
    assert re.search(r'<a class="exit" href="https://[^"]+" rel="noreferrer nofollow"', html)


def test_help_of_no_such_name_or_country_is_harmless(scene: Reports, client: Client) -> None:
    assert client.get("/help/other").status_code == 404
    html = client.get("/help?country=<b>").content.decode()
    assert all(line.number in html for line in of(ANYWHERE, Purpose.DISTRESS))
    assert "country=<b>" not in html


def test_every_number_says_where_it_is_from_or_that_nobody_looked() -> None:
    for country in countries().values():
        for line in country.lines:
            assert line.checked == UNCHECKED or re.fullmatch(r"20\d\d-\d\d-\d\d", line.checked)
            assert line.checked == UNCHECKED or line.source.startswith("https://"), line
            assert line.name and line.english and line.number
    for code in countries():
        assert of(code, Purpose.DISTRESS)
        if code != ANYWHERE:
            assert of(code, Purpose.SCAM, Purpose.POLICE) and currency_of(code) in CURRENCIES


def test_the_version_of_what_is_agreed_to_follows_its_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = wording()
    monkeypatch.setitem(CONSENTS, Consent.SIGNALS, "other words")
    assert wording() != before and len(before) <= 40
