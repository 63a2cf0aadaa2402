"""What TAXII clients write: kept byte for byte, claimed under their feed, taken back as fast."""

from __future__ import annotations

import json
from typing import Any

import pytest
import zstandard
from django.db import connection

from hueandcry.apps.collections import jobs, service
from hueandcry.apps.collections.models import Pack, Status, Version
from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.members import face as members
from hueandcry.apps.signals import face as signals
from hueandcry.apps.signals.models import Claim
from hueandcry.core.errors import HueError, NotPermitted
from hueandcry.core.stix import TLP_IDS, TLP_MARKINGS
from hueandcry.core.types import DAY, SECOND, Actor, Audience, Kind, Lane, Tlp
from hueandcry.engine.ledger.models import Entry
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node
from other_member import OtherMember
from taxii_scene import Client, client, collection, granted, ids, indicator, observable

pytestmark = pytest.mark.database

PLACE = "collections/bank/objects/"


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    node = Node(monkeypatch)
    collection(node)
    return node


@pytest.fixture
def bank(node: Node) -> Client:
    made = client(node, "scb")
    granted(node, "bank", made)
    return made


def verdicts(node: Node, *values: str) -> list[str]:
    return [node.verdict(value) for value in values]


# --- kept as it came -----------------------------------------------------------------------------


def test_bytes_come_back_as_they_were_sent(node: Node, bank: Client) -> None:
    texts = [
        json.dumps(indicator(node.now, "a.example"), indent=3),
        json.dumps(observable("ปลอม.example"), ensure_ascii=False),
        json.dumps(observable("ปลอม2.example")),
    ]
    body = ('{"objects": [' + ",\n".join(texts) + "]}").encode()
    assert bank.send("bank", body).json()["success_count"] == 3
    said = bank.ask("GET", PLACE + "?match[type]=indicator,domain-name").body
    assert b",".join(text.encode() for text in texts) in said


def test_a_posting_says_what_became_of_each_object(node: Node, bank: Client) -> None:
    good, wrong = indicator(node.now, "a.example"), {"type": "indicator"}
    answer = bank.post("bank", good, wrong, 7, observable("a.example"))
    status = answer.json()
    assert answer.status == 202
    assert (status["status"], status["total_count"], status["pending_count"]) == ("complete", 4, 0)
    assert (status["success_count"], status["failure_count"]) == (2, 2)
    assert [each["id"] for each in status["successes"]] == [
        good["id"],
        observable("a.example")["id"],
    ]
    assert status["successes"][0]["version"] == good["modified"]
    assert [each["id"] for each in status["failures"]] == ["object 2", "object 3"]
    assert status["failures"][0]["message"].startswith("properties: ")
    assert status["failures"][1]["message"].startswith("no_object: ")
    entries = bank.get("collections/bank/manifest/?match[type]=domain-name")["objects"]
    assert status["successes"][1]["version"] == entries[0]["version"] == entries[0]["date_added"]


def test_a_status_survives_until_its_time(node: Node, bank: Client) -> None:
    status = bank.posted("bank", observable("a.example"))
    path = f"status/{status['id']}/"
    assert bank.get(path) == status
    node.now += 29 * DAY
    assert not jobs.tidy() and bank.get(path) == status
    node.now += 2 * DAY
    assert jobs.tidy() and not jobs.tidy()
    assert bank.ask("GET", path).status == 404


def test_the_same_again_is_taken_and_kept_once(node: Node, bank: Client) -> None:
    things = indicator(node.now, "a.example"), observable("a.example")
    bank.posted("bank", *things, *things)
    again = bank.posted("bank", *things)
    assert [each["message"] for each in again["successes"]] == ["held already"] * 2
    assert len(bank.objects("bank", "match[type]=indicator,domain-name")) == 2
    changed = {**things[0], "name": "other words, same version"}
    assert bank.posted("bank", changed)["successes"][0]["message"] == "held already"
    assert bank.objects("bank", "match[type]=indicator") == [things[0]]


