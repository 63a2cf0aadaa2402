"""Notes in the access log of what people do here, and of what was refused to them."""

from __future__ import annotations

from django.http import HttpRequest

from hueandcry.apps.members import face as members
from hueandcry.doors.console import binding
from hueandcry.doors.desk.noting import note_refusal
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work


def looked(request: HttpRequest, action: str, subject: str = "", purpose: str = "") -> None:
    """Notes what who is signed in looked at or did, in a transaction of its own."""
    note = members.AccessNote(
        action, subject, purpose=purpose, person=request.user.pk, address=binding.address(request)
    )
    with unit_of_work():
        members.log_access(note, clock.now())


def refused(request: HttpRequest, code: str) -> None:
    """Notes a refusal, with who is signed in if anybody is; a flood of them is only counted."""
    note_refusal(request.META, code, person=request.user.pk)
