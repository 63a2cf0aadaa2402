"""What the codes of reports mean, in words for those who work here. Translated when shown."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hueandcry.apps.detection.face import Finding
from hueandcry.apps.reports.face import Consent, Desk, Doing, Flag, Role, Source, State
from hueandcry.core.types import Kind

Words = str | Promise

FINDINGS: Final[dict[str, Words]] = {
    "": _("Not read yet"),
    Finding.SCAM: _("Scam"),
    Finding.SUSPICIOUS: _("Suspicious"),
    Finding.ORDINARY: _("Ordinary"),
    Finding.UNKNOWN: _("Unknown"),
}

STATES: Final[dict[str, Words]] = {
    State.RECEIVED: _("Not read yet"),
    State.WAITING: _("Waits for a decision"),
    State.ASKED: _("A question waits for the reporter"),
    State.CONFIRMED: _("Confirmed"),
    State.REJECTED: _("Rejected"),
    State.MERGED: _("Merged"),
    State.WITHDRAWN: _("Withdrawn by the reporter"),
}

SOURCES: Final[dict[str, Words]] = {
    Source.PUBLIC: _("Public form"),
    Source.API: _("API"),
    Source.HOTLINE: _("Hotline"),
    Source.MAIL: _("E-mail file"),
    Source.BANK: _("Bank file"),
    Source.CLI: _("Command line"),
}

DESKS: Final[dict[str, Words]] = {
    Desk.TRIAGE: _("Triage"),
    Desk.MONEY: _("Stop payments"),
    Desk.PROTECTION: _("Protection"),
    Desk.CHILD: _("Children"),
    Desk.SUPPORT: _("Support"),
}

FLAGS: Final[dict[Flag, Words]] = {
    Flag.CHILD: _("A child is affected"),
    Flag.FORCED: _("Made to scam others"),
    Flag.DISTRESS: _("In distress"),
    Flag.PAYING: _("Still paying"),
    Flag.INTIMATE: _("Intimate pictures"),
    Flag.WITHDRAWN: _("Consent was taken back after claims were raised"),
    Flag.ADDED: _("Added to after the decision"),
    Flag.CUT: _("Longer than what is kept"),
}

CONSENTS: Final[dict[str, Words]] = {
    Consent.SIGNALS: _("Links, numbers and accounts may be shared"),
    Consent.CONTACT: _("May be contacted"),
    Consent.POLICE: _("May be passed to the police as a complaint"),
    Consent.SUPPORT: _("May be passed to an organisation that helps victims"),
}

#: How a number was met.
ROLES: Final[dict[str, Words]] = {
    "": _("Not said"),
    Role.DISPLAYED: _("Only displayed"),
    Role.CALLED: _("Called"),
    Role.MESSAGED: _("Messaged"),
    Role.PAID: _("Paid to"),
}

#: Where in a report a value stood.
ORIGINS: Final[dict[str, Words]] = {
    "story": _("in the words"),
    "field": _("named by the reporter"),
    "loss": _("where money went"),
    "file": _("in a file"),
    "desk": _("added here"),
    "alike": _("in a report alike"),
}

#: Why a report is rejected.
REJECTIONS: Final[dict[str, Words]] = {
    "not-a-scam": _("It is no scam"),
    "nothing-to-act-on": _("There is nothing in it to act on"),
    "duplicate": _("It was reported twice"),
    "spam": _("Somebody floods us"),
    "test": _("A test"),
    "other": _("Another reason"),
}

#: Why a report that was looked at again stays as it was decided.
STANDING: Final[dict[str, Words]] = {
    "seen-by-us": _("We have seen it ourselves"),
    "other-evidence": _("Others say so too"),
    "reporter-is-suspect": _("Whoever takes it back may be the scammer"),
    "danger-goes-on": _("The danger goes on"),
    "nothing-new": _("It shows nothing new"),
    "other": _("Another reason"),
}

#: Reports that were decided, and have to be looked at again.
LANES: Final[dict[str, Words]] = {
    "withdrawn": _("Taken back after claims were made"),
    "added": _("Added to after the decision"),
    "held": _("Held for a legal reason"),
}

#: What was done to a report, as its history has it.
DOINGS: Final[dict[str, Words]] = {
    Doing.SUBMIT: _("Reported"),
    Doing.READ: _("Read by the assessors"),
    Doing.RULE: _("A rule raised claims"),
    Doing.CONFIRM: _("Confirmed"),
    Doing.ADJUST: _("Adjusted"),
    Doing.MERGE: _("Merged"),
    Doing.REJECT: _("Rejected"),
    Doing.ASK: _("Asked"),
    Doing.UNDO: _("Undone"),
    Doing.STAND: _("Looked at again: it stays as it was decided"),
    Doing.REOPEN: _("Put back into the queue"),
    Doing.ANSWER: _("The reporter answered"),
    Doing.REMIND: _("Nobody answered: it waits again"),
    Doing.ADD: _("Something was added"),
    Doing.CONSENT: _("Consent was changed"),
    Doing.WITHDRAW: _("Withdrawn by the reporter"),
    Doing.CALL: _("A call back was promised"),
    Doing.CALLED: _("Called back"),
    Doing.LOCK: _("A file was put into quarantine"),
    Doing.UNLOCK: _("A file was taken out of quarantine"),
    Doing.HOLD: _("Held for a legal reason"),
    Doing.FREE: _("The legal hold ended"),
    Doing.PURGE: _("Purged"),
}

#: Rules that decide without a person.
RULES: Final[dict[str, Words]] = {
    "trusted-intake": _("a trusted intake, above the likelihood that is set"),
    "two-sources": _("two trusted intakes named it in unlike reports"),
    "alike": _("decided with the report that stands for it"),
    "left-alone": _("the report that it was merged into is gone"),
}

MESSAGES: Final[dict[str, Words]] = {
    "question": _("We asked"),
    "answer": _("The reporter answered"),
    "addition": _("The reporter added"),
}

OUTCOMES: Final[dict[str, Words]] = {
    "raised": _("Raised"),
    "revised": _("Revised"),
    "merged": _("Said before, nothing new"),
    "stands": _("A stronger claim of ours stands already"),
}

#: Which rule stands behind the second look at a value of this kind.
GUARDED: Final[Words] = _("Names somebody: a person decides, or two independent sources.")
PROXY: Final[Words] = _(
    "Money was paid to this number: the claim says so, that its bank can find the account."
)
OPEN: Final[Words] = _("A trusted intake may confirm it by a rule.")
SPOOFED: Final[Words] = _(
    "A displayed number may be anybody’s: it is claimed as suspicious only, and enters no list."
)


def behind(kind: Kind, role: str, guarded: bool) -> Words:
    """Which rule stands behind a value: what it needs, and what becomes of it."""
    if kind is Kind.PHONE and role in ("", Role.DISPLAYED):
        return SPOOFED
    if kind is Kind.PHONE and role == Role.PAID:
        return PROXY
    return GUARDED if guarded else OPEN


FILE_STATES: Final[dict[str, Words]] = {
    "kept": pgettext_lazy("of a file", "Kept"),
    "quarantined": _("In quarantine"),
    "shredded": _("Shredded"),
}

#: What an upload of cases is.
FORMS: Final[dict[str, Words]] = {
    "bank": _("Cases of a bank (CSV)"),
    "hotline": _("Calls of a hotline (CSV)"),
    "eml": _("One e-mail (.eml)"),
}
