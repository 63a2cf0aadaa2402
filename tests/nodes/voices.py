"""Real calls under a node's own keys, made by somebody who has stolen or bends them."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

from hueandcry.apps.exchange.models import Batch
from hueandcry.apps.exchange.payloads import partial
from hueandcry.core import envelopes, jws, tlog
from hueandcry.core.calls import Call, sign_call
from hueandcry.core.envelopes import Part
from hueandcry.core.ids import uuid7
from hueandcry.core.times import time_text
from nodes.partnership import Node


@dataclass(frozen=True, slots=True)
class Said:
    """What a door answered."""

    status: int
    value: dict[str, Any]

    @property
    def code(self) -> str:
        return str(self.value.get("code", ""))

    @property
    def outcomes(self) -> list[list[str]]:
        """Digest, outcome and class of each object in the only receipt of this answer."""
        (receipt,) = self.value["receipts"]
        found: list[list[str]] = jws.open_document(receipt.encode()).stated.body["objects"]
        return found


@dataclass(frozen=True)
class Voice:
    """Speaks as `node` to other nodes."""

    node: Node

    def signed(
        self,
        to: Node,
        method: str,
        path: str,
        body: bytes | None = None,
        content_type: str | None = "application/octet-stream",
        *,
        purpose: str = "transport",
        keyid: str | None = None,
        authority: str | None = None,
        created: int | None = None,
        lifetime: int = 300,
        nonce: bytes | None = None,
    ) -> dict[str, str]:
        """The headers of a call, true in all but what is given otherwise."""
        target, _, query = path.partition("?")
        call = Call(
            method,
            authority or urlsplit(to.url).netloc,
            target,
            f"?{query}",
            body,
            content_type if body else None,
        )
        keys = self.node.keyring
        own = f"{self.node.fingerprint}/{keys.key_ids(purpose)[-1]}"
        headers = sign_call(
            call,
            keyid=keyid or own,
            sign=lambda message: keys.sign(purpose, message),
            created=int(time.time()) if created is None else created,
            nonce=nonce or secrets.token_bytes(16),
            lifetime=lifetime,
        )
        if body and content_type:
            headers["Content-Type"] = content_type
        return headers

    def call(
        self, to: Node, method: str, path: str, body: bytes | None = None, **bent: Any
    ) -> Said:
        headers = self.signed(to, method, path, body, **bent)
        return heard(to, method, path, body, headers)

    def envelope(self, to: Node, *parts: Part) -> Said:
        return self.call(to, "POST", "/peer/v1/envelopes", envelopes.frames(parts))

    def document(self, doc_type: str, body: Mapping[str, Any], **bent: Any) -> bytes:
        """A document under this node's `act` key, true in all but what is given otherwise."""
        now = time.time_ns() // 1000
        keys, us = self.node.keyring, self.node.fingerprint
        payload = {
            "id": str(uuid7(now, secrets.token_bytes(10))),
            "iss": us,
            "aud": jws.EVERYBODY,
            "iat": time_text(now),
            "v": 1,
            "agreement": None,
            "re": [],
            "body": dict(body),
        } | bent
        kid = f"{us}/{keys.key_ids('act')[-1]}"
        return jws.sign_document(doc_type, payload, kid, lambda message: keys.sign("act", message))

    def batch(self, lines: Sequence[bytes], **bent: Any) -> Part:
        """A batch of this node's own around any lines."""
        root = tlog.root([tlog.leaf_hash(line) for line in lines])
        body = {"root": root.hex(), "count": len(lines), "encoder": 1, "lane": "live"} | bent
        return Part(self.document("batch", body), tuple(lines))


def heard(to: Node, method: str, path: str, body: bytes | None, headers: Any) -> Said:
    """Sends a request as it is given."""
    status, answer = to.ask(method, path, body, headers)
    try:
        value = json.loads(answer)
    except ValueError:
        value = {}
    return Said(status, value if isinstance(value, dict) else {})


@dataclass(slots=True)
class Stored:
    """A batch as a node's tables keep it."""

    document: bytes
    payload: bytes
    paths: bytes | None
    lines: list[bytes] = field(default_factory=list)

    def whole(self, **bent: Any) -> Part:
        return Part(self.document, tuple(bent.pop("lines", self.lines)), **bent)

    def some(self, *ordinals: int) -> Part:
        return partial(cast(Batch, self), ordinals, None)


def batches(at: Node, of: Node) -> list[Stored]:
    """What `at` holds of the batches of `of`, newest last."""
    sql = (
        "SELECT b.document, b.payload, b.paths FROM exchange_batch b"
        " JOIN members_member m ON m.id = b.issuer_id WHERE hex(m.fingerprint) = ? ORDER BY b.id"
    )
    found = [Stored(*row) for row in at.rows(sql, of.fingerprint.upper())]
    for each in found:
        each.lines = envelopes.decompress(each.payload).split(b"\n")[:-1]
    return found


def card_of(at: Node, of: Node) -> bytes:
    sql = (
        "SELECT c.document FROM members_card c JOIN members_member m ON m.id = c.member_id"
        " WHERE hex(m.fingerprint) = ? ORDER BY c.serial DESC"
    )
    found: bytes = at.rows(sql, of.fingerprint.upper())[0][0]
    return found
