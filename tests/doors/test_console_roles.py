"""Every page of the console for every role: who may open what is written down, and is so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.urls import URLPattern, get_resolver

from console_scene import browser, one_with
from hueandcry.apps.members import face as members
from hueandcry.core.errors import NotPermitted
from hueandcry.doors.console.permissions import MAY, ROLES
from hueandcry.doors.console.staff import PERMISSION
from node_scene import Node

GOLDEN = Path(__file__).parent / "golden" / "console_roles.txt"
#: Pages for whoever is signed in at all, before there is a second factor.
BEFORE = {"enrol"}
#: Permissions that show what people said happened to them.
REPORTS = {
    "reports",
    "reports:personal",
    "reports:exhibit",
    "reports:import",
    "hotline",
    "quarantine",
}
#: … and what was collected as evidence.
EVIDENCE = {"exhibits", "exhibits:decide"}
#: … and what members ask of each other.
REQUESTS = {"requests", "requests:write", "requests:authorities", "deconflict"}
#: What stands in addresses where something is named.
NAMED: dict[str, Any] = {
    "number": 999_999,
    "file": 999_999,
    "key": "0" * 32,
    "claim_id": UUID(int=0),
    "exhibit": UUID(int=0),
    "upload": UUID(int=0),
    "package": UUID(int=0),
    "uuid": UUID(int=0),
    "language": "en",
    "index": 999_999,
    "name": "console.idle_minutes",
    "version": 7,
    "act": "sign-out",
    "hash": "0" * 64,
}


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    return Node(monkeypatch)


def patterns() -> Iterator[tuple[str, URLPattern]]:
    """Every page of ours with its name (allauth's come without the namespace)."""
    _prefix, ours = get_resolver().namespace_dict["console"]
    for pattern in ours.url_patterns:
        assert isinstance(pattern, URLPattern) and pattern.name
        yield pattern.name, pattern


def addresses() -> Iterator[tuple[str, str]]:
    """Name and address of every page, with something in the place of what is named."""
    prefix, resolver = get_resolver().namespace_dict["console"]
    for name, pattern in patterns():
        kwargs = {key: NAMED[key] for key in pattern.pattern.regex.groupindex}
        yield f"{name} {pattern.pattern}", f"/{prefix}{resolver.reverse(name, **kwargs)}"


def test_every_page_asks_for_a_permission_of_the_table() -> None:
    asked = {name: getattr(p.callback, PERMISSION, None) for name, p in patterns()}
    assert {name for name, permission in asked.items() if permission is None} == BEFORE
    assert {p for p in asked.values() if p} <= MAY.keys()


def test_who_may_open_what_is_as_it_is_written_down(node: Node) -> None:
    lines = []
    clients = {role: one_with(role) for role in ROLES}
    for name, url in addresses():
        if name.partition(" ")[0] in BEFORE:
            continue
        may = [role for role, client in clients.items() if _opens(client, url)]
        lines.append(f"{name}: {', '.join(may) or 'nobody'}")
    found = "\n".join(sorted(lines)) + "\n"
    assert found == GOLDEN.read_text(), found


def _opens(client: Any, url: str) -> bool:
    """Whether the roles let through: what is named need not exist, what is sent not make sense."""
    status = client.get(url, secure=True).status_code
    if status == 405:
        status = client.post(url, secure=True).status_code
    assert status < 500, url
    return bool(status != 403)


def test_strangers_are_sent_to_sign_in_from_every_page(node: Node) -> None:
    for n, (_name, url) in enumerate(addresses()):
        # Each from an address of its own: there are more forms than attempts in a minute.
        stranger = browser(REMOTE_ADDR=f"198.18.{n // 256}.{n % 256}")
        answer = stranger.get(url, secure=True)
        if answer.status_code == 405:
            answer = stranger.post(url, secure=True)
        assert answer.status_code == 302, url
        assert answer.headers["Location"].startswith("/console/sign-in/"), url


def test_an_auditor_sees_no_content(node: Node) -> None:
    content = {"today", "search", "signal", "claims", "peers", "sources", "personal"} | REPORTS
    content |= EVIDENCE | REQUESTS
    assert all("auditor" not in MAY[permission] for permission in content)
    assert "auditor" in MAY["access"] and "auditor" in MAY["ledger"]


def test_whoever_administers_accounts_sees_no_content_by_that(node: Node) -> None:
    content = {"search", "signal", "claims", "personal"} | REPORTS | EVIDENCE
    content |= REQUESTS
    assert all("administrator" not in MAY[permission] for permission in content)


def test_nobody_administers_accounts_and_checks(node: Node) -> None:
    with pytest.raises(NotPermitted) as refused, transaction.atomic():
        members.add_person("both", ["administrator", "checker"])
    assert refused.value.code == "two_hats"
    boss = one_with("administrator")
    form = {"login": "both", "name": "B", "roles": ["administrator", "checker"]}
    answer = boss.post("/console/people/new/", form, secure=True)
    assert answer.status_code == 403 and b"two_hats" in answer.content
    assert "both" not in [person.login for person in members.people()]


def test_a_refused_page_is_noted(node: Node) -> None:
    one_with("auditor").get("/console/people/", secure=True)
    (line,) = [line for line in members.accesses() if line.outcome == "refused"]
    assert (line.login, line.action) == ("auditor", "role people")
