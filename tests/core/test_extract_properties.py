"""What holds of extraction for any text, and for any spelling of one finding."""

from __future__ import annotations

from itertools import pairwise

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from hueandcry.core.extract import MAX_FOUND, MAX_TEXT, extract, personal_spans
from hueandcry.core.extract.banks import NAMES
from hueandcry.core.extract.folding import fold
from hueandcry.core.extract.searching import MAX_PLACES, Pattern
from hueandcry.core.normal import normalise
from hueandcry.core.types import Kind

#: Text made of what readers turn on.
PIECES = st.sampled_from(
    [
        *("http://", "hxxps[://]", "://", "/", "?", "#", "@", ":", "[.]", "(dot)", " dot com", "."),
        *("evil", "example", ".com", "t.me/", "wa.me/", "com.evil.x", "pay.me@shop.com", "(at)"),
        *(
            "+66",
            "081-234-5678",
            "0912345678",
            "123-4-56789-0",
            "1234567890123",
            "12-05-2025",
            "00",
        ),
        *("Line ID: ", "zalo ", "แอดไลน์ ", "加微信", "WA:", "telegram @abc_d", "@name_1", "fb:"),
        *("กสิกร ", "Vietcombank ", "BCA ", "บัญชี ", "STK ", "OTP ", "order ", "โทร ", "sđt "),
        *("500k", "15,000 บาท", "Rp 1.500", "2tr5", "$", "ကျပ် ၅ သိန်း", "万", "đ", "P1", "U"),
        *("0xD0cC2B24980CBCCA47EF755Da88B220a82291407", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
        *("GB33BUKB20201555555555", "BFTVVNVX 0123456789", "S1234567D", "12/ကမတ(နိုင်)၁၂၃၄၅၆"),
        *(
            "\u200b",
            "\u202e",
            "\u200d",
            "\ufe0f\u20e3",
            "๐๑๒",
            "０１",
            "𝟎𝟏",
            "е",
            "Ω",
            "ſ",
            "\u212a",
            "😀",
            " ",
            "\n",
        ),
        *("\ud800", "\x00", "ไทย", "中文", "é", "-", "_", ",", "|", "<", ">", '"'),
    ]
)
TEXTS = st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=16).map("".join))
MARKETS = st.sampled_from([None, "TH", "vn", "ID", "MY", "PH", "SG", "KH", "LA", "MM", "HK", "US"])


@given(TEXTS, MARKETS)
@settings(max_examples=1_500)
def test_of_any_text_spans_lie_within_it_apart_and_in_order_and_values_are_canonical(
    text: str, market: str | None
) -> None:
    read = extract(text, market)
    spans = sorted(
        (each.start, each.end)
        for part in (read.signals, read.amounts, read.accounts)
        for each in part
    )
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert list(read.signals) == sorted(read.signals, key=lambda each: each.start)
    for each in read.signals:
        assert normalise(each.kind, each.value) == each.signal
        assert 0 < each.confidence <= 1
    assert all(float(amount.value) >= 0 for amount in read.amounts)
    assert all(account.digits.isascii() and account.digits.isdigit() for account in read.accounts)
    assert not read.cut


@given(TEXTS)
@settings(max_examples=500)
def test_masked_spans_lie_within_the_text_and_cover_what_names_a_person(text: str) -> None:
    read = extract(text, "TH")
    spans = personal_spans(text, read)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(a < b for (_, a), (b, _) in pairwise(spans))
    for each in read.signals:
        if each.kind in (Kind.PHONE, Kind.EMAIL, Kind.BANK_ACCOUNT):
            assert any(start <= each.start and each.end <= end for start, end in spans)


@given(TEXTS)
@settings(max_examples=500)
def test_every_character_of_a_folded_text_leads_back_in_order(text: str) -> None:
    folded = fold(text)
    whole = folded.data.decode()
    ends = [len(whole[:n].encode()) for n in range(len(whole) + 1)]
    spans = folded.origins(pairwise(ends))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(a <= b for (a, _), (b, _) in pairwise(spans))


DIGITS = (
    "０１２３４５６７８９",
    "๐๑๒๓๔๕๖๗๘๙",
    "០១២៣៤៥៦៧៨៩",
    "၀၁၂၃၄၅၆၇၈၉",
    "໐໑໒໓໔໕໖໗໘໙",
    "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
)
PLAIN = (
    *("โทร 0812345678", "STK Vietcombank 0123456789", "zalo 0912345678", "+84 912 345 678"),
    *("see https://evil-shop.top/pay?id=77", "evil-shop.top", "t.me/scam_desk", "a.b@evil.top"),
    *("Line ID: easy_77", "บัญชี กสิกร 123-4-56789-0", "15,000 บาท", "5.000.000đ"),
    "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
)


def values(text: str) -> list[tuple[str, str]]:
    read = extract(text, "VN")
    return [
        *((each.kind.value, each.value) for each in read.signals),
        *((each.currency, each.value) for each in read.amounts),
        *(("open", each.digits) for each in read.accounts),
    ]


