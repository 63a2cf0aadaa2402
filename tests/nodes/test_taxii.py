"""Foreign tools at a real node: taxii2-client from the package index, and plain curl."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from stix2validator import (  # type: ignore[import-untyped]
    ValidationOptions,
    validate_string,
)
from taxii2client.v21 import Collection, Server, as_pages  # type: ignore[import-untyped]

from hueandcry.engine import clock
from nodes.partnership import Node, partnership, wait_until
from stix_schemas import validators
from taxii_scene import MEDIA, ids, indicator, observable


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with partnership(tmp_path_factory.mktemp("taxii"), "A", ()) as nodes:
        yield nodes["A"]


@pytest.fixture(scope="module")
def tokens(node: Node) -> dict[str, str]:
    """Two clients with rights in one collection, made by its operator's commands."""
    node.command("collection", "new", "bank", "--title", "What banks see")
    found = {}
    for name, audience in (("scb", "own"), ("kbank", "green")):
        words = ("token", "new", "--audience", audience, "--name", name)
        made = node.command(*words, "--scope", "taxii:read", "--scope", "taxii:write")
        node.command("collection", "grant", "bank", str(made["number"]), "--write")
        found[name] = made["token"]
    return found


def collections(node: Node, user: str, token: str) -> dict[str, Collection]:
    server = Server(f"{node.url}/taxii2/", user=user, password=token)
    root = server.default
    assert root.url == f"{node.url}/taxii2/api/"
    return {each.alias: each for each in root.collections}


def everything(collection: Collection, per_request: int = 50) -> list[dict[str, Any]]:
    pages = as_pages(collection.get_objects, per_request=per_request)
    return [each for page in pages for each in page.get("objects", [])]


def test_taxii2_client_writes_reads_and_takes_back(node: Node, tokens: dict[str, str]) -> None:
    now = clock.now()
    one, other = indicator(now, "client.example"), observable("client.example")
    bank = collections(node, "scb", tokens["scb"])["bank"]
    status = bank.add_objects({"objects": [one, other, {"type": "indicator"}]})
    assert (status.status, status.success_count, status.failure_count) == ("complete", 2, 1)
    status.refresh()
    assert status.successes[0]["id"] == one["id"]
    assert bank.get_object(one["id"])["objects"] == [one]
    assert bank.object_versions(one["id"])["versions"] == [one["modified"]]
    assert [each["id"] for each in bank.get_manifest(type="indicator")["objects"]] == [one["id"]]
    assert node.verdict("client.example") == "suspicious"
    reader = collections(node, "kbank", tokens["kbank"])["bank"]
    assert one in everything(reader, 3)
    assert everything(reader, 3) == everything(reader, 0)
    with pytest.raises(requests.HTTPError, match="403"):
        reader.delete_object(one["id"])
    bank.delete_object(one["id"])
    assert node.verdict("client.example") == "unknown"
    with pytest.raises(requests.HTTPError, match="404"):
        reader.get_object(one["id"])


def test_taxii2_client_follows_claims_and_their_withdrawal(
    node: Node, tokens: dict[str, str]
) -> None:
    node.raised("raised.example")
    node.raised("kept.example", tlp="AMBER")
    own = collections(node, "scb", tokens["scb"])["claims"]
    green = collections(node, "kbank", tokens["kbank"])["claims"]
    wait_until(lambda: len(_about(own)) == 2, "both claims are shown to our own client")
    assert [each["pattern"] for each in _about(green)] == ["[domain-name:value = 'raised.example']"]
    node.retracted("raised.example")
    wait_until(lambda: any("revoked" in e for e in _about(green)), "the withdrawal is shown")
    assert len(_about(green)) == 1


def _about(collection: Collection) -> list[dict[str, Any]]:
    wanted = ("'raised.example'", "'kept.example'")
    return [
        each for each in everything(collection) if any(w in each.get("pattern", "") for w in wanted)
    ]


