"""What victims write, in ten languages, and what is found in it."""

from __future__ import annotations

import pytest

from hueandcry.core.extract import Extraction, extract
from hueandcry.core.types import Kind


def found(text: str, market: str | None = None) -> set[str]:
    """Everything found, as `kind value`, `sum value currency` or `open digits`."""
    read = extract(text, market)
    return (
        {f"{each.kind} {each.value}" for each in read.signals}
        | {f"sum {each.value} {each.currency}" for each in read.amounts}
        | {f"open {each.digits}" for each in read.accounts}
    )


def paid(text: str, market: str) -> dict[str, bool]:
    """Each telephone number, and whether the text says that it is one to pay to."""
    return {s.value: s.paid for s in extract(text, market).signals if s.kind is Kind.PHONE}


@pytest.mark.parametrize(
    ("market", "text", "numbers"),
    [
        ("TH", "โอนพร้อมเพย์ 081-234-5678 ด่วน", {"+66812345678": True}),
        ("TH", "พร้อมเพย์ เบอร์ 081-234-5678", {"+66812345678": True}),
        ("TH", "โทร 081-234-5678", {"+66812345678": False}),
        (
            "TH",
            "PromptPay 081-234-5678 or call 082-345-6789",
            {"+66812345678": True, "+66823456789": False},
        ),
        ("PH", "Send it to GCash 0917 123 4567", {"+639171234567": True}),
        ("MY", "Bayar ke DuitNow 012-345 6789", {"+60123456789": True}),
        ("SG", "PayNow +65 8123 4567", {"+6581234567": True}),
        ("MM", "KBZPay 09 7812 34567", {"+959781234567": True}),
        ("HK", "轉數快 9123 4567", {"+85291234567": True}),
    ],
)
def test_a_number_to_pay_to_is_told_from_one_to_call(
    market: str, text: str, numbers: dict[str, bool]
) -> None:
    assert paid(text, market) == numbers


MESSAGES = [
    (
        "TH",
        "โอนเข้าบัญชี กสิกร 123-4-56789-0 จำนวน 15,000 บาท โทร 081-234-5678 แอดไลน์ @loan99",
        {
            *("bank-account KASITHBK:1234567890", "sum 15000 THB"),
            *("phone +66812345678", "handle line:@loan99"),
        },
    ),
    (
        "TH",
        "ไลน์ไอดี: easy.cash เบอร์ ๐๘๑-๒๓๔-๕๖๗๘ เลขบัญชี 9876543210 เงิน 5 หมื่นบาท รหัส OTP 482910",
        {
            *("handle line:easy.cash", "phone +66812345678"),
            *("open 9876543210", "sum 50000 THB"),
        },
    ),
    (
        "VN",
        "Chuyển khoản Vietcombank 0123456789 số tiền 5.000.000đ, còn lại 2tr5, zalo 0912345678, "
        "mã OTP 123456, liên hệ 0987 654 321",
        {
            *("bank-account BFTVVNVX:0123456789", "sum 5000000 VND", "sum 2500000 VND"),
            *("handle zalo:+84912345678", "phone +84987654321"),
        },
    ),
    (
        "VN",
        "STK 19036512345678 Techcombank, phí 500k thôi, nhắn tele @vay_nhanh",
        {
            *("bank-account VTCBVNVX:19036512345678", "handle telegram:vay_nhanh"),
            "sum 500000 VND",
        },
    ),
    (
        "ID",
        "Transfer ke BCA 1234567890 a/n Budi Rp 1.500.000 WA 0812-3456-7890 "
        "atau 5jt, kode OTP 876543",
        {
            *("bank-account CENAIDJA:1234567890", "sum 1500000 IDR", "sum 5000000 IDR"),
            "handle whatsapp:+6281234567890",
        },
    ),
    (
        "MY",
        "Maybank 112233445566, RM1,500.00, wasap +60 12-345 6789, no resi 55667788",
        {
            *("bank-account MBBEMYKL:112233445566", "sum 1500 MYR"),
            "handle whatsapp:+60123456789",
        },
    ),
    (
        "PH",
        "Send to GCash 0917 123 4567 or BDO 001234567890 ₱5,000 order no 123456789012",
        {"phone +639171234567", "bank-account BNORPHMM:001234567890", "sum 5000 PHP"},
    ),
    (
        "SG",
        "Pay S$1,200 to DBS 012-345678-9 or PayNow 91234567 before 12-05-2025, ref 20250512001",
        {"bank-account DBSSSGSG:0123456789", "phone +6591234567", "sum 1200 SGD"},
    ),
    (
        "HK",
        "請轉賬到恒生 123-456789-001 HK$5,000 電話 51234567",
        {"bank-account HASEHKHH:123456789001", "phone +85251234567", "sum 5000 HKD"},
    ),
    (
        None,
        "请转账5万元到工商银行6222021234567890123，加微信 abc12345，电话13812345678，"
        "QQ 123456789，验证码 883311",
        {
            *("bank-account ICBKCNBJ:6222021234567890123", "sum 50000 CNY"),
            *("handle wechat:abc12345", "phone +8613812345678", "handle qq:123456789"),
        },
    ),
    (
        "KH",
        "ផ្ទេរទៅ ABA 001 234 567 ចំនួន $500 តេឡេក្រាម @khloan លេខ ០១២៣៤៥៦៧៨",
        {
            *("bank-account ABAAKHPP:001234567", "sum 500 USD"),
            *("handle telegram:khloan", "phone +85512345678"),
        },
    ),
    (
        "LA",
        "ໂອນເຂົ້າບັນຊີ BCEL 0301234567890 ຈຳນວນ 500,000 ກີບ ໂທ ໐໒໐ ໕໕໕໑໒໓໔໕",
        {
            *("bank-account COEBLALA:0301234567890", "sum 500000 LAK"),
            "phone +8562055512345",
        },
    ),
    (
        "MM",
        "KBZ 12345678901234567 သို့ ကျပ် ၅ သိန်း လွှဲပါ ဖုန်း ၀၉၄၂၁၂၃၄၅၆၇ Viber 09421234567",
        {
            *("bank-account KBZBMMMY:12345678901234567", "sum 500000 MMK"),
            *("phone +959421234567", "handle viber:+959421234567"),
        },
    ),
]


