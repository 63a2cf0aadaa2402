"""What the peer door refuses: each with its own code, and nothing changed thereby."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import zstandard

from hueandcry.core import envelopes, jcs, jws
from hueandcry.core.envelopes import Part
from nodes.partnership import Node, partnership, wait_until
from nodes.voices import Said, Voice, batches, heard

Nodes = dict[str, Node]
Headers = dict[str, str]

FEED, HELLO = ("GET", "/peer/v1/feed"), ("GET", "/peer/v1/hello")
ENVELOPES, DOCUMENTS = ("POST", "/peer/v1/envelopes"), ("POST", "/peer/v1/documents")
POLL = ("POST", "/peer/v1/poll")
URLS = [FEED, HELLO, ENVELOPES, DOCUMENTS, POLL]
IDS = [f"{method} {path}" for method, path in URLS]
Url = tuple[str, str]


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """A and B are peers; S has a node of its own that neither of them knows."""
    with partnership(tmp_path_factory.mktemp("hostile"), "ABS", ("AB",)) as found:
        found["B"].raised("standing.example")
        wait_until(lambda: found["A"].verdict("standing.example") == "scam", "B's claim is at A")
        for name in "AB":
            found[name].settled()
        with found["A"].only_answering():
            yield found


def body_of(url: Url) -> bytes | None:
    return b"{}" if url[0] == "POST" else None


# --- calls that were not made by whom they name, to whom they name, now -------------------------


@dataclass(frozen=True)
class Attempt:
    """One true call of B to A, to be bent before it is sent."""

    nodes: Nodes
    url: Url

    def signed(self, voice: str = "B", **bent: object) -> Headers:
        method, path = self.url
        me, to = Voice(self.nodes[voice]), self.nodes["A"]
        return me.signed(to, method, path, body_of(self.url), **bent)  # type: ignore[arg-type]

    def send(self, headers: Headers, path: str | None = None, body: bytes | None = None) -> Said:
        method, own = self.url
        return heard(self.nodes["A"], method, path or own, body or body_of(self.url), headers)


def _unsigned(call: Attempt) -> Said:
    return call.send({"Content-Type": "application/octet-stream"})


def _body(call: Attempt) -> Said:
    return call.send(call.signed() | {"Content-Type": "application/octet-stream"}, body=b"{ }")


def _path(call: Attempt) -> Said:
    return call.send(call.signed(), path=call.url[1] + "x")


def _query(call: Attempt) -> Said:
    return call.send(call.signed(), path=call.url[1] + "?cursor=x")


def _replayed(call: Attempt) -> Said:
    headers = call.signed()
    call.send(headers)
    return call.send(headers)


def _expired(call: Attempt) -> Said:
    return call.send(call.signed(created=int(time.time()) - 400))


def _from_the_future(call: Attempt) -> Said:
    return call.send(call.signed(created=int(time.time()) + 100))


def _long_lived(call: Attempt) -> Said:
    headers = call.signed()
    now = int(headers["Signature-Input"].partition("expires=")[2].partition(";")[0])
    return call.send(
        headers
        | {"Signature-Input": headers["Signature-Input"].replace(str(now), str(now + 9_000))}
    )


def _act_key(call: Attempt) -> Said:
    return call.send(call.signed(purpose="act"))


def _act_key_under_transport_name(call: Attempt) -> Said:
    node = call.nodes["B"]
    keyid = f"{node.fingerprint}/{node.keyring.key_ids('transport')[-1]}"
    return call.send(call.signed(purpose="act", keyid=keyid))


def _name_of_another(call: Attempt) -> Said:
    node = call.nodes["B"]
    keyid = f"{node.fingerprint}/{node.keyring.key_ids('transport')[-1]}"
    return call.send(call.signed("S", keyid=keyid))


def _stranger(call: Attempt) -> Said:
    return call.send(call.signed("S"))


def _authority(call: Attempt) -> Said:
    return call.send(call.signed(authority="other.example") | {"Host": "other.example"})


def _bent_signature(call: Attempt) -> Said:
    headers = call.signed()
    text = headers["Signature"]
    first = "B" if text[5] == "A" else "A"
    return call.send(headers | {"Signature": text[:5] + first + text[6:]})


def _digest_left_out(call: Attempt) -> Said:
    headers = call.signed()
    del headers["Content-Digest"]
    return call.send(headers)


def _encoded(call: Attempt) -> Said:
    return call.send(call.signed() | {"Content-Encoding": "gzip"})


def _other_tag(call: Attempt) -> Said:
    headers = call.signed()
    text = headers["Signature-Input"].replace("hueandcry-peer-v1", "hueandcry-peer-v2")
    return call.send(headers | {"Signature-Input": text})


def _uncovered(call: Attempt) -> Said:
    headers = call.signed()
    text = headers["Signature-Input"].replace('"@query" ', "")
    return call.send(headers | {"Signature-Input": text})


CALLS: dict[str, tuple[Callable[[Attempt], Said], str]] = {
    "no signature": (_unsigned, "call_unsigned"),
    "path changed": (_path, "call_signature"),
    "query changed": (_query, "call_signature"),
    "replayed": (_replayed, "replay"),
    "expired": (_expired, "clock"),
    "from the future": (_from_the_future, "clock"),
    "lives too long": (_long_lived, "call_lifetime"),
    "act key": (_act_key, "unknown_key"),
    "act key named as transport": (_act_key_under_transport_name, "call_signature"),
    "another member's name": (_name_of_another, "call_signature"),
    "unknown member": (_stranger, "unknown_key"),
    "wrong authority": (_authority, "call_signature"),
    "signature changed": (_bent_signature, "call_signature"),
    "no digest": (_digest_left_out, "call_no_digest"),
    "content-encoded": (_encoded, "call_encoded"),
    "another tag": (_other_tag, "call_tag"),
    "query not covered": (_uncovered, "call_uncovered"),
}


@pytest.mark.parametrize("url", URLS, ids=IDS)
@pytest.mark.parametrize("bend", CALLS)
def test_a_bent_call_is_401_at_every_url(nodes: Nodes, bend: str, url: Url) -> None:
    step, code = CALLS[bend]
    before = nodes["A"].counts()
    said = step(Attempt(nodes, url))
    assert (said.status, said.code) == (401, code), said.value
    assert nodes["A"].counts() == before


@pytest.mark.parametrize("url", [ENVELOPES, DOCUMENTS, POLL], ids=IDS[2:])
def test_a_changed_body_is_401(nodes: Nodes, url: Url) -> None:
    before = nodes["A"].counts()
    said = _body(Attempt(nodes, url))
    assert (said.status, said.code) == (401, "call_digest")
    assert nodes["A"].counts() == before


def test_a_stranger_learns_nothing_about_what_exists(nodes: Nodes) -> None:
    """An address that is there, one that is not, and a cursor: all the same without trust."""
    a, voice = nodes["A"], Voice(nodes["S"])
    answers = [
        voice.call(a, "GET", path).value
        for path in ("/peer/v1/feed", "/peer/v1/none", "/peer/v1/feed?cursor=abc")
    ]
    texts = {json.dumps(value | {"what": ""}) for value in answers}
    assert len(texts) == 1, answers


def test_a_cursor_of_another_and_a_made_up_one_are_answered_alike(nodes: Nodes) -> None:
    a, voice = nodes["A"], Voice(nodes["B"])
    answers = [
        voice.call(a, "GET", f"/peer/v1/feed?cursor={text}").value
        for text in ("abc", secrets.token_urlsafe(60), "%00", "a" * 5_000)
    ]
    assert answers == [answers[0]] * 4
    assert answers[0]["code"] == "cursor"


# --- true calls with bad content ----------------------------------------------------------------


def _frame(header: object) -> bytes:
    return envelopes.compress([jcs.canonical(header)])


def _raw(header: bytes) -> bytes:
    return envelopes.compress([header])


def _document(nodes: Nodes, **bent: object) -> bytes:
    return Voice(nodes["B"]).document("batch", {"any": "thing"}, **bent)


def _part(document: bytes) -> bytes:
    return _frame({"batch": document.decode(), "lines": 1}) + envelopes.compress([b"{}"])


def _of_stranger(nodes: Nodes) -> bytes:
    return envelopes.frames([Voice(nodes["S"]).batch([b"{}"])])


def _retracting(body: object) -> Callable[[Nodes], bytes]:
    def made(nodes: Nodes) -> bytes:
        document = Voice(nodes["B"]).document("retraction", body)  # type: ignore[arg-type]
        return envelopes.frames([Part(document, retraction=True)])

    return made


def _version_2(nodes: Nodes) -> bytes:
    return _part(_document(nodes, v=2))


ID = "ab" * 16
CONTENT: dict[str, tuple[Callable[[Nodes], bytes], int, str]] = {
    "not zstd": (lambda n: b"nothing", 400, "zstd"),
    "half a frame": (lambda n: _frame({"lines": 1})[:-4], 400, "zstd"),
    "not JSON": (lambda n: _raw(b"{"), 400, "not_json"),
    "duplicate members": (lambda n: _raw(b'{"lines":0,"lines":0}'), 400, "duplicate_member"),
    "deep nesting": (lambda n: _raw(b"[" * 100 + b"]" * 100), 413, "too_deep"),
    "NaN": (lambda n: _raw(b'{"lines":NaN}'), 400, "not_json"),
    "unknown member": (lambda n: _frame({"lines": 0, "x": 1}), 400, "envelope_header"),
    "a list": (lambda n: _frame([1]), 400, "envelope_header"),
    "wrong type of lines": (lambda n: _frame({"lines": "1"}), 400, "envelope_header"),
    "lines that are not there": (lambda n: _frame({"lines": 5}), 400, "envelope_lines"),
    "too many lines": (lambda n: _frame({"lines": 5_000}), 413, "too_many_objects"),
    "opens too wide": (lambda n: zstandard.compress(b"a" * (65 << 20)), 413, "too_large"),
    "no document": (lambda n: _part(b"a.b"), 400, "jws"),
    "unknown version": (_version_2, 400, "unknown_version"),
    "for another": (lambda n: _part(_document(n, aud="ab" * 32)), 401, "audience"),
    "an exercise": (lambda n: _part(_document(n, exercise=True)), 403, "exercise"),
    "body of a batch": (lambda n: _part(_document(n)), 400, "batch_body"),
    "claimant unknown": (_of_stranger, 401, "unknown_key"),
    "retraction of nothing": (_retracting({"reason": "x"}), 400, "retraction_body"),
    "retraction of text": (_retracting({"claims": "x", "reason": "x"}), 400, "retraction_body"),
    "retracted far ahead": (
        _retracting({"claims": [[ID, 4_000_000_000_000_000]], "reason": "x"}),
        401,
        "future",
    ),
    "retracted before time": (
        _retracting({"claims": [[ID, -1]], "reason": "x"}),
        400,
        "retraction_body",
    ),
}


@pytest.mark.parametrize("case", CONTENT)
def test_bad_content_of_an_envelope_is_refused_with_its_own_code(nodes: Nodes, case: str) -> None:
    make, status, code = CONTENT[case]
    before = nodes["A"].counts()
    said = Voice(nodes["B"]).call(nodes["A"], *ENVELOPES, make(nodes))
    assert (said.status, said.code) == (status, code), said.value
    assert nodes["A"].counts() == before


def _agreement(nodes: Nodes, body: object) -> bytes:
    to = nodes["A"].fingerprint
    return Voice(nodes["B"]).document("agreement", body, aud=to, agreement="ab" * 32)  # type: ignore[arg-type]


def _receipt_of(nodes: Nodes, body: object, re: list[str]) -> bytes:
    to = nodes["A"].fingerprint
    return Voice(nodes["B"]).document("receipt", body, aud=to, re=re)  # type: ignore[arg-type]


DIGEST = "cd" * 32
ACTS: dict[str, tuple[Callable[[Nodes], bytes], int, str]] = {
    "no document": (lambda n: b"{}", 400, "jws"),
    "not base64url": (lambda n: b"!.!.!", 400, "base64url"),
    "another's document": (
        lambda n: Voice(n["S"]).document("agreement", {}, aud=n["A"].fingerprint),
        401,
        "unknown_key",
    ),
    "for another": (lambda n: _document(n, aud="ab" * 32), 401, "audience"),
    "agreement for all": (lambda n: Voice(n["B"]).document("agreement", {}), 401, "audience"),
    "terms missing": (lambda n: _agreement(n, {}), 400, "agreement_body"),
    "terms of a number": (lambda n: _agreement(n, {"terms": 1}), 400, "agreement_body"),
    "terms not base64": (lambda n: _agreement(n, {"terms": "!"}), 400, "agreement_body"),
    "receipt of nothing": (lambda n: _receipt_of(n, {"kind": "receipt"}, []), 401, "not_issuer"),
    "receipt of another kind": (
        lambda n: _receipt_of(n, {"kind": "x"}, [DIGEST]),
        400,
        "receipt_kind",
    ),
    "effective without a time": (
        lambda n: _receipt_of(n, {"kind": "effective"}, [DIGEST]),
        400,
        "receipt_at",
    ),
}


@pytest.mark.parametrize("case", ACTS)
def test_a_bad_document_is_refused_with_its_own_code(nodes: Nodes, case: str) -> None:
    make, status, code = ACTS[case]
    before = nodes["A"].counts()
    said = Voice(nodes["B"]).call(nodes["A"], *DOCUMENTS, make(nodes))
    assert (said.status, said.code) == (status, code), said.value
    assert nodes["A"].counts() == before


def test_a_document_id_that_is_used_for_other_bytes_is_refused(nodes: Nodes) -> None:
    a, voice = nodes["A"], Voice(nodes["B"])
    first = voice.document("report", {"n": 1}, aud=a.fingerprint)
    id = str(jws.open_document(first).stated.id)
    said = voice.call(a, *DOCUMENTS, first)
    again = voice.call(a, *DOCUMENTS, first)
    assert said.status == 200 and said.value == again.value
    receipt = jws.open_document(said.value["receipt"].encode()).stated
    assert (receipt.body["outcome"], receipt.body["class"]) == ("refused", "unknown_type")
    before = a.counts()
    other = voice.call(a, *DOCUMENTS, voice.document("report", {"n": 2}, aud=a.fingerprint, id=id))
    assert (other.status, other.code) == (409, "id_reused")
    assert a.counts() == before


def test_a_card_with_a_small_order_key_is_refused(nodes: Nodes) -> None:
    a, s = nodes["A"], nodes["S"]
    (card,) = s.rows("SELECT document FROM members_card")[0]
    stated = jws.open_document(card).stated
    body = json.loads(json.dumps(stated.body))
    for key in body["keys"]:
        if key["purpose"] == "act":
            key["public"] = "AQ" + "A" * 41
            key["key"] = "AQ" + "A" * 41
    root = s.keyring.root().root
    payload = {
        "id": str(stated.id),
        "iss": s.fingerprint,
        "aud": "*",
        "iat": stated.iat_text,
        "v": 1,
        "agreement": None,
        "re": [],
        "body": body,
    }
    bent = jws.sign_document("card", payload, f"{s.fingerprint}/{root.key_id}", root.sign)
    before = a.counts()
    said = Voice(nodes["B"]).call(a, *DOCUMENTS, bent)
    assert said.status in (400, 401), said.value
    assert a.counts() == before


def test_an_oversized_body_is_refused_before_it_is_read(nodes: Nodes) -> None:
    a, voice = nodes["A"], Voice(nodes["B"])
    before = a.counts()
    said = voice.call(a, *DOCUMENTS, b"a" * ((1 << 20) + 1))
    assert (said.status, said.code) == (413, "too_large")
    assert a.counts() == before


def test_one_bad_object_does_not_lose_the_good_ones_of_its_batch(nodes: Nodes) -> None:
    a, b = nodes["A"], nodes["B"]
    b.raised("good-one.example")
    wait_until(lambda: a.verdict("good-one.example") == "scam", "B's claim is at A")
    (line,) = batches(b, b)[-1].lines
    said = Voice(b).envelope(a, Voice(b).batch([b"{}", line, b'{"type":"indicator"}', b"\xff"]))
    assert [each[1] for each in said.outcomes] == ["refused", "merged", "refused", "refused"]


def test_nothing_was_a_fault_of_ours_and_the_ledger_verifies(nodes: Nodes) -> None:
    a = nodes["A"]
    assert "Traceback" not in a.said(), a.said()[-3000:]
    a.verified()
