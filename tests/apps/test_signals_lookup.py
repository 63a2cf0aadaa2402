"""Look-ups: what is inherited, what is not, and answers that say why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from hueandcry.apps.signals import face, lookup
from hueandcry.apps.signals.allow import allow_lists
from hueandcry.core.stix import sco_id
from hueandcry.core.types import Audience, Kind, Signal, Tlp, Verdict
from hueandcry.engine.store.reading import reader
from hueandcry.engine.store.work import unit_of_work
from signals_scene import ACTOR, NOW, PEER, Scene, domain, theirs


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


def test_an_answer_names_value_kind_canonical_id_verdict_reasons_and_end(scene: Scene) -> None:
    scene.raised("evil.example", valid_until=NOW + 1_000_000)
    assert scene.answer("EVIL[.]example") == {
        "value": "EVIL[.]example",
        "kind": "domain",
        "canonical": "evil.example",
        "id": sco_id(domain("evil.example")),
        "verdict": "scam",
        "reasons": [{"code": "own_claim", "params": {}}],
        "until": "2026-09-21T14:13:21.000000Z",
    }


def test_what_cannot_be_read_is_unknown_with_the_reason_why(scene: Scene) -> None:
    (answer,) = face.Lookups(Audience.OWN).many(["hello world"])
    assert (answer["verdict"], answer["canonical"], answer["id"]) == ("unknown", None, None)
    assert answer["reasons"][0]["code"] == "unreadable"
    assert answer["reasons"][0]["params"]["error"] == "no-kind"


def test_answers_come_in_the_order_asked_whatever_is_asked_twice(scene: Scene) -> None:
    scene.raised("evil.example")
    asked = ["good.example", "?", "evil.example", "http://evil.example/a", "evil.example"] * 300
    answers = face.Lookups(Audience.OWN).many(asked)
    assert [answer["value"] for answer in answers] == asked
    assert [answer["verdict"] for answer in answers[:5]] == [
        "unknown",
        "unknown",
        "scam",
        "scam",
        "scam",
    ]


def test_signals_of_many_kinds_are_answered_in_order_by_one_statement(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.raised("evil.example")
    scene.raised("+66812345678", Kind.PHONE)
    asked = [
        Signal(Kind.PHONE, "+66812345678"),
        Signal(Kind.URL, "evil.example/a"),
        Signal(Kind.EMAIL, "nobody@good.example"),
        Signal(Kind.DOMAIN, "good.example"),
        Signal(Kind.PHONE, "+66812345678"),
    ]
    statements: list[str] = []

    class Counting:
        def rows_in(self, sql: str, values: Sequence[bytes]) -> list[tuple[Any, ...]]:
            statements.append(sql)
            return reader().rows_in(sql, values)

    lookups = face.Lookups(Audience.OWN)
    alone = [lookups.one(each.value, each.kind) for each in asked]
    monkeypatch.setattr(lookup, "reader", Counting)
    assert lookups.of(asked) == alone and len(statements) == 1
    assert [answer["verdict"] for answer in alone] == ["scam", "scam", "unknown", "unknown", "scam"]
    assert lookups.of([]) == []


def test_hosts_and_urls_below_a_scam_domain_are_scam_and_say_through_what(scene: Scene) -> None:
    scene.raised("evil.example")
    for value in ("www.evil.example", "https://a.b.evil.example/x/y?z=1"):
        answer = face.Lookups(Audience.OWN).one(value)
        assert answer["verdict"] == "scam"
        assert answer["reasons"][1] == {
            "code": "parent_match",
            "params": {"kind": "domain", "value": "evil.example"},
        }


def test_nothing_is_inherited_above_the_registrable_domain(scene: Scene) -> None:
    scene.raised("mine.github.io")
    assert scene.verdict("other.github.io") == "unknown"
    assert scene.verdict("www.mine.github.io") == "scam"


def test_a_folder_covers_what_is_in_it_and_nothing_beside_it(scene: Scene) -> None:
    scene.raised("http://shop.example/pay/", Kind.URL)
    assert scene.verdict("https://shop.example/pay/now?id=1") == "scam"
    assert scene.verdict("https://shop.example/about") == "unknown"
    assert scene.verdict("shop.example") == "unknown"


def test_the_most_specific_verdict_wins(scene: Scene) -> None:
    scene.raised("evil.example")
    scene.raised("www.evil.example", verdict=Verdict.SUSPICIOUS)
    assert scene.verdict("http://www.evil.example/") == "suspicious"
    assert scene.verdict("http://evil.example/") == "scam"


def test_a_popular_host_clears_itself_but_nothing_that_lies_on_it(scene: Scene) -> None:
    assert scene.codes("google.com") == ["allow_listed"]
    assert scene.verdict("https://google.com/") == "benign"
    answer = scene.answer("https://google.com/url?q=evil")
    assert answer["verdict"] == "unknown"
    assert answer["reasons"] == [{"code": "host_allow_listed", "params": {"list": "tranco10k"}}]
    assert scene.verdict("never-seen-before.google.com") == "unknown"


def test_a_claim_on_a_page_of_a_popular_host_counts(scene: Scene) -> None:
    scene.raised("https://google.com/forms/evil", Kind.URL)
    assert scene.verdict("https://google.com/forms/evil") == "scam"
    assert scene.codes("https://google.com/forms/") == ["host_allow_listed"]


def test_a_list_of_roots_does_not_taint_a_popular_host(scene: Scene) -> None:
    for source in ("one", "two"):
        scene.ingested("http://google.com/", kind=Kind.URL, source=source)
    assert scene.verdict("http://google.com/") == "benign"
    assert scene.codes("http://google.com/page") == ["host_allow_listed"]


def test_a_bank_clears_everything_below_its_domain_that_nobody_claims(scene: Scene) -> None:
    assert scene.codes("login.zkb.ch") == ["allow_listed"]
    assert scene.codes("https://login.zkb.ch/pay") == ["allow_listed_parent"]
    scene.raised("https://login.zkb.ch/pay", Kind.URL)
    assert scene.verdict("https://login.zkb.ch/pay") == "scam"


def test_a_local_decision_on_a_host_shields_what_is_below_without_clearing_it(
    scene: Scene,
) -> None:
    scene.raised("evil.example")
    with unit_of_work():
        face.set_override(ACTOR, domain("good.evil.example"), Verdict.BENIGN, "ours", NOW)
    assert scene.verdict("good.evil.example") == "benign"
    assert scene.verdict("www.good.evil.example") == "unknown"
    assert scene.verdict("bad.evil.example") == "scam"


def test_the_end_that_an_audience_is_told_is_that_of_what_it_sees(scene: Scene) -> None:
    scene.received(theirs(PEER, "evil.example", tlp=Tlp.CLEAR, until=NOW + 9_000_000))
    scene.received(theirs(PEER, "evil.example", source="f", tlp=Tlp.AMBER, until=NOW + 5_000_000))
    ends = [scene.answer("evil.example", audience)["until"] for audience in Audience]
    assert ends == [
        "2026-09-21T14:13:29.000000Z",
        "2026-09-21T14:13:29.000000Z",
        "2026-09-21T14:13:25.000000Z",
    ]


def test_a_reader_never_writes(scene: Scene) -> None:
    scene.raised("evil.example", valid_until=NOW + 1)
    scene.now += 1
    assert scene.verdict("evil.example") == "unknown"
    scene.now -= 1
    assert scene.verdict("evil.example") == "scam"


def test_only_the_short_allow_lists_are_loaded() -> None:
    lists = allow_lists()
    assert 20_000 < len(lists.exact) < 50_000
    assert lists.of(Kind.DOMAIN, "google.com") == "tranco10k"
    assert lists.of(Kind.PHONE, "google.com") == ""
