"""Signing in to the console: two factors always, nothing learnt by whoever guesses."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client
from django.urls import NoReverseMatch, reverse

from console_scene import PASSWORD, browser, code, code_of, person, sign_in
from hueandcry.apps.members import face as members
from hueandcry.core.types import DAY, MINUTE
from hueandcry.doors.console import floods
from hueandcry.doors.desk import accounts, limits, noting
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node

SIGN_IN = "/console/sign-in/"
FACTOR = "/console/sign-in/factor/"
ACCOUNT = "/console/account/"


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    return Node(monkeypatch)


def text(answer: Any) -> str:
    """What the page says, without what differs each time."""
    html = re.sub(r'(nonce|value)="[^"]*"', "", answer.content.decode())
    return unescape(re.sub(r"<[^>]+>|\s+", " ", html))


def given(node: Node, login: str = "new", *roles: str) -> tuple[Any, str]:
    """Somebody who was just added, and the password that was handed to them."""
    with unit_of_work():
        return members.add_person(login, roles or ("analyst",), at=node.now)


def noted(action: str) -> list[members.AccessView]:
    return [line for line in members.accesses() if line.action == action]


# --- both factors ---------------------------------------------------------------------------------


def test_password_and_code_open_the_console_and_are_noted(node: Node) -> None:
    who, client = person("anan", "analyst"), browser()
    assert sign_in(client, who) == "/console/"
    assert client.get(ACCOUNT, secure=True).status_code == 200
    assert [line.login for line in noted("sign_in")] == ["anan"]
    assert accounts.account(who).signed_in_at == node.now


def test_a_password_alone_opens_nothing(node: Node) -> None:
    who, client = person("anan", "analyst"), browser()
    client.post(SIGN_IN, {"login": who.login, "password": PASSWORD}, secure=True)
    assert client.get(ACCOUNT, secure=True).headers["Location"].startswith(SIGN_IN)
    wrong = client.post(FACTOR, {"code": "000000"}, secure=True)
    assert wrong.status_code == 200 and "This code is wrong" in text(wrong)
    assert client.get(ACCOUNT, secure=True).headers["Location"].startswith(SIGN_IN)
    assert [line.login for line in noted("second_factor")] == ["anan"]


def test_a_code_is_good_once(node: Node) -> None:
    who = person("anan", "analyst")
    shown = code_of(who)
    assert sign_in(browser(), who) == "/console/"
    second = browser()
    second.post(SIGN_IN, {"login": who.login, "password": PASSWORD}, secure=True)
    again = second.post(FACTOR, {"code": shown}, secure=True)
    assert again.status_code == 200 and "was used already" in text(again)


def test_a_first_sign_in_leads_through_password_and_factor_before_anything_else(
    node: Node,
) -> None:
    _, password = given(node)
    client = browser()
    form = {"login": "new", "password": password}
    assert client.post(SIGN_IN, form, secure=True).headers["Location"] == "/console/"
    for page in ("/console/", ACCOUNT, "/console/account/factors/app/add/"):
        answer = client.get(page, secure=True)
        assert answer.headers["Location"] == "/console/account/password/", page

    change = {"oldpassword": password, "password1": password, "password2": password}
    refused = client.post("/console/account/password/", change, secure=True)
    assert "Choose another one than until now" in text(refused)
    change |= {"password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/console/account/password/", change, secure=True).status_code == 302
    for page in ("/console/", ACCOUNT, "/console/people/", "/console/account/factors/"):
        assert client.get(page, secure=True).headers["Location"] == "/console/account/enrol/"

    html = client.get("/console/account/factors/app/add/", secure=True).content.decode()
    secret = re.search(r'class="secret">(\w+)<', html)
    assert secret
    done = client.post("/console/account/factors/app/add/", {"code": code(secret[1])}, secure=True)
    assert done.headers["Location"] == "/console/account/factors/codes/"
    codes = re.findall(r"<li><code>(\d{8})</code>", _get(client, done.headers["Location"]))
    assert len(codes) == 10
    assert "<li><code>" not in _get(client, done.headers["Location"]), "shown once"
    assert client.get(ACCOUNT, secure=True).status_code == 200


def _get(client: Client, url: str) -> str:
    return client.get(url, secure=True).content.decode()


def test_a_recovery_code_signs_in_one_time(node: Node) -> None:
    who = person("anan", "analyst")
    client = browser()
    assert sign_in(client, who) == "/console/"
    client.post("/console/account/factors/codes/new/", secure=True)
    found = re.findall(r"<li><code>(\d{8})</code>", _get(client, "/console/account/factors/codes/"))
    for expected in (302, 200):
        other = browser()
        other.post(SIGN_IN, {"login": who.login, "password": PASSWORD}, secure=True)
        answer = other.post(FACTOR, {"code": found[0]}, secure=True)
        assert answer.status_code == expected


def test_a_session_from_before_the_enrolment_is_worth_nothing_after_it(node: Node) -> None:
    """Whoever got hold of the first password must not ride on the owner's second factor."""
    _, password = given(node)
    thief, owner = browser(), browser()
    for client in (thief, owner):
        client.post(SIGN_IN, {"login": "new", "password": password}, secure=True)
    change = {"oldpassword": password, "password1": PASSWORD, "password2": PASSWORD}
    owner.post("/console/account/password/", change, secure=True)
    html = _get(owner, "/console/account/factors/app/add/")
    secret = re.search(r'class="secret">(\w+)<', html)
    assert secret
    owner.post("/console/account/factors/app/add/", {"code": code(secret[1])}, secure=True)
    assert owner.get(ACCOUNT, secure=True).status_code == 200
    assert thief.get(ACCOUNT, secure=True).headers["Location"].startswith(SIGN_IN)


