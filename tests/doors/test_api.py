"""The JSON API: what it answers, and to whom."""

from __future__ import annotations

from typing import Any

import pytest

from api_scene import EVERYTHING, Scene, path_of
from hueandcry.apps.members import face as members
from hueandcry.apps.members.models import Access
from hueandcry.apps.signals import face as signals
from hueandcry.apps.sources import face as sources
from hueandcry.core.normal import normalise
from hueandcry.core.sharing import label_of, seat_terms
from hueandcry.core.times import time_text
from hueandcry.core.types import SECOND, Actor, Audience, Kind, Tlp, Verdict
from hueandcry.doors.api.table import ENDPOINTS
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.store.work import unit_of_work
from node_scene import claim
from other_member import OtherMember

pytestmark = pytest.mark.database

SEEN = {Audience.CLEAR: [Tlp.CLEAR], Audience.GREEN: [Tlp.CLEAR, Tlp.GREEN]}


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


def values(claims: list[dict[str, Any]]) -> list[str]:
    return [each["signal"]["value"] for each in claims]


# --- you, checks ---------------------------------------------------------------------------------


def test_a_token_is_told_what_it_is(scene: Scene) -> None:
    me = scene.get("/me")
    assert me["audience"] == "own"
    assert me["node"]["fingerprint"] == me["member"]["fingerprint"] == scene.node.fingerprint
    assert me["scopes"] == sorted(EVERYTHING)


def test_values_are_checked_in_the_order_asked(scene: Scene) -> None:
    scene.node.raised("evil.example")
    found = scene.post("/checks", {"values": ["a.example", "EVIL.example", "§"]})["results"]
    assert [each["verdict"] for each in found] == ["unknown", "scam", "unknown"]
    assert found[2]["reasons"][0]["code"] == "unreadable"
    typed = scene.post("/checks", {"values": ["84901234567"], "kind": "phone"})["results"]
    assert typed[0]["canonical"] == "+84901234567"


# --- claims --------------------------------------------------------------------------------------


def test_a_claim_that_is_raised_is_effective_at_once_and_can_be_withdrawn(scene: Scene) -> None:
    made = scene.ask("POST", "/claims", {"value": "EVIL.example", "lure": "investment"})
    assert made.status == 201
    said = made.json()
    assert (said["outcome"], said["signal"]["value"]) == ("raised", "evil.example")
    assert made.headers["Location"] == f"/api/v1/claims/{said['claim']}"
    (result,) = scene.post("/checks", {"values": ["https://evil.example/x"]})["results"]
    assert result["verdict"] == "scam"
    gone = scene.post("/claims/retract", {"value": "evil.example", "reason": "mistake"})
    assert gone["claims"] == [said["claim"]]
    (result,) = scene.post("/checks", {"values": ["evil.example"]})["results"]
    assert result["verdict"] == "unknown"
    held = scene.get(f"/claims/{said['claim']}")
    assert (held["state"], held["withdrawn"], held["counts"]) == ("retracted", "mistake", False)


def test_everything_that_is_said_about_a_claim_is_kept(scene: Scene) -> None:
    new = {
        "value": "evil.example",
        "verdict": "suspicious",
        "lure": "investment",
        "method": "sms",
        "confidence": 70,
        "tlp": "AMBER+STRICT",
        "pap": "AMBER",
        "purposes": ["investigation"],
        "embargo": {"case": "4711", "until": "2027-01-01T00:00:00Z"},
        "until": "2027-02-01T00:00:00+07:00",
    }
    said = scene.post("/claims", new)
    held = scene.get(f"/claims/{said['claim']}")
    same = ("verdict", "lure", "method", "confidence", "tlp", "pap", "purposes")
    assert {name: held[name] for name in same} == {name: new[name] for name in same}
    assert held["embargo"] == {"case": "4711", "until": "2027-01-01T00:00:00.000000Z"}
    assert held["valid_until"] == "2027-01-31T17:00:00.000000Z"
    assert held["own"] is True
    assert scene.post("/claims", new)["outcome"] == "merged"
    assert scene.post("/claims", {**new, "confidence": 71})["outcome"] == "revised"


