"""Payment codes of the region: who is paid, how much; anything else is no payment."""

from __future__ import annotations

import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.payments import payment


def field(tag: str, value: str) -> str:
    return f"{tag}{len(value):02d}{value}"


def code(*fields: str) -> str:
    """A whole code around these fields, with its check sum."""
    body = field("00", "01") + "".join(fields) + "6304"
    return f"{body}{binascii.crc_hqx(body.encode(), 0xFFFF):04X}"


def template(tag: str, **inner: str) -> str:
    return field(tag, "".join(field(name[1:], value) for name, value in inner.items()))


PROMPTPAY = code(
    field("01", "11"),
    template("29", _00="A000000677010111", _01="0066812345678"),
    field("53", "764"),
    field("54", "1500.00"),
    field("58", "TH"),
)
VIETQR = code(
    template("38", _00="A000000727", _01="00069704360110" + "0123456789", _02="QRIBFTTA"),
    field("53", "704"),
    field("58", "VN"),
    field("59", "NGUYEN VAN A"),
)


@pytest.mark.parametrize(
    ("text", "scheme", "signals"),
    [
        (PROMPTPAY, "promptpay", ["+66812345678"]),
        (code(template("29", _00="A000000677010111", _02="1234567890123")), "promptpay", []),
        (
            code(template("29", _00="A000000677010111", _04="0141234567890")),
            "promptpay",
            ["SICOTHBK:1234567890"],
        ),
        (
            code(template("29", _00="A000000677010111", _04="0991234567890")),
            "promptpay",
            ["099:1234567890"],
        ),
        (code(template("30", _00="A000000677010112", _01="099400015804189")), "promptpay", []),
        (VIETQR, "vietqr", ["BFTVVNVX:0123456789"]),
        (
            code(template("38", _00="A000000727", _01="000697043601109704361234", _02="QRIBFTTC")),
            "vietqr",
            [],
        ),
        (
            code(template("26", _00="SG.PAYNOW", _01="0", _02="+6591234567", _03="1")),
            "paynow",
            ["+6591234567"],
        ),
        (code(template("26", _00="SG.PAYNOW", _01="2", _02="201403121W")), "paynow", []),
        (
            code(template("26", _00="hk.com.hkicl", _03="+852-51234567", _04="a@b.example")),
            "fps",
            ["+85251234567", "a@b.example"],
        ),
        (
            code(template("27", _00="com.p2pqrpay", _01="UBPHPHMMXXX", _04="109450628989")),
            "qr-ph",
            ["UBPHPHMM:109450628989"],
        ),
        (code(template("29", _00="someone@bank", _02="Bank")), "khqr", []),
        (code(template("51", _00="ID.CO.QRIS.WWW", _02="ID1020")), "qris", []),
        (code(template("26", _00="A0000006150001", _01="501664")), "duitnow", []),
        (code(field("59", "SHOP")), "emv", []),
    ],
)
def test_a_code_says_to_whom_the_money_goes(text: str, scheme: str, signals: list[str]) -> None:
    found = payment(text)
    assert found is not None and found.scheme == scheme
    assert [signal.value for signal in found.signals] == signals


def test_a_code_says_how_much_and_to_which_name() -> None:
    thai, viet = payment(PROMPTPAY), payment(VIETQR)
    assert thai is not None and (thai.amount, thai.currency, thai.country) == (
        "1500.00",
        "THB",
        "TH",
    )
    assert viet is not None and (viet.payee, viet.amount) == ("NGUYEN VAN A", "")


def test_the_check_sum_is_that_of_the_specification() -> None:
    """CRC-16/CCITT-FALSE, by the check value of its catalogue entry."""
    assert binascii.crc_hqx(b"123456789", 0xFFFF) == 0x29B1


@given(st.integers(0, len(PROMPTPAY) - 1), st.characters(codec="ascii"))
def test_a_code_with_one_letter_changed_is_none(at: int, letter: str) -> None:
    changed = PROMPTPAY[:at] + letter + PROMPTPAY[at + 1 :]
    if changed.upper() != PROMPTPAY:
        assert payment(changed) is None


@given(st.text(max_size=100), st.text("0123456789", max_size=200))
def test_any_text_is_a_payment_or_none(text: str, digits: str) -> None:
    for body in (text, "000201" + text, "000201" + digits):
        payment(body)
        payment(body + f"6304{binascii.crc_hqx((body + '6304').encode(), 0xFFFF):04X}")
    assert payment("000201" + "0" * 5_000) is None
