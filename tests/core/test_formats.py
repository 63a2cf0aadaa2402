"""Every format: what is written is read again, what is broken is one bad row, nothing explodes."""

from __future__ import annotations

import gzip
import io
import json
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formats_made import HEADING, NOW, SIGNALS, entry, lists, read, taken, written
from hueandcry.core import formats
from hueandcry.core.errors import HueError, Malformed, NotFound, TooLarge
from hueandcry.core.formats import FAULTS, FORMATS, Account, Entry, Options, Row, misp_events
from hueandcry.core.formats.misp_events import Slot, slot_of
from hueandcry.core.normal import guess
from hueandcry.core.stix import PROBLEMS
from hueandcry.core.types import DAY, Kind, Tlp, Verdict

# --- what is written is read again ---------------------------------------------------------------


def _said(row: Row) -> tuple[object, ...]:
    said = row.said
    assert said is not None and said.marking is not None
    return (said.verdict, said.marking.tlp, said.lure, said.method, said.confidence)


def _meant(entry: Entry) -> tuple[object, ...]:
    return (entry.verdict, entry.tlp, entry.lure, entry.method, entry.confidence)


@given(lists)
@pytest.mark.parametrize("name", ["csv", "ndjson", "stix"])
def test_a_list_comes_back_with_all_that_it_says(name: str, given: list[Entry]) -> None:
    rows = read(name, written(name, given))
    assert [row.fault for row in rows] == [""] * len(given)
    assert taken(rows) == [each.signal for each in given]
    assert [_said(row) for row in rows] == [_meant(each) for each in given]
    times = [(row.said.valid_from, row.said.valid_until) for row in rows if row.said]
    assert times == [(each.since, each.until) for each in given]


@given(lists)
def test_a_misp_event_comes_back_with_all_that_it_says(given: list[Entry]) -> None:
    days: dict[Slot, list[Entry]] = {}
    for each in given:
        days.setdefault(slot_of(each), []).append(each)
    found = []
    for slot, held in days.items():
        rows = read("misp", misp_events.event(slot, held, HEADING))
        assert not {row.fault for row in rows} - {"", "no_signal", "not_for_detection"}
        found += [row for row in rows if not row.fault]
    meant = {(each.signal, *_meant(each)) for each in given if each.verdict is Verdict.SCAM}
    read_again = {(signal, *_said(row)) for signal, row in zip(taken(found), found, strict=True)}
    assert meant <= read_again


@given(lists)
@pytest.mark.parametrize("name", ["text", "hosts", "rpz"])
def test_a_list_of_domains_comes_back(name: str, given: list[Entry]) -> None:
    domains = [each for each in given if each.signal.kind is Kind.DOMAIN]
    rows = [row for row in read(name, written(name, domains)) if not row.fault]
    assert taken(rows) == [each.signal for each in domains]


def test_a_text_list_of_every_kind_is_read_by_the_forms_of_its_values() -> None:
    named = [signal for signal in SIGNALS if signal.kind not in (Kind.PAGE, Kind.ADVERT)]
    rows = read("text", written("text", [entry(each.value, each.kind) for each in named]))
    guessed = [guess(row.text) for row in rows]
    # A bare hash may be of a file or of a picture, and an app may look like a name.
    assert guessed == named


@pytest.mark.parametrize("name", [name for name in FORMATS if FORMATS[name].write])
def test_every_format_is_recognised_by_what_it_writes(name: str) -> None:
    data = written(name, [entry("evil.example"), entry("bad.example")])
    known = formats.sniff(f"list{FORMATS[name].suffix}", data[:65_536], Options())
    assert known.name == name
    unnamed = formats.sniff("", data[:65_536], Options())
    assert unnamed.name == {"hosts": "text", "csv": "text"}.get(name, name)
    assert formats.sniff(f"list{FORMATS[name].suffix}.gz", data, Options()).name == name


