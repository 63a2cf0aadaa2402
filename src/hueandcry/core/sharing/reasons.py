"""Reasons as codes and parameters: stable for scripts and translations, with English words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Reason:
    """One stable code with its parameters, in the order in which `WORDS` names them."""

    code: str
    params: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """The English sentence for this reason, for operators; never shown to the other party."""
        return WORDS[self.code].format(**dict(self.params))


def reason(code: str, **params: str) -> Reason:
    """A reason from keyword parameters, kept in the order given."""
    return Reason(code, tuple(params.items()))


WORDS: Final[dict[str, str]] = {
    # Why the gate said no.
    "agreement_missing": "There is no agreement with {member}.",
    "agreement_other_parties": "The agreement is between other members than us and {member}.",
    "agreement_not_yet": "The agreement comes into force at {at}.",
    "agreement_ended": "The agreement ended at {at}.",
    "agreement_suspended": "The agreement is suspended: it names no kinds or no purposes.",
    "own_origin": "It is the receiver's own claim; nothing is handed back to its claimant.",
    "kind_not_agreed": "The agreement does not cover signals of kind {kind}.",
    "personal_without_basis": "{kind} is personal data, and the agreement gives no transfer basis.",
    "basis_not_carried": "{kind} was received under the basis '{received}', which does not carry "
    "on to an agreement with the basis '{agreed}'.",
    "red_never": "TLP:RED never enters the feed.",
    "over_ceiling": "Its marking TLP:{tlp} is above the agreement's ceiling TLP:{ceiling}.",
    "onward_marking": "It comes from a third member, and TLP:{tlp} never goes onward.",
    "onward_not_agreed": "It comes from a third member, and the agreement does not let TLP:{tlp} "
    "go onward.",
    "onward_not_granted": "The agreement under which it was received does not let it go onward.",
    "purpose_not_agreed": "The agreement does not cover the purpose {purpose}.",
    "purpose_not_marked": "Its claimant did not release it for the purpose {purpose}.",
    "action_not_promised": "It is marked PAP:{pap}, which the agreement does not promise to keep.",
    "embargo_running": "It is under an embargo until {at}.",
    "circle_closed": "It belongs to a sharing circle that {member} is not in.",
    # What a proposed agreement gives beyond our own terms.
    "beyond_parties": "It is between other members.",
    "beyond_exercise": "One side means an exercise, the other does not.",
    "beyond_kinds": "It adds signals of kind {kind}.",
    "beyond_ceiling": "It raises the ceiling from TLP:{own} to TLP:{proposed}.",
    "beyond_purposes": "It adds the purpose {purpose}.",
    "beyond_actions": "It adds objects marked PAP:{pap}.",
    "beyond_basis": "It names the transfer basis '{proposed}' for {kind}; our own terms say "
    "'{own}'.",
    "beyond_onward": "It lets TLP:{tlp} go onward.",
    "beyond_retention": "It keeps data for {proposed} days; our own terms say {own}.",
    "beyond_breach": "It gives {proposed} hours to notify a breach; our own terms say {own}.",
    "beyond_rate": "It allows {proposed} objects a minute; our own terms say {own}.",
    "beyond_from": "It begins earlier ({proposed}) than our own terms ({own}).",
    "beyond_until": "It lasts longer ({proposed}) than our own terms ({own}).",
}
