"""Every query of the directory."""

from __future__ import annotations

from collections.abc import Iterable

from hueandcry.apps.directory.models import Act, Change, Partnership, Signature, Standing
from hueandcry.core.types import Micros


def adopted() -> Partnership | None:
    """The partnership that this node belongs to, if any."""
    return Partnership.objects.filter(adopted=True).first()


def partnership(digest: bytes) -> Partnership | None:
    return Partnership.objects.filter(digest=digest).first()


def partnerships() -> list[Partnership]:
    """Every charter that we hold, the one that we adopted first."""
    return list(Partnership.objects.order_by("-adopted", "id"))


def unadopted_from(peer_id: int) -> int:
    """How many charters a peer has brought that our people have not signed."""
    return Partnership.objects.filter(from_peer_id=peer_id, adopted=False).count()


def adopt(row: Partnership, at: Micros) -> int:
    """Marks a charter as ours; gives rows changed."""
    rows = Partnership.objects.filter(pk=row.pk, adopted=False)
    return rows.update(adopted=True, adopted_at=at)


def acts(row: Partnership) -> list[Act]:
    return list(Act.objects.filter(partnership=row).order_by("id"))


def act(row: Partnership, digest: bytes) -> Act | None:
    return Act.objects.filter(partnership=row, digest=digest).first()


def signatures(row: Partnership) -> list[Signature]:
    """Every signature in the order in which it was logged here."""
    return list(Signature.objects.filter(partnership=row).order_by("id"))


def signature_held(document_id: int) -> bool:
    return Signature.objects.filter(document_id=document_id).exists()


def signed_by(row: Partnership, issuer: bytes) -> int:
    """How many signatures of one issuer we hold."""
    return Signature.objects.filter(partnership=row, issuer=issuer).count()


def standings(row: Partnership) -> dict[str, Standing]:
    """The stored standings by fingerprint."""
    rows = Standing.objects.filter(partnership=row)
    return {each.fingerprint.hex(): each for each in rows}


def changes(row: Partnership) -> list[Change]:
    """Every change of a standing, the newest first."""
    return list(Change.objects.filter(partnership=row).order_by("-id"))


def drop_standings(row: Partnership, fingerprints: Iterable[str]) -> None:
    """Removes standings that the documents no longer give."""
    gone = [bytes.fromhex(each) for each in fingerprints]
    Standing.objects.filter(partnership=row, fingerprint__in=gone).delete()
