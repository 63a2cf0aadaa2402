"""Packages of ours: drawn up, signed, and built as often as anybody wants.

A package is made in two transactions, since setting its certificate takes its time and nobody else
should wait for the ledger meanwhile: *drawn*, when the custody of every exhibit tells of it, then
*signed*, when its statement stands in the ledger. A killed one is taken up by `finish`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final
from uuid import UUID

from hueandcry.apps.evidence import (
    bagging,
    certificate,
    chain,
    handing,
    queries,
    restrictions_file,
    sealed,
    service,
)
from hueandcry.apps.evidence.bagging import Bag
from hueandcry.apps.evidence.facts import VERSION, History, PackageFacts, Packed, Party
from hueandcry.apps.evidence.models import Exhibit, Package
from hueandcry.apps.evidence.views import Line
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core import bags, jws, packages
from hueandcry.core.custody import Linked
from hueandcry.core.errors import Broken, Conflict, Malformed, NotFound
from hueandcry.core.ids import uuid7
from hueandcry.core.packages import CustodyLine, PackageEntry, Statement
from hueandcry.core.types import Actor, Fingerprint, Micros
from hueandcry.engine import clock
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.store.work import unit_of_work

#: Exhibits of one package: the receipt names the event of each, and is one document.
MOST: Final = 500
SHEET: Final = 1 << 26  #: bytes of a certificate


@dataclass(frozen=True, slots=True)
class PackageView:
    """A package of ours, for people."""

    id: UUID
    state: str
    recipient: Fingerprint
    at: Micros
    reason: str
    exhibits: tuple[tuple[UUID, str], ...]  #: (id, number), in order of number
    request: str | None
    tag_manifest: str | None  #: once it is signed
    log_index: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be packed, for whom and why."""

    exhibits: Sequence[str]  #: ids or numbers
    recipient: Fingerprint  #: our own: it stays here
    reason: str
    authority: str = ""
    request: bytes | None = None  #: the document that it answers, as it was received


def package(actor: Actor, wanted: Wanted) -> PackageView:
    """Packs exhibits in transactions of its own; the package, signed and logged.

    Raises NotPermitted where a restriction, the quarantine or a role forbids it, Conflict where an
    exhibit changed meanwhile; then nothing is noted anywhere.
    """
    at = clock.now()
    rows = _found(actor, wanted, at)
    language = certificate.language_of(_recipient(wanted).country)
    if wanted.request is not None:
        jws.open_document(wanted.request)
    contents = {row.pk: _sha512(row) for row in rows}
    identifier = uuid7(at, secrets.token_bytes(10))
    with unit_of_work():
        for row in rows:
            _note(actor, row, wanted, identifier, at)
        _draw(wanted, identifier, language, rows, contents, at)
    return finish(identifier)


def _found(actor: Actor, wanted: Wanted, at: Micros) -> list[Exhibit]:
    """The exhibits in order of number, each of which may go."""
    if not 0 < len(wanted.exhibits) <= MOST:
        raise Malformed("package", f"A package has 1 to {MOST} exhibits")
    rows = {row.pk: row for row in map(queries.find, wanted.exhibits)}
    found = sorted(rows.values(), key=lambda row: row.number)
    numbers = [row.number for row in found]
    if len(set(numbers)) != len(numbers):
        raise Conflict("package", "Two of these exhibits have one number: pack them apart")
    own = wanted.recipient == members.us().fingerprint
    for row in found:
        if not own:
            handing.check_handing(actor, row, wanted.recipient, at)
    return found


def _recipient(wanted: Wanted) -> members.MemberView:
    found = members.find(wanted.recipient)
    if found is None:
        raise NotFound("member", f"No card of {wanted.recipient} is held")
    return found


def _sha512(row: Exhibit) -> str:
    """Of the bytes as they are stored, each chunk of which is verified on the way."""
    if not row.blob:
        raise NotFound("exhibit_gone", f"Exhibit {row.number} is {row.state}: its bytes are gone")
    digest = hashlib.sha512()
    for chunk in blobs.stream(row.blob):
        digest.update(chunk)
    return digest.hexdigest()


def _note(actor: Actor, row: Exhibit, wanted: Wanted, identifier: UUID, at: Micros) -> None:
    """What the exhibit's custody says of it: handed over, or read by ourselves."""
    reference = str(UUID(bytes=row.uuid))
    if wanted.recipient == members.us().fingerprint:
        service.read(actor, reference, wanted.reason, at)
    else:
        handing.transfer(actor, reference, wanted.recipient, identifier, wanted.reason, at)


def _draw(
    wanted: Wanted,
    identifier: UUID,
    language: str,
    rows: Sequence[Exhibit],
    contents: dict[int, str],
    at: Micros,
) -> Package:
    us, to = members.us(), _recipient(wanted)
    facts = PackageFacts(
        v=VERSION,
        package=identifier,
        at=at,
        sender=_party(us),
        recipient=_party(to),
        language=language,
        software=f"hueandcry {version('hueandcry')}",
        exhibits=tuple(_packed(row, contents[row.pk]) for row in rows),
        request=hashlib.sha256(wanted.request).hexdigest() if wanted.request else None,
        authority=wanted.authority or None,
        reason=wanted.reason,
        restrictions=tuple(each for row in rows for each in _limits(row, at)),
    )
    return Package.objects.create(
        uuid=identifier.bytes,
        recipient=bytes.fromhex(wanted.recipient),
        at=at,
        exhibits=[str(each.id) for each in facts.exhibits],
        facts=sealed.seal(facts.encode().decode()),
        request=wanted.request,
    )


