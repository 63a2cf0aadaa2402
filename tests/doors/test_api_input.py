"""The JSON API against bad input, wrong tokens, and requests that come twice."""

from __future__ import annotations

import base64
import threading
from typing import Any

import msgspec
import pytest
from django.db import connection

from api_scene import EVERYTHING, Scene, path_of
from hueandcry.apps.members.models import Access
from hueandcry.apps.signals.models import Act, Claim
from hueandcry.core.types import DAY, Audience
from hueandcry.doors.api import description
from hueandcry.doors.api.endpoint import MAX_BODY, Endpoint
from hueandcry.doors.api.table import ENDPOINTS
from hueandcry.engine.replies import face as replies
from hueandcry.engine.replies.models import Reply

CLAIM = {"value": "evil.example"}
REPORT = {"text": "They sent me to evil.example and asked for money."}


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


BODIES: dict[str, Any] = {
    "check": {"values": ["a.example"]},
    "raise_claim": CLAIM,
    "raise_claims": {"claims": [CLAIM]},
    "retract": {"value": "evil.example", "reason": "mistake"},
    "submit_report": REPORT,
    "submit_reports": {"reports": [REPORT]},
    "add_webhook": {"url": "https://r.example/", "events": ["claim.received"]},
    "change_webhook": {"note": "x"},
}
QUERIES = {"signal": "?value=a.example", "search": "?q=a.example"}


def ask(scene: Scene, endpoint: Endpoint, token: str | None) -> Any:
    path = path_of(endpoint) + QUERIES.get(endpoint.name, "")
    if endpoint.file:
        plain: dict[str, Any] = {"raw": b"a note", "CONTENT_TYPE": "application/octet-stream"}
        return scene.ask(endpoint.method, path, token=token, **plain)
    return scene.ask(endpoint.method, path, BODIES.get(endpoint.name), token=token)


# --- every endpoint, every scope, every audience -------------------------------------------------


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: e.name)
def test_an_endpoint_opens_to_its_scope_and_to_no_other(scene: Scene, endpoint: Endpoint) -> None:
    for scope in EVERYTHING:
        answer = ask(scene, endpoint, scene.new_token(scopes=[scope]))
        if endpoint.scope in ("", scope):
            assert answer.status not in (401, 403), scope
        else:
            assert (answer.status, answer.json()["code"]) == (403, "scope"), scope


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: e.name)
def test_an_endpoint_opens_to_the_audiences_that_it_is_for(
    scene: Scene, endpoint: Endpoint
) -> None:
    for audience in Audience:
        answer = ask(scene, endpoint, scene.new_token(audience))
        if endpoint.ours and audience is not Audience.OWN:
            assert (answer.status, answer.json()["code"]) == (403, "audience")
        else:
            assert answer.status in (endpoint.status, 404, 409), answer.body


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: e.name)
def test_an_endpoint_is_shut_to_everybody_else(scene: Scene, endpoint: Endpoint) -> None:
    expired = scene.new_token(expires_at=scene.node.now + DAY)
    scene.node.now += DAY
    for token, code in ((None, "no_token"), ("nonsense", "token"), (expired, "token")):
        answer = ask(scene, endpoint, token)
        assert (answer.status, answer.json()["code"]) == (401, code)
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="hueandcry API"')


def test_refused_tokens_scopes_and_audiences_are_noted(scene: Scene) -> None:
    scene.ask("GET", "/me", token="nonsense", REMOTE_ADDR="192.0.2.7")
    scene.ask("GET", "/peers", token=scene.new_token(scopes=["lookup"]))
    scene.ask("GET", "/peers", token=scene.new_token(Audience.GREEN))
    found = list(Access.objects.order_by("id").values_list("action", "outcome", "subject"))
    assert [action for action, _, _ in found] == ["token", "scope", "audience"]
    assert {outcome for _, outcome, _ in found} == {"refused"}
    assert found[1][2] == "GET /api/v1/peers"
    assert Access.objects.order_by("id")[0].address == "192.0.2.7"


