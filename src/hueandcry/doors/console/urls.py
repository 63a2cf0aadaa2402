"""Addresses of the console. Those of the work pages are in `work_urls`."""

from __future__ import annotations

from django.urls import include, path, re_path

from hueandcry.doors.console import admin_urls, errors, signin_urls, work_urls

urlpatterns = [
    path("", include((admin_urls.urlpatterns + work_urls.urlpatterns, "console"))),
    path("", include(signin_urls)),
    re_path("", errors.nowhere),
]
