"""What a payment code asks for: EMV QR, merchant-presented (EMV QRCPS MPM 1.1), and its schemes.

PromptPay  Thailand     Bank of Thailand, Thai QR Payment Standard: templates 29 and 30
VietQR     Vietnam      NAPAS QR-IBFT: template 38
PayNow     Singapore    SGQR: template 26
FPS        Hong Kong    HKMA Common QR Code: template 26
QR Ph      Philippines  P2P: template 27
KHQR       Cambodia     National Bank of Cambodia, Bakong: templates 29 and 30
QRIS       Indonesia    templates 26 to 51; DuitNow, Malaysia: template 26 (no account inside)
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from hueandcry.core.errors import Unreadable
from hueandcry.core.normal import normalise
from hueandcry.core.types import Kind, Signal

#: Nothing longer fits into the largest QR code (ISO/IEC 18004, version 40-L, alphanumeric).
MAX_CODE: Final = 4_296
_START: Final = "000201"
_CHECKED: Final = re.compile(r"(.+6304)([0-9A-Fa-f]{4})", re.DOTALL)
_AMOUNT: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{0,3})?")

#: ISO 4217, of the countries whose schemes are read here.
_CURRENCIES: Final = {
    "116": "KHR", "156": "CNY", "344": "HKD", "360": "IDR", "418": "LAK", "458": "MYR",
    "104": "MMK", "608": "PHP", "702": "SGD", "704": "VND", "764": "THB", "840": "USD",
    "978": "EUR",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Payment:
    """What somebody who scans the code is asked to pay, and to whom."""

    scheme: str  #: as the table above has them, in lower case; `emv` for any other
    signals: tuple[Signal, ...] = ()  #: where the money goes, as far as the code itself says
    payee: str = ""  #: a name that whoever made the code chose
    amount: str = ""  #: decimal; empty where the payer fills it in
    currency: str = ""  #: ISO 4217
    country: str = ""


def payment(code: str) -> Payment | None:
    """The payment that a code asks for; None for any other text, or a wrong check sum."""
    if len(code) > MAX_CODE or not code.startswith(_START):
        return None
    found = _CHECKED.fullmatch(code.strip())
    if found is None or binascii.crc_hqx(found[1].encode(), 0xFFFF) != int(found[2], 16):
        return None
    fields = _fields(found[1] + found[2])
    if fields is None:
        return None
    scheme, signals = _scheme(fields)
    amount = fields.get("54", "")
    return Payment(
        scheme,
        tuple(dict.fromkeys(signals)),
        fields.get("59", "").strip(),
        amount if _AMOUNT.fullmatch(amount) else "",
        _CURRENCIES.get(fields.get("53", ""), ""),
        fields.get("58", ""),
    )


def _fields(text: str) -> dict[str, str] | None:
    """Two digits of tag, two of length, so many letters, to the end; None for any other form."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        tag, size = text[at : at + 2], text[at + 2 : at + 4]
        if not (tag.isascii() and tag.isdecimal() and size.isascii() and size.isdecimal()):
            return None
        end = at + 4 + int(size)
        if len(size) < 2 or end > len(text):
            return None
        found.setdefault(tag, text[at + 4 : end])
        at = end
    return found


# --- banks ----------------------------------------------------------------------------------------

#: The code of a bank in its country → its BIC, under which texts name the same account.
_THAI: Final = {
    "002": "BKKBTHBK", "004": "KASITHBK", "006": "KRTHTHBK", "011": "TMBKTHBK",
    "014": "SICOTHBK", "022": "UBOBTHBK", "024": "UOVBTHBK", "025": "AYUDTHBK",
    "030": "GSBATHBK", "034": "BAABTHBK",
}  # fmt: skip
_VIETNAMESE: Final = {
    "970403": "SGTTVNVX", "970405": "VBAAVNVX", "970407": "VTCBVNVX", "970415": "ICBVVNVX",
    "970416": "ASCBVNVX", "970418": "BIDVVNVX", "970422": "MSCBVNVX", "970423": "TPBVVNVX",
    "970425": "ABBKVNVX", "970426": "MCOBVNVX", "970428": "NAMAVNVX", "970431": "EBVIVNVX",
    "970432": "VPBKVNVX", "970436": "BFTVVNVX", "970437": "HDBCVNVX", "970440": "SEAVVNVX",
    "970441": "VNIBVNVX", "970443": "SHBAVNVX", "970448": "ORCOVNVX", "970449": "LVBKVNVX",
}  # fmt: skip

# --- schemes --------------------------------------------------------------------------------------

Template = Mapping[str, str]
Read = Callable[[Template], Iterable[Signal]]


def _scheme(fields: Template) -> tuple[str, list[Signal]]:
    for tag in sorted(fields):
        template = _fields(fields[tag]) if "26" <= tag <= "51" else None
        for name, is_one, read in _SCHEMES:
            if template and is_one(tag, template):
                return name, list(read(template))
    return "emv", []


def _signals(kind: Kind, text: str, market: str | None = None) -> Iterable[Signal]:
    try:
        yield normalise(kind, text, market=market)
    except Unreadable:
        return


def _account(banks: Mapping[str, str], bank: str, number: str) -> Iterable[Signal]:
    return _signals(Kind.BANK_ACCOUNT, f"{banks.get(bank, bank)}:{number}")


def _promptpay(template: Template) -> Iterable[Signal]:
    if template.get("01", "").startswith("0066"):
        yield from _signals(Kind.PHONE, "+" + template["01"][2:])
    account = template.get("04", "")
    if len(account) > 3:  # the code of the bank, then the number
        yield from _account(_THAI, account[:3], account[3:])


def _vietqr(template: Template) -> Iterable[Signal]:
    inner = _fields(template.get("01", "")) or {}
    if template.get("02") != "QRIBFTTC":  # to a card, whose number is no account
        yield from _account(_VIETNAMESE, inner.get("00", ""), inner.get("01", ""))


def _paynow(template: Template) -> Iterable[Signal]:
    if template.get("01") == "0":
        yield from _signals(Kind.PHONE, template.get("02", ""), "SG")


def _fps(template: Template) -> Iterable[Signal]:
    yield from _signals(Kind.PHONE, template.get("03", ""), "HK")
    yield from _signals(Kind.EMAIL, template.get("04", ""))


def _qr_ph(template: Template) -> Iterable[Signal]:
    yield from _signals(Kind.BANK_ACCOUNT, f"{template.get('01', '')[:8]}:{template.get('04', '')}")


def _nothing(template: Template) -> Iterable[Signal]:
    return ()


def _named(tags: str, *names: str) -> Callable[[str, Template], bool]:
    allowed = tags.split()
    return lambda tag, template: tag in allowed and template.get("00", "").upper() in names


#: Name, whether a template is of this scheme, what is in it.
_SCHEMES: Final[tuple[tuple[str, Callable[[str, Template], bool], Read], ...]] = (
    ("promptpay", _named("29", "A000000677010111", "A000000677010114"), _promptpay),
    ("promptpay", _named("30", "A000000677010112"), _nothing),
    ("vietqr", _named("38", "A000000727"), _vietqr),
    ("paynow", _named("26", "SG.PAYNOW"), _paynow),
    ("fps", _named("26", "HK.COM.HKICL"), _fps),
    ("qr-ph", _named("27", "COM.P2PQRPAY"), _qr_ph),
    ("khqr", lambda tag, template: tag in ("29", "30") and "@" in template.get("00", ""), _nothing),
    ("qris", lambda tag, template: template.get("00", "").upper().startswith("ID.CO."), _nothing),
    ("duitnow", _named("26", "A0000006150001"), _nothing),
)
