"""Check 8: a time-stamp (RFC 3161, RFC 5816) over the cosigned checkpoint, by a trusted authority.

All of it in pure Python: the reply is read, its signature is verified, and its certificate is one
that the policy names by digest, or leads to one. No list of revoked certificates is fetched.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Final

from hueandcry.core import packages, timestamps
from hueandcry.core.errors import Malformed, Untrusted
from hueandcry.core.policies import Policy
from hueandcry.core.times import time_text
from hueandcry.core.types import Micros
from hueandcry.verifier import certificates, signatures
from hueandcry.verifier.contents import Contents
from hueandcry.verifier.results import NotCheckedError

_STAMPS: Final = re.compile(r"provenance/checkpoint(?:-[1-9][0-9]?)?\.tsr")


def check(contents: Contents, stamped: bytes, policy: Policy | None) -> tuple[Micros, str]:
    """(8) When a trusted authority stamped the checkpoint; NotCheckedError without a stamp."""
    names = sorted(path for path in contents.files if _STAMPS.fullmatch(path))
    if not names:
        raise NotCheckedError("no_stamp", "There is no time-stamp in the package")
    if policy is None or not policy.authorities:
        raise NotCheckedError("no_authority", "The policy names no time-stamping authority (`tsa`)")
    chain = _chain(contents)
    found: list[tuple[Micros, str]] = []
    unknown: Untrusted | None = None
    for name in names:
        reply = contents.read(name, timestamps.MAX_REPLY)
        try:
            found.append(verify(reply, stamped, chain, policy))
        except Untrusted as wrong:
            if wrong.code != "stamp_unknown":
                raise
            unknown = wrong  # of several authorities not each need be trusted here
    if unknown is not None and not found:
        raise unknown
    at, by = min(found)
    return at, f"{by} stamped the last checkpoint at {time_text(at)}"


def _chain(contents: Contents) -> list[bytes]:
    if packages.STAMP_CHAIN not in contents.files:
        return []
    return certificates.read_pem(contents.read(packages.STAMP_CHAIN, timestamps.MAX_REPLY))


def verify(
    reply: bytes, stamped: bytes, chain: Sequence[bytes], policy: Policy
) -> tuple[Micros, str]:
    """When these bytes were stamped, and the name of the authority; Untrusted or Malformed."""
    digest = hashlib.sha256(stamped).digest()
    try:
        # (a) Whoever signed the reply is named in it, may sign times, and did, over these bytes.
        token = timestamps.check_reply(reply, digest, None, signatures.holds, chain)
        # (b) The policy trusts that certificate, or one above it.
        above = certificates.pinned(
            token.certificate, token.certificates, policy.authorities, token.at
        )
    except ValueError:
        raise Malformed("stamp", "The time-stamp cannot be read") from None
    return token.at, policy.authorities[above]
