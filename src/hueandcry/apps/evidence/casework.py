"""The CASE 1.5 graph of a package: its custody in the words of forensic tools (CASE/UCO). No I/O.

It is an export and decides nothing: what counts are the records that were signed. Every node is
named by a UUIDv5 that follows from what it speaks of: the same package gives the same graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID, uuid5

from hueandcry.apps.evidence.facts import History, PackageFacts, Packed, Party
from hueandcry.core import jcs
from hueandcry.core.custody import Actor, Event, Tool
from hueandcry.core.packages import case_id
from hueandcry.core.times import time_text
from hueandcry.core.types import Fingerprint, Micros

#: UUIDv5 of `urn:hueandcry:case` in the namespace of URLs (RFC 9562).
NAMESPACE: Final = UUID("eaef5c37-e3f9-51a4-b95a-ab6acf456882")

CONTEXT: Final[Mapping[str, str]] = {
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "kb": "urn:hueandcry:kb:",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-location": "https://ontology.unifiedcyberontology.org/uco/location/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

Node = dict[str, Any]


def graph(facts: PackageFacts, told: Sequence[History]) -> bytes:
    """The graph as JSON-LD in its RFC 8785 form; the same for the same package."""
    events = [event for each in told for event in each.events]
    nodes = [
        _investigation(facts, told, events),
        *_organisations(facts, events),
        *_once(_person(event.actor) for event in events if event.actor.person),
        *_once(_tool(event.tool) for event in events if event.tool),
        *_once(_place(event.place) for event in events if event.place),
        *_once(_authorisation(text) for text in _authorities(facts, events)),
        *(node for each in told for node in _exhibit(each, told)),
    ]
    return jcs.canonical({"@context": dict(CONTEXT), "@graph": nodes})


def _investigation(facts: PackageFacts, told: Sequence[History], events: Iterable[Event]) -> Node:
    records = [_ref(_record_id(each.exhibit)) for each in told]
    actions = [_ref(_action_id(event)) for event in events]
    granted = [_ref(_authorisation_id(text)) for text in _authorities(facts, events)]
    return {
        "@id": f"kb:investigation-{case_id(facts.package)}",
        "@type": "case-investigation:Investigation",
        "uco-core:name": f"Package {facts.package}",
        "uco-core:description": facts.reason,
        "uco-core:objectCreatedTime": _time(facts.at),
        "case-investigation:investigationForm": "case",
        "uco-core:object": [*records, *actions],
        **({"case-investigation:relevantAuthorization": granted} if granted else {}),
    }


# --- who, with what, where, by what right ---------------------------------------------------------


def _organisations(facts: PackageFacts, events: Iterable[Event]) -> list[Node]:
    """Both parties by name; earlier holders, whose names the package does not know, without."""
    known = {party.fingerprint: party for party in (facts.sender, facts.recipient)}
    named = [event.actor.org for event in events]
    named += [event.counterpart.org for event in events if event.counterpart]
    return [_organisation(each, known.get(each)) for each in dict.fromkeys([*known, *named])]


def _organisation(fingerprint: Fingerprint, party: Party | None) -> Node:
    said = f"{party.country}; {', '.join(party.roles)}. " if party else ""
    return {
        "@id": _organisation_id(fingerprint),
        "@type": "uco-identity:Organization",
        "uco-core:name": party.name if party else fingerprint,
        "uco-core:description": f"{said}Fingerprint {fingerprint}",
    }


def _person(actor: Actor) -> Node:
    """A person by pseudonym: who it is, the organisation knows."""
    return {
        "@id": _person_id(actor),
        "@type": "uco-identity:Identity",
        "uco-core:name": actor.person,
    }


def _tool(tool: Tool) -> Node:
    settings = {"uco-core:description": tool.settings} if tool.settings else {}
    return {
        "@id": _tool_id(tool),
        "@type": "uco-tool:Tool",
        "uco-core:name": tool.name,
        "uco-tool:version": tool.version,
        **settings,
    }


def _place(place: str) -> Node:
    return {"@id": _place_id(place), "@type": "uco-location:Location", "uco-core:name": place}


def _authorisation(text: str) -> Node:
    return {
        "@id": _authorisation_id(text),
        "@type": "case-investigation:Authorization",
        "case-investigation:authorizationIdentifier": text,
    }


def _authorities(facts: PackageFacts, events: Iterable[Event]) -> list[str]:
    said = [facts.authority, *(event.authority for event in events)]
    return list(dict.fromkeys(text for text in said if text))


# --- an exhibit and what was done with it ---------------------------------------------------------


def _exhibit(told: History, others: Sequence[History]) -> Iterator[Node]:
    yield _file(told.exhibit)
    yield _provenance(told, others)
    earlier: Event | None = None
    for event in told.events:
        yield _action(event, told.exhibit, earlier)
        earlier = event


def _file(exhibit: Packed) -> Node:
    size = {"@type": "xsd:integer", "@value": str(exhibit.size)}
    digests = (("SHA256", exhibit.sha256), ("SHA512", exhibit.sha512))
    return {
        "@id": _file_id(exhibit),
        "@type": "uco-observable:File",
        "uco-core:hasFacet": [
            {
                "@id": _about("file-facet", exhibit),
                "@type": "uco-observable:FileFacet",
                "uco-observable:fileName": exhibit.name,
                "uco-observable:sizeInBytes": size,
            },
            {
                "@id": _about("content-data-facet", exhibit),
                "@type": "uco-observable:ContentDataFacet",
                "uco-observable:mimeType": exhibit.media_type,
                "uco-observable:sizeInBytes": size,
                "uco-observable:hash": [_hash(exhibit, *digest) for digest in digests],
            },
        ],
    }


def _hash(exhibit: Packed, method: str, value: str) -> Node:
    return {
        "@id": _about(f"hash-{method.lower()}", exhibit),
        "@type": "uco-types:Hash",
        "uco-types:hashMethod": method,
        "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": value},
    }


def _provenance(told: History, others: Sequence[History]) -> Node:
    """The exhibit's record, with the number of what it was made of where that is in the package."""
    parent = told.chain[0].event.parent
    roots = [each.exhibit.number for each in others if each.exhibit.id == parent]
    return {
        "@id": _record_id(told.exhibit),
        "@type": "case-investigation:ProvenanceRecord",
        "case-investigation:exhibitNumber": told.exhibit.number,
        "uco-core:description": told.exhibit.description,
        "uco-core:object": _ref(_file_id(told.exhibit)),
        **({"case-investigation:rootExhibitNumber": roots} if roots else {}),
    }


