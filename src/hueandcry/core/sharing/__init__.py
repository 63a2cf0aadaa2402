"""The one gate: nothing leaves or enters a node except through `decide` (DESIGN, principle 3)."""

from hueandcry.core.sharing.bases import BASES
from hueandcry.core.sharing.clients import decide_client, tier_of
from hueandcry.core.sharing.gate import Decision, decide, gate_by_label, guest_sees, purpose_for
from hueandcry.core.sharing.labels import (
    Label,
    audience_sees,
    effective,
    label_of,
    may_block,
    next_change,
    strictest,
)
from hueandcry.core.sharing.reasons import Reason
from hueandcry.core.sharing.terms import (
    ACTIONS,
    Terms,
    differences,
    narrower_or_equal,
    personal_terms,
    read_terms,
    seat_terms,
    standard_terms,
    successor,
    suspension,
)

__all__ = [
    "ACTIONS",
    "BASES",
    "Decision",
    "Label",
    "Reason",
    "Terms",
    "audience_sees",
    "decide",
    "decide_client",
    "differences",
    "effective",
    "gate_by_label",
    "guest_sees",
    "label_of",
    "may_block",
    "narrower_or_equal",
    "next_change",
    "personal_terms",
    "purpose_for",
    "read_terms",
    "seat_terms",
    "standard_terms",
    "strictest",
    "successor",
    "suspension",
    "tier_of",
]