def test_a_list_that_nobody_can_write_apart_is_only_read_whole() -> None:
    with pytest.raises(NotFound):
        formats.format_of("xls")


# --- lines ---------------------------------------------------------------------------------------


def test_a_hosts_file_gives_its_names_and_not_those_of_its_own_machine() -> None:
    account = Account()
    data = b"127.0.0.1 localhost\n::1 ip6-localhost ip6-loopback\n0.0.0.0 evil.example b.example\n"
    rows = read("hosts", data, account=account)
    assert rows == [Row(3, "evil.example"), Row(3, "b.example")]
    assert account.skipped == {"own_name": 3}


def test_defanged_text_and_comments_are_read() -> None:
    data = b"# list\nhxxps://evil[.]example/pay # seen\n\n! adblock\nbad(dot)example\n"
    values = [guess(row.text).value for row in read("text", data)]
    assert values == ["evil.example/pay", "bad.example"]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_any_usual_delimiter_is_found(mark: str) -> None:
    data = f"id{mark}host{mark}x\n1{mark}evil.example{mark}2\n".encode()
    assert read("csv", data, Options(column="host")) == [Row(2, "evil.example")]


def test_a_named_column_is_the_only_one_that_is_read_even_of_our_own_lists() -> None:
    data = written("csv", [entry("evil.example", tlp=Tlp.RED)])
    (row,) = read("csv", data, Options(column="value"))
    assert row == Row(2, "evil.example")


def test_a_table_of_others_needs_a_column() -> None:
    with pytest.raises(Malformed, match="Which column"):
        read("csv", b"value,kind\nevil.example,domain\n")
    with pytest.raises(Malformed, match="no column 'x'"):
        read("csv", b"a,b\n1,2\n", Options(column="x"))


def test_a_field_that_a_spreadsheet_would_run_is_made_text() -> None:
    data = written("csv", [entry("+84901234567", Kind.PHONE)])
    assert b"\n +84901234567," in data
    assert taken(read("csv", data)) == [entry("+84901234567", Kind.PHONE).signal]


@pytest.mark.parametrize(
    "line",
    [
        '{"value":"a.example","kind":"nothing","verdict":"scam","tlp":"GREEN"}',
        '{"value":"a.example","kind":"domain","verdict":"bad","tlp":"GREEN"}',
        '{"value":"a.example","kind":"domain","verdict":"scam","tlp":"PINK"}',
        '{"value":"a.example","kind":"domain","verdict":"scam","tlp":"RED","confidence":101}',
        '{"value":"a.example","kind":"domain","verdict":"scam","tlp":"RED","confidence":true}',
        '{"value":"a.example","kind":"domain","verdict":"scam","tlp":"RED","valid_until":7}',
        '{"value":7,"kind":"domain","verdict":"scam","tlp":"RED"}',
        '{"other":"a.example"}',
        "[]",
        "7",
        '{"value":',
        "[" * 5_000,
    ],
)
def test_a_line_that_says_what_nobody_can_mean_is_a_bad_row(line: str) -> None:
    rows = read("ndjson", f'{{"value":"good.example"}}\n{line}\n"also.example"\n'.encode())
    assert [row.fault for row in rows] == ["", "not_a_record", ""]
    assert [row.text for row in rows if not row.fault] == ["good.example", "also.example"]


def test_a_claim_that_says_unknown_is_none() -> None:
    line = b'{"value":"a.example","kind":"domain","verdict":"unknown","tlp":"GREEN"}\n'
    assert [row.fault for row in read("ndjson", line)] == ["verdict_unknown"]


# --- zones ---------------------------------------------------------------------------------------

