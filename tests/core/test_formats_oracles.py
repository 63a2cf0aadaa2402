"""Lists judged by others: misp-stix both ways, PyMISP, the STIX validator, dnspython."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import dns.rdatatype
import dns.zone
import pytest
from misp_stix_converter import (  # type: ignore[import-untyped]
    ExternalSTIX2toMISPParser,
    MISPtoSTIX21Parser,
)
from pymisp import MISPAttribute, MISPEvent, MISPObject, MISPOrganisation
from pymisp.tools import feed_meta_generator
from stix2.parsing import parse  # type: ignore[import-untyped]
from stix2validator import (  # type: ignore[import-untyped]
    ValidationOptions,
    validate_string,
)

from databases import skips_fail
from formats_made import HEADING, SIGNALS, entry, read, taken, written
from hueandcry.core.formats import Account, Entry, Options, misp, misp_events
from hueandcry.core.formats.misp_events import slot_of
from hueandcry.core.types import Kind, Signal, Tlp

ENTRIES = [
    entry(each.value, each.kind, lure="investment", method="site", confidence=75)
    for each in SIGNALS
]
EVENT = misp_events.event(slot_of(ENTRIES[0]), ENTRIES, HEADING)


# --- STIX ----------------------------------------------------------------------------------------


def test_the_validator_accepts_every_object_of_a_bundle() -> None:
    found = validate_string(written("stix", ENTRIES).decode(), ValidationOptions(version="2.1"))
    assert found.is_valid, [str(each) for each in found.object_results]


def test_the_reference_library_reads_our_bundle() -> None:
    found = parse(json.loads(written("stix", ENTRIES)))
    assert sum(each.type == "indicator" for each in found.objects) == len(ENTRIES)


# --- misp-stix, both ways -------------------------------------------------------------------------


def as_misp(bundle: bytes) -> MISPEvent:
    parser = ExternalSTIX2toMISPParser()
    parser.load_stix_bundle(parse(json.loads(bundle), allow_custom=True))
    parser.parse_stix_bundle(single_event=True)
    assert not parser.errors
    event: MISPEvent = parser.misp_event
    return event


def test_misp_stix_finds_our_values_in_our_bundle() -> None:
    rows = read("misp", as_misp(written("stix", ENTRIES)).to_json().encode())
    good = [row for row in rows if not row.fault]
    assert set(taken(good)) == set(SIGNALS)
    assert {row.said.marking.tlp for row in good if row.said and row.said.marking} == {Tlp.GREEN}
    assert {row.said.confidence for row in good if row.said} == {75}


def test_our_reader_finds_the_values_of_our_event_in_what_misp_stix_makes_of_it() -> None:
    parser = MISPtoSTIX21Parser()
    parser.parse_misp_event(json.loads(EVENT))
    assert not parser.errors
    rows = read("stix", parser.bundle.serialize().encode())
    # misp-stix lowers the local part of e-mail addresses, which is not ours to do.
    assert _lowered(taken(rows)) == _lowered(SIGNALS)
    assert {row.fault for row in rows} <= {"", "observable"}


def _lowered(signals: Iterable[Signal]) -> set[tuple[Kind, str]]:
    return {
        (each.kind, each.value.lower() if each.kind is Kind.EMAIL else each.value)
        for each in signals
    }


_BTC = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
_MD5 = "d41d8cd98f00b204e9800998ecf8427e"
FOREIGN = (
    ("domain", "evil.example", "evil.example", Kind.DOMAIN),
    ("hostname", "www.evil.example", "www.evil.example", Kind.DOMAIN),
    ("url", "https://evil.example/pay", "evil.example/pay", Kind.URL),
    ("ip-dst", "192.0.2.7", "192.0.2.7/", Kind.URL),
    ("ip-src", "2001:db8::7", "[2001:db8::7]/", Kind.URL),
    ("email-src", "pay@evil.example", "pay@evil.example", Kind.EMAIL),
    ("phone-number", "+84901234567", "+84901234567", Kind.PHONE),
    ("iban", "GB33 BUKB 2020 1555 5555 55", "GB33BUKB20201555555555", Kind.BANK_ACCOUNT),
    ("btc", _BTC, _BTC, Kind.WALLET),
    ("md5", _MD5, f"md5:{_MD5}", Kind.FILE_HASH),
)  # fmt: skip


def foreign_event() -> MISPEvent:
    """An event as somebody else's MISP makes it."""
    event = MISPEvent()
    event.info, event.date = "Scam sites", "2026-11-20"  # type: ignore[assignment]
    event.Orgc = MISPOrganisation()
    event.Orgc.from_dict(name="CERT", uuid="5f8f8b3a-0000-4000-8000-000000000000")
    event.add_tag("tlp:amber")
    for type, value, _, _ in FOREIGN:
        event.add_attribute(type, value, to_ids=True)
    account = MISPObject("bank-account")
    account.add_attribute("account", "0123456789", to_ids=True)
    account.add_attribute("swift", "BFTVVNVXXXX")
    event.add_object(account)
    telegram = MISPObject("telegram-account")
    telegram.add_attribute("username", "@Scam_Desk", to_ids=True)
    telegram.add_attribute("first_name", "Nobody")
    event.add_object(telegram)
    return event


