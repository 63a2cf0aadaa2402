"""What happens when somebody signs in or proves more: signals of Django and of allauth."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import authentication_step_completed, password_changed
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from hueandcry.doors.console import binding, notes
from hueandcry.doors.console.factors import ENROLLED
from hueandcry.doors.console.sessions import SessionStore
from hueandcry.doors.desk import accounts
from hueandcry.doors.desk.noting import note_refusal
from hueandcry.engine import clock


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: Any, **_: Any) -> None:
    """The session has its new key by now: it is bound to this browser and network."""
    accounts.note_sign_in(user, clock.now())
    binding.begin(request, user)
    SessionStore.clear_expired()
    notes.looked(request, "sign_in")


@receiver(user_logged_out)
def signed_out(request: HttpRequest, user: Any, **_: Any) -> None:
    if user is not None and request.user.is_authenticated:
        notes.looked(request, "sign_out")


@receiver(authentication_step_completed)
def proved(request: HttpRequest, **_: Any) -> None:
    """A new key after every step: who knew the key before knows nothing now."""
    request.session.cycle_key()


@receiver(authentication_failed)
def wrong_factor(request: HttpRequest, user: Any, **_: Any) -> None:
    note_refusal(request.META, "second_factor", person=user.pk)


@receiver(authenticator_added)
def enrolled(request: HttpRequest, user: Any, **_: Any) -> None:
    """Whoever set up a factor has shown it; sessions without it end."""
    request.session[ENROLLED] = True
    request.session.cycle_key()
    binding.alone(request, user)
    notes.looked(request, "factor.add")


@receiver(authenticator_removed)
def factor_removed(request: HttpRequest, user: Any, **_: Any) -> None:
    binding.alone(request, user)
    notes.looked(request, "factor.remove")


@receiver(authenticator_reset)
def codes_renewed(request: HttpRequest, **_: Any) -> None:
    notes.looked(request, "factor.codes")


@receiver(password_changed)
def password_replaced(request: HttpRequest, user: Any, **_: Any) -> None:
    accounts.note_chosen(user, clock.now())
    binding.alone(request, user)
    notes.looked(request, "password.change")
