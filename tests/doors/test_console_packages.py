"""The pages of packages in the console: what may go, how far each has got, what came in."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from console_reports import opened, posted
from console_scene import one_with
from evidence_scene import Evidence, actions, cosign, publish_all
from hueandcry.apps.evidence import face
from hueandcry.apps.evidence.answering import Answered, Check
from hueandcry.apps.evidence.face import Limit, PackageView, Terms, Wanted
from hueandcry.apps.evidence.models import Package
from hueandcry.apps.members.models import Access
from other_member import OtherMember

LIST = "/console/packages/"
NEW = "/console/packages/new/"
INCOMING = "/console/packages/incoming/"
NEW_ONE = "/console/packages/incoming/new/"
POLICE = OtherMember("police", roles=("lea",))


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Evidence:
    return Evidence(monkeypatch)


@pytest.fixture
def analyst(node: Evidence) -> Client:
    return one_with("analyst")


def page(package: object, more: str = "") -> str:
    return f"{LIST}{package}/{more}"


def asked(client: Client, to: str, *named: object, step: str = "look", status: int = 200) -> str:
    exhibits = "\n".join(str(each) for each in named)
    form = {"exhibits": exhibits, "to": to, "reason": "Request 12/2026", "step": step}
    return posted(client, NEW, status, **form)


def kept_here(node: Evidence) -> PackageView:
    """A package for ourselves, as the command makes it."""
    wanted = Wanted([str(node.kept().exhibit.id)], node.fingerprint, "For the file")
    return face.package(node.police, wanted)


# --- the builder ---------------------------------------------------------------------------------


def test_pages_without_packages_say_so(analyst: Client) -> None:
    assert "Nothing was packed yet." in opened(analyst, LIST)
    assert "Nobody has announced a package yet." in opened(analyst, INCOMING)


def test_what_is_ticked_in_the_list_stands_in_the_form(node: Evidence, analyst: Client) -> None:
    view = node.kept().exhibit
    assert f'name="exhibit" value="{view.id}"' in opened(analyst, "/console/exhibits/")
    assert str(view.id) in opened(analyst, NEW, exhibit=str(view.id))


def test_what_forbids_an_exhibit_is_shown_and_nothing_is_noted(
    node: Evidence, analyst: Client
) -> None:
    node.joined(POLICE)
    free, bound, locked = (
        node.kept(bytes([n]), number=f"EX-{n}", quarantined=n == 3).exhibit for n in (1, 2, 3)
    )
    node.did(face.restrict, bound.id, Terms(Limit.ONWARD, "For the trial alone", "Court"))
    for step in ("look", "make"):
        html = asked(
            analyst,
            POLICE.fingerprint,
            free.number,
            "ex-2",
            locked.id,
            "EX-9",
            step=step,
            status=400,
        )
        assert "For the trial alone" in html and "Ask who restricted it: Court" in html
        assert "The exhibit is in quarantine" in html and "There is no exhibit" in html
        assert "Make the package" not in html
    assert actions(node.chain(free.id)) == ["acquired"] and face.packages(None, 9) == []


def test_more_than_a_page_can_pack_is_left_to_the_command(
    node: Evidence, analyst: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hueandcry.doors.console.package_new.MOST", 3)
    html = asked(analyst, node.fingerprint, node.kept().exhibit.number, status=400)
    assert "evidence package" in html


def test_a_package_is_made_sent_and_answered(node: Evidence, analyst: Client) -> None:
    node.joined(POLICE)
    view = node.kept(number="EX-1").exhibit
    assert "Make the package" in asked(analyst, POLICE.fingerprint, "EX-1", "ex-1")
    where = asked(analyst, POLICE.fingerprint, "EX-1", "ex-1", step="make", status=302)
    [(_, package)] = face.packages(None, 9)
    assert where == page(package.id)
    last = node.chain(view.id)[-1]
    assert (last.action.value, last.reason) == ("transferred", "Request 12/2026")
    assert "Waits until the ledger is published" in opened(analyst, where)
    assert f'href="{where}"' in opened(analyst, f"/console/exhibits/{view.id}/")
    assert analyst.post(page(package.id, "send/"), secure=True).status_code == 429
    publish_all()
    cosign(node, POLICE)
    assert "The ledger proves it" in opened(analyst, where)
    posted(analyst, page(package.id, "send/"))
    assert "Waits to be fetched" in opened(analyst, LIST)
    said = Answered(
        package.id, "00" * 32, False, "no_room", "No room", (Check(4, "FAIL", "bag", "Cut"),), ()
    )
    raw = POLICE.document("package-receipt", said.body(), aud=node.fingerprint)
    Package.objects.update(receipt=raw, state="refused")
    html = opened(analyst, where)
    assert "Refused by the recipient" in html and "No room" in html
    assert "Every file that is listed is there" in html and "Cut" in html
    assert Access.objects.filter(action="evidence.send", person__login="analyst").count() == 1


def test_a_sealed_copy_and_a_certificate_are_taken_along_and_both_are_noted(
    node: Evidence, analyst: Client
) -> None:
    view = kept_here(node)
    assert analyst.post(page(view.id, "copy/"), secure=True).status_code == 429
    publish_all()
    answer = analyst.post(page(view.id, "copy/"), secure=True)
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert answer.headers["Content-Length"] == str(len(data))
    with zipfile.ZipFile(io.BytesIO(data)) as both:
        assert both.namelist() == [f"{view.id}.tar.age", f"{view.id}.tar.age.jws"]
        assert both.read(both.namelist()[0]).startswith(b"age-encryption.org/v1")
    sheet = analyst.get(page(view.id, "certificate/en/"), secure=True)
    assert sheet.content.startswith(b"%PDF")
    assert analyst.get(page(view.id, "certificate/xx/"), secure=True).status_code == 404
    noted = {"evidence.copy", "evidence.certificate"}
    assert set(Access.objects.values_list("action", flat=True)) >= noted
    html = opened(analyst, page(view.id))
    assert "Send it" not in html, "what stays here has no way to go"


# --- incoming ------------------------------------------------------------------------------------


def test_an_incoming_package_shows_its_ten_checks_and_why_it_was_refused(
    node: Evidence, analyst: Client, tmp_path: Path
) -> None:
    # A package for ourselves is no hand-over, so that nothing of it can be taken over.
    view = kept_here(node)
    publish_all()
    built = face.build(view.id, tmp_path / "it.tar.age")
    arrived = face.receive_package(built.path, built.note)
    html = opened(analyst, INCOMING)
    assert f"{INCOMING}{arrived.number}/" in html and "Refused" in html and arrived.said in html
    assert NEW_ONE in html
    html = opened(analyst, f"{INCOMING}{arrived.number}/")
    assert html.count(">Passed<") == 9 and html.count(">Not checked<") == 1
    assert "The custody holds, each step signed" in html and "kept aside" in html
    assert analyst.get(f"{INCOMING}999/", secure=True).status_code == 404


def brought(client: Client, status: int = 302, **files: bytes) -> str:
    named = {field: io.BytesIO(data) for field, data in files.items()}
    for field, file in named.items():
        file.name = field
    return posted(client, NEW_ONE, status, **named)


def test_a_package_from_a_stick_is_checked_and_its_page_shows_the_ten_checks(
    node: Evidence, analyst: Client, tmp_path: Path
) -> None:
    # One that this node made for itself: its checks pass, and there is nothing to take over.
    view = kept_here(node)
    publish_all()
    built = face.build(view.id, tmp_path / "it.tar.age")
    package, before = built.path.read_bytes(), sorted(settings.DATA.iterdir())
    where = brought(analyst, package=package, note=built.note)
    [arrived] = face.incoming()
    assert where == f"{INCOMING}{arrived.number}/"
    html = opened(analyst, where)
    assert html.count(">Passed<") == 9 and "Nothing of it was taken over." in html
    noted = Access.objects.get(action="evidence.receive")
    assert noted.subject == f"package {view.id}"
    assert sorted(settings.DATA.iterdir()) == before, "what was sent lies nowhere"
    assert brought(analyst, package=package, note=built.note) == where, "the same one again"


def test_what_is_no_package_for_us_is_told_and_nothing_is_kept(
    node: Evidence, analyst: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = kept_here(node)
    publish_all()
    built = face.build(view.id, tmp_path / "it.tar.age")
    package = built.path.read_bytes()
    assert "file_changed" in brought(analyst, 400, package=package + b"x", note=built.note)
    assert "Choose the shipping note" in brought(analyst, 400, package=package)
    assert "Choose the sealed file." in brought(analyst, 400, note=built.note)
    other = brought(analyst, 400, package=package, note=b"no note")
    assert "<code>" in other and face.incoming() == []
    stranger = OtherMember("stranger").document("shipping-note", {}, aud=node.fingerprint)
    assert "<code>" in brought(analyst, 400, package=package, note=stranger)
    assert face.incoming() == [] and not Access.objects.filter(action="evidence.receive").exists()
