"""What each answer means for the person who asked, and what to do now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Advice:
    """An answer in words: its name, what it means, and what to do."""

    code: str
    name: Words
    meaning: Words
    heading: Words
    steps: tuple[Words, ...]
    after: Words = ""  #: what comes after the steps, for everybody


_CALL: Final = _(
    "Call the organisation or the person yourself, on a number that you had before or that you "
    "find on the official website. Never use a number from the message."
)
#: The one thing that cannot wait, on every page.
PAID: Final = _(
    "Have you already paid, or given bank or card details? Call your bank at once, on the number "
    "on the back of your card. The first minutes count most."
)
_DO_NOW: Final = _("What to do now")

SCAM: Final = Advice(
    "scam",
    _("Scam"),
    _("Stop here. Do not open it, do not reply and do not pay."),
    _DO_NOW,
    (
        _("End the call or the chat, and do not answer any more. You owe them no politeness."),
        _("Do not pay, and do not give a password, a PIN, a one-time code or a card number."),
        _("Do not install an app, and do not let anybody see or control your screen."),
        _("Keep the messages, numbers and receipts, and report them to the police."),
    ),
    PAID,
)
SUSPICIOUS: Final = Advice(
    "suspicious",
    _("Suspicious"),
    _("There is a warning about this. Do not go on before you have checked in another way."),
    _DO_NOW,
    (
        _("Do not pay and do not give any details until you are sure."),
        _CALL,
        _("Ask somebody whom you trust. Scammers want you to hurry and to tell nobody."),
    ),
    PAID,
)
BENIGN: Final = Advice(
    "benign",
    _("Known as genuine"),
    _("We know this one. But whoever sent it to you may still be lying."),
    _("Still take care"),
    (
        _("Compare what is in front of you with what you checked, letter by letter."),
        _("Nobody genuine asks for your password, PIN or one-time code."),
        _CALL,
    ),
)
UNKNOWN: Final = Advice(
    "unknown",
    _("Not known"),
    _("This does not mean that it is safe. Every scam is new at first."),
    _("Treat it as a scam if any of this is true"),
    (
        _("You are told to hurry, or to tell nobody."),
        _("You are to pay first: a fee, a tax, a deposit, cryptocurrency or gift cards."),
        _("You are to move money to a “safe account”."),
        _("You are asked for a password, a one-time code or a photo of your ID card."),
        _("You are to install an app or to share your screen."),
        _("Somebody whom you have never met offers love, work or high returns."),
    ),
    _CALL,
)
UNREADABLE: Final = Advice(
    "unreadable",
    _("Not understood"),
    _("We could not read this, so we could not check it."),
    _DO_NOW,
    (),
)

ADVICE: Final = {advice.code: advice for advice in (SCAM, SUSPICIOUS, BENIGN, UNKNOWN)}
