"""Addresses of the public site."""

from __future__ import annotations

from django.urls import path

from hueandcry.doors.web import help_views, own_report, report_views, views

urlpatterns = [
    path("", views.check, name="check"),
    path("report", report_views.report, name="report"),
    path("my-report", own_report.my_report, name="my-report"),
    path("help", help_views.start, name="help"),
    path("help/<str:name>", help_views.page, name="help-page"),
]
