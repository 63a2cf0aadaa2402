"""What can be known to be unlawful before it is sent or given: refused, or warned about.

A rule refuses only what cannot be right whatever else is true; the rest is a warning for the people
who decide. Each names the article. `forms.py` checks the form itself, `routes.py` the way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hueandcry.core.errors import Malformed, NotPermitted
from hueandcry.core.law.tables import Law, RequestType
from hueandcry.core.times import read_rfc3339
from hueandcry.core.types import Micros

#: The least maximum penalty of a serious crime, in years (Hanoi 2(h)).
SERIOUS_YEARS: Final = 4


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that people should look at before they go on."""

    code: str
    says: str
    article: str


@dataclass(frozen=True, slots=True)
class Barred(Warned):
    """Something that must not be done."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A request as it would be sent: its type, its basis, its fields, and the instant."""

    type: RequestType
    instrument: str
    given: Mapping[str, Any]
    now: Micros

    def says(self, name: str) -> Any:
        return self.given.get(name)

    def record(self, name: str) -> Mapping[str, Any]:
        """A field with members; empty where it is absent or of another form."""
        value = self.given.get(name)
        return value if isinstance(value, dict) else {}


def judge(draft: Draft) -> tuple[Warned, ...]:
    """Everything that the rules say of a draft: Barred must not be sent, Warned should be seen."""
    return tuple(found for rule in RULES for found in rule(draft))


def require_lawful(draft: Draft) -> tuple[Warned, ...]:
    """The warnings on a draft; NotPermitted with every bar, each with its article."""
    found = judge(draft)
    bars = [each for each in found if isinstance(each, Barred)]
    if bars:
        raise NotPermitted(
            bars[0].code,
            "; ".join(each.says for each in bars),
            why=", ".join(dict.fromkeys(each.article for each in bars)),
        )
    return found


def require_output(law: Law, type: str, categories: Collection[str]) -> None:
    """NotPermitted where data would come back through a type that may not carry them.

    Preservation never returns content; the partial disclosure of traffic data is the way alone.
    """
    given = law.types[type]
    over = sorted(set(categories) - given.returns)
    if not over:
        return
    raise NotPermitted(
        "not_disclosed_here",
        f"{type} never returns {', '.join(over)} data",
        why="Preservation is not disclosure (Hanoi 42, Budapest 29)"
        if given.group == "preservation"
        else f"Its output is: {given.output}",
        do="Ask for mutual legal assistance: MLA_STORED",
    )


def _emergency(draft: Draft) -> Iterator[Warned]:
    level, risk = draft.says("urgency"), draft.says("emergency_risk")
    if risk == "money":
        yield Barred(
            "money_is_no_emergency",
            "Loss of money alone is no emergency; STOP_PAYMENT has its own fast lane",
            "Hanoi 2(o)",
        )
    elif level == "emergency" and draft.type.code != "EMERGENCY":
        yield Barred(
            "emergency_elsewhere",
            "An emergency is a risk to life or safety, and has a type of its own",
            "Hanoi 2(o), 41",
        )


def _preservation(draft: Draft) -> Iterator[Warned]:
    if draft.type.code == "PRESERVE" and draft.says("mla_intended") is False:
        yield Barred(
            "no_assistance_intended",
            "Data are preserved only for a request for assistance that will follow",
            "Hanoi 42(3)(f), Budapest 29(2)(f)",
        )


def _rights(draft: Draft) -> Iterator[Warned]:
    screen = draft.record("rights_screen")
    found = [each for each in ("political", "discrimination") if screen.get(each) is True]
    if found:
        yield Barred(
            "rights_screen",
            "The requesting side's own review found a political or discriminatory aim",
            "Hanoi 6, 40(22)",
        )


def _authority(draft: Draft) -> Iterator[Warned]:
    authorisation = draft.record("authorisation")
    until = _instant(authorisation.get("until"))
    if until is not None and until < draft.now:
        yield Barred("authority_expired", "The authorisation has expired", "Hanoi 24")
    if draft.type.code == "MLA_INTERCEPT" and authorisation.get("type") != "judicial":
        yield Barred(
            "no_judicial_authorisation",
            "Interception needs a judicial authorisation",
            "Hanoi 24, 46",
        )


def _disruption(draft: Draft) -> Iterator[Warned]:
    if draft.says("legal_force") == "order" and not draft.record("authorisation"):
        yield Barred(
            "order_without_authority",
            "An order names who authorised it; without one, this is a notice",
            "Hanoi 24, policy: disruption",
        )


