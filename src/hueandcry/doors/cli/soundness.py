"""Whether this machine keeps what a node promises: space, durability, secrets, its own address."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core import jws
from hueandcry.core.errors import HueError
from hueandcry.core.types import DAY
from hueandcry.doors.cli.findings import Finding
from hueandcry.engine import clock
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.egress.certificates import certificate
from hueandcry.engine.ledger import face as ledger

GIB = 1 << 30
#: Free space below which to warn, and below which a node will soon stand still.
FEW, TOO_FEW = 5 * GIB, GIB
#: Days before the end of a certificate from which on to warn.
CERTIFICATE_DAYS = 21


def disk() -> Iterator[Finding]:
    """Space where the database and the ledger grow."""
    free = shutil.disk_usage(settings.DATA).free
    what = f"{free / GIB:.1f} GiB free at {settings.DATA}"
    if free < TOO_FEW:
        yield Finding("disk", "wrong", what, "Make room now: a full disk stops the node")
    elif free < FEW:
        yield Finding("disk", "warning", what, "Make room: a node with bulk lists needs 5 GiB free")
    else:
        yield Finding("disk", "well", what)


def durability() -> Iterator[Finding]:
    """What was receipted must survive a power cut: the database must write it through."""
    wrong = _sqlite() if connection.vendor == "sqlite" else _postgresql()
    if wrong:
        what = f"The database may lose what was receipted: {', '.join(wrong)}"
        yield Finding("durability", "wrong", what, "Set what is named here, and start again")
    else:
        yield Finding("durability", "well", "what is committed survives a power cut")


def _sqlite() -> list[str]:
    wanted = {"journal_mode": "wal", "synchronous": "2"}
    return [f"{name} is {now}" for name, now in _values("PRAGMA {}", wanted) if now != wanted[name]]


def _postgresql() -> list[str]:
    wanted = {
        "fsync": {"on"},
        "full_page_writes": {"on"},
        "synchronous_commit": {"on", "local", "remote_write", "remote_apply"},
    }
    found = _values("SHOW {}", wanted)
    return [f"{name} is {now}" for name, now in found if now not in wanted[name]]


def _values(statement: str, names: Iterable[str]) -> list[tuple[str, str]]:
    found = []
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(statement.format(name))
            found.append((name, str(cursor.fetchone()[0])))
    return found


def open_to_others(data: Path) -> list[Path]:
    """Secret files and folders of this node that other accounts of the machine can get at."""
    secret: Path = settings.ENVIRONMENT.secret_file
    places = [data, *_inside(data / "keys"), *_inside(data / "root")]
    if secret.parent == data:
        places.append(secret)  # one that is mounted is its service manager's
    return [place for place in places if place.exists() and place.stat().st_mode & 0o077]


def _inside(folder: Path) -> list[Path]:
    return [folder, *folder.iterdir()] if folder.is_dir() else []


def permissions() -> Iterator[Finding]:
    """Nobody else on this machine reads the keys."""
    found = open_to_others(settings.DATA)
    if found:
        named = ", ".join(f"{p} ({stat.S_IMODE(p.stat().st_mode):04o})" for p in found[:4])
        do = "Run `hueandcry doctor --repair`; if strangers had access, renew the keys"
        yield Finding("permissions", "wrong", f"Others on this machine can get at {named}", do)
    else:
        yield Finding("permissions", "well", "keys and secret are for this account alone")


def tiles() -> Iterator[Finding]:
    """Partners read our ledger from its tiles."""
    lost = ledger.missing_tiles()
    if lost:
        what = f"{len(lost)} parts of the published ledger are not in its folder: {lost[0]}"
        do = "Run `hueandcry doctor --repair`: they are made again from the database"
        yield Finding("ledger tiles", "wrong", what, do)
    else:
        yield Finding("ledger tiles", "well", "whole")


def files() -> Iterator[Finding]:
    """What people handed in can be read, and the store takes more."""
    blobs.check_store()
    if lost := blobs.missing():
        what = f"The bytes of {lost} stored files are gone"
        do = "Bring the folder of blobs, or the bucket, back from its own backup"
        yield Finding("files", "wrong", what, do)
    else:
        yield Finding(
            "files", "well", "every stored file is in its place, and the store takes more"
        )


def own_certificate() -> Iterator[Finding]:
    """The certificate that our address shows is believed, and for a while."""
    url = members.us().url
    if url.startswith("https://"):
        yield from certificate_of(url, "certificate", "our address")


def certificate_of(
    url: str, check: str, whose: str, *, silent: str = "warning"
) -> Iterator[Finding]:
    """What is to be said about the certificate under an https URL; `silent`: if nothing answers."""
    try:
        shown = certificate(url)
    except HueError as refused:
        result = "wrong" if refused.code == "certificate" else silent
        what = f"{whose}: {refused.what}" + (f", {refused.why}" if refused.why else "")
        yield Finding(check, result, what, _CERTIFICATE.get(refused.code, ""))
        return
    days = (shown.not_after - clock.now()) // DAY
    what = f"{whose} shows one for {', '.join(shown.names[:3])} by {shown.issuer}, {days} days left"
    if days < CERTIFICATE_DAYS:
        yield Finding(check, "warning", what, "Renew it; let the renewal run by itself")
    else:
        yield Finding(check, "well", what)


_CERTIFICATE = {
    "certificate": "Get one for exactly this host from an authority that partners know, with its"
    " whole chain, and reload the web server",
    "unreachable": "Let the web server in front of the node listen there, and open the port",
}


def answers_as_itself() -> Iterator[Finding]:
    """Whoever calls our address, from here at least, reaches this node."""
    us = members.us()
    try:
        stated = jws.open_document(peers.fetch_card(us.url)).stated
    except HueError as refused:
        do = "Start `hueandcry serve`, and let the web server in front of it pass everything on"
        yield Finding("address", "wrong", f"{us.url} does not answer: {refused.what}", do)
        return
    if stated.iss != us.fingerprint:
        do = "Point the address at this node, or renew the card: `hueandcry keys renew --url URL`"
        yield Finding("address", "wrong", f"At {us.url} another member answers", do)
    else:
        yield Finding("address", "well", f"{us.url} answers as this node, seen from this machine")


#: What every check-up looks at; the address is for `join`, since `doctor` needs no running node.
CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    disk,
    durability,
    permissions,
    tiles,
    files,
    own_certificate,
)
