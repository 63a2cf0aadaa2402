"""A node with a TAXII door, clients of every audience, and short words for what they do."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from hueandcry.apps.collections import face as collections
from hueandcry.apps.members import face as members
from hueandcry.core.stix import TLP_IDS
from hueandcry.core.times import time_text
from hueandcry.core.types import DAY, Actor, Audience, Micros, Tlp
from hueandcry.doors.taxii.app import taxii
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node
from wsgi_client import Response, call

MEDIA = "application/taxii+json;version=2.1"
ROOT = "/taxii2/api/"
BOTH = ("taxii:read", "taxii:write")


@dataclass(frozen=True)
class Client:
    """A program with a token of this node."""

    number: int
    name: str
    text: str

    @property
    def basic(self) -> str:
        pair = f"{self.name}:{self.text}".encode()
        return "Basic " + base64.b64encode(pair).decode()

    def ask(self, method: str, path: str, **more: Any) -> Response:
        """One request; `path` is under the api root unless it begins with a slash."""
        headers = {"Authorization": self.basic, "Accept": MEDIA, **more.pop("headers", {})}
        target = path if path.startswith("/") else ROOT + path
        return call(taxii, method, target, headers=headers, **more)

    def get(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.status == 200, answer.body
        assert answer.headers["Content-Type"] == MEDIA
        return answer.json()

    def objects(self, place: str, query: str = "") -> list[dict[str, Any]]:
        """Every object of a collection, page by page."""
        found: list[dict[str, Any]] = []
        query, following = query or "limit=1000", ""
        while True:
            page = self.get(f"collections/{place}/objects/?{query}{following}")
            found += page.get("objects", [])
            if not page["more"]:
                return found
            query = "&".join(part for part in query.split("&") if not part.startswith("next="))
            following = f"&next={page['next']}"

    def post(self, place: str, *objects: Any, **more: Any) -> Response:
        body = json.dumps({"objects": objects}).encode()
        return self.send(place, body, **more)

    def send(self, place: str, body: bytes, media: str = MEDIA, **more: Any) -> Response:
        path = f"collections/{place}/objects/"
        return self.ask("POST", path, body=body, CONTENT_TYPE=media, **more)

    def posted(self, place: str, *objects: Any) -> dict[str, Any]:
        """The status of a posting of which every object was taken."""
        answer = self.post(place, *objects)
        assert answer.status == 202, answer.body
        status: dict[str, Any] = answer.json()
        assert status["failure_count"] == 0, status
        return status

    def refused(self, place: str, *objects: Any) -> list[str]:
        """The codes with which objects of a posting are refused."""
        answer = self.post(place, *objects)
        assert answer.status == 202, answer.body
        return [each["message"].partition(":")[0] for each in answer.json()["failures"]]


def client(
    node: Node, name: str, audience: Audience = Audience.OWN, scopes: Sequence[str] = BOTH
) -> Client:
    with unit_of_work():
        made = members.new_token(audience, "test", node.now, name=name, scopes=scopes)
    return Client(made.number, name, made.text)


def collection(node: Node, name: str = "bank", **more: Any) -> str:
    """A new collection; its id."""
    with unit_of_work():
        collections.new_collection(name, Actor(node.fingerprint), node.now, **more)
    return next(each.id for each in collections.every() if each.name == name)


def granted(node: Node, name: str, client: Client, rights: str = "rw") -> None:
    with unit_of_work():
        collections.grant(
            name,
            client.number,
            Actor(node.fingerprint),
            node.now,
            read="r" in rights,
            write="w" in rights,
            manage="m" in rights,
        )


# --- objects -------------------------------------------------------------------------------------

_SPACE = UUID("5f0e3c4e-6a0f-4d2b-9a36-0c5a5f3f3a10")


def indicator(
    now: Micros, value: str, *, step: int = 0, tlp: Tlp | None = Tlp.GREEN, **more: Any
) -> dict[str, Any]:
    """An indicator of another tool about one domain, in its version `step`."""
    marks = {} if tlp is None else {"object_marking_refs": [TLP_IDS[tlp]]}
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid5(_SPACE, value)}",
        "created": time_text(now - DAY),
        "modified": time_text(now - DAY + step),
        "name": value,
        "indicator_types": ["malicious-activity"],
        "pattern": f"[domain-name:value = '{value}']",
        "pattern_type": "stix",
        "valid_from": time_text(now - DAY),
        "valid_until": time_text(now + DAY),
        **marks,
        **more,
    }


def observable(value: str, tlp: Tlp | None = Tlp.GREEN) -> dict[str, Any]:
    marks = {} if tlp is None else {"object_marking_refs": [TLP_IDS[tlp]]}
    id = f"domain-name--{uuid5(_SPACE, value)}"
    return {"type": "domain-name", "spec_version": "2.1", "id": id, "value": value, **marks}


def ids(objects: Iterable[dict[str, Any]], kind: str = "indicator") -> list[str]:
    return [each["id"] for each in objects if each["type"] == kind]
