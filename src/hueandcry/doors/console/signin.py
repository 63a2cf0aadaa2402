"""Where allauth asks us: who may sign in, what is counted, logged, sealed, and asked again."""

from __future__ import annotations

import time
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from hueandcry.doors.console import binding
from hueandcry.doors.desk.frame import our_member
from hueandcry.engine.keys.own import own

#: Seconds for which a sign-in counts as fresh for what is sensitive.
FRESH: Final = 10 * 60

_TOTP: Final = "second-factor"


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    """No sign-up, no mail; attempts are counted per login and per address."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return binding.address(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Nothing here is told by mail."""

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        return not is_fresh(context.request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # Without the host, which whoever asks may vary.
        return str(credentials.get("username", "")).casefold()


class Factors(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are sealed under the node's secret."""

    def encrypt(self, text: str) -> str:
        return own().seal(_TOTP, text.encode())

    def decrypt(self, encrypted_text: str) -> str:
        return own().open_sealed(_TOTP, encrypted_text).decode()

    def get_totp_issuer(self) -> str:
        us = our_member()
        return f"Hue and Cry {us.name}" if us else "Hue and Cry"


def is_fresh(request: HttpRequest) -> bool:
    """Whether who is signed in proved it a short while ago."""
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < FRESH
