"""Signing in by the organisation's identity provider: in place of the password, of nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.test import Client

from console_scene import browser, code_of, person, signed_in
from hueandcry.apps.members import face as members
from hueandcry.config import oidc
from hueandcry.core.errors import Malformed
from node_scene import Node

ACCOUNT = "/console/account/"
LOGIN = "/console/sign-in/with/oidc/"


class Provider(ThreadingHTTPServer):
    """An identity provider that knows one person, and remembers what it was asked."""

    subject = "ministry-7"
    asked: list[dict[str, Any]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    server: Provider

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        issuer = self.server.url
        if self.path == "/userinfo":
            assert self.headers["Authorization"] == "Bearer access"
            return self._say({"sub": self.server.subject, "preferred_username": "boss"})
        names = ("authorization", "token", "userinfo")
        said = {f"{name}_endpoint": f"{issuer}/{name}" for name in names} | {"issuer": issuer}
        return self._say(said)

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.asked.append(form)
        self._say({"access_token": "access", "token_type": "Bearer"})

    def _say(self, value: dict[str, Any]) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def provider(database: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    Node(monkeypatch)
    with Provider(("127.0.0.1", 0), _Answers) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        said: dict[str, Any] = {"name": "Ministry", "issuer": server.url, "client_id": "node"}
        said |= {"client_secret": "s3cret", "private": True}
        monkeypatch.setattr(settings, "OIDC", said)
        monkeypatch.setattr(settings, "SOCIALACCOUNT_PROVIDERS", oidc.socialaccount(said))
        yield server
        server.shutdown()


def led_to(client: Client, url: str = LOGIN) -> dict[str, str]:
    """What the provider is asked for on behalf of this browser."""
    page = client.post(url, secure=True)
    found = re.search(r'content="0;url=([^"]+)"', page.content.decode())
    assert page.status_code == 200 and found, page.content.decode()[-800:]
    query = parse_qs(urlsplit(found[1].replace("&amp;", "&")).query)
    return {name: values[0] for name, values in query.items()}


def back(client: Client, state: str, **more: str) -> Any:
    """The provider leads back."""
    return client.get(f"{LOGIN}back/", {"code": "c0de", "state": state, **more}, secure=True)


def connect(client: Client) -> Any:
    asked = led_to(client, f"{LOGIN}?process=connect")
    return back(client, asked["state"])


def test_the_provider_stands_for_the_password_and_never_for_the_second_factor(
    provider: Provider,
) -> None:
    who = person("anan", "analyst")
    assert connect(signed_in(who)).headers["Location"] == ACCOUNT
    client = browser()
    asked = led_to(client)
    assert asked["redirect_uri"] == f"https://centre.example{LOGIN}back/"
    assert asked["code_challenge_method"] == "S256"
    answer = back(client, asked["state"])
    assert answer.headers["Location"] == "/console/sign-in/factor/"
    assert client.get(ACCOUNT, secure=True).headers["Location"].startswith("/console/sign-in/")
    verifier = provider.asked[-1]["code_verifier"][0]
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    assert challenge.rstrip(b"=").decode() == asked["code_challenge"]
    client.post("/console/sign-in/factor/", {"code": code_of(who)}, secure=True)
    assert client.get(ACCOUNT, secure=True).status_code == 200


def test_somebody_who_is_not_connected_gets_no_account_even_with_a_login_of_ours(
    provider: Provider,
) -> None:
    person("boss", "administrator")  # the provider calls its person so too
    client = browser()
    answer = back(client, led_to(client)["state"])
    assert "Not connected" in answer.content.decode()
    assert len(members.people()) == 1 and not SocialAccount.objects.exists()
    assert client.get(ACCOUNT, secure=True).status_code == 302


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(provider: Provider) -> None:
    connect(signed_in(person("anan", "analyst")))
    other = browser()
    state = led_to(other)["state"]
    victim = browser()
    bounced = back(victim, state)
    assert bounced.status_code == 200 and "_redir" in bounced.content.decode()
    refused = back(victim, state, _redir="")
    assert "This did not work" in refused.content.decode()
    again = back(other, state)
    assert again.headers["Location"] == "/console/sign-in/factor/"
    assert "This did not work" in back(browser(), state, _redir="").content.decode(), "used up"


def test_what_was_connected_can_be_disconnected(provider: Provider) -> None:
    client = signed_in(person("anan", "analyst"))
    connect(client)
    assert "Disconnect" in client.get(ACCOUNT, secure=True).content.decode()
    client.post("/console/account/disconnect/", secure=True)
    assert not SocialAccount.objects.exists()


def test_a_provider_in_a_private_network_is_called_only_if_the_file_says_so(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "OIDC", settings.OIDC | {"private": False})
    answer = browser().post(LOGIN, secure=True)
    assert answer.status_code == 502 and "This did not work" in answer.content.decode()
    assert provider.asked == []


def test_without_a_file_there_is_no_such_way_in(database: None, tmp_path: Path) -> None:
    assert oidc.provider(tmp_path) == {} and oidc.socialaccount({}) == {}
    assert settings.OIDC == {}
    for text in ("{", "[]", '{"name": "x"}', '{"name": 1}'):
        (tmp_path / oidc.FILE).write_text(text)
        with pytest.raises(Malformed) as refused:
            oidc.provider(tmp_path)
        assert refused.value.code == "oidc_file"
    said = {"name": "M", "issuer": "https://i", "client_id": "c", "client_secret": "s"}
    (tmp_path / oidc.FILE).write_text(json.dumps(said))
    assert oidc.provider(tmp_path) == said | {"private": False}