@given(st.sampled_from(PLAIN), st.sampled_from(DIGITS), st.data())
def test_hiding_a_finding_changes_neither_its_value_nor_that_it_is_found(
    plain: str, digits: str, data: st.DataObject
) -> None:
    hidden = plain
    if data.draw(st.booleans()):
        hidden = hidden.translate(str.maketrans("0123456789", digits))
    if data.draw(st.booleans()):
        dot = data.draw(st.sampled_from(["[.]", "(dot)", "[dot]", "．", "。", "{.}"]))
        hidden = hidden.replace(".top", f"{dot}top").replace("https:", "hxxps[:]")
    places = data.draw(st.lists(st.integers(0, len(hidden)), max_size=4))
    for place in sorted(places, reverse=True):
        unseen = data.draw(st.sampled_from("\u200b\u2060\u202e\ufeff\u00ad"))
        hidden = hidden[:place] + unseen + hidden[place:]
    assert values(hidden) == values(plain) != []


@given(st.sampled_from(PLAIN), st.sampled_from(["ดู ", "(", "xin chào, ", "😀", "\u202eabc "]))
def test_a_span_holds_what_was_read_wherever_it_stands(plain: str, before: str) -> None:
    def shown(text: str) -> list[str]:
        read = extract(text, "VN")
        return [
            *(text[each.start : each.end] for each in read.signals),
            *(text[each.start : each.end] for each in read.amounts),
        ]

    assert shown(f"{before}{plain} .") == shown(plain)


@given(st.text("ab0 é", max_size=20), st.integers(0, 40), st.integers(0, 40))
def test_places_within_bounds_are_those_that_lie_between_them(text: str, a: int, b: int) -> None:
    data = text.encode()
    start, end = sorted(min(each, len(data)) for each in (a, b))
    found = [
        (start + first, start + last) for first, last in Pattern("a|0").places(data[start:end])
    ]
    assert Pattern("a|0").places(data, start, end) == found


@given(
    st.sampled_from(["a", "ab?", "[0-9]{2,4}", "é+", r"\bdot\b"]), st.text("ab0é dot9", max_size=40)
)
def test_places_are_those_that_the_engine_finds_by_itself(pattern: str, text: str) -> None:
    data = text.encode()
    assert Pattern(pattern).places(data) == [
        found.span() for found in re2.finditer(pattern.encode(), data)
    ]


HOSTILE = [
    *("a", "0", ".", "@", "/", ":", "-", "[", "(", "%", " ", "\n", "\u200b", "é", "ก", "е", "1 "),
    *("a.", "a.b*", "0.", "0 0", "a@", "://", "http://", "[.]", " dot com", " dot x", "@a.b", "+1"),
    *("1,000 ", "line ", "zalo 0", "line:a ", "0x", "bc1q", "AB12 ", "กสิกร ", "$1 ", "t.mе/"),
    *("12/ကမတ(", "((((", "((.", "WA WA ", "1tr", "a.b+", "\u0308", "AB12AB12AB12AB12 "),
]


@pytest.mark.parametrize("unit", HOSTILE, ids=ascii)
def test_a_megabyte_of_anything_is_cut_and_looked_at_in_bounded_steps(
    unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step is one linear search; how many there are is what could run away."""
    steps = 0
    places = Pattern.places

    def counted(
        self: Pattern, data: bytes, start: int = 0, end: int | None = None
    ) -> list[tuple[int, int]]:
        nonlocal steps
        found = places(self, data, start, end)
        steps += 1 + len(found)
        return found

    monkeypatch.setattr(Pattern, "places", counted)
    text = unit * (1_000_000 // len(unit))
    read = extract(text, "VN")
    personal_spans(text, read)
    assert read.cut
    assert len(read.signals) + len(read.amounts) + len(read.accounts) <= MAX_FOUND
    assert max((each.end for each in read.signals), default=0) <= MAX_TEXT
    assert steps <= 60 * MAX_PLACES


def test_letters_that_only_engines_of_patterns_take_for_ascii_are_read_as_it() -> None:
    (found,) = extract("ſkype: abc_123").signals
    assert (found.kind, found.value) == (Kind.HANDLE, "skype:abc_123")
    assert extract("caſe 0812345678", "TH").signals == ()


def test_a_link_glued_to_letters_of_many_octets_is_where_it_stands() -> None:
    text = "r://\u03a9http://\u0430.m"
    (found,) = extract(text).signals
    assert text[found.start : found.end] == "http://\u0430.m"


def test_a_link_beyond_every_bound_gives_its_host() -> None:
    (found,) = extract("https://evil.example/" + "a" * 99_000).signals
    assert (found.kind, found.value, found.end) == (Kind.DOMAIN, "evil.example", 20)


def test_a_token_that_the_bound_cuts_in_two_is_not_read() -> None:
    text = "x " * (MAX_TEXT // 2 - 10) + "https://evil.example/" + "a" * 40
    assert extract(text).cut
    assert extract(text).signals == ()
    assert extract(text[: MAX_TEXT - 100] + " evil.example " + "y " * 100).signals != ()


def test_every_bank_has_a_code_of_its_market_and_a_name_in_lower_case() -> None:
    for name, banks in NAMES.items():
        assert name == name.lower().strip() != ""
        for bank in banks:
            assert len(bank.bic) == 8
            assert bank.bic[4:6] == bank.market
            assert normalise(Kind.BANK_ACCOUNT, f"{bank.bic}:0123456789").value.startswith(bank.bic)
