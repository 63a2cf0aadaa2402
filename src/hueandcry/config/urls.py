"""Addresses that Django answers; the plain doors are in `wsgi`."""

from __future__ import annotations

from django.urls import include, path

from hueandcry.doors.desk import assets

urlpatterns = [
    path("static/<str:digest>/<path:name>", assets.serve),
    path("console/", include("hueandcry.doors.console.urls")),
    path("", include("hueandcry.doors.web.urls")),
]

handler400 = "hueandcry.doors.web.errors.bad_request"
handler403 = "hueandcry.doors.web.errors.forbidden"
handler404 = "hueandcry.doors.web.errors.not_found"
handler500 = "hueandcry.doors.web.errors.fault"
handler429 = "hueandcry.doors.console.errors.too_many"  # allauth asks for it
