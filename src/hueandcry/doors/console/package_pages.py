"""Packages of ours: how far each has got, its certificate, its way out, the recipient's receipt."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import Made
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core.packages import NOTE_ENDING, SEALED_ENDING
from hueandcry.doors.console import notes
from hueandcry.doors.console.asking import cursor
from hueandcry.doors.console.staff import page
from hueandcry.doors.desk import attachments
from hueandcry.engine.stamps import face as stamps

LIMIT: Final = 50
_PIECE: Final = 1 << 20


@require_safe
@page("exhibits")
def listed(request: HttpRequest) -> HttpResponseBase:
    """Our packages, the newest first."""
    found = evidence.packages(cursor(request, "before"), LIMIT + 1)
    names = members.called({view.recipient for _, view in found})
    shown = [(view, names[view.recipient]) for _, view in found[:LIMIT]]
    before = found[LIMIT - 1][0] if len(found) > LIMIT else None
    context = {"found": shown, "before": before, "tab": "packages"}
    return render(request, "console/packages.html", context)


@require_safe
@page("exhibits")
def show(request: HttpRequest, package: UUID) -> HttpResponseBase:
    """One package: what is in it, how far it has got, and what its recipient answered."""
    made = evidence.made(package)
    recipient = made.package.recipient
    ours = recipient == members.us().fingerprint
    context = {
        "made": made,
        "package": made.package,
        "recipient": members.called([recipient])[recipient],
        "ours": ours,
        "stamped": bool(stamps.authorities()),
        "may_send": not ours and made.package.state == "signed" and _is_peer(made),
    }
    return render(request, "console/package.html", context)


def _is_peer(made: Made) -> bool:
    """Whether its recipient is a peer whose agreement is in force, and fetches from here."""
    peer = peers.find(made.package.recipient)
    return peer is not None and peer.way != "file" and peers.may_send(peer.id)


@require_safe
@page("exhibits")
def certificate(request: HttpRequest, package: UUID, language: str) -> HttpResponseBase:
    """The sheet for people, to be kept; that it was taken is noted."""
    data = evidence.certificate(package, language)
    notes.looked(request, "evidence.certificate", f"package {package}")
    answer = HttpResponse(data, content_type="application/pdf")
    name = f"certificate-{package}.{language}.pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


# --- on its way ----------------------------------------------------------------------------------


@require_POST
@page("exhibits")
def send(request: HttpRequest, package: UUID) -> HttpResponseBase:
    """Seals a copy that its recipient fetches from here, and tells the recipient."""
    if _proved(request, package):
        evidence.send_package(package)
        notes.looked(request, "evidence.send", f"package {package}")
        messages.success(request, gettext("On its way: the recipient is told, and fetches it."))
    return HttpResponseRedirect(reverse("console:package", args=[package]))


@require_POST
@page("exhibits")
def take_along(request: HttpRequest, package: UUID) -> HttpResponseBase:
    """A sealed copy with its shipping note in one file, for a stick."""
    if not _proved(request, package):
        return HttpResponseRedirect(reverse("console:package", args=[package]))
    file = _copied(package)
    notes.looked(request, "evidence.copy", f"package {package}")
    size = file.seek(0, 2)
    return attachments.given_out(f"package-{package}.zip", size, _pieces(file))


def _proved(request: HttpRequest, package: UUID) -> bool:
    """Whether all that proves it is here, or somebody goes without the time-stamp.

    Raises TooMany until the ledger is published and cosigned so far.
    """
    if evidence.prepare_proofs(package) or request.POST.get("unstamped"):
        return True
    messages.warning(request, gettext("No time-stamp came yet. Wait, or go on without it."))
    return False


def _copied(package: UUID) -> IO[bytes]:
    """The sealed file and its note; it is gone from the disk when it is closed."""
    file = tempfile.TemporaryFile(dir=settings.DATA)  # noqa: SIM115 - closed once it was given out
    with tempfile.TemporaryDirectory(dir=settings.DATA) as folder:
        built = evidence.build(package, Path(folder) / f"{package}{SEALED_ENDING}")
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as both:
            both.write(built.path, built.path.name)
            both.writestr(built.path.name + NOTE_ENDING, built.note)
    return file


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece
