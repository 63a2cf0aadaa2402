"""Where allauth asks us: who may sign in, what is counted, noted, sealed, and asked again."""

from __future__ import annotations

import time
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hueandcry.core.types import SECOND
from hueandcry.doors.console import binding, policy
from hueandcry.doors.desk import accounts
from hueandcry.doors.desk.frame import our_member
from hueandcry.doors.desk.noting import note_refusal
from hueandcry.engine import clock
from hueandcry.engine.keys.own import own

_TOTP: Final = "second-factor"
_WRONG: Final = _("Login and password do not belong together.")
_CODE: Final = _("This code is wrong, or was used already.")
_WAIT: Final = _("Too many attempts. Wait a few minutes.")


class ByLogin(AuthenticationBackend):  # type: ignore[misc]
    """Login and password. Unknown, inactive and expired answer as a wrong password does."""

    def _authenticate_by_username(self, username: str, password: str) -> AbstractBaseUser | None:
        person = get_user_model()._default_manager.filter(login=username).first()
        if person is not None and not person.has_usable_password():
            person = None  # as slow as any other wrong answer
        found: AbstractBaseUser | None = self._check_password(person, password)
        return found

    def user_can_authenticate(self, user: Any) -> bool:
        if not user.is_active:
            return False
        end = accounts.expires_at(user, policy.one_time())
        return end is None or clock.now() < end

    @classmethod
    def _stash_user(cls, user: AbstractBaseUser | None) -> AbstractBaseUser | None:
        """allauth would tell somebody inactive that the password was right."""
        return None


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    """No sign-up, no mail; attempts are counted per login and per address."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _WRONG,
        "invalid_login": _WRONG,
        "too_many_login_attempts": _WAIT,
        "rate_limited": _WAIT,
        "incorrect_code": _CODE,
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("console:start")

    def get_client_ip(self, request: HttpRequest) -> str:
        return binding.address(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Nothing here is told by mail."""

    def send_notification_mail(self, *args: Any, **more: Any) -> None:
        """Nothing here is told by mail."""

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        return not is_fresh(context.request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            note_refusal(request.META, "sign_in_locked")
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        rows = get_user_model()._default_manager.filter(login=credentials.get("username", ""))
        person = rows.values_list("pk", flat=True).first()
        note_refusal(request.META, "sign_in", person=person)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # Without the host, which whoever asks may vary.
        return str(credentials.get("username", "")).casefold()


class Factors(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are sealed under the node's secret."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _CODE,
        "cannot_delete_authenticator": _("The last second factor stays: add another one first."),
    }

    def encrypt(self, text: str) -> str:
        return own().seal(_TOTP, text.encode())

    def decrypt(self, encrypted_text: str) -> str:
        return own().open_sealed(_TOTP, encrypted_text).decode()

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """The last one stays: only a reset by an administrator leaves a person without."""
        return accounts.has_second_factor(authenticator.user, but=authenticator.pk)

    def get_totp_issuer(self) -> str:
        us = our_member()
        return f"Hue and Cry {us.name}" if us else "Hue and Cry"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        said: dict[str, str] = super().get_public_key_credential_rp_entity()
        return said | {"name": self.get_totp_issuer()}


def is_fresh(request: HttpRequest) -> bool:
    """Whether who is signed in proved it a short while ago."""
    records = get_authentication_records(request, request.user)
    # allauth's records have its own clock, in seconds.
    return bool(records) and (time.time() - records[-1]["at"]) * SECOND < policy.fresh()
