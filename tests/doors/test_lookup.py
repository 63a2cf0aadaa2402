"""The look-up door: tokens, one value, many values, and what is refused."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.db import connection

from hueandcry.apps.members import face as members
from hueandcry.apps.members.models import Token
from hueandcry.core.types import SECOND, Audience, Kind, Tlp
from hueandcry.doors.desk import noting
from hueandcry.doors.lookup.app import MAX_VALUES, lookup
from hueandcry.engine.store.work import unit_of_work
from signals_scene import Scene
from wsgi_client import Response, call

pytestmark = pytest.mark.database


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


def token_for(audience: Audience) -> str:
    with unit_of_work():
        return members.new_token(audience, "test", 0).text


def get(target: str, token: str | None, **more: Any) -> Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return call(lookup, "GET", target, headers=headers, **more)


def post(body: bytes, token: str, **more: Any) -> Response:
    headers = {"Authorization": f"Bearer {token}"}
    return call(lookup, "POST", "/v1/lookup", body=body, headers=headers, **more)


def asked(*values: object, **more: object) -> bytes:
    return json.dumps({"values": values, **more}).encode()


# --- answers -------------------------------------------------------------------------------------


def test_one_value_is_answered_with_its_verdict(scene: Scene) -> None:
    scene.raised("evil.example")
    answer = get("/v1/lookup?value=EVIL.example", token_for(Audience.OWN))
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json() == scene.answer("EVIL.example")
    assert answer.json()["verdict"] == "scam"


def test_a_value_is_read_as_the_kind_that_is_asked_for(scene: Scene) -> None:
    scene.raised("+84901234567", Kind.PHONE)
    token = token_for(Audience.OWN)
    answer = get("/v1/lookup?value=%2B84%2090-123-4567&kind=phone", token).json()
    assert (answer["verdict"], answer["canonical"]) == ("scam", "+84901234567")
    assert get("/v1/lookup?value=+84901234567&kind=phone", token).json()["verdict"] == "scam"
    assert get("/v1/lookup?value=evil.example&kind=email", token).json()["canonical"] is None


def test_many_values_are_answered_in_the_order_asked(scene: Scene) -> None:
    scene.raised("evil.example")
    body = asked("other.example", "evil.example", "hello world", "evil.example")
    answer = post(body, token_for(Audience.OWN))
    verdicts = [result["verdict"] for result in answer.json()["results"]]
    assert (answer.status, verdicts) == (200, ["unknown", "scam", "unknown", "scam"])
    assert post(asked(), token_for(Audience.OWN)).json() == {"results": []}


def test_many_values_may_all_be_of_one_kind(scene: Scene) -> None:
    answer = post(asked("84901234567", kind="phone"), token_for(Audience.OWN)).json()
    assert answer["results"][0]["canonical"] == "+84901234567"


def test_ten_thousand_values_are_answered_and_one_more_is_refused(scene: Scene) -> None:
    token = token_for(Audience.OWN)
    values = [f"n{n}.example" for n in range(MAX_VALUES)]
    assert len(post(asked(*values), token).json()["results"]) == MAX_VALUES
    refused = post(asked(*values, "more.example"), token)
    assert (refused.status, refused.json()["code"]) == (413, "too_many_values")
    assert "at most 10000" in refused.json()["do"]


def test_a_token_reads_its_audience_and_no_other(scene: Scene) -> None:
    scene.raised("evil.example", tlp=Tlp.AMBER)
    target = "/v1/lookup?value=evil.example"
    verdicts = {a: get(target, token_for(a)).json()["verdict"] for a in Audience}
    assert verdicts == {
        Audience.CLEAR: "unknown",
        Audience.GREEN: "unknown",
        Audience.OWN: "scam",
    }


def test_to_an_audience_absent_and_forbidden_read_the_same(scene: Scene) -> None:
    scene.raised("secret.example", tlp=Tlp.RED)
    token = token_for(Audience.CLEAR)
    forbidden = get("/v1/lookup?value=secret.example", token).json()
    absent = get("/v1/lookup?value=absent.example", token).json()
    own = {"value", "canonical", "id"}
    assert {k: v for k, v in forbidden.items() if k not in own} == {
        k: v for k, v in absent.items() if k not in own
    }


# --- tokens --------------------------------------------------------------------------------------


def test_a_tool_that_knows_only_basic_shows_the_name_and_the_text_of_its_token(
    scene: Scene,
) -> None:
    with unit_of_work():
        made = members.new_token(Audience.GREEN, "", 0, name="splunk")
    for pair, status in ((f"splunk:{made.text}", 200), (f"other:{made.text}", 401)):
        field = "Basic " + base64.b64encode(pair.encode()).decode()
        headers = {"Authorization": field}
        assert call(lookup, "GET", "/v1/lookup?value=a.example", headers=headers).status == status


def test_a_token_without_the_scope_is_refused_and_the_refusals_are_noted_within_bounds(
    scene: Scene,
) -> None:
    with unit_of_work():
        made = members.new_token(Audience.GREEN, "", 0, scopes=("taxii:read",))
    for _ in range(noting.NOTED + 5):
        answer = get("/v1/lookup?value=evil.example", made.text)
        assert (answer.status, answer.json()["code"]) == (403, "scope")
    noted = members.accesses(limit=100)
    assert len(noted) == noting.NOTED
    assert {(line.action, line.outcome, line.token) for line in noted} == {
        ("scope", "refused", made.number)
    }


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic", "token"])
def test_without_a_token_the_answer_is_401_with_a_challenge(
    scene: Scene, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = call(lookup, "GET", "/v1/lookup?value=evil.example", headers=headers)
    assert (answer.status, answer.json()["code"]) == (401, "no_token")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="hueandcry look-up"'


@pytest.mark.parametrize("token", ["wrong", "ö", "x" * 5000, "a b"])
def test_an_unknown_token_is_401_invalid(scene: Scene, token: str) -> None:
    answer = get("/v1/lookup?value=evil.example", token)
    assert (answer.status, answer.json()["code"]) == (401, "token")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert "evil" not in answer.body.decode()


def test_the_scheme_of_a_token_is_read_in_any_case(scene: Scene) -> None:
    headers = {"Authorization": f"bearer {token_for(Audience.OWN)}"}
    assert call(lookup, "GET", "/v1/lookup?value=a.example", headers=headers).status == 200


def test_a_revoked_token_dies_within_a_second(scene: Scene) -> None:
    token = token_for(Audience.OWN)
    assert get("/v1/lookup?value=a.example", token).status == 200
    Token.objects.update(revoked_at=scene.now)
    scene.now += SECOND
    assert get("/v1/lookup?value=a.example", token).status == 401


def test_a_clock_that_was_set_back_keeps_no_revoked_token_alive(scene: Scene) -> None:
    token = token_for(Audience.OWN)
    assert get("/v1/lookup?value=a.example", token).status == 200
    Token.objects.update(revoked_at=scene.now)
    scene.now -= 3600 * SECOND
    assert get("/v1/lookup?value=a.example", token).status == 401


def test_a_new_token_works_at_once_even_after_a_refusal(scene: Scene) -> None:
    text = token_for(Audience.OWN)
    row = Token.objects.get()
    row.delete()
    assert get("/v1/lookup?value=a.example", text).status == 401
    Token.objects.create(digest=row.digest, audience="own", created_at=0)
    assert get("/v1/lookup?value=a.example", text).status == 200


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b'{"values":["a.example"]', "not_json"),
        (b'{"values":[],"values":["a.example"]}', "duplicate_member"),
        (b"\xff\xfe", "not_utf8"),
        (b'\xef\xbb\xbf{"values":[]}', "bom"),
        (b'{"values":["\\ud800"]}', "lone_surrogate"),
        (b'{"values":[1.5]}', "float"),
        (b"[]", "misshapen"),
        (b'["a.example"]', "misshapen"),
        (b"{}", "misshapen"),
        (b'{"values":"a.example"}', "misshapen"),
        (b'{"values":[1]}', "misshapen"),
        (b'{"values":[["a.example"]]}', "misshapen"),
        (b'{"values":[null]}', "misshapen"),
        (b'{"values":[],"vaules":[]}', "misshapen"),
        (b'{"values":[],"kind":"nonsense"}', "kind"),
        (b'{"values":[],"kind":["phone"]}', "kind"),
        (b'{"values":[],"kind":null}', "kind"),
    ],
)
def test_a_body_of_another_form_is_refused_with_its_own_code(
    scene: Scene, body: bytes, code: str
) -> None:
    answer = post(body, token_for(Audience.OWN))
    assert (answer.status, answer.json()["code"]) == (400, code)


def test_a_deeply_nested_body_is_refused(scene: Scene) -> None:
    answer = post(b'{"values":' + b"[" * 100_000, token_for(Audience.OWN))
    assert (answer.status, answer.json()["code"]) == (413, "too_deep")


def test_a_body_beyond_one_mebibyte_is_refused_before_it_is_read(scene: Scene) -> None:
    answer = post(b"x", token_for(Audience.OWN), CONTENT_LENGTH="1048577")
    assert (answer.status, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("length", ["-1", "x", "5"])
def test_a_wrong_content_length_is_refused(scene: Scene, length: str) -> None:
    answer = post(b"{}", token_for(Audience.OWN), CONTENT_LENGTH=length)
    assert answer.status == 400


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "parameter"),
        ("?", "parameter"),
        ("?kind=phone", "parameter"),
        ("?value=a.example&value=b.example", "parameter"),
        ("?value=a.example&knid=phone", "parameter"),
        ("?value=a.example&kind=nonsense", "kind"),
        ("?value=%ff", "not_utf8"),
    ],
)
def test_a_query_of_another_form_is_refused(scene: Scene, query: str, code: str) -> None:
    answer = get("/v1/lookup" + query, token_for(Audience.OWN))
    assert (answer.status, answer.json()["code"]) == (400, code)


def test_an_empty_or_endless_value_is_unknown_and_no_error(scene: Scene) -> None:
    token = token_for(Audience.OWN)
    for value in ("", "x" * 20_000, "%00"):
        answer = get("/v1/lookup?value=" + value, token)
        assert (answer.status, answer.json()["verdict"]) == (200, "unknown")


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_are_405_and_say_which_there_are(scene: Scene, method: str) -> None:
    answer = call(lookup, method, "/v1/lookup?value=a.example")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")


@pytest.mark.parametrize("path", ["/v1/", "/v1/lookup/", "/v1/lookups"])
def test_another_path_is_404(scene: Scene, path: str) -> None:
    assert get(path, token_for(Audience.OWN)).status == 404


def test_a_fault_is_500_without_its_words_and_the_next_request_works(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_for(Audience.OWN)
    with monkeypatch.context() as patch:
        patch.setattr("hueandcry.doors.lookup.app.caller_of", lambda *asked: 1 / 0)
        answer = get("/v1/lookup?value=a.example", token)
    assert (answer.status, answer.json()["code"]) == (500, "fault")
    assert b"division" not in answer.body
    connection.ensure_connection()
    assert get("/v1/lookup?value=a.example", token).status == 200
