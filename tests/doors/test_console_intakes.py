"""How reports come in by the console: calls, files of cases, e-mails; attachments; the rule."""

from __future__ import annotations

import io
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from console_reports import PURPOSE, Intake, act, loss, opened, posted, rows, url
from console_scene import browser, one_with, person, signed_in
from hueandcry.apps.detection import face as detection
from hueandcry.apps.members.models import Access
from hueandcry.apps.reports import face as reports
from hueandcry.apps.reports.face import Consent, GivenFile
from hueandcry.apps.reports.models import Call, Delivery, Report
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node

#: Rows enough to lie between both ends of a file, by which its sort is told.
FILL = b"C-1,some words\n" * 9_000
CALLER = "081 555 0000"
CASES = (
    "case,story,amount,currency,paid_at,to,to_kind,links,messaged\n"
    "C-1,a loan with a fee first,12000,THB,2026-09-01,123-4-56789-0,bank-account,evil.example,\n"
    "C-1,,3000,THB,2026-09-02,123-4-56789-0,bank-account,,\n"
    "C-2,a parcel that waits,,,,,,https://parcel.evil.example/pay,\n"
    "C-3,a bad sum,twelve,THB,,,,,\n"
)


def bring(client: Client, data: bytes, status: int = 200, name: str = "c.csv", **more: Any) -> str:
    """What the page says of a file."""
    file = io.BytesIO(data)
    file.name = name
    fields = {"form": "bank", "step": "look", "seen": "", **more, "file": file}
    return posted(client, url("report_import"), status, **fields)


def seen(html: str) -> str:
    return html.partition('name="seen" value="')[2].partition('"')[0]


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    return Node(monkeypatch)


@pytest.fixture
def intake(node: Node) -> Intake:
    return Intake(node)


@pytest.fixture
def analyst(node: Node) -> Client:
    return one_with("analyst")


# --- the hotline ---------------------------------------------------------------------------------


def call(client: Client, status: int = 302, **said: Any) -> str:
    html = opened(client, url("hotline"))
    token = html.partition('name="token" value="')[2].partition('"')[0]
    fields = {"step": "keep", "token": token, "agreed": [Consent.SIGNALS.value], **said}
    return posted(client, url("hotline"), status, **fields)


def test_the_first_question_is_money_and_whom_to_call_is_said(analyst: Client) -> None:
    html = opened(analyst, url("hotline"))
    assert html.index("Is money gone?") < html.index("Who calls?") < html.index("What happened?")
    assert "call your bank" in html and "1441" in html


def test_a_call_with_money_lost_is_in_the_stop_payment_lane(
    intake: Intake, analyst: Client
) -> None:
    where = call(analyst, amount="25,000", currency="thb", paid="hour", phone=CALLER)
    assert "Tell the caller to phone the bank now." in opened(analyst, where)
    while reports.read_some(intake.node.now):
        pass
    (line,) = reports.queue(reports.Filters(stopping=True), intake.node.now).lines
    assert (line.source, line.lost) == ("hotline", True)
    assert [each.amount for each in intake.opened(line.number).losses] == [25_000]


def test_who_called_before_is_shown_and_the_number_is_not_in_the_log(analyst: Client) -> None:
    call(analyst, text="they wrote to me", phone=CALLER)
    html = call(analyst, 200, step="look", phone="+66815550000", text="again they wrote")
    assert "Called before: 1 report." in html and "again they wrote" in html
    noted = Access.objects.filter(action="hotline.caller")
    assert noted.exists() and not any("5550000" in row.subject for row in noted)
    html = call(analyst, 200, step="look", phone="081 555 1111")
    assert "Nobody reported from this number before." in html


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"amount": "a lot", "currency": "THB"}, "is no amount"),
        ({"amount": "10", "currency": "?"}, "is no currency"),
        ({"text": ""}, "This report says nothing"),
    ],
)
def test_a_wrong_field_loses_nothing_of_the_call(
    analyst: Client, wrong: dict[str, str], problem: str
) -> None:
    html = call(analyst, 400, **{"name": "Somchai", "text": "x", **wrong})
    assert problem in html and "Somchai" in html
    assert not Report.objects.exists()


def test_a_form_that_is_posted_twice_is_one_report(analyst: Client) -> None:
    html = opened(analyst, url("hotline"))
    token = html.partition('name="token" value="')[2].partition('"')[0]
    for _ in range(2):
        fields = {"step": "keep", "token": token, "text": "they wrote", "back": "hour"}
        posted(analyst, url("hotline"), 302, **fields)
    assert (Report.objects.count(), Call.objects.count()) == (1, 1)