def test_versions_in_any_order(node: Node, bank: Client) -> None:
    steps = [indicator(node.now, "a.example", step=n, labels=[str(n)]) for n in range(4)]
    said = bank.posted("bank", steps[2], steps[0], steps[3])
    assert said["successes"][1]["message"] == "kept as an older version of what is held"
    bank.posted("bank", steps[1])
    place = f"{PLACE}{steps[0]['id']}/"
    assert bank.get(place)["objects"] == [steps[3]]
    assert bank.get(place + "?match[version]=first")["objects"] == [steps[0]]
    assert len(bank.get(place + "versions/")["versions"]) == 4


def test_one_uuid_may_name_things_of_several_types(node: Node, bank: Client) -> None:
    one, other = indicator(node.now, "a.example"), observable("a.example")
    assert one["id"].partition("--")[2] == other["id"].partition("--")[2]
    bank.posted("bank", one, other)
    assert bank.get(f"{PLACE}{one['id']}/")["objects"] == [one]
    assert bank.get(f"{PLACE}{other['id']}/")["objects"] == [other]


def test_definitions_are_shipped_and_never_taken_from_the_wire(node: Node, bank: Client) -> None:
    shipped = [json.loads(line) for _, line in exchange.definitions()]
    assert bank.objects("bank") == shipped
    forged = {**TLP_MARKINGS[Tlp.CLEAR], "created": "2030-01-01T00:00:00.000Z"}
    said = bank.posted("bank", forged)
    assert "constant" in said["successes"][0]["message"]
    assert bank.objects("bank") == shipped
    with unit_of_work():
        assert service.ship(service.must_be("bank"), Actor(node.fingerprint), node.now) == 0


# --- who may see it ------------------------------------------------------------------------------

ALL = {"clear", "green", "own"}


@pytest.mark.parametrize(
    ("refs", "floor", "seen_by"),
    [
        ([Tlp.CLEAR], Tlp.CLEAR, ALL),
        ([Tlp.GREEN], Tlp.CLEAR, {"green", "own"}),
        ([Tlp.AMBER], Tlp.CLEAR, {"own"}),
        ([Tlp.CLEAR, Tlp.AMBER_STRICT], Tlp.CLEAR, {"own"}),
        ([], Tlp.CLEAR, {"own"}),
        (["613f2e26-407d-48c7-9eca-b8e91df99dc9"], Tlp.CLEAR, ALL),  # TLP 1 white
        (["f88d31f6-486f-44da-b317-01333bde0b82"], Tlp.CLEAR, {"own"}),  # TLP 1 amber
        (["b4bb24e7-3fd7-47d4-8911-9a7f2a2f30b1"], Tlp.CLEAR, {"own"}),  # nobody knows it
        ([Tlp.CLEAR], Tlp.GREEN, {"green", "own"}),
        ([Tlp.CLEAR], Tlp.AMBER, {"own"}),
    ],
)
@pytest.mark.parametrize("kind", ["indicator", "domain-name"])
def test_each_audience_sees_what_the_strictest_marking_allows(
    node: Node, kind: str, refs: list[Any], floor: Tlp, seen_by: set[str]
) -> None:
    collection(node, "marked", tlp=floor)
    clients = {audience.value: client(node, audience.value, audience) for audience in Audience}
    for each in clients.values():
        granted(node, "marked", each)
    marks = [TLP_IDS[r] if isinstance(r, Tlp) else f"marking-definition--{r}" for r in refs]
    thing = indicator(node.now, "a.example") if kind == "indicator" else observable("a.example")
    clients["clear"].posted("marked", {**thing, "object_marking_refs": marks})
    seen = {name for name, each in clients.items() if ids(each.objects("marked"), kind)}
    assert seen == seen_by
    found = {
        name
        for name, each in clients.items()
        if each.ask("GET", f"collections/marked/objects/{thing['id']}/").status == 200
    }
    assert found == seen_by


