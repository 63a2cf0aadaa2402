"""What happens when somebody signs in or proves more: signals of Django and of allauth."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import authentication_step_completed, password_changed
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from hueandcry.doors.console import binding
from hueandcry.doors.console.factors import ENROLLED
from hueandcry.doors.desk import accounts
from hueandcry.doors.desk.models import Account
from hueandcry.engine import clock


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: Any, **_: Any) -> None:
    """The session has its new key by now: it is bound to this browser and network."""
    accounts.account(user)
    Account.objects.filter(person=user).update(signed_in_at=clock.now())
    binding.begin(request, user)


@receiver(authentication_step_completed)
def proved(request: HttpRequest, **_: Any) -> None:
    """A new key after every step: who knew the key before knows nothing now."""
    request.session.cycle_key()


@receiver(authenticator_added)
def enrolled(request: HttpRequest, user: Any, **_: Any) -> None:
    """Whoever set up a factor has shown it; sessions without it end."""
    accounts.end_sessions(user)
    request.session[ENROLLED] = True
    binding.renew(request, user)
    request.session.cycle_key()


@receiver(authenticator_removed)
def factor_removed(request: HttpRequest, user: Any, **_: Any) -> None:
    accounts.end_sessions(user)
    binding.renew(request, user)


@receiver(password_changed)
def password_replaced(request: HttpRequest, user: Any, **_: Any) -> None:
    """The person chose it: it is no one-time password any more."""
    Account.objects.filter(person=user).update(chosen_at=clock.now())
    accounts.end_sessions(user)
    binding.renew(request, user)
