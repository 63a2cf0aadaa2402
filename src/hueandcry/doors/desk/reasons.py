"""Why a thing looks as it does, in words: the codes of detection in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hueandcry.apps.detection.face import Reason
from hueandcry.core.errors import Unreadable
from hueandcry.core.normal import guess
from hueandcry.doors.desk.defanging import defanged

Words = str | Promise

_WRITTEN_ALIKE: Final = _("%(written)s is made to look like %(brand)s. Genuine: %(genuine)s.")
_HOST_ALIKE: Final = _("%(host)s uses the name of %(brand)s. Genuine: %(genuine)s.")
_ANYBODYS: Final = _("Anybody can put a page on %(host)s. The name does not say who made this one.")

#: Code → sentence to the person who asks. `%(…)s` are the parameters of the code.
REASONS: Final[dict[str, Words]] = {
    "nothing_to_read": _("There are no words in it."),
    "too_short": _("It is too short to say anything about it."),
    "language_unknown": _("It is in a language that we do not know."),
    "undecided": _("Some of it looks like a scam, and some like an ordinary message."),
    "text_cut": _("It is longer than %(limit)s characters. The rest was not looked at."),
    "not_a_message": _("This is not a message."),
    "words_of_scams": _("These words are usual in scams."),
    "words_of_adverts": _("It reads like an advert."),
    "words_of_ordinary": _("It reads like an ordinary message."),
    "known_scam": _("%(value)s is known to be part of a scam."),
    "known_suspicious": _("%(value)s has been reported as suspicious."),
    "known_benign": _("%(value)s is known to be genuine."),
    "asks_for_code": _("It asks for a one-time code, a password or a PIN."),
    "asks_for_identity": _("It asks for your identity card, card numbers or bank details."),
    "asks_to_transfer": _("It asks you to send money."),
    "pay_first": _("You are to pay a fee, a tax or a deposit before you get anything."),
    "pays_unusually": _("You are to pay in cryptocurrency, vouchers or gift cards."),
    "hurry": _("It wants you to hurry."),
    "secrecy": _("It asks you to tell nobody."),
    "threat": _("It threatens you with arrest, a lawsuit, a block or a loss."),
    "intimate_threat": _("It threatens to show intimate pictures."),
    "moves_elsewhere": _("It wants you to go on in another messenger."),
    "asks_to_open_link": _("It wants you to open a link."),
    "asks_to_install": _("It wants you to install an app."),
    "remote_access": _("It wants to see or control your device."),
    "too_good": _("It promises a certain or very high return."),
    "prize": _("It says that you have won something."),
    "easy_work": _("It offers much money for little work."),
    "easy_credit": _("It offers credit without any check."),
    "gambling": _("It advertises betting or a casino."),
    "claims_authority": _("It says that it is from the police, a court or another public body."),
    "claims_bank": _("It says that it is from a bank, or that your account is at risk."),
    "claims_relative": _("It says that a relative or friend has a new number or is in need."),
    "parcel_problem": _("It says that a parcel cannot come unless you do something."),
    "recovers_money": _("It promises to get back money that was lost."),
    "stranger": _("A stranger begins a friendly talk with a message sent “by mistake”."),
    "locked_money": _("You are to pay more before you can take money out."),
    "sells_accounts": _("It wants to rent, buy or borrow a bank account or a SIM card."),
    "warns_itself": _("It warns you to give the code to nobody, as genuine messages do."),
    "hidden_writing": _("It is written so that filters cannot read it."),
    "short_link": _("A shortened link hides where it leads."),
    "names_account": _("It names an account to which you are to send money."),
    "names_wallet": _("It names a crypto wallet to which you are to send money."),
    **dict.fromkeys(("like_script", "like_signs", "like_slip"), _WRITTEN_ALIKE),
    **dict.fromkeys(("like_bait", "like_suffix", "like_word"), _HOST_ALIKE),
    "like_front": _("It begins like %(brand)s, but it leads to %(host)s. Genuine: %(genuine)s."),
    "host_of_scams": _("The name %(host)s is made as names in scams are."),
    "path_of_scams": _("The link is made as links in scams are."),
    "name_before_at": _("Whatever stands before @, the link leads to %(host)s."),
    "odd_port": _("The link leads to an unusual port of the website: %(port)s."),
    "bare_address": _("The link leads to a bare number in place of a name: %(host)s."),
    "genuine_host": _("%(host)s belongs to %(brand)s."),
    "popular_host": _("%(host)s is one of the most visited websites."),
    "host_of_ordinary": _("The name %(host)s is made as names of honest websites are."),
    **dict.fromkeys(("anybodys_page", "anybodys_name", "content_by_hash"), _ANYBODYS),
    **dict.fromkeys(
        ("no_public_host", "not_a_link"), _("This is not the name of a public website.")
    ),
    "signs_of_trafficking": _(
        "%(met)s of %(of)s signs of human trafficking are in it. Who answers may be in danger. "
        "This says nothing about anybody’s guilt."
    ),
    "advert_like_scams": _("It reads like adverts that lead into scams or captivity."),
    "advert_like_honest": _("It reads like adverts of honest employers."),
    "picture_refused": _("We could not open this picture."),
    "words_from_picture": _("We read the words from a picture. Some letters may be wrong."),
    "words_not_read": _("We could not read words in the picture. Type or paste them instead."),
    "only_first_frame": _("The picture moves. We looked at its beginning only."),
    "code_in_picture": _("There is a QR code in the picture. We read what it says."),
    "payment_code": _("There is a code in the picture that makes you pay (%(scheme)s)."),
    "known_picture": _("The same picture is known from scams."),
    "mail_refused": _("We could not open this e-mail."),
    "mail_cut": _("The e-mail has more parts than we look at."),
    "sender_refuted": _("%(by)s found that it does not come from %(sender)s."),
    "sender_confirmed": _("%(by)s found that it does come from %(sender)s."),
    "sender_unchecked": _("Nobody has checked whether the sender is genuine."),
    "reply_elsewhere": _("Your answer would go to %(reply)s, and not to %(sender)s."),
    "bounces_elsewhere": _("What cannot be delivered goes to %(back)s, and not to %(sender)s."),
    "name_shows_address": _("The sender is shown as %(shown)s, but it is %(sender)s."),
    "link_shows_other": _("A link shows %(shown)s, but it leads to %(host)s."),
    "form_inside": _("There is a form in it that sends what you type to %(host)s."),
    "file_runs": _("The attached file %(name)s can run a program on your device."),
    "file_is_page": _("The attached file %(name)s is a web page."),
    "file_locked": _("The attached file %(name)s is locked, so that nobody can look into it."),
    "file_swells": _("The attached file %(name)s becomes far larger when it is opened."),
    "file_poses": _("The attached file %(name)s is not what its name says."),
}

#: Indicator of trafficking in a job advert → what it shows.
INDICATORS: Final[dict[str, Words]] = {
    "pay_above_skill": _("The pay is far too high for the work"),
    "vague_role": _("It does not say clearly what the work is"),
    "no_qualifications": _("No skills, papers or experience are needed"),
    "free_travel": _("Flights, visas and lodging are paid for you"),
    "tourist_entry": _("You are to enter the country as a tourist"),
    "odd_workplace": _("The place of work is remote, in a zone or near a border"),
    "chat_hiring": _("You are hired by chat, without a proper interview"),
    "evades_borders": _("You are to cross a border in secret or to lie there"),
    "nameless_employer": _("No employer is named"),
    "passport_at_once": _("They want your passport at once"),
    "hurry": _("You are to leave in a hurry"),
    "debt_clause": _("You would owe money, or pay if you leave"),
    "confined": _("You are to live where you work, or may not go out"),
    "age_sex_limits": _("Only people of a certain age or sex are wanted"),
    "bonus_for_recruits": _("There is money for bringing others"),
    "reused": _("The same advert has been used elsewhere"),
}


def sentence(reason: Reason) -> str:
    """One reason in the reader's language; an unknown code is shown as it is, never hidden."""
    words = REASONS.get(reason.code)
    if words is None:
        return reason.code
    return str(words) % _shown(reason.params)


def indicator(code: str) -> str:
    """What one indicator shows, in the reader's language; an unknown code as it is."""
    return str(INDICATORS.get(code, code))


def _shown(params: Mapping[str, str | int | float]) -> dict[str, str]:
    """The parameters so that nothing in them can be opened by mistake."""
    return {name: _disarmed(str(value)) for name, value in params.items()}


def _disarmed(text: str) -> str:
    try:
        return defanged(guess(text).kind, text)
    except Unreadable:
        return defanged(None, text)
