"""What the node's secret protects: keys at rest and opaque tokens, each under its own derived key.

ChaCha20-Poly1305 (RFC 8439) with random nonces; keys by HKDF-SHA256 (RFC 5869) from the secret.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hueandcry.core.errors import Malformed, Untrusted

SECRET_BYTES = 32
NONCE_BYTES = 12
KEY_CONTEXT = b"hueandcry/sealed-key/v1\n"
TOKEN_CONTEXT = b"hueandcry/sealed-token/v1\n"
MAC_CONTEXT = b"hueandcry/mac/v1\n"


class Sealer:
    """Seals and opens under one secret; any thread may use it. It never shows the secret."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != SECRET_BYTES:
            raise Malformed(
                "secret",
                f"The secret has {len(secret)} bytes and not {SECRET_BYTES}",
                do="Put the file back from the backup; a new secret opens none of the old keys",
            )
        self._keys = _derive(secret, KEY_CONTEXT)
        # A key per context bounds what random nonces have to bear: 2^32 tokens of each kind.
        self._tokens = lru_cache(maxsize=64)(
            lambda context: _derive(secret, TOKEN_CONTEXT + context.encode())
        )
        self._macs = lru_cache(maxsize=64)(lambda context: _mac_key(secret, context))

    def seal_key(self, purpose: str, key_id: str, plain: bytes) -> bytes:
        """The content of a key file, readable only as the key of this purpose and id."""
        nonce = os.urandom(NONCE_BYTES)
        return KEY_CONTEXT + nonce + self._keys.encrypt(nonce, plain, _owner(purpose, key_id))

    def open_key(self, purpose: str, key_id: str, content: bytes) -> bytes:
        """What `seal_key` was given; raises Untrusted for anything else, half a file included."""
        sealed = content.removeprefix(KEY_CONTEXT)
        nonce, box = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            if sealed == content:
                raise InvalidTag
            return self._keys.decrypt(nonce, box, _owner(purpose, key_id))
        except (InvalidTag, ValueError):
            raise Untrusted(
                "sealed_key",
                f"The key file {purpose}-{key_id} does not open under this secret",
                why="The secret is another one, or the file was changed or is not whole",
                do="Put the secret and the keys back from the same backup",
            ) from None

    def mac(self, context: str, data: bytes) -> bytes:
        """HMAC-SHA256 of `data` under a key for `context` alone: 32 bytes that only we can make."""
        return hmac.digest(self._macs(context), data, "sha256")

    def seal(self, context: str, plain: bytes) -> str:
        """An opaque token of URL-safe letters that only `open_sealed` with `context` can read."""
        nonce = os.urandom(NONCE_BYTES)
        box = nonce + self._tokens(context).encrypt(nonce, plain, None)
        return base64.urlsafe_b64encode(box).rstrip(b"=").decode()

    def open_sealed(self, context: str, token: str) -> bytes:
        """What `seal` was given; raises Untrusted for a token of others, changed, or elsewhere."""
        try:
            box = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
            return self._tokens(context).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], None)
        except (InvalidTag, ValueError, binascii.Error):
            raise Untrusted("token", "This token was not made here", do="Begin anew") from None


def _mac_key(secret: bytes, context: str) -> bytes:
    info = MAC_CONTEXT + context.encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)


def _owner(purpose: str, key_id: str) -> bytes:
    return KEY_CONTEXT + f"{purpose}\n{key_id}\n".encode()


def _derive(secret: bytes, context: bytes) -> ChaCha20Poly1305:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=context).derive(secret)
    return ChaCha20Poly1305(derived)
