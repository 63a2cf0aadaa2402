"""What codes mean, in words for those who work here. Translated when shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hueandcry.core.sharing import Reason
from hueandcry.core.types import Audience, Pap, Tlp, Verdict

Words = str | Promise

VERDICTS: Final[dict[str, Words]] = {
    Verdict.SCAM: _("Scam"),
    Verdict.SUSPICIOUS: _("Suspicious"),
    Verdict.BENIGN: _("Harmless"),
    Verdict.UNKNOWN: _("Unknown"),
}

AUDIENCES: Final[dict[str, Words]] = {
    Audience.OWN: _("Our own people"),
    Audience.GREEN: _("The community (TLP:GREEN)"),
    Audience.CLEAR: _("The public (TLP:CLEAR)"),
}

STATES: Final[dict[str, Words]] = {
    "live": _("In force"),
    "ended": _("Ended"),
    "retracted": _("Retracted"),
}

OUTCOMES: Final[dict[str, Words]] = {
    "raised": _("Raised"),
    "revised": _("Revised"),
    "merged": _("Said before, nothing new"),
    "unreadable": _("Not understood"),
    "repeated": _("Repeated in this list"),
    "not_allowed": _("Not allowed"),
}

#: How far a claim has come at a peer.
REACHED: Final[dict[str, Words]] = {
    "kept_back": _("Kept back"),
    "waiting": _("On its way"),
    "received": _("Received"),
    "refused": _("Refused"),
    "effective": _("In effect"),
    "withdrawn": _("Withdrawn"),
}

PEER_STATES: Final[dict[str, Words]] = {
    "waiting": _("Waiting for the other side"),
    "in_force": _("In force"),
    "not_yet": _("Not in force yet"),
    "ended": _("Ended"),
    "refused": _("Refused"),
    "suspended": _("Suspended"),
    "barred": _("Barred by the partnership"),
    "proposed": _("Proposed"),
    "superseded": _("Replaced"),
    "delivered": _("Delivered"),
    "accepted": _("Accepted"),
}

#: What our people did to claims, as the ledger calls it.
ACTS: Final[dict[str, Words]] = {
    "raise": _("Raised"),
    "retract": _("Took back"),
    "ingest": _("Took in a list"),
    "override": _("Decided locally"),
    "shield-end": _("Lifted a shield"),
}

PURPOSES: Final[dict[str, Words]] = {
    "prevention": _("prevention"),
    "protection": _("protection"),
    "investigation": _("investigation"),
    "prosecution": _("prosecution"),
}

#: How a source is fetched.
SOURCE_KINDS: Final[dict[str, Words]] = {
    "file": _("One file, read whole each time"),
    "folder": _("A folder; every new file is taken once"),
    "misp": _("A MISP feed"),
    "taxii": _("A TAXII 2.1 server"),
    "https": _("One list at an https address"),
}

#: How a run of a source ended, and the states of a source.
RUNS: Final[dict[str, Words]] = {
    "": _("Running"),
    "done": _("Done"),
    "unchanged": _("Nothing new"),
    "partly": _("Partly"),
    "failed": _("Failed"),
    "lost": _("Broken off"),
    "active": _("On its schedule"),
    "paused": _("Paused"),
}

#: Hops of a timeline.
HOPS: Final[dict[str, Words]] = {
    "reported": _("Reported"),
    "read": _("Read by the assessors"),
    "triaged": _("Decided"),
    "raised": _("Raised"),
    "pushed": _("Sent"),
    "received": _("Its receipt has arrived"),
    "effective": _("In effect: look-ups answer by it"),
    "retracted": _("Its receipt for the retraction has arrived"),
    "withdrawn": _("Withdrawn: look-ups no longer answer by it"),
}
RETRACTED_HERE: Final = _("Retracted")

SOURCES: Final[dict[str, Words]] = {
    "own": _("our clock"),
    "claimed": _("said by the other side"),
    "receipted": _("signed receipt"),
    "witnessed": _("witness"),
    "tsa": _("time-stamp"),
}

#: Why a claim is taken back: what the retraction tells every peer.
REASONS_TO_RETRACT: Final[dict[str, Words]] = {
    "mistake": _("A mistake of ours"),
    "appeal": _("An appeal was upheld"),
    "cleaned": _("It was cleaned up, or has another owner now"),
    "expired": _("It is over"),
    "duplicate": _("It was raised twice"),
    "other": _("Another reason"),
}

PAPS: Final[dict[Pap, Words]] = {
    Pap.CLEAR: _("PAP:CLEAR – anything may be done with it"),
    Pap.GREEN: _("PAP:GREEN – block and warn openly"),
    Pap.AMBER: _("PAP:AMBER – only what the other side cannot notice"),
    Pap.RED: _("PAP:RED – look at it in own systems only"),
}
TLPS: Final[dict[Tlp, Words]] = {
    Tlp.CLEAR: _("TLP:CLEAR – everybody"),
    Tlp.GREEN: _("TLP:GREEN – the community"),
    Tlp.AMBER: _("TLP:AMBER – partners, their clients"),
    Tlp.AMBER_STRICT: _("TLP:AMBER+STRICT – partners only"),
    Tlp.RED: _("TLP:RED – stays here"),
}

#: Why a verdict is what it is (reason codes of look-ups).
WHY: Final[dict[str, Words]] = {
    "no_claims": _("Nobody has claimed anything about it here."),
    "local_override": _("Our own people decided so, above every claim."),
    "allow_listed": _("It is on the allow-list %(list)s."),
    "allow_listed_parent": _("It belongs to %(host)s, whose whole domain is on an allow-list."),
    "host_allow_listed": _("Its host is well known, but anybody may put pages there."),
    "own_claim": _("Our own people claim that it is a scam."),
    "trusted_member_claim": _(
        "A partner under an agreement claims that it is a scam: %(members)s."
    ),
    "independent_sources": _("At least two independent sources claim it: %(count)s."),
    "single_source": _("One source claims it, and nobody confirms it yet."),
    "suspicious_claim": _("It is claimed to be suspicious."),
    "no_valid_claims": _("There are claims, but none of them is in force now."),
    "benign_claim": _("It is claimed to be harmless; a claim alone clears nothing."),
    "parent_match": _("The claim is about %(value)s, of which this is a part."),
    "taken_back": _("Every claim about it was taken back."),
    "shielded": _(
        "Shielded: the person may be coerced (non-punishment, Palermo Protocol). "
        "Nobody but our own people is told of it. Requests: %(requests)s."
    ),
    "unreadable": _("It could not be read."),
}

SHIELDED_CLAIM: Final = _(
    "One of the values is shielded: the person may be coerced. "
    "The claim stays here until somebody lifts the shield."
)

#: Why the gate keeps something back. These reasons never leave this node.
GATE: Final[dict[str, Words]] = {
    "agreement_missing": _("There is no agreement in force."),
    "agreement_other_parties": _("The agreement is between other members."),
    "agreement_not_yet": _("The agreement comes into force later."),
    "agreement_ended": _("The agreement has ended."),
    "agreement_suspended": _("The agreement is suspended."),
    "own_origin": _("It is the receiver’s own claim."),
    "kind_not_agreed": _("The agreement does not cover this kind."),
    "personal_without_basis": _("It is personal data, and the agreement names no legal basis."),
    "basis_not_carried": _("It was received on a legal basis that does not carry on."),
    "red_never": _("TLP:RED never leaves this node."),
    "over_ceiling": _("TLP:%(tlp)s is above the ceiling of the agreement, TLP:%(ceiling)s."),
    "onward_marking": _("It is a third member’s, and its marking never goes onward."),
    "onward_not_agreed": _(
        "It is a third member’s, and the agreement lets nothing so marked go on."
    ),
    "onward_not_granted": _("It was received under terms that do not let it go onward."),
    "purpose_not_agreed": _("The agreement does not cover the purpose."),
    "purpose_not_marked": _("Its claimant did not release it for this purpose."),
    "action_not_promised": _("The receiver did not promise to keep to PAP:%(pap)s."),
    "embargo_running": _("It is under an embargo."),
    "circle_closed": _("It belongs to a sharing circle that the receiver is not in."),
}

#: Classes of refusal in receipts.
REFUSALS: Final[dict[str, Words]] = {
    "not_permitted": _("Its own gate does not let it in"),
    "future": _("Dated ahead of its clock"),
    "retracted": _("Retracted before"),
    "mixed_labels": _("Marked otherwise than the rest of its batch"),
    "own_origin": _("It is its own claim"),
    "not_canonical": _("Not in the canonical form"),
    "whole_part": _("The whole delivery was refused"),
    "unsaid": _("No reason given"),
}


def why(reason: Mapping[str, Any]) -> str:
    """One reason of a verdict in the reader's language; an unknown code is shown as it is."""
    params = {**_NOTHING, **reason["params"]}
    for name in ("members", "requests"):
        if isinstance(params[name], list):
            params[name] = ", ".join(params[name])
    return str(WHY.get(reason["code"], reason["code"])) % params


_NOTHING: Final = {"list": "", "host": "", "value": "", "count": "", "members": "", "requests": ""}


def gate(reason: Reason) -> str:
    """One reason of the gate in the reader's language, for our own people."""
    params = {"tlp": "", "ceiling": "", "pap": "", **dict(reason.params)}
    return str(GATE.get(reason.code, reason.text)) % params