def test_claims_in_bulk_are_answered_one_by_one_and_the_good_ones_are_raised(
    scene: Scene,
) -> None:
    many = [{"value": "one.example"}, {"value": "§§"}, {"value": "two.example", "until": "1999"}]
    many += [{"value": "three.example", "until": "1999-01-01T00:00:00Z"}, {"value": "four.example"}]
    said = scene.post("/claims/bulk", {"claims": many})
    outcomes = [(each["outcome"], each["code"]) for each in said["results"]]
    assert [outcome for outcome, _ in outcomes] == [
        "raised",
        "refused",
        "refused",
        "refused",
        "raised",
    ]
    assert [code for _, code in outcomes][2:4] == ["time", "valid_until"]
    assert (said["accepted"], said["refused"]) == (2, 3)
    assert values(scene.get("/claims")["items"]) == ["four.example", "one.example"]


def test_the_same_value_twice_in_bulk_is_one_claim(scene: Scene) -> None:
    said = scene.post("/claims/bulk", {"claims": [{"value": "a.example"}, {"value": "A.EXAMPLE"}]})
    assert len({each["claim"] for each in said["results"]}) == 1


def test_own_claims_are_leafed_through_without_a_gap(scene: Scene) -> None:
    for n in range(7):
        scene.node.raised(f"n{n}.example")
    found, path = list[str](), "/claims?limit=3"
    for _ in range(4):
        answer = scene.ask("GET", path)
        page = answer.json()
        found += values(page["items"])
        if page["next"] is None:
            assert "Link" not in answer.headers
            break
        assert answer.headers["Link"] == (
            f'</api/v1/claims?limit=3&cursor={page["next"]}>; rel="next"'
        )
        path = f"/claims?limit=3&cursor={page['next']}"
    assert found == [f"n{n}.example" for n in reversed(range(7))]


def test_own_claims_are_filtered(scene: Scene) -> None:
    scene.node.raised("one.example", "two.example")
    scene.node.raised("+84901234567", kind=Kind.PHONE)
    scene.node.retracted("one.example")
    assert values(scene.get("/claims?kind=phone")["items"]) == ["+84901234567"]
    assert values(scene.get("/claims?state=retracted")["items"]) == ["one.example"]
    assert values(scene.get("/claims?verdict=benign")["items"]) == []


# --- audiences -----------------------------------------------------------------------------------


def marked(scene: Scene) -> None:
    """One claim of each marking; the value says which."""
    for tlp in Tlp:
        scene.node.raised(f"{tlp.name.lower().replace('_', '-')}.example", tlp=tlp)


@pytest.mark.parametrize("audience", list(SEEN))
def test_a_token_sees_what_its_audience_may_see_and_no_trace_of_the_rest(
    scene: Scene, audience: Audience
) -> None:
    marked(scene)
    shown = {f"{tlp.name.lower()}.example" for tlp in SEEN[audience]}
    token = scene.new_token(audience)
    answers = {
        path: scene.ask("GET", path, token=token)
        for path in ("/claims", "/changes", "/lists/domain", "/signals?q=example")
    }
    assert set(values(answers["/claims"].json()["items"])) == shown
    changed = {each["checked"]["canonical"] for each in answers["/changes"].json()["items"]}
    assert changed == shown
    assert {e["value"] for e in answers["/lists/domain"].json()["items"]} == shown
    parts = {each["canonical"] for each in answers["/signals?q=example"].json()["parts"]}
    assert parts == shown
    for answer in answers.values():
        assert b"red.example" not in answer.body and b"amber" not in answer.body


@pytest.mark.parametrize("audience", list(SEEN))
def test_absent_and_forbidden_are_the_same_answer(scene: Scene, audience: Audience) -> None:
    scene.node.raised("secret.example", tlp=Tlp.RED)
    token = scene.new_token(audience)

    def asked(name: str) -> str:
        answer = scene.ask("GET", f"/signal?value={name}.example", token=token)
        text = answer.body.decode()
        found = answer.json()["signal"]["id"]
        return text.replace(found, "ID").replace(name, "NAME")

    assert asked("secret") == asked("absent")
    (row,) = [each for each in scene.get("/claims")["items"]]
    missing = "00000000-0000-5000-8000-000000000000"
    refusals = [
        scene.ask("GET", f"/claims/{id}", token=token).body for id in (row["claim"], missing)
    ]
    assert refusals[0] == refusals[1]


