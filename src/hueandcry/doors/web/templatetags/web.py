"""Tags for the public pages: `{% load web %}`."""

from __future__ import annotations

from typing import Final

from django import template
from django.db import DatabaseError

from hueandcry.engine.policy import face as policy

EXIT: Final = policy.declare(
    policy.Setting(
        "web.exit",
        str,
        "https://www.wikipedia.org/",
        "the harmless page to which “Leave now” leads",
    )
)

register = template.Library()


@register.simple_tag
def exit_address() -> str:
    """Where somebody goes who must not be seen here; never fails, since error pages use it."""
    try:
        return str(policy.value(EXIT.name))
    except DatabaseError:
        return str(EXIT.default)
