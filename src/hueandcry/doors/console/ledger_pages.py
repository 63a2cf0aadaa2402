"""The ledger: head, peers, witnesses, entries and acts with their proofs, the whole check.

Entries are commitments: nothing on these pages is content.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face as signals
from hueandcry.core import notes
from hueandcry.core.errors import Conflict, HueError
from hueandcry.doors.console.asking import cursor
from hueandcry.doors.console.staff import allowed, page
from hueandcry.engine import clock
from hueandcry.engine.keys import ed25519
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.ledger import reading
from hueandcry.engine.ledger import verify as checking
from hueandcry.engine.stamps import face as stamps
from hueandcry.engine.store.work import unit_of_work

LIMIT: Final = 50
STAMPS: Final = 20
#: Entries beyond which the whole check is left to the command: a page must answer.
CHECKED_HERE: Final = 200_000


@dataclass(frozen=True, slots=True)
class Held:
    """What one peer holds of our log, and whether it is what we signed."""

    head: peers.HeldHead
    state: str  #: agrees, former, contradicts, unreadable, none


@require_safe
@page("ledger")
def overview(request: HttpRequest) -> HttpResponseBase:
    """Our head, what peers hold of it, the newest heads."""
    return render(request, "console/ledger.html", _overview())


def _overview() -> dict[str, object]:
    heads = reading.heads(limit=10)
    signed = next((head for head in heads if head.note is not None), None)
    return {
        "size": ledger.head(),
        "head": signed,
        "heads": heads,
        "held": [Held(each, _state(each)) for each in peers.held_of_us()],
        "forks": peers.open_forks(),
        "tab": "head",
    }


def _state(head: peers.HeldHead) -> str:
    """Signed by us and with the root that we decided for that size, or something is very wrong.

    A restored node lacks what its log had when it was lost: a succession says so, and opens a new
    epoch, so that what a peer holds of the former one is `former`.
    """
    if head.note is None:
        return "none"
    if head.size is None or head.root is None:
        return "unreadable"
    epoch = _epoch(head.origin)
    if epoch is None or not _ours(head.note, head.origin):
        return "contradicts"
    ours = reading.head_of(head.size, epoch)
    if ours is None and epoch < ledger.epoch():
        return "former"
    return "agrees" if ours and ours.root == head.root else "contradicts"


def _epoch(origin: str) -> int | None:
    """The epoch of our log that an origin names; None for another log."""
    name, _, number = origin.rpartition("/log/")
    return int(number) if name == members.own_log() and number.isdecimal() else None


def _ours(note: bytes, origin: str) -> bool:
    """Whether one of our log keys signed this head."""
    for public in members.log_keys(members.us().fingerprint):
        key = notes.VerifierKey(origin, notes.ED25519, public)
        try:
            notes.open_checkpoint(note, key, (), ed25519.verify)
        except HueError:
            continue
        return True
    return False


@require_safe
@page("ledger")
def witnesses(request: HttpRequest) -> HttpResponseBase:
    """Who vouches for our log and since when, its time-stamps, and logs with two histories."""
    head = peers.newest_cosigned()
    context = {
        "witnesses": peers.witnesses(),
        "quorum": peers.quorum(),
        "head": head,
        "stamps": stamps.views(STAMPS),
        "authorities": stamps.authorities(),
        "forks": peers.all_forks(),
        "may_clear": allowed(request, "ledger:clear"),
        "tab": "witnesses",
    }
    return render(request, "console/ledger_witnesses.html", context)


@require_POST
@page("ledger:clear")
def clear(request: HttpRequest, number: int) -> HttpResponseBase:
    """Our people say what they found out about a fork: its alarm ends."""
    with unit_of_work():
        peers.clear_fork(number, request.POST.get("words", ""), request.user.pk, clock.now())
    messages.success(request, gettext("Cleared. What was found out is in the ledger."))
    return HttpResponseRedirect(reverse("console:witnesses"))


@require_safe
@page("ledger")
def entries(request: HttpRequest) -> HttpResponseBase:
    """Entries, newest first, with the records that were not erased."""
    found = reading.entries(before=cursor(request, "before"), limit=LIMIT)
    last = found[-1].index if found and found[-1].index else None
    context = {"found": found, "before": last if len(found) == LIMIT else None, "tab": "entries"}
    return render(request, "console/ledger_entries.html", context)


@require_safe
@page("ledger")
def acts(request: HttpRequest) -> HttpResponseBase:
    """What our people did to claims: when, who, how many; never to what."""
    found = signals.acts(before=cursor(request, "before"), limit=LIMIT)
    before = found[-1].number if len(found) == LIMIT else None
    return render(
        request, "console/ledger_acts.html", {"found": found, "before": before, "tab": "acts"}
    )


@require_safe
@page("ledger")
def proof(request: HttpRequest, index: int) -> HttpResponseBase:
    """One entry with its opening and the proof that the log holds it, to be checked offline."""
    proved = reading.proof_file(index, peers.cosigned_covering(index))
    record, salt = reading.opening_at(index)
    said = {
        "v": 1,
        "log": members.own_log(),
        "index": index,
        "record": record.decode(),
        "salt": salt.hex(),
        "proof": proved.decode(),
    }
    answer = HttpResponse(json.dumps(said, indent=1) + "\n", content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="entry-{index}.json"'
    return answer


@require_POST
@page("ledger")
def verify(request: HttpRequest) -> HttpResponseBase:
    """Reads the whole ledger again and says what does not hold."""
    if ledger.head() > CHECKED_HERE:
        raise Conflict(
            "ledger_long",
            f"The ledger has more than {CHECKED_HERE} entries",
            why="To read all of it takes longer than a page may",
            do="Run `hueandcry log verify`",
        )
    report = checking.verify(settings.DATA, members.own_log_keys())
    return render(request, "console/ledger.html", {**_overview(), "report": report})
