"""What the pages of evidence show: `{% load exhibits %}`."""

from __future__ import annotations

from django import template

from hueandcry.doors.console import exhibit_words

register = template.Library()


@register.filter
def evidence_word(code: str | int, table: str) -> str:
    """A code in words of a table of `exhibit_words`: `{{ e.state|evidence_word:"STATES" }}`."""
    return str(getattr(exhibit_words, table).get(code, code))