ZONE = b"""\
$TTL 300
$ORIGIN rpz.example.
@ IN SOA ns.example. mail.example. ( 1 ; serial
    300 120 86400 300 )
  NS ns.example.
evil.example        CNAME .
*.evil.example      CNAME .
Bad.Example 60 IN   CNAME rpz-drop.
nodata.example      CNAME *.
full.example.rpz.example. CNAME .
*.below.example     CNAME .
good.example        CNAME rpz-passthru.
tcp.example         CNAME rpz-tcp-only.
warn.example        A 192.0.2.1
garden.example      CNAME walled.example.
32.1.2.0.192.rpz-ip CNAME .
24.0.2.0.192.rpz-client-ip CNAME .
ns.evil.example.rpz-nsdname CNAME .
outside.example.    CNAME .
no-type
"""


def test_a_zone_gives_what_it_blocks_and_a_reason_for_every_other_rule() -> None:
    account = Account()
    rows = read("rpz", ZONE, account=account)
    assert [row.text for row in rows if not row.fault] == [
        "evil.example",
        "bad.example",
        "nodata.example",
        "full.example",
    ]
    faults = [(row.text, row.fault) for row in rows if row.fault]
    assert faults[:-2] == [
        ("*.below.example", "wildcard"),
        ("good.example", "not_a_block"),
        ("tcp.example", "not_a_block"),
        ("warn.example", "not_a_block"),
        ("garden.example", "not_a_block"),
        ("32.1.2.0.192.rpz-ip", "address_trigger"),
        ("24.0.2.0.192.rpz-client-ip", "address_trigger"),
        ("ns.evil.example.rpz-nsdname", "address_trigger"),
    ]
    assert [fault for _, fault in faults[-2:]] == ["not_a_record", "not_a_record"]
    assert account.skipped == {"$TTL": 1, "$ORIGIN": 1, "SOA": 1, "NS": 1, "wildcard": 1}


def test_a_name_cannot_write_a_record_of_its_own_into_a_zone() -> None:
    nasty = ["evil.example CNAME x", "a\nb.example", "a;b.example", "$ORIGIN", '"a".example', "@"]
    data = written("rpz", [entry(value) for value in nasty]).decode()
    lines = [line for line in data.splitlines() if not line.startswith((";", "$TTL"))]
    assert all(len(line.split()) in (3, 9) for line in lines), lines
    read("rpz", data.encode())


# --- bounds --------------------------------------------------------------------------------------


def test_a_compressed_list_that_ends_in_the_middle_gives_what_it_has_and_says_so() -> None:
    data = gzip.compress(b"".join(b"host%d.example\n" % n for n in range(50_000)))[:-2_000]
    stream = formats.Stream(io.BytesIO(data))
    rows = list(FORMATS["text"].read(stream, Options(), Account()))
    assert len(rows) > 10_000
    assert stream.damage is not None and stream.damage.code == "cut_short"


def test_a_document_is_bounded_after_it_was_unpacked() -> None:
    bomb = gzip.compress(b"[" + b" " * 5_000_000 + b"]")
    assert len(bomb) < 10_000
    with pytest.raises(TooLarge):
        formats.Stream(io.BytesIO(bomb)).document(limit=1_000_000)


def test_a_document_that_ends_in_the_middle_is_refused_whole() -> None:
    data = gzip.compress(written("stix", [entry("evil.example")] * 300))[:-20]
    with pytest.raises(HueError) as refused:
        read("stix", data)
    assert refused.value.code in ("cut_short", "not_json")


_NASTY: dict[str, Callable[[int], bytes]] = {
    "text": lambda n: b"0.0.0.0 " * n,
    "hosts": lambda n: b"#" * n + b"\n" + b" " * n,
    "csv": lambda n: b"a,b\n" + b'"x\n' * n,
    "ndjson": lambda n: b'{"value":' * n,
    "stix": lambda n: b'{"objects":[' + b'{"type":"indicator"},' * n + b'{"type":"x"}]}',
    "misp": lambda n: b'{"Event":{"Attribute":[' + b'{"type":"url"},' * n + b"{}]}}",
    "rpz": lambda n: b"a ( CNAME\n" * n,
}