def test_secrets_of_second_factors_are_sealed_at_rest(node: Node) -> None:
    who, client = person("anan", "analyst"), browser()
    assert sign_in(client, who) == "/console/"
    client.post("/console/account/factors/codes/new/", secure=True)
    for held in Authenticator.objects.all():
        secret = held.data.get("secret") or held.data["seed"]
        assert len(secret) > 60 and not re.fullmatch(r"[A-Z2-7]+|[0-9a-f]+", secret)


def test_the_last_second_factor_cannot_be_removed(node: Node) -> None:
    who, client = person("anan", "analyst"), browser()
    assert sign_in(client, who) == "/console/"
    page = client.post("/console/account/factors/app/remove/", secure=True)
    assert page.status_code == 200 and "last second factor stays" in text(page)
    assert accounts.has_second_factor(who)


# --- what a guesser learns ------------------------------------------------------------------------


def test_unknown_wrong_inactive_expired_and_without_password_answer_alike(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    person("anan", "analyst")
    person("gone", "analyst")
    nobody = person("outside", "analyst")
    nobody.set_unusable_password()
    nobody.save()
    members.set_active(members.actor("gone").person or 0, False, None, node.now)
    _, late = given(node, "late")
    node.now += 8 * DAY
    hashed: list[str] = []
    encode = PBKDF2PasswordHasher.encode
    monkeypatch.setattr(
        PBKDF2PasswordHasher,
        "encode",
        lambda self, *args: hashed.append("once") or encode(self, *args),  # type: ignore[func-returns-value]
    )
    tried = {
        "nobody": "x" * 20,
        "anan": "wrong password",
        "gone": PASSWORD,
        "outside": PASSWORD,
        "late": late,
    }
    answers = {}
    for login, password in tried.items():
        hashed.clear()
        answer = browser().post(SIGN_IN, {"login": login, "password": password}, secure=True)
        answers[login] = (answer.status_code, text(answer), len(hashed))
    assert len({*answers.values()}) == 1, answers
    assert answers["anan"][2] == 1, "one hash each: the same work, whatever the reason"
    assert len(noted("sign_in")) == len(tried)
    assert {line.outcome for line in noted("sign_in")} == {"refused"}


def test_after_five_wrong_passwords_a_login_waits_even_with_the_right_one(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = person("anan", "analyst")
    for login in ("anan", "nobody-at-all"):
        for _ in range(5):
            browser().post(SIGN_IN, {"login": login, "password": "guess"}, secure=True)
        waits = browser().post(SIGN_IN, {"login": login, "password": PASSWORD}, secure=True)
        assert "Too many attempts" in text(waits), "the same for a login that does not exist"
    other = browser(REMOTE_ADDR="203.0.113.9")
    assert "Too many" in text(
        other.post(SIGN_IN, {"login": "anan", "password": PASSWORD}, secure=True)
    )
    now = ratelimit.time.time()
    monkeypatch.setattr(ratelimit.time, "time", lambda: now + 301)
    assert sign_in(browser(), who).startswith("/console/")


def test_wrong_second_factors_are_counted_too(node: Node) -> None:
    who, client = person("anan", "analyst"), browser()
    client.post(SIGN_IN, {"login": who.login, "password": PASSWORD}, secure=True)
    for _ in range(5):
        client.post(FACTOR, {"code": "000000"}, secure=True)
    locked = client.post(FACTOR, {"code": code_of(who)}, secure=True)
    assert locked.status_code == 200 and "Too many attempts" in text(locked)


def test_a_flood_from_one_address_is_refused_before_any_password_is_looked_at(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floods, "_entrance", limits.Buckets(now=lambda: 1.0))
    answers = [
        browser().post(SIGN_IN, {"login": f"guess{n}", "password": "x"}, secure=True)
        for n in range(33)
    ]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429] * 3
    assert int(answers[-1].headers["Retry-After"]) > 0
    refused = [line for line in members.accesses() if line.outcome == "refused"]
    assert len(refused) == noting.NOTED, "of a flood some lines are noted, the rest is counted"
    node.now += MINUTE
    browser(REMOTE_ADDR="203.0.113.9").post(SIGN_IN, {"login": "x", "password": "x"}, secure=True)
    assert "and 11 more, not noted one by one" in members.accesses()[0].subject
    elsewhere = browser(REMOTE_ADDR="203.0.113.9").get(SIGN_IN, secure=True)
    assert elsewhere.status_code == 200


# --- what does not exist --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "account_signup",
        "account_reset_password",
        "account_email",
        "account_set_password",
        "account_confirm_login_code",
        "mfa_trust",
        "mfa_login_webauthn",
    ],
)
def test_there_is_no_way_round(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_nobody_is_led_out_of_the_console_after_signing_in(node: Node) -> None:
    who, client = person("anan", "analyst"), browser()
    form = {"login": who.login, "password": PASSWORD, "next": "https://evil.example/"}
    client.post(SIGN_IN, form, secure=True)
    answer = client.post(FACTOR, {"code": code_of(who)}, secure=True)
    assert answer.headers["Location"] == "/console/"
