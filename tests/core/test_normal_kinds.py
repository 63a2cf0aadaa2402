"""What every kind of signal must do, run over the examples that each kind gives."""

from __future__ import annotations

from collections import defaultdict

import pytest

from hueandcry.core.errors import Unreadable
from hueandcry.core.normal import Example, examples, guess, lookups, normalise, registrable
from hueandcry.core.types import Kind, Signal

ALL = examples()
each = pytest.mark.parametrize("example", ALL, ids=lambda e: f"{e.kind}:{ascii(e.text)[:40]}")


def refused(kind: Kind, text: str, market: str | None = None) -> str:
    """The code with which `text` is refused; the words must say what and what to do."""
    with pytest.raises(Unreadable) as caught:
        normalise(kind, text, market=market)
    assert caught.value.what and caught.value.do
    return caught.value.code


@each
def test_an_example_becomes_its_value(example: Example) -> None:
    signal = normalise(example.kind, example.text, market=example.market)
    assert signal == Signal(example.kind, example.value)


@each
def test_a_value_is_its_own_canonical_form_in_any_market(example: Example) -> None:
    for market in (None, "TH", "VN", "GB"):
        assert normalise(example.kind, example.value, market=market).value == example.value


@each
def test_a_value_is_the_first_of_its_lookups_and_none_comes_twice(example: Example) -> None:
    found = lookups(Signal(example.kind, example.value))
    assert found[0] == Signal(example.kind, example.value)
    assert len(set(found)) == len(found)
    for signal in found:
        assert normalise(signal.kind, signal.value) == signal


def test_every_kind_has_several_examples_and_its_variants_meet_in_one_key() -> None:
    keys: dict[tuple[Kind, str], set[bytes]] = defaultdict(set)
    for example in ALL:
        signal = normalise(example.kind, example.text, market=example.market)
        keys[example.kind, example.value].add(signal.key)
    assert all(len(found) == 1 for found in keys.values())
    assert len(set.union(*keys.values())) == len(keys)
    for kind in Kind:
        assert sum(example.kind is kind for example in ALL) >= 2


def test_keys_are_what_they_were() -> None:
    """A change here makes every stored key, prefix file and partner disagree."""
    assert {
        value: Signal(kind, value).key.hex()
        for kind, value in (
            (Kind.DOMAIN, "evil.example"),
            (Kind.URL, "shop.example/pay/in.php?id=7"),
            (Kind.PHONE, "+84901234567"),
            (Kind.BANK_ACCOUNT, "GB33BUKB20201555555555"),
        )
    } == KEYS


KEYS = {
    "evil.example": "c6da47e683767a526280f056795b3602",
    "shop.example/pay/in.php?id=7": "fb72c28c302d84512980865577672574",
    "+84901234567": "7bcb2551e75275862fb91a717d49ea49",
    "GB33BUKB20201555555555": "e25da0cd39f6d703341afa2a0587e47d",
}


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("text", ["", "  ", "\u200b", "\ud800", "<>", "?", "x" * 9_000, "\x00"])
def test_no_kind_reads_what_is_no_value(kind: Kind, text: str) -> None:
    assert refused(kind, text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hxxp://evil[.]com/", "is-url"),
        ("https://evil.com", "is-url"),
        ("evil.com/path", "is-url"),
        ("evil.com:443", "is-url"),
        ("192.0.2.1", "is-ip"),
        ("0x7f.1", "is-ip"),
        ("１９２.0.2.1", "is-ip"),
        ("[2001:db8::1]", "is-url"),
        ("*.evil.com", "wildcard"),
        ("a@evil.com", "is-email"),
        ("localhost", "not-a-domain"),
        ("evil..com", "not-a-domain"),
        ("evil com", "not-a-domain"),
        ("a" * 64 + ".com", "domain-too-long"),
        ("a." * 126 + "com", "domain-too-long"),
        ("ü" * 64 + ".com", "domain-too-long"),
        ("a\u2488com", "domain-characters"),
    ],
)
def test_what_is_no_domain_is_refused_with_its_own_reason(text: str, code: str) -> None:
    assert refused(Kind.DOMAIN, text) == code


def test_hyphens_underscores_emoji_and_old_punycode_are_names_that_browsers_open() -> None:
    for name in ("-a-.example", "r3---sn-x.example", "a__b.example", "xn--a.example"):
        assert normalise(Kind.DOMAIN, name.upper()).value == name
    assert normalise(Kind.DOMAIN, "i❤.ws").value == "xn--i-7iq.ws"
    assert normalise(Kind.DOMAIN, "faß.de").value == "xn--fa-hia.de"


