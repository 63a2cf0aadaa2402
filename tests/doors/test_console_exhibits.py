"""The pages of exhibits in the console: what each shows, to whom, what it notes and refuses."""

from __future__ import annotations

import base64
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from console_reports import Intake, opened, posted, url
from console_scene import one_with
from evidence_scene import CHAT, Evidence, actions, handed_over, publish_all
from hueandcry.apps.evidence import face
from hueandcry.apps.evidence.face import Limit, Terms
from hueandcry.apps.members import face as members
from hueandcry.apps.members.models import Access
from hueandcry.apps.reports.face import GivenFile
from hueandcry.apps.reports.models import Attachment
from hueandcry.core import custody
from hueandcry.core.custody import Action
from hueandcry.core.types import DAY, SECOND
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.keys import ed25519
from hueandcry.engine.store.work import unit_of_work
from other_member import NOW, OtherMember

LIST = "/console/exhibits/"
NEW = "/console/exhibits/new/"
WHY = {"purpose": "investigation", "reference": "case 7"}
DECIDED = {"authority": "Court of Bangkok", "reason": "For trial"}
BANK = OtherMember("bank")
LINES = b"""10/02/2026, 14:03 - Mali: hello
10/02/2026, 14:04 - Mali: send it <b> to https://evil.example/x
10/02/2026, 14:05 - Somchai: why
10/02/2026, 14:06 - Mali: Tomorrow
"""


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Evidence:
    return Evidence(monkeypatch)


@pytest.fixture
def police(node: Evidence) -> Client:
    return one_with("police")


@pytest.fixture
def analyst(node: Evidence) -> Client:
    return one_with("analyst")


def page(exhibit: object, more: str = "") -> str:
    return f"{LIST}{exhibit}/{more}"


def uploaded(client: Client, data: bytes, status: int = 302, **said: Any) -> str:
    file = io.BytesIO(data)
    file.name = said.pop("name", "chat.txt")
    return posted(client, NEW, status, file=file, **{"description": "Chat", **said})


def later(days: int = 30) -> str:
    return (datetime.fromtimestamp(NOW / SECOND, UTC) + timedelta(days=days)).date().isoformat()


# --- the list ------------------------------------------------------------------------------------


def test_a_list_without_exhibits_says_what_one_is(analyst: Client) -> None:
    assert "There are no exhibits yet." in opened(analyst, LIST)


def test_the_list_tells_what_each_is_and_what_stands_on_it(node: Evidence, analyst: Client) -> None:
    first = node.kept(description="Chat of the victim", quarantined=True).exhibit
    plain = node.kept(b"other", description="Another").exhibit
    node.did(face.hold, first.id, "Court", "Appeal", NOW + DAY)
    node.did(face.restrict, first.id, Terms(Limit.ONWARD, "Nobody else", "Court"))
    child = node.did(
        face.derive, first.id, node.taken(b"less"), face.Told(), Action.REDACTED, "Names are gone"
    ).exhibit
    html = opened(analyst, LIST)
    assert html.index(child.number) < html.index(plain.number) < html.index(first.number)
    assert "Chat of the victim" in html and "Another" in html
    assert html.count(">Legal hold<") == 1
    assert html.count(">Restricted<") == 2, "what stands on the parent stands on the child"


def test_an_exhibit_is_found_by_number_digest_and_state(node: Evidence, analyst: Client) -> None:
    first = node.kept(number="EX-17").exhibit
    other = node.kept(b"other", number="ZZ-1").exhibit
    assert other.number not in opened(analyst, LIST, q="ex-")
    assert first.number not in opened(analyst, LIST, q=other.sha256)
    assert "No exhibit is like this." in opened(analyst, LIST, state="destroyed")
    assert first.number in opened(analyst, LIST, state="nonsense", before="x")


