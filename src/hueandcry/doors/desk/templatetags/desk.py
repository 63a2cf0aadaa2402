"""Tags for every page: `{% load desk %}`."""

from __future__ import annotations

from django import template

from hueandcry.doors.desk.assets import assets

register = template.Library()


@register.simple_tag
def asset(name: str) -> str:
    """The address of one of our own files; KeyError for one that does not exist."""
    return assets()[name].url
