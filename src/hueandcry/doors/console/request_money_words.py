"""What the codes of traced money mean, in words for those who work here. Translated when shown."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from hueandcry.doors.console import request_words
from hueandcry.doors.console.words import Words

STATES: Final[dict[str, Words]] = {
    "ALERT": _("Money looked for"),
    "TRACED": _("Money found, not held"),
    "MOVED": _("Money gone on"),
    "PROVISIONALLY_HELD": _("Amount held for now"),
    "FROZEN": _("Amount frozen by an order"),
    "CONFISCATED": _("Amount confiscated"),
    "RELEASED": _("Money released"),
    "RETURN_AGREED": _("Return agreed"),
    "RETURNED": _("Money returned"),
    "TOO_LATE": _("Too late, the money is gone"),
}

#: What the state means for whoever reads it first.
MEANS: Final[dict[str, Words]] = {
    "ALERT": _("Nobody has found it yet, and nothing is held."),
    "TRACED": _("It can still leave: nothing is held."),
    "MOVED": _("What went on is followed hop by hop, each by a request of its own."),
    "PROVISIONALLY_HELD": _("The traced amount is held, never the account."),
    "FROZEN": _("It is held until the order is lifted."),
    "CONFISCATED": _("It was taken by a final order."),
    "RELEASED": _("Nothing is held for this request any more."),
    "RETURN_AGREED": _("It has not gone back yet."),
    "RETURNED": _("It went back to those who lost it."),
    "TOO_LATE": _("The line below says when what happened."),
}

#: Acts that people can do here: the act, and what it does.
ACTS: Final[dict[str, tuple[Words, Words]]] = {
    "trace": (
        _("Say what was found"),
        _("How much of the money is here. Nothing is held by that."),
    ),
    "hold": (
        _("Hold the amount"),
        _("What was traced here, and not the account. It lapses at the limit by itself."),
    ),
    "moved": (
        _("Say where it went on"),
        _("What is held stays held. Whether the hop is followed, a person decides next."),
    ),
    "freeze": (
        _("Freeze the amount by an order"),
        _("It takes the place of the provisional hold, and has no limit in time."),
    ),
    "confiscate": (
        _("Note that it was confiscated"),
        _("By an order against which nothing can be done any more."),
    ),
    "release": (
        _("Release the money"),
        _("Every hop below that is not under an order is told, and confirms it."),
    ),
    "freed": (
        _("Confirm that the account is free"),
        _("Nothing is held here any more, nor at any hop below."),
    ),
    "propose_release": (
        _("Propose its release"),
        _("The other side may say until then why it should stay frozen."),
    ),
    "answer_release": (
        _("Answer the proposal"),
        _("Say why it should stay frozen, or that it need not."),
    ),
    "agree_return": (
        _("Agree on its return"),
        _("It is shared among the victims in proportion to their losses."),
    ),
    "return": (
        _("Say what went back"),
        _("At most what was agreed."),
    ),
    "too_late": (
        _("Say that it is too late"),
        _("The money is gone. The other side gets its line in time."),
    ),
}

#: What was done, as a timeline tells it.
_EVENTS: Final[dict[str, Words]] = {
    "left": _("Money left the victim"),
    "approve": _("Request sent"),
    "send_on_duty": _("Request sent under one signature"),
    "open": _("Request opened"),
    "refuse": _("Request refused"),
    "withdraw": _("Request withdrawn"),
    "trace": _("Amount traced"),
    "hold": _("Amount held"),
    "moved": _("Money went on"),
    "freeze": _("Amount frozen"),
    "confiscate": _("Amount confiscated"),
    "release": _("Money released"),
    "lapse": _("Hold ended at its limit"),
    "freed": _("Account free"),
    "propose_release": _("Release proposed"),
    "answer_release": _("Proposal answered"),
    "agree_return": _("Return agreed"),
    "return": _("Money returned"),
    "too_late": _("Too late, the money is gone"),
}

#: Acts that end or undo something.
DANGEROUS: Final = frozenset({"release", "too_late", "confiscate"})


def event(code: str) -> Words:
    """What happened to the money, or to its request."""
    return _EVENTS.get(code) or request_words.event(code)
