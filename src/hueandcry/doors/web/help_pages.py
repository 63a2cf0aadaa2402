"""Pages for somebody who needs more than an answer: each with steps, and with whom to call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hueandcry.doors.desk.hotlines import Purpose

Words = str | Promise


@dataclass(frozen=True, slots=True)
class HelpPage:
    """One page: what has happened, what to do, in order, and which lines to show."""

    name: str  #: in its address, stable
    title: Words
    lead: Words
    steps: tuple[Words, ...]
    lines: tuple[Purpose, ...]
    urgent: bool = False


PAGES: Final = (
    HelpPage(
        "paid",
        _("You have paid, or given details"),
        _("Act now. In the first hours money can often be stopped, after three days hardly ever."),
        (
            _(
                "Call your bank or payment service now. Say: “I was scammed. Stop the payment and "
                "lock my account.”"
            ),
            _("Call the scam line or the police of your country. Their numbers are below."),
            _(
                "Change your passwords, e-mail and bank first. If you installed an app or shared "
                "your screen, cut the phone off from the internet before."
            ),
            _("Keep everything: messages, numbers, accounts, receipts. Do not warn the scammer."),
            _("Report it here, so that the account and the links can be blocked at all partners."),
        ),
        (Purpose.SCAM, Purpose.POLICE),
        urgent=True,
    ),
    HelpPage(
        "paying",
        _("You are still paying, or are asked for more"),
        _("Stop paying today. Nothing that you pay now brings back what is gone."),
        (
            _("Fees, taxes and deposits before a payout are part of the scam. No payout comes."),
            _("They count on your shame and your fear. You may stop without an explanation."),
            _("Tell one person whom you trust, today."),
            _("Ask your bank to stop what is planned, and to lock what the scammers know."),
            _("If they threaten you or your family, call the police."),
        ),
        (Purpose.SCAM, Purpose.POLICE),
        urgent=True,
    ),
    HelpPage(
        "forced",
        _("You are made to scam others, or are held somewhere"),
        _("A crime is being done to you. Help is there for you, whatever you were made to do."),
        (
            _(
                "If somebody can see this screen, leave by the button at the top and come back "
                "when it is safe."
            ),
            _("If you are in danger now and can call safely, call the police."),
            _(
                "Remember the country, the town, the building, and what you see from the window. "
                "Send your location to somebody whom you trust."
            ),
            _("Your embassy can help you, also without a passport."),
            _(
                "You can tell us here, without your name. Say whether, and how, it is safe to "
                "answer you."
            ),
        ),
        (Purpose.TRAFFICKING, Purpose.POLICE),
        urgent=True,
    ),
    HelpPage(
        "distress",
        _("You feel that you cannot go on"),
        _("Criminals who do this all day did it to you. You are not stupid, and not alone."),
        (
            _("Do not stay alone with it. Call somebody now: a friend, family, or a line below."),
            _("If you are about to hurt yourself, call an emergency number or go to a hospital."),
            _("Money and debts can wait until tomorrow. There are people who help with both."),
            _(
                "If somebody threatens you with pictures: do not pay. Such pictures can be taken "
                "down, and it is not your fault."
            ),
        ),
        (Purpose.DISTRESS, Purpose.POLICE),
        urgent=True,
    ),
    HelpPage(
        "recovery",
        _("Somebody offers to get your money back"),
        _("After a scam the next scammers come. They know that you lost money."),
        (
            _(
                "Nobody genuine asks for a fee, a tax, a code or the words of your wallet to bring "
                "money back."
            ),
            _("Police, courts, banks and this service never ask you for money."),
            _("“Hackers”, “lawyers” and “recovery agents” in comments and chats are scammers."),
            _("Have you paid one of them? Do what those do who have just paid."),
        ),
        (Purpose.SCAM, Purpose.POLICE),
    ),
)

BY_NAME: Final = {page.name: page for page in PAGES}
