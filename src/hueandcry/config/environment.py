"""Every environment variable that a node reads, in one table (see docs/configuration.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: Name → what it is for. A test holds this table against the documentation.
VARIABLES = {
    "HUEANDCRY_DATA": "folder of the node; default ./data",
    "HUEANDCRY_DATABASE_URL": "postgresql://…; default SQLite in the folder of the node",
    "HUEANDCRY_SECRET_FILE": "32 random bytes that seal keys and cursors; default DIR/secret",
    "HUEANDCRY_TSA_URL": "time-stamping authorities (RFC 3161), parted by commas; default none",
    "HUEANDCRY_CAPTURE": "the operator's command that captures a web page; default none",
    "HUEANDCRY_BLOBS": "where files are kept: a folder, or s3://bucket/prefix; default DIR/blobs",
}

#: Set by `hueandcry serve --apart` for its web process, not by people.
APART = "HUEANDCRY_LOOPS_APART"


@dataclass(frozen=True, slots=True)
class Environment:
    """Where this node keeps its things."""

    data: Path
    database_url: str
    secret_file: Path
    blobs: str
    authorities: tuple[str, ...] = ()
    capture: str = ""

    def django_secret(self) -> str:
        """A key for Django's own signing, derived from the node's secret; a fixed one without.

        Before `init` there is nothing to protect: only commands that need no node run then.
        """
        try:
            secret = self.secret_file.read_bytes()
        except OSError:
            return "no-node-here-yet"
        return hashlib.sha256(b"hueandcry/django/v1\n" + secret).hexdigest()


def environment(variables: Mapping[str, str]) -> Environment:
    """Reads the variables above; anything not set takes its default."""
    data = Path(variables.get("HUEANDCRY_DATA") or "data").resolve()
    secret = variables.get("HUEANDCRY_SECRET_FILE")
    return Environment(
        data=data,
        database_url=variables.get("HUEANDCRY_DATABASE_URL", ""),
        secret_file=Path(secret) if secret else data / "secret",
        blobs=variables.get("HUEANDCRY_BLOBS") or str(data / "blobs"),
        authorities=_listed(variables.get("HUEANDCRY_TSA_URL", "")),
        capture=variables.get("HUEANDCRY_CAPTURE", ""),
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())
