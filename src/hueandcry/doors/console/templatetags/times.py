"""Instants as the reader's zone has them: `{% load times %}{{ micros|moment }}`."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from hueandcry.core.types import Micros

register = template.Library()


@register.filter
def moment(at: Micros | str | None) -> SafeString | str:
    """An instant to the second with the name of its zone; a dash for none."""
    return _time(at, "%Y-%m-%d %H:%M:%S %Z")


@register.filter
def date(at: Micros | str | None) -> SafeString | str:
    """The day of an instant in the reader's zone."""
    return _time(at, "%Y-%m-%d")


def _time(at: Micros | str | None, form: str) -> SafeString | str:
    if not isinstance(at, int):  # a template gives "" for what is not there
        return "–"
    utc = datetime.fromtimestamp(at / 1_000_000, UTC)
    local = utc.astimezone(timezone.get_current_timezone())
    return format_html('<time datetime="{}">{}</time>', utc.isoformat(), local.strftime(form))


@lru_cache(64)
def zone(name: str) -> ZoneInfo:
    """The zone of this IANA name; UTC for one that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
