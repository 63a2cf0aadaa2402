"""The scam taxonomy in plain words; a code that is not here is shown as it is."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LURES: Final[dict[str, str | Promise]] = {
    "investment": _("Fake investment"),
    "romance": _("Fake love"),
    "job": _("Fake job"),
    "impersonation-authority": _("False police or authority"),
    "impersonation-bank": _("False bank"),
    "impersonation-family": _("False relative or friend"),
    "impersonation-company": _("False company"),
    "purchase": _("Goods that never come"),
    "loan": _("Fake loan"),
    "prize": _("Fake prize"),
    "charity": _("Fake charity"),
    "recovery": _("False help to get money back"),
    "tech-support": _("False technical support"),
    "sextortion": _("Extortion with intimate pictures"),
    "delivery": _("Fake parcel"),
}

METHODS: Final[dict[str, str | Promise]] = {
    "phone": _("Phone call"),
    "sms": _("Text message"),
    "messenger": _("Messenger"),
    "social-ad": _("Advert on a social network"),
    "site": pgettext_lazy("method of a scam", "Website"),
    "app": pgettext_lazy("method of a scam", "App"),
    "email": _("E-mail"),
    "qr": _("QR code"),
    "remote-access": _("Remote control of the device"),
    "sim-swap": _("Stolen phone number (SIM swap)"),
    "deepfake": _("Forged voice or video"),
}


def named(lure: str, method: str) -> list[str]:
    """The lure and the method of a claim, as far as it says them."""
    pairs = ((LURES, lure), (METHODS, method))
    return [str(words.get(code, code)) for words, code in pairs if code]
