"""Acts as a node's own people, one JSON line for each act: a command line that stays open."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

if seconds := os.environ.get("CLOCK_OFF_BY"):
    from nodes.skewed import set_off

    set_off(float(seconds))

from hueandcry.doors.cli import opening
from hueandcry.doors.cli.resident import said

opening.prepare()

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face as signals
from hueandcry.core import normal
from hueandcry.core.errors import HueError
from hueandcry.core.types import Actor, Audience, Kind, Marking, Tlp, Verdict
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work
from hueandcry.engine.timeline import face as timeline


def actor(seat: str = "") -> Actor:
    """Our own people, or with `seat` that guest's."""
    if seat:
        return Actor(members.seat(seat).fingerprint, None, frozenset({"guest"}))
    return Actor(members.us().fingerprint, None, frozenset({"analyst"}))


def token() -> str:
    with unit_of_work():
        return members.new_token(Audience.OWN, "test", clock.now()).text


def raise_(
    values: list[str],
    kind: str = "domain",
    tlp: str = "GREEN",
    verdict: str = "scam",
    seat: str = "",
) -> list[str]:
    new = [
        signals.NewClaim(
            normal.normalise(Kind(kind), value, market="TH"),
            Verdict(verdict),
            marking=Marking(Tlp.read(tlp)),
        )
        for value in values
    ]
    with unit_of_work():
        raised = signals.raise_claims(actor(seat), new, peers.stamp(clock.now()))
    return [each.claim_id.hex for each in raised]


def retract(value: str, kind: str = "domain", seat: str = "") -> list[str]:
    signal = normal.normalise(Kind(kind), value, market="TH")
    with unit_of_work():
        gone = signals.retract(actor(seat), signal, "mistake", peers.stamp(clock.now()))
    return [each.claim_id.hex for each in gone]


def ingest(values: list[str]) -> int:
    rows = [signals.Row(n, value) for n, value in enumerate(values, 1)]
    listing = signals.Listing(kind=Kind.DOMAIN, source="feed")
    reports = signals.ingest(actor(), rows, listing, now=lambda: peers.stamp(clock.now()))
    return sum(report.accepted for report in reports)


def hops(value: str) -> list[dict[str, Any]]:
    signal = normal.normalise(Kind.DOMAIN, value)
    return [
        {"name": hop.name, "node": hop.node, "at": hop.at, "source": hop.source}
        for id in signals.claim_ids(signal)
        for hop in timeline.hops(id)
    ]


def cli(words: list[str]) -> list[Any]:
    """One command in this process: [exit code, stdout, stderr]."""
    return list(said(words))


def refused(seat: str) -> str:
    """The code with which a guest of ours is refused; empty when it is not."""
    try:
        raise_(["refused.example"], seat=seat)
    except HueError as error:
        return error.code
    return ""


def back(peer: str) -> str:
    """Whether a peer reaches us: `reached`, or the code with which it says no."""
    found = peers.find(peer)
    assert found is not None
    try:
        said = peers.ask_back(found)
    except HueError as error:
        return error.code
    return "reached" if said["reached"] else str(said["code"])


ACTS: dict[str, Callable[..., Any]] = {
    "token": token,
    "raise": raise_,
    "retract": retract,
    "ingest": ingest,
    "hops": hops,
    "cli": cli,
    "refused": refused,
    "back": back,
}


def main() -> None:
    for line in sys.stdin:
        given = json.loads(line)
        try:
            answer = {"done": ACTS[given.pop("act")](**given)}
        except Exception as error:  # the test that asked is told
            answer = {"failed": repr(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