def _action(event: Event, exhibit: Packed, earlier: Event | None) -> Node:
    node: Node = {
        "@id": _action_id(event),
        "@type": "case-investigation:InvestigativeAction",
        "uco-core:name": event.action.value,
        "uco-core:description": _said(event),
        "uco-action:startTime": _time(event.at),
        "uco-action:endTime": _time(event.at),
        "uco-action:performer": _ref(_organisation_id(event.actor.org)),
        "uco-action:object": [_ref(_file_id(exhibit))],
        "uco-action:result": [_ref(_record_id(exhibit))],
    }
    if event.actor.person or event.counterpart:
        node["uco-action:participant"] = _participants(event)
    if event.tool:
        node["uco-action:instrument"] = [_ref(_tool_id(event.tool))]
    if event.place:
        node["uco-action:location"] = [_ref(_place_id(event.place))]
    if event.authority:
        granted = [_ref(_authorisation_id(event.authority))]
        node["case-investigation:relevantAuthorization"] = granted
    if earlier:
        node["case-investigation:wasInformedBy"] = [_ref(_action_id(earlier))]
    return node


def _said(event: Event) -> str:
    """Reason, role, changes, condition and id: what CASE has no place of its own for."""
    more = (
        ("role", event.actor.role),
        ("changes", event.changes),
        ("condition", event.condition),
        ("custody event", str(event.event)),
    )
    return "; ".join([event.reason, *(f"{name}: {text}" for name, text in more if text)])


def _participants(event: Event) -> list[Node]:
    persons = [_ref(_person_id(event.actor))] if event.actor.person else []
    others = [_ref(_organisation_id(event.counterpart.org))] if event.counterpart else []
    return persons + others


# --- names ----------------------------------------------------------------------------------------


def _action_id(event: Event) -> str:
    return f"kb:investigative-action-{case_id(event.event)}"


def _file_id(exhibit: Packed) -> str:
    return f"kb:file-{case_id(exhibit.id)}"


def _record_id(exhibit: Packed) -> str:
    return f"kb:provenance-record-{case_id(exhibit.id)}"


def _about(what: str, exhibit: Packed) -> str:
    return f"kb:{what}-{uuid5(exhibit.id, what)}"


def _organisation_id(fingerprint: Fingerprint) -> str:
    return _named("organization", fingerprint)


def _person_id(actor: Actor) -> str:
    """Pseudonyms are each organisation's own: two of one spelling are two persons."""
    return _named("identity", f"{actor.org}/{actor.person}")


def _tool_id(tool: Tool) -> str:
    return _named("tool", f"{tool.name}\n{tool.version}\n{tool.settings}")


def _place_id(place: str) -> str:
    return _named("location", place)


def _authorisation_id(text: str) -> str:
    return _named("authorization", text)


def _named(what: str, name: str) -> str:
    return f"kb:{what}-{uuid5(NAMESPACE, f'{what}/{name}')}"


def _ref(identifier: str) -> Node:
    return {"@id": identifier}


def _once(nodes: Iterable[Node]) -> list[Node]:
    """Each node once, where it came first."""
    return list({node["@id"]: node for node in nodes}.values())


def _time(at: Micros) -> Node:
    return {"@type": "xsd:dateTime", "@value": time_text(at)}
