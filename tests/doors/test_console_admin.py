"""What administrators do in the console: people, tokens, settings, the access log, purposes."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory

from console_scene import PASSWORD, browser, one_with, person, sign_in, signed_in
from hueandcry.apps.members import face as members
from hueandcry.apps.members.models import Access
from hueandcry.core.sharing import seat_terms
from hueandcry.core.types import DAY, MINUTE, Tlp
from hueandcry.doors.cli import main
from hueandcry.doors.console import purpose
from hueandcry.doors.console.sessions import SessionStore
from hueandcry.doors.desk import accounts
from hueandcry.doors.desk.cache import ROOM, RowsCache, clean
from hueandcry.doors.desk.models import Kept
from hueandcry.engine.ledger.models import Entry
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node

pytestmark = pytest.mark.database

PEOPLE = "/console/people/"


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    return Node(monkeypatch)


@pytest.fixture
def boss(node: Node) -> Client:
    return one_with("administrator")


def shown_once(answer: Any) -> str:
    """What stands in the frame of things that are shown once."""
    found = re.search(r'class="once"><code>([^<]+)<', answer.content.decode())
    assert found, answer.content.decode()
    return unescape(found[1])


def text(answer: Any) -> str:
    return unescape(re.sub(r"<[^>]+>|\s+", " ", answer.content.decode()))


def number(login: str) -> int:
    return next(p.number for p in members.people() if p.login == login)


# --- people ---------------------------------------------------------------------------------------


def test_whoever_is_added_signs_in_with_what_was_shown_once(node: Node, boss: Client) -> None:
    form = {"login": "somsak", "name": "Somsak", "roles": ["duty"]}
    password = shown_once(boss.post(f"{PEOPLE}new/", form, secure=True))
    assert password not in boss.get(f"{PEOPLE}{number('somsak')}/", secure=True).content.decode()
    client = browser()
    form = {"login": "somsak", "password": password}
    assert client.post("/console/sign-in/", form, secure=True).status_code == 302
    kinds = [duty.kind for duty in members.duties(None, 10)]
    assert kinds[0] == "person.add" and members.duties(None, 1)[0].log_index is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("login", "With Blank"),
        ("login", ""),
        ("login", "x" * 65),
        ("roles", []),
        ("roles", ["god"]),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field(
    node: Node, boss: Client, field: str, value: Any
) -> None:
    form = {"login": "somsak", "name": "S", "roles": ["duty"]} | {field: value}
    answer = boss.post(f"{PEOPLE}new/", form, secure=True)
    assert answer.status_code == 200 and 'class="problem"' in answer.content.decode()
    assert len(members.people()) == 1


def seat(node: Node) -> members.SeatView:
    """A guest member with a seat here."""
    home = members.us().fingerprint
    code = members.code_of(home, "bank")
    terms = seat_terms(home, members.guest_fingerprint(home, code), node.now, Tlp.GREEN)
    with unit_of_work():
        return members.open_seat(code, "A small bank", "TH", ["bank"], terms, node.now)


def test_somebody_of_a_guest_member_is_a_guest_and_nothing_else(node: Node, boss: Client) -> None:
    assert 'name="member"' not in boss.get(f"{PEOPLE}new/", secure=True).content.decode()
    guest = seat(node).guest
    form = {"login": "g", "name": "G", "member": str(guest), "roles": ["analyst", "administrator"]}
    shown_once(boss.post(f"{PEOPLE}new/", form, secure=True))
    added = members.person(number("g"))
    assert (added.member, added.roles) == (guest, ("guest",))
    page = boss.get(f"{PEOPLE}{added.number}/", secure=True)
    assert "A small bank" in text(page) and 'name="roles"' not in page.content.decode()
    more = boss.post(f"{PEOPLE}{added.number}/roles/", {"roles": ["analyst"]}, secure=True)
    assert more.status_code in (403, 409)
    assert members.person(added.number).roles == ("guest",)
    wanted: dict[str, Any] = {"name": "bank", "note": "B", "audience": "green", "days": 9}
    wanted |= {"scopes": ["lookup"], "member": guest}
    token = shown_once(boss.post("/console/tokens/new/", wanted, secure=True))
    assert members.caller(token, node.now).member == guest


def test_a_login_is_given_once(node: Node, boss: Client) -> None:
    form = {"login": "administrator", "name": "X", "roles": ["duty"]}
    assert boss.post(f"{PEOPLE}new/", form, secure=True).status_code == 409


def test_the_last_administrator_stays_one_and_nobody_resets_themselves(
    node: Node, boss: Client
) -> None:
    me = number("administrator")
    acts = {f"{PEOPLE}{me}/deactivate/": 409, f"{PEOPLE}{me}/roles/": 409}
    acts |= {f"{PEOPLE}{me}/password/": 403, f"{PEOPLE}{me}/factors/": 403}
    for url, status in acts.items():
        assert boss.post(url, {"roles": ["analyst"]}, secure=True).status_code == status, url
    assert members.person(me).active and members.person(me).roles == ("administrator",)


def test_a_reset_of_the_second_factor_leads_to_a_new_one(node: Node, boss: Client) -> None:
    who = person("anan", "analyst")
    boss.post(f"{PEOPLE}{who.pk}/factors/", secure=True)
    assert not accounts.has_second_factor(who)
    client = browser()
    assert sign_in(client, who) == "/console/"
    answer = client.get("/console/account/", secure=True)
    assert answer.headers["Location"] == "/console/account/enrol/"
    assert "person.factors" in [duty.kind for duty in members.duties(None, 5)]


def test_a_new_password_ends_the_old_one(node: Node, boss: Client) -> None:
    who = person("anan", "analyst")
    password = shown_once(boss.post(f"{PEOPLE}{who.pk}/password/", secure=True))
    assert sign_in(browser(), who, PASSWORD) == "200"
    assert sign_in(browser(), who, password).startswith("/console/")


def test_somebody_deactivated_is_let_in_again_only_after_being_activated(
    node: Node, boss: Client
) -> None:
    who = person("anan", "analyst")
    boss.post(f"{PEOPLE}{who.pk}/deactivate/", secure=True)
    assert sign_in(browser(), who) == "200"
    boss.post(f"{PEOPLE}{who.pk}/activate/", secure=True)
    assert sign_in(browser(), who) == "/console/"


# --- the same by command --------------------------------------------------------------------------


def test_the_command_adds_lists_changes_resets_and_deactivates(
    node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: str) -> tuple[int, Any]:
        with pytest.raises(SystemExit) as ended:
            main.run(["person", *words])
        out = capsys.readouterr().out
        return int(str(ended.value.code)), json.loads(out) if out.startswith(("{", "[")) else out

    person("boss", "administrator")
    code, made = run("add", "anan", "--role", "analyst", "--name", "Anan", "--json")
    assert code == 0 and len(made["password"]) >= 20
    assert run("add", "both", "--role", "administrator", "--role", "checker")[0] == 1
    assert run("roles", "anan", "--role", "legal")[0] == 0
    first = made["password"]
    code, made = run("reset", "anan", "--second-factor", "--json")
    assert code == 0 and made["password"] != first
    _, everybody = run("list", "--json")
    anan = next(each for each in everybody if each["login"] == "anan")
    assert (anan["roles"], anan["second_factor"], anan["active"]) == (["legal"], False, True)
    assert run("deactivate", "anan")[0] == 0 and run("deactivate", "anan")[0] == 1
    assert run("activate", "anan")[0] == 0
    assert run("deactivate", "boss")[0] == 1, "the last administrator"
    assert run("roles", "nobody", "--role", "legal")[0] == 1


# --- tokens ---------------------------------------------------------------------------------------


def test_a_token_is_shown_once_says_its_last_use_and_dies_when_revoked(
    node: Node, boss: Client
) -> None:
    form = {
        "name": "bank",
        "note": "A bank",
        "audience": "green",
        "scopes": ["lookup", "taxii:read"],
        "days": 30,
    }
    token = shown_once(boss.post("/console/tokens/new/", form, secure=True))
    found = members.caller(token, node.now)
    assert found.scopes == {"lookup", "taxii:read"} and found.audience == "green"
    assert found.expires_at == node.now + 30 * DAY
    page = boss.get("/console/tokens/", secure=True)
    assert token not in page.content.decode() and "A bank" in text(page)
    members.token_used(found.token, node.now)
    assert text(boss.get("/console/tokens/", secure=True)).count("UTC") == 1
    boss.post(f"/console/tokens/{found.token}/revoke/", secure=True)
    assert members.tokens()[0].revoked_at == node.now
    again = boss.post(f"/console/tokens/{found.token}/revoke/", secure=True)
    assert again.status_code == 404


# --- settings -------------------------------------------------------------------------------------


def test_every_setting_has_a_page_with_a_field_of_its_type(node: Node, boss: Client) -> None:
    page = text(boss.get("/console/settings/", secure=True))
    for name, setting in policy.declared().items():
        assert name in page and setting.meaning in page
        html = boss.get(f"/console/settings/{name}/", secure=True).content.decode()
        field = {bool: "<select", int: 'type="number"', tuple: "<textarea"}.get(setting.kind)
        assert (field or 'type="text"') in html or (setting.choices and "<select" in html), name


def change(boss: Client, name: str, value: str, version: int) -> Any:
    form = {"value": value, "version": version}
    return boss.post(f"/console/settings/{name}/", form, secure=True)


def test_a_setting_is_changed_within_its_bounds_and_brought_back(node: Node, boss: Client) -> None:
    name = "console.idle_minutes"
    before = Entry.objects.count()
    assert change(boss, name, "45", 0).status_code == 302
    assert Entry.objects.count() == before + 1
    assert change(boss, name, "60", 1).status_code == 302
    for wrong in ("4", "soon", ""):
        assert 'class="problem"' in change(boss, name, wrong, 2).content.decode()
    history = policy.history(name)
    assert [(c.version, c.text) for c in history] == [(2, "60"), (1, "45")]
    assert {c.person for c in history} == {number("administrator")}
    boss.post(f"/console/settings/{name}/1/", {"version": 2}, secure=True)
    assert policy.number(name) == 45
    boss.post(f"/console/settings/{name}/0/", {"version": 3}, secure=True)
    assert policy.number(name) == 30 and len(policy.history(name)) == 4


def test_nobody_overwrites_a_change_that_they_have_not_seen(node: Node, boss: Client) -> None:
    name = "console.idle_minutes"
    change(boss, name, "45", 0)
    assert change(boss, name, "50", 0).status_code == 409
    undo = boss.post(f"/console/settings/{name}/0/", {"version": 0}, secure=True)
    assert undo.status_code == 409
    assert policy.number(name) == 45
    for bad in ("x", "-1", ""):
        answer = boss.post(f"/console/settings/{name}/0/", {"version": bad}, secure=True)
        assert answer.status_code == 409


def test_a_list_is_written_a_line_each(node: Node, boss: Client) -> None:
    change(boss, "limits.proxies", "10.0.0.1\r\n10.0.0.2\r\n\r\n", 0)
    assert policy.items("limits.proxies") == ("10.0.0.1", "10.0.0.2")


# --- the access log -------------------------------------------------------------------------------


def fill(node: Node, count: int) -> None:
    who = person("anan", "analyst")
    for n in range(count):
        note = members.AccessNote("signal.view", f"signal {n}", purpose="victim: 7", person=who.pk)
        members.log_access(note, node.now + n * MINUTE)


def test_the_log_is_filtered_and_read_a_page_at_a_time(node: Node) -> None:
    fill(node, 130)
    auditor = one_with("auditor")
    page = auditor.get("/console/access/?action=signal.view", secure=True)
    assert text(page).count("signal.view") == 100
    older = re.search(r'href="(\?[^"]*before=\d+)"', page.content.decode())
    assert older
    rest = auditor.get("/console/access/" + unescape(older[1]), secure=True)
    assert "signal 29" in text(rest) and "signal 30 " not in text(rest)
    assert ">Older<" not in rest.content.decode()
    other = auditor.get(f"/console/access/?person={number('auditor')}", secure=True)
    assert "victim: 7" not in text(other)
    for day, lines in (("2026-09-20", True), ("2099-01-01", False)):
        found = auditor.get(f"/console/access/?since={day}&action=signal.view", secure=True)
        assert ("signal 129" in text(found)) is lines
    assert auditor.get("/console/access/?since=yesterday", secure=True).status_code == 200


def test_reading_the_log_is_noted_and_so_is_taking_it_away(node: Node) -> None:
    fill(node, 1)
    auditor = one_with("auditor")
    auditor.get("/console/access/?action=signal.view", secure=True)
    answer = auditor.get("/console/access/?as=csv", secure=True)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["action"] for row in rows] == ["access.export", "access.read", "signal.view"]
    assert rows[1]["subject"] == "action=signal.view" and rows[1]["person"] == "auditor"
    assert rows[2]["purpose"] == "victim: 7"


def test_no_cell_of_an_export_is_a_formula(node: Node) -> None:
    members.log_access(
        members.AccessNote("x", "=HYPERLINK(1)", purpose="+1", address="@a"), node.now
    )
    answer = one_with("auditor").get("/console/access/?as=csv", secure=True)
    row = list(csv.DictReader(io.StringIO(answer.content.decode())))[-1]
    assert (row["subject"], row["purpose"], row["address"]) == ("'=HYPERLINK(1)", "'+1", "'@a")


# --- purposes -------------------------------------------------------------------------------------


def asked(node: Node, login: str = "anan") -> tuple[Any, Any]:
    """A view behind the question, and a maker of requests by one session."""
    who, session = person(login, "analyst"), SessionStore()

    @purpose.purpose_asked("signal.view", lambda request: request.GET.get("of"))
    def view(request: HttpRequest) -> HttpResponseBase:
        return HttpResponse(f"the data {request.POST.get('value', '')}")

    def ask(of: str = "", **posted: str) -> Any:
        url = f"/console/x/?of={of}" if of else "/console/x/"
        make = RequestFactory()
        request = make.post(url, posted) if posted else make.get(url)
        request.session, request.user = session, who
        return view(request)

    return ask, who


def test_a_persons_data_is_shown_only_after_a_purpose_which_is_noted(node: Node) -> None:
    ask, _ = asked(node)
    assert ask().content == b"the data ", "nothing personal, nothing asked"
    first = ask("signal 7")
    assert b"the data" not in first.content and b"Why do you need this?" in first.content
    assert not Access.objects.exists()
    for half in ({"purpose": "victim"}, {"purpose": "curiosity", "reference": "x"}):
        assert b"the data" not in ask("signal 7", purpose_asked="GET", **half).content
    said = {"purpose": "victim", "reference": "case 12"}
    assert ask("signal 7", purpose_asked="GET", **said).status_code == 303
    (line,) = members.accesses()
    assert (line.login, line.action, line.subject) == ("anan", "signal.view", "signal 7")
    assert line.purpose == "victim: case 12"
    assert ask("signal 7").content == b"the data "
    assert b"the data" not in ask("signal 8").content, "for that person only"
    node.now += 60 * MINUTE
    assert b"the data" not in ask("signal 7").content, "and for a short while"


def test_what_was_posted_goes_on_after_the_purpose(node: Node) -> None:
    ask, _ = asked(node)
    first = ask("x", value="+66812345678")
    assert b'name="value" value="+66812345678"' in first.content
    said = {"purpose": "victim", "reference": "case 12", "value": "+66812345678"}
    answer = ask("x", purpose_asked="POST", **said)
    assert answer.content == b"the data +66812345678"


def test_the_log_names_a_value_without_showing_it() -> None:
    one, same, other = (purpose.blind("phone", v) for v in ("+66812", "+66812", "+66813"))
    assert one == same != other and "66812" not in one and one.startswith("phone ")


# --- what outlives a restart ----------------------------------------------------------------------


def test_counters_are_rows_that_end_and_stay_within_bounds(node: Node) -> None:
    cache, other = RowsCache("", {}), RowsCache("", {})
    assert cache.add("code", 1, 30) is True
    assert other.add("code", 2, 30) is False, "another process sees it"
    assert cache.get("code") == 1
    node.now += 31_000_000
    assert cache.get("code") is None and other.add("code", 3, 30) is True
    cache.set("k", [1.5, 2.5], 60)
    cache.set("k", [3.5], 60)
    assert other.get("k") == [3.5] and other.delete("k") and other.get("k", "no") == "no"
    assert "code" not in Kept.objects.values_list("key", flat=True), "keys are digests"
    Kept.objects.bulk_create(Kept(key=str(n), value="1", ends_at=node.now + n) for n in range(1, 6))
    assert ROOM > 10_000
    clean(node.now + 3)
    assert set(Kept.objects.values_list("key", flat=True)) >= {"4", "5"}
    assert Kept.objects.filter(key__in=["1", "2", "3"]).count() == 0


def test_preferences_are_kept_and_times_shown_by_them(node: Node) -> None:
    who = person("anan", "analyst")
    client = signed_in(who)
    form = {"language": "th", "zone": "Asia/Bangkok"}
    assert client.post("/console/account/", form, secure=True).status_code == 302
    page = client.get("/console/account/", secure=True).content.decode()
    assert '<html lang="th">' in page and re.search(r"\d\d:\d\d:\d\d \+07<", page)
    wrong = client.post("/console/account/", {"language": "th", "zone": "Mars"}, secure=True)
    assert 'class="problem"' in wrong.content.decode()