def test_basic_is_taken_with_the_name_of_the_token(scene: Scene) -> None:
    text = scene.new_token(name="splunk")
    for name, status in (("splunk", 200), ("other", 401)):
        shown = base64.b64encode(f"{name}:{text}".encode()).decode()
        answer = scene.ask("GET", "/me", token=None, headers={"Authorization": f"Basic {shown}"})
        assert answer.status == status


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 415, "content_type"),
        (b"{", 400, "not_json"),
        (b"null", 422, "misshapen"),
        (b"[]", 422, "misshapen"),
        (b'"x"', 422, "misshapen"),
        (b"{}", 422, "misshapen"),
        (b'{"value":"a.example","value":"b.example"}', 400, "duplicate_member"),
        (b'{"value":"a.example","extra":1}', 422, "misshapen"),
        (b'{"value":1}', 422, "misshapen"),
        (b'{"value":null}', 422, "misshapen"),
        (b'{"value":["a.example"]}', 422, "misshapen"),
        (b'{"value":""}', 422, "misshapen"),
        (b'{"value":"a.example","kind":"nonsense"}', 422, "misshapen"),
        (b'{"value":"a.example","kind":null}', 422, "misshapen"),
        (b'{"value":"a.example","verdict":"unknown"}', 422, "misshapen"),
        (b'{"value":"a.example","confidence":101}', 422, "misshapen"),
        (b'{"value":"a.example","confidence":1.5}', 400, "float"),
        (b'{"value":"a.example","confidence":"50"}', 422, "misshapen"),
        (b'{"value":"a.example","confidence":true}', 422, "misshapen"),
        (b'{"value":"a.example","confidence":99999999999999999999}', 400, "big_integer"),
        (b'{"value":"a.example","tlp":"green"}', 422, "misshapen"),
        (b'{"value":"a.example","lure":"Not A Code"}', 422, "misshapen"),
        (b'{"value":"a.example","lure":"x\\n"}', 422, "lure"),
        (b'{"value":"a.example","until":"tomorrow"}', 422, "time"),
        (b'{"value":"a.example","until":"0000-00-00T00:00:00Z"}', 422, "time"),
        (b'{"value":"a.example","until":"1999-01-01T00:00:00Z"}', 422, "valid_until"),
        (b'{"value":"a.example","embargo":{"case":"\\u0000","until":"2030-01-01T00:00:00Z"}}',
         422, "misshapen"),
        (b'{"value":"\\u0000.example","kind":"domain"}', 422, None),
        (b'{"value":"not a value at all"}', 422, None),
        (b'{"value":"\\ud800"}', 400, "lone_surrogate"),
        (b'{"value":"\xff"}', 400, "not_utf8"),
        (b'\xef\xbb\xbf{"value":"a.example"}', 400, "bom"),
        (b"[" * 100_000, 413, "too_deep"),
        (b'{"value":' + b'{"value":' * 50, 413, "too_deep"),
        (b'{"value":"' + b"x" * 9_000 + b'"}', 422, "misshapen"),
    ],
)  # fmt: skip
def test_a_body_of_another_form_is_refused_with_its_code(
    scene: Scene, raw: bytes, status: int, code: str | None
) -> None:
    found = scene.refusal("POST", "/claims", raw=raw)
    assert found[0] == status
    assert code is None or found[1] == code
    assert Claim.objects.count() == 0


def test_bodies_beyond_their_bounds_are_refused(scene: Scene) -> None:
    assert scene.refusal("POST", "/claims", raw=b"x", CONTENT_LENGTH=str(MAX_BODY + 1)) == (
        413,
        "too_large",
    )
    for length in ("-1", "x", "5"):
        assert scene.refusal("POST", "/claims", raw=b"{}", CONTENT_LENGTH=length)[0] == 400
    assert scene.refusal("POST", "/checks", {"values": []}) == (422, "misshapen")
    assert scene.refusal("POST", "/checks", {"values": ["a"] * 10_001}) == (422, "misshapen")
    assert scene.refusal("POST", "/claims/bulk", {"claims": [CLAIM] * 1_001}) == (422, "misshapen")


@pytest.mark.parametrize(
    "content", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"]
)
def test_a_body_that_is_not_said_to_be_json_is_refused(scene: Scene, content: str) -> None:
    found = scene.refusal("POST", "/claims", CLAIM, CONTENT_TYPE=content)
    assert found == (415, "content_type")


