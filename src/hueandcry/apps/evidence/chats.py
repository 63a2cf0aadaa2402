"""A chat export that became an exhibit, read for the eye."""

from __future__ import annotations

from hueandcry.apps.evidence.models import Exhibit
from hueandcry.core import chats
from hueandcry.core.errors import Malformed
from hueandcry.engine.blobs import face as blobs


def of(row: Exhibit) -> chats.Chat:
    """The chat that an exhibit holds; raises Malformed where it holds none that can be read."""
    if row.size > chats.MOST:
        raise Malformed(
            "chat_size",
            f"Exhibit {row.number} has {row.size:,} bytes: too many to be read as a chat",
            do="Extract the text as an exhibit of its own (`evidence derive`) and read that",
        )
    return chats.read(b"".join(blobs.stream(row.blob)))