def test_a_promised_call_is_done_and_undone(intake: Intake, analyst: Client) -> None:
    call(analyst, text="they wrote", phone=CALLER, back="hour", note="ask for the bank")
    intake.node.now += 2 * 3_600_000_000
    analyst = one_with("duty")
    html = opened(analyst, url("calls"))
    assert "ask for the bank" in html and "overdue" in html
    number = Call.objects.get().pk
    posted(analyst, url("call_done", number))
    html = opened(analyst, url("calls"))
    assert "Nobody waits for a call." in html and "It was not made after all" in html
    posted(analyst, url("call_done", number), 409)
    posted(analyst, url("call_done", number), act="undo")
    assert "overdue" in opened(analyst, url("calls"))


# --- files of cases ------------------------------------------------------------------------------


def test_a_look_at_a_file_counts_and_keeps_nothing(analyst: Client) -> None:
    html = bring(analyst, CASES.encode())
    assert "4 rows: 2 cases with 2 transactions; 1 rows cannot be taken." in html
    assert "Nothing has been taken in yet." in html and "is no amount" in html
    assert not Report.objects.exists() and not Delivery.objects.exists()


def test_what_was_looked_at_is_taken_in_and_the_same_file_again_changes_nothing(
    intake: Intake, analyst: Client
) -> None:
    data = CASES.encode()
    again: dict[str, Any] = {"step": "take", "seen": seen(bring(analyst, data))}
    assert "4 rows: 3 new, 0 here before, 1 not taken." in bring(analyst, data, **again)
    assert "4 rows: 0 new, 3 here before, 1 not taken." in bring(analyst, data, **again)
    assert (Report.objects.count(), Delivery.objects.count()) == (2, 2)
    while reports.read_some(intake.node.now):
        pass
    assert len(rows(opened(analyst, url("reports")))) == 2


def test_another_file_than_the_one_that_was_looked_at_is_not_taken(analyst: Client) -> None:
    digest = seen(bring(analyst, CASES.encode()))
    html = bring(analyst, CASES.encode() + b"\n", 400, step="take", seen=digest)
    assert "This is not the file that you looked at" in html
    assert not Report.objects.exists()


def test_the_rows_that_were_not_taken_can_be_taken_away(analyst: Client) -> None:
    html = bring(analyst, CASES.encode())
    sealed = html.partition('name="rejects" value="')[2].partition('"')[0]
    answer = analyst.post(url("report_rejects"), {"rejects": sealed}, secure=True)
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0] == "row,code,why" and lines[1].startswith("5,amount,")
    forged = analyst.post(url("report_rejects"), {"rejects": "forged"}, secure=True)
    assert forged.status_code == 401


def test_a_forged_form_with_a_file_is_refused_and_a_huge_one_before_it_is_read(
    node: Node,
) -> None:
    client = signed_in(person("strict", "analyst"), browser(enforce_csrf_checks=True))
    file = io.BytesIO(CASES.encode())
    fields = {"form": "bank", "step": "look", "file": file}
    answer = client.post(url("report_import"), fields, secure=True)
    assert answer.status_code == 403 and b"4 rows" not in answer.content
    said = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": str(2 << 30)}
    huge = client.generic("POST", url("report_import"), secure=True, **said)  # type: ignore[arg-type]
    assert huge.status_code == 413


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "The file is empty"),
        (b"a,b\n1,2\n", "no column `case`"),
        (b"case,story\n" + FILL + b"C-1,\xe0\xb8\n" + FILL, "not in UTF-8"),
        (b"PK\x03\x04" + bytes(200), "Files of this sort are not taken"),
    ],
)
def test_a_file_that_cannot_be_read_is_said_why(analyst: Client, data: bytes, problem: str) -> None:
    assert problem in bring(analyst, data, 400)


def test_an_email_is_looked_at_and_kept_as_a_report(analyst: Client) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "bank@evil.example", "Your account 12345678"
    mail.set_content("Open https://evil.example/login now")
    data = mail.as_bytes()
    html = bring(analyst, data, form="eml", name="m.eml")
    assert "Your account …78" in html and not Report.objects.exists()
    again = {"form": "eml", "name": "m.eml", "step": "take", "seen": seen(html), "agreed": "on"}
    where = bring(analyst, data, 302, **again)
    assert "Kept as report" in opened(analyst, where)
    assert "It was here already" in opened(analyst, bring(analyst, data, 302, **again))
    assert Report.objects.get().source == "mail"


