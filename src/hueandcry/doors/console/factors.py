"""What a signed-in session still lacks before it may see anything: an own password, a factor."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpRequest

from hueandcry.doors.desk import accounts


class Missing(StrEnum):
    """What is asked for before anything else."""

    PASSWORD = "password"
    FACTOR = "factor"
    PROOF = "proof"  # a factor is set up, but this session has not shown it


_OUT: Final = frozenset({"account_logout", "account_reauthenticate"})
_ENROL: Final = frozenset({"mfa_activate_totp", "mfa_add_webauthn", "console:enrol"})

#: The page that each leads to, and the pages (URL names) that stay open meanwhile.
PAGE: Final = {
    Missing.PASSWORD: "account_change_password",
    Missing.FACTOR: "console:enrol",
    Missing.PROOF: "mfa_reauthenticate",
}
WAY_TO: Final = {
    Missing.PASSWORD: _OUT | {"account_change_password"},
    Missing.FACTOR: _OUT | _ENROL,
    Missing.PROOF: _OUT | {"mfa_reauthenticate", "mfa_reauthenticate_webauthn"},
}

#: Set in the session in which a second factor was set up.
ENROLLED: Final = "enrolled"


def missing(request: HttpRequest) -> Missing | None:
    """What this session lacks; None when it may see what its roles allow."""
    if accounts.account(request.user).chosen_at is None:
        return Missing.PASSWORD
    if not accounts.has_second_factor(request.user):
        return Missing.FACTOR
    return None if _proved(request) else Missing.PROOF


def _proved(request: HttpRequest) -> bool:
    """Whether a second factor was used, or set up, in this very session."""
    records = get_authentication_records(request, request.user)
    return bool(request.session.get(ENROLLED)) or any(r.get("method") == "mfa" for r in records)
