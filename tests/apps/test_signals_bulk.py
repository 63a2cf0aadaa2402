"""Lists of others: taken whole, in parts, twice, and with half their lines broken."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hueandcry.apps.signals import face
from hueandcry.apps.signals.ids import claim_id_maker, key_maker, observable_id, url_keys
from hueandcry.apps.signals.models import Act, Claim, Signal
from hueandcry.core.errors import Unreadable
from hueandcry.core.normal import Example, examples, lookups, normalise
from hueandcry.core.stix import claim_id, sco_id
from hueandcry.core.types import DAY, Audience, Kind, Tlp, signal_key
from hueandcry.engine.store import feed
from signals_scene import ACTOR, NOW, STRANGER, US, Scene, theirs


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


def test_a_list_is_taken_row_by_row_and_its_counts_add_up(scene: Scene) -> None:
    report = scene.ingested(
        "a.example", "b.example", "not a host", "A.example.", "192.0.2.1", "c.example", "d.example"
    )
    assert (report.rows, report.accepted, report.merged, report.rejected) == (7, 4, 1, 2)
    assert dict(report.reasons) == {"not-a-domain": 1, "is-ip": 1}
    assert [(r.n, r.text) for r in report.rejects] == [(3, "not a host"), (5, "192.0.2.1")]
    assert scene.codes("a.example") == ["single_source"]


def test_the_same_list_again_changes_nothing(scene: Scene) -> None:
    values = [f"host{n}.example" for n in range(10)]
    scene.ingested(*values)
    position, acts = feed.position(feed.FEED), Act.objects.count()
    again = scene.ingested(*values)
    assert (again.accepted, again.merged) == (0, 10)
    assert (feed.position(feed.FEED), Act.objects.count()) == (position, acts)


def test_an_empty_list_is_reported_as_such(scene: Scene) -> None:
    report = scene.ingested()
    assert (report.rows, report.accepted) == (0, 0)


def test_a_list_of_nothing_readable_writes_nothing(scene: Scene) -> None:
    report = scene.ingested("?", "??", "???", "????")
    assert (report.rows, report.rejected) == (4, 4)
    assert Act.objects.count() == 0


def test_one_feed_alone_never_makes_a_scam_and_a_second_one_does(scene: Scene) -> None:
    scene.ingested("evil.example", source="one")
    scene.ingested("evil.example", source="one")
    assert scene.verdict("evil.example") == "suspicious"
    scene.ingested("evil.example", source="two")
    assert scene.codes("evil.example") == ["independent_sources"]


def test_a_feed_passed_on_by_another_member_counts_once(scene: Scene) -> None:
    scene.ingested("evil.example", source="one")
    scene.received(theirs(STRANGER, "evil.example", source="one"))
    assert scene.verdict("evil.example") == "suspicious"
    scene.received(theirs(STRANGER, "evil.example"))
    assert scene.verdict("evil.example") == "scam"


def test_what_was_retracted_is_never_raised_again_by_a_list(scene: Scene) -> None:
    scene.ingested("evil.example", "bad.example")
    scene.retracted("evil.example", source="feed")
    again = scene.ingested("evil.example", "bad.example")
    assert (again.merged, again.rejected) == (1, 1)
    assert [(r.n, r.code, r.text) for r in again.rejects] == [(1, "retracted", "evil.example")]
    assert scene.verdict("evil.example") == "unknown"


def test_a_repeated_claim_is_renewed_once_half_its_life_is_over(scene: Scene) -> None:
    scene.ingested("evil.example")
    scene.now += 44 * DAY
    assert scene.ingested("evil.example").merged == 1
    scene.now += 2 * DAY
    assert scene.ingested("evil.example").accepted == 1
    scene.now += 89 * DAY
    assert scene.verdict("evil.example") == "suspicious"


def test_another_marking_revises_the_claims_of_a_list(scene: Scene) -> None:
    scene.ingested("evil.example")
    assert scene.verdict("evil.example", Audience.CLEAR) == "unknown"
    assert scene.ingested("evil.example", tlp=Tlp.CLEAR).accepted == 1
    assert scene.verdict("evil.example", Audience.CLEAR) == "suspicious"
    assert Claim.objects.count() == 1


def test_rows_without_a_kind_are_read_by_their_form(scene: Scene) -> None:
    report = scene.ingested("evil.example", "https://evil.example/pay", "+84901234567", kind=None)
    assert report.accepted == 3
    kinds = {face.label(n).kind for n in face.pending_labels()}
    assert kinds == {Kind.DOMAIN, Kind.URL, Kind.PHONE}


def test_every_row_of_a_list_has_the_claim_id_of_the_protocol(scene: Scene) -> None:
    scene.ingested("evil.example", source="feed")
    row = Claim.objects.get()
    assert row.claim_id == claim_id(US, "feed", "domain", "evil.example", 0).bytes
    assert Signal.objects.get().key == signal_key("domain", "evil.example")


def test_one_act_is_logged_for_each_chunk(scene: Scene) -> None:
    scene.ingested(*(f"host{n}.example" for n in range(7)))
    assert [act.count for act in Act.objects.order_by("id")] == [3, 3, 1]
    assert all(act.log_index is not None for act in Act.objects.all())


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(texts, texts, st.sampled_from(Kind), texts, st.integers(0, 32_000))
def test_ids_in_bulk_are_the_ids_of_the_core(
    fingerprint: str, source: str, kind: Kind, value: str, n: int
) -> None:
    made = claim_id_maker(fingerprint, source, kind)(value, n)
    assert made == claim_id(fingerprint, source, kind, value, n).bytes
    assert key_maker(kind)(value) == signal_key(kind, value)


@pytest.mark.parametrize("example", examples(), ids=str)
def test_observable_ids_in_bulk_are_those_of_the_core(example: Example) -> None:
    signal = normalise(example.kind, example.text, market=example.market)
    assert observable_id(signal.kind, signal.value) == sco_id(signal)


hosts = st.lists(st.text("abc1-_", min_size=1, max_size=3), min_size=1, max_size=7).map(
    lambda labels: ".".join([*labels, "co.uk"])
)
paths = st.lists(st.text("ab%?&.", max_size=3), max_size=8).map("/".join)


@given(hosts | st.just("192.0.2.7") | st.just("[2001:db8::1]"), paths, st.sampled_from(["", "ftp"]))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_url_keys_in_bulk_are_those_of_the_cores_look_ups(
    host: str, path: str, scheme: str
) -> None:
    try:
        signal = normalise(Kind.URL, f"{scheme or 'https'}://{host}/{path}")
    except Unreadable:
        return
    keys, names = url_keys(signal.value)
    expected = lookups(signal)
    assert keys == [each.key for each in expected]
    assert names == tuple(each.value for each in expected if each.kind is Kind.DOMAIN)


def test_no_legitimate_host_of_a_real_feed_is_answered_scam(
    scene: Scene, shared: Callable[[str], Path]
) -> None:
    legitimate = {
        line.strip()
        for line in shared("data/label_conflicts.txt").read_text().splitlines()
        if line.strip()
    }
    with gzip.open(shared("data/bad_domains_dated.csv.gz"), "rt") as lines:
        hosts = [row["host"] for row in csv.DictReader(lines)]
    some = [host for host in hosts if host in legitimate] + hosts[:2000]
    rows = (face.Row(n, host) for n, host in enumerate(some, 1))
    for _ in face.ingest(
        ACTOR, rows, face.Listing(kind=Kind.DOMAIN, source="feeds"), now=lambda: NOW
    ):
        pass
    answers = face.Lookups(Audience.OWN).many(sorted(legitimate))
    assert [answer["value"] for answer in answers if answer["verdict"] == "scam"] == []