def test_granular_markings_stay_in_the_house(node: Node, bank: Client) -> None:
    green = client(node, "green", Audience.GREEN)
    granted(node, "bank", green)
    granular = [{"selectors": ["name"], "marking_ref": TLP_IDS[Tlp.GREEN]}]
    bank.posted("bank", indicator(node.now, "a.example", granular_markings=granular))
    assert ids(green.objects("bank")) == [] and len(ids(bank.objects("bank"))) == 1


def test_red_is_refused(node: Node, bank: Client) -> None:
    assert bank.refused("bank", indicator(node.now, "a.example", tlp=Tlp.RED)) == ["red"]
    assert not Claim.objects.exists()


# --- claims --------------------------------------------------------------------------------------


def test_an_indicator_in_force_becomes_our_claim_under_its_feed(node: Node, bank: Client) -> None:
    bank.posted("bank", indicator(node.now, "a.example", confidence=70, tlp=Tlp.AMBER))
    (claim,) = Claim.objects.all()
    assert claim.confidence == 70
    assert (claim.valid_from, claim.valid_until) == (node.now, node.now + DAY)
    assert signals.label(claim.label).marking.tlp is Tlp.AMBER
    assert verdicts(node, "a.example") == ["suspicious"]  # a feed is never trusted by itself
    assert signals.Lookups(Audience.GREEN).one("a.example")["verdict"] == "unknown"


def test_two_clients_are_two_sources(node: Node, bank: Client) -> None:
    other = client(node, "kbank")
    granted(node, "bank", other)
    bank.posted("bank", indicator(node.now, "a.example"))
    second = {**indicator(node.now, "a.example"), "id": indicator(node.now, "z.example")["id"]}
    bank.posted("bank", second)
    assert verdicts(node, "a.example") == ["suspicious"]  # the same source said it twice
    third = {**second, "id": indicator(node.now, "y.example")["id"]}
    other.posted("bank", third)
    assert verdicts(node, "a.example") == ["scam"]


@pytest.mark.parametrize(
    ("changed", "note"),
    [
        ({"pattern_type": "sigma", "pattern": "x"}, "pattern"),
        ({"pattern": "[file:size > 10]"}, "pattern"),
        ({"pattern": "[domain-name:value = 'not a domain']"}, ""),
        ({"valid_from": "2040-01-01T00:00:00Z", "valid_until": "2041-01-01T00:00:00Z"}, "in force"),
        ({"valid_from": "2000-01-01T00:00:00Z", "valid_until": "2001-01-01T00:00:00Z"}, "in force"),
    ],
)
def test_what_is_no_single_value_in_force_is_kept_and_claims_nothing(
    node: Node, bank: Client, changed: dict[str, Any], note: str
) -> None:
    said = bank.posted("bank", indicator(node.now, "a.example", **changed))
    message = said["successes"][0]["message"]
    assert message.startswith("kept; it makes no claim") and note in message.lower()
    assert len(ids(bank.objects("bank"))) == 1
    assert not Claim.objects.exists()


def test_a_collection_may_make_no_claims(node: Node) -> None:
    collection(node, "quiet", makes_claims=False)
    own = client(node, "own")
    granted(node, "quiet", own)
    own.posted("quiet", indicator(node.now, "a.example"))
    assert not Claim.objects.exists()


@pytest.mark.parametrize(
    ("pattern", "kind", "value"),
    [
        ("[url:value = 'https://a.example/x']", Kind.URL, "a.example/x"),
        ("[hostname:value = 'a.example']", Kind.DOMAIN, "a.example"),
        ("[ipv4-addr:value = '192.0.2.1']", Kind.URL, "192.0.2.1/"),
        ("[phone-number:value = '+66812345678']", Kind.PHONE, "+66812345678"),
        ("[email-addr:value = 'A@Example.com']", Kind.EMAIL, "A@example.com"),
    ],
)
def test_values_of_every_kind_are_read(
    node: Node, bank: Client, pattern: str, kind: Kind, value: str
) -> None:
    bank.posted("bank", indicator(node.now, "a.example", pattern=pattern))
    (claim,) = Claim.objects.select_related("signal")
    assert signals.label(claim.label).kind is kind
    assert claim.signal.value == value


