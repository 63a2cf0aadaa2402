"""Outgoing mail: one message to one address by the operator's server, which is checked as any host.

Only sockets to addresses that were checked are opened. Without TLS no server on the public net is
spoken to, and where TLS was asked for nothing is said before it stands.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final, Literal

from hueandcry.core.errors import NotPermitted, Unreachable
from hueandcry.engine.egress.dialling import AllowPrivate, dial

#: Seconds for one answer of the server.
TIMEOUT: Final = 15.0

Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes our mail, and how it is spoken to."""

    host: str
    port: int
    security: Security
    user: str = ""  #: empty: it asks for none
    password: str = ""
    ca: str = ""  #: file of the authorities that are believed; empty: those of this machine


class _Dialled(smtplib.SMTP):
    """A conversation over a socket that was checked before it was opened."""

    def __init__(self, server: MailServer, name: str, allow: AllowPrivate) -> None:
        self._server, self._allow = server, allow
        self.tls = ssl.create_default_context(cafile=server.ca or None)
        super().__init__(server.host, server.port, local_hostname=name, timeout=TIMEOUT)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = self._server.security == "none"
        opened = dial(host, port, self._allow, timeout, plain=plain)
        if self._server.security != "tls":
            return opened
        return self.tls.wrap_socket(opened, server_hostname=host)


def send_mail(
    server: MailServer, sender: str, to: str, message: bytes, allow_private: AllowPrivate
) -> None:
    """Hands a message over; once this returns the server has taken it.

    Raises Unreachable for what may work later (`refused_address`, `not_https`, `certificate`,
    `timeout`, `unreachable`, `mail_later`), NotPermitted("mail_refused") for what will not.
    """
    with _told(server.host):
        smtp = _Dialled(server, sender.partition("@")[2], allow_private)
        try:
            if server.security == "starttls":
                smtp.starttls(context=smtp.tls)
            if server.user:
                smtp.login(server.user, server.password)
            smtp.sendmail(sender, [to], message)
            # It has the message: what it says to a farewell changes nothing.
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
        finally:
            smtp.close()


@contextmanager
def _told(host: str) -> Iterator[None]:
    """Says in our words what went wrong; the server's may hold the address of a person."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as refused:
        raise _answered(host, next(code for code, _ in refused.recipients.values())) from None
    except smtplib.SMTPDataError as refused:
        raise _answered(host, refused.smtp_code) from None
    except smtplib.SMTPResponseException as refused:
        raise _later(host, refused.smtp_code) from None
    except ssl.SSLCertVerificationError as error:
        what = f"The certificate of {host} is not valid"
        raise Unreachable("certificate", what, why=error.verify_message) from None
    except TimeoutError:
        raise Unreachable("timeout", f"{host} did not answer in time") from None
    except smtplib.SMTPNotSupportedError as error:
        raise Unreachable("unreachable", f"{host} lacks what is needed", why=str(error)) from None
    except (OSError, smtplib.SMTPException) as error:
        why = type(error).__name__
        raise Unreachable("unreachable", f"{host} cannot be reached", why=why) from None


def _answered(host: str, code: int) -> NotPermitted | Unreachable:
    if code < 500:
        return _later(host, code)
    return NotPermitted("mail_refused", f"{host} refused the message with {code}")


def _later(host: str, code: int) -> Unreachable:
    return Unreachable("mail_later", f"{host} answered {code}", do="It is tried again later")
