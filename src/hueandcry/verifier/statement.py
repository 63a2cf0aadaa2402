"""Check 5: who vouches for the bag, under which key, and for whom it is."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from hueandcry.core import bags, jws, packages
from hueandcry.core.errors import Malformed, Untrusted
from hueandcry.core.packages import CustodyLine, PackageEntry, Statement
from hueandcry.core.policies import Policy
from hueandcry.core.times import time_text
from hueandcry.verifier import trust
from hueandcry.verifier.contents import Contents
from hueandcry.verifier.shipping import Shipped

MAX_CUSTODY = 1 << 27  #: bytes of `custody.jsonl`


@dataclass(frozen=True, slots=True)
class Stated:
    """What the package says of itself, read but believed by nobody yet."""

    document: jws.Unverified
    statement: Statement
    lines: Sequence[CustodyLine]

    @classmethod
    def read(cls, contents: Contents) -> Stated:
        """Malformed unless `tagmanifest.jws` and `custody.jsonl` are what they must be."""
        raw = contents.read(packages.STATEMENT, jws.MAX_DOCUMENT)
        document = trust.document(raw, packages.PACKAGE)
        lines = packages.read_custody_lines(contents.read(packages.CUSTODY, MAX_CUSTODY))
        return cls(document, Statement.read(document.stated.body), lines)

    @property
    def entry(self) -> PackageEntry:
        """What the ledger must have said of it."""
        said = self.document.stated
        return PackageEntry(
            self.statement.package,
            self.statement.tagmanifest,
            said.digest,
            said.aud,
            self.statement.lines,
        )


def check(
    contents: Contents,
    stated: Stated,
    shipped: Shipped | None,
    policy: Policy | None,
    moment: trust.Moment,
) -> str:
    """(5) A member of the policy vouches for these very files, for this recipient."""
    said, statement = stated.document.stated, stated.statement
    # (a) It speaks of this bag.
    if contents.held(bags.TAG_MANIFEST).sha256 != statement.tagmanifest:
        raise Malformed("statement_digest", "tagmanifest.jws speaks of another list of files")
    if str(statement.package) != contents.top and contents.tar is not None:
        raise Malformed("statement_package", "tagmanifest.jws speaks of another package")
    identifier = bags.read_info(contents.read(bags.INFO, 1 << 16)).get("External-Identifier")
    if identifier != str(statement.package):
        raise Malformed("statement_package", "bag-info.txt names another package")
    # (b) Its exhibits, its request and its lines are those of the bag.
    _check_exhibits(contents, statement)
    _check_request(contents, stated)
    if len(stated.lines) != statement.lines:
        raise Malformed(
            "statement_lines",
            f"There are {len(stated.lines)} lines of custody, the statement says {statement.lines}",
        )
    # (c) The note beside it was by the same hand, for the same reader, about the same package.
    if shipped is not None:
        _check_note(stated, shipped)
    # (d) A member of the policy signed it, for a member of the policy.
    trusted = trust.needed(policy)
    key = trust.check_document(stated.document, trusted, moment)
    trust.check_times(trusted, moment, "tagmanifest.jws")
    if said.aud not in trusted.members:
        raise Untrusted("recipient", f"It is made for {said.aud}, whom the policy does not name")
    signer, reader = trust.named(trusted, key.member), trust.named(trusted, said.aud)
    count = len(statement.exhibits)
    return f"{signer} signed it at {time_text(said.iat)} for {reader}: {count} exhibits"


def _check_exhibits(contents: Contents, statement: Statement) -> None:
    """Each exhibit is one file in its own folder, and no file is there beside them."""
    there: dict[str, list[str]] = {}
    for path in contents.files:
        if path.startswith(packages.EXHIBITS):
            there.setdefault(path.removeprefix(packages.EXHIBITS).partition("/")[0], []).append(
                path
            )
    for exhibit in statement.exhibits:
        paths = there.pop(exhibit.number, [])
        if len(paths) != 1:
            raise Malformed("statement_exhibit", f"Exhibit {exhibit.number} is not one file")
        held = contents.files[paths[0]]
        if (held.sha256, held.size) != (exhibit.sha256, exhibit.size):
            raise Malformed("statement_exhibit", f"Exhibit {exhibit.number} is another file")
    for number in sorted(there):
        raise Malformed("statement_exhibit", f"Nothing vouches for what lies under {number!a}")


def _check_request(contents: Contents, stated: Stated) -> None:
    wanted = stated.statement.request
    if (packages.REQUEST in contents.files) != (wanted is not None):
        raise Malformed("statement_request", "The request is missing, or nothing vouches for it")
    if wanted is None:
        return
    raw = contents.read(packages.REQUEST, jws.MAX_DOCUMENT)
    if hashlib.sha256(raw).hexdigest() != wanted or wanted not in stated.document.stated.re:
        raise Malformed("statement_request", "The package answers another request than is in it")


def _check_note(stated: Stated, shipped: Shipped) -> None:
    said, noted = stated.document.stated, shipped.document.stated
    if shipped.note.package != stated.statement.package:
        raise Malformed("statement_note", "The shipping note is that of another package")
    if (noted.iss, noted.aud) != (said.iss, said.aud):
        raise Untrusted("statement_note", "The shipping note is by or for another member")
