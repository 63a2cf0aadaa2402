"""*Report*, *My report* and *Get help*: without an account, without script, in one go."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import pictures_made
from hueandcry.apps.reports import face as reports
from hueandcry.apps.reports.face import Consent, Flag, Role, State
from hueandcry.core.types import DAY
from hueandcry.doors.desk.hotlines import ANYWHERE, UNCHECKED, Purpose, countries, of
from hueandcry.doors.desk.limits import REFUSED
from hueandcry.doors.web.help_pages import PAGES
from hueandcry.doors.web.report_form import CONSENTS, CURRENCIES, ReportForm, currency_of, wording
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.blobs.store import store
from reports_scene import Reports

_CODE = re.compile(r'<strong class="code"[^>]*>([0-9A-Z-]{34})</strong>')


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Reports:
    return Reports(monkeypatch)


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def token(client: Client) -> str:
    html = client.get("/report").content.decode()
    (found,) = re.findall(r'name="token" value="([^"]+)"', html)
    return str(found)


def sent(client: Client, status: int = 200, **fields: Any) -> str:
    """The page that answers a report."""
    fields.setdefault("token", token(client))
    response = client.post("/report", fields)
    assert response.status_code == status
    return unescape(response.content.decode())


def code_in(html: str) -> str:
    found = _CODE.search(html)
    assert found, "no code is shown"
    return found[1]


def mine(client: Client, code: str, status: int = 200, **fields: Any) -> str:
    response = client.post("/my-report", {"code": code, **fields})
    assert response.status_code == status
    return unescape(response.content.decode())


def _small(writer: Callable[[int], blobs.Writer], limit: int) -> blobs.Writer:
    """The store's writer, for files of a few thousand bytes only."""
    return writer(min(limit, 5_000))


def stored() -> int:
    return sum(len(part) for part in store().listed())


# --- a report ------------------------------------------------------------------------------------


def test_a_report_needs_one_word_and_gives_a_code(scene: Reports, client: Client) -> None:
    html = sent(client, text="They took my money")
    told = reports.by_code(code_in(html), scene.now)
    assert told.stage is reports.Stage.RECEIVED and told.consents == frozenset()
    assert "Do this now" not in html


def test_everything_that_is_said_is_kept(scene: Reports, client: Client) -> None:
    sent(
        client,
        text="It began with a call",
        values="https://evil.example/pay\n081-234-5678",
        role="called",
        method="phone",
        market="VN",
        happened_on="2026-09-20",
        amount="๒๕,๐๐๐.50",
        currency="thb",
        rail="wallet",
        paid="yesterday",
        paid_to="PromptPay 0812345678",
        child="on",
        name="Somchai",
        safe_way="only by message",
        consents=["signals", "police"],
    )
    scene.read()
    told = scene.opened(scene.numbers()[0])
    assert told.text == "It began with a call"
    assert {value.signal.value for value in told.values} >= {"evil.example/pay"}
    # The number that was called is the one that was paid to, which says more of it.
    assert {value.role for value in told.values if value.role} == {Role.PAID}
    (loss,) = told.losses
    assert (float(loss.amount), loss.currency, loss.rail) == (25000.5, "THB", "wallet")
    assert loss.at == scene.now - DAY
    assert told.line.market == "VN" and told.line.method == "phone"
    assert Flag.CHILD in told.line.flags
    assert {c.purpose for c in told.consents} == {Consent.SIGNALS, Consent.POLICE}
    assert {c.wording for c in told.consents} == {wording()}


def test_a_form_posted_twice_is_one_report_with_one_code(scene: Reports, client: Client) -> None:
    form = token(client)
    first, second = (sent(client, text="They took my money", token=form) for _ in range(2))
    assert code_in(first) == code_in(second)
    scene.read()
    assert len(scene.numbers()) == 1


def test_the_same_words_on_another_form_are_another_report(scene: Reports, client: Client) -> None:
    codes = {code_in(sent(client, text="They took my money")) for _ in range(2)}
    assert len(codes) == 2