@pytest.mark.parametrize(("market", "text", "expected"), MESSAGES)
def test_a_message_in_its_language_gives_what_it_names_and_nothing_else(
    market: str | None, text: str, expected: set[str]
) -> None:
    assert found(text, market) == expected


@pytest.mark.parametrize(("market", "text", "expected"), MESSAGES)
def test_a_message_whose_market_nobody_says_gives_the_same_where_its_script_tells(
    market: str | None, text: str, expected: set[str]
) -> None:
    if market in ("TH", "VN", "KH", "LA", "MM"):
        assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("go to hxxps://evil[.]com/pay?id=1 now", {"url evil.com/pay?id=1"}),
        ("add t dot me/scam_desk", {"handle telegram:scam_desk"}),
        ("www dot evil dot com", {"domain www.evil.com"}),
        ("เข้า shop-th จุด com เลย", {"domain shop-th.com"}),
        ("mail me at pay.me (at) shop (dot) com", {"email pay.me@shop.com"}),
        ("call ０８１-２３４-５６７８", {"phone +66812345678"}),
        ("call 0️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣", {"phone +66812345678"}),
        ("𝐋𝐢𝐧𝐞 𝐈𝐃: 𝐞𝐚𝐬𝐲_𝐜𝐚𝐬𝐡", {"handle line:easy_cash"}),
        ("t.mе/abcd_e", {"handle telegram:abcd_e"}),  # a Cyrillic letter, and no such domain
        ("pаypal.com", {"domain xn--pypal-4ve.com"}),  # a Cyrillic letter, and there is
        ("เว็บwww.shop-th.comเลย", {"domain www.shop-th.com"}),
        ("https://bit.ly/abcคลิก", {"url bit.ly/abc"}),
        ("a.com/?to=https://b.com/x", {"url a.com/?to=https://b.com/x"}),
        ("Clickhttps://a.com/x", {"url a.com/x"}),
        ("see http://ราคา.com/x", {"url xn--42c5d0bb.com/x"}),
        ("(https://a.com/x_(y)).", {"url a.com/x_(y)"}),
        ("http://192.0.2.1:8080/a", {"url 192.0.2.1/a"}),
        ("wa.me/66812345678", {"handle whatsapp:+66812345678"}),
        ("m.me/some.page", {"handle facebook:somepage"}),
        ("install com.evil.loan", {"app android:com.evil.loan"}),
        ("play.google.com/store/apps/details?id=com.evil.pay", {"app android:com.evil.pay"}),
        ("Telegram: https://t.me/abcd_e", {"handle telegram:abcd_e"}),
        ("fb: x.y@mail.com", {"email x.y@mail.com"}),
    ],
)  # fmt: skip
def test_links_and_logins_are_found_however_they_are_hidden(text: str, expected: set[str]) -> None:
    assert found(text, "TH") == expected


