"""Check 10: the CASE graph tells of the same exhibits and the same custody (CASE 1.5, UCO).

What is checked here is structure: what a reader of the graph would take from it. The rules of the
ontology itself are checked by SHACL where `case-utils` is installed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hueandcry.core import packages, strictjson
from hueandcry.core.custody import Event
from hueandcry.core.errors import Malformed, Untrusted
from hueandcry.core.packages import Exhibit
from hueandcry.core.times import read_rfc3339
from hueandcry.verifier.chains import Chains
from hueandcry.verifier.contents import Contents
from hueandcry.verifier.statement import Stated

MAX_CASE = 1 << 26  #: bytes

_FILE = "uco-observable:File"
_RECORD = "case-investigation:ProvenanceRecord"
_ACTION = "case-investigation:InvestigativeAction"
_NODE_ID = re.compile(
    r".*([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", re.DOTALL
)

Node = Mapping[str, Any]


def check(contents: Contents, stated: Stated, chains: Chains) -> str:
    """(10) One node for each exhibit, file and event, with what custody and bag say of it."""
    # (a) It is a graph: every node has a name of its own and a type, and no reference is dangling.
    nodes = _graph(contents)
    # (b) Each exhibit is there by its number, and leads to a file of its digest and size.
    for exhibit in stated.statement.exhibits:
        _check_exhibit(exhibit, nodes)
    # (c) Each event is there by the UUID that follows from its own, with its action and its time;
    #     and none that nobody signed.
    told = [each.event for chain in chains.values() for each in chain]
    events = {str(packages.case_id(event.event)): event for event in told}
    actions = {_uuid(name): node for name, node in nodes.items() if _is(node, _ACTION)}
    for missing in events.keys() - actions.keys():
        raise Untrusted("case_event", f"The graph has no action for event {missing}")
    for spare in actions.keys() - events.keys():
        raise Untrusted("case_event", f"The graph tells of action {spare}, which nobody signed")
    for name, event in events.items():
        _check_event(event, actions[name])
    return f"{len(nodes)} nodes tell of the same {len(events)} events and exhibits"


def graph_bytes(contents: Contents) -> bytes:
    """The graph as it lies in the package."""
    return contents.read(packages.CASE, MAX_CASE)


def _graph(contents: Contents) -> dict[str, Node]:
    said = strictjson.parse(graph_bytes(contents), max_bytes=MAX_CASE, floats=True)
    if not isinstance(said, dict) or not isinstance(said.get("@context"), dict):
        raise Malformed("case_graph", "The graph names no context")
    graph = said.get("@graph")
    if not isinstance(graph, list):
        raise Malformed("case_graph", "There is no graph")
    nodes: dict[str, Node] = {}
    for node in (inner for outer in graph for inner in _nodes(outer)):
        name = node["@id"]
        if not isinstance(name, str) or not _NODE_ID.fullmatch(name):
            raise Malformed("case_node", f"{ascii(name)[:120]} does not end in a UUID")
        if name in nodes:
            raise Malformed("case_node", f"Two nodes are called {name!a}")
        nodes[name] = node
    for reference in (each for outer in graph for each in _references(outer)):
        if reference not in nodes:
            raise Malformed("case_reference", f"No node is called {ascii(reference)[:120]}")
    return nodes


def _nodes(value: Any) -> Iterator[Node]:
    """Every object with an `@id` and a `@type`, at any depth."""
    if isinstance(value, dict):
        if "@id" in value and "@type" in value:
            yield value
        for each in value.values():
            yield from _nodes(each)
    elif isinstance(value, list):
        for each in value:
            yield from _nodes(each)


def _references(value: Any) -> Iterator[Any]:
    """Every `@id` that stands alone, at any depth."""
    if isinstance(value, dict):
        if value.keys() == {"@id"}:
            yield value["@id"]
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def _check_exhibit(exhibit: Exhibit, nodes: Mapping[str, Node]) -> None:
    records = [
        node
        for node in nodes.values()
        if _is(node, _RECORD) and node.get("case-investigation:exhibitNumber") == exhibit.number
    ]
    if len(records) != 1:
        raise Untrusted("case_exhibit", f"The graph does not tell of {exhibit.number} once")
    files = [nodes[name] for name in _references(records[0].get("uco-core:object"))]
    wanted = (exhibit.sha256, exhibit.size)
    if not any(_is(file, _FILE) and _content(file) == wanted for file in files):
        raise Untrusted("case_exhibit", f"The graph has another file for {exhibit.number}")


def _content(file: Node) -> tuple[str, int]:
    """(SHA-256, size) that the facets of a file state; empty where they do not."""
    sha256, size = "", -1
    for facet in _list(file.get("uco-core:hasFacet")):
        size = _number(facet.get("uco-observable:sizeInBytes"), size)
        for each in _list(facet.get("uco-observable:hash")):
            if _text(each.get("uco-types:hashMethod")) == "SHA256":
                sha256 = _text(each.get("uco-types:hashValue")).lower()
    return sha256, size


def _check_event(event: Event, action: Node) -> None:
    if _text(action.get("uco-core:name")) != event.action.value:
        raise Untrusted("case_event", f"The graph calls event {event.n} of {event.number} another")
    if read_rfc3339(_text(action.get("uco-action:startTime"))) != event.at:
        raise Untrusted("case_event", f"The graph dates event {event.n} of {event.number} wrongly")


def _is(node: Node, kind: str) -> bool:
    types = node["@type"]
    return kind == types or (isinstance(types, list) and kind in types)


def _uuid(name: str) -> str:
    match = _NODE_ID.fullmatch(name)
    return match[1] if match else ""


def _list(value: Any) -> list[Node]:
    each = value if isinstance(value, list) else [value]
    return [one for one in each if isinstance(one, dict)]


def _text(value: Any) -> str:
    """A literal as text, typed or plain."""
    said = value.get("@value") if isinstance(value, dict) else value
    return said if isinstance(said, str) else ""


def _number(value: Any, otherwise: int) -> int:
    said = value.get("@value") if isinstance(value, dict) else value
    if type(said) is int:
        return said
    return int(said) if isinstance(said, str) and said.isdecimal() else otherwise
