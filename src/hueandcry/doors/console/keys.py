"""Removing a security key: as allauth does it, but never the last second factor."""

from __future__ import annotations

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views as webauthn
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse


def remove(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Asks, then removes; the last second factor stays."""
    key = Authenticator.objects.filter(pk=pk, user_id=request.user.pk).first()
    adapter = get_adapter()
    if key is not None and not adapter.can_delete_authenticator(key):
        messages.error(request, adapter.error_messages["cannot_delete_authenticator"])
        return HttpResponseRedirect(reverse("mfa_index"))
    answer: HttpResponseBase = webauthn.remove_webauthn(request, pk=pk)
    return answer
