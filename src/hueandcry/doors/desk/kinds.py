"""Kinds of signals in words, for the public and for those who work here."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hueandcry.core.types import Kind

Words = str | Promise

KINDS: Final[dict[str, Words]] = {
    Kind.DOMAIN: _("Website"),
    Kind.URL: _("Web link"),
    Kind.EMAIL: _("E-mail address"),
    Kind.PHONE: _("Phone number"),
    Kind.BANK_ACCOUNT: _("Bank account"),
    Kind.WALLET: _("Crypto wallet"),
    Kind.HANDLE: _("Account on a messenger or social network"),
    Kind.APP: pgettext_lazy("kind of signal", "App"),
    Kind.PAGE: _("Page on a social network"),
    Kind.ADVERT: _("Advertisement"),
    Kind.FILE_HASH: _("Fingerprint of a file"),
    Kind.IMAGE_HASH: _("Fingerprint of a picture"),
}
