"""Spellings of every kind and the value that each must become; the tests of all kinds run on them.

Examples of one kind and one value are variants: they must meet in one signal.
"""

from __future__ import annotations

from dataclasses import dataclass

from hueandcry.core.types import Kind


@dataclass(frozen=True, slots=True)
class Example:
    """`text`, as somebody writes it in `market`, and the canonical `value` of it."""

    kind: Kind
    text: str
    value: str
    market: str | None = None


_PAY = "shop.example/pay/in.php?id=7"
_IBAN = "GB33BUKB20201555555555"
_EVM = "0xd0cc2b24980cbcca47ef755da88b220a82291407"
_BECH32 = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
_TON = "EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N"
_CASH = "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"
_SHA_256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
_PDQ = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"

_BY_VALUE: dict[Kind, dict[str, tuple[str, ...]]] = {
    Kind.DOMAIN: {
        "evil.example": (
            *("evil.example", "EVIL.Example", "evil.example.", "evil.example/", " evil.example\n"),
            *("evil[.]example", "evil(dot)example", "evil [.] example", "ev\u200bil.example"),
            *("ｅｖｉｌ．example", "evil。example", "<evil.example>"),
        ),
        "xn--mnchen-3ya.example": ("münchen.example", "MU\u0308NCHEN.example"),
        "xn--42c5d0bb.example": ("ราคา.example",),
        "_dmarc.shop.example": ("_DMARC.shop.example",),
    },
    Kind.URL: {
        _PAY: (
            *(f"https://{_PAY}", f"http://{_PAY}", f"hxxps://{_PAY}#top", _PAY),
            *(f"hxxp[:]//{_PAY}".replace("p.e", "p[.]e"), f"http://u:p@{_PAY}"),
            *(
                "http://shop.example:8080//pay/./x/../in%2ephp?id=7",
                "https:\\\\SHOP.example/pay/in.php?id=7",
            ),
            *("https://shop.example./pay/%2569n.php?id=7", "http://shop.example/pay/\tin.php?id=7"),
        ),
        "shop.example/": ("http://shop.example", "http://shop.example/#", "HTTPS://shop.example/."),
        "192.0.2.1/": ("http://192.0.2.1", "192.0.2.1", "http://0xC0000201/", "http://3221225985"),
        "[2001:db8::1]/": ("http://[2001:DB8:0:0::1]:80/", "[2001:db8::1]"),
        "192.0.2.33/x": ("http://[::ffff:192.0.2.33]/x", "http://[64:ff9b::c000:221]/x"),
        "ftp://files.example/a": ("ftp://files.example/a", "FTP://u@files.example:21/a"),
    },
    Kind.EMAIL: {
        "Pay.Me@shop.example": (
            *(
                "Pay.Me@shop.example",
                "Pay.Me@SHOP.Example.",
                "mailto:Pay.Me@shop.example?subject=x",
            ),
            *("Pay.Me[at]shop[.]example", "Pay.Me (at) shop (dot) example"),
            *("Bank <Pay.Me@shop.example>", "Pay.Me＠shop.example"),
        ),
        "a@xn--mnchen-3ya.example": ("a@münchen.example",),
    },
    Kind.PHONE: {
        "+84901234567": (
            *("+84901234567", "84901234567", "0084 90 123 45 67", "+84 (0)90-123-45-67"),
            *("tel:+84-90-123-4567", "＋８４ 90 123 45 67"),
        ),
        "+66812345678": (
            *("+66 81 234 5678", "66812345678"),
            "+๖๖ ๘๑ ๒๓๔ ๕๖๗๘",
        ),
        "+85512345678": ("+855 12 345 678", "៨៥៥១២៣៤៥៦៧៨"),
        "+959421234567": ("+95 9 421 234 567", "+၉၅၉၄၂၁၂၃၄၅၆၇"),
        "+8562055512345": ("+856 20 55512345", "+໘໕໖໒໐໕໕໕໑໒໓໔໕"),
    },
    Kind.BANK_ACCOUNT: {
        _IBAN: (
            _IBAN,
            "GB33 BUKB 2020 1555 5555 55",
            "iban: gb33bukb20201555555555",
            "GB33-BUKB-20201555555555",
        ),
        "BFTVVNVX:0123456789": (
            *("BFTVVNVX:0123456789", "BFTVVNVX 0123-456-789", "bftvvnvxxxx/0123456789"),
            "BFTVVNVX ๐๑๒๓456789",
        ),
        "004:1234567890": ("004:1234567890", "004/123-4-56789-0"),
    },
    Kind.WALLET: {
        _EVM: (
            *(_EVM, "0xD0cC2B24980CBCCA47EF755Da88B220a82291407", "0X" + _EVM[2:].upper()),
            *(f"ethereum:{_EVM}@1/transfer?value=1", f"eip155:1:{_EVM}"),
        ),
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa": (
            *(
                "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
                "bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa?amount=1",
            ),
        ),
        _BECH32: (_BECH32, _BECH32.upper(), f"bitcoin:{_BECH32}"),
        "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t": ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",),
        "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v": (
            *(
                "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
                "solana:EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
            ),
        ),
        "rnXyVQzgxZe7TR1EPzTkGj2jxH4LMJYh66": ("rnXyVQzgxZe7TR1EPzTkGj2jxH4LMJYh66",),
        _TON: (_TON,),
        _CASH: (_CASH, _CASH.partition(":")[2], _CASH.upper()),
    },
    Kind.HANDLE: {
        "telegram:scam_desk": (
            *("telegram:scam_desk", "Telegram: @Scam_Desk", "https://t.me/Scam_Desk?start=1"),
            *("t[.]me/scam_desk", "tg://resolve?domain=scam_desk", "telegram @scam_desk"),
        ),
        "telegram:+AbCdEf0123456789": (
            "https://t.me/+AbCdEf0123456789",
            "t.me/joinchat/AbCdEf0123456789",
        ),
        "whatsapp:+84901234567": ("https://wa.me/84901234567", "WhatsApp: +84 90 123 45 67"),
        "zalo:+84901234567": ("zalo:0901234567", "https://zalo.me/84901234567"),
        "line:@bank": ("LINE ID: @Bank", "https://line.me/R/ti/p/@bank", "line.me/ti/p/%40bank"),
        "facebook:johnsmith": (
            "fb: John.Smith",
            "https://www.facebook.com/john.smith",
            "m.me/johnsmith",
        ),
        "tiktok:shop.vn": ("https://www.tiktok.com/@Shop.vn", "tiktok:@shop.vn"),
        "x:shop": ("twitter: @Shop", "https://x.com/shop"),
    },
    Kind.APP: {
        "android:com.evil.loan": (
            *("android:com.evil.loan", "com.evil.loan", "market://details?id=com.evil.loan"),
            "https://play.google.com/store/apps/details?id=com.evil.loan&hl=th",
        ),
        "ios:1234567890": (
            "ios:1234567890",
            "https://apps.apple.com/th/app/loan/id1234567890?l=th",
            "iOS: id1234567890",
        ),
    },
    Kind.PAGE: {
        "facebook:1000123": ("facebook:1000123", "Facebook: 1000123", "fb:1000123"),
        "facebook:shopvn": ("facebook:Shop.VN",),
        "shopee:882": ("Shopee:882",),
    },
    Kind.ADVERT: {
        "facebook:1000123": (
            "facebook:1000123",
            "https://www.facebook.com/ads/library/?id=1000123",
        ),
        "google:CR0123": (
            "https://adstransparency.google.com/advertiser/AR1/creative/CR0123?region=TH",
        ),
    },
    Kind.FILE_HASH: {
        f"sha-256:{_SHA_256}": (_SHA_256, f"SHA256:{_SHA_256.upper()}", f"sha-256:{_SHA_256}"),
        "sha-1:da39a3ee5e6b4b0d3255bfef95601890afd80709": (
            "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
        ),
        "md5:d41d8cd98f00b204e9800998ecf8427e": ("md5=d41d8cd98f00b204e9800998ecf8427e",),
    },
    Kind.IMAGE_HASH: {
        f"pdq:{_PDQ}": (_PDQ, f"PDQ:{_PDQ.upper()}"),
    },
}

_NATIONAL = (
    Example(Kind.PHONE, "090 123 45 67", "+84901234567", "VN"),
    Example(Kind.PHONE, "081-234-5678", "+66812345678", "th"),
    Example(Kind.PHONE, "๐๘๑๒๓๔๕๖๗๘", "+66812345678", "TH"),
    Example(Kind.HANDLE, "viber: 081 234 5678", "viber:+66812345678", "TH"),
)


def examples() -> tuple[Example, ...]:
    """Several spellings of every kind, those of one value beside each other."""
    plain = (
        Example(kind, text, value)
        for kind, values in _BY_VALUE.items()
        for value, texts in values.items()
        for text in texts
    )
    return (*plain, *_NATIONAL)
