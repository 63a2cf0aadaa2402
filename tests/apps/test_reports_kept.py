"""What reports bring with them and how long it is kept: files, reporters, calls, cases in bulk."""

from __future__ import annotations

import io
from email.message import EmailMessage
from typing import Any

import numpy
import pytest
import zxingcpp
from PIL import Image

from hueandcry.apps.detection import pictures
from hueandcry.apps.reports import face, files
from hueandcry.apps.reports.face import (
    Consent,
    Desk,
    Flag,
    GivenFile,
    GivenReporter,
    GivenValue,
    Hold,
    Source,
    Stage,
    State,
)
from hueandcry.apps.reports.models import (
    Act,
    Attachment,
    Delivery,
    Loss,
    Message,
    Report,
    Reporter,
    Value,
)
from hueandcry.core.errors import Conflict, Malformed, NotFound, TooMany, Unreachable
from hueandcry.core.times import time_text
from hueandcry.core.types import DAY, Kind
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.blobs.store import store
from hueandcry.engine.purge import face as purge
from hueandcry.engine.store.work import unit_of_work
from reports_scene import ACTOR, Reports, loss

pytestmark = pytest.mark.database

LINK = "https://fake-bank.example/login"
WHO = GivenReporter(name="Mai", phone="+66812345678", safe_way="only by text, after six")
HOUR = DAY // 24


@pytest.fixture
def reports(database: None, monkeypatch: pytest.MonkeyPatch) -> Reports:
    return Reports(monkeypatch)