def test_a_thai_digit_in_a_domain_is_another_name_than_the_ascii_digit() -> None:
    assert normalise(Kind.DOMAIN, "๑.example") != normalise(Kind.DOMAIN, "1.example")


def test_a_joiner_that_deceives_goes_and_one_that_a_script_needs_stays() -> None:
    assert normalise(Kind.DOMAIN, "ev\u200dil.example").value == "evil.example"
    persian = normalise(Kind.DOMAIN, "نامه\u200cای.example").value
    assert persian == "xn--mgba3gch31f060k.example"


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        (Kind.PHONE, "0901234567", "phone-country"),
        (Kind.PHONE, "12345", "phone-country"),
        (Kind.PHONE, "call 84901234567", "not-a-phone"),
        (Kind.PHONE, "DBSBank", "not-a-phone"),
        (Kind.PHONE, "+999 123 456 789", "not-a-phone"),
        (Kind.BANK_ACCOUNT, "0123456789", "account-bank"),
        (Kind.BANK_ACCOUNT, "GB34BUKB20201555555555", "iban-checksum"),
        (Kind.BANK_ACCOUNT, "BFTVVNVX:", "not-an-account"),
        (Kind.BANK_ACCOUNT, "BFTVVNVX:12", "not-an-account"),
        (Kind.WALLET, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "not-a-wallet"),
        (Kind.WALLET, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "not-a-wallet"),
        (Kind.WALLET, "Bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "not-a-wallet"),
        (Kind.WALLET, "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ", "not-a-wallet"),
        (Kind.WALLET, "vitalik.eth", "not-a-wallet"),
        (Kind.HANDLE, "@name", "handle-platform"),
        (Kind.HANDLE, "nowhere:name", "handle-platform"),
        (Kind.HANDLE, "telegram:a b", "not-a-handle"),
        (Kind.HANDLE, "https://shop.example/name", "not-a-handle"),
        (Kind.EMAIL, "name", "not-an-email"),
        (Kind.EMAIL, "@shop.example", "not-an-email"),
        (Kind.EMAIL, "a b@shop.example", "not-an-email"),
        (Kind.EMAIL, "x" * 65 + "@shop.example", "not-an-email"),
        (Kind.EMAIL, "a@192.0.2.1", "is-ip"),
        (Kind.URL, "n/a", "not-a-url"),
        (Kind.URL, "http://localhost/", "not-a-url"),
        (Kind.URL, "http://1.2.3.4.5/", "ip-address"),
        (Kind.URL, "http://256.1.1.1/", "ip-address"),
        (Kind.URL, "http://[::1%25eth0]/", "ip-address"),
        (Kind.URL, "http://a b.com/", "not-a-host"),
        (Kind.URL, "http://a.com:port/", "not-a-host"),
        (Kind.URL, "file:///etc/passwd", "not-a-host"),
        (Kind.URL, "http://a.com/" + "é" * 3_000, "too-long"),
        (Kind.APP, "loan", "not-an-app"),
        (Kind.APP, "android:12", "not-an-app"),
        (Kind.PAGE, "12345", "platform-id"),
        (Kind.ADVERT, "12345", "platform-id"),
        (Kind.FILE_HASH, "sha-256:00", "not-a-hash"),
        (Kind.FILE_HASH, "md5:" + "0" * 64, "not-a-hash"),
        (Kind.IMAGE_HASH, "pdq:00", "not-an-image-hash"),
    ],
)
def test_what_is_not_of_its_kind_is_refused_with_its_own_reason(
    kind: Kind, text: str, code: str
) -> None:
    assert refused(kind, text) == code


def test_an_unknown_market_is_refused() -> None:
    assert refused(Kind.PHONE, "0901234567", "ZZ") == "market"


def test_an_international_number_is_the_same_whatever_the_market() -> None:
    for market in (None, "TH", "VN", "GB", "US"):
        assert normalise(Kind.PHONE, "84901234567", market=market).value == "+84901234567"


def test_a_forged_number_counts_with_its_plus_and_not_without() -> None:
    assert normalise(Kind.PHONE, "+84 111 234 567").value == "+84111234567"
    assert refused(Kind.PHONE, "84111234567") == "phone-country"


