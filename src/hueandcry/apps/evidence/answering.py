"""The receipt of a package: what its recipient found, and the custody events by which it took over.

A document of type `package-receipt`, which both sides log. Pure: forms only.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hueandcry.apps.evidence.packaging import MOST
from hueandcry.core.errors import Malformed
from hueandcry.core.fields import Fields
from hueandcry.core.packages import text_of

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_KID = re.compile(r"[0-9a-f]{64}/[0-9a-f]{16}")
_CODE = re.compile(r"[a-z0-9_]{0,64}")
_RESULT = re.compile(r"PASS|FAIL|NOT CHECKED")
_OUTCOME = re.compile(r"accepted|refused")
_BODY = {"package", "note", "outcome", "code", "why", "checks", "received"}


@dataclass(frozen=True, slots=True)
class Check:
    """One of the ten checks, as it ended at the recipient's."""

    n: int
    result: str
    code: str
    reason: str

    def value(self) -> dict[str, Any]:
        return {"n": self.n, "result": self.result, "code": self.code, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """The event by which one exhibit was taken over, signed."""

    exhibit: UUID
    record: bytes
    kid: str
    signature: bytes

    def value(self) -> dict[str, Any]:
        return {
            "exhibit": str(self.exhibit),
            "record": text_of(self.record),
            "kid": self.kid,
            "signature": text_of(self.signature),
        }


@dataclass(frozen=True, slots=True)
class Answered:
    """The body of a receipt: nothing was received unless all was accepted."""

    package: UUID
    note: str  #: digest of the shipping note that it answers
    accepted: bool
    code: str  #: why it was refused; empty where it was not
    why: str
    checks: tuple[Check, ...]
    received: tuple[ReceivedEvent, ...]

    def body(self) -> dict[str, Any]:
        """What goes into the document."""
        return {
            "package": str(self.package),
            "note": self.note,
            "outcome": "accepted" if self.accepted else "refused",
            "code": self.code,
            "why": self.why,
            "checks": [each.value() for each in self.checks],
            "received": [each.value() for each in self.received],
        }

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Answered:
        """The inverse of `body`; Malformed (`package_receipt`) for anything else."""
        said = Fields(dict(body), "package_receipt", _BODY)
        accepted = said.form("outcome", _OUTCOME, "an outcome") == "accepted"
        checks = said.objects("checks", {"n", "result", "code", "reason"}, 10)
        received = said.objects("received", {"exhibit", "record", "kid", "signature"}, MOST)
        if accepted != bool(received):
            raise Malformed("package_receipt", "What is received is what was accepted")
        return cls(
            said.uuid7("package"),
            said.digest("note"),
            accepted,
            said.form("code", _CODE, "a code"),
            said.text("why", empty=True),
            tuple(map(_check, checks)),
            tuple(map(_event, received)),
        )


def _check(said: Fields) -> Check:
    result = said.form("result", _RESULT, "a result")
    code = said.form("code", _CODE, "a code")
    return Check(said.count("n"), result, code, said.text("reason", empty=True))


def _event(said: Fields) -> ReceivedEvent:
    record, signature = (_bytes(said, name) for name in ("record", "signature"))
    kid = said.form("kid", _KID, "the name of a key")
    return ReceivedEvent(said.uuid7("exhibit"), record, kid, signature)


def _bytes(said: Fields, name: str) -> bytes:
    text = said.form(name, _BASE64URL, "base64url")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        data = b""
    if text_of(data) != text:
        raise Malformed("package_receipt", f"`{name}` is not base64url in its one spelling")
    return data