@pytest.mark.parametrize(
    "text",
    [
        "your OTP is 123456, do not share it",
        "on 12-05-2025 at 10:30, or 2025-05-12, or 12.05.2025",
        "about 1.000.000 people, 3.14159265, version 10.20.30.40",
        "parcel TH20073068RR9G, order no 1234567890123, case 20250012345",
        "the dot com bubble of last year",
        "I read report.pdf.We met today.We talked.",
        "my line is busy, whatsapp group, telegram channel",
        "",
        "😀😀😀👨‍👩‍👧‍👦",
        "\u202e\u200f\u2066",
    ],
)
def test_ordinary_figures_and_words_are_no_signals(text: str) -> None:
    assert extract(text, "TH") == Extraction()


def test_a_card_is_neither_an_account_nor_a_telephone() -> None:
    assert extract("my account card 4111 1111 1111 1111", "TH") == Extraction()


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("฿500", "500", "THB"),
        ("1.250.000 VND", "1250000", "VND"),
        ("Rp10.000,50", "10000.5", "IDR"),
        ("1,250.75 USD", "1250.75", "USD"),
        ("0.005 BTC", "0.005", "BTC"),
        ("1.500 USDT", "1.5", "USDT"),
        ("3 triệu", "3000000", "VND"),
        ("1,5 tỷ đồng", "1500000000", "VND"),
        ("500rb", "500000", "IDR"),
        ("Rp 3.500.000 ke BCA", "3500000", "IDR"),
        ("5 juta untuk saya", "5000000", "IDR"),
        ("Rp175jt kode PIN", "175000000", "IDR"),
        ("5 ล้านบาท", "5000000", "THB"),
        ("៥០០០០ រៀល", "50000", "KHR"),
        ("₭200,000", "200000", "LAK"),
        ("300000 kyat", "300000", "MMK"),
        ("3万元", "30000", "CNY"),
        ("HK$1,000", "1000", "HKD"),
        ("P1,500", "1500", "PHP"),
        ("$20", "20", "USD"),
    ],
)
def test_a_sum_of_money_is_a_plain_decimal_with_its_currency(
    text: str, value: str, currency: str
) -> None:
    (amount,) = extract(f"so {text}.").amounts
    assert (amount.value, amount.currency) == (value, currency)


def test_dollars_are_those_of_the_market() -> None:
    assert [extract("pay $20", market).amounts[0].currency for market in ("SG", "HK", "TH")] == [
        *("SGD", "HKD", "USD"),
    ]


@pytest.mark.parametrize("text", ["15 đơn hàng", "20 trường", "500 kg", "mp3 player", "room 5u"])
def test_a_number_before_a_word_that_begins_like_a_currency_is_no_sum(text: str) -> None:
    assert extract(text, "VN").amounts == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        ),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
        (
            "0xD0cC2B24980CBCCA47EF755Da88B220a82291407",
            "0xd0cc2b24980cbccca47ef755da88b220a82291407".replace("ccca", "cca"),
        ),
    ],
)
def test_a_wallet_is_found_by_its_checksum_or_form(text: str, value: str) -> None:
    assert found(f"send to {text}, thanks") == {f"wallet {value}"}
    broken = text[:-1] + ("a" if text[-1] != "a" else "b")
    if not text.startswith("0x"):
        assert found(f"send to {broken}") == set()


def test_an_address_of_solana_needs_a_word_that_speaks_of_it_to_be_sure() -> None:
    value = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
    (named,) = extract(f"my solana wallet {value}").signals
    (bare,) = extract(value).signals
    assert named.value == bare.value == value
    assert bare.confidence < 0.6 < named.confidence


def test_a_bank_that_several_markets_have_is_the_one_of_the_market() -> None:
    assert found("CIMB 1234567890", "MY") == {"bank-account CIBBMYKL:1234567890"}
    assert found("CIMB 1234567890", "TH") == {"bank-account UBOBTHBK:1234567890"}
    assert found("account CIMB 1234567890") == {"open 1234567890"}


def test_an_iban_and_a_bic_say_their_bank_themselves() -> None:
    assert found("IBAN GB33 BUKB 2020 1555 5555 55 NOW or BFTVVNVX 0123456789") == {
        *("bank-account GB33BUKB20201555555555", "bank-account BFTVVNVX:0123456789"),
    }