def test_an_old_form_is_shown_again_with_all_that_it_held(scene: Reports, client: Client) -> None:
    form = token(client)
    scene.now += 3 * DAY
    html = sent(client, 422, text="They took my money", name="Somchai", token=form)
    assert "This page was open for too long." in html
    assert "They took my money</textarea>" in html and 'value="Somchai"' in html
    (fresh,) = re.findall(r'name="token" value="([^"]+)"', html)
    code_in(sent(client, text="They took my money", token=fresh))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "Write what happened, or at least one link, number or account."),
        ({"text": "a", "amount": "much", "currency": "THB"}, "Write only digits"),
        ({"text": "a", "amount": "5", "currency": "฿"}, "Write the currency in letters"),
        ({"text": "a", "happened_on": "2030-01-01"}, "This day lies in the future."),
        ({"text": "a", "values": "a.example\n" * 1 + "x" * 3_000}, "One line is too long."),
        ({"values": "\n".join(f"n{n}.example" for n in range(300))}, "These are too many lines."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(
    scene: Reports, client: Client, fields: dict[str, str], says: str
) -> None:
    html = sent(client, 422, **fields)
    assert says in html and "Please look at this again" in html
    scene.read()
    assert scene.numbers() == []


def test_no_field_can_hold_markup(scene: Reports, client: Client) -> None:
    bad = '"><script>alert(1)</script>'
    names = [name for name in ReportForm.base_fields if name not in ("attached", "token")]
    response = client.post("/report", {**dict.fromkeys(names, bad), "token": token(client)})
    assert response.status_code == 422
    assert b"<script>alert" not in response.content
    assert b"&lt;script&gt;alert" in response.content


def test_a_story_that_is_too_long_is_cut_and_the_page_says_so(
    scene: Reports, client: Client
) -> None:
    html = sent(client, text="very much " * 10_000)
    assert f"Your text was longer than {reports.MAX_STORY} characters." in html
    code_in(html)


def test_what_was_checked_is_there_when_it_is_raised(scene: Reports, client: Client) -> None:
    of_values = client.post("/report", {"begin": "1", "about": "evil.example\n+66812345678"})
    assert "evil.example\n+66812345678</textarea>" in of_values.content.decode()
    of_words = client.post("/report", {"begin": "1", "about": "words & <b>"}).content.decode()
    assert "words &amp; &lt;b&gt;</textarea>" in of_words
    scene.read()
    assert scene.numbers() == []


def test_another_language_keeps_what_was_filled_in(scene: Reports, client: Client) -> None:
    fields = {"text": "my words", "amount": "abc", "consents": ["signals", "contact"]}
    again = dict.fromkeys(re.findall(r'type="hidden" name="(\w+)"', sent(client, 422, **fields)))
    assert {"begin", "text", "amount", "consents"} <= set(again)
    other = client.post("/report?lang=vi", {"begin": "1", **fields}).content.decode()
    assert '<html lang="vi">' in other and "my words</textarea>" in other
    assert len(re.findall(r'name="consents"[^>]* checked', other)) == 2


def test_another_language_shows_the_same_code_once_more(scene: Reports, client: Client) -> None:
    html = sent(client, text="They took my money")
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))
    other = client.post("/report?lang=th", hidden).content.decode()
    assert '<html lang="th">' in other and code_in(other) == code_in(html)


