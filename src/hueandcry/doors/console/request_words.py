"""What the codes of requests mean, in words for those who work here. Translated when shown.

The files of the law say more, in English: `core/law/data`. What they add has no words here yet,
and is shown by its code.
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from hueandcry.doors.console.words import Words

SIDES: Final[dict[str, Words]] = {
    "requested": _("Asked of us"),
    "requesting": _("Asked by us"),
}

GROUPS: Final[dict[str, Words]] = {
    "preservation": _("Preservation"),
    "mla": _("Mutual legal assistance"),
    "assets": _("Assets: freeze, confiscate, return"),
    "orders": _("Orders to providers abroad"),
    "emergency": _("Emergencies: risk to life or safety"),
    "payments": _("Stopping payments"),
    "police": _("Police cooperation"),
    "disruption": _("Disruption of what does the harm"),
    "people": _("Victims and persons in danger"),
    "following": _("About another request"),
}

TYPES: Final[dict[str, Words]] = {
    "PRESERVE": _("Preserve stored data"),
    "PRESERVE_EXTEND": _("Extend a preservation"),
    "TRAFFIC_PARTIAL": _("Tell partly of preserved traffic data"),
    "MLA_STORED": _("Legal assistance: stored data"),
    "MLA_GENERAL": _("Legal assistance: any other kind"),
    "MLA_TRAFFIC_RT": _("Legal assistance: traffic data in real time"),
    "MLA_INTERCEPT": _("Legal assistance: interception"),
    "SPONTANEOUS": _("Information given unasked"),
    "EMERGENCY": _("Emergency disclosure"),
    "SUBSCRIBER_DIRECT": _("Subscriber data from a provider"),
    "ORDER_VIA_STATE": _("Order to a provider by its State"),
    "EPOC": _("European Production Order"),
    "EPOC_PR": _("European Preservation Order"),
    "STOP_PAYMENT": _("Stop a payment"),
    "FREEZE": _("Freeze or seize"),
    "CONFISCATE": _("Confiscate"),
    "RETURN": _("Return assets"),
    "POLICE_INFO": _("Police information"),
    "JOINT_INVESTIGATION": _("Joint investigation"),
    "DISRUPT": _("Disrupt a number, domain, account or app"),
    "TIP_REFERRAL": _("Refer a person who may be trafficked"),
    "DECONFLICT": _("Deconfliction"),
    "USE_CONSENT": _("Consent to another use"),
    "STATUS": _("Status of a request"),
    "CLARIFY": _("Clarify a request"),
    "COMPLAINT": _("Complaint to the police of the place"),
    "PROTECT_PAYER": _("Protect one who is still paying"),
}

STATES: Final[dict[str, Words]] = {
    "DRAFT": _("Draft"),
    "REVIEW": _("Signed, waits for another person"),
    "SENT": _("On its way"),
    "SENT_OUTSIDE": _("On its way on paper"),
    "DELIVERED": _("Delivered, not opened"),
    "RECEIVED": _("Opened"),
    "RETURNED_INCOMPLETE": _("Returned as incomplete"),
    "FORWARDED": _("Passed on"),
    "UNDER_DECISION": _("Being decided"),
    "CONSULTATION": _("Consultation"),
    "CONDITIONS_OFFERED": _("Conditions offered"),
    "POSTPONED": _("Postponed"),
    "REFUSED": _("Request refused"),
    "ACCEPTED": _("Request accepted"),
    "EXECUTING": _("Being carried out"),
    "PARTIAL": _("Partly done"),
    "EXECUTED": _("Carried out"),
    "RESULT_SENT": _("Result on its way"),
    "RESULT_REJECTED": _("Result did not verify"),
    "RESULT_ACCEPTED": _("Result accepted"),
    "SECRECY_ALERT": _("Cannot be kept secret"),
    "WITHDRAWN": _("Request withdrawn"),
    "CLOSED": _("Request closed"),
}

#: States of a hold on data.
HOLDS: Final[dict[str, Words]] = {
    "REQUESTED": _("Hold asked for, not in effect"),
    "HELD": _("Data held"),
    "EXTENDED": _("Data held, end moved on"),
    "MLA_PENDING": _("Data held until assistance is decided"),
    "RELEASED": _("Hold released"),
    "PRODUCED": _("Held data handed over"),
    "LAPSED": _("Hold lapsed"),
}

#: What a clock waits for, by the word of its rule.
WAITS: Final[dict[str, Words]] = {
    "acknowledge": _("the desk opens it"),
    "countersign": _("a second officer countersigns"),
    "decide": _("the decision"),
    "answer": _("the answer"),
    "answer-emergency": _("the answer in an emergency"),
    "answer-traffic": _("the traffic data"),
    "act": _("the measure"),
    "act-number": _("the measure on a number"),
    "reference": _("the reference of the complaint"),
    "hold": _("the end of the hold"),
    "review": _("the review afterwards"),
    "release": _("the release at every hop"),
    "confirm": _("the confirmation in writing"),
    "serve": _("the service upon the provider"),
    "domestic-order": _("the end of the domestic order"),
    "provisional-hold": _("the end of the provisional hold"),
    "golden": _("the first 24 hours"),
    "kill-chain": _("the 72 hours in which a recall succeeds"),
    "session": _("the end of the session"),
}

#: Acts that people can do here: the act, and what it does.
ACTS: Final[dict[str, tuple[Words, Words]]] = {
    "sign": (
        _("Sign as its maker"),
        _("You answer for what it says. Another person then sends it."),
    ),
    "revise": (
        _("Correct it"),
        _("It is a draft after that, and is signed anew."),
    ),
    "approve": (
        _("Approve and send"),
        _("It goes to the other member at once, under two signatures."),
    ),
    "send_on_duty": (
        _("Send alone, on duty"),
        _("It goes at once under one signature. Another person has twelve hours to countersign."),
    ),
    "countersign": (
        _("Countersign"),
        _("It went under one signature; yours is the second."),
    ),
    "entered_wrongly": (
        _("It was entered wrongly"),
        _("It ends, and the letter can be entered anew. For another person than who entered it."),
    ),
    "open": (
        _("Open it"),
        _("The desk has it. The other side learns that."),
    ),
    "return_incomplete": (
        _("Return it as incomplete"),
        _("The clock of the decision stands still until it is completed."),
    ),
    "supplement": (
        _("Complete it"),
        _("Only what is missing or was asked for can be changed."),
    ),
    "forward": (
        _("Pass it to another holder"),
        _("The other side learns to whom."),
    ),
    "take_over": (
        _("Take it over"),
        _("As its new holder."),
    ),
    "take_up": (
        _("Take it up for a decision"),
        _("Nothing that the type needs is missing."),
    ),
    "accept": (
        _("Accept it"),
        _("It will be carried out."),
    ),
    "offer_conditions": (
        _("Accept it on conditions"),
        _("Say which. The other side agrees to them or withdraws."),
    ),
    "consult": (
        _("Consult the other side first"),
        _("Say what stands against it, and until when you wait for the answer."),
    ),
    "answer_consultation": (
        _("Answer the consultation"),
        _("They may accept, postpone or refuse after it."),
    ),
    "postpone": (
        _("Postpone it"),
        _("With the day on which it is looked at again."),
    ),
    "refuse": (
        _("Refuse the request"),
        _("By one of the grounds of this type and basis, with reasons."),
    ),
    "review": (
        _("Look at it again"),
        _("It is being decided once more."),
    ),
    "accept_conditions": (
        _("Agree to the conditions"),
        _("They bind us."),
    ),
    "decline_conditions": (
        _("Decline the conditions"),
        _("The request is withdrawn by that."),
    ),
    "execute": (
        _("Begin to carry it out"),
        _("The other side learns that."),
    ),
    "deliver_part": (
        _("Send a part"),
        _("Named by the SHA-256 of its package."),
    ),
    "complete": (
        _("It is carried out"),
        _("The result, if there is one, is sent next."),
    ),
    "send_result": (
        _("Send the result"),
        _("Named by the SHA-256 of its package."),
    ),
    "accept_result": (
        _("Accept the result"),
        _("Give the SHA-256 of what you received: it must be the one that was sent."),
    ),
    "reject_result": (
        _("Reject the result"),
        _("Say what is wrong with it. It is sent again."),
    ),
    "close": (
        _("Close the request"),
        _("Nothing more is expected of it."),
    ),
    "cannot_keep_secret": (
        _("It cannot be kept secret"),
        _("The other side decides whether it goes on."),
    ),
    "resume": (
        _("Go on all the same"),
        _("Although it cannot be kept secret."),
    ),
    "withdraw": (
        _("Withdraw the request"),
        _("It ends on both sides, for good."),
    ),
    "hold": (
        _("Hold the data"),
        _("In effect at once, for as long as the basis says at least."),
    ),
    "extend": (
        _("Extend the hold"),
        _("Before its end, and only to a later one."),
    ),
    "keep_longer": (
        _("Keep the data longer"),
        _("Also after the end: the term is a least one."),
    ),
    "renew_order": (
        _("Note that the domestic order was renewed"),
        _("The order of one’s own State, on which the data are held, runs anew from now."),
    ),
    "assistance_asked": (
        _("Link the request for assistance"),
        _("It came in time: the data are kept until it is decided."),
    ),
    "produce": (
        _("Hand the held data over"),
        _("Only where assistance was granted."),
    ),
    "release": (
        _("Release the hold"),
        _("The data are no longer kept for this request."),
    ),
    "lapse": (
        _("Let the hold lapse"),
        _("After its end, and 48 hours after the other side was warned."),
    ),
}
#: Acts that can be entered with a letter: two of ours, and those of the other side.
LETTERED: Final[dict[str, Words]] = {
    "approve_outside": _("Approve and send on paper"),
    "deliver_outside": _("Note that it was delivered"),
    **{event: said[0] for event, said in ACTS.items()},
}
#: How a session of deconfliction stands.
MATCHING: Final[dict[str, Words]] = {
    "open": _("Going on, or yet to begin"),
    "done": _("Compared"),
    "differs": _("The two sides do not say the same: nothing counts"),
    "expired": _("Ran out of time"),
    "refused": _("Refused by a rule"),
    "dropped": _("Its request has ended"),
}
MATCHING_ROLES: Final[dict[str, Words]] = {
    "asking": _("Asked by us"),
    "answering": _("Asked of us"),
}
#: What people should look at in a session.
ALARMS: Final[dict[str, Words]] = {
    "differs": _("The other side says another number of hits"),
    "forged": _("A made-up item of ours was a hit, which nobody else can have"),
    "many": _("More than half of what was asked for is a hit"),
    "seldom": _("This member tries much and finds next to nothing"),
}
#: How a letter travels.
CHANNELS: Final[dict[str, Words]] = {
    "in-person": _("In person"),
    "post": _("Post"),
    "courier": _("Courier"),
    "diplomatic": _("Diplomatic channel"),
    "fax": _("Fax"),
    "e-mail": _("E-mail"),
    "police": _("Police channel"),
    "interpol": _("INTERPOL"),
    "other": _("Another way"),
}
#: What a party is, as the law asks for it.
PARTIES: Final[dict[str, Words]] = {
    "ca": _("Central authority"),
    "lea": _("Police, prosecutors"),
    "p24": _("24/7 point of contact"),
    "asc": _("Anti-scam centre"),
    "fiu": _("Financial intelligence unit"),
    "bank": _("Bank"),
    "vasp": _("Provider of crypto-assets"),
    "telco": _("Telecom operator"),
    "platform": _("Platform"),
    "registrar": _("Registrar"),
    "regulator": _("Regulator"),
    "protection": _("Protection authority"),
    "support": _("Support organisation"),
    "consular": _("Consulate"),
    "io": _("International organisation"),
    "auditor": _("Auditor"),
}
#: Acts that read otherwise once they were done; two of them are no button.
_EVENTS: Final[dict[str, Words]] = {
    "draft": _("Draft written"),
    "deliver": _("Request delivered"),
    "deliver_outside": _("Request delivered"),
}
#: Acts that end or undo something.
DANGEROUS: Final = frozenset(
    {
        "entered_wrongly",
        "refuse",
        "withdraw",
        "decline_conditions",
        "release",
        "lapse",
        "cannot_keep_secret",
        "reject_result",
    }
)
#: Why the maker of a request cannot check it.
MAKER: Final = _(
    "You signed it as its maker: another person has to look at it and send or countersign it."
)


def type(code: str) -> Words:
    """What a type asks for."""
    return TYPES.get(code, code)


def event(code: str) -> Words:
    """What was done."""
    return _EVENTS.get(code) or LETTERED.get(code, code)
