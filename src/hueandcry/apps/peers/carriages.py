"""Files written for peers and taken in from them: what each stands for until it is confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
import zstandard

from hueandcry.apps.peers.models import Carriage, Peer
from hueandcry.core.carriage import MAX_NAMED, MAX_SHOWN, Manifest, reached
from hueandcry.core.polls import Reply, read_replies, values
from hueandcry.core.types import Micros
from hueandcry.engine.ledger import face as ledger


@dataclass(frozen=True, slots=True)
class Owed:
    """What the next file for a peer must say about the files that it wrote."""

    replies: tuple[Reply, ...]
    shown: tuple[str, ...]  #: places in its feed that we have reached
    taken: tuple[str, ...]  #: its manifests whose replies these are


def owed(peer: Peer) -> Owed:
    """The replies to everything taken in from a peer that it has not confirmed, oldest first.

    At most as many files as one manifest names; the others' turn comes when these are confirmed.
    """
    unsettled = Carriage.objects.filter(peer=peer, ours=False, settled=False)
    rows = list(unsettled.order_by("id")[:MAX_NAMED])
    said: dict[bytes, Reply] = {}
    for row in rows:
        said.update((reply.about, reply) for reply in _unpacked(row.answers))
    series: dict[bytes, list[tuple[int, str]]] = {}
    exports = {row.series for row in rows}
    for row in Carriage.objects.filter(peer=peer, ours=False, series__in=exports).order_by("id"):
        series.setdefault(row.series, []).append((row.number, row.cursor))
    shown = (reached(files) for files in series.values())
    return Owed(
        tuple(said.values()),
        tuple(cursor for cursor in shown if cursor)[-MAX_SHOWN:],
        tuple(row.digest.hex() for row in rows),
    )


def written(
    peer: Peer, manifest: Manifest, digest: bytes, carries: Sequence[str], at: Micros
) -> None:
    """Notes and logs a file for a peer, which `carries` the replies to these files of its own.

    One that only confirms is never confirmed itself. Should it be lost, the peer writes again
    what it was to confirm.
    """
    row = _row(peer, manifest, digest, at, ours=True)
    row.carries, row.settled = list(carries), not manifest.brings
    _log(row)
    if row.settled:
        _settle(peer, carries)


def last(peer: Peer) -> tuple[Micros | None, Micros | None]:
    """When the last file was written for a peer, and when one of its own was taken in."""
    rows = Carriage.objects.filter(peer=peer).order_by("-at")
    written, read = (rows.filter(ours=ours).values_list("at", flat=True) for ours in (True, False))
    return written.first(), read.first()


def known(peer: Peer, digest: bytes) -> bool:
    """Whether this file of a peer's was taken in whole before."""
    return Carriage.objects.filter(peer=peer, ours=False, digest=digest).exists()


def taken(
    peer: Peer, manifest: Manifest, digest: bytes, replies: Sequence[Reply], at: Micros
) -> None:
    """Notes and logs a file of a peer's that was taken in whole, with what is to be said to it.

    Taken in again, it is to be answered again: the answer may have been lost. One that brings
    nothing but confirmations needs none, or the two would go on for ever.
    """
    packed = zstandard.compress(msgspec.json.encode(values(replies)))
    said = not manifest.brings
    rows = Carriage.objects.filter(peer=peer, ours=False, digest=digest)
    if rows.update(answers=packed, settled=said) == 0:
        row = _row(peer, manifest, digest, at, ours=False)
        row.answers, row.settled = packed, said
        _log(row)


def confirm(peer: Peer, digests: Iterable[str]) -> None:
    """A peer has these files of ours: what they carried back need not be carried again."""
    named = [bytes.fromhex(each) for each in digests]
    for row in Carriage.objects.filter(peer=peer, ours=True, settled=False, digest__in=named):
        Carriage.objects.filter(pk=row.pk).update(settled=True)
        _settle(peer, row.carries)


def _settle(peer: Peer, answered: Sequence[str]) -> None:
    digests = [bytes.fromhex(each) for each in answered]
    rows = Carriage.objects.filter(peer=peer, ours=False, digest__in=digests)
    rows.update(settled=True, answers=None)


def _row(peer: Peer, manifest: Manifest, digest: bytes, at: Micros, *, ours: bool) -> Carriage:
    return Carriage(
        peer=peer,
        ours=ours,
        digest=digest,
        series=bytes.fromhex(manifest.series),
        number=manifest.number,
        count=manifest.count,
        cursor=manifest.cursor,
        at=at,
    )


def _log(row: Carriage) -> None:
    ledger.append(
        "carriage",
        row,
        digest=row.digest.hex(),
        peer=row.peer.member.fingerprint.hex(),
        ours=row.ours,
    )


def _unpacked(packed: bytes | None) -> tuple[Reply, ...]:
    if packed is None:
        return ()
    return read_replies(msgspec.json.decode(zstandard.decompress(packed)), most=None)