@pytest.mark.parametrize("name", _NASTY)
def test_time_grows_no_faster_than_the_input(name: str) -> None:
    def spent(size: int) -> float:
        data = _NASTY[name](size)
        best = 1e9
        for _ in range(3):
            began = time.process_time()
            read(name, data, Options(column="b"))
            best = min(best, time.process_time() - began)
        return best

    small, great = spent(2_000), spent(16_000)
    assert great < 0.05 or great < 30 * small  # 8 times the input; quadratic would be 64


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("type", "id", "objects", "spec_version", "pattern", "pattern_type"),
                    *("Event", "Attribute", "Object", "Tag", "name", "value", "to_ids"),
                    *("object_relation", "deleted", "hashes", "account_type", "labels"),
                    *("object_marking_refs", "valid_from", "created", "modified", "response"),
                ]
            )
            | st.text(max_size=3),
            inner
            | st.sampled_from(
                [
                    *("indicator", "bundle", "file", "url", "user-account", "bank-account"),
                    *("domain|ip", "ip-dst|port", "filename|md5", "[url:value = 'a']", "stix"),
                ]
            ),
            max_size=6,
        )
    ),
    max_leaves=30,
)


@given(name=st.sampled_from(sorted(FORMATS)), data=st.binary(max_size=400))
def test_no_bytes_raise_anything_but_an_error_of_ours(name: str, data: bytes) -> None:
    _only_ours(name, data)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(["stix", "misp", "ndjson"]), value=_JSON)
def test_no_json_raises_anything_but_an_error_of_ours(name: str, value: object) -> None:
    _only_ours(name, json.dumps(value).encode())
    _only_ours(name, json.dumps({"objects": [value], "Event": value}).encode())


@given(st.text(alphabet=' \t\n;()"$@*.\\CNAMEINSOTLa1', max_size=200))
def test_no_zone_raises_anything_but_an_error_of_ours(text: str) -> None:
    _only_ours("rpz", text.encode())


def _only_ours(name: str, data: bytes) -> None:
    try:
        rows = read(name, data)
    except HueError:
        return
    for row in rows:
        assert isinstance(row.n, int) and isinstance(row.text, str)
        assert row.fault in _CODES, row.fault


#: Codes of bad rows that others' rooms give: each stands in the table as well.
_CODES = {"", *FAULTS}


def test_every_code_of_a_bad_row_is_explained_once() -> None:
    assert not FAULTS.keys() & PROBLEMS.keys() - {"revoked"}
    assert all(meaning.endswith(".") for meaning in FAULTS.values())


def test_a_manifest_names_files_and_nothing_else() -> None:
    for bad in ("../../etc/passwd", "a.json", "..", ""):
        with pytest.raises(Malformed):
            misp_events.read_manifest(json.dumps({bad: {"timestamp": "1"}}).encode())
    for shape in ("[]", "7", '{"5f8f8b3a-0000-4000-8000-000000000000": 7}'):
        with pytest.raises(Malformed):
            misp_events.read_manifest(shape.encode())


def test_an_event_that_is_not_what_its_manifest_says_is_refused() -> None:
    slot = Slot(NOW // DAY, Tlp.GREEN)
    held = [entry("evil.example")]
    document = misp_events.event(slot, held, HEADING)
    uuid, said = misp_events.manifest_line(slot, held, document, HEADING)
    (listed,) = misp_events.read_manifest(misp_events.manifest({uuid: said}))
    listed.check(document)
    with pytest.raises(Malformed, match="manifest"):
        listed.check(document + b" ")


def test_the_same_list_gives_the_same_names_and_another_list_gives_others() -> None:
    slot = Slot(NOW // DAY, Tlp.GREEN)
    one = misp_events.event(slot, [entry("evil.example")], HEADING)
    assert one == misp_events.event(slot, [entry("evil.example")], replace(HEADING, at=NOW + 1))
    other = misp_events.event_id(slot, replace(HEADING, audience="clear"))
    assert misp_events.event_id(slot, HEADING) != other
