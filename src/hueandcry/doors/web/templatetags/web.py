"""Tags for the public pages: `{% load web %}`."""

from __future__ import annotations

from django import template
from django.db import DatabaseError

from hueandcry.doors.web.policy import EXIT
from hueandcry.engine.policy import face as policy

register = template.Library()


@register.simple_tag
def exit_address() -> str:
    """Where somebody goes who must not be seen here; never fails, since error pages use it."""
    try:
        return str(policy.value(EXIT.name))
    except DatabaseError:
        return str(EXIT.default)
