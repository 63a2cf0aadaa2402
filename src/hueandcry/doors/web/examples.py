"""What may be asked, shown by examples: addresses and numbers that can belong to nobody."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Example(NamedTuple):
    """A kind of thing, and how one is written."""

    name: str | Promise
    text: str


#: RFC 2606 names, a number that Ofcom keeps for drama, the specimens of IBAN and of BIP 173.
EXAMPLES: Final = (
    Example(_("Web link or website"), "https://bank-login.example/verify"),
    Example(_("Phone number"), "+44 7700 900123"),
    Example(_("E-mail address"), "prize@lottery.example"),
    Example(_("Bank account"), "GB33BUKB20201555555555"),
    Example(_("Crypto wallet"), "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    Example(_("Messenger or social network"), "LINE: @example"),
)
