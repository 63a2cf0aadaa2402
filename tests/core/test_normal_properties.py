"""Properties of canonical forms that hold for any text, and for any spelling of one value."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hueandcry.core.errors import Unreadable
from hueandcry.core.normal import guess, lookups, normalise
from hueandcry.core.normal.guessing import _by_form
from hueandcry.core.types import Kind

DIGITS = {
    "ascii": "0123456789",
    "full-width": "０１２３４５６７８９",
    "Thai": "๐๑๒๓๔๕๖๗๘๙",
    "Khmer": "០១២៣៤៥៦៧៨៩",
    "Burmese": "၀၁၂၃၄၅၆၇၈၉",
    "Lao": "໐໑໒໓໔໕໖໗໘໙",
}

#: Text made of what canonical forms turn on, so that idempotence is put under strain.
PIECES = st.sampled_from(
    [
        *("http://", "hxxps[://]", "ftp://", "http:", "//", "/", "\\", "?", "#", "@", ":", "[:]"),
        *("[.]", "(dot)", " dot ", "{.}", "[at]", ".", "..", "/./", "/../", "[", "]", "(", ")"),
        *("%", "25", "%25", "%2e", "%2F", "%3f", "%5B", "%5D", "%C3%A9", "%00", "41", "é", "ü"),
        *("evil", "example", ".com", "com", "co.uk", "xn--", "0x7f", "127", "::1", "[::1]", "_"),
        *("\u200b", "\u200d", "\u0308", "\uff20", "。", "ß", "ς", "❤", "ไทย", "๑", "０", "\u202e"),
        *("telegram:", "zalo:", "+84", "0901234567", "mailto:", "tel:", "<", ">", '"', " ", "\n"),
        *("GB33", "BFTVVNVX", "bc1q", "0x", "sha-256:", "android:", "com.a", "t.me/", "~", "*"),
    ]
)
HOSTILE = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=14).map("".join))
NAMES = st.from_regex(
    r"[a-z0-9]{1,12}(\.[a-z0-9]{1,12}){0,3}\.(com|example|co\.uk)", fullmatch=True
)
MARKETS = st.sampled_from([None, "TH", "VN", "US"])


@given(st.sampled_from(Kind), HOSTILE, MARKETS)
@settings(max_examples=1_500)
def test_any_text_is_read_or_refused_and_what_is_read_stays_as_it_is(
    kind: Kind, text: str, market: str | None
) -> None:
    try:
        signal = normalise(kind, text, market=market)
    except Unreadable as refusal:
        assert refusal.code and refusal.what
        return
    assert normalise(kind, signal.value) == signal
    assert normalise(kind, signal.value, market="GB").key == signal.key
    found = lookups(signal)
    assert found[0] == signal
    assert len(set(found)) == len(found)
    assert all(normalise(each.kind, each.value) == each for each in found)


@given(HOSTILE, MARKETS)
@settings(max_examples=1_500)
def test_a_guess_is_what_normalise_says_of_its_kind(text: str, market: str | None) -> None:
    try:
        signal = guess(text, market=market)
    except Unreadable:
        return
    assert normalise(signal.kind, signal.value) == signal


@given(NAMES, st.data())
def test_spellings_of_one_domain_meet(name: str, data: st.DataObject) -> None:
    cased = data.draw(st.sampled_from([str.upper, str.title, str.lower]))(name)
    dot = data.draw(st.sampled_from([".", "[.]", "(dot)", "[DOT]", " [.] ", "。", "．", "{.}"]))
    text = data.draw(st.sampled_from(["{}", " {}.", "<{}>", "\u200b{}\ufeff", '"{}"'])).format(
        cased.replace(".", dot)
    )
    assert normalise(Kind.DOMAIN, text).key == normalise(Kind.DOMAIN, name).key


@given(st.text("abcüñđğşłไทยភាសាမြန်မာ中文", min_size=1, max_size=12))
def test_a_unicode_name_and_its_punycode_meet(label: str) -> None:
    try:
        signal = normalise(Kind.DOMAIN, f"{label}.example")
    except Unreadable:
        return
    assert signal.value.isascii()
    assert normalise(Kind.DOMAIN, signal.value.upper()) == signal
    assert normalise(Kind.DOMAIN, f"{label}。EXAMPLE.") == signal


@given(NAMES, st.from_regex(r"(/[a-z0-9]{1,6}){0,4}(\?[a-z]=[0-9])?", fullmatch=True), st.data())
def test_spellings_of_one_url_meet(name: str, tail: str, data: st.DataObject) -> None:
    path, mark, query = (tail or "/").partition("?")
    if not path.startswith("/"):
        path = "/" + path
    scheme = data.draw(st.sampled_from(["http://", "https://", "hxxp://", "HXXPS[:]//", "", "//"]))
    user = data.draw(st.sampled_from(["", "u@", "u:p@"])) if scheme else ""
    port = data.draw(st.sampled_from(["", ":443", ":8080", ":"]))
    slash = data.draw(st.sampled_from(["/", "//", "/./", "/x/../", "/%2e/"]))
    spelt = path.replace("/", slash)
    if data.draw(st.booleans()):
        spelt = "".join(c if c in "/.%" else f"%{ord(c):02x}" for c in path)
    text = scheme + user + name.upper() + port + spelt + mark + query + "#end"
    assert normalise(Kind.URL, text).key == normalise(Kind.URL, name + path + mark + query).key


@given(st.integers(0, 9_999_999), st.sampled_from(list(DIGITS.values())), st.data())
def test_spellings_of_one_phone_number_meet(number: int, digits: str, data: st.DataObject) -> None:
    national = f"90{number:07}"
    text = data.draw(st.sampled_from(["+84{}", "84{}", "0084{}", "+84 (0){}", "tel:+84{}", "0{}"]))
    blank = data.draw(st.sampled_from(["", " ", "-", ".", "\u00a0"]))
    spelt = text.format(blank.join((national[:2], national[2:5], national[5:])))
    for ascii_digit, digit in zip(DIGITS["ascii"], digits, strict=True):
        spelt = spelt.replace(ascii_digit, digit)
    assert normalise(Kind.PHONE, spelt, market="VN").value == f"+84{national}"


@given(st.integers(0, 10**14 - 1), st.sampled_from(list(DIGITS.values())))
def test_spellings_of_one_iban_meet(account: int, digits: str) -> None:
    body = f"BUKB{account:014}"
    number = "".join(str(int(c, 36)) for c in body + "GB00")
    iban = f"GB{98 - int(number) % 97:02}{body}"
    spelt = " ".join(iban[i : i + 4] for i in range(0, len(iban), 4)).lower()
    spelt = "".join(digits[int(c)] if c.isdigit() else c for c in spelt)
    assert normalise(Kind.BANK_ACCOUNT, spelt).value == iban
    wrong = f"GB{(98 - int(number) % 97 + 1) % 98:02}{body}"
    with pytest.raises(Unreadable):
        normalise(Kind.BANK_ACCOUNT, wrong)


@given(st.binary(min_size=20, max_size=20), st.lists(st.booleans(), min_size=40, max_size=40))
def test_case_carries_nothing_in_an_evm_address(account: bytes, upper: list[bool]) -> None:
    text = "".join(c.upper() if up else c for c, up in zip(account.hex(), upper, strict=True))
    assert normalise(Kind.WALLET, "0x" + text).value == "0x" + account.hex()


@pytest.mark.parametrize("digits", DIGITS.values(), ids=DIGITS)
def test_the_digits_of_every_script_meet_in_an_account(digits: str) -> None:
    assert normalise(Kind.BANK_ACCOUNT, f"BFTVVNVX {digits}").value == "BFTVVNVX:0123456789"


#: Values whose reading would take the square of their length, or worse, if it were done badly.
LONG = [
    "http://a.com/%" + "25" * 4_000,
    "http://a.com/" + "/.." * 2_700,
    "http://" + "[" * 8_000,
    "http://a.com/" + "(" * 8_000,
    "http://a.com/" + "[." * 4_000,
    "http://" + "a." * 4_000,
    "http://" + "ü" * 8_000,
    "a" + " " * 8_000 + "b.com",
    "http://a.com/" + "é" * 8_000,
    "<" * 4_000 + ">" * 4_000,
    "@" * 8_000,
    "1" * 8_000,
    "1." * 4_000,
    " dot" * 2_000,
    "https://www.facebook.com/profile.php?" + "&id=x" * 1_600,
    "https://play.google.com/store/apps/details?" + "&id=." * 1_600,
    "https://apps.apple.com" + "/id1x" * 1_600,
    "x:" * 4_000,
    "\u0308" * 8_000,
]


@pytest.mark.parametrize("text", LONG, ids=lambda text: ascii(text[:20]))
def test_no_text_within_its_bound_keeps_the_reader_busy(text: str) -> None:
    started = time.process_time()
    for kind in Kind:
        for length in (2_048, 8_192):
            with suppress(Unreadable):
                lookups(normalise(kind, text[:length]))
    with suppress(Unreadable):
        guess(text[:8_192])
    assert time.process_time() - started < 2  # 26 readings; linear ones take about 0.05 s in all


@given(st.one_of(NAMES, st.sampled_from(["t.me", "wa.me", "line.me", "m.me", "zalo.me"])))
def test_the_short_way_to_a_plain_name_gives_what_the_long_way_gives(name: str) -> None:
    assert guess(name) == _by_form(name, None)
