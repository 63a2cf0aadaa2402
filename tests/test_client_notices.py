"""What a receiver of notices believes: signed by its secret, fresh, byte for byte."""

from __future__ import annotations

import pytest

from hueandcry.client import BadSignature, verify_webhook
from hueandcry.core import webhooks

SECRET = webhooks.secret_text(bytes(range(32)))
BODY = b'{"type":"webhook.test","timestamp":"2026-01-01T00:00:00.000000Z","data":null}'
AT = 1_790_000_000


def headers(body: bytes = BODY, at: int = AT, *secrets: bytes) -> dict[str, str]:
    return webhooks.headers(secrets or (bytes(range(32)),), "msg_1", at, body)


def test_a_notice_that_is_signed_and_fresh_is_read() -> None:
    assert verify_webhook(SECRET, headers(), BODY, now=AT).type == "webhook.test"
    shouted = {name.upper(): value for name, value in headers().items()}
    assert verify_webhook(SECRET, shouted, BODY, now=AT + 299).type == "webhook.test"


def test_one_good_signature_of_several_is_enough() -> None:
    both = headers(BODY, AT, b"other", bytes(range(32)))
    assert verify_webhook(SECRET, both, BODY, now=AT).type == "webhook.test"


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-id": "msg_2"},
        {"webhook-id": ""},
        {"webhook-timestamp": str(AT + 1)},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "٣"},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "v1,§"},
        {"webhook-signature": "v2,"},
        {"webhook-signature": "v1"},
    ],
)
def test_a_notice_that_was_changed_is_not_believed(changes: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        verify_webhook(SECRET, headers() | changes, BODY, now=AT)


def test_another_body_secret_or_time_is_not_believed() -> None:
    for secret, body, now in (
        (SECRET, BODY + b" ", AT),
        (webhooks.secret_text(b"x" * 32), BODY, AT),
        ("whsec_§", BODY, AT),
        (SECRET, BODY, AT + 301),
        (SECRET, BODY, AT - 301),
    ):
        with pytest.raises(BadSignature):
            verify_webhook(secret, headers(), body, now=now)


def test_what_is_signed_and_no_event_is_said_to_be_none() -> None:
    with pytest.raises(BadSignature):
        verify_webhook(SECRET, headers(b"[]"), b"[]", now=AT)
