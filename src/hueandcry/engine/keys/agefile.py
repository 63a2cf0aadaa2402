"""Files sealed to one age recipient, whole: what is cut short or changed does not open at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import pyrage  # type: ignore[import-untyped]

from hueandcry.core.errors import Malformed, Untrusted
from hueandcry.engine.keys import age


def seal(source: BinaryIO, target: BinaryIO, recipient: bytes) -> None:
    """Encrypts all of `source` to the 32 public bytes of an age key."""
    key = pyrage.x25519.Recipient.from_str(age.recipient(recipient))
    pyrage.encrypt_io(source, target, [key])


def unseal(source: BinaryIO, target: BinaryIO, identities: Sequence[str]) -> None:
    """Decrypts all of `source` with whichever of our age identities fits.

    Raises Untrusted with code `not_for_us`, or Malformed with code `sealed_file`; nothing in
    `target` may be read then.
    """
    try:
        keys = [pyrage.x25519.Identity.from_str(text) for text in identities]
        pyrage.decrypt_io(source, target, keys)
    except pyrage.DecryptError as error:
        if "matching keys" not in str(error):
            raise _unreadable(error) from None
        raise Untrusted(
            "not_for_us",
            "The file is sealed for somebody else",
            why="No age key of this node opens it",
            do="Ask who wrote it for whom it is; it names the addressee only inside",
        ) from None
    except OSError as error:
        raise _unreadable(error) from None


def _unreadable(error: Exception) -> Malformed:
    return Malformed(
        "sealed_file",
        "The file does not open",
        why=f"It was cut short or changed on the way, or is no such file ({error})",
        do="Copy it again, or let it be written again",
    )
