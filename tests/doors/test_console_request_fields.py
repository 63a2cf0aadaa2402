"""The fields of requests as inputs: a form that nobody touched changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.law import LAW, article_of
from hueandcry.core.times import time_text
from hueandcry.core.types import DAY, SECOND
from hueandcry.doors.console import request_labels, request_words
from hueandcry.doors.console.request_fields import asked, names, read, untouched
from other_member import NOW
from requests_made import filled, form


@contextmanager
def somewhere(zone: str) -> Iterator[None]:
    with timezone.override(ZoneInfo(zone)):
        yield


def through(type: str, instrument: str, said: dict[str, Any]) -> dict[str, Any]:
    """What a form says that is shown filled in and sent back as it is."""
    wanted = names(type)
    return read(wanted, untouched(asked(type, instrument, wanted, said)))


@pytest.mark.parametrize("zone", ["UTC", "Asia/Bangkok", "America/New_York"])
@pytest.mark.parametrize("type", sorted(LAW.types))
def test_what_a_form_shows_is_what_it_sends_back(type: str, zone: str) -> None:
    whole = {name: filled(name, NOW) for name in names(type)}
    with somewhere(zone):
        for basis in LAW.bases(type):
            assert through(type, basis.code, whole) == whole


@given(st.integers(0, 80_000).map(lambda days: days * DAY + 13 * SECOND))
def test_an_instant_is_shown_in_the_readers_zone_and_kept_in_ours(at: int) -> None:
    said = form("STOP_PAYMENT", NOW, value_time=time_text(at))
    with somewhere("Asia/Bangkok"):
        assert through("STOP_PAYMENT", "house", said)["value_time"] == time_text(at)


def test_what_cannot_be_read_stays_as_it_was_typed_and_the_law_names_it() -> None:
    with somewhere("UTC"):
        said = read(("days", "needed_by", "urgency"), {"f-days": "ten", "f-needed_by": "soon"})
    assert said == {"days": "ten", "needed_by": "soon"}


def test_rows_that_say_nothing_are_no_rows() -> None:
    posted = {"f-items-rows": "3", "f-items-1-kind": "account", "f-items-1-value": " x "}
    assert read(("items",), posted) == {"items": [{"kind": "account", "value": "x"}]}
    assert read(("items",), {"f-items-rows": "-1"}) == {}


def test_every_field_names_the_article_that_it_serves() -> None:
    [field] = asked("PRESERVE", "hanoi", ["necessity"], {})
    article = article_of(LAW, "PRESERVE", "necessity", "hanoi")
    assert field.article == f"Hanoi {article.number}" and field.mandatory and not field.policy


def test_every_code_of_the_law_has_words() -> None:
    assert set(request_words.TYPES) == set(LAW.types)
    assert set(request_words.GROUPS) == set(LAW.groups)
    for name, each in LAW.fields.items():
        assert str(request_labels.field(name)) != name
        for member in (*each.members, *each.also):
            assert str(request_labels.member(member)) != member
    waited = {rule.what for each in LAW.instruments.values() for rule in each.clocks}
    assert set(request_words.WAITS) == waited
