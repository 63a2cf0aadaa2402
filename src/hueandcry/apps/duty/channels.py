"""The operator's channels: what `notices.json` in the folder of the node says, and one sending.

The file holds credentials: it is read only when nobody else on the machine could have.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

import msgspec
from django.conf import settings as node
from msgspec import Meta

from hueandcry.apps.duty.rules import Channel
from hueandcry.apps.duty.settings import allowed
from hueandcry.apps.duty.wording import Wording
from hueandcry.core import webhooks
from hueandcry.core.errors import Malformed, NotFound, NotPermitted, Unreachable
from hueandcry.core.types import SECOND, Micros
from hueandcry.engine.egress.client import Egress, Response
from hueandcry.engine.egress.mail import MailServer, send_mail
from hueandcry.engine.egress.target import read_url
from hueandcry.engine.keys.files import read_secret

FILE: Final = "notices.json"

#: Seconds for one notice, and bytes of an answer that are read.
TIMEOUT: Final = 15.0
_MAX_ANSWER: Final = 4_096
_BUSY: Final = frozenset({408, 425, 429})

_Address = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+$", max_length=254)]
#: What SMTP and HTTP carry as it stands; anything else would fail at the first notice, not here.
_Plain = Annotated[str, Meta(pattern=r"^[ -~]*$")]
_Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]+$")]


class Mail(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The server that takes mail."""

    host: str
    sender: _Address = msgspec.field(name="from")
    security: Literal["starttls", "tls", "none"] = "starttls"
    port: Annotated[int, Meta(ge=1, le=65_535)] = 587
    user: _Plain = ""
    password: _Plain = ""
    ca: str = ""


class Sms(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A gateway that takes one message by one POST: `{to}`, `{text}` and `{id}` are filled in."""

    url: str
    headers: dict[_Name, _Plain] = {}
    json: dict[str, Any] | None = None
    form: dict[str, str] | None = None


class Webhook(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A receiver of signed notices, such as a paging service."""

    url: str
    secret: str


class Channels(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What the file says; a channel that it does not name is not used."""

    mail: Mail | None = None
    sms: Sms | None = None
    webhook: Webhook | None = None


Way = Mail | Sms | Webhook


def configured() -> dict[Channel, Way]:
    """The channels of this node; none without a file.

    Raises Untrusted where others may read the file, Malformed where it says what it may not.
    """
    path: Path = node.DATA / FILE
    if not path.exists():
        return {}
    try:
        said = msgspec.json.decode(read_secret(path), type=Channels)
        _check(said)
    except (msgspec.MsgspecError, Malformed) as wrong:
        what, do = f"{path} is not what it should be", "See docs/duty.md for what it may say"
        raise Malformed("notices_file", what, why=str(wrong), do=do) from wrong
    held = {Channel.MAIL: said.mail, Channel.SMS: said.sms, Channel.WEBHOOK: said.webhook}
    return {channel: value for channel, value in held.items() if value is not None}


def _check(said: Channels) -> None:
    """Raises Malformed for an address or template that could never be used."""
    for each in (said.sms, said.webhook):
        if each is not None:
            read_url(each.url)
    if said.webhook is not None:
        webhooks.secret_bytes(said.webhook.secret)
    if said.sms is not None and (said.sms.json is None) == (said.sms.form is None):
        raise Malformed("sms", "A gateway takes `json` or `form`, one of the two")


# --- one sending ----------------------------------------------------------------------------------


@cache
def _egress() -> Egress:
    return Egress(allow_private=allowed, timeout=TIMEOUT)


def send(channel: Channel, to: str, wording: Wording, at: Micros) -> None:
    """Hands one notice over; once this returns the other side has taken it.

    Raises NotFound for a channel that the file does not name, NotPermitted for what will never be
    taken, Unreachable and the errors of `configured` for what may work later.
    """
    way = configured().get(channel)
    match way:
        case Mail():
            _mail(way, to, wording, at)
        case Sms():
            _sms(way, to, wording)
        case Webhook():
            _webhook(way, wording, at)
        case None:
            raise NotFound("channel", f"{FILE} names no {channel} any more")


def _mail(way: Mail, to: str, wording: Wording, at: Micros) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = way.sender, to, wording.subject
    letter["Date"] = format_datetime(datetime.fromtimestamp(at // SECOND, UTC))
    # The same for every try: whoever gets it twice sees it once.
    letter["Message-ID"] = f"<{wording.id}@{way.sender.partition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(wording.text)
    server = MailServer(way.host, way.port, way.security, way.user, way.password, way.ca)
    send_mail(server, way.sender, to, letter.as_bytes(), allowed)


def _sms(way: Sms, to: str, wording: Wording) -> None:
    words = {"{to}": to, "{text}": wording.short, "{id}": wording.id}
    if way.json is not None:
        kind, body = "application/json", msgspec.json.encode(_filled(way.json, words))
    else:
        form = _filled(way.form or {}, words)
        kind, body = "application/x-www-form-urlencoded", urlencode(form).encode()
    _post(way.url, {"content-type": kind, **way.headers}, body)


def _filled(template: Any, words: dict[str, str]) -> Any:
    """The template with the words in the place of their names, at any depth."""
    if isinstance(template, str):
        for name, word in words.items():
            template = template.replace(name, word)
        return template
    if isinstance(template, dict):
        return {name: _filled(value, words) for name, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, words) for value in template]
    return template


def _webhook(way: Webhook, wording: Wording, at: Micros) -> None:
    secret = webhooks.secret_bytes(way.secret)
    fields = webhooks.headers([secret], wording.id, at // SECOND, wording.body)
    _post(way.url, {"content-type": "application/json", **fields}, wording.body)


def _post(url: str, headers: dict[str, str], body: bytes) -> None:
    answer: Response = _egress().request("POST", url, headers, body, max_bytes=_MAX_ANSWER)
    if 200 <= answer.status < 300:
        return
    what = f"{read_url(url).authority} answered {answer.status}"
    if 400 <= answer.status < 500 and answer.status not in _BUSY:
        raise NotPermitted("notice_refused", what)
    raise Unreachable("notice_later", what)