def test_a_newer_version_revises_the_claim_and_an_older_one_does_not(
    node: Node, bank: Client
) -> None:
    bank.posted("bank", indicator(node.now, "a.example", step=5, confidence=50))
    node.now += SECOND
    bank.posted("bank", indicator(node.now - SECOND, "a.example", step=1, confidence=10))
    assert Claim.objects.get().confidence == 50
    bank.posted("bank", indicator(node.now - SECOND, "a.example", step=9, confidence=90))
    claim = Claim.objects.get()
    assert (claim.confidence, claim.modified) == (90, node.now)


def test_a_version_about_another_value_moves_the_claim(node: Node, bank: Client) -> None:
    bank.posted("bank", indicator(node.now, "a.example"))
    moved = {
        **indicator(node.now, "b.example", step=5),
        "id": indicator(node.now, "a.example")["id"],
    }
    bank.posted("bank", moved)
    assert verdicts(node, "a.example", "b.example") == ["unknown", "suspicious"]


@pytest.mark.parametrize("how", ["revoked", "delete", "ended"])
def test_what_is_taken_back_takes_the_claim_back(node: Node, bank: Client, how: str) -> None:
    one = indicator(node.now, "a.example")
    bank.posted("bank", one, indicator(node.now, "b.example"))
    if how == "delete":
        assert bank.ask("DELETE", f"{PLACE}{one['id']}/").status == 200
    elif how == "revoked":
        bank.posted("bank", indicator(node.now, "a.example", step=5, revoked=True))
    else:
        ended = {"valid_until": indicator(node.now - DAY, "x")["valid_until"]}
        begun = {"valid_from": indicator(node.now - DAY, "x")["valid_from"]}
        bank.posted("bank", indicator(node.now, "a.example", step=5, **ended, **begun))
    assert verdicts(node, "a.example", "b.example") == ["unknown", "suspicious"]


def test_a_claim_stands_while_another_indicator_of_the_client_says_it(
    node: Node, bank: Client
) -> None:
    one = indicator(node.now, "a.example")
    two = {**one, "id": indicator(node.now, "z.example")["id"]}
    bank.posted("bank", one, two)
    bank.posted("bank", indicator(node.now, "a.example", step=5, revoked=True))
    assert verdicts(node, "a.example") == ["suspicious"]
    assert bank.ask("DELETE", f"{PLACE}{two['id']}/").status == 200
    assert verdicts(node, "a.example") == ["unknown"]


def test_only_what_came_from_the_collection_is_taken_back(node: Node, bank: Client) -> None:
    node.raised("a.example")
    collection(node, "other")
    granted(node, "other", bank)
    one = indicator(node.now, "a.example")
    bank.posted("bank", one)
    bank.posted("other", one)
    bank.posted("bank", indicator(node.now, "a.example", step=5, revoked=True))
    states = [claim.state for claim in Claim.objects.order_by("source", "id")]
    assert sorted(states) == [0, 0, 1]
    assert verdicts(node, "a.example") == ["scam"]


def test_what_was_withdrawn_is_for_a_person_to_raise_again(node: Node, bank: Client) -> None:
    one = indicator(node.now, "a.example")
    bank.posted("bank", one)
    bank.ask("DELETE", f"{PLACE}{one['id']}/")
    again = {**one, "id": indicator(node.now, "z.example")["id"]}
    said = bank.posted("bank", again)
    assert "a person" in said["successes"][0]["message"]
    assert verdicts(node, "a.example") == ["unknown"]
    assert Version.objects.filter(signal__isnull=False).count() == 0


def test_few_claims_go_live_and_many_in_bulk(node: Node, bank: Client) -> None:
    bank.posted("bank", indicator(node.now, "a.example"))
    bank.posted("bank", *(indicator(node.now, f"b{n}.example") for n in range(101)))
    lanes = [signals.label(claim.label).lane for claim in Claim.objects.order_by("id")]
    assert lanes == [Lane.LIVE] + [Lane.BULK] * 101


