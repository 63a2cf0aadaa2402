"""Deconfliction in the console: lists put up and withdrawn, members asked, hits shown in part."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from console_reports import opened, posted
from console_scene import one_with
from deconfliction_scene import ACCOUNT, CASE, PHONE, Matching
from hueandcry.apps.deconfliction import face as deconfliction
from hueandcry.apps.deconfliction import sealed
from hueandcry.apps.deconfliction.models import Session
from hueandcry.apps.members.models import Access
from hueandcry.core.matching import State

pytestmark = pytest.mark.database
PAGE = "/console/deconflict/"


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Matching:
    return Matching(monkeypatch)


@pytest.fixture
def analyst(node: Matching) -> Client:
    return one_with("analyst")


def test_a_list_is_put_up_to_the_end_of_a_day_and_withdrawn(analyst: Client) -> None:
    form: dict[str, Any] = {"case": CASE, "items": f"{PHONE}\n{ACCOUNT}", "until": "2026-09-30"}
    posted(analyst, f"{PAGE}offer/", **form)
    [made] = deconfliction.offers()
    assert (made.case, made.count) == (CASE, 2)
    html = opened(analyst, PAGE)
    assert "2 items" in html and "+66812345678" not in html
    posted(analyst, f"{PAGE}offers/{made.number}/withdraw/")
    assert deconfliction.offers()[0].withdrawn_at is not None
    posted(analyst, f"{PAGE}offers/{made.number}/withdraw/", 409)
    opened(one_with("checker"), PAGE, 403)


def test_a_line_that_cannot_be_read_is_named_and_what_was_typed_is_kept(analyst: Client) -> None:
    form: dict[str, Any] = {"case": CASE, "items": f"{PHONE}\nnot a number", "until": "2026-09-30"}
    html = posted(analyst, f"{PAGE}offer/", 400, **form)
    assert "line 2" in html and "not a number" in html
    html = posted(analyst, f"{PAGE}offer/", 400, **{**form, "items": PHONE, "until": "2020-01-01"})
    assert "a day to come" in html
    assert deconfliction.offers() == []


def test_a_member_is_asked_by_a_request_that_is_signed_and_sent_like_every_other(
    node: Matching, analyst: Client
) -> None:
    form: dict[str, Any] = {"peer": node.other.fingerprint, "case": CASE, "items": PHONE}
    where = posted(analyst, f"{PAGE}ask/", **form)
    [made] = deconfliction.sessions()
    assert where == f"/console/requests/{made.request}/"
    assert 'value="sign"' in opened(analyst, where)
    assert "Going on, or yet to begin" in opened(analyst, PAGE)


def test_a_hit_shows_our_own_item_in_part_and_whom_to_speak_to(
    node: Matching, analyst: Client
) -> None:
    node.offered(PHONE, ACCOUNT)
    theirs = node.granted_by_us([PHONE])
    node.turned()
    row = Session.objects.get(request=theirs.request.bytes)
    found = sealed.seal({"items": {PHONE: [CASE]}})
    Session.objects.filter(pk=row.pk).update(state=State.DONE, hits=1, found=found)
    html = opened(analyst, PAGE)
    assert "Hanoi desk, +84 1" in html and "VN-31" in html and CASE in html
    assert "+66812345678" not in html and re.search(r"\+668…\d\d", html)
    assert Access.objects.filter(action="deconflict.view").count() == 1
