"""Addresses of one's own account and of administration."""

from __future__ import annotations

from django.urls import path

from hueandcry.doors.console import access, account, configuring, people, tokens

urlpatterns = [
    path("", account.start, name="start"),
    path("account/", account.own, name="account"),
    path("account/elsewhere/", account.sign_out_elsewhere, name="sign_out_elsewhere"),
    path("account/enrol/", account.enrol, name="enrol"),
    path("people/", people.everybody, name="people"),
    path("people/new/", people.new, name="person_new"),
    path("people/<int:number>/", people.person, name="person"),
    path("people/<int:number>/roles/", people.roles, name="person_roles"),
    path("people/<int:number>/<slug:act>/", people.act, name="person_act"),
    path("tokens/", tokens.everything, name="tokens"),
    path("tokens/new/", tokens.new, name="token_new"),
    path("tokens/<int:number>/revoke/", tokens.revoke, name="token_revoke"),
    path("settings/", configuring.everything, name="settings"),
    path("settings/<str:name>/", configuring.setting, name="setting"),
    path("settings/<str:name>/<int:version>/", configuring.undo, name="setting_undo"),
    path("access/", access.log, name="access"),
]
