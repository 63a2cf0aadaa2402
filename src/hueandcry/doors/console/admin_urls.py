"""Addresses of one's own account and of administration."""

from __future__ import annotations

from django.urls import path

from hueandcry.doors.console import account

urlpatterns = [
    path("", account.start, name="start"),
    path("account/", account.own, name="account"),
    path("account/enrol/", account.enrol, name="enrol"),
]
