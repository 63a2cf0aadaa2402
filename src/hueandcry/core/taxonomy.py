"""The scam taxonomy: two axes, *lure* (what the victim is told) and *method* (how it arrives).

No public taxonomy covers scams whole, so this one is our own; members map theirs to it. Codes are
stable and open: a code unknown here is kept, shown as it is, and never a reason to refuse a claim.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MAX_CODE_LENGTH: Final = 64


@dataclass(frozen=True, slots=True)
class Term:
    """One code of an axis with its English name and meaning."""

    code: str
    name: str
    meaning: str


def is_code(text: str) -> bool:
    """Whether `text` has the form of a code: lower-case words joined by hyphens, up to 64."""
    return len(text) <= MAX_CODE_LENGTH and _CODE.fullmatch(text) is not None


def _axis(*rows: tuple[str, str, str]) -> dict[str, Term]:
    return {code: Term(code, name, meaning) for code, name, meaning in rows}


#: What the victim is made to believe.
LURES: Final = _axis(
    ("investment", "Investment", "High returns on a trading platform, a coin or a fund."),
    ("romance", "Romance", "Love or friendship, followed by a need for money."),
    ("job", "Job or task", "Work that must be paid for first, or that leads into captivity."),
    ("impersonation-authority", "False authority", "Police, court, tax office or immigration."),
    ("impersonation-bank", "False bank", "The victim's bank or payment provider."),
    ("impersonation-family", "False relative", "A child, relative or friend in distress."),
    ("impersonation-company", "False company", "A known brand, telco or supplier."),
    ("purchase", "Purchase", "Goods, tickets or rents that do not exist."),
    ("loan", "Loan", "Easy credit against a fee, or an app that extorts its borrowers."),
    ("prize", "Prize", "A lottery, gift or inheritance that needs a payment first."),
    ("charity", "Charity", "A donation for a cause that does not get it."),
    ("recovery", "Recovery", "Getting back what an earlier scam took, against a fee."),
    ("tech-support", "Technical support", "A device said to be infected or an account at risk."),
    ("sextortion", "Sextortion", "Intimate pictures, real or made up, and a threat."),
    ("delivery", "Delivery", "A parcel that needs a fee, an address or customs clearance."),
)

#: How it reaches the victim, or what does the harm.
METHODS: Final = _axis(
    ("phone", "Telephone call", "A call, live or recorded."),
    ("sms", "Text message", "SMS or RCS, often under a false sender name."),
    ("messenger", "Messenger", "A chat application."),
    ("social-ad", "Social media advert", "A paid or sponsored post."),
    ("site", "Web site", "A site that takes credentials, cards or deposits."),
    ("app", "Application", "An app from a store or from a link."),
    ("email", "E-mail", "E-mail, including business e-mail compromise."),
    ("qr", "QR code", "A code to scan, on paper or on a screen."),
    ("remote-access", "Remote access", "A tool that lets the caller steer the device."),
    ("sim-swap", "SIM swap", "The number moved to another card."),
    ("deepfake", "Deepfake", "A forged voice, face or video."),
)