EXPECTED = {
    *(Signal(kind, value) for _, _, value, kind in FOREIGN),
    Signal(Kind.BANK_ACCOUNT, "BFTVVNVX:0123456789"),
    Signal(Kind.HANDLE, "telegram:scam_desk"),
}


def test_a_foreign_event_says_the_same_directly_and_by_misp_stix() -> None:
    event = foreign_event()
    direct = [row for row in read("misp", event.to_json().encode()) if not row.fault]
    assert set(taken(direct)) == EXPECTED
    assert {row.said.marking.tlp for row in direct if row.said and row.said.marking} == {Tlp.AMBER}
    parser = MISPtoSTIX21Parser()
    parser.parse_misp_event(json.loads(event.to_json()))
    rows = [row for row in read("stix", parser.bundle.serialize().encode()) if not row.fault]
    assert set(taken(rows)) == EXPECTED


# --- MISP ----------------------------------------------------------------------------------------


def test_pymisp_reads_every_value_of_our_event_and_keeps_it() -> None:
    event: Any = MISPEvent()
    event.load(EVENT.decode())
    assert {tag.name for tag in event.tags} >= {"tlp:green", 'rsit:fraud="masquerade"'}
    assert (event.Orgc.name, event.published) == ("Centre of Tests", True)
    types = {attribute.type for attribute in event.attributes}
    assert types <= set(event.describe_types["types"])
    for attribute in event.attributes:
        assert attribute.category in event.describe_types["categories"]
        assert attribute.type in event.describe_types["category_type_mappings"][attribute.category]
    rows = read("misp", event.to_json().encode())
    assert set(taken(rows)) == set(SIGNALS)


def test_our_objects_follow_the_templates_of_misp() -> None:
    for made in json.loads(EVENT)["Event"]["Object"]:
        definition: Any = MISPObject(made["name"])._definition
        assert made["template_uuid"] == definition["uuid"]
        for attribute in made["Attribute"]:
            assert attribute["object_relation"] in definition["attributes"]
            like = definition["attributes"][attribute["object_relation"]]
            assert attribute["type"] == like["misp-attribute"]


def test_numbers_of_our_feed_are_text_as_misp_writes_them() -> None:
    event = json.loads(EVENT)["Event"]
    for thing in (event, *event["Attribute"], *event["Object"]):
        for name in ("timestamp", "analysis", "threat_level_id", "publish_timestamp"):
            assert isinstance(thing.get(name, ""), str)


def test_pymisp_makes_of_our_feed_the_manifest_that_we_made(tmp_path: Path) -> None:
    slot = slot_of(ENTRIES[0])
    uuid, said = misp_events.manifest_line(slot, ENTRIES, EVENT, HEADING)
    (tmp_path / f"{uuid}.json").write_bytes(EVENT)
    feed_meta_generator(tmp_path)
    theirs = json.loads((tmp_path / "manifest.json").read_text())[uuid]
    assert theirs["info"] == said["info"]
    assert theirs["Orgc"] == said["Orgc"]
    assert (theirs["date"], str(theirs["timestamp"])) == (said["date"], said["timestamp"])
    assert {tag["name"] for tag in theirs["Tag"]} == {tag["name"] for tag in said["Tag"]}


def test_a_feed_folder_of_pymisp_is_read(tmp_path: Path) -> None:
    event = foreign_event()
    event.timestamp = 1_790_000_000
    feed = event.to_feed()
    (tmp_path / f"{event.uuid}.json").write_text(json.dumps(feed))
    feed_meta_generator(tmp_path)
    (listed,) = misp_events.read_manifest((tmp_path / "manifest.json").read_bytes())
    document = (tmp_path / f"{listed.uuid}.json").read_bytes()
    listed.check(document)
    rows = list(misp.rows(misp.parsed(document), Options(), Account()))
    assert set(taken(rows)) == EXPECTED


