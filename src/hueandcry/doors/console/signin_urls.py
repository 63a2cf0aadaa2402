"""Addresses of signing in: only those of allauth's that are wanted, under allauth's names.

No sign-up, no e-mail, no password reset by oneself: their addresses do not exist.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path

from hueandcry.doors.console import keys, oidc

urlpatterns = [
    path("sign-in/", account.login, name="account_login"),
    path("sign-in/factor/", mfa.authenticate, name="mfa_authenticate"),
    path("sign-in/cancelled/", oidc.cancelled, name="socialaccount_login_cancelled"),
    path("sign-in/with/<slug:provider_id>/", oidc.login, name="openid_connect_login"),
    path("sign-in/with/<slug:provider_id>/back/", oidc.callback, name="openid_connect_callback"),
    path("account/disconnect/", oidc.disconnect, name="oidc_disconnect"),
    path("sign-out/", account.logout, name="account_logout"),
    path("again/", account.reauthenticate, name="account_reauthenticate"),
    path("again/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("again/key/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/factors/", mfa.index, name="mfa_index"),
    path("account/factors/app/add/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/factors/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/factors/keys/", mfa.index, name="mfa_list_webauthn"),
    path("account/factors/keys/add/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("account/factors/keys/<int:pk>/remove/", keys.remove, name="mfa_remove_webauthn"),
    path("account/factors/keys/<int:pk>/edit/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("account/factors/codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "account/factors/codes/new/",
        recovery.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
]