def test_why_is_said_and_who_stands_behind_it_only_to_our_own(scene: Scene) -> None:
    other = OtherMember("Bank")
    scene.node.joined(other)
    theirs = claim(other, "evil.example")
    with unit_of_work():
        item = signals.ReceivedClaim(theirs, signals.label_number(label_of(theirs)), 1, 0)
        signals.receive([item], scene.node.now)
    own = scene.get("/signal?value=evil.example")
    assert own["checked"]["reasons"][0] == {
        "code": "trusted_member_claim",
        "params": {"members": ["Bank"]},
    }
    (shown,) = own["claims"]
    assert (shown["claimant"]["name"], shown["own"], shown["counts"]) == ("Bank", False, True)
    green = scene.get("/signal?value=evil.example", token=scene.new_token(Audience.GREEN))
    assert green["checked"]["reasons"] == [{"code": "trusted_member_claim", "params": {}}]


def test_a_persons_value_needs_a_purpose_which_is_logged_and_the_value_is_not(
    scene: Scene,
) -> None:
    scene.node.raised("+84901234567", kind=Kind.PHONE)
    path = "/signal?value=%2B84901234567&kind=phone"
    assert scene.refusal("GET", path) == (422, "purpose")
    assert scene.refusal("GET", path + "&purpose=+") == (422, "purpose")
    assert scene.refusal("GET", "/signals?q=%2B84901234567&kind=phone") == (422, "purpose")
    assert Access.objects.count() == 0
    found = scene.get(path + "&purpose=case+4711")
    assert values(found["claims"]) == ["+84901234567"]
    (line,) = Access.objects.all()
    assert (line.action, line.purpose, line.subject) == ("api.signal", "case 4711", "a phone")
    assert scene.get("/signals?q=84901")["parts"] == []  # persons only when they are asked for


# --- changes -------------------------------------------------------------------------------------


def followed(scene: Scene, cursor: str | None, limit: int = 2) -> tuple[list[str], str]:
    found: list[str] = []
    while True:
        more = f"&cursor={cursor}" if cursor else ""
        page = scene.get(f"/changes?limit={limit}{more}")
        found += [f"{e['type']} {e['checked']['canonical']}" for e in page["items"]]
        cursor = page["next"]
        if not page["more"]:
            return found, str(cursor)


def test_changes_are_followed_from_the_beginning_and_from_a_cursor(scene: Scene) -> None:
    scene.node.raised("a.example", "b.example", "c.example")
    found, cursor = followed(scene, None)
    assert found == ["claim a.example", "claim b.example", "claim c.example"]
    assert followed(scene, cursor)[0] == []
    scene.node.now += SECOND
    scene.node.retracted("b.example")
    with unit_of_work():
        actor = Actor(scene.node.fingerprint)
        signal = normalise(Kind.DOMAIN, "a.example")
        signals.set_override(actor, signal, Verdict.BENIGN, "ours", scene.node.now)
    found, _ = followed(scene, cursor)
    assert found == ["retraction b.example", "decision a.example"]


def test_changes_can_begin_now(scene: Scene) -> None:
    scene.node.raised("before.example")
    page = scene.get("/changes?start=now")
    assert page["items"] == []
    scene.node.raised("after.example")
    assert followed(scene, page["next"])[0] == ["claim after.example"]


