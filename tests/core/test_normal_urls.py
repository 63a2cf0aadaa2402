"""Addresses as Safe Browsing writes and looks them up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.errors import Unreadable
from hueandcry.core.normal import lookups, normalise
from hueandcry.core.types import Kind, Signal

#: The list in "URLs and Hashing" of the Safe Browsing documentation, scheme left out.
PUBLISHED = [
    ("http://host.com/%25%32%35", "host.com/%25"),
    ("http://host.com/%25%32%35%25%32%35", "host.com/%25%25"),
    ("http://host.com/%2525252525252525", "host.com/%25"),
    ("http://host.com/asdf%25%32%35asd", "host.com/asdf%25asd"),
    ("http://host.com/%%%25%32%35asd%%", "host.com/%25%25%25asd%25%25"),
    ("http://www.google.com/", "www.google.com/"),
    (
        "http://%31%36%38%2e%31%38%38%2e%39%39%2e%32%36/%2E%73%65%63%75%72%65/"
        "%77%77%77%2E%65%62%61%79%2E%63%6F%6D/",
        "168.188.99.26/.secure/www.ebay.com/",
    ),
    (
        "http://195.127.0.11/uploads/%20%20%20%20/.verify/.eBaysecure=updateuserdataxplimnbqmn-"
        "xplmvalidateinfoswqpcmlx=hgplmcx/",
        "195.127.0.11/uploads/%20%20%20%20/.verify/.eBaysecure=updateuserdataxplimnbqmn-"
        "xplmvalidateinfoswqpcmlx=hgplmcx/",
    ),
    (
        "http://host.com/%257Ea%2521b%2540c%2523d%2524e%25f%255E00%252611%252A22%252833%252944_55"
        "%252B",
        "host.com/~a!b@c%23d$e%25f^00&11*22(33)44_55+",
    ),
    ("http://3279880203/blah", "195.127.0.11/blah"),
    ("http://www.google.com/blah/..", "www.google.com/"),
    ("www.google.com/", "www.google.com/"),
    ("www.google.com", "www.google.com/"),
    ("http://www.evil.com/blah#frag", "www.evil.com/blah"),
    ("http://www.GOOgle.com/", "www.google.com/"),
    ("http://www.google.com.../", "www.google.com/"),
    ("http://www.google.com/foo\tbar\rbaz\n2", "www.google.com/foobarbaz2"),
    ("http://www.google.com/q?", "www.google.com/q?"),
    ("http://www.google.com/q?r?", "www.google.com/q?r?"),
    ("http://www.google.com/q?r?s", "www.google.com/q?r?s"),
    ("http://evil.com/foo#bar#baz", "evil.com/foo"),
    ("http://evil.com/foo;", "evil.com/foo;"),
    ("http://evil.com/foo?bar;", "evil.com/foo?bar;"),
    ("http://notrailingslash.com", "notrailingslash.com/"),
    ("http://www.gotaport.com:1234/", "www.gotaport.com/"),
    ("  http://www.google.com/  ", "www.google.com/"),
    ("https://www.securesite.com/", "www.securesite.com/"),
    ("http://host.com/ab%23cd", "host.com/ab%23cd"),
    ("http://host.com//twoslashes?more//slashes", "host.com/twoslashes?more//slashes"),
]

#: On the same list, with hosts that browsers do not open: refused here.
UNOPENABLE = [
    "http://\x01\x80.com/",
    "http:// leadingspace.com.x y/",
    "http://%20leadingspace.com/",
    "%20leadingspace.com/",
    "http://host%23.com/x",
]


@pytest.mark.parametrize(("text", "value"), PUBLISHED)
def test_the_published_list_of_safe_browsing_holds(text: str, value: str) -> None:
    assert normalise(Kind.URL, text).value == value


@pytest.mark.parametrize("text", UNOPENABLE)
def test_a_host_that_no_browser_opens_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        normalise(Kind.URL, text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("http://good.example@evil.example/", "evil.example/"),
        ("http://good.example%2F@evil.example/", "evil.example/"),
        ("http://evil.example\\@good.example/", "evil.example/@good.example/"),
        ("http://evil.example#@good.example/", "evil.example/"),
        ("http:evil.example/x", "evil.example/x"),
        ("https:///\\evil.example/x", "evil.example/x"),
        ("//evil.example/x", "evil.example/x"),
        ("http://evil.example/a%3F/../b", "evil.example/b"),
        ("http://evil.example/a//../b", "evil.example/a/b"),
        ("http://evil.example/..%2f..%2fb/%2e%2e/c", "evil.example/c"),
        ("http://evil.example?u=http://a.example/../", "evil.example/?u=http://a.example/../"),
        ("http://ｅｖｉｌ。example/é", "evil.example/%C3%A9"),
        ("http://%65vil.example/", "evil.example/"),
        ("http://0300.0x0.513/", "192.0.2.1/"),
        ("h**ps[://]evil[.]example[.]com/in[.]php", "evil.example.com/in.php"),
        ("meow://evil.example/%7e", "meow://evil.example/~"),
        ("tg://resolve?domain=x", "tg://resolve/?domain=x"),
    ],
)
def test_the_host_ends_where_a_browser_ends_it(text: str, value: str) -> None:
    assert normalise(Kind.URL, text).value == value


def expressions(text: str) -> list[str]:
    """The look-ups of an address, urls as they are and domains in brackets."""
    found = lookups(normalise(Kind.URL, text))
    return [s.value if s.kind is Kind.URL else f"({s.value})" for s in found]


def test_a_deep_address_gives_its_hosts_and_folders_from_the_most_specific_on() -> None:
    assert expressions("http://a.b.example.com/1/2.html?param=1") == [
        *("a.b.example.com/1/2.html?param=1", "a.b.example.com/1/2.html"),
        *("a.b.example.com/1/", "a.b.example.com/", "(a.b.example.com)"),
        *("b.example.com/1/2.html?param=1", "b.example.com/1/2.html"),
        *("b.example.com/1/", "b.example.com/", "(b.example.com)"),
        *("example.com/1/2.html?param=1", "example.com/1/2.html"),
        *("example.com/1/", "example.com/", "(example.com)"),
    ]


def test_beyond_the_exact_host_only_four_are_taken_from_the_registrable_one_upward() -> None:
    found = expressions("http://a.b.c.d.e.f.example.co.uk/1.html")
    hosts = [e.partition("/")[0] for e in found if e.endswith("1.html")]
    assert hosts == [
        "a.b.c.d.e.f.example.co.uk",
        *("d.e.f.example.co.uk", "e.f.example.co.uk", "f.example.co.uk", "example.co.uk"),
    ]
    assert sum(e.startswith("(") for e in found) == 7


def test_at_most_six_paths_are_taken() -> None:
    found = expressions("http://example.com/a/b/c/d/e?x")
    assert [e.removeprefix("example.com") for e in found] == [
        *("/a/b/c/d/e?x", "/a/b/c/d/e", "/a/b/c/", "/a/b/", "/a/", "/", "(example.com)"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://192.0.2.1/1/", ["192.0.2.1/1/", "192.0.2.1/"]),
        ("http://[2001:db8::1]/", ["[2001:db8::1]/"]),
        ("http://evil.pages.dev/", ["evil.pages.dev/", "(evil.pages.dev)"]),
        ("http://pages.dev/x", ["pages.dev/x", "pages.dev/", "(pages.dev)"]),
        (
            "ftp://a.example.com/x/y",
            ["ftp://a.example.com/x/y", "(a.example.com)", "(example.com)"],
        ),
    ],
)
def test_shared_hosts_ip_literals_and_other_schemes_have_no_parents_that_are_not_theirs(
    text: str, expected: list[str]
) -> None:
    assert expressions(text) == expected


def canonical(text: str) -> str:
    try:
        return normalise(Kind.URL, text).value
    except Unreadable as error:
        return error.code


@given(st.text("ab1.-_/?&=%#:@[](\\~ \té", max_size=24))
def test_an_address_that_needs_nothing_done_takes_a_short_way_to_the_same_value(rest: str) -> None:
    # A scheme in capitals always takes the long one.
    for host in ("", "a.b-c.example", "a.example/"):
        assert canonical(f"https://{host}{rest}") == canonical(f"HTTPS://{host}{rest}")


def test_a_scheme_inside_a_query_is_no_scheme() -> None:
    value = "evil.example/?u=http://good.example/"
    assert lookups(Signal(Kind.URL, value))[0] == Signal(Kind.URL, value)