def picture(text: str) -> bytes:
    """A QR code of a text, as a picture with a margin."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    kept = io.BytesIO()
    Image.fromarray(numpy.asarray(zxingcpp.write_barcode_to_image(code, scale=6))).save(kept, "PNG")
    return kept.getvalue()


def file(data: bytes, media_type: str = "image/png", **more: Any) -> GivenFile:
    return GivenFile("screen.png", media_type, blobs.take([data], 1 << 20), **more)


def hold(reports: Reports, number: int, days: int = 90, **more: str) -> None:
    said = {"reason": "evidence", "authority": "court of Nan, case 7", **more}
    reports.did(face.hold, number, Hold(review_at=reports.now + days * DAY, **said))


def read_files(reports: Reports) -> int:
    count = 0
    while files.read_next(reports.now):
        count += 1
    return count


# --- files ---------------------------------------------------------------------------------------


def test_a_code_in_a_screenshot_becomes_a_value_of_the_report(reports: Reports) -> None:
    sent = reports.waiting("look at this", files=(file(picture(LINK)),))
    assert reports.opened(sent.number).values == []
    assert read_files(reports) == 1 and read_files(reports) == 0
    opened = reports.opened(sent.number)
    values = {v.signal.kind: (v.signal.value, v.origin, v.ticked) for v in opened.values}
    assert values[Kind.URL] == (LINK.partition("://")[2], "file", True)
    assert not values[Kind.IMAGE_HASH][2]
    assert opened.files[0].assessment["text"].startswith(LINK)
    assert opened.text == "look at this"


def test_a_file_in_quarantine_is_never_looked_into(reports: Reports) -> None:
    given = (file(picture(LINK)),)
    sent = reports.waiting("they threaten me", files=given, flags=Flag.INTIMATE)
    other = reports.waiting("and this", files=(file(picture(LINK), quarantined=True),))
    assert read_files(reports) == 0
    for number in (sent.number, other.number):
        (held,) = reports.opened(number).files
        assert held.state == "quarantined" and held.assessment == {}


def test_a_form_that_is_posted_twice_keeps_its_files_once(reports: Reports) -> None:
    form = face.new_form(reports.now)
    first, second = file(picture("one")), file(picture("one"))
    reports.submitted("x", form=form, files=(first,))
    reports.submitted("x", form=form, files=(second,))
    assert Attachment.objects.count() == 1
    assert blobs.get(first.fresh.id).size == first.fresh.size
    with pytest.raises(NotFound):
        blobs.get(second.fresh.id)


def test_a_file_whose_bytes_are_lost_holds_up_nothing(reports: Reports) -> None:
    sent = reports.waiting("x", files=(file(picture(LINK)),))
    with unit_of_work():
        blobs.shred(Attachment.objects.get().blob)
    assert read_files(reports) == 1
    assert reports.opened(sent.number).files[0].assessment == {}


@pytest.mark.parametrize("fails", ["store", "decoder"])
def test_a_file_that_cannot_be_read_just_now_is_read_later(
    reports: Reports, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    def unreachable(*_: Any) -> bytes:
        raise Unreachable("blob_store", "The store does not answer")

    def busy(*_: Any, **__: Any) -> Any:
        raise TooMany("busy", "Too many pictures are being looked at")

    sent = reports.waiting("look", files=(file(picture(LINK)),))
    with monkeypatch.context() as patched:
        if fails == "store":
            patched.setattr(blobs, "read", unreachable)
        else:
            patched.setattr(pictures, "look", busy)
        assert read_files(reports) == 0
    assert read_files(reports) == 1
    assert reports.opened(sent.number).files[0].assessment


def test_a_file_that_is_locked_away_while_it_is_read_leaves_nothing(
    reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = blobs.read

    def locked(*args: Any) -> bytes:
        Attachment.objects.update(state=Attachment.State.QUARANTINED)
        return real(*args)

    sent = reports.waiting("look", files=(file(picture(LINK)),))
    monkeypatch.setattr(blobs, "read", locked)
    assert read_files(reports) == 1 and read_files(reports) == 0
    opened = reports.opened(sent.number)
    assert opened.values == [] and opened.files[0].assessment == {}


def test_what_was_read_of_a_file_goes_when_it_is_locked_away(reports: Reports) -> None:
    new = face.from_mail(mail(), "TH", frozenset({Consent.SIGNALS}), "test-1")
    with unit_of_work():
        sent = face.submit(ACTOR, new, reports.now)
    reports.read()
    assert read_files(reports) == 2
    message, logo = reports.opened(sent.number).files
    kinds = {v.signal.kind for v in reports.opened(sent.number).values}
    assert Kind.IMAGE_HASH in kinds
    reports.did(face.lock_file, sent.number, logo.number)
    opened = reports.opened(sent.number)
    assert [(f.state, f.assessment) for f in opened.files] == [("quarantined", {})] * 2
    assert {v.signal.kind for v in opened.values} == kinds - {Kind.IMAGE_HASH}
    assert read_files(reports) == 0
    for held in (message, logo):
        reports.did(face.unlock_file, sent.number, held.number)
    assert read_files(reports) == 2
    assert {v.signal.kind for v in reports.opened(sent.number).values} == kinds


def mail() -> bytes:
    made = EmailMessage()
    made["From"] = "Bank <help@fake-bank.example>"
    made["To"] = "victim@example.org"
    made["Subject"] = "Your account"
    made.set_content(f"Your account is locked. Log in at {LINK} within 24 hours.")
    made.add_attachment(picture("x"), maintype="image", subtype="png", filename="logo.png")
    return made.as_bytes()


def test_an_email_file_is_a_report_with_its_attachments(reports: Reports) -> None:
    new = face.from_mail(mail(), "TH", frozenset({Consent.SIGNALS}), "test-1")
    with unit_of_work():
        sent = face.submit(ACTOR, new, reports.now)
    reports.read()
    assert read_files(reports) == 2
    opened = reports.opened(sent.number)
    assert opened.line.source == Source.MAIL and opened.line.method == "email"
    assert (
        opened.text
        == f"Your account\n\nYour account is locked. Log in at {LINK} within 24 hours.\n"
    )
    assert [f.media_type for f in opened.files] == ["message/rfc822", "image/png"]
    found = {v.signal.value for v in opened.values}
    assert {"fake-bank.example/login", "help@fake-bank.example"} <= found


def test_the_same_email_twice_is_one_report(reports: Reports) -> None:
    raw = mail()
    numbers = set()
    for _ in range(2):
        with unit_of_work():
            numbers.add(face.submit(ACTOR, face.from_mail(raw, "TH"), reports.now).number)
    assert len(numbers) == 1 and Attachment.objects.count() == 2


def test_an_email_that_no_report_came_of_leaves_no_bytes(reports: Reports) -> None:
    def stored() -> int:
        return sum(len(part) for part in store().listed())

    before = stored()
    new = face.from_mail(mail(), "nowhere")
    assert stored() == before + 2
    with pytest.raises(Malformed), unit_of_work():
        face.submit(ACTOR, new, reports.now)
    face.forget_files(new)
    assert stored() == before


def test_what_is_no_email_is_refused_and_nothing_is_stored(reports: Reports) -> None:
    with pytest.raises(Malformed):
        face.from_mail(b"\x89PNG\r\n\x1a\nno mail at all", "TH")
    assert not Report.objects.exists()


# --- how long it is kept -------------------------------------------------------------------------


def everything(reports: Reports) -> int:
    """A report that holds one of everything, confirmed."""
    given = (GivenValue(LINK),)
    sent = reports.waiting(
        "all of it", given=given, reporter=WHO, losses=(loss(),), files=(file(b"%PDF-1.7"),)
    )
    with unit_of_work():
        face.add(sent.code or "", "and one more thing", reports.now)
        face.promise_call(ACTOR, sent.number, reports.now + HOUR, "tell her", reports.now)
    reports.confirmed(sent.number)
    return sent.number


def test_reporters_go_first_and_reports_later_and_claims_stay(reports: Reports) -> None:
    number = everything(reports)
    blob = Attachment.objects.get().blob
    reports.now += 181 * DAY
    purge.run(reports.now)
    assert not Reporter.objects.exists() and reports.opened(number).text == "all of it"
    reports.now += 185 * DAY
    counts = purge.run(reports.now).counts
    assert counts["reports"] == 1
    row = Report.objects.get(pk=number)
    assert (row.story, row.read, row.receipt, row.purged_at) == ("", "", None, reports.now)
    for table in (Value, Loss, Message):
        assert not table.objects.exists()
    file = Attachment.objects.get()
    assert (file.state, file.blob, file.sha256) == ("shredded", "", bytes(32))
    with pytest.raises(NotFound):
        blobs.get(blob)
    assert not Act.objects.filter(log_record__isnull=False).exists()
    assert purge.due(reports.now).counts["reports"] == 0


def test_a_hold_comes_before_every_rule_and_a_withdrawal(reports: Reports) -> None:
    sent = reports.waiting("held", reporter=WHO)
    hold(reports, sent.number)
    with unit_of_work():
        face.withdraw(sent.code or "", reports.now)
    reports.now += 500 * DAY
    purge.run(reports.now)
    assert Reporter.objects.exists() and reports.opened(sent.number).text == "held"
    reports.did(face.release_hold, sent.number, "case closed")
    purge.run(reports.now)
    assert not Reporter.objects.exists()
    assert Report.objects.get().purged_at == reports.now


def test_a_hold_says_why_who_asks_and_when_it_is_looked_at_again(reports: Reports) -> None:
    sent = reports.waiting("held")
    for wrong in ({"reason": " "}, {"authority": ""}, {"days": 0}, {"days": 367}):
        with pytest.raises(Malformed):
            hold(reports, sent.number, **wrong)
    assert reports.numbers(held=True) == []
    hold(reports, sent.number)
    assert reports.numbers(held=True) == [sent.number]
    act = reports.opened(sent.number).acts[-1]
    assert act.kind == "hold" and act.log_index is not None
    assert act.detail.startswith("court of Nan, case 7: evidence (")


def test_a_hold_past_its_review_is_told_of_and_goes_on(reports: Reports) -> None:
    sent = reports.waiting("held")
    hold(reports, sent.number)
    assert (face.standing(reports.now).held, face.standing(reports.now).reviews) == (1, 0)
    reports.now += 400 * DAY
    purge.run(reports.now)
    assert face.standing(reports.now).reviews == 1
    assert reports.opened(sent.number).text == "held"
    hold(reports, sent.number)  # looked at: it is held on
    assert face.standing(reports.now).reviews == 0


def test_a_hold_is_released_once_and_for_a_reason(reports: Reports) -> None:
    sent = reports.waiting("held")
    hold(reports, sent.number)
    with pytest.raises(Malformed):
        reports.did(face.release_hold, sent.number, "")
    reports.did(face.release_hold, sent.number, "case closed")
    assert reports.numbers(held=True) == []
    with pytest.raises(Conflict):
        reports.did(face.release_hold, sent.number, "case closed")


def test_what_was_withdrawn_is_purged_by_the_next_run(reports: Reports) -> None:
    sent = reports.waiting("take it back", reporter=WHO)
    with unit_of_work():
        face.withdraw(sent.code or "", reports.now)
    purge.run(reports.now)
    assert Report.objects.get().story == "" and not Reporter.objects.exists()


def test_a_withdrawn_report_is_told_alike_whatever_was_decided_purged_or_held(
    reports: Reports,
) -> None:
    open_, confirmed, held = (reports.waiting(text, LINK) for text in ("one", "two", "three"))
    reports.confirmed(confirmed.number)
    hold(reports, held.number)
    codes = [sent.code or "" for sent in (open_, confirmed, held)]
    for code in codes:
        with unit_of_work():
            face.withdraw(code, reports.now)
    before = [reports.told(code) for code in codes]
    assert before[0] == before[1] == before[2] and before[0].stage is Stage.WITHDRAWN
    for code in codes:
        with pytest.raises(Conflict, match="taken back"), unit_of_work():
            face.add(code, "wait", reports.now)
        with pytest.raises(Conflict, match="taken back"), unit_of_work():
            face.withdraw(code, reports.now)
    reports.now += 400 * DAY
    purge.run(reports.now)
    after = [reports.told(code) for code in codes]
    assert after[0] == after[1] == after[2] and after[0].stage is Stage.WITHDRAWN


def test_no_hold_shows_by_a_code_that_is_known_longer(reports: Reports) -> None:
    held, other = reports.waiting("one"), reports.waiting("two")
    hold(reports, held.number)
    reports.now += 365 * DAY
    for sent in (held, other):
        with pytest.raises(NotFound):
            reports.told(sent.code)


def test_claims_of_a_withdrawn_report_can_be_undone_after_its_words_were_purged(
    reports: Reports,
) -> None:
    sent = reports.waiting("take it back", LINK, reporter=WHO, losses=(loss(to=LINK),))
    reports.confirmed(sent.number)
    with unit_of_work():
        face.withdraw(sent.code or "", reports.now)
    purge.run(reports.now)
    row = Report.objects.get()
    assert (row.story, row.purged_at) == ("", None) and not Loss.objects.exists()
    confirmed = frozenset({State.CONFIRMED})
    assert reports.numbers(states=confirmed, flag=Flag.WITHDRAWN) == [sent.number]
    reports.did(face.undo, sent.number)
    assert reports.verdict(LINK) == "unknown"
    assert Report.objects.get().state == State.WITHDRAWN
    purge.run(reports.now)
    assert Report.objects.get().purged_at == reports.now and not Value.objects.exists()


def test_of_claims_that_nobody_looked_at_the_last_trace_is_purged_in_the_end(
    reports: Reports,
) -> None:
    sent = reports.waiting("take it back", LINK)
    reports.confirmed(sent.number)
    with unit_of_work():
        face.withdraw(sent.code or "", reports.now)
    purge.run(reports.now)
    reports.now += 365 * DAY
    assert purge.run(reports.now).counts["reports"] == 1
    assert not Value.objects.exists() and Report.objects.get().purged_at == reports.now


def test_a_backup_does_not_bring_back_what_was_withdrawn(reports: Reports) -> None:
    sent = reports.waiting("take it back")
    root = Report.objects.get(pk=sent.number).root
    erasures = {("report", purge.mac("report", root))}
    assert face.erase_again({("report", b"\0" * 32)}, reports.now) == 0
    assert face.erase_again(erasures, reports.now) == 1
    assert Report.objects.get().story == ""
    assert face.erase_again(erasures, reports.now) == 0


def test_nothing_is_done_to_a_purged_report(reports: Reports) -> None:
    sent = reports.waiting("old")
    reports.now += 366 * DAY
    purge.run(reports.now)
    assert reports.numbers() == []
    with pytest.raises(Conflict, match="purged"):
        reports.did(face.reject, sent.number, "spam")
    with pytest.raises(Conflict):
        reports.did(face.release_hold, sent.number, "case closed")


# --- the hotline ---------------------------------------------------------------------------------


def test_a_caller_is_known_again_by_the_number_however_it_is_written(reports: Reports) -> None:
    first = reports.waiting("the first call", reporter=WHO, source=Source.HOTLINE)
    assert [x.number for x in face.known_caller("081-234-5678", "TH")] == [first.number]
    assert face.known_caller("081-234-5679", "TH") == []
    assert face.known_caller("no number", "TH") == []


def test_call_backs_are_listed_by_when_they_are_due_until_they_are_made(reports: Reports) -> None:
    new = face.NewReport(Source.HOTLINE, "TH", "call me", reporter=WHO)
    with unit_of_work():
        late = face.take_call(ACTOR, new, reports.now, reports.now + 2 * HOUR, "about the bank")
        soon = face.take_call(ACTOR, new, reports.now, reports.now + HOUR)
    calls = face.call_backs(reports.now + HOUR)
    assert [(call.report, call.overdue) for call in calls] == [
        (soon.number, True),
        (late.number, False),
    ]
    assert calls[1].note == "about the bank"
    assert face.standing(reports.now + HOUR).calls == 1
    reports.did(face.called_back, calls[0].number)
    with pytest.raises(Conflict):
        reports.did(face.called_back, calls[0].number)
    assert len(face.call_backs(reports.now)) == 1


@pytest.mark.parametrize("due", [-1, 31 * DAY])
def test_a_call_back_is_due_soon_or_refused(reports: Reports, due: int) -> None:
    sent = reports.waiting("x")
    with pytest.raises(Malformed), unit_of_work():
        face.promise_call(ACTOR, sent.number, reports.now + due, "", reports.now)


# --- files of cases ------------------------------------------------------------------------------

HEADER = "case,story,amount,currency,to,reference,caller\n"
CASES = (
    HEADER + "A-1,They rang me,1000,THB,DE89370400440532013000,T1,0812345678\n"
    "A-1,They rang me,500,THB,DE89370400440532013000,T2,0812345678\n"
    "A-2,Another one,20,THB,,T3,\n"
    "A-3,Wrong sum,twenty,THB,,T4,\n"
)


def take(reports: Reports, text: str, form: str = "bank") -> face.Account:
    total = face.Account()
    for part in face.take_cases(
        ACTOR, face.read_cases(text.splitlines(keepends=True), form, "TH"), reports.now, most=2
    ):
        total.add(part)
    return total


def test_every_row_of_a_file_of_cases_is_accounted_for(reports: Reports) -> None:
    total = take(reports, CASES)
    assert (total.rows, total.accepted, total.merged, total.rejected) == (4, 3, 0, 1)
    assert dict(total.reasons) == {"amount": 1} and [w.n for w in total.rejects] == [5]
    assert len(total.reports) == 2 and Loss.objects.count() == 3
    assert Reporter.objects.count() == 1


def test_the_same_file_again_changes_nothing(reports: Reports) -> None:
    take(reports, CASES)
    acts = Act.objects.count()
    again = take(reports, CASES)
    assert (again.rows, again.accepted, again.merged, again.rejected) == (4, 0, 3, 1)
    assert Act.objects.count() == acts and Loss.objects.count() == 3


def test_a_case_that_comes_again_gains_only_its_new_transactions(reports: Reports) -> None:
    take(reports, CASES)
    again = take(reports, HEADER + "A-1,They rang me,1000,THB,,T1,\nA-1,,70,THB,,T9,\n")
    assert (again.accepted, again.merged) == (1, 1)
    assert Loss.objects.filter(report__state=State.RECEIVED).count() == 4


def test_what_a_case_gains_before_it_was_read_is_read_with_it(reports: Reports) -> None:
    take(reports, CASES)
    other = "GB29NWBK60161331926819"
    take(reports, HEADER + f"A-1,They rang me,70,THB,{other},T9,\n")
    assert reports.read() == 2
    opened = reports.opened(Report.objects.order_by("pk")[0].pk)
    to = {value.number: value.signal.value for value in opened.values}
    assert [to[x.value or 0] for x in opened.losses] == ["DE89370400440532013000"] * 2 + [other]


def test_money_that_went_after_a_report_was_read_makes_it_urgent(reports: Reports) -> None:
    day = "case,story,amount,currency,to,reference,paid_at\n"
    take(reports, day + "B-1,They rang me,10,THB,,T1,2001-01-01\n")
    reports.read()
    assert face.standing(reports.now).stopping == 0
    paid_at = time_text(reports.now)
    take(reports, day + f"B-1,,70,THB,DE89370400440532013000,T2,{paid_at}\n")
    assert face.standing(reports.now).stopping == 1
    (line,) = face.queue(face.Filters(desk=Desk.MONEY), reports.now).lines
    opened = reports.opened(line.number)
    assert [v.signal.value for v in opened.values] == ["DE89370400440532013000"]
    assert opened.losses[1].value == opened.values[0].number


def test_a_case_that_is_refused_leaves_nothing(reports: Reports) -> None:
    late = time_text(reports.now + 60 * DAY)
    total = take(reports, f"case,story,call_back_at\nC-1,Call me,{late}\n", "hotline")
    assert dict(total.reasons) == {"call_back": 1} and not Report.objects.exists()


def test_the_account_of_a_file_is_kept_and_logged(reports: Reports) -> None:
    total = take(reports, CASES)
    with unit_of_work():
        face.note_delivery(ACTOR, "bank", b"\1" * 32, total, reports.now)
    kept = Delivery.objects.get()
    assert kept.rows == kept.accepted + kept.merged + kept.rejected == 4
    assert kept.log_index is not None


def test_how_the_intake_stands_is_told_in_numbers(reports: Reports) -> None:
    reports.submitted("nobody read this")
    first = face.standing(reports.now)
    assert (first.unread, sum(first.waiting.values())) == (1, 0)
    reports.read()
    reports.waiting("gone", losses=(loss(),))
    then = face.standing(reports.now + 25 * HOUR)
    assert (then.unread, then.waiting["money"], then.waiting["triage"]) == (0, 1, 1)
    assert (then.stopping, then.overdue) == (1, 2)
