"""What two spellings look like to a reader, and how many slips set them apart."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from hueandcry.apps.detection.alike import latin, shortened, skeleton, slips, spoken
from hueandcry.apps.detection.brands import brands, everyday, owner, slips_allowed
from hueandcry.apps.detection.hosts import Roof, read_host
from hueandcry.apps.detection.within import Within
from hueandcry.core.normal.hosts import domain

WORD = st.text("abcdeimnorw01", max_size=9)


def _distance(one: str, other: str) -> int:
    """The whole table of the optimal string alignment distance, as textbooks have it."""
    table = [[max(a, b) for b in range(len(other) + 1)] for a in range(len(one) + 1)]
    for a in range(1, len(one) + 1):
        for b in range(1, len(other) + 1):
            same = one[a - 1] == other[b - 1]
            best = min(table[a - 1][b] + 1, table[a][b - 1] + 1, table[a - 1][b - 1] + (not same))
            if a > 1 < b and one[a - 1] == other[b - 2] and one[a - 2] == other[b - 1]:
                best = min(best, table[a - 2][b - 2] + 1)
            table[a][b] = best
    return table[-1][-1]


@given(WORD, WORD, st.integers(1, 3))
def test_slips_are_the_textbook_distance_up_to_the_bound(one: str, other: str, most: int) -> None:
    assert slips(one, other, most) == min(_distance(one, other), most + 1)


@given(WORD, WORD)
def test_slips_are_the_same_both_ways(one: str, other: str) -> None:
    assert slips(one, other, 2) == slips(other, one, 2)


@given(WORD, WORD)
def test_words_within_reach_share_a_shortened_form(one: str, other: str) -> None:
    for most in (1, 2):
        if slips(one, other, most) <= most:
            assert set(shortened(one, most)) & set(shortened(other, most))


@given(st.lists(st.text("abc", min_size=4, max_size=6), max_size=6), st.text("abc", max_size=40))
def test_words_within_others_are_what_a_pattern_of_them_finds(words: list[str], text: str) -> None:
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    found = re.findall("|".join(longest_first), text) if words else []
    assert list(Within.of(set(words)).all(text)) == found
    assert Within.of(set(words)).first(text) == (found[0] if found else None)


@given(st.sampled_from(sorted(brands().words)), st.data())
def test_a_word_one_slip_from_a_brands_is_never_passed_over(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(name) - 1))
    sign = data.draw(st.sampled_from("abcdeimnorw01"))
    kept, rest = name[:place], name[place:]
    slipped = (kept + rest[1:], kept + sign + rest, kept + sign + rest[1:])
    swapped = kept + rest[1:2] + rest[:1] + rest[2:]
    if slips_allowed(name) and name not in brands().ordinary:
        assert all(brands().edges.near(word) for word in (*slipped, swapped))


@given(st.text(max_size=30))
def test_a_skeleton_is_its_own_skeleton_after_two_rounds(text: str) -> None:
    twice = skeleton(skeleton(text))
    assert skeleton(twice) == twice


def test_doubles_of_letters_are_taken_for_them() -> None:
    assert latin("раураl") == "paypal"
    assert latin("fácébook") == "facebook"
    for one, other in (("paypa1", "paypal"), ("rnaybank", "maybank"), ("g00gle", "google")):
        assert skeleton(one) == skeleton(other)


def test_an_a_label_is_shown_as_a_browser_may_show_it() -> None:
    assert spoken("xn--pypal-4ve") == "pаypal"


def test_every_genuine_host_of_the_table_is_canonical_and_belongs_to_its_brand() -> None:
    for host, brand in brands().hosts.items():
        assert domain(host) == host
        found = owner(read_host(host))
        assert found is not None
        assert brand.genuine in brands().hosts


def test_no_platform_that_gives_names_away_belongs_to_a_brand() -> None:
    for platform in (
        "pages.dev",
        "web.app",
        "github.io",
        "blogspot.com",
        "webflow.io",
        "weebly.com",
    ):
        assert owner(read_host(f"somebody.{platform}")) is None


def test_no_everyday_word_is_a_brands() -> None:
    assert everyday().isdisjoint(brands().words)


def test_ends_that_many_banks_share_allow_no_slip() -> None:
    assert slips_allowed("mbbank") == 0
    assert slips_allowed("facebook") == 1
    assert slips_allowed("walletconnect") == 2


def test_hosts_are_parted_into_what_their_owner_chose_and_what_others_gave() -> None:
    shop = read_host("www.shop.example.co.th")
    assert (shop.own, shop.suffix, shop.roof) == ("shop.example", "co.th", Roof.REGISTRY)
    tenant = read_host("app.my-shop.pages.dev")
    assert (tenant.own, tenant.label, tenant.roof) == ("app.my-shop", "my-shop", Roof.TENANT)
    assert read_host("uc.r.appspot.com").roof is Roof.NONE
    assert read_host("d111.cloudfront.net").roof is Roof.MACHINE
    assert read_host("203.0.113.7").roof is Roof.ADDRESS
    assert read_host("localhost").roof is Roof.NONE
