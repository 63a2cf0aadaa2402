"""Pages for those who are signed in: who may open them, and what is refused and logged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, Final

from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from hueandcry.apps.members import face as members
from hueandcry.core.errors import HueError, NotFound, NotPermitted
from hueandcry.core.types import Actor
from hueandcry.doors.console import errors, notes
from hueandcry.doors.console.permissions import MAY, may
from hueandcry.doors.console.signin import is_fresh

View = Callable[..., HttpResponseBase]

#: Views that `page` made → the permission that each asks for; a test holds the URLs against it.
PERMISSION: Final = "console_permission"


def page(permission: str) -> Callable[[View], View]:
    """A page for people whose roles give `permission`; to anybody else it is as if it were not.

    What a use case refuses (HueError) becomes a page with its code.
    """
    MAY[permission]  # a page that the table does not know fails at import

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), reverse("account_login"))
            try:
                check(request, permission)
                answer = view(request, *args, **kwargs)
            except Http404:
                answer = errors.not_found(request)
            except HueError as refused:
                if refused.code == "role":
                    notes.refused(request, f"role {permission}")
                answer = errors.refused(request, refused)
            return answer

        setattr(guarded, PERMISSION, permission)
        return guarded

    return decorate


def fresh(view: View) -> View:
    """A view for sensitive acts: asks for a proof once more when the last one is old."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_fresh(request):
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return guarded


def check(request: HttpRequest, permission: str) -> None:
    """Raises NotPermitted unless the roles of who is signed in give `permission`."""
    if not may(roles(request), permission):
        raise NotPermitted(
            "role",
            "Your roles do not allow this",
            do="Ask an administrator of accounts",
        )


def allowed(request: HttpRequest, permission: str) -> bool:
    """The same as a question, for what a page shows or leaves out."""
    return may(roles(request), permission)


def roles(request: HttpRequest) -> frozenset[str]:
    """The roles of who is signed in; none for nobody."""
    return frozenset(getattr(request.user, "roles", ()))


def actor(request: HttpRequest) -> Actor:
    """Who is signed in, as use cases know them; the gate let them in with a second factor."""
    if not request.user.is_authenticated:
        raise NotFound("person", "Nobody is signed in")
    opened = getattr(request, "console_opened", False)
    return replace(members.actor(request.user.get_username()), second_factor=opened)
