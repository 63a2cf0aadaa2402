"""Inside a peer's folder: reads another node's feed to its end, then asks again for nothing new."""

from __future__ import annotations

import json
import sys
import time
from urllib.parse import quote

from benchmarks.processes import cpu_seconds, pids
from hueandcry.doors.cli import opening

opening.prepare()

from hueandcry.apps.peers import face as peers
from hueandcry.core import envelopes, jcs

_FEED = "/peer/v1/feed"


def main(of: str, server: list[int], rounds: int, asks: int) -> None:
    """Prints the sums of reading everything `rounds` times, then those of `asks` empty pages."""
    opening.open_node()
    peer = peers.find(of)
    assert peer is not None, "no such peer"
    cpu, began, pages, objects, cursor = cpu_seconds(*server), time.monotonic(), 0, 0, ""
    for _ in range(rounds):
        cursor, more = "", True
        while more:
            body = _page(peer, cursor)
            lines = envelopes.decompress(body).split(b"\n")
            head = jcs.parse(lines[0], max_bytes=65_536)
            objects += sum(len(part.lines) for part in envelopes.read_lines(lines[1:]))
            cursor, more, pages = head["cursor"], head["more"], pages + 1
    _say(server, cpu, began, pages=pages, objects=objects)
    cpu, began = cpu_seconds(*server), time.monotonic()
    for _ in range(asks):
        _page(peer, cursor)
    _say(server, cpu, began, pages=asks, objects=0)


def _page(peer: peers.PeerView, cursor: str) -> bytes:
    path = f"{_FEED}?cursor={quote(cursor)}" if cursor else _FEED
    return peers.call(peer, "GET", path).body


def _say(server: list[int], cpu: float, began: float, **counts: int) -> None:
    used, wall = cpu_seconds(*server) - cpu, time.monotonic() - began
    print(json.dumps({**counts, "cpu": used, "wall": wall}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], pids(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