def test_pages_of_the_list_follow_each_other(
    node: Evidence, analyst: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hueandcry.doors.console.exhibit_list.LIMIT", 2)
    numbers = [node.kept(bytes([n]), number=f"EX-{n}").exhibit.number for n in range(3)]
    [last] = [row for row, view in face.exhibits() if view.number == numbers[1]]
    html = opened(analyst, LIST)
    assert f"before={last}" in html and numbers[0] not in html
    html = opened(analyst, LIST, before=str(last))
    assert numbers[0] in html and numbers[1] not in html


def test_the_list_takes_no_more_statements_for_more_exhibits(
    node: Evidence, analyst: Client
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as taken:
            opened(analyst, LIST)
        return len(taken)

    node.kept()
    statements()  # what is looked up once
    one = statements()
    for n in range(3):
        node.kept(bytes([n]))
    assert statements() == one


def test_who_decides_is_asked_whether_an_old_hold_is_still_needed(
    node: Evidence, analyst: Client, police: Client
) -> None:
    node.did(face.hold, node.kept().exhibit.id, "Court", "Appeal", node.now + 2 * SECOND)
    node.now += 9 * SECOND
    asked = "Is each of these legal holds still needed?"
    assert asked in opened(police, LIST)
    assert asked not in opened(analyst, LIST)


# --- adding --------------------------------------------------------------------------------------


def test_a_file_becomes_an_exhibit_with_what_was_said_of_it(
    node: Evidence, analyst: Client
) -> None:
    where = uploaded(
        analyst,
        b"\x00\x01 no known sort",
        number="EX-9",
        source="Her telephone",
        collected_by="Officer Somchai",
        place="Bangkok",
        tool="exiftool 12.57 -a",
        authority="Consent of the owner",
        condition="Screen broken",
    )
    view = face.exhibit("EX-9")
    assert where == page(view.id)
    assert (view.media_type, view.size) == ("application/octet-stream", 16)
    first, second = node.chain(view.id)
    assert actions([first, second]) == ["collected", "acquired"]
    assert second.tool == custody.Tool("exiftool", "12.57", "-a")
    assert (second.authority, second.place) == ("Consent of the owner", "Bangkok")
    html = opened(analyst, where)
    assert "Kept as exhibit EX-9." in html
    assert "Officer Somchai" in html and "Screen broken" in html and "Her telephone" in html
    assert f"<bdi>{second.actor.person}" not in html, "our own people have their names here"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"tool": "exiftool"}, "Name a version too"),
        ({"number": "no number!"}, "is no exhibit number"),
        ({"description": ""}, "This field is required."),
    ],
)
def test_what_does_not_do_is_told_at_its_field_and_no_exhibit_is_made(
    node: Evidence, analyst: Client, said: dict[str, str], told: str
) -> None:
    html = uploaded(analyst, CHAT, 400, **said)
    assert told in html and "Choose the file again." in html
    assert face.exhibits() == []


def test_an_exhibit_without_a_file_is_none(node: Evidence, analyst: Client) -> None:
    assert "Choose a file." in posted(analyst, NEW, 400, description="Chat")


def test_a_file_of_a_report_becomes_an_exhibit_of_its_own(
    node: Evidence, analyst: Client, police: Client
) -> None:
    given = GivenFile("chat.txt", "text/plain", blobs.take([CHAT], 1 << 20))
    number = Intake(node).waiting("they wrote", files=(given,))
    [file] = Attachment.objects.values_list("pk", flat=True)
    assert "Make it an exhibit" in opened(analyst, url("report", number))
    where = posted(analyst, url("report_exhibit", number, file), description="Chat of the victim")
    [(_, view)] = face.exhibits()
    assert where == page(view.id) and view.source.endswith(f"file {file}")
    assert "Chat of the victim" in opened(analyst, where)
    posted(police, url("report_exhibit", number, file), 403)
    posted(analyst, url("report_exhibit", number, 999), 404)


# --- the page ------------------------------------------------------------------------------------


def test_the_page_shows_custody_parent_and_child(node: Evidence, analyst: Client) -> None:
    parent = node.held(description="Chat of the victim")
    child = node.did(
        face.derive, parent.id, node.taken(b"less"), face.Told(), Action.REDACTED, "Names are gone"
    ).exhibit
    html = opened(analyst, page(parent.id))
    assert page(child.id) in html and "Court of Bangkok" in html and "malee" in html
    assert Access.objects.get(action="exhibit.view").subject == f"exhibit {parent.number}"
    assert "Names are gone" in opened(analyst, page(child.id))
    assert page(parent.id) in opened(analyst, page(child.id))