def test_passed_over_changes_do_not_stop_a_reader(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hueandcry.apps.signals.audience.REACH", 600)
    monkeypatch.setattr("hueandcry.apps.signals.audience._STEP", 300)
    scene.node.raised(*(f"red{n}.example" for n in range(1_000)), tlp=Tlp.RED)
    scene.node.raised("green.example")
    token = scene.new_token(Audience.GREEN)
    first = scene.get("/changes", token=token)
    assert (first["items"], first["more"]) == ([], True)
    second = scene.get(f"/changes?cursor={first['next']}", token=token)
    assert [e["checked"]["canonical"] for e in second["items"]] == ["green.example"]
    assert second["more"] is False


def test_a_cursor_is_good_for_its_list_audience_and_member_only(scene: Scene) -> None:
    scene.node.raised("a.example", "b.example")
    cursor = scene.get("/claims?limit=1")["next"]
    assert scene.refusal("GET", f"/changes?cursor={cursor}") == (400, "cursor")
    green = scene.new_token(Audience.GREEN)
    assert scene.refusal("GET", f"/claims?cursor={cursor}", token=green) == (400, "cursor")
    other = scene.new_token()
    assert values(scene.get(f"/claims?cursor={cursor}", token=other)["items"]) == ["a.example"]
    tampered = ("B" if cursor[0] == "A" else "A") + cursor[1:]
    assert scene.refusal("GET", f"/claims?cursor={tampered}") == (400, "cursor")


# --- lists ---------------------------------------------------------------------------------------


def test_a_list_holds_what_is_a_scam_now_page_by_page(scene: Scene) -> None:
    scene.node.raised(*(f"n{n}.example" for n in range(5)))
    scene.node.raised("+84901234567", kind=Kind.PHONE)
    scene.node.retracted("n3.example")
    found, cursor = list[str](), ""
    while True:
        page = scene.get(f"/lists/domain?limit=2{cursor}")
        found += [each["value"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert sorted(found) == ["n0.example", "n1.example", "n2.example", "n4.example"]
    scene.node.now += 91 * 86_400 * SECOND
    assert scene.get("/lists/domain")["items"] == []  # every claim has ended
    assert scene.refusal("GET", "/lists/nonsense") == (404, "list")
    assert {each["name"] for each in scene.get("/lists")["lists"]} == {k.value for k in Kind}


def test_a_list_walks_over_gaps_and_ends(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.node.raised("first.example")
    scene.node.raised(*(f"+8490123456{n}" for n in range(10)), kind=Kind.PHONE)
    scene.node.raised("evil.example")
    page = scene.get("/lists/domain?limit=1")  # rows begin anywhere: walk on from the first
    monkeypatch.setattr("hueandcry.apps.signals.audience._WINDOW", 3)
    monkeypatch.setattr("hueandcry.apps.signals.audience._STEP", 1)
    monkeypatch.setattr("hueandcry.apps.signals.audience.REACH", 2)
    found, pages = [each["value"] for each in page["items"]], 1
    while page["next"] is not None:
        page = scene.get(f"/lists/domain?limit=5&cursor={page['next']}")
        found, pages = found + [each["value"] for each in page["items"]], pages + 1
    assert found == ["first.example", "evil.example"]
    assert 2 < pages < 8


# --- peers, ledger, statistics -------------------------------------------------------------------


def test_peers_are_shown_with_their_agreements(scene: Scene) -> None:
    other = OtherMember("Bank")
    scene.node.joined(other)
    (peer,) = scene.get("/peers")["items"]
    assert (peer["member"]["name"], peer["state"]) == ("Bank", "in_force")
    view = scene.get(f"/peers/{other.fingerprint}")
    assert view["agreements"][0]["terms"]["ceiling"] == "AMBER"
    (delivery,) = scene.get(f"/peers/{other.fingerprint}/deliveries")["items"]
    assert (delivery["type"], delivery["state"]) == ("agreement", "delivered")
    (receipt,) = scene.get(f"/peers/{other.fingerprint}/receipts")["items"]
    assert (receipt["ours"], receipt["outcome"]) == (True, "accepted")
    held = scene.get(f"/receipts/{receipt['number']}")
    assert held["document"].count(".") == 2
    assert scene.refusal("GET", "/receipts/999") == (404, "receipt")
    assert scene.get(f"/peers/{other.fingerprint}/handovers")["items"] == []
    assert scene.refusal("GET", f"/peers/{'0' * 64}") == (404, "peer")


def test_how_far_a_claim_has_come_is_told_peer_by_peer_with_why_not(scene: Scene) -> None:
    scene.node.joined(OtherMember("Bank"))
    open_ = scene.post("/claims", {"value": "evil.example"})["claim"]
    shut = scene.post("/claims", {"value": "+84901234567", "kind": "phone"})["claim"]
    (waiting,) = scene.get(f"/claims/{open_}/reach")["items"]
    assert (waiting["peer"]["name"], waiting["state"]) == ("Bank", "waiting")
    (kept,) = scene.get(f"/claims/{shut}/reach")["items"]
    assert kept["state"] == "kept_back"
    assert [reason["code"] for reason in kept["reasons"]] != []
    missing = "00000000-0000-5000-8000-000000000000"
    assert scene.refusal("GET", f"/claims/{missing}/reach") == (404, "claim")


def test_a_token_finds_its_own_acts_in_the_ledger(scene: Scene) -> None:
    scene.post("/claims", {"value": "evil.example"})
    scene.node.raised("by-people.example")
    (act,) = scene.get("/ledger/acts")["items"]
    assert (act["kind"], act["count"]) == ("raise", 1)
    head = scene.get("/ledger")
    assert (head["entries"], head["size"]) == (ledger.head(), None)
    assert scene.refusal("GET", f"/ledger/entries/{act['log_index']}") == (409, "not_published")
    assert scene.refusal("GET", "/ledger/entries/999999") == (404, "entry")


def test_figures_count_for_the_audience(scene: Scene) -> None:
    marked(scene)
    own = scene.get("/statistics")
    assert own["verdicts"] == {"unknown": 0, "benign": 0, "suspicious": 0, "scam": 5}
    assert (own["signals"], own["acts"]) == (5, {"raise": 5})
    clear = scene.get("/statistics", token=scene.new_token(Audience.CLEAR))
    assert clear["verdicts"] == {"benign": 0, "suspicious": 0, "scam": 1}
    assert (clear["signals"], clear["acts"], clear["feed"]) == (None, {}, None)


# --- sources -------------------------------------------------------------------------------------


def test_a_source_is_shown_paused_resumed_and_made_due(scene: Scene) -> None:
    where = "https://lists.example/l.txt"
    new = sources.NewSource(
        "others", sources.What.HTTPS, where, mapping=sources.Mapping(kind="domain")
    )
    with unit_of_work():
        sources.add(Actor(scene.node.fingerprint, roles=frozenset({"administrator"})), new, 1)
    (found,) = scene.get("/sources")["items"]
    assert (found["name"], found["state"], found["last"]) == ("others", "active", None)
    assert scene.post("/sources/others/pause")["state"] == "paused"
    assert scene.refusal("POST", "/sources/others/run") == (409, "state")
    assert scene.post("/sources/others/resume")["next_due"] is not None
    scene.node.now += SECOND
    ran = scene.ask("POST", "/sources/others/run")
    assert ran.status == 202
    assert ran.json()["next_due"] == time_text(scene.node.now)
    assert scene.get("/sources/others/runs")["items"] == []
    assert scene.refusal("GET", "/sources/none") == (404, "source")


# --- webhooks ------------------------------------------------------------------------------------


def test_a_webhook_lives_from_post_to_delete(scene: Scene) -> None:
    made = scene.ask(
        "POST", "/webhooks", {"url": "https://r.example/", "events": ["claim.received"]}
    )
    assert made.status == 201
    assert made.json()["secret"].startswith("whsec_")
    number = made.json()["webhook"]["number"]
    assert made.headers["Location"] == f"/api/v1/webhooks/{number}"
    changed = scene.ask("PATCH", f"/webhooks/{number}", {"state": "paused", "note": "later"})
    assert (changed.json()["state"], changed.json()["note"]) == ("paused", "later")
    assert scene.refusal("POST", f"/webhooks/{number}/test") == (409, "paused")
    scene.ask("PATCH", f"/webhooks/{number}", {"state": "active"})
    sent = scene.ask("POST", f"/webhooks/{number}/test")
    assert (sent.status, sent.json()["type"]) == (202, "webhook.test")
    (delivery,) = scene.get(f"/webhooks/{number}/deliveries")["items"]
    assert delivery["state"] == "waiting"
    again = f"/webhooks/{number}/deliveries/{delivery['number']}/redeliver"
    assert scene.refusal("POST", again) == (409, "waiting")
    renewed = scene.post(f"/webhooks/{number}/secret")
    assert renewed["secret"] != made.json()["secret"]
    assert b"whsec" not in scene.ask("GET", "/webhooks").body
    gone = scene.ask("DELETE", f"/webhooks/{number}")
    assert (gone.status, gone.body) == (204, b"")
    assert scene.get("/webhooks")["items"] == []


def test_a_webhook_to_a_private_address_is_refused_and_noted(scene: Scene) -> None:
    new = {"url": "https://169.254.169.254/", "events": ["claim.received"]}
    assert scene.refusal("POST", "/webhooks", new) == (403, "private_address")
    (line,) = Access.objects.all()
    assert (line.action, line.outcome) == ("private_address", "refused")


def test_a_token_knows_nothing_of_another_tokens_webhooks(scene: Scene) -> None:
    made = scene.post("/webhooks", {"url": "https://r.example/", "events": ["claim.received"]})
    number = made["webhook"]["number"]
    other = scene.new_token()
    assert scene.get("/webhooks", token=other)["items"] == []
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"note": "x"}),
        ("DELETE", "", None),
        ("POST", "/test", None),
        ("POST", "/secret", None),
        ("GET", "/deliveries", None),
        ("POST", "/deliveries/1/redeliver", None),
    ):
        found = scene.refusal(method, f"/webhooks/{number}{path}", body, token=other)
        assert found == (404, "webhook"), (method, path)


# --- guests --------------------------------------------------------------------------------------


def seated(scene: Scene, ceiling: Tlp = Tlp.GREEN) -> tuple[str, str]:
    """(token, source) of a guest with a seat here."""
    home, now = members.us().fingerprint, scene.node.now
    code = members.code_of(home, "coop")
    terms = seat_terms(home, members.guest_fingerprint(home, code), now, ceiling)
    with unit_of_work():
        seat = members.open_seat(code, "Coop", "LA", ["bank"], terms, now)
    return scene.new_token(Audience.GREEN, member=seat.guest), seat.source


def test_a_guests_token_raises_lists_and_withdraws_what_is_the_guests(scene: Scene) -> None:
    token, source = seated(scene)
    scene.post("/claims", {"value": "ours.example"})
    made = scene.post("/claims", {"value": "theirs.example", "tlp": "AMBER"}, token=token)
    (mine,) = scene.get("/claims", token=token)["items"]
    assert (mine["signal"]["value"], mine["source"]) == ("theirs.example", source)
    assert mine["own"] is True
    withdrawal = {"value": "ours.example", "reason": "mistake"}
    assert scene.refusal("POST", "/claims/retract", withdrawal, token=token) == (404, "no_claim")
    gone = scene.post("/claims/retract", {**withdrawal, "value": "theirs.example"}, token=token)
    assert gone["claims"] == [made["claim"]]
    (result,) = scene.post("/checks", {"values": ["ours.example"]})["results"]
    assert result["verdict"] == "scam"


def test_a_guests_token_sees_what_partners_see_and_nothing_of_our_standing(scene: Scene) -> None:
    token, _ = seated(scene)
    marked(scene)
    seen = scene.get("/changes", token=token)["items"]
    assert {each["checked"]["canonical"] for each in seen} == {"clear.example", "green.example"}
    assert scene.get("/claims", token=token)["items"] == []
    me = scene.get("/me", token=token)
    assert (me["member"]["name"], me["node"]["name"]) == ("Coop", "Centre")
    for endpoint in ENDPOINTS:
        if endpoint.ours:
            found = scene.refusal(endpoint.method, path_of(endpoint), token=token)
            assert found == (403, "guest")
