"""Packages of ours as people follow them: how far each has got, and what its recipient answered."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hueandcry.apps.evidence import packaging, provenance
from hueandcry.apps.evidence.answering import Answered
from hueandcry.apps.evidence.models import Package
from hueandcry.apps.evidence.packaging import SHEET, PackageView
from hueandcry.core import jws
from hueandcry.core.errors import NotFound, TooMany
from hueandcry.engine.blobs import face as blobs


@dataclass(frozen=True, slots=True)
class Made:
    """A package of ours with what was made of it so far."""

    package: PackageView
    certificates: tuple[str, ...]  #: languages of its sheets, once it is signed
    provable: bool  #: whether the ledger is published, and cosigned, so far that it can be built
    answer: Answered | None  #: the recipient's signed receipt


def packages(before: int | None, limit: int) -> list[tuple[int, PackageView]]:
    """(row number, package), the newest first, from below `before`; none that was purged."""
    rows = Package.objects.exclude(facts="").order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [(row.pk, packaging.view(row)) for row in rows[:limit]]


def made(identifier: UUID) -> Made:
    """How far a package has got; raises NotFound, also once an exhibit of it was purged."""
    row = packaging.by_id(identifier)
    answer = Answered.read(jws.open_document(row.receipt).stated.body) if row.receipt else None
    return Made(packaging.view(row), tuple(sorted(row.certificates)), _provable(row), answer)


def _provable(row: Package) -> bool:
    if row.log_index is None:
        return False
    try:
        provenance.covering(row.log_index)
    except TooMany:
        return False
    return True


def certificate(identifier: UUID, language: str) -> bytes:
    """The sheet of a package in a language, as PDF; raises NotFound where there is none."""
    blob = packaging.by_id(identifier).certificates.get(language)
    if blob is None:
        raise NotFound("certificate", "The package has no certificate in that language")
    return blobs.read(blob, SHEET)
