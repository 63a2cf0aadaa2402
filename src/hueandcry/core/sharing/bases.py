"""Transfer bases: why personal data may cross a border. Data, never code (DESIGN, principle 9).

The codes name the *kind* of legal ground, not an instrument: which convention or statute stands
behind one differs by pair of countries and by year, and belongs in a treaty registry. An agreement
gives one code to each kind of personal data; a kind without one stays home.
"""

from __future__ import annotations

from typing import Final

#: Code → what a member states when it puts this code into an agreement.
BASES: Final[dict[str, str]] = {
    "adequacy": "The receiving side's law is recognised by the sending side as protecting "
    "personal data adequately.",
    "consent": "The person concerned agreed to this transfer after being told who receives "
    "the data and for what.",
    "contract-clauses": "Both members signed data-protection clauses for transfers, such as the "
    "ASEAN model contractual clauses.",
    "legal-claim": "The transfer is needed to establish, exercise or defend a legal claim, such "
    "as getting a victim's money back.",
    "public-interest": "A law that binds the sending member lets it transfer the data for an "
    "important public interest, such as preventing and detecting crime.",
    "vital-interest": "The transfer protects the life or safety of a person; loss of money alone "
    "is not enough.",
}
