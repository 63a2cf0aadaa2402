"""Why a thing looks as it does: every code with its parameters and English words.

Codes are stable: scripts and translations hang on them. A code is never renamed and never reused.
Doors say each in the reader's language; what stands here is for operators and for translators.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hueandcry.apps.detection.assessment import Reason, Span


class Bearing(StrEnum):
    """Which way a reason points."""

    AGAINST = "against"  #: a sign of a scam
    FOR = "for"  #: a sign of an ordinary message
    NEITHER = "neither"  #: says how it was read, or why nothing can be said


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one code says; `words` names its parameters in braces."""

    words: str
    bearing: Bearing = Bearing.AGAINST


def _neither(words: str) -> Meaning:
    return Meaning(words, Bearing.NEITHER)


#: Why nothing, or not more, can be said.
READING: Final[dict[str, Meaning]] = {
    "nothing_to_read": _neither("There are no words in it."),
    "too_short": _neither("It is too short to say anything about it."),
    "language_unknown": _neither("It is in a language that is not known here."),
    "undecided": _neither("Some of it looks like a scam, and some like an ordinary message."),
    "text_cut": _neither("It is longer than {limit} characters; the rest was not looked at."),
    "not_a_message": _neither("This line is not a message: {problem}."),
}

#: What the trained model finds; the spans are the words that weigh most.
WORDS: Final[dict[str, Meaning]] = {
    "words_of_scams": Meaning("These words are usual in scams."),
    "words_of_adverts": Meaning("It reads like an advert.", Bearing.NEITHER),
    "words_of_ordinary": Meaning("It reads like an ordinary message.", Bearing.FOR),
}

#: What this node already claims about something in the text.
KNOWN: Final[dict[str, Meaning]] = {
    "known_scam": Meaning("{value} is known to be part of a scam."),
    "known_suspicious": Meaning("{value} has been reported as suspicious."),
    "known_benign": Meaning("{value} is known to be genuine.", Bearing.FOR),
}

#: What the text asks for, promises or threatens, by its phrases.
PHRASES: Final[dict[str, Meaning]] = {
    "asks_for_code": Meaning("It asks for a one-time code, a password or a PIN."),
    "asks_for_identity": Meaning("It asks for an identity card, card numbers or bank details."),
    "asks_to_transfer": Meaning("It asks to send money."),
    "pay_first": Meaning("It asks for a fee, a tax or a deposit before anything is given."),
    "pays_unusually": Meaning("It asks to be paid in coins, vouchers or gift cards."),
    "hurry": Meaning("It puts you under pressure of time."),
    "secrecy": Meaning("It asks you to tell nobody."),
    "threat": Meaning("It threatens with arrest, a lawsuit, a block or a loss."),
    "intimate_threat": Meaning("It threatens to show intimate pictures."),
    "moves_elsewhere": Meaning("It wants you to go on in another messenger."),
    "asks_to_open_link": Meaning("It wants you to open a link."),
    "asks_to_install": Meaning("It wants you to install an app."),
    "remote_access": Meaning("It wants to see or steer your device."),
    "too_good": Meaning("It promises a certain or very high return."),
    "prize": Meaning("It says that you have won something."),
    "easy_work": Meaning("It offers much money for little work."),
    "easy_credit": Meaning("It offers credit without any check."),
    "gambling": Meaning("It advertises betting or a casino."),
    "claims_authority": Meaning("It speaks for the police, a court or another public body."),
    "claims_bank": Meaning("It speaks for a bank, or says that your account is at risk."),
    "claims_relative": Meaning("It says that a relative or friend has a new number or is in need."),
    "parcel_problem": Meaning("It says that a parcel cannot be delivered unless you act."),
    "recovers_money": Meaning("It promises to get back money that was lost."),
    "stranger": Meaning("A stranger begins a friendly talk by a mistaken message."),
    "locked_money": Meaning("Money can be drawn only after more is paid."),
    "sells_accounts": Meaning("It wants to rent, buy or borrow a bank account or a SIM card."),
    "warns_itself": Meaning("It warns you to give the code to nobody.", Bearing.FOR),
}

#: How the text is written, and where it leads.
FORM: Final[dict[str, Meaning]] = {
    "hidden_writing": Meaning("It is written so that filters cannot read it."),
    "short_link": Meaning("A shortened link hides where it leads."),
    "names_account": Meaning("It names an account for you to send money to."),
    "names_wallet": Meaning("It names a wallet for you to send coins to."),
}