def test_an_event_comes_with_all_that_proves_it(node: Evidence, analyst: Client) -> None:
    view = node.held()
    early = analyst.get(page(view.id, "custody/1/"), secure=True)
    assert early.status_code == 409, "no head covers it yet"
    publish_all()
    answer = analyst.get(page(view.id, "custody/1/"), secure=True)
    said = json.loads(answer.content)
    assert custody.read_record(said["record"].encode()).action is Action.SEALED
    public, signature = members.acting_key(said["kid"]).public, base64.b64decode(said["signature"])
    assert ed25519.verify(public, signature, custody.message(said["record"].encode()))
    assert said["proof"].startswith("c2sp.org/tlog-proof@v1")
    assert analyst.get(page(view.id, "custody/9/"), secure=True).status_code == 404


def test_an_exhibit_of_another_member_shows_its_earlier_holder(
    node: Evidence, analyst: Client
) -> None:
    node.joined(BANK)
    given = handed_over(BANK, node.fingerprint)
    with unit_of_work():
        view = face.receive(node.police, given, node.now).exhibit
    html = opened(analyst, page(view.id))
    assert "Seized" in html and "Taken over" in html and BANK.name in html
    said = json.loads(analyst.get(page(view.id, "custody/0/"), secure=True).content)
    assert said["proof"] == "c2sp.org/tlog-proof@v1\n", "the proof that came with it"


def test_what_was_destroyed_has_its_page_and_nothing_to_save(
    node: Evidence, analyst: Client
) -> None:
    view = node.kept().exhibit
    node.did(face.destroy, view.id, "Court", "Over")
    html = opened(analyst, page(view.id))
    assert "Destroyed" in html and "Save the file" not in html
    assert analyst.get(page("00000000-0000-0000-0000-000000000000"), secure=True).status_code == 404


# --- reading -------------------------------------------------------------------------------------


def test_bytes_are_given_for_a_purpose_and_the_custody_tells_of_it(
    node: Evidence, analyst: Client
) -> None:
    view = node.kept().exhibit
    answer = analyst.post(page(view.id, "read/"), WHY, secure=True)
    assert b"".join(answer.streaming_content) == CHAT  # type: ignore[attr-defined]
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert 'filename="chat.txt"' in answer.headers["Content-Disposition"]
    last = node.chain(view.id)[-1]
    assert (last.action, last.reason) == (Action.ACCESSED, "investigation: case 7")
    noted = Access.objects.get(action="evidence.read")
    assert (noted.subject, noted.outcome) == (f"exhibit {view.number}", "ok")
    assert noted.address != ""


def test_without_a_purpose_no_byte_goes_and_nothing_is_noted(
    node: Evidence, analyst: Client
) -> None:
    view = node.kept().exhibit
    html = posted(analyst, page(view.id, "read/"), 400, purpose="investigation")
    assert "This field is required." in html
    assert analyst.get(page(view.id, "read/"), secure=True).status_code == 405
    assert actions(node.chain(view.id)) == ["acquired"]