def test_both_spellings_of_one_ton_account_meet() -> None:
    raw = "0:83dfd552e63729b472fcbcc8c45ebcc6691702558b68ec7527e1ba403a0f31a8"
    bounceable = "EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N"
    other = "UQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqEBI"
    for text in (raw, bounceable, other):
        assert normalise(Kind.WALLET, text).value == bounceable


@pytest.mark.parametrize(
    "address",
    [
        "MMdDAFeUu7saKRZKzy6H855jp5sWvP7zUp",
        "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L",
        "XyARKoupuArYtToA2S6yMdnoquDCDaBsaT",
        "t1R2tWtBWr7Us5PSXoLJZgEPoxPbNL8uk5C",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5",
        "GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7",
    ],
)
def test_other_chains_are_read_by_their_own_checksum(address: str) -> None:
    assert normalise(Kind.WALLET, address).value == address
    wrong = address[:-1] + ("2" if address[-1] != "2" else "3")
    assert refused(Kind.WALLET, wrong) == "not-a-wallet"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("https://shop.example/a", Kind.URL, "shop.example/a"),
        ("shop[.]example/a", Kind.URL, "shop.example/a"),
        ("192.0.2.1", Kind.URL, "192.0.2.1/"),
        ("evil[.]example", Kind.DOMAIN, "evil.example"),
        ("a@evil.example", Kind.EMAIL, "a@evil.example"),
        ("GB33 BUKB 2020 1555 5555 55", Kind.BANK_ACCOUNT, "GB33BUKB20201555555555"),
        ("BFTVVNVX 0123-456-789", Kind.BANK_ACCOUNT, "BFTVVNVX:0123456789"),
        ("004:1234567890", Kind.BANK_ACCOUNT, "004:1234567890"),
        ("๖๖๘๑๒๓๔๕๖๗๘", Kind.PHONE, "+66812345678"),
        ("telegram:Scam_Desk", Kind.HANDLE, "telegram:scam_desk"),
        ("telegram @scam_desk", Kind.HANDLE, "telegram:scam_desk"),
        ("https://t.me/scam_desk", Kind.HANDLE, "telegram:scam_desk"),
        ("android:com.evil.loan", Kind.APP, "android:com.evil.loan"),
        (
            "d41d8cd98f00b204e9800998ecf8427e",
            Kind.FILE_HASH,
            "md5:d41d8cd98f00b204e9800998ecf8427e",
        ),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", Kind.WALLET, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        ("pdq:" + "f8" * 32, Kind.IMAGE_HASH, "pdq:" + "f8" * 32),
    ],
)
def test_a_kind_is_guessed_by_form(text: str, kind: Kind, value: str) -> None:
    assert guess(text) == Signal(kind, value)


def test_a_national_number_is_guessed_within_its_market() -> None:
    assert guess("090 123 45 67", market="VN") == Signal(Kind.PHONE, "+84901234567")


@pytest.mark.parametrize("text", ["hello", "report.pdf", "n/a", "@name", "3.14", "12:30", "$", "-"])
def test_what_has_no_form_is_not_guessed(text: str) -> None:
    with pytest.raises(Unreadable):
        guess(text)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("a.b.example.com", "example.com"),
        ("example.co.uk", "example.co.uk"),
        ("a.b.pages.dev", "b.pages.dev"),
        ("pages.dev", None),
        ("com", None),
        ("192.0.2.1", None),
        ("www.ck", "www.ck"),
        ("a.b.c.ck", "b.c.ck"),
        ("a.city.kobe.jp", "city.kobe.jp"),
        ("a.unlisted-top", "a.unlisted-top"),
        ("a.xn--55qx5d.cn", "a.xn--55qx5d.cn"),
    ],
)
def test_the_registrable_domain_follows_the_list_with_its_private_section(
    host: str, expected: str | None
) -> None:
    assert registrable(host) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.b.shop.com", ["a.b.shop.com", "b.shop.com", "shop.com"]),
        ("a.evil.pages.dev", ["a.evil.pages.dev", "evil.pages.dev"]),
        ("pages.dev", ["pages.dev"]),
        ("s3.amazonaws.com", ["s3.amazonaws.com"]),
    ],
)
def test_a_domain_is_looked_up_with_its_parents_and_never_above_the_registrable_one(
    name: str, expected: list[str]
) -> None:
    assert [signal.value for signal in lookups(Signal(Kind.DOMAIN, name))] == expected
