"""Addresses of the public site."""

from __future__ import annotations

from django.urls import path

from hueandcry.doors.web import views

urlpatterns = [path("", views.check, name="check")]
