"""Words beside a number that say what it is, in the ten languages and the spellings of messages.

Such as these stand in the twenty characters before a number; the nearest one counts.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import NamedTuple

import re2

from hueandcry.core.extract.banks import NAMES
from hueandcry.core.extract.searching import Pattern


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
        "account|acc no|acct|a/c|acc|บัญชี|เลขบช|บช|เลขที่|ธนาคาร|stk|số tài khoản|so tai khoan"
        "|tài khoản|tai khoan|số tk|so tk|tk|ngân hàng|ngan hang|rekening|norek|no rek|rek|akaun"
        "|bank|គណនី|ធនាគារ|ບັນຊີ|ທະນາຄານ|ငွေစာရင်း|အကောင့်|ဘဏ်|账号|帐号|账户|帐户|賬戶|賬號|戶口|卡号|银行卡"
        "|银行|銀行|transfer to|โอนมาที่|โอนเข้า"
    ),
    Role.PHONE: (
        "phone|tel|mobile|hotline|cskh|tổng đài|tong dai|call|contact|cell|sms|txt|text"
        "|promptpay|paynow|duitnow|gcash|maya|paymaya|momo|zalopay|dana|ovo|gopay|truemoney"
        "|wave|wavepay|wave pay|kbzpay|kpay|bakong|fps|touch n go|tng|โทร|เบอร์|มือถือ|ติดต่อ"
        "|พร้อมเพย์|ทรูมันนี่|วอเลท|sđt|sdt|đt|dt|điện thoại|dien thoai|số máy|gọi|goi"
        "|liên hệ|lien he|lh|nhắn|hp|no hp|telp|tlp|telepon|telefon|hubungi|hub|call center"
        "|cs|tawag|tumawag|i-text|ទូរស័ព្ទ|លេខទូរស័ព្ទ|ទាក់ទង|តេ|ໂທ|ເບີ|ໂທລະສັບ|ຕິດຕໍ່|ဖုန်း"
        "|ဆက်သွယ်|ခေါ်|电话|手机|联系|致电|拨打|電話|转数快|轉數快"
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
#: Of those that say PHONE: payments that are addressed by a telephone number.
_PROXIES = frozenset(
    (
        *("promptpay", "paynow", "duitnow", "gcash", "maya", "paymaya", "momo", "zalopay", "dana"),
        *("ovo", "gopay", "truemoney", "wave", "wavepay", "wave pay", "kbzpay", "kpay", "bakong"),
        *("fps", "touch n go", "tng", "พร้อมเพย์", "ทรูมันนี่", "วอเลท", "转数快", "轉數快"),
    )
)
_ROLES = {word: role for role, words in _WORDS.items() for word in words.split("|")}


_MEANING: dict[str, Role] = {**_ROLES, **dict.fromkeys(NAMES, Role.BANK)}


def _bounded(word: str) -> str:
    """`word` as a pattern; beside an end in ASCII letters no other letter may stand."""
    before, after = (r"\b" if _is_plain(char) else "" for char in (word[0], word[-1]))
    return f"{before}{re2.escape(word)}{after}"


def _is_plain(char: str) -> bool:
    return char.isascii() and char.isalnum()


_SIGN = Pattern(f"(?i){'|'.join(map(_bounded, _MEANING))}", longest=True)


class Sign(NamedTuple):
    """A word that was found, what it says, and the octets where it begins and ends."""

    role: Role
    word: str
    start: int
    end: int

    @property
    def is_proxy(self) -> bool:
        """Whether it names a way of paying to whoever has a telephone number."""
        return self.word in _PROXIES


def signs(window: bytes) -> list[Sign]:
    """The signposts in a piece of text, in their order."""
    found = []
    for start, end in _SIGN.places(window):
        word, role, marked = _meaning(window[start:end])
        if not (marked and _goes_on(window[end : end + 3])):
            found.append(Sign(role, word, start, end))
    return found


@lru_cache(maxsize=4_096)
def _meaning(spelt: bytes) -> tuple[str, Role, bool]:
    """A word as the tables have it, its role, and whether it ends in a Latin letter with a mark."""
    word = spelt.decode().casefold()
    last = word[-1]
    marked = "\u00c0" <= last <= "\u024f" or "\u1e00" <= last <= "\u1eff"
    return word, _MEANING[word], marked


def _goes_on(after: bytes) -> bool:
    """Whether a word that ends in a Latin letter with a mark (`mã`) is only the start of one."""
    following = after.decode(errors="ignore")[:1]
    return following.isalpha() and (following.isascii() or following < "\u0250")
