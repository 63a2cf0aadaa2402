"""A mail server on loopback: speaks as much SMTP as it takes, and refuses what a test says."""

from __future__ import annotations

import base64
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import pytest

from loopback import Listener


@dataclass(frozen=True)
class Taken:
    """One message as it came."""

    sender: str
    to: str
    data: bytes
    secured: bool
    user: str


class MailServer(Listener):
    """Answers RCPT with the next of its answers, the last for ever; keeps what it took.

    `tls` gives STARTTLS, with `at_once` TLS from the first byte; `login` is (user, password).
    """

    def __init__(
        self,
        *answers: str,
        tls: ssl.SSLContext | None = None,
        at_once: bool = False,
        login: tuple[str, str] | None = None,
        farewell: str = "221 bye",
    ) -> None:
        self.answers = list(answers) or ["250 fine"]
        self.tls, self.at_once, self.login, self.farewell = tls, at_once, login, farewell
        self.taken: list[Taken] = []
        self.asked: list[str] = []  # every RCPT
        super().__init__()

    def _serve(self, plain: socket.socket) -> None:
        with plain:
            try:
                secured = self.at_once and self.tls is not None
                link = self._secured(plain) if secured else plain
                _Talk(self, link, secured).run()
            except OSError:
                return

    def _secured(self, plain: socket.socket) -> socket.socket:
        assert self.tls is not None
        return self.tls.wrap_socket(plain, server_side=True)


class _Talk:
    """One conversation."""

    def __init__(self, server: MailServer, link: socket.socket, secured: bool) -> None:
        self.server, self.link, self.secured = server, link, secured
        self.lines: BinaryIO = link.makefile("rb")
        self.sender = self.to = self.user = ""

    def say(self, *lines: str) -> None:
        self.link.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def run(self) -> None:
        self.say("220 mail.test")
        while line := self.lines.readline().decode().strip():
            word = line.split(" ", 1)[0].upper()
            if word == "QUIT":
                self.say(self.server.farewell)
                return
            getattr(self, f"on_{word.lower()}", self.unknown)(line)

    def unknown(self, line: str) -> None:
        self.say("502 what")

    def on_ehlo(self, line: str) -> None:
        offers = ["250-mail.test"]
        if self.server.tls is not None and not self.secured:
            offers.append("250-STARTTLS")
        if self.server.login is not None:
            offers.append("250-AUTH PLAIN")
        self.say(*offers, "250 8BITMIME")

    def on_starttls(self, line: str) -> None:
        self.say("220 go")
        self.link, self.secured = self.server._secured(self.link), True
        self.lines = self.link.makefile("rb")

    def on_auth(self, line: str) -> None:
        _, user, password = base64.b64decode(line.split(" ")[2]).decode().split("\0")
        if (user, password) != self.server.login:
            self.say("535 no")
            return
        self.user = user
        self.say("235 yes")

    def on_mail(self, line: str) -> None:
        self.sender = line.partition("<")[2].partition(">")[0]
        self.say("250 ok")

    def on_rset(self, line: str) -> None:
        self.say("250 ok")

    def on_rcpt(self, line: str) -> None:
        self.to = line.partition("<")[2].partition(">")[0]
        self.server.asked.append(self.to)
        answers = self.server.answers
        self.say(answers.pop(0) if len(answers) > 1 else answers[0])

    def on_data(self, line: str) -> None:
        self.say("354 go on")
        data = b""
        while (more := self.lines.readline()) != b".\r\n":
            data += more
        self.server.taken.append(Taken(self.sender, self.to, data, self.secured, self.user))
        self.say("250 taken")


@pytest.fixture
def mails() -> Iterator[Callable[..., MailServer]]:
    servers: list[MailServer] = []

    def start(
        *answers: str,
        tls: ssl.SSLContext | None = None,
        at_once: bool = False,
        login: tuple[str, str] | None = None,
        farewell: str = "221 bye",
    ) -> MailServer:
        made = MailServer(*answers, tls=tls, at_once=at_once, login=login, farewell=farewell)
        servers.append(made)
        return made

    yield start
    for server in servers:
        server.close()
