"""The JSON API: what it answers, to whom, and what it refuses."""

from __future__ import annotations

import pytest

from api_scene import Scene

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
