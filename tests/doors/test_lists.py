"""Lists for the tools of others: over HTTP and by command, in every format."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import dns.zone
import pytest
from django.conf import settings
from pymisp import MISPEvent

from hueandcry.apps.members import face as members
from hueandcry.core import formats
from hueandcry.core.formats import Account, Options, misp, misp_events
from hueandcry.core.types import DAY, SECOND, Audience, Kind, Tlp
from hueandcry.doors.cli.lists import _serial
from hueandcry.doors.desk import feeds, lists
from hueandcry.doors.lookup.app import lookup
from hueandcry.engine.store.work import unit_of_work
from signals_scene import NOW, Scene
from wsgi_client import Response, call

pytestmark = pytest.mark.database


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Scene:
    monkeypatch.setattr(settings, "DATA", tmp_path)
    made = Scene(monkeypatch)
    made.raised("clear.example", tlp=Tlp.CLEAR)
    made.raised("green.example")
    made.raised("amber.example", tlp=Tlp.AMBER)
    made.raised("https://shop.example/pay", Kind.URL)
    return made


def token(audience: Audience = Audience.GREEN, *scopes: str) -> str:
    with unit_of_work():
        return members.new_token(audience, "lists", NOW, scopes=scopes or ("lists:read",)).text


def get(path: str, text: str, method: str = "GET", **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return call(lookup, method, path, headers={"Authorization": f"Bearer {text}", **named})


def values(answer: Response) -> list[str]:
    lines = answer.body.decode().splitlines()
    return [line for line in lines if line and line[0] != "#"]


# --- HTTP ----------------------------------------------------------------------------------------


def test_each_token_gets_the_list_of_its_audience(scene: Scene) -> None:
    found = {a: values(get("/v1/lists/domain.txt", token(a))) for a in Audience}
    assert found == {
        Audience.CLEAR: ["clear.example"],
        Audience.GREEN: ["clear.example", "green.example"],
        Audience.OWN: ["clear.example", "green.example", "amber.example"],
    }


@pytest.mark.parametrize("name", [each.name for each in formats.FORMATS.values() if each.write])
def test_every_format_is_served_and_read_again(scene: Scene, name: str) -> None:
    answer = get(f"/v1/lists/all.{name}", token())
    assert answer.status == 200
    stream = formats.Stream(io.BytesIO(answer.body))
    read = formats.format_of(name).read
    rows = [row for row in read(stream, Options(), Account()) if not row.fault]
    expected = {"clear.example", "green.example"}
    if Kind.URL in formats.format_of(name).kinds:
        expected.add("shop.example/pay")
    assert {row.text.removeprefix("https://") for row in rows} == expected


def test_a_list_that_did_not_change_is_not_sent_again(scene: Scene) -> None:
    text = token()
    first = get("/v1/lists/domain.csv", text)
    tag = first.headers["ETag"]
    for given in (tag, f'"x", {tag}', "*", tag.removeprefix("W/")):
        again = get("/v1/lists/domain.csv", text, If_None_Match=given)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["ETag"] == tag
    scene.raised("new.example")
    changed = get("/v1/lists/domain.csv", text, If_None_Match=tag)
    assert changed.status == 200 and b"new.example" in changed.body


def test_what_ends_by_time_alone_gets_another_tag_within_minutes(scene: Scene) -> None:
    text = token()
    scene.raised("short.example", valid_until=NOW + 60 * SECOND)
    tag = get("/v1/lists/domain.txt", text).headers["ETag"]
    scene.now += 301 * SECOND
    later = get("/v1/lists/domain.txt", text, If_None_Match=tag)
    assert later.status == 200 and b"short.example" not in later.body


def test_no_two_lists_share_a_tag(scene: Scene) -> None:
    paths = (
        "domain.txt",
        "domain.csv",
        "all.csv",
        "domain.txt.gz",
        "domain.txt?verdict=suspicious",
    )
    tags = [get(f"/v1/lists/{path}", token()).headers["ETag"] for path in paths]
    tags.append(get("/v1/lists/domain.txt", token(Audience.CLEAR)).headers["ETag"])
    assert len(set(tags)) == len(tags)


def test_lists_are_compressed_for_who_asks(scene: Scene) -> None:
    plain = get("/v1/lists/domain.txt", token())
    assert "Content-Encoding" not in plain.headers
    coded = get("/v1/lists/domain.txt", token(), Accept_Encoding="br, gzip;q=0.5")
    assert coded.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(coded.body) == plain.body
    refused = get("/v1/lists/domain.txt", token(), Accept_Encoding="gzip;q=0")
    assert "Content-Encoding" not in refused.headers
    named = get("/v1/lists/domain.txt.gz", token())
    assert named.headers["Content-Type"] == "application/gzip"
    assert gzip.decompress(named.body) == plain.body


def test_suspicious_values_are_given_when_asked_for(scene: Scene) -> None:
    scene.ingested("maybe.example", tlp=Tlp.CLEAR, source="one")
    text = token()
    assert values(get("/v1/lists/domain.txt?verdict=suspicious", text)) == ["maybe.example"]
    both = get("/v1/lists/domain.txt?verdict=suspicious&verdict=scam", text)
    assert len(values(both)) == 3


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/lists/nothing.csv", 404, "list"),
        ("/v1/lists/domain.xls", 404, "format"),
        ("/v1/lists/url.hosts", 404, "list"),
        ("/v1/lists/all.misp", 404, "list"),
        ("/v1/lists/../secret", 404, "path"),
        ("/v1/lists/misp/../../state.json", 404, "path"),
        ("/v1/lists/misp/00000000-0000-4000-8000-000000000000.json", 404, "event"),
        ("/v1/lists/domain.txt?verdict=benign", 400, "verdict"),
        ("/v1/lists/domain.txt?x=1", 400, "parameter"),
    ],
)
def test_what_there_is_no_list_of_is_refused(
    scene: Scene, path: str, status: int, code: str
) -> None:
    answer = get(path, token())
    assert (answer.status, answer.json()["code"]) == (status, code)


def test_lists_need_a_token_with_their_scope(scene: Scene) -> None:
    assert call(lookup, "GET", "/v1/lists/domain.txt").status == 401
    assert get("/v1/lists/domain.txt", "wrong").status == 401
    assert get("/v1/lists/domain.txt", token(Audience.GREEN, "lookup")).status == 403
    assert get("/v1/lists/domain.txt", token(), method="POST").status == 405


def test_a_head_tells_the_tag_and_sends_nothing(scene: Scene) -> None:
    answer = get("/v1/lists/domain.txt", token(), method="HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["ETag"] == get("/v1/lists/domain.txt", token()).headers["ETag"]


def test_the_table_names_every_list(scene: Scene) -> None:
    table = get("/v1/lists", token()).json()
    assert table["audience"] == "green"
    assert {each["name"] for each in table["lists"]} == {"all", "misp", *(k.value for k in Kind)}
    for each in table["lists"]:
        for name in each["formats"]:
            if name != "misp":
                assert get(f"/v1/lists/{each['name']}.{name}", token()).status == 200


def test_a_zone_is_served_that_a_resolver_can_load(scene: Scene) -> None:
    zone: Any = dns.zone.from_text(
        get("/v1/lists/domain.rpz", token()).body.decode(), origin="rpz."
    )
    (soa,) = zone.get_rdataset("@", "SOA")
    assert soa.serial == NOW // SECOND
    (blocked,) = zone.get_rdataset("green.example", "CNAME")
    assert blocked.target.to_text() == "."
    (passed,) = zone.get_rdataset("google.com", "CNAME")
    assert passed.target.to_text() == "rpz-passthru."


# --- the MISP feed -------------------------------------------------------------------------------


def feed_of(text: str) -> dict[str, Any]:
    found: dict[str, Any] = get("/v1/lists/misp/manifest.json", text).json()
    return found


def test_the_feed_is_one_that_pymisp_reads(scene: Scene) -> None:
    text = token()
    found: set[str] = set()
    for listed in misp_events.read_manifest(get("/v1/lists/misp/manifest.json", text).body):
        answer = get(f"/v1/lists/misp/{listed.uuid}.json", text)
        listed.check(answer.body)
        event = MISPEvent()
        event.load(answer.body.decode())
        assert event.uuid == listed.uuid
        found |= {attribute.value for attribute in event.attributes}
    assert found == {"clear.example", "green.example", "https://shop.example/pay"}
    assert (settings.DATA / "lists").stat().st_mode & 0o777 == 0o700


def test_two_audiences_have_two_feeds(scene: Scene) -> None:
    green, clear = feed_of(token()), feed_of(token(Audience.CLEAR))
    assert not green.keys() & clear.keys()
    (only,) = clear
    assert get(f"/v1/lists/misp/{only}.json", token()).status == 404


def test_a_feed_is_made_anew_when_it_changed_and_not_more_often_than_its_rest(
    scene: Scene,
) -> None:
    text = token()
    first = feed_of(text)
    scene.retracted("clear.example")
    assert feed_of(text) == first
    scene.now += feeds.REST
    second = feed_of(text)
    assert second.keys() < first.keys()
    (gone,) = first.keys() - second.keys()
    assert get(f"/v1/lists/misp/{gone}.json", text).status == 404
    tag = get("/v1/lists/misp/manifest.json", text).headers["ETag"]
    assert get("/v1/lists/misp/manifest.json", text, If_None_Match=tag).status == 304


def test_a_day_with_very_many_values_becomes_several_events(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(misp_events.parts, "__defaults__", (3,))
    for n in range(7):
        scene.raised(f"many{n}.example", tlp=Tlp.CLEAR)
    wanted = lists.list_of("domain", "misp", Audience.CLEAR)
    assert lists.write_feed(tmp_path / "feed", wanted, NOW) == 8
    manifest = misp_events.read_manifest((tmp_path / "feed/manifest.json").read_bytes())
    assert len(manifest) == 3
    values = []
    for listed in manifest:
        document = (tmp_path / f"feed/{listed.uuid}.json").read_bytes()
        listed.check(document)
        values += [row.text for row in misp.rows(misp.parsed(document), Options(), Account())]
    assert len(values) == len(set(values)) == 8
    assert not (tmp_path / "feed/hashes.csv").exists()
    assert json.loads((tmp_path / "feed/manifest.json").read_text())


# --- files ---------------------------------------------------------------------------------------


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    lists.write_file(path, [b"one"])

    def broken() -> Any:
        yield b"two"
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        lists.write_file(path, broken())
    assert path.read_bytes() == b"one"
    assert [each.name for each in tmp_path.iterdir()] == ["list.txt"]


def test_the_serial_of_a_zone_that_is_written_again_always_grows(
    scene: Scene, tmp_path: Path
) -> None:
    path = tmp_path / "zone.rpz"
    path.write_text(f"$TTL 300\n@ SOA localhost. a. {NOW // SECOND + 7} 1 1 1 1\n")
    assert _serial(path) == NOW // SECOND + 7
    assert formats.rpz.serial_after(_serial(path), NOW // SECOND) == NOW // SECOND + 8
    assert formats.rpz.serial_after(2**32 - 1, 2**32 - 1) == 0
    assert formats.rpz.serial_after(5, 9) == 9


def test_a_list_takes_no_more_memory_than_a_page(scene: Scene) -> None:
    pieces = lists.pieces(lists.list_of("all", "ndjson", Audience.OWN), NOW + DAY)
    assert max(len(piece) for piece in pieces) <= 80_000