def test_json_may_name_its_character_set(scene: Scene) -> None:
    scene.post("/claims", CLAIM, CONTENT_TYPE="Application/JSON; charset=utf-8")


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("*/*", 200),
        ("", 200),
        ("application/*;q=0.1", 200),
        ("text/html, application/json;q=0.5", 200),
        ("text/html", 406),
        ("application/json;q=0", 406),
        ("application/json; q=0.000", 406),
    ],
)
def test_only_json_is_answered(scene: Scene, accept: str, status: int) -> None:
    assert scene.ask("GET", "/me", headers={"Accept": accept}).status == status


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("?nonsense=1", "parameter"),
        ("?limit=0", "parameter"),
        ("?limit=501", "parameter"),
        ("?limit=x", "parameter"),
        ("?limit=1&limit=1", "parameter"),
        ("?kind=nonsense", "parameter"),
        ("?cursor=", "parameter"),
        ("?cursor=%0d%0aX-Injected:1", "parameter"),
        ("?cursor=AAAA", "cursor"),
        ("?limit=%ff", "not_utf8"),
        ("?%00=1", "parameter"),
    ],
)
def test_a_query_of_another_form_is_refused(scene: Scene, query: str, code: str) -> None:
    assert scene.refusal("GET", "/claims" + query) == (400, code)


def test_no_header_comes_out_of_what_was_asked(scene: Scene) -> None:
    scene.node.raised("a.example", "b.example")
    answer = scene.ask("GET", "/claims?limit=1&kind=domain")
    assert answer.headers["Link"].startswith("</api/v1/claims?limit=1&kind=domain&cursor=")
    for value in ("x\r\nX-Injected: 1", "ö", "", "x" * 256, "a b"):
        found = scene.refusal("POST", "/claims", CLAIM, headers={"Idempotency-Key": value})
        assert found == (400, "idempotency_key")
    for name in scene.ask("GET", "/claims/%0d%0aX").headers:
        assert name != "X"


@pytest.mark.parametrize(
    "path", ["", "/", "/nothing", "/me/", "/claims/x", "/peers/ABC", "/webhooks/0", "//me", "/%2e"]
)
def test_another_address_is_404_or_the_documentation(scene: Scene, path: str) -> None:
    if path == "/":
        assert scene.ask("GET", path, token=None).headers["Content-Type"].startswith("text/html")
    else:
        assert scene.refusal("GET", path) == (404, "path")


@pytest.mark.parametrize("method", ["HEAD", "PUT", "OPTIONS", "TRACE", "PROPFIND", "X" * 300])
def test_other_methods_are_405_and_say_which_there_are(scene: Scene, method: str) -> None:
    answer = scene.ask(method, "/claims")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")
    assert scene.ask(method, "/openapi.json").headers["Allow"] == "GET"


def test_a_body_where_none_belongs_is_refused(scene: Scene) -> None:
    assert scene.refusal("GET", "/me", raw=b"{}") == (400, "body")
    assert scene.refusal("DELETE", "/webhooks/1", raw=b"{}") == (400, "body")


