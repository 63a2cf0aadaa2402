"""The console's sessions: bound, ending, worth nothing elsewhere."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from console_scene import HOST, PASSWORD, browser, code_of, one_with, person, sign_in, signed_in
from hueandcry.apps.members import face as members
from hueandcry.core.types import MINUTE
from hueandcry.doors.desk import accounts
from hueandcry.doors.desk.models import Session
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node

pytestmark = pytest.mark.database

ACCOUNT = "/console/account/"
COOKIE = settings.SESSION_COOKIE_NAME


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    return Node(monkeypatch)


def is_in(client: Client) -> bool:
    """Whether the console lets this browser in."""
    return client.get(ACCOUNT, secure=True).status_code == 200


def token_on(page: Any) -> str:
    """The token that forms of this page carry against forgery."""
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())
    assert found
    return found[1]


def noted() -> list[str]:
    return [line.action for line in members.accesses() if line.outcome == "refused"]


# --- cookies --------------------------------------------------------------------------------------


def test_cookies_go_nowhere_but_to_the_console_over_tls(node: Node) -> None:
    client = browser()
    client.get("/console/sign-in/", secure=True)
    sign_in(client, person("anan", "analyst"))
    cookies = [client.cookies[COOKIE], client.cookies[settings.CSRF_COOKIE_NAME]]
    for cookie in cookies:
        assert cookie["path"] == "/console/"
        assert cookie["secure"] is True and cookie["httponly"] is True
        assert cookie["samesite"] == "Strict"
        assert cookie["expires"] == "" and cookie["max-age"] == "", "gone with the browser"


def test_behind_a_proxy_that_ends_tls_cookies_are_secure_and_forms_work(node: Node) -> None:
    who, client = person("anan", "analyst"), browser(enforce_csrf_checks=True)
    page = client.get("/console/sign-in/")  # plain HTTP on the inner side
    assert page.cookies[settings.CSRF_COOKIE_NAME]["secure"] is True
    form = {"login": who.login, "password": PASSWORD, "csrfmiddlewaretoken": token_on(page)}
    answer = client.post("/console/sign-in/", form, headers={"origin": f"https://{HOST}"})
    assert answer.headers["Location"] == "/console/sign-in/factor/"


def test_the_database_knows_neither_cookie_nor_content_of_a_session(node: Node) -> None:
    client = one_with("analyst")
    key = client.cookies[COOKIE].value
    row = Session.objects.get()
    assert key.encode() not in row.digest and key not in row.data
    assert "account_authentication_methods" not in row.data


def test_public_pages_set_no_cookie(node: Node) -> None:
    answer = browser().get("/", secure=True)
    assert answer.status_code == 200 and not answer.cookies


# --- fixation -------------------------------------------------------------------------------------


def test_a_session_that_somebody_planted_is_not_the_one_that_is_signed_in(node: Node) -> None:
    attacker, victim = browser(), browser()
    attacker.post("/console/sign-in/", {"login": "x", "password": "y"}, secure=True)
    attacker.get("/console/sign-in/factor/", secure=True)
    planted = "planted-by-somebody-else-0123456789"
    victim.cookies[COOKIE] = attacker.cookies[COOKIE] = planted
    sign_in(victim, person("anan", "analyst"))
    assert victim.cookies[COOKIE].value != planted
    assert is_in(victim) and not is_in(attacker)


def test_every_step_of_signing_in_changes_the_key(node: Node) -> None:
    who, client = person("anan", "analyst"), browser()
    client.post("/console/sign-in/", {"login": who.login, "password": PASSWORD}, secure=True)
    between = client.cookies[COOKIE].value
    spy = browser()
    spy.cookies[COOKIE] = between
    sign_in(client, who)
    assert client.cookies[COOKIE].value != between
    assert is_in(client) and not is_in(spy)
    assert Session.objects.filter(person=who).count() == 1, "the old keys are gone"


# --- stolen ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [{"headers": {"host": HOST, "user-agent": "Other/2.0"}}, {"REMOTE_ADDR": "203.0.113.9"}],
    ids=["another browser", "another network"],
)
def test_a_stolen_session_used_elsewhere_is_refused_noted_and_ended(
    node: Node, other: dict[str, Any]
) -> None:
    owner = one_with("analyst")
    thief = Client(**{"headers": {"host": HOST, "user-agent": "Test/1.0"}} | other)
    thief.cookies[COOKIE] = owner.cookies[COOKIE].value
    refused = thief.get(ACCOUNT, secure=True)
    assert refused.status_code == 403
    assert "another browser or network" in refused.content.decode()
    assert "analyst" not in refused.content.decode()
    (line,) = [line for line in members.accesses() if line.action == "session_elsewhere"]
    assert line.login == "analyst" and line.outcome == "refused"
    assert not is_in(owner), "the owner signs in anew, and so learns of it"


def test_within_its_network_a_session_may_change_its_address(node: Node) -> None:
    client = one_with("analyst")
    assert client.get(ACCOUNT, secure=True, REMOTE_ADDR="127.0.0.77").status_code == 200


def test_the_policy_may_let_a_session_change_its_network(node: Node) -> None:
    with unit_of_work():
        policy.change("console.bind_network", "no", None, node.now)
    client = one_with("analyst")
    assert client.get(ACCOUNT, secure=True, REMOTE_ADDR="203.0.113.9").status_code == 200
    other = client.get(ACCOUNT, secure=True, headers={"user-agent": "Other/2.0"})
    assert other.status_code == 403


# --- ends -----------------------------------------------------------------------------------------


def test_an_idle_session_ends_and_a_used_one_goes_on_until_its_absolute_end(node: Node) -> None:
    client, begun = one_with("analyst"), node.now
    while is_in(client):
        node.now += 29 * MINUTE  # never idle for half an hour
        assert node.now - begun < 24 * 60 * MINUTE, "it never ends"
    assert 12 * 60 * MINUTE <= node.now - begun < 12.5 * 60 * MINUTE


def test_a_session_ends_after_half_an_hour_without_a_request(node: Node) -> None:
    client = one_with("analyst")
    node.now += 31 * MINUTE
    assert not is_in(client)


def test_roles_password_factor_and_deactivation_end_sessions_at_once(node: Node) -> None:
    person("boss", "administrator")
    changes: dict[str, Callable[[int], object]] = {
        "roles": lambda n: accounts.set_roles(n, ["legal"], None, node.now),
        "password": lambda n: accounts.give_password(n, None, node.now),
        "factors": lambda n: accounts.reset_second_factor(n, None, node.now),
        "sign-out": lambda n: accounts.end_sessions(n),
        "inactive": lambda n: accounts.deactivate(n, None, node.now),
    }
    for login, change in changes.items():
        who = person(login, "analyst")
        client = signed_in(who)
        assert is_in(client)
        with unit_of_work():
            change(who.pk)
        assert not is_in(client), login


def test_whoever_changes_the_password_stays_signed_in_here_and_nowhere_else(node: Node) -> None:
    who = person("anan", "analyst")
    here, elsewhere = signed_in(who), signed_in(who)
    new = "another long password"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post("/console/account/password/", form, secure=True).status_code == 302
    assert is_in(here) and not is_in(elsewhere)


def test_a_session_that_has_not_shown_the_factor_is_asked_for_it(node: Node) -> None:
    who = person("anan", "analyst")
    client = signed_in(who, methods=("password",))
    for page in (ACCOUNT, "/console/account/factors/keys/add/", "/console/today/"):
        answer = client.get(page, secure=True)
        assert answer.headers["Location"] == "/console/again/code/", page
    client.post("/console/again/code/", {"code": code_of(who)}, secure=True)
    assert is_in(client)


def test_sign_out_everywhere_else(node: Node) -> None:
    who = person("anan", "analyst")
    here, elsewhere = signed_in(who), signed_in(who)
    here.post("/console/account/elsewhere/", secure=True)
    assert is_in(here) and not is_in(elsewhere)


def test_whoever_signs_in_sweeps_away_what_has_ended(node: Node) -> None:
    one_with("analyst")
    node.now += 31 * MINUTE
    sign_in(browser(), person("anan", "analyst"))
    assert [row.person.login for row in Session.objects.all() if row.person] == ["anan"]


def test_after_sign_out_the_cookie_is_worth_nothing(node: Node) -> None:
    client = one_with("analyst")
    kept = client.cookies[COOKIE].value
    client.post("/console/sign-out/", secure=True)
    client.cookies[COOKIE] = kept
    assert not is_in(client)
    assert not Session.objects.filter(person__isnull=False).exists()


# --- sensitive acts -------------------------------------------------------------------------------


def test_what_is_sensitive_asks_again_when_the_last_proof_is_old(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = person("boss", "administrator")
    client = signed_in(who)
    pages = (
        "people/new/",
        "tokens/new/",
        "settings/console.idle_minutes/",
        "account/factors/keys/add/",
    )
    assert [client.get(f"/console/{p}", secure=True).status_code for p in pages] == [200] * 4
    later = time.time() + 16 * 60
    monkeypatch.setattr(time, "time", lambda: later)
    for url in pages:
        answer = client.get(f"/console/{url}", secure=True)
        assert answer.headers["Location"].startswith("/console/again/"), url
    assert client.get("/console/people/", secure=True).status_code == 200, "reading goes on"


def test_a_form_that_was_sent_too_late_is_carried_out_after_the_proof(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, other = person("boss", "administrator"), person("anan", "analyst")
    client = signed_in(who)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 16 * 60)
    url = f"/console/people/{other.pk}/roles/"
    asked = client.post(url, {"roles": ["legal"]}, secure=True)
    assert members.person(other.pk).roles == ("analyst",)
    proof = client.post(asked.headers["Location"], {"password": PASSWORD}, secure=True)
    assert proof.status_code == 302
    assert members.person(other.pk).roles == ("legal",)


# --- forged requests and addresses ----------------------------------------------------------------


def test_a_forged_form_is_refused_and_noted(node: Node) -> None:
    who = person("boss", "administrator")
    client = signed_in(who, browser(enforce_csrf_checks=True))
    forms = ("people/new/", "tokens/new/", "account/", "sign-out/", "account/elsewhere/")
    for url in forms:
        answer = client.post(f"/console/{url}", {"login": "x"}, secure=True)
        assert answer.status_code == 403, url
    assert noted().count("csrf") == len(forms)
    assert is_in(client)
    outside = browser(enforce_csrf_checks=True).post("/console/sign-in/", {}, secure=True)
    assert outside.status_code == 403


def test_a_form_from_another_origin_is_refused_even_with_the_right_token(node: Node) -> None:
    client = signed_in(person("boss", "administrator"), browser(enforce_csrf_checks=True))
    page = client.get(ACCOUNT, secure=True)
    form = {"csrfmiddlewaretoken": token_on(page)}
    url = "/console/account/elsewhere/"
    for origin, status in (("https://evil.example", 403), (f"https://{HOST}", 302)):
        answer = client.post(url, form, secure=True, headers={"origin": origin})
        assert answer.status_code == status


@pytest.mark.parametrize("host", ["evil.example", "centre.example.evil.example", "", "[::1"])
def test_the_console_answers_at_its_own_address_only(node: Node, host: str) -> None:
    answer = one_with("analyst").get(ACCOUNT, secure=True, headers={"host": host})
    assert answer.status_code in (400, 421)
    assert "Anan" not in answer.content.decode() and not answer.cookies


def test_the_policy_may_give_the_console_an_origin_of_its_own(node: Node) -> None:
    with unit_of_work():
        policy.change("console.origin", "https://staff.example", None, node.now)
    client = one_with("analyst")
    assert client.get(ACCOUNT, secure=True).status_code == 421
    assert client.get(ACCOUNT, secure=True, headers={"host": "staff.example"}).status_code == 200


def test_a_proxy_may_leave_the_port_out_of_the_name(node: Node) -> None:
    with unit_of_work():
        policy.change("console.origin", "https://staff.example:8443", None, node.now)
    client = signed_in(person("boss", "administrator"), browser(enforce_csrf_checks=True))
    page = client.get(ACCOUNT, headers={"host": "staff.example"})
    headers = {"host": "staff.example", "origin": "https://staff.example:8443"}
    form = {"csrfmiddlewaretoken": token_on(page)}
    answer = client.post("/console/account/elsewhere/", form, headers=headers)
    assert answer.status_code == 302
    elsewhere = client.get(ACCOUNT, headers={"host": "staff.example:9999"})
    assert elsewhere.status_code == 421


def test_every_answer_is_kept_by_nobody_framed_by_nobody_and_taken_for_what_it_is(
    node: Node,
) -> None:
    client = one_with("administrator", "auditor")
    pages = ("sign-in/", "account/", "people/", "access/", "access/?as=csv", "nope/")
    for page in pages:
        answer = client.get(f"/console/{page}", secure=True)
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff", page
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Strict-Transport-Security"] == "max-age=31536000"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "no-store" in headers["Cache-Control"], page
        policy_said = headers["Content-Security-Policy"]
        assert "'unsafe" not in policy_said and "default-src 'none'" in policy_said
