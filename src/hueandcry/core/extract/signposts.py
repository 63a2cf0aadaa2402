"""Words beside a number that say what it is, in the ten languages and the spellings of messages.

Such as these stand in the twenty characters before a number; the nearest one counts.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

import re2

from hueandcry.core.extract.banks import NAMES


class Role(Enum):
    """What a word says of the number beside it."""

    ACCOUNT = "account"  # at a bank
    PHONE = "phone"  # also: a payment that is addressed by a telephone number
    CODE = "code"  # one-time passwords, PINs
    ORDER = "order"  # orders, parcels, bookings, cases
    IDENTITY = "identity"  # numbers that a state or a tax office gives
    BANK = "bank"


_WORDS: dict[Role, str] = {
    Role.ACCOUNT: (
        "account|acc no|acct|a/c|acc|บัญชี|เลขบช|บช|เลขที่|ธนาคาร|ธ.|stk|số tài khoản|so tai khoan"
        "|tài khoản|tai khoan|số tk|so tk|tk|ngân hàng|ngan hang|rekening|norek|no rek|rek|akaun"
        "|bank|គណនី|ធនាគារ|ບັນຊີ|ທະນາຄານ|ငွေစာရင်း|အကောင့်|ဘဏ်|账号|帐号|账户|帐户|賬戶|賬號|戶口|卡号|银行卡"
        "|银行|銀行|transfer to|โอนมาที่|โอนเข้า"
    ),
    Role.PHONE: (
        "phone|tel|mobile|hotline|call|contact|cell|sms|txt|text|promptpay|paynow|duitnow|gcash|maya"
        "|paymaya|momo|zalopay|dana|ovo|gopay|truemoney|wave|wavepay|wave pay|kbzpay|kpay|bakong"
        "|fps|touch n go|tng|โทร|เบอร์|มือถือ|ติดต่อ|พร้อมเพย์|ทรูมันนี่|วอเลท|sđt|sdt|đt|dt|điện thoại"
        "|dien thoai|số máy|gọi|goi|liên hệ|lien he|lh|nhắn|hp|no hp|telp|tlp|telepon|telefon"
        "|hubungi|hub|call center|cs|tawag|tumawag|i-text|ទូរស័ព្ទ|លេខទូរស័ព្ទ"
        "|ទាក់ទង|តេ|ໂທ|ເບີ|ໂທລະສັບ|ຕິດຕໍ່|ဖုန်း|ဆက်သွယ်|ခေါ်|电话|手机|联系|致电|拨打|電話|转数快|轉數快"
    ),
    Role.CODE: (
        "otp|code|pin|password|passcode|mã|ma|mã xác|mật khẩu|kode|kod|รหัส|验证码|校验码|密码"
        "|驗證碼|កូដ|លេខកូដ|ລະຫັດ|ကုဒ်|စကားဝှက်"
    ),
    Role.ORDER: (
        "order|parcel|tracking|track|ref|reference|invoice|case|ticket|booking|receipt|id|txn"
        "|transaction|resi|pesanan|no pesanan|mã đơn|đơn hàng|don hang|vận đơn|mã gd|mã vận đơn|พัสดุ"
        "|คำสั่งซื้อ|ออเดอร์|หมายเลขคดี|คดี|อ้างอิง|订单|订单号|单号|快递|运单|流水号|編號|编号|កញ្ចប់|ເຄື່ອງ|ပါဆယ်"
    ),
    Role.IDENTITY: (
        "cccd|cmnd|cmt|nik|ktp|npwp|mykad|nric|ic|i/c|passport|tin|sss|บัตรประชาชน|ประชาชน"
        "|เลขประจำตัว|身份证|អត្តសញ្ញាណ|ບັດປະຈຳຕົວ|မှတ်ပုံတင်|mã số thuế|mst"
    ),
}
_ROLES = {word: role for role, words in _WORDS.items() for word in words.split("|")}


def _is_latin(word: str) -> bool:
    return word[0] < "\u0250" or "\u1e00" <= word[0] < "\u1f00"


def _pattern(words: list[str]) -> str:
    """Any of `words`; those in Latin letters only as whole words."""
    latin = "|".join(re2.escape(word) for word in words if _is_latin(word))
    other = "|".join(re2.escape(word) for word in words if not _is_latin(word))
    letter = r"A-Za-z\p{Latin}"
    return rf"(?i)(?:^|[^0-9{letter}])(?:{latin})(?:$|[^{letter}])|(?:{other})"


_options = re2.Options()
_options.longest_match = True
_SIGN = re2.compile(_pattern([*_ROLES, *NAMES]).encode(), _options)


class Sign(NamedTuple):
    """A word that was found, what it says, and the octets where it begins and ends."""

    role: Role
    word: str
    start: int
    end: int


def signs(window: bytes) -> list[Sign]:
    """The signposts in a piece of text, in their order."""
    found, at = list[Sign](), 0
    while match := _SIGN.search(window, at):
        sign = _sign(match[0].decode(errors="ignore"), match.start())
        if sign:
            found.append(sign)
        at = max(sign.end if sign else match.end(), at + 1)
    return found


def _sign(text: str, start: int) -> Sign | None:
    """The word in `text`, around which the pattern took up to one character on either side."""
    for lead, trail in ((0, 0), (1, 0), (0, 1), (1, 1)):
        word = text[lead : len(text) - trail]
        if role := _role(word.lower()):
            start += len(text[:lead].encode())
            return Sign(role, word.lower(), start, start + len(word.encode()))
    return None


def _role(word: str) -> Role | None:
    return Role.BANK if word in NAMES else _ROLES.get(word)
