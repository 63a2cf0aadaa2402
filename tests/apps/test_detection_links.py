"""What a link looks like from its spelling alone: named traps, and what holds for every text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hueandcry.apps.detection.face import Assessment, Finding, assess_link, assess_links
from hueandcry.core.types import Kind, Signal

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

BAD = frozenset({Finding.SCAM, Finding.SUSPICIOUS})


def codes(one: Assessment) -> set[str]:
    return {reason.code for reason in one.reasons}


def params(one: Assessment, code: str) -> Mapping[str, str | int | float]:
    return next(reason.params for reason in one.reasons if reason.code == code)


@pytest.mark.parametrize(
    ("text", "way", "brand", "genuine"),
    [
        ("https://kbank-verify.top/login", "like_bait", "Kasikornbank", "kasikornbank.com"),
        ("paypa1.com", "like_signs", "PayPal", "paypal.com"),
        ("rnaybank2u.com", "like_signs", "Maybank", "maybank.com"),
        ("xn--pypal-4ve.com", "like_script", "PayPal", "paypal.com"),
        ("http://xn--fcebook-2fg.com/", "like_script", "Facebook", "facebook.com"),
        ("fcaebook.com", "like_slip", "Facebook", "facebook.com"),
        ("shopeee.vip", "like_slip", "Shopee", "shopee.com"),
        ("vietcombank.top", "like_suffix", "Vietcombank", "vietcombank.com.vn"),
        ("paypal.com.account-check.xyz", "like_front", "PayPal", "paypal.com"),
        ("singpass-login.web.app", "like_bait", "Singpass", "singpass.gov.sg"),
    ],
)
def test_a_deceit_is_named_with_the_brand_and_its_own_host(
    text: str, way: str, brand: str, genuine: str
) -> None:
    found = assess_link(text)
    assert found.finding in BAD
    assert params(found, way)["brand"] == brand
    assert params(found, way)["genuine"] == genuine


@pytest.mark.parametrize(
    "text",
    [
        "amazon.com",
        "https://www.amazon.co.jp/dp/B0",
        "google.com.kh",
        "m.facebook.com",
        "scb.co.th",
    ],
)
def test_a_brands_own_host_is_ordinary(text: str) -> None:
    found = assess_link(text)
    assert found.finding is Finding.ORDINARY
    assert "genuine_host" in codes(found)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("bit.ly", "short_link"),
        ("https://bit.ly/3xYzAbC", "short_link"),
        ("github.io", "no_public_host"),
        ("pages.dev", "no_public_host"),
        ("vercel.app", "no_public_host"),
        ("https://sites.google.com/view/abc", "anybodys_page"),
        ("https://linktr.ee/somebody", "anybodys_page"),
        (
            "bafybeibr4b3wnnzibbd2j4vul4ohvbnyv4cinqnic67hfortaodrbkcvnu.ipfs.dweb.link",
            "content_by_hash",
        ),
        ("http://192.168.1.1/login", "no_public_host"),
    ],
)
def test_a_host_that_says_nothing_of_who_is_there_is_not_judged(text: str, code: str) -> None:
    found = assess_link(text)
    assert found.finding is Finding.UNKNOWN
    assert code in codes(found)


def test_a_tenant_is_judged_by_its_own_label_and_never_by_the_platform() -> None:
    honest = ["minh-portfolio.github.io", "math-notes.pages.dev", "sari-resep.blogspot.com"]
    deceits = [
        "metamask-login.github.io",
        "metamask-login.pages.dev",
        "metamask-login.blogspot.com",
    ]
    assert not BAD & {one.finding for one in assess_links(honest)}
    assert {one.finding for one in assess_links(deceits)} <= BAD


def test_the_same_label_gets_the_same_likelihood_on_every_platform() -> None:
    platforms = ("github.io", "pages.dev", "vercel.app", "webflow.io", "duckdns.org", "weebly.com")
    likely = {
        round(one.likelihood, 6)
        for one in assess_links(f"nice-photos.{name}" for name in platforms)
    }
    assert len(likely) == 1


@pytest.mark.parametrize("text", ["finance-yahoo.example", "united.com.example", "globusbank.com"])
def test_an_everyday_word_near_a_brands_is_no_slip(text: str) -> None:
    assert not {"like_slip", "like_signs"} & codes(assess_link(text))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("http://paypal.com@evil-site.example/x", "name_before_at"),
        ("http://evil-site.example:8443/x", "odd_port"),
        ("evil-site.example:8443", "odd_port"),
        ("http://203.0.113.7/pay", "bare_address"),
        ("http://0xCB007107/pay", "bare_address"),
        ("http://[2001:db8::7]/pay", "bare_address"),
    ],
)
def test_what_the_canonical_form_hides_is_said(text: str, code: str) -> None:
    assert code in codes(assess_link(text))


def test_the_usual_ports_are_not_odd() -> None:
    assert "odd_port" not in codes(assess_link("https://shop.example:443/"))


def test_a_very_long_address_is_cut_and_its_host_still_judged() -> None:
    found = assess_link("https://kbank-verify.top/" + "a/" * 50_000)
    assert "text_cut" in codes(found)
    assert params(found, "like_bait")["brand"] == "Kasikornbank"


@pytest.mark.parametrize("text", ["", "   ", "no link here", "http://", "🙂🙂"])
def test_what_is_no_link_is_unknown_with_a_reason(text: str) -> None:
    found = assess_link(text)
    assert found.finding is Finding.UNKNOWN
    assert codes(found) == {"not_a_link"}


def test_what_the_node_claims_decides_and_is_shown() -> None:
    host = Signal(Kind.DOMAIN, "harmless-name.example")

    def known(asked: Sequence[Signal]) -> Mapping[bytes, str]:
        return {host.key: "scam"} if host in asked else {}

    for text in ("harmless-name.example", "https://pay.harmless-name.example/a/b"):
        found = assess_link(text, known)
        assert found.finding is Finding.SCAM
        assert params(found, "known_scam")["value"] == host.value


def test_a_parents_good_name_clears_nothing_below_it() -> None:
    parent = Signal(Kind.DOMAIN, "good.example")

    def known(asked: Sequence[Signal]) -> Mapping[bytes, str]:
        return {parent.key: "benign"}

    assert assess_link("good.example", known).finding is Finding.ORDINARY
    assert "known_benign" not in codes(assess_link("paypa1.good.example", known))


def test_one_question_is_asked_for_a_batch() -> None:
    questions: list[int] = []

    def known(asked: Sequence[Signal]) -> Mapping[bytes, str]:
        questions.append(len(asked))
        return {}

    assert len(list(assess_links([f"host{n}.example" for n in range(100)], known))) == 100
    assert len(questions) == 1


def test_a_batch_says_of_each_what_it_says_of_it_alone() -> None:
    texts = [
        "amazon.com",
        "not a link",
        "kbank-verify.top",
        "http://203.0.113.7/",
        "a.example/x?y=z",
    ]
    alone = [assess_link(text) for text in texts]
    together = list(assess_links(texts))
    for one, other in zip(alone, together, strict=True):
        assert one.finding is other.finding
        assert one.reasons == other.reasons
        assert one.likelihood == pytest.approx(other.likelihood, abs=1e-4)


@given(st.text(max_size=200))
def test_it_never_raises_whatever_it_is_given(text: str) -> None:
    found = assess_link(text)
    assert 0 <= found.likelihood <= 1
    assert found.reasons or found.signals


@given(st.from_regex(r"\A(https?://)?[a-z0-9@:.%\[\]\\/?#-]{1,60}\Z"))
def test_it_never_raises_for_what_is_almost_a_link(text: str) -> None:
    assert isinstance(assess_link(text), Assessment)


_LABEL = st.from_regex(r"\A[a-z][a-z0-9]{1,12}(-[a-z0-9]{1,8})?\Z")


@settings(max_examples=50)
@given(_LABEL, _LABEL, st.sampled_from(["com", "co.th", "top", "pages.dev"]))
def test_defanged_and_upper_case_spellings_are_judged_alike(sub: str, name: str, end: str) -> None:
    host = f"{sub}.{name}.{end}"
    plain = assess_link(f"https://{host}/pay")
    for spelt in (
        f"hxxps://{host.replace('.', '[.]')}/pay",
        f"HTTPS://{host.upper()}/pay",
        f"  https://{host}/pay  ",
    ):
        other = assess_link(spelt)
        assert other.finding is plain.finding
        assert other.likelihood == pytest.approx(plain.likelihood, abs=1e-4)
        assert [reason.code for reason in other.reasons] == [r.code for r in plain.reasons]


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here")
def test_hosts_that_feeds_call_bad_by_mistake_are_never_called_so_by_their_name() -> None:
    hosts = (DATA / "label_conflicts.txt").read_text("utf-8").split()
    called = [
        host for host, one in zip(hosts, assess_links(hosts), strict=True) if one.finding in BAD
    ]
    assert called == []