def _seriousness(draft: Draft) -> Iterator[Warned]:
    if draft.instrument != "hanoi" or draft.says("offence_article"):
        return
    years = draft.says("max_penalty_years")
    if draft.type.group not in ("mla", "preservation", "assets"):
        return
    if not isinstance(years, int):
        yield Warned(
            "seriousness_unknown",
            "Neither a Convention offence nor the greatest penalty is named",
            "Hanoi 2(h), 35(1)",
        )
    elif years < SERIOUS_YEARS:
        yield Barred(
            "not_serious",
            f"It is no Convention offence, and no serious crime: {years} years at most",
            "Hanoi 2(h), 35(1)",
        )


def _assurances(draft: Draft) -> Iterator[Warned]:
    if not draft.type.article_40 or "assurances" not in (*draft.type.takes, *draft.type.needs):
        return
    given = draft.record("assurances")
    if draft.says("death_penalty_possible") and not given.get("death_penalty"):
        yield Warned(
            "death_penalty",
            "The offence may be punished by death, and no assurance is given",
            "Hanoi 6, 40(21)(b)",
        )
    lacking = [each for each in ("torture", "double_jeopardy", "use") if not given.get(each)]
    if lacking:
        yield Warned(
            "assurances",
            f"No assurance is given on: {', '.join(lacking).replace('_', ' ')}",
            "Hanoi 6, 40(19); ASEAN MLAT 3",
        )


def _money(draft: Draft) -> Iterator[Warned]:
    if draft.type.code != "STOP_PAYMENT":
        return
    if draft.says("whole_account") is True:
        yield Warned(
            "whole_account",
            "The traced amount is held, never the account by default",
            "policy: traced-amount; Hanoi 24",
        )
    if draft.says("no_user_notice") is False:
        yield Barred("tipping_off", "Nothing may warn the account holder", "policy: tipping-off")
    if not draft.says("complaint_ref"):
        yield Warned(
            "no_complaint",
            "A provisional hold lapses without the reference of a complaint",
            "policy: hold-limit, complaint",
        )


def _intelligence(draft: Draft) -> Iterator[Warned]:
    words = str(draft.says("purpose")).lower()
    if draft.type.code in ("POLICE_INFO", "SPONTANEOUS") and "evidence" in words:
        yield Warned(
            "intelligence_is_not_evidence",
            "Police information is no evidence: MLA_STORED or a consent to its use makes it so",
            "Hanoi 47, 40(19)",
        )


def _referral(draft: Draft) -> Iterator[Warned]:
    if draft.type.code != "TIP_REFERRAL":
        return
    if draft.says("tlp") != "RED":
        yield Barred("referral_not_red", "A referral is for named persons only", "policy: referral")
    at_risk = draft.says("life_at_risk") is True
    if not at_risk and not (draft.says("person_consent") and draft.says("chosen_by_person")):
        yield Barred(
            "referral_consent",
            "A person is referred with their informed consent, to the recipient that they chose; "
            "the one exception is a risk to life",
            "Palermo 6, policy: referral",
        )


def _complaint(draft: Draft) -> Iterator[Warned]:
    if draft.type.code == "COMPLAINT" and draft.says("victim_consent") is False:
        yield Barred(
            "complaint_consent", "The victim has not agreed to a complaint", "policy: complaint"
        )


def _times(draft: Draft) -> Iterator[Warned]:
    for name in ("needed_by", "expires"):
        at = _instant(draft.says(name))
        if at is not None and at <= draft.now:
            yield Barred("clock_in_the_past", f"{name} lies in the past", "policy: header")
    if draft.says("needed_by") and not draft.says("urgency_reason"):
        yield Warned(
            "deadline_without_reason",
            "A deadline counts when it is suggested with its reason",
            "Hanoi 40(26)",
        )


def _instant(text: object) -> Micros | None:
    """A time of a field, if it is one; the form is checked elsewhere."""
    if not isinstance(text, str):
        return None
    try:
        return read_rfc3339(text)
    except Malformed:
        return None


RULES: Final[tuple[Callable[[Draft], Iterator[Warned]], ...]] = (
    _emergency,
    _preservation,
    _rights,
    _authority,
    _disruption,
    _seriousness,
    _assurances,
    _money,
    _intelligence,
    _referral,
    _complaint,
    _times,
)
