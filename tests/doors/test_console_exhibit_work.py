"""What people do with an exhibit from its page: a child, a note by hand, and its destruction."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client

from console_reports import opened, posted
from console_scene import one_with
from evidence_scene import CHAT, Evidence, actions
from hueandcry.apps.evidence import face
from hueandcry.apps.evidence.face import ExhibitView
from hueandcry.core import custody
from hueandcry.core.custody import Action
from hueandcry.core.types import DAY
from other_member import NOW

MADE = {"how": "redacted", "changes": "Names are gone", "reason": "For the partner"}
NOTED = {"action": "analysed", "reason": "Metadata read"}
DECIDED = {"authority": "Court of Bangkok", "reason": "Order 17"}


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Evidence:
    return Evidence(monkeypatch)


@pytest.fixture
def police(node: Evidence) -> Client:
    return one_with("police")


@pytest.fixture
def analyst(node: Evidence) -> Client:
    return one_with("analyst")


def page(view: ExhibitView, more: str = "") -> str:
    return f"/console/exhibits/{view.id}/{more}"


def derived(client: Client, view: ExhibitView, status: int = 302, **said: Any) -> str:
    file = io.BytesIO(b"less")
    file.name = "less.txt"
    form = {"file": file, "description": "Without names", **MADE, **said}
    return posted(client, page(view, "derive/"), status, **form)


# --- a child -------------------------------------------------------------------------------------


def test_a_file_becomes_a_child_and_the_custody_of_both_tells_of_it(
    node: Evidence, analyst: Client
) -> None:
    parent = node.kept().exhibit
    assert page(parent, "derive/") in opened(analyst, page(parent))
    assert "Kept as exhibit EX-2." in opened(
        analyst, derived(analyst, parent, number="EX-2", tool="redactor 1.2 -names")
    )
    [child] = face.children(parent.id)
    [first] = node.chain(child.id)
    assert (first.action, first.changes, first.reason) == (
        Action.REDACTED,
        "Names are gone",
        "For the partner",
    )
    assert first.tool == custody.Tool("redactor", "1.2", "-names")
    assert actions(node.chain(parent.id)) == ["acquired", "redacted"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"changes": ""}, "This field is required."),
        ({"how": "destroyed"}, "Select a valid choice."),
        ({"tool": "redactor"}, "Name a version too"),
        ({"number": "no number!"}, "is no exhibit number"),
        ({"file": ""}, "Choose a file."),
    ],
)
def test_what_does_not_do_makes_no_child(
    node: Evidence, analyst: Client, said: dict[str, str], told: str
) -> None:
    parent = node.kept().exhibit
    assert told in derived(analyst, parent, 400, **said)
    assert face.children(parent.id) == [] and actions(node.chain(parent.id)) == ["acquired"]


def test_of_what_lies_in_quarantine_only_the_police_make_a_child(
    node: Evidence, analyst: Client, police: Client
) -> None:
    parent = node.kept(quarantined=True).exhibit
    assert page(parent, "derive/") not in opened(analyst, page(parent))
    derived(analyst, parent, 403)
    derived(police, parent)
    assert [each.quarantined for each in face.children(parent.id)] == [True]


# --- a note --------------------------------------------------------------------------------------


def test_what_was_done_elsewhere_is_noted_in_the_custody(node: Evidence, analyst: Client) -> None:
    view = node.kept().exhibit
    said: dict[str, Any] = {
        "tool": "exiftool 12.57 -a",
        "place": "Laboratory",
        "condition": "Sealed",
    }
    html = opened(analyst, posted(analyst, page(view, "note/"), 302, **NOTED, **said))
    assert "Noted in its custody." in html and "Laboratory" in html
    last = node.chain(view.id)[-1]
    assert (last.action, last.reason, last.condition) == (
        Action.ANALYSED,
        "Metadata read",
        "Sealed",
    )
    assert last.tool == custody.Tool("exiftool", "12.57", "-a")
    assert last.outputs == (custody.Content(view.sha256, len(CHAT)),)


@pytest.mark.parametrize("said", [{"reason": ""}, {"action": "released"}, {"tool": "exiftool"}])
def test_a_note_that_does_not_do_is_shown_again_and_nothing_is_noted(
    node: Evidence, analyst: Client, said: dict[str, str]
) -> None:
    view = node.kept().exhibit
    assert 'class="problem"' in posted(analyst, page(view, "note/"), 400, **{**NOTED, **said})
    assert actions(node.chain(view.id)) == ["acquired"]


# --- its end -------------------------------------------------------------------------------------


def destroyed(client: Client, view: ExhibitView, status: int = 302, **said: str) -> str:
    form = {"act": "destroy", **DECIDED, "sure": "on", **said}
    return posted(client, page(view, "act/"), status, **form)


def test_it_is_destroyed_on_a_named_authority_s_word_by_who_is_sure(
    node: Evidence, police: Client
) -> None:
    view = node.held()
    assert "This field is required." in destroyed(police, view, 400, sure="")
    html = opened(police, destroyed(police, view))
    assert "Its custody stays" in html and "Destroy it" not in html and "Work on it" not in html
    last = node.chain(view.id)[-1]
    assert (last.action, last.authority) == (Action.DESTROYED, "Court of Bangkok")
    posted(police, page(view, "note/"), 409, **NOTED)
    derived(police, view, 409)


def test_what_is_held_is_not_destroyed_and_not_offered(node: Evidence, police: Client) -> None:
    view = node.kept().exhibit
    assert "Destroy it" in opened(police, page(view))
    node.did(face.hold, view.id, "Court", "Appeal", NOW + DAY)
    assert "Destroy it" not in opened(police, page(view))
    destroyed(police, view, 409)
    assert face.exhibit(view.number).state == "open"


def test_an_analyst_destroys_nothing(node: Evidence, analyst: Client) -> None:
    view = node.kept().exhibit
    assert "Destroy it" not in opened(analyst, page(view))
    destroyed(analyst, view, 403)
    assert actions(node.chain(view.id)) == ["acquired"]
