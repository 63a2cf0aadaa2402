"""Inside a peer's folder: pushes whole batches of 1 000 to another node's door, as a peer does."""

from __future__ import annotations

import json
import sys
import time
from uuid import UUID

from benchmarks import made
from benchmarks.processes import cpu_seconds, pids
from hueandcry.doors.cli import opening

opening.prepare()

from hueandcry.apps.exchange import rules
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core import envelopes, jcs, stix, tlog
from hueandcry.core.types import DAY, Claim, Kind, Lane, Signal, Verdict
from hueandcry.engine import clock

BATCH = envelopes.MAX_OBJECTS
_ENCODER = max(stix.ENCODERS)
TOGETHER = 5  #: batches to one call: a page of the real push

#: A batch holds one label, so one kind: of ten, five hold urls, three domains, two phones.
_U, _D, _P = Kind.URL, Kind.DOMAIN, Kind.PHONE
KINDS = (_U, _D, _U, _P, _U, _D, _U, _P, _D, _U)
_VALUES = {Kind.URL: made.url, Kind.DOMAIN: made.host, Kind.PHONE: made.phone}


def main(to: str, server: list[int], first: int, calls: int) -> None:
    """Prints `{objects, accepted, bytes, cpu, wall}` for each call; `cpu` is the server's."""
    opening.open_node()
    peer = peers.find(to)
    assert peer is not None, "no such peer"
    for call in range(calls):
        lines = [_lines(first + call * TOGETHER + n) for n in range(TOGETHER)]
        body = envelopes.frames([_part(each) for each in lines])
        cpu, began = cpu_seconds(*server), time.monotonic()
        answer = peers.call(
            peer, "POST", "/peer/v1/envelopes", body=body, content_type=envelopes.CONTENT_TYPE
        )
        wall = time.monotonic() - began
        if call == calls - 1:
            time.sleep(1.0)  # what the call set going ends too: log, second receipts
        said = {
            "objects": sum(map(len, lines)),
            "accepted": _accepted(answer.body),
            "bytes": sum(len(line) for each in lines for line in each),
            "cpu": cpu_seconds(*server) - cpu,
            "wall": wall,
        }
        print(json.dumps(said), flush=True)


def _lines(batch: int) -> tuple[bytes, ...]:
    kind = KINDS[batch % len(KINDS)]
    encode = stix.ENCODERS[_ENCODER]
    at = clock.now()
    return tuple(encode(_claim(kind, n, at)) for n in range(batch * BATCH, (batch + 1) * BATCH))


def _claim(kind: Kind, n: int, at: int) -> Claim:
    us = members.us().fingerprint
    value = _VALUES[kind](n)
    id: UUID = stix.claim_id(us, "", kind, value, 0)
    return Claim(
        id, us, Signal(kind, value), Verdict.SCAM, at, at + 30 * DAY, at, at,
        lure="bank", method="impersonation", confidence=85,
    )  # fmt: skip


def _part(lines: tuple[bytes, ...]) -> envelopes.Part:
    root = tlog.root([tlog.leaf_hash(line) for line in lines])
    body = rules.BatchBody(root, len(lines), _ENCODER, Lane.BULK)
    return envelopes.Part(peers.issue("batch", body.value(), clock.now()), lines)


def _accepted(body: bytes) -> int:
    receipts = jcs.parse(body, max_bytes=1 << 26)["receipts"]
    return sum(_outcomes(raw).count("accepted") for raw in receipts)


def _outcomes(raw: str) -> list[str]:
    document = peers.believe(raw.encode(), clock.now())
    return [each[1] for each in document.body["objects"]]


if __name__ == "__main__":
    main(sys.argv[1], pids(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