def test_a_fault_is_a_problem_without_its_words_and_the_next_request_works(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("hueandcry.doors.api.reading.accepts", lambda environ: 1 / 0)
        answer = scene.ask("GET", "/me")
    assert (answer.status, answer.json()["code"]) == (500, "fault")
    assert b"division" not in answer.body
    connection.ensure_connection()
    assert scene.ask("GET", "/me").status == 200


def test_a_client_that_asks_too_often_is_told_to_wait(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hueandcry.doors.desk.limits.rate", lambda setting: 30)
    answers = [scene.ask("GET", "/signals?q=example") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 429, 429]  # each costs as much as 20
    assert answers[1].json()["code"] == "rate_client"
    assert int(answers[1].headers["Retry-After"]) >= 1


# --- what comes twice ----------------------------------------------------------------------------


def keyed(scene: Scene, key: str, value: Any = CLAIM, path: str = "/claims", **more: Any) -> Any:
    return scene.ask("POST", path, value, headers={"Idempotency-Key": key}, **more)


def test_a_request_with_a_key_is_done_once_and_answered_alike(scene: Scene) -> None:
    first = keyed(scene, "k1")
    scene.node.now += DAY // 2
    again = keyed(scene, "k1")
    assert (again.status, again.body) == (first.status, first.body)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert Act.objects.count() == 1


def test_another_request_with_the_same_key_is_refused(scene: Scene) -> None:
    keyed(scene, "k1")
    for value, path in (({"value": "b.example"}, "/claims"), ({"claims": [CLAIM]}, "/claims/bulk")):
        answer = keyed(scene, "k1", value, path)
        assert (answer.status, answer.json()["code"]) == (422, "key_reused")


def test_keys_are_each_tokens_own_and_end_after_a_day(scene: Scene) -> None:
    keyed(scene, "k1")
    other = keyed(scene, "k1", {"value": "b.example"}, token=scene.new_token())
    assert other.status == 201
    scene.node.now += DAY
    late = keyed(scene, "k1", {"value": "c.example"})
    assert (late.status, late.json()["outcome"]) == (201, "raised")


def test_of_two_processes_with_one_key_one_does_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one process knows to be at work, another does not: the unique row decides."""

    class Blind(set[tuple[int, str]]):
        def __contains__(self, place: object) -> bool:
            return False

    monkeypatch.setattr(replies, "_busy", Blind())
    barrier, found = threading.Barrier(4), list[tuple[int, bytes]]()

    def ask() -> None:
        try:
            barrier.wait()
            answer = keyed(scene, "k1")
            found.append((answer.status, answer.body))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert found[0][0] == 201
    assert Act.objects.count() == 1


def test_what_was_refused_is_not_kept(scene: Scene) -> None:
    refused = keyed(scene, "k1", {"value": "not a value"})
    assert refused.status == 422
    assert keyed(scene, "k1").status == 201


def test_an_answer_rests_sealed(scene: Scene) -> None:
    hook = {"url": "https://r.example/", "events": ["claim.received"]}
    made = keyed(scene, "k1", hook, "/webhooks").json()
    (row,) = Reply.objects.all()
    assert b"whsec" not in bytes(row.body)
    assert keyed(scene, "k1", hook, "/webhooks").json() == made


def test_old_replies_are_forgotten(scene: Scene) -> None:
    keyed(scene, "k1")
    scene.node.now += DAY
    replies.LOOPS[0].body()
    assert Reply.objects.count() == 0


def test_a_second_request_while_the_first_is_at_work_is_told_to_wait(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[tuple[int, str]] = []
    real = replies._do

    def slowly(*given: Any) -> replies.Kept:
        thread = threading.Thread(target=lambda: found.append(second()))
        thread.start()
        thread.join()
        return real(*given)

    def second() -> tuple[int, str]:
        try:
            answer = keyed(scene, "k1")
            return answer.status, answer.json()["code"]
        finally:
            connection.close()

    monkeypatch.setattr(replies, "_do", slowly)
    assert keyed(scene, "k1").status == 201
    assert found == [(409, "in_flight")]
    assert Act.objects.count() == 1


def test_an_effect_and_its_reply_are_one_transaction(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever ends the process before the commit leaves neither."""

    class Killed(BaseException):
        pass

    def dies(*given: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("hueandcry.engine.store.dialect.Sqlite.notify", dies, raising=False)
        patch.setattr("hueandcry.engine.store.dialect.Postgres.notify", dies)
        with pytest.raises(Killed):
            keyed(scene, "k1")
    assert (Claim.objects.count(), Reply.objects.count()) == (0, 0)
    assert keyed(scene, "k1").status == 201


# --- what is said of itself ----------------------------------------------------------------------


def test_every_answer_is_one_that_is_declared(scene: Scene) -> None:
    scene.node.raised("evil.example")
    for endpoint in ENDPOINTS:
        answer = ask(scene, endpoint, scene.token)
        assert answer.status in description.statuses(endpoint)
        if answer.status == endpoint.status and endpoint.answer is not None:
            msgspec.json.decode(answer.body, type=endpoint.answer)


def test_no_two_endpoints_have_one_name_or_one_address() -> None:
    assert len({e.name for e in ENDPOINTS}) == len(ENDPOINTS)
    assert len({(e.method, e.path) for e in ENDPOINTS}) == len(ENDPOINTS)
    for endpoint in ENDPOINTS:
        matching = [e for e in ENDPOINTS if e.pattern.fullmatch("/api/v1" + path_of(endpoint))]
        assert {e.path for e in matching} == {endpoint.path}
