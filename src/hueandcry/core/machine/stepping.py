"""One step of a machine: the next state, or why not. It is stored by one conditional update."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from hueandcry.core.errors import Conflict, HueError, NotPermitted
from hueandcry.core.law.rows import Row, parsed
from hueandcry.core.machine.guards import GUARDS, Facts, Side
from hueandcry.core.types import Micros

#: Target of an edge that leads back to where the request was.
RESUME: Final = "resume"
#: Target of an edge that is an act and moves nothing.
SAME: Final = "same"
EITHER: Final = "either"
#: The one state in which the clocks of a decision stand still.
STANDSTILL: Final = "RETURNED_INCOMPLETE"


@dataclass(frozen=True, slots=True)
class Guard:
    """What must be so, in words, and from where the rule is."""

    name: str
    says: str
    source: str
    conflict: bool  #: raised as Conflict; otherwise as NotPermitted


@dataclass(frozen=True, slots=True)
class Edge:
    """From one state by one event to another, if the guards hold."""

    event: str
    source: str
    target: str
    by: str
    guards: tuple[Guard, ...]
    spawns: bool


@dataclass(frozen=True, slots=True)
class Machine:
    """States with their meanings, and edges by event and state."""

    name: str
    start: str
    final: frozenset[str]
    states: Mapping[str, str]
    edges: Mapping[tuple[str, str], Edge]

    @property
    def events(self) -> frozenset[str]:
        return frozenset(event for event, _ in self.edges)

    def open_to(self, state: str, side: Side) -> tuple[str, ...]:
        """Events that this side may try in that state, as they stand in the file."""
        return tuple(
            edge.event
            for edge in self.edges.values()
            if edge.source == state and edge.by in (side, EITHER)
        )


@dataclass(frozen=True, slots=True)
class Step:
    """Where an event leads, and whether it makes a request of its own for the next hop."""

    state: str
    spawns: bool = False


def step(machine: Machine, state: str, event: str, facts: Facts, *, before: str = "") -> Step:
    """The next state; Conflict or NotPermitted says what is missing and by which rule.

    `before` is the state that a secrecy alert interrupted.
    """
    edge = machine.edges.get((event, state))
    if edge is None:
        raise _not_from_here(machine, state, event)
    if edge.by not in (facts.side, EITHER):
        raise NotPermitted(
            "wrong_side",
            f"{event} is for the {edge.by} side",
            why="A request is moved by the side whose turn it is",
        )
    for guard in edge.guards:
        if not GUARDS[guard.name](facts):
            raise _held_back(event, guard)
    return Step(_target(machine, edge, before), edge.spawns)


def _target(machine: Machine, edge: Edge, before: str) -> str:
    if edge.target != RESUME:
        return edge.source if edge.target == SAME else edge.target
    if (before, edge.source) not in {(each.source, each.target) for each in machine.edges.values()}:
        raise Conflict("nothing_to_resume", f"{before or 'Nothing'} was not interrupted")
    return before


def _not_from_here(machine: Machine, state: str, event: str) -> HueError:
    if event not in machine.events:
        return Conflict("no_such_event", f"There is no event {event[:40]!a} here")
    return Conflict(
        "moved_on",
        f"{event} is not possible in {state}",
        why=machine.states.get(state, "No such state"),
        do="Look at it again: somebody else may have moved it on",
    )


def _held_back(event: str, guard: Guard) -> HueError:
    kind = Conflict if guard.conflict else NotPermitted
    return kind(
        guard.name,
        f"{event} needs that {guard.says}",
        why=guard.source,
    )


def pauses(history: Sequence[tuple[str, Micros]]) -> list[tuple[Micros, Micros | None]]:
    """When the clocks of a request stood still, out of its states and when each was reached.

    They stand still only while it is returned as incomplete; the last pause may still be open.
    """
    ends = [*(at for _, at in history[1:]), None]
    return [
        (at, end)
        for (state, at), end in zip(history, ends, strict=False)  # no history has no end
        if state == STANDSTILL
    ]


def read_machine(name: str, data: bytes, guards: Mapping[str, Guard]) -> Machine:
    """A machine of a data file; Malformed where a name in it is defined nowhere."""
    row = parsed(f"{name}.toml", data)
    states = {state: str(says) for state, says in row.table("state").items()}
    start, final = row.text("start"), frozenset(row.texts("final", needed=True))
    edges: dict[tuple[str, str], Edge] = {}
    for each in row.tables("edge"):
        for edge in _edges(each, states, guards):
            if (edge.event, edge.source) in edges:
                raise each.refused(edge.event, f"stands twice for {edge.source}")
            if edge.source in final:
                raise each.refused(edge.event, f"leads out of {edge.source}, which is final")
            edges[edge.event, edge.source] = edge
    for state in (start, *final):
        if state not in states:
            raise row.refused(state, "is no state")
    row.close()
    return Machine(name, start, final, states, edges)


def _edges(row: Row, states: Mapping[str, str], guards: Mapping[str, Guard]) -> list[Edge]:
    event, sources = row.text("event"), row.texts("from", needed=True)
    target, by, names = row.text("to"), row.text("by"), row.texts("guards")
    spawns = row.flag("spawns")
    row.close()
    if by not in (*Side, EITHER):
        raise row.refused("by", "must be requesting, requested or either")
    for state in (*sources, *({target} - {RESUME, SAME})):
        if state not in states:
            raise row.refused("from", f"or to names {state!r}, which is no state")
    for name in names:
        if name not in guards:
            raise row.refused("guards", f"names {name!r}, which nothing defines")
    held = tuple(guards[name] for name in names)
    return [Edge(event, source, target, by, held, spawns) for source in sources]


def _read_guards(data: bytes) -> dict[str, Guard]:
    row = parsed("guards.toml", data)
    found = {}
    for name in row.names():
        each = Row(f"guards.toml, {name}", row.table(name))
        wrong = each.text("wrong")
        if wrong not in ("conflict", "not-permitted"):
            raise each.refused("wrong", "must be conflict or not-permitted")
        found[name] = Guard(name, each.text("says"), each.text("source"), wrong == "conflict")
        each.close()
    return found


def _file(name: str) -> bytes:
    return files("hueandcry.core.machine").joinpath("data", name).read_bytes()


RULES: Final[Mapping[str, Guard]] = _read_guards(_file("guards.toml"))
REQUEST: Final = read_machine("request", _file("request.toml"), RULES)
HOLD: Final = read_machine("hold", _file("hold.toml"), RULES)
MONEY: Final = read_machine("money", _file("money.toml"), RULES)
#: By the name that a request type gives.
MACHINES: Final[Mapping[str, Machine]] = {each.name: each for each in (REQUEST, HOLD, MONEY)}