def _party(member: members.MemberView) -> Party:
    return Party(member.fingerprint, member.name, member.country, member.roles)


def _packed(row: Exhibit, sha512: str) -> Packed:
    shown = queries.view(Exhibit.objects.get(pk=row.pk))
    first = chain.events(row)[0].event
    return Packed(
        id=shown.id,
        number=shown.number,
        name=bags.safe_name(shown.name, "exhibit"),
        sha256=shown.sha256,
        sha512=sha512,
        size=shown.size,
        media_type=shown.media_type,
        description=first.description or shown.number,
        last=shown.events - 1,
    )


def _limits(row: Exhibit, at: Micros) -> list[Any]:
    """What binds whoever gets the exhibit."""
    return restrictions_file.stated(row.number, queries.restrictions(row, at), row.quarantined)


# --- signing --------------------------------------------------------------------------------------


def finish(identifier: UUID) -> PackageView:
    """Signs and logs the statement of a drawn package, in a transaction of its own; the package.

    One that is signed already is given as it is.
    """
    row = by_id(identifier)
    if row.state != Package.State.DRAWN:
        return view(row)
    facts = facts_of(row)
    histories = histories_of(facts)
    sheets = certificate.certificates(facts, [history for history, _ in histories])
    fresh = {language: blobs.take([sheet], SHEET) for language, sheet in sheets.items()}
    bag = _lay_out(row, facts, histories, sheets)
    try:
        with unit_of_work():
            kept = {language: blobs.keep(each).id for language, each in fresh.items()}
            _sign(row, facts, bag, kept, sum(len(lines) for _, lines in histories))
    finally:
        blobs.discard_unkept(fresh.values())
    return view(by_id(identifier))


def _sign(
    row: Package, facts: PackageFacts, bag: Bag, certificates: dict[str, str], lines: int
) -> None:
    stated = tuple(exhibit.stated() for exhibit in facts.exhibits)
    body = Statement(facts.package, bag.tag_manifest, stated, facts.request, lines).body()
    at = clock.now()
    raw = peers.issue(packages.PACKAGE, body, at, aud=facts.recipient.fingerprint)
    drawn = Package.objects.filter(pk=row.pk, state=Package.State.DRAWN)
    if drawn.update(state=Package.State.SIGNED, statement=raw, certificates=certificates) != 1:
        raise Conflict("package", "The package was signed by somebody else just now")
    row.refresh_from_db()
    digest = hashlib.sha256(raw).hexdigest()
    entry = PackageEntry(
        facts.package, bag.tag_manifest, digest, facts.recipient.fingerprint, lines
    )
    ledger.append(packages.PACKAGE, row, **entry.facts())


# --- reading it back ------------------------------------------------------------------------------


def by_id(identifier: UUID) -> Package:
    """The package of this id; raises NotFound."""
    row = Package.objects.filter(uuid=identifier.bytes).first()
    if row is None:
        raise NotFound("package", f"There is no package {identifier} here")
    return row


def facts_of(row: Package) -> PackageFacts:
    """What determines a package; raises NotFound once an exhibit of it was purged."""
    if not row.facts:
        raise NotFound("package_purged", "An exhibit of this package was purged, and it with that")
    return PackageFacts.read(sealed.opened(row.facts).encode())


def histories_of(facts: PackageFacts) -> list[tuple[History, list[Line]]]:
    """Each exhibit with its custody as far as the package tells it, and the lines of that."""
    found = []
    for exhibit in facts.exhibits:
        lines = chain.lines(queries.by_id(exhibit.id))[: exhibit.last + 1]
        linked = [Linked.read(line.record) for line in lines]
        found.append((History(exhibit, linked), lines))
    return found


def bag_of(row: Package) -> Bag:
    """The bag of a signed package, made again; raises Broken when it is not the one signed for."""
    facts = facts_of(row)
    sheets = {
        language: blobs.read(blob, SHEET) for language, blob in sorted(row.certificates.items())
    }
    bag = _lay_out(row, facts, histories_of(facts), sheets)
    if bag.tag_manifest != statement_of(row).tagmanifest:
        raise Broken(
            "package_changed",
            "The package cannot be made again as it was signed",
            why="The custody or the certificate of one of its exhibits was erased or changed",
        )
    return bag


def _lay_out(
    row: Package,
    facts: PackageFacts,
    histories: Sequence[tuple[History, Sequence[Line]]],
    sheets: dict[str, bytes],
) -> Bag:
    lines = [custody_line(line) for _, each in histories for line in each]
    told = [history for history, _ in histories]
    return bagging.lay_out(facts, told, lines, sheets, row.request)


def custody_line(line: Line) -> CustodyLine:
    """A line as it stands in a package."""
    return CustodyLine(line.record, line.salt, line.origin, line.index, line.kid, line.signature)


def statement_of(row: Package) -> Statement:
    """What was signed; raises Conflict for a package that is only drawn."""
    if row.statement is None:
        raise Conflict("package", "The package is not signed yet", do="Run the command again")
    return Statement.read(jws.open_document(row.statement).stated.body)


def view(row: Package) -> PackageView:
    """A package for people."""
    facts = facts_of(row)
    return PackageView(
        id=facts.package,
        state=row.state,
        recipient=facts.recipient.fingerprint,
        at=facts.at,
        reason=facts.reason,
        exhibits=tuple((each.id, each.number) for each in facts.exhibits),
        request=facts.request,
        tag_manifest=statement_of(row).tagmanifest if row.statement else None,
        log_index=row.log_index,
    )