def test_another_site_cannot_send_a_report_for_somebody(scene: Reports, client: Client) -> None:
    fields = {"text": "words", "token": token(client)}
    response = client.post("/report", fields, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    for made_up in ("made-up", ""):
        assert client.post("/report", {**fields, "token": made_up}).status_code == 422


# --- files ---------------------------------------------------------------------------------------


def picture() -> bytes:
    return pictures_made.stored(pictures_made.noise())


def test_files_are_kept_sealed_with_their_report(scene: Reports, client: Client) -> None:
    data = picture()
    files = [SimpleUploadedFile("../../a b.exe", data), SimpleUploadedFile("note.txt", b"my note")]
    code_in(sent(client, text="words", attached=files))
    scene.read()
    told = scene.opened(scene.numbers()[0])
    assert {(file.name, file.media_type) for file in told.files} == {
        ("a b.exe.png", "image/png"),
        ("note.txt", "text/plain"),
    }
    kept = next(file for file in told.files if file.media_type == "image/png")
    assert kept.blob and blobs.read(kept.blob, len(data)) == data


def test_a_picture_alone_is_a_report(scene: Reports, client: Client) -> None:
    code_in(sent(client, attached=SimpleUploadedFile("a.png", picture())))


def test_intimate_files_are_quarantined(scene: Reports, client: Client) -> None:
    sent(client, text="words", intimate="on", attached=SimpleUploadedFile("a.png", picture()))
    scene.read()
    (file,) = scene.opened(scene.numbers()[0]).files
    assert file.state == "quarantined"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"MZ" + b"\x00" * 500, "We cannot take files of this kind."),
        (b"", "We cannot take files of this kind."),
        (b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", "Something is hidden in a file."),
        (b"words " * 1_000, "A file is too large."),
    ],
)
def test_a_refused_file_refuses_the_report_and_leaves_nothing(
    scene: Reports, client: Client, monkeypatch: pytest.MonkeyPatch, data: bytes, says: str
) -> None:
    before = stored()
    monkeypatch.setattr(blobs, "writer", partial(_small, blobs.writer))
    files = [SimpleUploadedFile("good.txt", b"words"), SimpleUploadedFile("bad.png", data)]
    html = sent(client, 422, text="my words", attached=files)
    assert says in html and "my words</textarea>" in html
    assert "Please choose your files once more." in html
    assert stored() == before


def test_more_files_than_a_report_has_are_refused(scene: Reports, client: Client) -> None:
    before = stored()
    files = [SimpleUploadedFile(f"{n}.txt", b"words") for n in range(reports.MAX_FILES + 1)]
    assert "These are too many files." in sent(client, 422, text="words", attached=files)
    assert stored() == before


def test_a_form_that_comes_twice_keeps_its_files_once(scene: Reports, client: Client) -> None:
    before = stored()
    form = token(client)
    for _ in range(2):
        sent(client, text="words", token=form, attached=SimpleUploadedFile("a.txt", b"words"))
    assert stored() == before + 1


# --- what cannot wait ----------------------------------------------------------------------------


def test_money_lost_a_day_ago_shows_what_to_do_now_in_that_country(
    scene: Reports, client: Client
) -> None:
    html = sent(client, text="a", amount="5000", currency="SGD", paid="yesterday", market="SG")
    assert "Do this now: money can still be stopped" in html
    assert all(line.number in html for line in of("SG", Purpose.SCAM))


def test_money_lost_long_ago_is_not_called_urgent(scene: Reports, client: Client) -> None:
    html = sent(client, text="a", amount="5000", currency="THB", paid="longer")
    assert "Do this now" not in html


@pytest.mark.parametrize(
    ("fields", "page"),
    [
        ({"paying": "on"}, "paying"),
        ({"forced": "on"}, "forced"),
        ({"text": "I want to die, I cannot go on"}, "distress"),
    ],
)
def test_signs_of_need_open_the_right_page(
    scene: Reports, client: Client, fields: dict[str, str], page: str
) -> None:
    said: dict[str, Any] = {"text": "words", **fields}
    html = sent(client, **said)
    assert f'href="/help/{page}"' in html


# --- my report -----------------------------------------------------------------------------------


def test_a_code_is_only_ever_posted(scene: Reports, client: Client) -> None:
    code = code_in(sent(client, text="words"))
    shown = client.get("/my-report", {"code": code}).content.decode()
    assert "We have received your report." not in shown
    html = mine(client, code.lower().replace("-", " "))
    assert "We have received your report." in html


