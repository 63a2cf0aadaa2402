"""Forms that are posted twice make one report: by their token, never by what is in them."""

from __future__ import annotations

import secrets
from typing import Final

from hueandcry.apps.reports import codes, sealed
from hueandcry.core.errors import Conflict, HueError
from hueandcry.core.types import DAY, Micros
from hueandcry.engine.keys.own import own

_CONTEXT: Final = "reports/form"
#: How long a form may be filled in.
GOOD_FOR: Final[Micros] = DAY


def new_form(at: Micros) -> str:
    """The hidden token of a form that is shown now; it is good for one report, for a day."""
    return own().seal(_CONTEXT, at.to_bytes(8, "big") + secrets.token_bytes(codes.BYTES))


def read_form(token: str, at: Micros) -> bytes:
    """The 24 bytes that name a form; raises Conflict for one that is too old or not of ours."""
    try:
        plain = own().open_sealed(_CONTEXT, token[:300])
    except HueError:
        plain = b""
    if len(plain) != 8 + codes.BYTES or not 0 <= at - int.from_bytes(plain[:8], "big") < GOOD_FOR:
        raise Conflict(
            "form_old",
            "This form is too old to be sent",
            do="Your words are kept on this page: send it again",
        )
    return plain


def secret_of(form: bytes) -> bytes:
    """The receipt secret of a form: the second post of a double click shows the same code.

    As good as random to everybody without the node's secret and the form's 128 random bits.
    """
    return sealed.digest("receipt-of-form", form)[: codes.BYTES]