def test_a_chat_is_read_message_by_message_and_nothing_in_it_is_a_link(
    node: Evidence, analyst: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hueandcry.doors.console.exhibit_chat.SHOWN", 2)
    view = node.kept(LINES).exhibit
    html = posted(analyst, page(view.id, "chat/"), 200, **WHY, first="2")
    assert "<bdi>Mali</bdi>" in html and "send it <b> to https://evil.example/x" in html
    assert 'href="https://evil' not in html and "Tomorrow" not in html
    assert f">{view.number}, line 2<" in html and "read on from 4" in html
    assert actions(node.chain(view.id)) == ["acquired", "accessed"]
    assert "This field is required." in posted(analyst, page(view.id, "chat/"), 400)


def test_a_chat_that_ends_before_where_one_reads_on_says_so(
    node: Evidence, analyst: Client
) -> None:
    where = page(node.kept(LINES).exhibit.id, "chat/")
    html = posted(analyst, where, 200, **WHY, first="9")
    assert analyst.get(where, {"lang": "th"}, secure=True).status_code == 302, "one asks again"
    assert "Nothing stands in it from 9 on." in html and ", line" not in html


def test_what_is_no_chat_is_told_and_was_read_all_the_same(node: Evidence, analyst: Client) -> None:
    view = node.kept(b"no chat at all").exhibit
    assert "no_chat" in posted(analyst, page(view.id, "chat/"), 400, **WHY)
    assert actions(node.chain(view.id)) == ["acquired", "accessed"]


def test_only_the_police_open_what_lies_in_quarantine(
    node: Evidence, analyst: Client, police: Client
) -> None:
    view = node.kept(quarantined=True).exhibit
    assert "only the role Police opens it" in opened(analyst, page(view.id))
    assert analyst.post(page(view.id, "read/"), WHY, secure=True).status_code == 403
    assert actions(node.chain(view.id)) == ["acquired"]
    assert Access.objects.get(action="evidence.read").outcome == "refused"
    answer = police.post(page(view.id, "read/"), WHY, secure=True)
    assert b"".join(answer.streaming_content) == CHAT  # type: ignore[attr-defined]
    assert actions(node.chain(view.id)) == ["acquired", "accessed"]


# --- decisions -----------------------------------------------------------------------------------


def decided(client: Client, exhibit: object, act: str, *status: int, **said: Any) -> str:
    return posted(client, page(exhibit, "act/"), *status or (302,), act=act, **said)


def test_an_authority_takes_and_releases_it(node: Evidence, police: Client) -> None:
    view = node.kept().exhibit
    decided(police, view.id, "take", **DECIDED)
    assert face.exhibit(view.number).state == "taken"
    decided(police, view.id, "release", **DECIDED)
    chain = node.chain(view.id)
    assert actions(chain) == ["acquired", "sealed", "released"]
    assert chain[-1].authority == "Court of Bangkok" and chain[-1].actor.role == "police"
    decided(police, view.id, "release", 409, **DECIDED)


def test_who_may_not_decide_is_not_asked_and_is_refused(node: Evidence, analyst: Client) -> None:
    view = node.kept().exhibit
    assert "On the word of a named authority" not in opened(analyst, page(view.id))
    decided(analyst, view.id, "take", 403, **DECIDED)
    assert face.exhibit(view.number).state == "open"


def test_a_hold_is_made_reviewed_and_ended(node: Evidence, police: Client) -> None:
    view = node.kept().exhibit
    html = decided(police, view.id, "hold", 400, review="2020-01-01", **DECIDED)
    assert "A day to come." in html
    decided(police, view.id, "hold", review=later(), **DECIDED)
    [held] = face.holds(view.id)
    assert f"Legal hold {held.number}" in opened(police, page(view.id))
    about = {"about": held.number}
    decided(police, view.id, "review", reason="Appeal", review=later(60), **about)
    assert face.holds(view.id)[0].review_at > held.review_at
    decided(police, view.id, "unhold", **about, **DECIDED)
    assert face.exhibit(view.number).holds == 0


def test_a_restriction_is_imposed_and_lifted(node: Evidence, police: Client) -> None:
    view = node.kept().exhibit
    words = {"words": "For the trial alone", "authority": "Court"}
    html = decided(police, view.id, "restrict", 400, kind="use", **words)
    assert "Choose at least one." in html
    decided(police, view.id, "restrict", kind="use", purposes=["prosecution"], **words)
    decided(police, view.id, "restrict", kind="onward", until=later(), **words)
    use, onward = face.restrictions(view.id, node.now)
    assert (use.terms.kind, onward.terms.to) == (Limit.USE, ())
    decided(police, view.id, "lift", about=use.number, authority="Court")
    assert face.restrictions(view.id, node.now) == [onward]


def test_a_hold_of_another_exhibit_is_not_ended_from_this_page(
    node: Evidence, police: Client
) -> None:
    one, other = node.kept().exhibit, node.kept(b"other").exhibit
    number = node.did(face.hold, other.id, "Court", "Appeal", NOW + DAY)
    decided(police, one.id, "unhold", 404, about=number, **DECIDED)
    decided(police, one.id, "nonsense", 404)
    assert face.exhibit(other.number).holds == 1
