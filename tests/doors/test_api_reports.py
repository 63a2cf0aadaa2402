"""Reports over the JSON API: what is accepted, what is refused, and who sees what came of it."""

from __future__ import annotations

from typing import Any

import pytest

from api_scene import Scene
from hueandcry.apps.reports import face as reports
from hueandcry.apps.reports.models import Report
from hueandcry.core.types import Actor, Audience
from hueandcry.engine.store.work import unit_of_work

pytestmark = pytest.mark.database

STORY = {
    "text": "They said that my parcel is held",
    "values": [{"value": "https://fake-post.example/pay"}],
    "consents": ["signals"],
    "wording": "partner-1",
}


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


def read(scene: Scene) -> None:
    while reports.read_some(scene.node.now):
        continue


def test_a_report_comes_in_and_its_claims_are_seen_by_who_brought_it(scene: Scene) -> None:
    made = scene.ask("POST", "/reports", {**STORY, "receipt": True})
    assert made.status == 201
    accepted = made.json()
    assert made.headers["Location"] == f"/api/v1/reports/{accepted['id']}"
    assert len(accepted["code"]) == 34 and accepted["desk"] == "triage"
    read(scene)
    (line,) = scene.get("/reports")["items"]
    assert (line["id"], line["state"]) == (accepted["id"], "waiting")
    with unit_of_work():
        number = Report.objects.get().pk
        reports.confirm(Actor(scene.node.fingerprint), number, scene.node.now)
    told = scene.get(f"/reports/{accepted['id']}")
    assert told["report"]["state"] == "confirmed"
    (value,) = told["signals"]
    assert value["signal"]["value"] == "fake-post.example/pay" and value["claim"]
    assert str(STORY["text"]) not in str(told)


def test_the_same_case_again_is_the_same_report(scene: Scene) -> None:
    first = scene.post("/reports", {**STORY, "reference": "A-1"})
    again = scene.post("/reports", {**STORY, "reference": "A-1", "receipt": True})
    assert (again["id"], again["again"], again["code"]) == (first["id"], True, None)
    other = scene.new_token()
    assert scene.post("/reports", {**STORY, "reference": "A-1"}, token=other)["id"] != first["id"]


def test_a_request_that_is_sent_twice_is_one_report(scene: Scene) -> None:
    key = {"Idempotency-Key": "one"}
    first = scene.post("/reports", {**STORY, "receipt": True}, headers=key)
    assert scene.post("/reports", {**STORY, "receipt": True}, headers=key) == first
    assert Report.objects.count() == 1


def test_of_many_each_is_answered_in_order_and_the_good_ones_are_kept(scene: Scene) -> None:
    bodies: list[dict[str, Any]] = [
        {**STORY, "reference": "A"},
        {"text": "  "},
        {**STORY, "reference": "A"},
        {"text": "x", "losses": [{"amount": "5", "currency": "THB", "rail": "pigeon"}]},
    ]
    told = scene.post("/reports/bulk", {"reports": bodies})
    assert [each["outcome"] for each in told["results"]] == [
        "accepted",
        "refused",
        "merged",
        "refused",
    ]
    assert [each["code"] for each in told["results"]] == ["", "report_empty", "", "rail"]
    assert (told["accepted"], told["merged"], told["refused"]) == (1, 1, 2)
    assert Report.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"text": " ", "values": []}, "report_empty"),
        ({"wording": ""}, "wording"),
        ({"market": "Siam"}, "misshapen"),
        ({"marks": ["lonely"]}, "misshapen"),
        ({"losses": [{"amount": "1e5", "currency": "THB"}]}, "misshapen"),
        ({"happened_at": "yesterday"}, "time"),
        ({"unknown": 1}, "misshapen"),
        ({"text": "x" * 200_001}, "misshapen"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_code(
    scene: Scene, more: dict[str, Any], code: str
) -> None:
    assert scene.refusal("POST", "/reports", {**STORY, **more})[1] == code
    assert not Report.objects.exists()


def test_what_another_token_brought_reads_as_nothing(scene: Scene) -> None:
    made = scene.post("/reports", STORY)
    other = scene.new_token()
    nothing = "01890a5d-ac96-774b-bcce-b302099a8057"
    here = scene.ask("GET", f"/reports/{made['id']}", token=other)
    absent = scene.ask("GET", f"/reports/{nothing}", token=other)
    assert (here.status, here.body) == (absent.status, absent.body) == (404, absent.body)
    assert scene.get("/reports", token=other)["items"] == []


def test_bringing_and_reading_are_rights_of_their_own(scene: Scene) -> None:
    brings = scene.new_token(Audience.CLEAR, ["reports:write"])
    reads = scene.new_token(Audience.CLEAR, ["reports:read"])
    scene.post("/reports", STORY, token=brings)
    assert scene.refusal("GET", "/reports", token=brings) == (403, "scope")
    assert scene.refusal("POST", "/reports", STORY, token=reads) == (403, "scope")


def test_pages_of_what_a_token_brought_leave_nothing_out(scene: Scene) -> None:
    sent = {scene.post("/reports", {**STORY, "reference": str(n)})["id"] for n in range(5)}
    seen: list[str] = []
    path = "/reports?limit=2"
    while True:
        page = scene.get(path)
        seen += [line["id"] for line in page["items"]]
        if page["next"] is None:
            break
        path = f"/reports?limit=2&cursor={page['next']}"
    assert set(seen) == sent and len(seen) == 5


def test_money_that_just_went_opens_the_lane_in_the_answer(scene: Scene) -> None:
    losses = [{"amount": "1500.50", "currency": "THB", "to": "DE89370400440532013000"}]
    made = scene.post("/reports", {**STORY, "losses": losses})
    assert made["desk"] == "money" and made["stop_until"] is not None
