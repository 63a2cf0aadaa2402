"""Mail out of a node: to checked addresses, under TLS, and what a refusal means."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hueandcry.core.errors import HueError, NotPermitted, Unreachable
from hueandcry.engine.egress import mail
from hueandcry.engine.egress.dialling import check
from hueandcry.engine.egress.mail import send_mail
from loopback import names
from loopback_tls import certificate
from mail_server import MailServer, mails

__all__ = ["mails", "names"]

LETTER = b"Subject: hello\r\n\r\n.a dot in front\r\n"


def sent(server: MailServer, host: str = "127.0.0.1", **more: Any) -> None:
    way = mail.MailServer(host, server.port, **{"security": "none", **more})
    send_mail(way, "node@centre.example", "dao@desk.example", LETTER, lambda *_: True)


def refusal(kind: type[HueError], server: MailServer, **more: Any) -> HueError:
    with pytest.raises(kind) as caught:
        sent(server, **more)
    assert "dao" not in str(caught.value)
    return caught.value


def test_a_message_arrives_as_it_was_written(mails: Callable[..., MailServer]) -> None:
    server = mails()
    sent(server)
    [got] = server.taken
    assert (got.sender, got.to) == ("node@centre.example", "dao@desk.example")
    assert got.data.replace(b"\r\n..", b"\r\n.") == LETTER and not got.secured


def test_under_starttls_nothing_is_said_before_it_stands(
    mails: Callable[..., MailServer], names: dict[str, list[str]], tmp_path: Path
) -> None:
    names["mail.test"] = ["127.0.0.1"]
    server = mails(tls=certificate(tmp_path, "mail.test")[0], login=("node", "secret"))
    ca = str(tmp_path / "mail.test.pem")
    good = {"host": "mail.test", "security": "starttls", "ca": ca, "user": "node"}
    sent(server, **good, password="secret")
    [got] = server.taken
    assert got.secured and got.user == "node"
    assert refusal(Unreachable, server, **good, password="wrong").code == "mail_later"
    bad = {**good, "ca": ""}
    assert refusal(Unreachable, server, **bad, password="secret").code == "certificate"
    bare = mails(login=("node", "secret"))
    assert refusal(Unreachable, bare, **good, password="secret").code == "unreachable"
    assert bare.asked == []


def test_tls_from_the_first_byte_is_checked_against_the_name(
    mails: Callable[..., MailServer], names: dict[str, list[str]], tmp_path: Path
) -> None:
    names["mail.test"] = names["other.test"] = ["127.0.0.1"]
    server = mails(tls=certificate(tmp_path, "mail.test")[0], at_once=True)
    ca = str(tmp_path / "mail.test.pem")
    sent(server, host="mail.test", security="tls", ca=ca)
    assert server.taken[0].secured
    wrong = refusal(Unreachable, server, host="other.test", security="tls", ca=ca)
    assert wrong.code == "certificate"


def test_a_refusal_for_good_is_told_from_one_for_now(mails: Callable[..., MailServer]) -> None:
    assert refusal(NotPermitted, mails("550 no such user dao")).code == "mail_refused"
    assert refusal(Unreachable, mails("451 busy, dao")).code == "mail_later"


def test_what_was_taken_is_taken_whatever_the_server_says_to_a_farewell(
    mails: Callable[..., MailServer],
) -> None:
    server = mails(farewell="421 oh")
    sent(server)
    assert len(server.taken) == 1


def test_a_private_address_is_called_by_permission_only(mails: Callable[..., MailServer]) -> None:
    server = mails()
    way = mail.MailServer("127.0.0.1", server.port, "none")
    with pytest.raises(Unreachable) as caught:
        send_mail(way, "node@centre.example", "dao@desk.example", LETTER, lambda *_: False)
    assert caught.value.code == "refused_address" and server.asked == []


def test_no_server_on_the_public_net_is_spoken_to_without_tls() -> None:
    check("mail.example", "8.8.8.8", lambda *_: True, plain=False)
    with pytest.raises(Unreachable) as caught:
        check("mail.example", "8.8.8.8", lambda *_: True, plain=True)
    assert caught.value.code == "not_https"


def test_nobody_there_is_said_plainly() -> None:
    with socket.socket() as held, pytest.raises(Unreachable) as caught:
        held.bind(("127.0.0.1", 0))  # a port that nobody else can take, and nobody listens on
        way = mail.MailServer("127.0.0.1", held.getsockname()[1], "none")
        send_mail(way, "node@centre.example", "dao@desk.example", LETTER, lambda *_: True)
    assert caught.value.code == "unreachable" and "dao" not in str(caught.value)
