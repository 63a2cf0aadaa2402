"""What a screen hides of a narrative until somebody asks for it."""

from __future__ import annotations

import pytest

from hueandcry.core.extract import extract, personal_spans


def hidden(text: str, market: str = "TH") -> list[str]:
    return [text[start:end] for start, end in personal_spans(text, extract(text, market))]


@pytest.mark.parametrize(
    "number",
    [
        "1-1017-00230-70-8",  # Thailand
        "S1234567D",  # Singapore
        "A123456(3)",  # Hong Kong
        "3171011708450001",  # Indonesia
        "11010519491231002X",  # China
        "82291419900101001X",  # China, of a county that no list has
        "770305-02-1234",  # Malaysia
        "001099012345",  # Vietnam
        "၁၂/ကမတ(နိုင်)၁၂၃၄၅၆",  # Myanmar
        "4111 1111 1111 1111",  # a card
    ],
)
def test_the_number_of_a_person_or_a_card_is_hidden(number: str) -> None:
    assert hidden(f"it is {number} and no other") == [number]


@pytest.mark.parametrize("number", ["S1234567A", "A123456(4)", "1-1017-00230-70-9"])
def test_a_number_with_a_wrong_check_digit_is_none(number: str) -> None:
    assert hidden(f"it is {number} and no other") == []


def test_a_number_without_a_check_digit_is_told_by_the_word_before_it() -> None:
    assert hidden("my sss 34-1234567-8, thanks", "PH") == ["34-1234567-8"]
    assert hidden("passport no AB1234567") == ["AB1234567"]
    assert hidden("flight AB1234567") == []


def test_telephones_mail_and_accounts_are_hidden_and_links_and_wallets_stay() -> None:
    text = (
        "call 081-234-5678 or a@b.com, account 9876543210, กสิกร 123-4-56789-0, see evil.com/x, "
        "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t, 500 บาท"
    )
    assert hidden(text) == ["081-234-5678", "a@b.com", "9876543210", "123-4-56789-0"]
