"""Objects of others: which are taken, with what name and marking, and which are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core import strictjson
from hueandcry.core.errors import HueError
from hueandcry.core.stix import (
    TLP_IDS,
    TLP_MARKINGS,
    extension_definitions,
    identity,
    in_force,
    is_constant,
    publisher,
    read_envelope,
    read_id,
    read_object,
)
from hueandcry.core.stix.envelope import MAX_DEPTH, MAX_ENVELOPE, MAX_OBJECT, MAX_OBJECTS
from hueandcry.core.stix.objects import FORMS
from hueandcry.core.times import read_rfc3339
from hueandcry.core.types import Tlp

T = "2026-01-01T00:00:00.000Z"
ID = "b4bb24e7-3fd7-47d4-8911-9a7f2a2f30b1"
REF = f"indicator--{ID}"

NAMED = (
    *("attack-pattern", "campaign", "course-of-action", "identity", "incident"),
    *("infrastructure", "intrusion-set", "threat-actor", "tool", "vulnerability"),
)
VALUED = ("domain-name", "email-addr", "ipv4-addr", "ipv6-addr", "mac-addr", "url")
#: Of every type, what it must have besides its common properties.
NEEDED: dict[str, dict[str, Any]] = {
    **{kind: {"name": "x"} for kind in NAMED},
    "grouping": {"context": "suspicious-activity", "object_refs": [REF]},
    "indicator": {"pattern": "[a:b = 'c']", "pattern_type": "stix", "valid_from": T},
    "location": {"country": "TH"},
    "malware": {"is_family": False},
    "malware-analysis": {"product": "x", "result": "benign"},
    "note": {"content": "x", "object_refs": [REF]},
    "observed-data": {
        **{"first_observed": T, "last_observed": T, "number_observed": 1},
        "object_refs": [REF],
    },
    "opinion": {"opinion": "agree", "object_refs": [REF]},
    "report": {"name": "x", "published": T, "object_refs": [REF]},
    "relationship": {"relationship_type": "uses", "source_ref": REF, "target_ref": REF},
    "sighting": {"sighting_of_ref": REF},
    "language-content": {"object_ref": REF, "contents": {}},
    "extension-definition": {
        **{"created_by_ref": f"identity--{ID}", "name": "x", "schema": "x", "version": "1.0.0"},
        "extension_types": ["new-sdo"],
    },
    "artifact": {"payload_bin": "eA=="},
    "autonomous-system": {"number": 1},
    "directory": {"path": "/"},
    **{kind: {"value": "x"} for kind in VALUED},
    "email-message": {"is_multipart": False},
    "file": {"name": "x"},
    "mutex": {"name": "x"},
    "network-traffic": {"protocols": ["tcp"], "src_ref": f"ipv4-addr--{ID}"},
    "process": {},
    "software": {"name": "x"},
    "user-account": {},
    "windows-registry-key": {},
    "x509-certificate": {},
    "marking-definition": {"definition_type": "statement", "definition": {"statement": "x"}},
}
OBSERVABLES = [kind for kind in FORMS if "created" not in FORMS[kind].__struct_fields__]


def made(kind: str, **more: Any) -> dict[str, Any]:
    common: dict[str, Any] = {"type": kind, "spec_version": "2.1", "id": f"{kind}--{ID}"}
    if kind not in OBSERVABLES:
        common["created"] = T
    if kind not in (*OBSERVABLES, "marking-definition"):
        common["modified"] = T
    return {**common, **NEEDED[kind], **more}


def refusal(function: Callable[..., Any], *given: Any) -> str:
    with pytest.raises(HueError) as caught:
        function(*given)
    assert caught.value.what
    return caught.value.code


def test_every_type_has_its_example() -> None:
    assert NEEDED.keys() == FORMS.keys()


@pytest.mark.parametrize("kind", sorted(NEEDED))
def test_an_object_with_what_its_type_needs_is_taken(kind: str) -> None:
    read = read_object(made(kind))
    assert (read.type, read.id, read.uuid.hex()) == (kind, f"{kind}--{ID}", ID.replace("-", ""))
    assert read.version == (None if kind in OBSERVABLES else read_rfc3339(T))


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind in sorted(NEEDED) for name in NEEDED[kind]]
)
def test_an_object_without_what_its_type_needs_is_refused(kind: str, name: str) -> None:
    value = made(kind)
    del value[name]
    assert refusal(read_object, value) == "properties"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"type": None}, "no_object"),
        ({"type": "x"}, "type"),
        ({"type": "Indicator"}, "type"),
        ({"type": "no-such-thing"}, "unknown_type"),
        ({"id": ID}, "id"),
        ({"id": f"malware--{ID}"}, "id"),
        ({"id": f"indicator--{ID.upper()}"}, "id"),
        ({"id": "indicator--1"}, "id"),
        ({"id": None}, "properties"),
        ({"spec_version": "2.0"}, "properties"),
        ({"spec_version": None}, "properties"),
        ({"created": None}, "properties"),
        ({"created": "yesterday"}, "times"),
        ({"created": "2026-01-01T00:00:00+00:00"}, "times"),
        ({"created": "2026-13-01T00:00:00Z"}, "time"),
        ({"created": "2027-01-01T00:00:00Z"}, "times"),
        ({"modified": 1}, "properties"),
        ({"created_by_ref": f"indicator--{ID}"}, "properties"),
        ({"revoked": "true"}, "properties"),
        ({"confidence": 101}, "properties"),
        ({"confidence": -1}, "properties"),
        ({"labels": []}, "properties"),
        ({"labels": [""]}, "properties"),
        ({"object_marking_refs": [f"indicator--{ID}"]}, "properties"),
        ({"object_marking_refs": "x"}, "properties"),
        ({"external_references": [{}]}, "properties"),
        ({"extensions": {"x": {}}}, "properties"),
        ({"valid_from": ""}, None),
    ],
)
def test_a_common_property_of_another_form_is_refused(
    changed: dict[str, Any], code: str | None
) -> None:
    value = {k: v for k, v in made("indicator", **changed).items() if v is not None}
    if code is None:
        read_object(value)  # its own reader says: see in_force
    else:
        assert refusal(read_object, value) == code


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, {"type": 1}])
def test_what_is_no_object_is_refused(value: object) -> None:
    assert refusal(read_object, value) == "no_object"


def test_a_custom_type_is_taken_where_an_extension_defines_it() -> None:
    value: dict[str, Any] = {"type": "payment-card", "id": f"payment-card--{ID}", "value": "x"}
    assert refusal(read_object, value) == "unknown_type"
    value["extensions"] = {f"extension-definition--{ID}": {"extension_type": "new-sco"}}
    assert read_object(value).version is None
    value |= {"created": T, "modified": T, "spec_version": "2.1"}
    assert read_object(value).version == read_rfc3339(T)
    assert read_object({**value, "type": "x-mine", "id": f"x-mine--{ID}"}).type == "x-mine"


# --- markings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("tlp", Tlp)
def test_a_known_marking_counts(tlp: Tlp) -> None:
    assert read_object(made("url", object_marking_refs=[TLP_IDS[tlp]])).tlp is tlp


def test_no_marking_an_unknown_one_and_a_granular_one_read_as_amber_strict() -> None:
    clear, unknown = TLP_IDS[Tlp.CLEAR], f"marking-definition--{ID}"
    granular = [{"selectors": ["value"], "marking_ref": clear}]
    for value in (
        made("url"),
        made("url", object_marking_refs=[clear, unknown]),
        made("url", object_marking_refs=[clear], granular_markings=granular),
    ):
        assert read_object(value).tlp is Tlp.AMBER_STRICT


def test_what_tlp_means_is_not_taken_from_the_wire() -> None:
    forged = {"definition_type": "tlp", "definition": {"tlp": "white"}}
    assert refusal(read_object, made("marking-definition", **forged)) == "tlp_definition"
    for tlp, value in TLP_MARKINGS.items():
        assert read_object(value).tlp is Tlp.CLEAR  # a definition is no secret
        assert is_constant(TLP_IDS[tlp])
        assert refusal(read_object, {**value, "id": f"marking-definition--{ID}"}) == (
            "tlp_definition"
        )
    assert not is_constant(f"marking-definition--{ID}")


def test_what_we_ship_is_taken() -> None:
    for value in (*TLP_MARKINGS.values(), publisher(), *extension_definitions()):
        read_object(value)
    read_object(identity("ab" * 32, "Centre", "TH", ("asc",), 0))


def test_the_examples_of_the_vocabularies_are_what_we_require(
    shared: Callable[[str], Path],
) -> None:
    """Every property that the OASIS schemas require of a type, this reader requires."""
    folder = shared("vocabularies/stix-2.1-schemas")
    seen = 0
    for kind in NEEDED:
        for path in (folder / place / f"{kind}.json" for place in ("sdos", "sros", "common")):
            if path.exists():
                required = _required(json.loads(path.read_text()))
                names = set(required) - {"type", "id", "created", "modified", "spec_version"}
                assert names <= NEEDED[kind].keys() | {"created_by_ref"}, kind
                seen += 1
    assert seen > 15


def _required(schema: dict[str, Any]) -> list[str]:
    found = list(schema.get("required", []))
    for part in schema.get("allOf", []):
        found += part.get("required", [])
    return found


# --- validity ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        ("2026-01-01T00:00:00Z", None, True),
        ("2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z", True),
        ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", False),
        ("2026-01-02T00:00:01Z", None, False),
    ],
)
def test_an_indicator_is_in_force_from_its_beginning_up_to_its_end(
    begins: str, ends: str | None, expected: bool
) -> None:
    value = made("indicator", valid_from=begins, **({"valid_until": ends} if ends else {}))
    assert in_force(value, read_rfc3339("2026-01-02T00:00:00Z")) is expected


def test_an_indicator_that_ends_before_it_begins_is_refused() -> None:
    assert refusal(in_force, made("indicator", valid_until=T), 0) == "times"
    assert refusal(in_force, made("indicator", valid_until=7), 0) == "times"
    assert refusal(in_force, made("indicator", valid_from=""), 0) == "times"


def test_an_id_is_read_strictly() -> None:
    assert read_id(REF) == bytes.fromhex(ID.replace("-", ""))
    for text in ("", "indicator", ID, f"indicator-{ID}", f"Indicator--{ID}", f"{REF}x", "--" + ID):
        assert read_id(text) is None


# --- envelopes -----------------------------------------------------------------------------------

LAYOUTS: list[dict[str, Any]] = [
    {"separators": (",", ":")},
    {},
    {"indent": 2},
    {"separators": (" ,", " :")},
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_objects_come_out_byte_for_byte_whatever_the_layout(layout: dict[str, Any]) -> None:
    values = [made("url", value="ปลอม"), made("location", latitude=1.50, longitude=2, country="TH")]
    texts = [json.dumps(value, **layout) for value in values]
    for frame in (b'{"objects":[%b]}', b'{ "objects" : [ %b ] }'):
        found = read_envelope(frame % " , ".join(texts).encode())
        assert [each.raw for each in found] == [text.encode() for text in texts]
        assert [each.value for each in found] == values


def test_what_clients_send_is_read() -> None:
    value = {"more": False, "objects": [made("url")]}
    for layout in LAYOUTS:
        assert len(read_envelope(json.dumps(value, **layout).encode())) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"\xff", "not_utf8"),
        (b"\xef\xbb\xbf{}", "bom"),
        (b"[]", "envelope"),
        (b"1", "envelope"),
        (b"{}", "envelope"),
        (b'{"objects":{}}', "envelope"),
        (b'{"objects":1}', "envelope"),
        (b'{"objects":[]}', "envelope"),
        (b'{"objects":[{}],"else":1}', "envelope"),
        (b'{"type":"bundle","id":"bundle--1","objects":[{}]}', "bundle"),
        (b'{"objects":[{}],"objects":[{}]}', "duplicate_member"),
        (b'{ "objects":[{}] ,"objects":[{}]}', "duplicate_member"),
        (b'{"objects":[{"a":1,"a":1}]}', "duplicate_member"),
        (b'{"objects":[{"a": 1, "b": {"c": 2, "c": 2}}]}', "duplicate_member"),
        (b'{"objects":[{"a":9007199254740993}]}', "big_integer"),
        (b'{"objects":[{"a":"\\ud800"}]}', "lone_surrogate"),
        (b'{"objects":[{"a":1e999}]}', "float"),
        (b'{"objects":[{"a":NaN}]}', "not_json"),
        (b'{"objects":[' + b"[" * 200 + b"]" * 200 + b"]}", "too_deep"),
        (b'{"objects":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too_deep"),
        (b'{"objects":[{"a":"%s"}]}' % (b"x" * MAX_OBJECT), "too_large"),
        (b'{"objects":[%s]}' % b",".join([b"{}"] * (MAX_OBJECTS + 1)), "too_many_objects"),
        (b" " * (MAX_ENVELOPE + 1), "too_large"),
    ],
)
def test_an_envelope_of_another_form_is_refused_whole(body: bytes, code: str) -> None:
    assert refusal(read_envelope, body) == code


def test_the_deepest_object_that_is_taken() -> None:
    deep = "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)
    assert len(read_envelope(b'{"objects":[{"a":%s}]}' % deep.encode())) == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(max_size=4), json_values), min_size=1, max_size=4))
def test_a_reader_in_one_pass_reads_what_the_strict_reader_reads(objects: list[Any]) -> None:
    for layout in LAYOUTS:
        for ascii in (True, False):
            body = json.dumps({"objects": objects}, ensure_ascii=ascii, **layout).encode()
            whole = strictjson.parse(body, max_bytes=MAX_ENVELOPE, floats=True)
            assert [each.value for each in read_envelope(body)] == whole["objects"]
