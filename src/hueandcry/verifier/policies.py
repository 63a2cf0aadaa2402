"""The policy as a file: whom the reader of a package decided to trust, before it came."""

from __future__ import annotations

from pathlib import Path

from hueandcry.core.errors import Malformed
from hueandcry.core.policies import MAX_POLICY, Policy


def read(path: Path) -> Policy:
    """The policy in a file; Malformed says which line is wrong."""
    try:
        with path.open("rb") as file:
            return Policy.read(file.read(MAX_POLICY + 1))
    except OSError as error:
        raise Malformed("policy", f"{path} cannot be read", why=error.strerror or "") from None
