"""Numbering plans as patterns, against phonenumbers, which they stand for."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import NumberParseException, PhoneNumberFormat

from hueandcry.core.normal import plans

REGIONS = ("TH", "VN", "ID", "MY", "PH", "SG", "KH", "LA", "MM", "HK", "CN", "DE", "JP", "BR", "MX")


def parsed(text: str, region: str | None) -> str | None:
    """What the parser makes of `text`, if that is valid and read as itself again."""
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    written = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return written if region or written == text else None


def numbers(region: str) -> st.SearchStrategy[str]:
    """Digits that come near to numbers of a region: its examples with some of them changed."""
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    examples = [phonenumbers.example_number_for_type(region, kind) for kind in kinds]
    begins = [
        str(each.national_number)[:length] for each in examples if each for length in (2, 4, 6)
    ]
    return st.builds(
        "".join,
        st.tuples(
            st.sampled_from(
                ["", "0", "00", "1", str(phonenumbers.country_code_for_region(region))]
            ),
            st.sampled_from(begins),
            st.text("0123456789", min_size=2, max_size=9),
        ),
    )


@pytest.mark.parametrize("region", REGIONS)
@given(st.data())
@settings(max_examples=150)
def test_a_plan_takes_only_what_the_parser_takes_and_alike(
    region: str, data: st.DataObject
) -> None:
    digits = data.draw(numbers(region))
    if found := plans.national(digits, region):
        assert found == parsed(digits, region) == parsed(found, None)
    code = phonenumbers.country_code_for_region(region)
    if found := plans.international(f"+{code}{digits}"):
        assert found == f"+{code}{digits}" == parsed(found, None)


@pytest.mark.parametrize("region", REGIONS[:11])
def test_the_usual_numbers_of_the_markets_need_no_parser(region: str) -> None:
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert example
    written = phonenumbers.format_number(example, PhoneNumberFormat.E164)
    home = phonenumbers.format_number(example, PhoneNumberFormat.NATIONAL)
    assert plans.international(written) == written
    assert plans.national("".join(filter(str.isdigit, home)), region) == written


def test_a_country_code_that_regions_share_is_left_to_the_parser() -> None:
    assert plans.plan_of("US") is None
    assert plans.international("+12025550123") is None
    assert plans.international("+999123456789") is None
