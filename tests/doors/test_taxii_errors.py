"""Every way in which a TAXII client can be wrong, with its exact answer."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import OperationalError, connection

from hueandcry.apps.members.models import Access
from hueandcry.core.types import SECOND, Audience
from hueandcry.doors.desk import limits
from hueandcry.doors.taxii.app import taxii
from node_scene import Node
from taxii_scene import MEDIA, ROOT, Client, client, collection, granted, indicator, observable
from wsgi_client import Response, call

PLACE = "collections/bank/"
OBJECTS = PLACE + "objects/"
ABSENT = "indicator--b4bb24e7-3fd7-47d4-8911-9a7f2a2f30b1"


@dataclass
class Scene:
    node: Node
    clients: dict[str, Client]
    held: str

    def ask(self, who: str, method: str, path: str, **more: Any) -> Response:
        return self.clients[who].ask(method, path.replace("HELD", self.held), **more)


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    node = Node(monkeypatch)
    clients = {
        "both": client(node, "both"),
        "reader": client(node, "reader"),
        "writer": client(node, "writer"),
        "other": client(node, "other"),
        "stranger": client(node, "stranger"),
        "read scope": client(node, "read scope", scopes=("taxii:read",)),
        "write scope": client(node, "write scope", scopes=("taxii:write",)),
        "look-up": client(node, "look-up", scopes=("lookup",)),
        "clear": client(node, "clear", Audience.CLEAR),
    }
    collection(node)
    rights = {"both": "rw", "reader": "r", "writer": "w", "other": "rw", "clear": "rw"}
    rights |= {"read scope": "rw", "write scope": "rw"}
    for name, given in rights.items():
        granted(node, "bank", clients[name], given)
    held = indicator(node.now, "held.example")
    clients["both"].posted("bank", held)
    return Scene(node, clients, held["id"])


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


MANY = ",".join(str(n) for n in range(1_001))
GOOD = body({"objects": [{"type": "url"}]})

#: (who, method, path, what is sent, status, code)
CASES: list[tuple[str, str, str, dict[str, Any], int, str]] = [
    # addresses
    ("both", "GET", "/taxii2/nothing/", {}, 404, "path"),
    ("both", "GET", "/taxii2/api", {}, 404, "path"),
    ("both", "GET", "nothing/", {}, 404, "path"),
    ("both", "GET", "collections", {}, 404, "path"),
    ("both", "GET", "collections/bank", {}, 404, "path"),
    ("both", "GET", PLACE + "objects", {}, 404, "path"),
    ("both", "GET", PLACE + "nothing/", {}, 404, "path"),
    ("both", "GET", OBJECTS + "HELD", {}, 404, "path"),
    ("both", "GET", OBJECTS + "HELD/nothing/", {}, 404, "path"),
    ("both", "GET", "collections//objects/", {}, 404, "collection"),
    ("both", "GET", "collections/nothing/", {}, 404, "collection"),
    ("both", "GET", "collections/nothing/objects/", {}, 404, "collection"),
    ("both", "POST", "collections/nothing/objects/", {"body": GOOD}, 404, "collection"),
    ("both", "GET", "status/nothing/", {}, 404, "status"),
    ("both", "GET", "status/b4bb24e7-3fd7-47d4-8911-9a7f2a2f30b1/", {}, 404, "status"),
    ("both", "GET", OBJECTS + ABSENT + "/", {}, 404, "object"),
    ("both", "GET", OBJECTS + "nothing/", {}, 404, "object"),
    ("both", "GET", OBJECTS + ABSENT + "/versions/", {}, 404, "object"),
    ("both", "DELETE", OBJECTS + ABSENT + "/", {}, 404, "object"),
    ("both", "DELETE", OBJECTS + "nothing/", {}, 404, "object"),
    ("both", "GET", "collections/claims/objects/" + ABSENT + "/", {}, 404, "object"),
    # what others may not see is not there
    ("stranger", "GET", PLACE, {}, 404, "collection"),
    ("stranger", "GET", OBJECTS, {}, 404, "collection"),
    ("stranger", "POST", OBJECTS, {"body": GOOD}, 404, "collection"),
    ("clear", "GET", OBJECTS + "HELD/", {}, 404, "object"),
    ("clear", "GET", OBJECTS + "HELD/versions/", {}, 404, "object"),
    ("clear", "DELETE", OBJECTS + "HELD/", {}, 404, "object"),
    ("clear", "GET", "collections/claims-green/", {}, 404, "collection"),
    ("write scope", "GET", "collections/claims/", {}, 404, "collection"),
    # rights
    ("look-up", "GET", "/taxii2/", {}, 403, "scope"),
    ("writer", "GET", OBJECTS, {}, 403, "not_readable"),
    ("writer", "GET", PLACE + "manifest/", {}, 403, "not_readable"),
    ("writer", "GET", OBJECTS + "HELD/", {}, 403, "not_readable"),
    ("writer", "DELETE", OBJECTS + "HELD/", {}, 403, "not_readable"),
    ("write scope", "GET", OBJECTS, {}, 403, "not_readable"),
    ("reader", "POST", OBJECTS, {"body": GOOD}, 403, "not_writable"),
    ("reader", "DELETE", OBJECTS + "HELD/", {}, 403, "not_writable"),
    ("read scope", "POST", OBJECTS, {"body": GOOD}, 403, "not_writable"),
    ("both", "POST", "collections/claims/objects/", {"body": GOOD}, 403, "not_writable"),
    ("both", "DELETE", "collections/claims/objects/HELD/", {}, 403, "not_writable"),
    ("other", "DELETE", OBJECTS + "HELD/", {}, 403, "not_yours"),
    # methods
    ("both", "POST", "/taxii2/", {"body": GOOD}, 405, "method"),
    ("both", "PUT", OBJECTS, {"body": GOOD}, 405, "method"),
    ("both", "DELETE", OBJECTS, {}, 405, "method"),
    ("both", "POST", PLACE + "manifest/", {"body": GOOD}, 405, "method"),
    ("both", "POST", OBJECTS + "HELD/", {"body": GOOD}, 405, "method"),
    ("both", "OPTIONS", OBJECTS, {}, 405, "method"),
    # media types
    ("both", "GET", "/taxii2/", {"headers": {"Accept": "application/json"}}, 406, "accept"),
    ("both", "GET", "/taxii2/", {"headers": {"Accept": "text/html"}}, 406, "accept"),
    *(
        ("both", "GET", OBJECTS, {"headers": {"Accept": accept}}, 406, "accept")
        for accept in (
            "application/taxii+json;version=2.0",
            "application/vnd.oasis.taxii+json; version=2.0",
            "application/stix+json;version=2.1",
            "application/taxii+json;version=2.1;q=0",
            "*/*;q=0",
            "text/*",
            "nonsense",
        )
    ),
    *(
        ("both", "POST", OBJECTS, {"body": GOOD, "CONTENT_TYPE": sent}, 415, "content_type")
        for sent in (
            "",
            "application/json",
            "application/stix+json;version=2.1",
            "application/vnd.oasis.taxii+json; version=2.0",
            "application/taxii+json;version=2.0",
            "application/taxii+json; version=3",
        )
    ),
    # bodies
    ("both", "POST", OBJECTS, {"body": b""}, 400, "not_json"),
    ("both", "POST", OBJECTS, {"body": b"{"}, 400, "not_json"),
    ("both", "POST", OBJECTS, {"body": b"\xff"}, 400, "not_utf8"),
    (
        *("both", "POST", OBJECTS),
        {"body": b'{"objects":[{"a":1,"a":2}]}'},
        *(400, "duplicate_member"),
    ),
    ("both", "POST", OBJECTS, {"body": b"{}", "CONTENT_LENGTH": "9"}, 400, "cut_short"),
    ("both", "POST", OBJECTS, {"body": b"{}", "CONTENT_LENGTH": "x"}, 400, "content_length"),
    ("both", "POST", OBJECTS, {"body": b"{}"}, 422, "envelope"),
    ("both", "POST", OBJECTS, {"body": body({"objects": []})}, 422, "envelope"),
    ("both", "POST", OBJECTS, {"body": body([])}, 422, "envelope"),
    (
        *("both", "POST", OBJECTS),
        {"body": body({"type": "bundle", "id": "bundle--1", "objects": [{}]})},
        *(422, "bundle"),
    ),
    ("both", "POST", OBJECTS, {"body": b"x", "CONTENT_LENGTH": "99999999"}, 413, "too_large"),
    (
        *("both", "POST", OBJECTS),
        {"body": body({"objects": [{}] * 10_001})},
        *(413, "too_many_objects"),
    ),
    # filters
    ("both", "GET", OBJECTS + "?added_after=yesterday", {}, 400, "added_after"),
    ("both", "GET", OBJECTS + "?added_after=", {}, 400, "added_after"),
    ("both", "GET", OBJECTS + "?added_after=2026-01-01", {}, 400, "added_after"),
    ("both", "GET", OBJECTS + "?limit=-1", {}, 400, "limit"),
    ("both", "GET", OBJECTS + "?limit=x", {}, 400, "limit"),
    ("both", "GET", OBJECTS + "?limit=1.5", {}, 400, "limit"),
    ("both", "GET", OBJECTS + "?next=x", {}, 400, "next"),
    ("both", "GET", OBJECTS + "?next=a" + "f" * 17, {}, 400, "next"),
    ("both", "GET", OBJECTS + "?match[name]=x", {}, 400, "filter"),
    ("both", "GET", OBJECTS + "?match[version]=newest", {}, 400, "filter"),
    ("both", "GET", OBJECTS + "?match[version]=", {}, 400, "filter"),
    ("both", "GET", OBJECTS + "?match[id]=", {}, 400, "filter"),
    ("both", "GET", OBJECTS + "?match[type]=url,", {}, 400, "filter"),
    ("both", "GET", OBJECTS + "?match[type]=url&match[type]=file", {}, 400, "filter"),
    ("both", "GET", OBJECTS + "?match[id]=" + MANY, {}, 400, "filter"),
    ("both", "GET", OBJECTS + "?page=2", {}, 400, "filter"),
    ("both", "GET", OBJECTS + "?limit=%ff", {}, 400, "filter"),
    ("both", "GET", OBJECTS + "HELD/?match[id]=x", {}, 400, "filter"),
    ("both", "GET", OBJECTS + "HELD/versions/?match[version]=all", {}, 400, "filter"),
    ("both", "DELETE", OBJECTS + "HELD/?limit=1", {}, 400, "filter"),
    ("both", "POST", OBJECTS + "?limit=1", {"body": GOOD}, 400, "filter"),
]


@pytest.mark.parametrize(
    ("who", "method", "path", "sent", "status", "code"),
    CASES,
    ids=[f"{c[5]}-{c[1]}-{n}" for n, c in enumerate(CASES)],
)
def test_what_is_wrong_is_answered_exactly(
    scene: Scene,
    who: str,
    method: str,
    path: str,
    sent: dict[str, Any],
    status: int,
    code: str,
) -> None:
    more = {"CONTENT_TYPE": MEDIA, **sent} if method == "POST" else sent
    answer = scene.ask(who, method, path, **more)
    assert (answer.status, answer.json()["error_code"]) == (status, code)
    assert answer.headers["Content-Type"] == MEDIA
    said = answer.json()
    assert said["http_status"] == str(status)
    assert said.keys() <= {
        *("title", "description", "error_id", "error_code", "http_status", "details")
    }
    assert all(said[name] for name in said)
    assert ("Allow" in answer.headers) == (status == 405)


def test_another_client_status_is_not_there(scene: Scene) -> None:
    status = scene.clients["both"].posted("bank", observable("a.example"))
    path = f"status/{status['id']}/"
    assert scene.ask("both", "GET", path).json() == status
    assert scene.ask("other", "GET", path).status == 404


# --- who calls -----------------------------------------------------------------------------------

WRONG = "Basic " + base64.b64encode(b"both:wrong").decode()


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        (None, "no_token"),
        ("", "no_token"),
        ("Basic", "no_token"),
        ("Digest x", "no_token"),
        ("Bearer wrong", "token"),
        (WRONG, "token"),
        ("Basic %%%", "token"),
    ],
)
@pytest.mark.parametrize("path", ["/taxii2/", ROOT, ROOT + OBJECTS, "/taxii2/nothing/"])
def test_a_stranger_is_told_how_to_sign_in_and_nothing_else(
    scene: Scene, shown: str | None, code: str, path: str
) -> None:
    headers = {} if shown is None else {"Authorization": shown}
    answer = call(taxii, "GET", path, headers=headers)
    assert (answer.status, answer.json()["error_code"]) == (401, code)
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith('Basic realm="hueandcry taxii"') and "Bearer " in challenge
    assert b"bank" not in answer.body


def test_basic_and_bearer_open_the_same(scene: Scene) -> None:
    both = scene.clients["both"]
    bearer = scene.ask("both", "GET", PLACE, headers={"Authorization": f"Bearer {both.text}"})
    assert bearer.json() == scene.ask("both", "GET", PLACE).json()


def test_a_token_under_another_name_is_refused(scene: Scene) -> None:
    pair = f"other:{scene.clients['both'].text}".encode()
    headers = {"Authorization": "Basic " + base64.b64encode(pair).decode()}
    assert scene.ask("both", "GET", PLACE, headers=headers).status == 401


def test_a_revoked_token_is_refused_within_a_second_and_noted(scene: Scene) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE members_token SET revoked_at = %s", [scene.node.now])
    scene.node.now += SECOND
    assert scene.ask("both", "GET", PLACE).status == 401
    assert Access.objects.filter(action="token", outcome="refused").exists()


def test_a_fault_is_500_without_its_words_and_the_next_request_works(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("hueandcry.apps.collections.face.listed", lambda caller: 1 / 0)
        answer = scene.ask("both", "GET", "collections/")
    assert (answer.status, answer.json()["error_code"]) == (500, "fault")
    assert b"division" not in answer.body
    assert scene.ask("both", "GET", "collections/").status == 200


# --- what is taken -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "accept",
    [
        *(MEDIA, "application/taxii+json", "application/*", "*/*", ""),
        'application/taxii+json; version="2.1"',
        "APPLICATION/TAXII+JSON;VERSION=2.1",
        "text/html, application/taxii+json;version=2.1;q=0.1",
        "application/taxii+json;version=2.0, application/taxii+json;version=2.1",
        "*/*;q=0, application/taxii+json",
        'text/plain;a="x,y", */*',
    ],
)
def test_a_client_may_say_in_many_ways_what_it_takes(scene: Scene, accept: str) -> None:
    answer = scene.ask("both", "GET", OBJECTS, headers={"Accept": accept})
    assert (answer.status, answer.headers["Content-Type"]) == (200, MEDIA)


@pytest.mark.parametrize(
    "media", [MEDIA, "application/taxii+json", 'application/taxii+json; version="2.1"']
)
def test_a_client_may_say_in_some_ways_what_it_sends(scene: Scene, media: str) -> None:
    sent = body({"objects": [observable("b.example")]})
    assert scene.clients["both"].send("bank", sent, media).status == 202


@pytest.mark.parametrize(
    "path", ["/taxii2/", "", "collections/", PLACE, PLACE + "manifest/", OBJECTS]
)
def test_head_is_get_without_the_body(scene: Scene, path: str) -> None:
    got, head = scene.ask("both", "GET", path), scene.ask("both", "HEAD", path)
    assert (head.status, head.body) == (200, b"")
    assert head.headers == got.headers
    assert head.headers["Content-Length"] == str(len(got.body))


def test_a_head_of_what_is_not_there_has_no_body_either(scene: Scene) -> None:
    answer = scene.ask("both", "HEAD", "nothing/")
    assert (answer.status, answer.body) == (404, b"")


def test_a_database_that_gave_way_is_a_503_and_nothing_was_done(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*given: Any) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr("hueandcry.apps.collections.queries.add_versions", locked)
        answer = scene.clients["both"].post("bank", observable("busy.example"))
    assert (answer.status, answer.json()["error_code"]) == (503, "busy")
    assert answer.headers["Retry-After"] == "1"
    assert scene.clients["both"].posted("bank", observable("busy.example"))["success_count"] == 1


def test_a_flood_is_told_when_to_come_back(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    many = body({"objects": [observable(f"o{n}.example") for n in range(30)]})
    with monkeypatch.context() as patch:
        patch.setattr(limits, "rate", lambda setting: 5 if setting is limits.BULK else 10)
        answers = [scene.clients["both"].send("bank", many) for _ in range(3)]
    assert [answer.status for answer in answers] == [202, 429, 429]
    refused = answers[-1]
    assert refused.json()["error_code"] == "rate_client"
    assert int(refused.headers["Retry-After"]) >= 1
    assert scene.ask("other", "GET", OBJECTS).status == 200
