"""The JSON API: what it answers, to whom, and what it refuses."""

from __future__ import annotations

import pytest

from api_scene import Scene
from hueandcry.apps.members import face as members
from hueandcry.core.sharing import seat_terms
from hueandcry.core.types import Audience, Tlp
from hueandcry.engine.store.work import unit_of_work

pytestmark = pytest.mark.database


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


def test_a_token_is_told_what_it_is(scene: Scene) -> None:
    me = scene.get("/me")
    assert me["audience"] == "own"
    assert me["node"]["fingerprint"] == scene.node.fingerprint
    assert "claims:write" in me["scopes"]


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


def test_a_guests_token_raises_lists_and_withdraws_what_is_the_guests(scene: Scene) -> None:
    home, now = members.us().fingerprint, scene.node.now
    code = members.code_of(home, "coop")
    terms = seat_terms(home, members.guest_fingerprint(home, code), now, Tlp.GREEN)
    with unit_of_work():
        seat = members.open_seat(code, "Coop", "LA", ["bank"], terms, now)
    token = scene.new_token(Audience.GREEN, member=seat.guest)
    scene.post("/claims", {"value": "ours.example"})
    made = scene.post("/claims", {"value": "theirs.example"}, token=token)
    (mine,) = scene.get("/claims", token=token)["items"]
    assert (mine["signal"]["value"], mine["source"]) == ("theirs.example", seat.source)
    withdrawal = {"value": "ours.example", "reason": "mistake"}
    assert scene.refusal("POST", "/claims/retract", withdrawal, token=token) == (404, "no_claim")
    gone = scene.post("/claims/retract", {**withdrawal, "value": "theirs.example"}, token=token)
    assert gone["claims"] == [made["claim"]]
    (result,) = scene.post("/checks", {"values": ["ours.example"]})["results"]
    assert result["verdict"] == "scam"
