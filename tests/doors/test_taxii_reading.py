"""What TAXII clients read: pages that lose and double nothing, and to each what it may see."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

import databases
from hueandcry.apps.exchange import showing, shown
from hueandcry.apps.exchange.models import Batch, Shown
from hueandcry.apps.members import face as members
from hueandcry.apps.signals import face as signals
from hueandcry.core.normal import normalise
from hueandcry.core.sharing import seat_terms
from hueandcry.core.stix import identity_id, seat_identity_id
from hueandcry.core.times import read_time, time_text
from hueandcry.core.types import (
    DAY,
    SECOND,
    Actor,
    Audience,
    Embargo,
    Kind,
    Marking,
    Pap,
    Purpose,
    Tlp,
)
from hueandcry.engine.store import reading
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node, claim
from other_member import NOW, OtherMember
from taxii_scene import Client, client, collection, granted, ids, indicator, observable

CLAIMS = "claims"


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    return Node(monkeypatch)


def values(found: list[dict[str, Any]], *, revoked: bool = False) -> set[str]:
    """The domains that indicators speak of, live or revoked."""
    return {
        each["pattern"].split("'")[1]
        for each in found
        if each["type"] == "indicator" and bool(each.get("revoked")) is revoked
    }


def readers(node: Node) -> dict[Audience, Client]:
    return {audience: client(node, audience.value, audience) for audience in Audience}


# --- the collections of claims -------------------------------------------------------------------


def test_discovery_root_and_collections(node: Node) -> None:
    own, clear = client(node, "own"), client(node, "clear", Audience.CLEAR)
    root = own.get("/taxii2/")["default"]
    assert root == "https://centre.example/taxii2/api/"
    assert own.get("")["versions"] == ["application/taxii+json;version=2.1"]
    assert own.get("")["max_content_length"] == 16 * 1024 * 1024
    listed = own.get("collections/")["collections"]
    assert [each["alias"] for each in listed] == ["claims", "claims-green", "claims-clear"]
    assert all(each["can_read"] and not each["can_write"] for each in listed)
    (only,) = clear.get("collections/")["collections"]
    assert only["alias"] == "claims"
    assert only["id"] == listed[2]["id"]
    assert own.get(f"collections/{only['id']}/")["title"] == only["title"]


@pytest.mark.parametrize(
    ("marking", "seen_by"),
    [
        ({"tlp": Tlp.CLEAR}, {"clear", "green", "own"}),
        ({"tlp": Tlp.GREEN}, {"green", "own"}),
        ({"tlp": Tlp.AMBER}, {"own"}),
        ({"tlp": Tlp.AMBER_STRICT}, {"own"}),
        ({"tlp": Tlp.RED}, set()),
        ({"tlp": Tlp.CLEAR, "pap": Pap.AMBER}, {"own"}),
        ({"tlp": Tlp.CLEAR, "purposes": frozenset({Purpose.PROSECUTION})}, {"own"}),
        (
            {"tlp": Tlp.CLEAR, "purposes": frozenset({Purpose.PREVENTION})},
            {"clear", "green", "own"},
        ),
        ({"tlp": Tlp.CLEAR, "kind": Kind.PHONE}, {"own"}),
    ],
)
def test_each_audience_sees_what_its_label_allows(
    node: Node, marking: dict[str, Any], seen_by: set[str]
) -> None:
    clients = readers(node)
    personal = marking.get("kind") is Kind.PHONE
    node.raised("+66812345678" if personal else "evil.example", **marking)
    node.published()
    seen = {audience.value for audience, each in clients.items() if ids(each.objects(CLAIMS))}
    assert seen == seen_by
    # Read from any of the narrower collections that a client has, it is the same.
    for audience in seen_by:
        alias = "claims" if audience == "own" else f"claims-{audience}"
        assert len(ids(clients[Audience.OWN].objects(alias))) == 1


@pytest.mark.parametrize(
    ("tlp", "onward", "seen_by"),
    [
        (Tlp.CLEAR, True, {"clear", "green", "own"}),
        (Tlp.GREEN, True, {"green", "own"}),
        (Tlp.AMBER, False, {"own"}),
    ],
)
def test_what_peers_claim_goes_on_only_where_they_let_it(
    node: Node, tlp: Tlp, onward: bool, seen_by: set[str]
) -> None:
    clients, other = readers(node), OtherMember("Other")
    node.joined(other)
    assert node.took(other, other.batch(claim(other, "evil.example", tlp=tlp))) == [["accepted"]]
    seen = {audience.value for audience, each in clients.items() if ids(each.objects(CLAIMS))}
    assert seen == seen_by
    identities = {a.value for a, each in clients.items() if _identity(each, other.fingerprint)}
    assert identities == seen_by


def _identity(reader: Client, fingerprint: str) -> list[dict[str, Any]]:
    wanted = identity_id(fingerprint)
    return [each for each in reader.objects(CLAIMS) if each["id"] == wanted]


def test_a_guest_is_described_to_whoever_sees_its_claims(node: Node) -> None:
    clients, home = readers(node), node.fingerprint
    code = members.code_of(home, "coop")
    own = members.guest_fingerprint(home, code)
    with unit_of_work():
        terms = seat_terms(home, own, NOW, Tlp.GREEN)
        members.open_seat(code, "Coop", "LA", ["bank"], terms, NOW)
        said = signals.NewClaim(normalise(Kind.DOMAIN, "evil.example"), marking=Marking(Tlp.GREEN))
        signals.raise_claims(Actor(own), [said], NOW)
    node.published()
    wanted = seat_identity_id(home, code)
    seen = {
        audience.value: [each for each in reader.objects(CLAIMS) if each["id"] == wanted]
        for audience, reader in clients.items()
    }
    assert seen["clear"] == []
    for audience in ("green", "own"):
        (identity,) = seen[audience]
        assert (identity["name"], identity["created_by_ref"]) == ("Coop", identity_id(home))
    (shown,) = [o for o in clients[Audience.OWN].objects(CLAIMS) if o["type"] == "indicator"]
    assert shown["created_by_ref"] == identity_id(home)
    assert f"seat:{code}" in str(shown["extensions"])


def test_nothing_is_signed_for_an_audience_that_has_no_client(node: Node) -> None:
    client(node, "clear", Audience.CLEAR)
    client(node, "look-up", Audience.OWN, scopes=("lookup",))
    node.raised("evil.example", tlp=Tlp.GREEN)
    node.published()
    assert not Batch.objects.exists()
    own = client(node, "own")
    node.published()
    assert values(own.objects(CLAIMS)) == {"evil.example"}


def test_objects_are_the_very_bytes_that_their_claimant_signed(node: Node) -> None:
    own, other = client(node, "own"), OtherMember("Other")
    node.joined(other)
    part = other.batch(claim(other, "evil.example"), claim(other, "bad.example"))
    node.took(other, part)
    body = own.ask("GET", "collections/claims/objects/").body
    assert b",".join(part.lines) in body


def test_definitions_come_first_and_once(node: Node) -> None:
    own = client(node, "own")
    node.raised("evil.example")
    node.published()
    node.raised("bad.example", tlp=Tlp.CLEAR)
    node.published()
    found = own.objects(CLAIMS)
    names = [each["id"] for each in found]
    assert len(names) == len(set(names)) == 14
    types = [each["type"] for each in found]
    assert types[:5] == ["marking-definition"] * 5
    assert types.index("indicator") > max(n for n, t in enumerate(types) if t != "indicator")
    refs = {ref for each in found for ref in each.get("object_marking_refs", [])}
    refs |= {each["created_by_ref"] for each in found if each["type"] == "indicator"}
    refs |= {ref for each in found for ref in each.get("extensions", {})}
    tlp_2 = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
    statement = "marking-definition--60c0f466-511a-5419-9f7e-4814e696da40"  # their author's
    assert refs - set(names) == {tlp_2, statement}


def test_a_retraction_is_the_same_object_revoked_and_newer(node: Node) -> None:
    own, green = client(node, "own"), client(node, "green", Audience.GREEN)
    node.raised("evil.example", "good.example")
    node.published()
    before = {each["id"]: each for each in green.objects(CLAIMS)}
    node.now += SECOND
    node.retracted("evil.example")
    assert values(green.objects(CLAIMS)) == {"good.example"}  # at once, before anything is signed
    node.published()
    for reader in (own, green):
        found = reader.objects(CLAIMS)
        assert values(found) == {"good.example"}
        assert values(found, revoked=True) == {"evil.example"}
        (gone,) = [each for each in found if each.get("revoked")]
        old = before[gone["id"]]
        assert gone["modified"] > old["modified"]
        changed = {"revoked", "modified"}
        assert {k: v for k, v in gone.items() if k not in changed} == {
            k: v for k, v in old.items() if k not in changed
        }
    assert green.get(f"collections/claims/objects/{gone['id']}/")["objects"] == [gone]


def test_a_peers_retraction_is_shown_like_our_own(node: Node) -> None:
    own, other = client(node, "own"), OtherMember("Other")
    node.joined(other)
    said = claim(other, "evil.example", tlp=Tlp.AMBER)
    node.took(other, other.batch(said))
    (before,) = [e for e in own.objects(CLAIMS) if e["type"] == "indicator"]
    node.took(other, other.retraction((said.id, said.modified)))
    (after,) = [e for e in own.objects(CLAIMS) if e["type"] == "indicator"]
    assert (after["id"], after["revoked"]) == (before["id"], True)
    assert after["modified"] > before["modified"]


def test_a_claim_that_nobody_had_is_withdrawn_in_silence(node: Node) -> None:
    own = client(node, "own")
    node.raised("mistake.example")
    node.retracted("mistake.example")
    node.published()
    assert b"mistake.example" not in own.ask("GET", "collections/claims/objects/").body


def test_a_claim_past_its_end_is_not_served(node: Node) -> None:
    own = client(node, "own")
    node.raised("evil.example")
    node.published()
    (name,) = ids(own.objects(CLAIMS))
    node.now += 91 * DAY
    assert values(own.objects(CLAIMS)) == set()
    assert own.ask("GET", f"collections/claims/objects/{name}/").status == 404


def test_only_the_newest_version_is_served(node: Node) -> None:
    own = client(node, "own")
    node.raised("evil.example")
    node.published()
    node.now += SECOND
    node.raised("evil.example", tlp=Tlp.CLEAR)
    node.published()
    (one,) = [each for each in own.objects(CLAIMS) if each["type"] == "indicator"]
    assert one["modified"] == time_text(node.now)


def test_what_was_under_an_embargo_appears_when_it_has_passed_behind_nobodys_back(
    node: Node,
) -> None:
    own, green = client(node, "own"), client(node, "green", Audience.GREEN)
    embargo = Embargo("case", node.now + DAY)
    node.raised("secret.example", embargo=embargo)
    node.raised("open.example")
    node.published()
    assert values(own.objects(CLAIMS)) == {"secret.example", "open.example"}
    answer = green.ask("GET", "collections/claims/objects/")
    assert b"secret" not in answer.body
    last = answer.headers["X-TAXII-Date-Added-Last"]
    showing.open_some()
    assert values(green.objects(CLAIMS)) == {"open.example"}
    node.now += DAY
    while showing.open_some():
        pass
    assert values(green.objects(CLAIMS, f"added_after={last}")) == {"secret.example"}
    for reader in (own, green):
        found = ids(reader.objects(CLAIMS))
        assert len(found) == len(set(found)) == 2
    node.raised("late.example", embargo=embargo)
    node.published()
    node.now += SECOND
    node.retracted("secret.example")
    node.published()
    assert not showing.open_some()
    for reader in (own, green):
        shown_now = reader.objects(CLAIMS)
        assert values(shown_now) == {"open.example", "late.example"}
        assert values(shown_now, revoked=True) == {"secret.example"}


def test_a_new_card_brings_a_new_identity_in_place_of_the_old(node: Node) -> None:
    own, other = client(node, "own"), OtherMember("Other")
    node.joined(other)
    node.took(other, other.batch(claim(other, "evil.example")))
    showing.keep_standing()
    ((before,), rows) = _identity(own, other.fingerprint), Shown.objects.count()
    last = own.ask("GET", "collections/claims/objects/").headers["X-TAXII-Date-Added-Last"]
    renamed = replace(other.card, serial=2, name="Another name")
    with unit_of_work():
        members.take_card(other.signed_card(renamed), node.now, expected=other.fingerprint)
    showing.keep_standing()
    (after,) = _identity(own, other.fingerprint)
    assert (before["name"], after["name"]) == ("Other", "Another name")
    assert own.objects(CLAIMS, f"added_after={last}") == [after]
    assert Shown.objects.count() == rows


# --- pages ---------------------------------------------------------------------------------------


def test_a_page_says_how_to_go_on(node: Node) -> None:
    own = client(node, "own")
    node.raised(*(f"evil{n}.example" for n in range(5)))
    node.published()
    whole = own.objects(CLAIMS)
    answer = own.ask("GET", "collections/claims/objects/?limit=3")
    page, dates = answer.json(), answer.headers
    assert page["objects"] == whole[:3] and page["more"] is True
    entries = own.get("collections/claims/manifest/")["objects"]
    assert [each["id"] for each in entries] == [each["id"] for each in whole]
    assert dates["X-TAXII-Date-Added-First"] == entries[0]["date_added"]
    assert dates["X-TAXII-Date-Added-Last"] == entries[2]["date_added"]
    following = own.get(f"collections/claims/objects/?limit=100&next={page['next']}")
    assert following == {"more": False, "objects": whole[3:]}
    after = own.get(f"collections/claims/objects/?added_after={entries[2]['date_added']}")
    assert after["objects"] == whole[3:]
    exact = own.get(f"collections/claims/objects/?limit={len(whole)}")
    assert exact["more"] is False


def test_dates_grow_strictly_in_every_collection(node: Node) -> None:
    own = client(node, "own")
    collection(node)
    granted(node, "bank", own)
    for n in range(3):
        node.raised(*(f"evil{n}-{m}.example" for m in range(4)))
        node.published()
        own.posted("bank", *(observable(f"o{n}-{m}.example") for m in range(4)))
        if n == 1:
            node.now -= 5 * SECOND  # a clock that is set back
    for place in (CLAIMS, "bank"):
        entries = own.get(f"collections/{place}/manifest/?match[version]=all")["objects"]
        dates = [read_time(each["date_added"]) for each in entries]
        assert dates == sorted(set(dates)) and len(dates) > 20


def test_nothing_new_is_an_empty_envelope_without_dates(node: Node) -> None:
    own = client(node, "own")
    node.raised("evil.example")
    node.published()
    last = own.ask("GET", "collections/claims/objects/").headers["X-TAXII-Date-Added-Last"]
    for place in ("objects", "manifest"):
        answer = own.ask("GET", f"collections/claims/{place}/?added_after={last}")
        assert (answer.status, answer.json()) == (200, {"more": False})
        assert not any(name.startswith("X-TAXII") for name in answer.headers)


def test_an_empty_page_reads_one_row_whatever_is_held(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = client(node, "own")
    node.raised(*(f"evil{n}.example" for n in range(50)))
    node.published()
    last = own.ask("GET", "collections/claims/objects/").headers["X-TAXII-Date-Added-Last"]
    asked: list[str] = []

    real = reading.reader()

    class Watched:
        def rows(self, sql: str, given: Any = ()) -> Any:
            asked.append(sql)
            return real.rows(sql, given)

    monkeypatch.setattr(shown, "reader", Watched)
    own.get(f"collections/claims/objects/?added_after={last}")
    assert len(asked) == 1 and "LIMIT 1" in asked[0]


# --- filters -------------------------------------------------------------------------------------


@pytest.fixture
def full(node: Node) -> Client:
    """A client of a collection with an object in three versions and one in one."""
    own = client(node, "own")
    collection(node)
    granted(node, "bank", own)
    for step in (0, 1_000, 2_000):
        own.posted("bank", indicator(node.now, "a.example", step=step, labels=[f"v{step}"]))
    own.posted("bank", indicator(node.now, "b.example"), observable("a.example"))
    return own


def matched(own: Client, query: str, place: str = "bank") -> list[str]:
    found = own.objects(place, f"{query}&limit=50".lstrip("&"))
    return [_name(each) for each in found if each["type"] not in _DEFINITIONS]


_DEFINITIONS = {"marking-definition", "extension-definition", "identity"}


def _name(value: dict[str, Any]) -> str:
    name = value.get("name") or value["value"]
    return " ".join([name.removesuffix(".example"), *value.get("labels", [])])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["a v2000", "b", "a"]),
        ("match[version]=last", ["a v2000", "b", "a"]),
        ("match[version]=first", ["a v0", "b", "a"]),
        ("match[version]=first,last", ["a v0", "a v2000", "b", "a"]),
        ("match[version]=all", ["a v0", "a v1000", "a v2000", "b", "a"]),
        ("match[version]=MIDDLE", ["a v1000"]),
        ("match[version]=MIDDLE,last", ["a v1000", "a v2000", "b", "a"]),
        ("match[version]=1999-01-01T00:00:00Z", []),
        ("match[type]=indicator", ["a v2000", "b"]),
        ("match[type]=indicator,domain-name", ["a v2000", "b", "a"]),
        ("match[type]=domain-name", ["a"]),
        ("match[type]=no-such-type", []),
        ("match[id]=A", ["a v2000"]),
        ("match[id]=A,nonsense", ["a v2000"]),
        ("match[id]=nonsense", []),
        ("match[id]=A&match[type]=domain-name", []),
        ("match[id]=A&match[version]=all", ["a v0", "a v1000", "a v2000"]),
        ("match[spec_version]=2.1", ["a v2000", "b", "a"]),
        ("match[spec_version]=2.0,2.1", ["a v2000", "b", "a"]),
        ("match[spec_version]=2.0", []),
    ],
)
def test_fields_are_and_values_are_or(
    node: Node, full: Client, query: str, expected: list[str]
) -> None:
    middle = time_text(node.now - DAY + 1_000)
    name = indicator(node.now, "a.example")["id"]
    assert matched(full, query.replace("MIDDLE", middle).replace("=A", f"={name}")) == expected


def test_an_object_by_id_and_its_versions(node: Node, full: Client) -> None:
    name = indicator(node.now, "a.example")["id"]
    path = f"collections/bank/objects/{name}/"
    (last,) = full.get(path)["objects"]
    assert last["labels"] == ["v2000"]
    assert len(full.get(path + "?match[version]=all")["objects"]) == 3
    said = full.get(path + "versions/")
    expected = [time_text(node.now - DAY + step) for step in (0, 1_000, 2_000)]
    assert said == {"more": False, "versions": expected}
    paged = full.get(path + "versions/?limit=2")
    assert paged["more"] and paged["versions"] == expected[:2]
    assert full.get(path + "?match[version]=1999-01-01T00:00:00Z") == {"more": False}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("match[type]=indicator", 2),
        ("match[type]=identity", 2),
        ("match[type]=marking-definition,extension-definition", 10),
        ("match[type]=malware", 0),
        ("match[version]=first", 14),
        ("match[version]=all", 14),
        ("match[version]=1999-01-01T00:00:00Z", 0),
        ("match[spec_version]=2.0", 0),
    ],
)
def test_claims_are_held_in_one_version(node: Node, query: str, count: int) -> None:
    own = client(node, "own")
    node.raised("a.example", "b.example")
    node.published()
    assert len(own.objects(CLAIMS, query)) == count


def test_a_claim_by_its_id(node: Node) -> None:
    own, clear = client(node, "own"), client(node, "clear", Audience.CLEAR)
    node.raised("a.example", "b.example")
    node.published()
    name, other = ids(own.objects(CLAIMS))
    (found,) = own.objects(CLAIMS, f"match[id]={name}")
    assert found["id"] == name
    assert len(own.objects(CLAIMS, f"match[id]={name},{other}")) == 2
    assert own.objects(CLAIMS, f"match[id]={name}&match[version]={found['modified']}") == [found]
    path = f"collections/claims/objects/{name}/versions/"
    assert own.get(path)["versions"] == [found["modified"]]
    assert clear.objects(CLAIMS, f"match[id]={name}") == []
    assert clear.ask("GET", f"collections/claims/objects/{name}/").status == 404
    us = identity_id(node.fingerprint)
    assert len(own.objects(CLAIMS, f"match[id]={us}")) == 1
    assert clear.objects(CLAIMS, f"match[id]={us}") == []


# --- nothing is lost and nothing comes twice -----------------------------------------------------


class Paging(RuleBasedStateMachine):
    """Writers and readers in any order; each reader must end with exactly what there is."""

    @initialize()
    def begin(self) -> None:
        databases_reset()
        self.patch = pytest.MonkeyPatch()
        self.node = Node(self.patch)
        self.writer = client(self.node, "writer")
        collection(self.node)
        granted(self.node, "bank", self.writer)
        self.readers = {a: client(self.node, a.value, a) for a in Audience}
        for each in self.readers.values():
            granted(self.node, "bank", each, "r")
        self.got: dict[tuple[Audience, str], list[dict[str, Any]]] = {}
        self.went: dict[tuple[Audience, str], str] = {}
        self.count = 0

    def teardown(self) -> None:
        if hasattr(self, "patch"):
            self.patch.undo()

    def _new(self, count: int) -> list[str]:
        self.count += count
        return [f"v{n}.example" for n in range(self.count - count, self.count)]

    @rule(count=st.integers(1, 4), tlp=st.sampled_from([Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER]))
    def raise_claims(self, count: int, tlp: Tlp) -> None:
        self.node.raised(*self._new(count), tlp=tlp)
        self.node.published()

    @rule(count=st.integers(1, 4), tlp=st.sampled_from([Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER]))
    def post(self, count: int, tlp: Tlp) -> None:
        now = self.node.now
        self.writer.posted("bank", *(indicator(now, each, tlp=tlp) for each in self._new(count)))

    @rule(seconds=st.sampled_from([0, 0, 1, 3600, -10]))
    def time_passes(self, seconds: int) -> None:
        self.node.now += seconds * SECOND

    @rule(
        audience=st.sampled_from(Audience),
        place=st.sampled_from([CLAIMS, "bank"]),
        limit=st.integers(1, 7),
        by_date=st.booleans(),
    )
    def read(self, audience: Audience, place: str, limit: int, by_date: bool) -> None:
        """One page, and from where it ended, by its `next` or by its last date."""
        key = (audience, place)
        where = self.went.get(key, "")
        query = f"limit={limit}&{where}".rstrip("&")
        answer = self.readers[audience].ask("GET", f"collections/{place}/objects/?{query}")
        page = answer.json()
        self.got.setdefault(key, []).extend(page.get("objects", []))
        last = answer.headers.get("X-TAXII-Date-Added-Last")
        if "next" in page and not by_date:
            self.went[key] = f"next={page['next']}"
        elif last is not None:
            self.went[key] = f"added_after={last}"

    @invariant()
    def nothing_came_twice(self) -> None:
        for found in getattr(self, "got", {}).values():
            names = [(each["id"], each.get("modified")) for each in found]
            assert len(names) == len(set(names))

    @rule(audience=st.sampled_from(Audience), place=st.sampled_from([CLAIMS, "bank"]))
    def read_to_the_end(self, audience: Audience, place: str) -> None:
        key = (audience, place)
        found = self.readers[audience].objects(
            place, f"limit=3&{self.went.get(key, '')}".rstrip("&")
        )
        found = self.got.get(key, []) + found
        whole = self.readers[audience].objects(place, "limit=1000")
        assert _by_name(found) == _by_name(whole)
        assert len(found) == len(whole)


def _by_name(found: list[dict[str, Any]]) -> dict[str, str]:
    return {each["id"]: json.dumps(each, sort_keys=True) for each in found}


_tables: list[databases.Tables] = []


def databases_reset() -> None:
    _tables[0].reset()
    databases.forget_caches()


@pytest.mark.database
def test_in_any_order_of_writing_and_reading_nothing_is_lost(tables: databases.Tables) -> None:
    _tables[:] = [tables]

    run_state_machine_as_test(
        Paging,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
