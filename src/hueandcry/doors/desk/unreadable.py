"""What to do about a value that could not be read, in plain words."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise

_WEB: Final = _(
    "This looks like a web address, but it is not complete or holds characters that no address "
    "can have. Copy it again from the message."
)
_ACCOUNT: Final = _(
    "If this is a bank account, put the code of the bank in front, for example "
    "004:1234567890 or BFTVVNVX:0123456789."
)
_HANDLE: Final = _("Say on which service this account is, for example LINE: @name.")
_PHONE: Final = _(
    "If this is a phone number, begin with + and the country code, for example +66 or +84. "
    "If it is a bank account, put the code of the bank in front."
)
_GENERAL: Final = _(
    "Enter one web link, phone number, e-mail address, bank account, wallet or account name on "
    "each line, without the text around it."
)

#: Why a value could not be read → what to do about it; everything else gets the general help.
HELP: Final[dict[str, Words]] = {
    **dict.fromkeys(
        (
            *("not-a-url", "not-a-host", "ip-address", "not-a-domain", "is-url", "is-ip"),
            *("domain-characters", "domain-too-long", "wildcard"),
        ),
        _WEB,
    ),
    **dict.fromkeys(("phone-country", "not-a-phone", "market"), _PHONE),
    **dict.fromkeys(("account-bank", "not-an-account"), _ACCOUNT),
    **dict.fromkeys(("handle-platform", "not-a-handle"), _HANDLE),
    "iban-checksum": _("There is a typing mistake in this account number. Copy it again."),
    "not-an-email": _("This looks like an e-mail address, but it is not complete."),
    "not-a-wallet": _(
        "This looks like the address of a crypto wallet, but a character is wrong or missing. "
        "Copy it again."
    ),
    "too-long": _("This is too long. Enter only the link, number or name, not the whole message."),
}


def help_with(code: str) -> str:
    """What helps with the error of this code; the general help for any other."""
    return str(HELP.get(code, _GENERAL))