def test_a_wrong_code_is_one_that_was_never_given(scene: Reports, client: Client) -> None:
    pages = {mine(client, code, 404) for code in ("x", "7" * 28, '"><script>')}
    assert len({re.sub(r"nonce-\S+", "", page) for page in pages}) == 1
    assert "We know no report with this code." in pages.pop()


def test_guessing_ends(scene: Reports, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "hueandcry.doors.desk.limits.rate", lambda setting: 3 if setting is REFUSED else 0
    )
    statuses = [client.post("/my-report", {"code": "x"}).status_code for _ in range(5)]
    assert statuses == [404, 404, 404, 429, 429]


def test_the_holder_adds_changes_and_takes_back(scene: Reports, client: Client) -> None:
    code = code_in(sent(client, text="words", consents=["signals"]))
    for _ in range(2):  # a page that is loaded again adds nothing
        assert "Your words were added." in mine(client, code, act="add", text="one more thing")
    assert [m.text for m in scene.told(code).messages] == ["one more thing"]
    assert "Your choice was changed." in mine(client, code, act="consent", consents=["police"])
    assert scene.told(code).consents == {Consent.POLICE}
    mine(client, code, act="withdraw")
    assert scene.told(code).stage is reports.Stage.RECEIVED, "only with its confirmation"
    html = mine(client, code, act="withdraw", sure="yes")
    assert "You have taken back your report." in html and "Add something" not in html


def test_a_question_is_shown_and_answered(scene: Reports, client: Client) -> None:
    code = code_in(sent(client, text="words"))
    scene.read()
    (number,) = scene.numbers()
    scene.did(reports.ask, number, "Which <bank>?")
    html = client.post("/my-report", {"code": code}).content.decode()
    assert "Which &lt;bank&gt;?" in html and "Your answer" in html
    mine(client, code, act="add", text="Kasikorn")
    scene.read()
    assert scene.opened(number).line.state is State.WAITING


def test_what_was_decided_is_told_a_day_late(scene: Reports, client: Client) -> None:
    code = code_in(sent(client, text="see http://evil.example/x", consents=["signals"]))
    scene.read()
    scene.confirmed(scene.numbers()[0])
    reached = re.compile(r'<li class="reached">')
    assert len(reached.findall(mine(client, code))) == 1
    scene.now += 3 * DAY
    assert len(reached.findall(mine(client, code))) == 3


# --- help ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_of_help_has_steps_numbers_and_a_way_out(
    scene: Reports, client: Client, page: Any
) -> None:
    html = unescape(client.get(f"/help/{page.name}?country=my").content.decode())
    assert all(str(step) in html for step in page.steps)
    assert all(line.number in html for line in of("MY", *page.lines))
    assert re.search(r'<a class="exit" href="https://[^"]+" rel="noreferrer nofollow"', html)


def test_help_of_no_such_name_or_country_is_harmless(scene: Reports, client: Client) -> None:
    assert client.get("/help/other").status_code == 404
    html = client.get("/help?country=<b>").content.decode()
    assert all(line.number in html for line in of(ANYWHERE, Purpose.DISTRESS))
    assert "country=<b>" not in html


def test_every_number_says_where_it_is_from_or_that_nobody_looked() -> None:
    for country in countries().values():
        for line in country.lines:
            assert line.checked == UNCHECKED or re.fullmatch(r"20\d\d-\d\d-\d\d", line.checked)
            assert line.checked == UNCHECKED or line.source.startswith("https://"), line
            assert line.name and line.english and line.number
    for code in countries():
        assert of(code, Purpose.DISTRESS)
        if code != ANYWHERE:
            assert of(code, Purpose.SCAM, Purpose.POLICE) and currency_of(code) in CURRENCIES


def test_the_version_of_what_is_agreed_to_follows_its_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = wording()
    monkeypatch.setitem(CONSENTS, Consent.SIGNALS, "other words")
    assert wording() != before and len(before) <= 40
