"""Patterns: our own come back exactly, others' single equalities are read, the rest is refused."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stix2patterns.validator import run_validator  # type: ignore[import-untyped]

from hueandcry.core.errors import Unreadable
from hueandcry.core.normal import examples, normalise
from hueandcry.core.stix import PatternRead, pattern, read_pattern
from hueandcry.core.types import Kind, Signal

PLATFORM = st.from_regex(re.compile(r"[a-z][a-z0-9-]{0,12}", re.ASCII), fullmatch=True)
WORDS = st.text(min_size=1, max_size=40)
TRICKY = st.text(alphabet="'\\[]= :/AND\n\"x", max_size=20)
SIGNALS = st.one_of(
    st.builds(
        Signal,
        st.sampled_from(
            sorted(set(Kind) - {Kind.PAGE, Kind.ADVERT, Kind.FILE_HASH, Kind.IMAGE_HASH})
        ),
        WORDS | TRICKY,
    ),
    st.builds(
        lambda kind, platform, name: Signal(kind, f"{platform}:{name}"),
        st.sampled_from([Kind.HANDLE, Kind.PAGE, Kind.ADVERT]),
        PLATFORM | st.sampled_from(["page", "advert", "x-page", "x-advert"]),
        WORDS,
    ),
    st.builds(
        lambda form, digits: Signal(form[0], f"{form[1]}:{digits}"),
        st.sampled_from(
            [(Kind.FILE_HASH, name) for name in ("md5", "sha-1", "sha-256", "sha-512")]
            + [(Kind.IMAGE_HASH, "pdq")]
        ),
        st.text(alphabet="0123456789abcdef", min_size=32, max_size=128),
    ),
)


@given(SIGNALS)
def test_a_pattern_of_ours_comes_back_as_the_signal_it_was_made_from(signal: Signal) -> None:
    assert read_pattern(pattern(signal)) == PatternRead(signal.kind, signal.value, ours=True)


@pytest.mark.parametrize("value", sorted({(each.kind, each.value) for each in examples()}))
def test_every_example_of_every_kind_gives_a_valid_pattern(value: tuple[Kind, str]) -> None:
    text = pattern(Signal(*value))
    assert run_validator(text, stix_version="2.1") == []
    assert read_pattern(text) == PatternRead(*value, ours=True)


def test_a_url_is_looked_for_with_and_without_tls() -> None:
    assert pattern(Signal(Kind.URL, "a.example/x")) == (
        "[url:value = 'http://a.example/x' OR url:value = 'https://a.example/x']"
    )
    assert pattern(Signal(Kind.URL, "ftp://a.example/")) == "[url:value = 'ftp://a.example/']"


def test_quotes_and_backslashes_are_escaped_and_come_back() -> None:
    signal = Signal(Kind.EMAIL, "o'neil\\x@a.example")
    assert pattern(signal) == r"[email-addr:value = 'o\'neil\\x@a.example']"
    assert read_pattern(pattern(signal)).text == signal.value


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("[domain-name:value = 'Bad.Example']", Kind.DOMAIN, "bad.example"),
        ("  [ domain-name:value='bad.example' ]  ", Kind.DOMAIN, "bad.example"),
        ("[hostname:value = 'www.bad.example']", Kind.DOMAIN, "www.bad.example"),
        ("[url:value = 'https://Bad.example/a#b']", Kind.URL, "bad.example/a"),
        ("[ipv4-addr:value = '192.0.2.7']", Kind.URL, "192.0.2.7/"),
        ("[ipv6-addr:value = '2001:DB8::1']", Kind.URL, "[2001:db8::1]/"),
        ("[email-addr:value = 'Eve@BAD.example']", Kind.EMAIL, "Eve@bad.example"),
        ("[phone-number:value = '+84 90 123 45 67']", Kind.PHONE, "+84901234567"),
        (
            "[bank-account:iban = 'GB33 BUKB 2020 1555 5555 55']",
            Kind.BANK_ACCOUNT,
            "GB33BUKB20201555555555",
        ),
        (
            "[bank-account:account_number = 'BFTVVNVX:0123-456-789']",
            Kind.BANK_ACCOUNT,
            "BFTVVNVX:0123456789",
        ),
        (
            "[user-account:account_login = 'Bad_Bot' AND user-account:account_type = 'telegram']",
            Kind.HANDLE,
            "telegram:bad_bot",
        ),
        (
            "[user-account:account_type = 'twitter' AND user-account:user_id = 'bad_one']",
            Kind.HANDLE,
            "x:bad_one",
        ),
        (f"[file:hashes.MD5 = '{'AB' * 16}']", Kind.FILE_HASH, "md5:" + "ab" * 16),
        (f"[file:hashes.'SHA-256' = '{'AB' * 32}']", Kind.FILE_HASH, "sha-256:" + "ab" * 32),
        (f"[file:hashes.\"SHA-256\" = '{'ab' * 32}']", Kind.FILE_HASH, "sha-256:" + "ab" * 32),
        (f"[file:hashes.SHA256 = '{'ab' * 32}']", Kind.FILE_HASH, "sha-256:" + "ab" * 32),
    ],
)
def test_single_equalities_of_others_read_as_a_signal(text: str, kind: Kind, value: str) -> None:
    found = read_pattern(text)
    assert normalise(found.kind, found.text) == Signal(kind, value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "domain-name:value = 'a.example'",
        "[domain-name:value = 'a.example'",
        "[domain-name:value = 'a'b']",
        "[domain-name:value = 'a\\x']",
        "[domain-name:value != 'a.example']",
        "[domain-name:value LIKE 'a%']",
        "[domain-name:value IN ('a.example', 'b.example')]",
        "[domain-name:value = 'a.example' AND domain-name:value = 'b.example']",
        "[domain-name:value = 'a.example' OR domain-name:value = 'b.example']",
        "[url:value = 'http://a.example/' OR url:value = 'https://b.example/']",
        "[url:value = 'https://a.example/' OR url:value = 'http://a.example/']",
        "[url:value = 'http://a.example/' AND url:value = 'https://a.example/']",
        "[domain-name:value = 'a.example'] FOLLOWEDBY [url:value = 'http://b.example/']",
        "[domain-name:value = 'a.example'] WITHIN 5 SECONDS",
        "[ipv4-addr:value = '192.0.2.0/24']",
        "[file:name = 'a.exe']",
        "[file:hashes.SSDEEP = '3:abc']",
        "[file:hashes.'SHA 256' = 'ab']",
        "[user-account:account_type = 'telegram']",
        "[user-account:account_type = 'telegram' AND user-account:display_name = 'x']",
        "[user-account:account_type = 'x' AND user-account:account_type = 'y']",
        "[process:pid = 5]",
        "alert tcp any any -> any any",
    ],
)
def test_what_is_not_one_signal_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_pattern(text)
    assert caught.value.code == "pattern"


@given(st.text(alphabet="[]'\\=: ANDORurlvaluefilehashes.\n", max_size=120))
def test_hostile_patterns_are_read_or_refused_and_never_anything_else(text: str) -> None:
    with suppress(Unreadable):
        read_pattern(text)


@pytest.mark.parametrize("unit", ["'", "\\", "\\'", " ", "[", "a:b=''", "AND ", "= '"])
def test_long_hostile_patterns_are_refused_in_one_pass(unit: str) -> None:
    with pytest.raises(Unreadable):
        read_pattern("[domain-name:value = '" + unit * 60_000)


def test_the_same_value_in_another_spelling_is_not_ours() -> None:
    assert read_pattern("[domain-name:value = 'a.example']").ours
    assert not read_pattern("[domain-name:value  = 'a.example']").ours
    assert not read_pattern("[url:value = 'https://a.example/']").ours
    assert not read_pattern("[bank-account:account_number = 'GB33BUKB20201555555555']").ours
