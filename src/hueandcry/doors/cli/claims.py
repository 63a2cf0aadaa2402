"""Values in, verdicts and claims out."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, command
from hueandcry.doors.cli.usage import Usage

opening.prepare()

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face as signals
from hueandcry.core import normal
from hueandcry.core.types import Kind, Marking, Pap, Signal, Tlp, Verdict
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work
from hueandcry.engine.timeline import face as timeline

Values = Annotated[list[str], typer.Argument(help="domains, links, numbers, accounts …")]
KindOption = Annotated[str, typer.Option("--kind", help="auto, or the kind of every value")]


def check(values: Values, kind: KindOption = "auto", json: Json = False) -> None:
    """Verdict on values with reasons; exit 0 whatever the verdict."""
    opening.open_node()
    answers = signals.check(values, clock.now(), kind=read_kind(kind))
    if json:
        showing.as_json_lines(answers)
        return
    for answer in answers:
        colour = showing.COLOURS[answer["verdict"]]
        showing.out.print(f"[{colour}]{answer['verdict']:10}[/] {answer['value']}")
        for reason in answer["reasons"]:
            told = ", ".join(f"{k} {v}" for k, v in reason["params"].items())
            showing.out.print(f"           {reason['code']}{': ' if told else ''}{told}")


def report(
    values: Values,
    kind: KindOption = "auto",
    lure: Annotated[str, typer.Option(help="what was promised: investment, romance, job …")] = "",
    method: Annotated[str, typer.Option(help="how: sms, phone, site, app …")] = "",
    tlp: Annotated[str, typer.Option(help="CLEAR, GREEN, AMBER, AMBER+STRICT, RED")] = "GREEN",
    pap: Annotated[str, typer.Option(help="CLEAR, GREEN, AMBER, RED")] = "GREEN",
    verdict: Annotated[str, typer.Option(help="scam, suspicious, benign")] = "scam",
    json: Json = False,
) -> None:
    """Raise claims about values, as this member's own people."""
    actor = opening.open_node()
    marking = Marking(read_tlp(tlp), one_of(Pap, pap.upper(), "pap"))
    said: Verdict = one_of(Verdict, verdict, "verdict", by_value=True)
    new = [
        signals.NewClaim(read(value, kind), said, lure, method, marking=marking) for value in values
    ]
    with unit_of_work():
        raised = signals.raise_claims(actor, new, peers.stamp(clock.now()))
    answers = [
        {
            "value": value,
            "kind": each.signal.kind.value,
            "canonical": each.signal.value,
            "claim": str(each.claim_id),
            "outcome": each.outcome,
        }
        for value, each in zip(values, raised, strict=True)
    ]
    if json:
        showing.as_json(answers)
    else:
        rows = [(a["outcome"], a["kind"], a["canonical"]) for a in answers]
        showing.table(("outcome", "kind", "value"), rows)


def retract(
    value: Annotated[str, typer.Argument(help="the value to withdraw our claims about")],
    reason: Annotated[str, typer.Option(help="mistake, appeal, expired, other …")],
    kind: KindOption = "auto",
    json: Json = False,
) -> None:
    """Withdraw our claims about a value, everywhere and for good."""
    actor = opening.open_node()
    signal = read(value, kind)
    with unit_of_work():
        gone = signals.retract(actor, signal, reason, peers.stamp(clock.now()))
    answer = {
        "value": value,
        "kind": signal.kind.value,
        "canonical": signal.value,
        "claims": [str(each.claim_id) for each in gone],
        "reason": reason,
    }
    if json:
        showing.as_json(answer)
    else:
        showing.out.print(f"Withdrawn: {len(gone)} claim(s) about {signal.value}")


def trace(
    value: Annotated[str, typer.Argument(help="a value that we raised")],
    kind: KindOption = "auto",
    json: Json = False,
) -> None:
    """What became of our claims about a value: every hop with its time and its source."""
    opening.open_node()
    signal = read(value, kind)
    hops = [hop for id in signals.claim_ids(signal) for hop in _hops(id)]
    if json:
        showing.as_json(hops)
        return
    rows = [(hop["name"], hop["node"], showing.time(hop["at"]), hop["source"]) for hop in hops]
    showing.table(("hop", "node", "at", "known by"), rows)


def _hops(claim_id: bytes) -> list[dict[str, Any]]:
    hops = timeline.hops(claim_id)
    names = members.called({hop.node for hop in hops})
    return [
        {"name": hop.name, "node": names[hop.node], "at": hop.at, "source": hop.source}
        for hop in hops
    ]


def read(value: str, kind: str) -> Signal:
    """One value as a signal, national numbers read by this node's country; raises Unreadable."""
    market = members.us().country
    wanted = read_kind(kind)
    if wanted is None:
        return normal.guess(value, market=market)
    return normal.normalise(wanted, value, market=market)


def read_kind(text: str) -> Kind | None:
    """`auto` is None; raises Usage for a kind nobody knows."""
    return None if text == "auto" else one_of(Kind, text, "kind", by_value=True)


def read_tlp(text: str) -> Tlp:
    """A TLP 2.0 marking; raises Usage."""
    try:
        return Tlp.read(text)
    except KeyError as error:
        known = ", ".join(tlp.wire for tlp in Tlp)
        raise Usage("tlp", f"There is no TLP:{text}", do=f"Use one of: {known}") from error


def one_of(kind: Any, text: str, what: str, *, by_value: bool = False) -> Any:
    """The member of an enumeration by its name or value; raises Usage with what there is."""
    try:
        return kind(text) if by_value else kind[text]
    except (KeyError, ValueError) as error:
        known = ", ".join(str(each.value) if by_value else each.name for each in kind)
        raise Usage(what, f"There is no {what} {text!r}", do=f"Use one of: {known}") from error


COMMANDS = {
    "check": command(check),
    "report": command(report),
    "retract": command(retract),
    "trace": command(trace),
}