def test_curl_reads_and_writes(node: Node, tokens: dict[str, str]) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    place = f"{node.url}/taxii2/api/collections/bank/objects/"
    thing = indicator(clock.now(), "curl.example")

    def curl(*words: str, user: str = "kbank") -> tuple[int, Any]:
        sign_in = ("-u", f"{user}:{tokens['kbank']}")
        line = ["curl", "-s", "-g", *sign_in, "-w", "\n%{http_code}", *words]
        said = subprocess.run(line, capture_output=True, text=True, check=True).stdout
        body, _, status = said.rpartition("\n")
        return int(status), json.loads(body or "null")

    sent = ("-H", f"Content-Type: {MEDIA}", "-d", json.dumps({"objects": [thing]}))
    status, said = curl(*sent, place)
    assert (status, said["success_count"]) == (202, 1)
    assert curl(place + "?match[type]=indicator&limit=5000")[1]["objects"][-1] == thing
    assert curl(f"{node.url}/taxii2/api/status/{said['id']}/") == (200, said)
    assert curl("-H", "Accept: text/html", place)[0] == 406
    assert curl(place, user="scb")[0] == 401
    assert curl("-d", "{}", place)[0] == 415
    assert curl("-X", "DELETE", f"{place}{thing['id']}/")[0] == 200
    assert curl(f"{place}{thing['id']}/")[0] == 404
    line = ["curl", "-sI", "-u", f"kbank:{tokens['kbank']}", place]
    head = subprocess.run(line, capture_output=True, text=True, check=True).stdout.lower()
    assert "200" in head.splitlines()[0] and "x-taxii-date-added-last: 2" in head


def test_many_write_while_one_reads_and_nothing_is_lost(node: Node, tokens: dict[str, str]) -> None:
    """Readers go on by date while others commit: what they have at the end is all there is."""
    writers = 4
    now = clock.now()

    def write(number: int) -> None:
        bank = collections(node, "scb", tokens["scb"])["bank"]
        for turn in range(6):
            names = [f"w{number}-{turn}-{n}.example" for n in range(5)]
            bank.add_objects({"objects": [indicator(now, name) for name in names]})

    threads = [threading.Thread(target=write, args=(n,)) for n in range(writers)]
    reader = collections(node, "kbank", tokens["kbank"])["bank"]
    got: list[str] = []
    for thread in threads:
        thread.start()
    seen = "2000-01-01T00:00:00Z"
    while True:
        running = any(thread.is_alive() for thread in threads)
        entries = reader.get_manifest(added_after=seen, limit=7).get("objects", [])
        got += [each["id"] for each in entries]
        if entries:
            seen = entries[-1]["date_added"]
        elif not running:
            break
    whole = [each["id"] for each in everything(reader, 1000)]
    assert sorted(got) == sorted(whole)
    assert len(whole) >= writers * 30


def test_others_judge_what_a_node_emits(
    node: Node, tokens: dict[str, str], shared: Callable[[str], Path]
) -> None:
    """The OASIS schemas and stix2-validator accept every object of every collection."""
    node.raised("+66812345678", kind="phone")
    node.raised("emitted.example/login", kind="url", tlp="CLEAR")
    node.raised("gone.example")
    own = collections(node, "scb", tokens["scb"])
    wait_until(lambda: b"gone" in _dump(own["claims"]), "the claims are shown")
    node.retracted("gone.example")
    wait_until(lambda: b'"revoked": true' in _dump(own["claims"]), "the withdrawal is shown")
    validator_of = validators(shared)
    found = everything(own["claims"])
    assert {each["type"] for each in found} == {
        *("indicator", "identity", "marking-definition", "extension-definition"),
    }
    for each in found:
        errors = list(validator_of(each["type"]).iter_errors(each))
        assert errors == [], each["id"]
        said = validate_string(json.dumps(each), ValidationOptions(version="2.1"))
        assert said.is_valid, (each["id"], said.errors)


def _dump(collection: Collection) -> bytes:
    return json.dumps(everything(collection)).encode()


def test_a_restart_in_mid_page_loses_nothing(node: Node, tokens: dict[str, str]) -> None:
    now = clock.now()
    bank = collections(node, "scb", tokens["scb"])["bank"]
    bank.add_objects({"objects": [indicator(now, f"restart{n}.example") for n in range(20)]})
    whole = everything(bank, 1000)
    page = bank.get_objects(limit=7)
    status = bank.add_objects({"objects": [observable("restart.example")]})
    node.kill()
    node.start()
    found = page["objects"]
    while page["more"]:
        page = bank.get_objects(limit=7, next=page["next"])
        found += page["objects"]
    assert found[: len(whole)] == whole and len(found) == len(whole) + 1
    status.refresh()  # what was answered survived the kill
    assert status.status == "complete"
    assert len(ids(found)) == len(set(ids(found)))
    node.verified()