# --- attachments ---------------------------------------------------------------------------------


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 200), "teal").save(out, "PNG")
    return out.getvalue()


def with_file(intake: Intake, name: str = "a<b>.png") -> tuple[int, int]:
    """A report with one picture: their numbers."""
    given = GivenFile(name, "image/png", blobs.take([picture()], 1 << 20))
    number = intake.waiting("they sent me this picture", files=(given,))
    return number, intake.opened(number).files[0].number


def test_a_file_is_a_download_and_its_preview_is_made_anew(intake: Intake, analyst: Client) -> None:
    number, file = with_file(intake)
    answer = analyst.get(url("report_file", number, file), secure=True)
    assert b"".join(answer.streaming_content) == picture()  # type: ignore[attr-defined]
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    small = analyst.get(url("report_preview", number, file), secure=True)
    assert small.content[:3] == b"\xff\xd8\xff"
    noted = {row.action for row in Access.objects.all()}
    assert {"report.file", "report.preview"} <= noted


def test_what_is_in_quarantine_is_opened_by_the_police_for_a_purpose_only(
    intake: Intake, analyst: Client
) -> None:
    number, file = with_file(intake)
    posted(analyst, url("report_lock", number, file))
    html = opened(analyst, url("report", number))
    assert "In quarantine" in html and "a<b>" not in html and "report_preview" not in html
    for name in ("report_file", "report_preview"):
        assert "quarantined" in opened(analyst, url(name, number, file), 403)
    opened(analyst, url("quarantine"), 403)
    police = one_with("police")
    assert "image/png" in opened(police, url("quarantine"))
    opened(police, url("report", number), 403)
    page = url("quarantine_open", number, file)
    assert "Why do you need this?" in opened(police, page)
    posted(police, page, 303, **PURPOSE)
    answer = police.get(page, secure=True)
    assert b"".join(answer.streaming_content) == picture()  # type: ignore[attr-defined]
    assert Access.objects.filter(action="quarantine.download").count() == 1
    posted(police, url("quarantine_unlock", number, file))
    analyst.get(url("report_file", number, file), secure=True)
    kinds = [step.kind for step in intake.opened(number).acts]
    assert kinds[-2:] == ["lock", "unlock"]
    posted(police, url("quarantine_unlock", number, file), 409)


# --- trusted intakes -----------------------------------------------------------------------------


def rule(client: Client, status: int = 302, **said: Any) -> str:
    html = opened(client, url("intakes"))
    versions = html.partition('name="versions" value="')[2].partition('"')[0]
    return posted(client, url("intakes_change"), status, **{"versions": versions, **said})


def test_the_rule_is_changed_by_legal_on_record_and_by_analysts_not(
    node: Node, analyst: Client
) -> None:
    legal = one_with("legal")
    rule(legal, trusted=["hotline", "bank"], likelihood=90)
    html = opened(analyst, url("intakes"))
    assert "Hotline, Bank file" in html and "90 %" in html
    assert "Change the rule" not in html
    posted(analyst, url("intakes_change"), 403, trusted=["mail"], likelihood=50, versions="0 0")
    assert policy.items("reports.trusted_intakes") == ("hotline", "bank")
    rule(legal, 400, trusted=["nobody"], likelihood=90)
    rule(legal, 400, trusted=[], likelihood=10)
    posted(legal, url("intakes_change"), 409, trusted=[], likelihood=99, versions="0 0")


def test_every_hit_of_the_rule_stands_on_its_page_and_is_undone(
    intake: Intake, analyst: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    scam = detection.Assessment(detection.Sort.MESSAGE, detection.Finding.SCAM, 0.99)
    monkeypatch.setattr(
        detection, "assess_messages", lambda texts, *_: [replace(scam, text=t) for t in texts]
    )
    with unit_of_work():
        policy.change("reports.trusted_intakes", "hotline", None, intake.node.now)
    number = intake.waiting("they wrote", "evil.example", source=reports.Source.HOTLINE)
    html = opened(analyst, url("intakes"))
    assert "a trusted intake, above the likelihood that is set" in html
    act(analyst, number, "undo")
    assert "Undo it" not in opened(analyst, url("intakes"))
    assert intake.opened(number).line.state == "waiting"


def test_money_of_a_call_names_the_account_that_it_went_to(intake: Intake, analyst: Client) -> None:
    given = loss(to="GB29NWBK60161331926819")
    number = intake.waiting("they took it", losses=(given,))
    html = opened(analyst, url("report", number))
    assert "60161331926819" not in html and 'href="#value-' in html
