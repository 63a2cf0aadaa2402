"""What a message looks like, in words, and what to do about it by what it tries."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hueandcry.apps.detection.face import Finding
from hueandcry.doors.web.advice import SCAM, SUSPICIOUS, UNKNOWN, Advice

Words = str | Promise

FINDINGS: Final[dict[Finding, Advice]] = {
    Finding.SCAM: Advice(
        "scam", _("This looks like a scam"), SCAM.meaning, SCAM.heading, SCAM.steps
    ),
    Finding.SUSPICIOUS: Advice(
        "suspicious",
        _("This may be a scam"),
        _("Do not go on before you have checked in another way."),
        SUSPICIOUS.heading,
        SUSPICIOUS.steps,
    ),
    Finding.ORDINARY: Advice(
        "ordinary",
        _("We found no sign of a scam"),
        _("That does not prove that it is genuine. Good scams look like ordinary messages."),
        UNKNOWN.heading,
        UNKNOWN.steps,
        UNKNOWN.after,
    ),
    Finding.UNKNOWN: Advice(
        "unknown",
        _("We cannot tell"),
        _("We know too little to say what this is. That does not mean that it is safe."),
        UNKNOWN.heading,
        UNKNOWN.steps,
        UNKNOWN.after,
    ),
}

#: Lure → the one thing to know about it.
LURES: Final[dict[str, Words]] = {
    "investment": _(
        "No real investment guarantees a profit. If you must pay before you can take your money "
        "out, it is gone: pay nothing more."
    ),
    "romance": _(
        "Never send money, or pictures that nobody else may see, to somebody whom you have only "
        "met online."
    ),
    "job": _(
        "A real employer never asks you to pay first or to lend your bank account. Easy work "
        "abroad with high pay and a free journey can end in captivity."
    ),
    "impersonation-authority": _(
        "Police, courts and tax offices never ask for money, codes or your screen by phone or chat."
    ),
    "impersonation-bank": _(
        "Your bank never asks for your PIN, password or one-time code, and never tells you to "
        "move your money to keep it safe."
    ),
    "impersonation-family": _(
        "Before you do anything, call your relative or friend on the number that you have always "
        "used."
    ),
    "impersonation-company": _(
        "Open the app or website of the company yourself. Do not use the link in the message."
    ),
    "purchase": _("Pay only in ways that can be taken back, and only on the platform of the shop."),
    "loan": _(
        "A real lender takes no fee before it pays out, and needs neither your contacts nor your "
        "pictures."
    ),
    "prize": _("If you must pay to get a prize, there is no prize."),
    "charity": _("Give to a charity on its own website, never to a private account."),
    "recovery": _(
        "Whoever promises to bring back lost money for a fee is the next scammer. Police and "
        "banks take no fee."
    ),
    "tech-support": _("No company calls you because of a virus. Let nobody control your device."),
    "sextortion": _(
        "Do not pay: the demands would go on. Keep the messages, block the sender and get help. "
        "It is not your fault."
    ),
    "delivery": _("Look for your parcel in the delivery company’s own app or website."),
}
