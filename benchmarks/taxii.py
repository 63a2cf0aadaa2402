"""Rows about TAXII 2.1: the same objects into and out of our node, OpenTAXII and medallion."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks import foreign, made
from benchmarks.foreign import TYPE, Endpoint
from benchmarks.nodes import Node, embedded, running
from benchmarks.processes import cpu_seconds
from benchmarks.table import Figure, number

_TOGETHER = 1_000  #: objects of one POST, and of one page
_ASKS = 20  #: requests with nothing new
_PATIENCE = 20.0  #: seconds after which a server is read from no further
MEDALLION = 1_000  #: objects for medallion: a page of 10 000 it did not answer within two minutes
_SPACE = uuid.UUID("9c1b8f0e-3e4c-4d6f-8a53-6f1f3a1f7d11")
_GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"


def stix_object(n: int) -> dict[str, Any]:
    """An indicator of about 1 kB: of ten, five on urls, three on domains, two on phones."""
    phone = f"[phone-number:value = '{made.phone(n)}']"
    patterns = (f"[url:value = 'https://{made.url(n)}']", f"[domain-name:value = '{made.host(n)}']")
    pattern = phone if n % 10 >= 8 else patterns[n % 10 >= 5]
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid.uuid5(_SPACE, str(n))}",
        "created_by_ref": f"identity--{uuid.uuid5(_SPACE, 'bench')}",
        "created": "2026-11-01T00:00:00.000Z",
        "modified": f"2026-11-01T00:00:{n % 60:02d}.{n % 1000:03d}Z",
        "name": f"Scam report {n}",
        "description": "Reported as a scam by a customer of a bank. " * 8,
        "indicator_types": ["malicious-activity"],
        "pattern": pattern,
        "pattern_type": "stix",
        "pattern_version": "2.1",
        "valid_from": "2026-11-01T00:00:00Z",
        "valid_until": "2027-11-01T00:00:00Z",
        "labels": ["scam", "bank"],
        "confidence": 85,
        "object_marking_refs": [_GREEN],
    }


@dataclass(frozen=True, slots=True)
class Result:
    """What one server did, in objects or requests to a CPU-second; None where it could not."""

    ingest: float | None
    last: float | None  #: of the last tenth alone: does it slow down?
    get: float | None
    nothing: float  #: CPU milliseconds of a request with nothing new
    trouble: str = ""


def figures(folder: Path, objects: int, held: int) -> Iterator[Figure]:
    """Our node at `objects` beside the others in this same run; then ours alone, up to `held`."""
    results = {}
    with _ours(folder, "taxii") as ours:
        results["ours"] = measured(ours, objects)
        more = measured(ours, held, first=objects) if held > objects else None
    others = (
        ("opentaxii", foreign.opentaxii, objects),
        ("medallion", foreign.medallion, min(objects, MEDALLION)),
    )
    # They keep their own storage, whatever our database is.
    for name, start, size in others if embedded() else ():
        place = folder / name
        place.mkdir()
        try:
            with start(place) as endpoint:
                results[name] = measured(endpoint, size)
                notes = endpoint.note
        except (OSError, RuntimeError, http.client.HTTPException) as failed:
            yield Figure(f"  TAXII: {name} could not be measured", 0.0, "", note=str(failed)[:90])
            continue
        yield from _foreign(endpoint.name, results[name], size, notes)
    yield from _own(results, more, objects, held)


def _own(
    results: dict[str, Result], more: Result | None, objects: int, held: int
) -> Iterator[Figure]:
    ours = results["ours"]
    for name, other in results.items():
        if name == "ours":
            continue
        for what, mine, theirs, target in (
            ("ingest", ours.ingest, other.ingest, 20.0 if name == "opentaxii" else None),
            ("get", ours.get, other.get, None),
        ):
            if mine and theirs:
                yield Figure(f"TAXII {what}, ours to {name}'s", mine / theirs, "×", objects, target)
    for result, size in ((ours, objects), (more, held)):
        if result is None or result.last is None or result.ingest is None or result.get is None:
            continue
        target = 10_000 if size == held else None
        note = f"{number(result.ingest)} over all; gated, durable, claims raised from indicators"
        yield Figure(
            f"TAXII ingest at {size:,}", result.last, "objects/CPU-s", size, target, note=note
        )
        yield Figure(f"TAXII get of {size:,}", result.get, "objects/CPU-s", size, 100_000)
        yield Figure(
            f"TAXII, nothing new at {size:,}", result.nothing, "ms CPU", _ASKS, 5.0, least=False
        )


def _foreign(name: str, result: Result, objects: int, note: str) -> Iterator[Figure]:
    for what, value in (("ingest", result.ingest), ("get", result.get)):
        if value is None:
            yield Figure(f"  TAXII {what}, {name}: cannot", 0.0, "", note=result.trouble[:90])
        else:
            yield Figure(f"  TAXII {what}, {name}", value, "objects/CPU-s", objects, note=note)
    yield Figure(f"  TAXII, nothing new, {name}", result.nothing, "ms CPU", _ASKS)


@contextmanager
def _ours(folder: Path, name: str) -> Iterator[Endpoint]:
    node = Node(folder, name)
    scopes = ("--scope", "taxii:read", "--scope", "taxii:write")
    token = node.cli("token", "new", "--audience", "own", "--name", "bench", *scopes)
    made_ = node.cli("collection", "new", "bench")
    node.cli("collection", "grant", "bench", str(token["number"]), "--write")
    with running(node):
        yield Endpoint(
            "Hue and Cry", node.port, str(made_["path"]),
            tuple(int(pid) for pid in node.pids.split(",")),
            {"Authorization": f"Bearer {token['token']}"},
        )  # fmt: skip


def measured(at: Endpoint, end: int, first: int = 0) -> Result:
    """Posts objects `first` to `end`, reads all that are held, then asks for nothing new."""
    rates, trouble = [], ""
    for start in range(first, end, _TOGETHER):
        body = json.dumps({"objects": [stix_object(n) for n in range(start, start + _TOGETHER)]})
        before = cpu_seconds(*at.pids)
        status, said = _ask(at, "POST", "objects/", body.encode())
        if status != 202:
            trouble = f"HTTP {status}: {said[:60]!r}"
            break
        rates.append((_TOGETHER, cpu_seconds(*at.pids) - before))
    tenth = rates[-max(1, len(rates) // 10) :]
    got, took, last = _read_all(at)
    if not trouble and got < end:
        trouble = f"{got} of {end} objects came back"
    return Result(
        _rate(rates) if rates and not trouble.startswith("HTTP") else None,
        _rate(tenth) if tenth else None,
        got / took if got and took else None,
        _nothing(at, last),
        trouble,
    )


def _nothing(at: Endpoint, last: str) -> float:
    """CPU milliseconds of a request with nothing new; a slow server is asked a few times only."""
    before, began = cpu_seconds(*at.pids), time.monotonic()
    done = 0
    while done < _ASKS and time.monotonic() - began < _PATIENCE:
        _ask(at, "GET", f"objects/?limit={_TOGETHER}&added_after={quote(last)}")
        done += 1
    return (cpu_seconds(*at.pids) - before) * 1_000 / done


def _rate(parts: Sequence[tuple[int, float]]) -> float:
    return sum(n for n, _ in parts) / max(sum(cpu for _, cpu in parts), 0.01)


def _read_all(at: Endpoint) -> tuple[int, float, str]:
    """(indicators, CPU-seconds, date of the last one) of every page, by `next`."""
    before, got, cursor, last = cpu_seconds(*at.pids), 0, "", ""
    began = time.monotonic()
    while time.monotonic() - began < _PATIENCE:
        more = f"&next={quote(cursor)}" if cursor else ""
        status, body, fields = _answer(at, "GET", f"objects/?limit={_TOGETHER}{more}", b"")
        if status != 200:
            break
        page = json.loads(body)
        got += sum(1 for each in page.get("objects", ()) if each["type"] == "indicator")
        last = fields.get("X-TAXII-Date-Added-Last") or last
        cursor = page.get("next", "")
        if not page.get("more") or not cursor:
            break
    return got, cpu_seconds(*at.pids) - before, last


def _ask(at: Endpoint, method: str, target: str, body: bytes = b"") -> tuple[int, bytes]:
    status, said, _ = _answer(at, method, target, body)
    return status, said


def _answer(
    at: Endpoint, method: str, target: str, body: bytes
) -> tuple[int, bytes, http.client.HTTPMessage]:
    call = http.client.HTTPConnection("127.0.0.1", at.port, timeout=120)
    headers = {"Accept": TYPE, **at.headers}
    if body:
        headers["Content-Type"] = TYPE
    call.request(method, at.path + target, body or None, headers)
    answer = call.getresponse()
    said = answer.read()
    call.close()
    return answer.status, said, answer.headers