#: What a link or a host is made of, and whose it may be taken for.
LINKS: Final[dict[str, Meaning]] = {
    "not_a_link": _neither("This is not a link: {problem}."),
    "like_script": Meaning(
        "{written} uses signs of another script, or with marks, to look like {brand}."
        " The real site is {genuine}."
    ),
    "like_signs": Meaning(
        "{written} swaps signs that look alike to pass for {brand}. The real site is {genuine}."
    ),
    "like_front": Meaning(
        "It begins with {written}, but only the end of a name counts: it leads to {host}."
        " The real site of {brand} is {genuine}."
    ),
    "like_bait": Meaning(
        "{host} puts the name of {brand} beside a word that scams use. The real site is {genuine}."
    ),
    "like_slip": Meaning(
        "{written} is one slip away from the name of {brand}. The real site is {genuine}."
    ),
    "like_suffix": Meaning(
        "{host} has the name of {brand} under an ending that is not theirs."
        " The real site is {genuine}."
    ),
    "like_word": Meaning(
        "{host} holds the name of {brand}, whose real site is {genuine}.", Bearing.NEITHER
    ),
    "host_of_scams": Meaning("The name {host} is made as names in scams are."),
    "path_of_scams": Meaning("What follows {host} is made as links in scams are."),
    "name_before_at": Meaning("What stands before @ is not where it leads: it leads to {host}."),
    "odd_port": Meaning("It leads to an unusual door of the host: port {port}."),
    "bare_address": Meaning("It leads to a bare number, {host}, in place of a name."),
    "genuine_host": Meaning("{host} belongs to {brand}.", Bearing.FOR),
    "popular_host": Meaning("{host} is one of the most visited sites.", Bearing.FOR),
    "host_of_ordinary": Meaning(
        "The name {host} is made as names of honest sites are.", Bearing.FOR
    ),
    "anybodys_page": _neither(
        "Anybody can put a page on {host}: the name does not say who made this one."
    ),
    "anybodys_name": _neither("{platform} gives names such as {host} to anybody."),
    "content_by_hash": _neither(
        "{host} shows a file by its number: nobody stands behind the name."
    ),
    "no_public_host": _neither("{host} is not the name of a public site."),
}

#: What a job advert shows as a whole; its sixteen indicators are listed beside the reasons.
ADVERTS: Final[dict[str, Meaning]] = {
    "signs_of_trafficking": Meaning(
        "{met} of {of} signs of trafficking are in this advert. Who answers it may be in danger:"
        " ask for protection. This says nothing of anybody's guilt."
    ),
    "advert_like_scams": Meaning("It reads like adverts that lead into scams or captivity."),
    "advert_like_honest": Meaning("It reads like adverts of honest employers.", Bearing.FOR),
}

#: How a picture was read, and what was in it.
PICTURES: Final[dict[str, Meaning]] = {
    "picture_refused": _neither("The picture was not looked at: {problem}."),
    "words_from_picture": _neither("Its words were read from a picture; letters may be wrong."),
    "words_not_read": _neither("Words in pictures could not be read here."),
    "only_first_frame": _neither("It moves; only its first picture was looked at."),
    "code_in_picture": _neither("There is a QR code in it, which says this."),
    "payment_code": _neither("There is a code in it that asks for a payment ({scheme})."),
    "known_picture": Meaning("The same picture is known from scams."),
}

#: How an e-mail came, and what is in it.
MAILS: Final[dict[str, Meaning]] = {
    "mail_refused": _neither("The e-mail was not looked at: {problem}."),
    "mail_cut": _neither("It has more parts than are looked at."),
    "sender_refuted": Meaning("{by} found that it does not come from {sender} ({check} {result})."),
    "sender_confirmed": Meaning("{by} found that it does come from {sender}.", Bearing.FOR),
    "sender_unchecked": _neither("It does not say whether anybody checked its sender."),
    "reply_elsewhere": Meaning("An answer would go to {reply}, and not to {sender}."),
    "bounces_elsewhere": _neither("What cannot be delivered goes to {back}, not to {sender}."),
    "name_shows_address": Meaning("The sender is called {shown}, but it is {sender}."),
    "link_shows_other": Meaning("A link shows {shown} but leads to {host}."),
    "form_inside": Meaning("There is a form in it that sends what you type to {host}."),
    "file_runs": Meaning("The attached file {name} can run a program."),
    "file_is_page": Meaning("The attached file {name} is a web page."),
    "file_locked": Meaning("The attached file {name} is locked, so that no filter can look in."),
    "file_swells": Meaning("The attached file {name} unpacks to far more than it seems."),
    "file_poses": Meaning("The attached file {name} is not what its name says."),
}

#: Every code of every assessor.
MEANINGS: Final[dict[str, Meaning]] = {
    **READING,
    **WORDS,
    **KNOWN,
    **PHRASES,
    **FORM,
    **LINKS,
    **ADVERTS,
    **PICTURES,
    **MAILS,
}


def reason(code: str, spans: Iterable[Span] = (), **params: str | int | float) -> Reason:
    """A reason whose code is in the table; KeyError for any other."""
    MEANINGS[code].words.format(**params)
    return Reason(code, params, tuple(spans))
