"""Made-up values: the same for every run, and spread over the index as real ones are."""

from __future__ import annotations

import hashlib
from pathlib import Path

_SHARED = Path(__file__).parents[2] / "shared" / "data"


def host(n: int) -> str:
    return f"{hashlib.sha256(b'%d' % n).hexdigest()[:10]}-hueandcry-bench.com"


def url(n: int) -> str:
    """A canonical url of the usual depth."""
    return f"secure.{host(n)}/account/verify?id={n}"


def deep_url(n: int) -> str:
    """A url that needs 18 look-ups: three hosts with five paths each, and as domains."""
    return f"https://login.secure.{host(n)}/account/verify/step.html?session={n}"


def phone(n: int) -> str:
    return f"+6681{n % 10_000_000:07d}"


def hosts_file(path: Path, first: int, end: int) -> Path:
    """A text list of made-up hosts."""
    with path.open("w") as file:
        file.writelines(f"{host(n)}\n" for n in range(first, end))
    return path


def real_list() -> Path | None:
    """A real list of 576 472 hosts, where it is at hand."""
    path = _SHARED / "bad_domains_dated.csv.gz"
    return path if path.exists() else None