def test_our_claims_from_a_collection_are_shared_as_ours(node: Node, bank: Client) -> None:
    bank.posted("bank", indicator(node.now, "a.example"))
    node.published()
    (shared,) = [each for each in bank.objects("claims") if each["type"] == "indicator"]
    (words,) = shared["extensions"].values()
    assert words["source"] == "bank/scb"
    bank.posted("bank", indicator(node.now, "a.example", step=5, revoked=True))
    node.published()
    (gone,) = [each for each in bank.objects("claims") if each["type"] == "indicator"]
    assert gone["revoked"] is True


# --- whose it is ---------------------------------------------------------------------------------


def test_only_its_poster_gives_new_versions_and_deletes(node: Node, bank: Client) -> None:
    other, boss = client(node, "kbank"), client(node, "boss")
    granted(node, "bank", other)
    granted(node, "bank", boss, "rwm")
    one = indicator(node.now, "a.example")
    bank.posted("bank", one)
    revoking = indicator(node.now, "a.example", step=5, revoked=True)
    assert other.refused("bank", revoking) == ["not_yours"]
    assert other.ask("DELETE", f"{PLACE}{one['id']}/").status == 403
    assert verdicts(node, "a.example") == ["suspicious"]
    boss.posted("bank", revoking)
    assert verdicts(node, "a.example") == ["unknown"]


def test_what_was_revoked_has_no_newer_version(node: Node, bank: Client) -> None:
    bank.posted("bank", indicator(node.now, "a.example", step=5, revoked=True))
    assert bank.refused("bank", indicator(node.now, "a.example", step=9)) == ["revoked"]
    bank.posted("bank", indicator(node.now, "a.example", step=1))
    assert verdicts(node, "a.example") == ["unknown"]


def test_deleted_bytes_are_gone_and_the_same_version_stays_away(node: Node, bank: Client) -> None:
    secret = "a secret that must be gone"
    one = indicator(node.now, "a.example", description=secret)
    bank.posted("bank", one, indicator(node.now, "b.example"))
    path = f"{PLACE}{one['id']}/"
    assert bank.ask("DELETE", path).status == 200
    assert bank.ask("GET", path).status == 404
    assert bank.ask("DELETE", path).status == 404
    assert all(secret.encode() not in bytes_of(pack) for pack in Pack.objects.all())
    assert [each["name"] for each in bank.objects("bank", "match[type]=indicator")] == ["b.example"]
    assert bank.refused("bank", one) == ["deleted"]
    bank.posted("bank", indicator(node.now, "a.example", step=5))
    assert len(bank.get(path + "versions/")["versions"]) == 1


def bytes_of(pack: Pack) -> bytes:

    return zstandard.decompress(pack.payload)


def test_one_version_may_be_deleted(node: Node, bank: Client) -> None:
    steps = [indicator(node.now, "a.example", step=n) for n in range(3)]
    bank.posted("bank", *steps)
    path = f"{PLACE}{steps[0]['id']}/"
    newest = steps[2]["modified"]
    assert bank.ask("DELETE", f"{path}?match[version]={newest}").status == 200
    assert bank.get(path)["objects"] == [steps[1]]
    assert bank.ask("DELETE", f"{path}?match[version]=first").status == 200
    assert bank.get(path + "versions/")["versions"] == [steps[1]["modified"]]
    assert bank.ask("DELETE", f"{path}?match[version]=1999-01-01T00:00:00Z").status == 404


# --- what is written down ------------------------------------------------------------------------


def test_a_posting_is_one_entry_of_the_ledger_and_nothing_new_is_none(
    node: Node, bank: Client
) -> None:
    before = Entry.objects.count()
    bank.posted("bank", *(observable(f"a{n}.example") for n in range(20)))
    assert Entry.objects.count() == before + 1
    bank.posted("bank", *(observable(f"a{n}.example") for n in range(20)))
    assert Entry.objects.count() == before + 1
    assert Status.objects.filter(log_index=None).count() == 1
    bank.ask("DELETE", f"{PLACE}{observable('a1.example')['id']}/")
    assert Entry.objects.count() == before + 2