def _attribute(type: str, value: str, **more: Any) -> dict[str, Any]:
    attribute = MISPAttribute()
    attribute.from_dict(type=type, value=value, **{"to_ids": True, **more})
    found: dict[str, Any] = json.loads(attribute.to_json())
    return found


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (_attribute("domain", "a.example", to_ids=False), "not_for_detection"),
        (_attribute("domain", "a.example", deleted=True), "revoked"),
        ({**_attribute("domain", "a.example"), "warnings": {"1": "Top 1000"}}, "warning_list"),
        (_attribute("cc-number", "4111111111111111"), "payment_card"),
        (_attribute("target-email", "me@shop.example", to_ids=False), "victim"),
        (_attribute("comment", "seen"), "no_signal"),
        (_attribute("stix2-pattern", "[a:b = 'c' AND d:e = 'f']"), "pattern"),
        ({"type": "domain", "value": 7}, "object_shape"),
    ],
)
def test_an_attribute_that_is_no_claim_says_why(given: dict[str, Any], fault: str) -> None:
    event = {"Event": {"info": "x", "Attribute": [given, _attribute("domain", "good.example")]}}
    rows = read("misp", json.dumps(event).encode())
    assert [row.fault for row in rows] == [fault, ""]


def test_attributes_not_meant_for_detection_are_taken_when_asked_for() -> None:
    silent = _attribute("url", "http://a.example/", to_ids=False)
    event = {"Event": {"info": "x", "Attribute": [silent]}}
    (row,) = read("misp", json.dumps(event).encode(), Options(without_ids=True))
    assert row.fault == ""


@pytest.mark.parametrize("wrapper", ["event", "response", "list", "attributes"])
def test_every_wrapping_of_misp_is_read(wrapper: str) -> None:
    event = {"Event": {"info": "x", "Attribute": [_attribute("domain", "a.example")]}}
    document = {
        "event": event,
        "response": {"response": [event, event]},
        "list": [event],
        "attributes": {"response": {"Attribute": event["Event"]["Attribute"]}},
    }[wrapper]
    values = [row.text for row in read("misp", json.dumps(document).encode())]
    assert values == ["a.example"] * (2 if wrapper == "response" else 1)


# --- RPZ -----------------------------------------------------------------------------------------


def zone_of(entries: list[Entry]) -> dns.zone.Zone:
    return dns.zone.from_text(written("rpz", entries).decode(), origin="rpz.example.")


def test_dnspython_loads_our_zone_as_a_resolver_would() -> None:
    zone: Any = zone_of(ENTRIES)
    (soa,) = zone.get_rdataset("@", "SOA")
    assert soa.serial == 7
    domains = [each.value for each in SIGNALS if each.kind is Kind.DOMAIN]
    for host in domains:
        for name in (host, f"*.{host}"):
            (found,) = zone.get_rdataset(name, "CNAME")
            assert found.target.to_text() == "."
    for name in ("bank.example", "*.bank.example", "shop.example"):
        (found,) = zone.get_rdataset(name, "CNAME")
        assert found.target.to_text() == "rpz-passthru."
    assert zone.get_rdataset("*.shop.example", "CNAME") is None
    names = {name.to_text() for name, _ in zone.iterate_rdatasets(dns.rdatatype.CNAME)}
    assert len(names) == 3 + 2 * len(domains)


def test_bind_loads_our_zone(tmp_path: Path) -> None:
    found = shutil.which("named-checkzone")
    if found is None:
        assert not skips_fail(os.environ), "named-checkzone (bind9-utils) is not installed"
        pytest.skip("named-checkzone (bind9-utils) is not installed")
    path = tmp_path / "zone.rpz"
    path.write_bytes(written("rpz", ENTRIES))
    done = subprocess.run([found, "rpz.example", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "loaded serial 7" in done.stdout


def test_a_zone_that_dnspython_writes_is_read() -> None:
    rows = read("rpz", zone_of(ENTRIES).to_text(want_origin=True).encode())
    assert {row.text for row in rows if not row.fault} == {
        each.value for each in SIGNALS if each.kind is Kind.DOMAIN
    }
    assert {row.fault for row in rows} == {"", "not_a_block"}
