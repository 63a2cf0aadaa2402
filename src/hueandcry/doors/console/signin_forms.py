"""Forms of signing in: allauth's, in our words and without texts inside the fields."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateCodeForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


def _say(form: forms.BaseForm, **labels: Words) -> None:
    """Gives fields their labels, and takes placeholders and texts for others away."""
    for name, label in labels.items():
        field = form.fields[name]
        field.label, field.help_text = str(label), ""
        field.widget.attrs.pop("placeholder", None)


class SignIn(LoginForm):  # type: ignore[misc]
    """Login and password."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        _say(self, login=_("Login"), password=_("Password"))
        self.fields["login"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}


class Again(ReauthenticateForm):  # type: ignore[misc]
    """The password once more."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        _say(self, password=_("Password"))


class OwnPassword(ChangePasswordForm):  # type: ignore[misc]
    """The old password and twice another one."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        _say(
            self,
            oldpassword=_("Password until now"),
            password1=_("New password"),
            password2=_("New password again"),
        )
        self.fields["password1"].help_text = str(
            _("At least 12 characters. Four unrelated words are good.")
        )

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        if password == self.data.get("oldpassword"):
            raise ValidationError(_("Choose another one than until now."))
        return password


class _Code(forms.Form):
    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        _say(self, code=_("Code from the app, or a recovery code"))
        self.fields["code"].widget.attrs |= {
            "inputmode": "numeric",
            "autocomplete": "one-time-code",
        }


class Code(_Code, AuthenticateForm):  # type: ignore[misc]
    """The second factor when signing in."""


class CodeAgain(_Code, ReauthenticateCodeForm):  # type: ignore[misc]
    """The second factor once more."""


class FirstCode(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an app that is being set up."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        _say(self, code=_("Code"))
        self.fields["code"].widget.attrs |= {"inputmode": "numeric"}


class NewKey(AddWebAuthnForm):  # type: ignore[misc]
    """A security key with its name."""

    def __init__(self, *args: Any, **more: Any) -> None:
        more["initial"] = {"name": ""} | (more.get("initial") or {})
        super().__init__(*args, **more)
        _say(self, name=_("Name of the key"))
        self.fields["name"].max_length = 80


class RenamedKey(EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a key."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        _say(self, name=_("Name of the key"))