def test_a_posting_that_breaks_in_the_middle_leaves_nothing(
    node: Node, bank: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*given: Any, **more: Any) -> None:
        raise OSError("no disk")

    monkeypatch.setattr("hueandcry.apps.collections.queries.add_versions", fails)
    assert bank.post("bank", indicator(node.now, "a.example")).status == 500
    assert not Claim.objects.exists() and not Status.objects.exists()
    connection.ensure_connection()


# --- collections ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["", "claims", "claims-own", "A", "a b", "-a", "a" * 65, "a/b", "ä"]
)
def test_a_name_that_is_no_alias_is_refused(node: Node, name: str) -> None:
    with pytest.raises(HueError) as caught:
        collection(node, name)
    assert caught.value.code == "collection_name"


def test_a_closed_collection_is_not_there(node: Node, bank: Client) -> None:
    bank.posted("bank", indicator(node.now, "a.example"))
    with unit_of_work():
        service.close_collection("bank", Actor(node.fingerprint), node.now)
    assert bank.ask("GET", PLACE).status == 404
    assert verdicts(node, "a.example") == ["suspicious"]
    with pytest.raises(HueError):
        collection(node, "bank")


def test_rights_count_at_once(node: Node, bank: Client) -> None:
    granted(node, "bank", bank, "")
    assert bank.ask("GET", PLACE).status == 403
    (shown,) = [c for c in bank.get("collections/")["collections"] if c["alias"] == "bank"]
    assert not shown["can_read"] and not shown["can_write"]


def test_what_is_past_its_time_is_purged_and_its_name_is_kept(node: Node, bank: Client) -> None:
    steps = [indicator(node.now, "a.example", step=n) for n in range(3)]
    bank.posted("bank", steps[0], observable("a.example"))
    node.now += 400 * DAY
    bank.posted("bank", steps[1])
    bank.posted("bank", steps[2])
    node.now += 331 * DAY
    while jobs.tidy():
        pass
    path = f"{PLACE}{steps[0]['id']}/"
    assert bank.get(path + "versions/")["versions"] == [e["modified"] for e in steps[1:]]
    assert bank.get(path + "?match[version]=first")["objects"] == [steps[1]]
    assert bank.ask("GET", f"{PLACE}{observable('a.example')['id']}/").status == 404
    assert bank.refused("bank", steps[0]) == ["deleted"]
    assert not jobs.tidy()


def test_what_a_law_holds_is_not_purged(node: Node, bank: Client) -> None:
    bank.posted("bank", observable("a.example"))
    Pack.objects.update(held_until=node.now + 800 * DAY)
    node.now += 799 * DAY
    assert jobs.tidy() and not jobs.tidy()  # the status alone
    assert len(bank.objects("bank", "match[type]=domain-name")) == 1


def test_bytes_stay_while_a_claim_from_them_stands(node: Node, bank: Client) -> None:
    far = indicator(node.now + 2_000 * DAY, "x")["valid_until"]
    bank.posted("bank", indicator(node.now, "a.example", valid_until=far))
    node.now += 1_999 * DAY
    jobs.tidy()
    assert len(ids(bank.objects("bank"))) == 1


def test_a_guest_is_never_our_own_audience(node: Node, bank: Client) -> None:
    other = OtherMember("Guest")
    node.added(other)
    theirs: dict[str, Any] = {
        "name": "guest",
        "scopes": ("taxii:read",),
        "member": members.member_id(other.fingerprint),
    }
    with unit_of_work(), pytest.raises(NotPermitted):
        members.new_token(Audience.OWN, "guest", node.now, **theirs)
    with unit_of_work():
        made = members.new_token(Audience.GREEN, "guest", node.now, **theirs)
    guest = Client(made.number, "guest", made.text)
    aliases = [each["alias"] for each in guest.get("collections/")["collections"]]
    assert aliases == ["claims", "claims-clear"]
    node.raised("amber.example", tlp=Tlp.AMBER)
    node.raised("green.example")
    node.published()
    assert len(ids(guest.objects("claims"))) == 1
