"""What the pages of requests show: `{% load requests %}`."""

from __future__ import annotations

from datetime import UTC, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from hueandcry.core.law import LAW
from hueandcry.core.types import DAY, MINUTE, SECOND, Micros
from hueandcry.doors.console import (
    request_labels,
    request_money_words,
    request_paper,
    request_words,
)
from hueandcry.doors.console.permissions import ROLES
from hueandcry.doors.console.request_fields import Input
from hueandcry.doors.console.templatetags.times import zone

register = template.Library()
_HOUR = 60 * MINUTE


@register.filter
def request_word(code: str, table: str) -> str:
    """A code in words of a table of `request_words`: `{{ state|request_word:"STATES" }}`."""
    return str(getattr(request_words, table).get(code, code))


@register.filter
def event_word(code: str) -> str:
    return str(request_words.event(code))


@register.filter
def money_state(code: str) -> str:
    """A state of traced money in words."""
    return str(request_money_words.STATES.get(code, code))


@register.filter
def hop_state(code: str) -> str:
    """A state of traced money in words, or of a request that has not left."""
    words = {**request_words.STATES, **request_money_words.STATES}
    return str(words.get(code, code))


@register.filter
def money_event(code: str) -> str:
    """What was done with traced money."""
    return str(request_money_words.event(code))


@register.filter
def time_to(due: Micros, now: Micros) -> str:
    """How long until a deadline, or for how long it has been over, in the unit that matters."""
    span = _span(abs(due - now))
    text = gettext("in %(span)s") if due >= now else gettext("%(span)s over")
    return text % {"span": span}


def _span(micros: Micros) -> str:
    if micros < 2 * _HOUR:
        return gettext("%(n)s min") % {"n": micros // MINUTE}
    if micros < 2 * DAY:
        return gettext("%(n)s h") % {"n": micros // _HOUR}
    return gettext("%(n)s d") % {"n": micros // DAY}


@register.filter
def at_place(at: Micros, name: str) -> SafeString | str:
    """An instant in the zone of a place as well, where that is not the reader's own."""
    place = zone(name)
    if place.key == str(timezone.get_current_timezone()):
        return ""
    there = datetime.fromtimestamp(at / SECOND, UTC).astimezone(place)
    return format_html("({} {})", f"{there:%Y-%m-%d %H:%M:%S}", place.key)


@register.filter
def told(said: Input) -> str:
    """What stands in an input, in words."""
    if said.kind == "yes-no":
        words = {"yes": gettext("Yes"), "no": gettext("No")}
        return words.get(said.text, said.text)
    if said.kind == "choice":
        return str(dict(said.choices).get(said.text, said.text))
    if said.kind == "instant":
        return f"{said.text.replace('T', ' ')} {timezone.get_current_timezone()}"
    return said.text


@register.filter
def says_something(row: list[Input]) -> bool:
    """Whether anything stands in a row of inputs."""
    return any(each.text for each in row)


@register.filter
def field_word(name: str) -> str:
    return str(request_labels.field(name))


@register.filter
def language_name(code: str) -> str:
    """A language of letters in its own words; another one by its code."""
    return request_paper.LANGUAGES.get(code, code)


@register.filter
def type_asks(code: str) -> str:
    """What a type is for, as the law says it."""
    return LAW.types[code].asks


@register.filter
def role_word(role: str) -> str:
    return str(ROLES.get(role, role))
