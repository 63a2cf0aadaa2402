"""The acts upon traced money as forms: each asks only what it must say.

How much an act may be about stands beside its field; whether it holds is decided by the use case.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import MoneyView, RequestView, Said
from hueandcry.core import amounts
from hueandcry.core.errors import HueError, Malformed
from hueandcry.core.machine import MONEY, REQUEST, Side
from hueandcry.core.times import time_text
from hueandcry.core.types import SECOND
from hueandcry.doors.console import request_fields, request_forms
from hueandcry.doors.console import request_money_words as words
from hueandcry.doors.console.request_fields import Asked
from hueandcry.doors.console.request_forms import Act, ActForm

#: Act → what its form asks.
_ASKED: Final[Mapping[str, tuple[str, ...]]] = {
    "trace": ("amount", "currency"),
    "hold": ("amount", "until"),
    "moved": ("amount", "account", "institution", "went"),
    "freeze": ("amount", "order"),
    "confiscate": ("order", "order_final"),
    "release": ("wrongly", "reasons"),
    "freed": (),
    "propose_release": ("reasons", "answer_by"),
    "answer_release": ("reasons",),
    "agree_return": ("amount", "agreement"),
    "return": ("amount",),
    "too_late": ("reasons",),
}
#: Code of a refusal → the field beside which it is told.
_PLACES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("amount", "more_than_there_is", "traced_amount_only"), "amount"),
    **dict.fromkeys(("limit_of_place", "beyond_the_law", "money"), "until"),
    **{"more_than_lost": "amount", "currency": "currency"},
    **{"hop": "went", "order": "order", "order_final": "order_final"},
}
_PLACE: Final[tuple[str, ...]] = ("account", "institution")
_VICTIMS: Final = "victims"
_WRONGLY_HELD: Final = "WRONGLY-HELD"
_MOST: Final = 200  #: characters of an account, an institution or a pseudonym
_ISO: Final = 3  #: letters of a code of ISO 4217
_INSTANT: Final = "%Y-%m-%dT%H:%M:%S"


class MoneyForm(ActForm):
    """What an act upon money says; fields that it does not need are taken away."""

    amount = forms.CharField(
        label=_("Amount"), max_length=60, widget=forms.TextInput({"inputmode": "decimal"})
    )
    currency = forms.CharField(
        label=_("Currency or token"), max_length=20, help_text=_("Such as THB.")
    )
    account = forms.CharField(label=_("Account or wallet to which it went"), max_length=_MOST)
    institution = forms.CharField(label=_("Who holds that account"), max_length=_MOST)
    went = forms.DateTimeField(
        label=_("When it went there"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local", "step": "1"}, format=_INSTANT),
    )
    order = forms.CharField(label=_("Reference of the order"), max_length=2_000)
    order_final = forms.BooleanField(label=_("The order is final"))
    agreement = forms.CharField(label=_("Reference of the agreement"), max_length=2_000)
    wrongly = forms.BooleanField(
        label=_("It was wrongly held"),
        required=False,
        help_text=_("It is counted, with the time until the release."),
    )
    field_order = (
        *("amount", "currency", "until", "account", "institution", "went", "order", "order_final"),
        *("agreement", "wrongly", "reasons", "answer_by"),
    )

    def __init__(
        self, event: str, money: MoneyView, view: RequestView, data: Any = None, prefix: str = ""
    ) -> None:
        super().__init__(event, _names(event, money), view, data, prefix)
        self._currency = money.currency
        self.victims = _victims(data) if event == "agree_return" and data is not None else ()
        self.faults = _faults(self.victims, money.currency)
        if "answer_by" in self.fields:
            self.fields["answer_by"].required = True
        if "until" in self.fields:
            self.fields["until"].required = False  # where a lawyer has ticked how long
            self.fields["until"].label = _("Legal limit of the place")
            self.fields["until"].help_text = _(
                "Nobody may hold it longer. It can be left out where a lawyer has ticked how long."
            )
        if "amount" in self.fields:
            self._bound(event, money)

    def _bound(self, event: str, money: MoneyView) -> None:
        """Says beside the amount how much it can be; what is usual stands in it."""
        most = _most(event, money)
        if most:
            said = {"most": most, "currency": money.currency}
            self.fields["amount"].help_text = gettext("At most %(most)s %(currency)s.") % said
        if event in ("hold", "freeze", "return"):
            self.initial["amount"] = most

    def clean_currency(self) -> str:
        """Codes of ISO 4217 are in capitals; tokens are as their chain writes them."""
        code = str(self.cleaned_data["currency"])
        return code.upper() if len(code) == _ISO else code

    def clean(self) -> dict[str, Any]:
        """An amount is whole in the smallest unit of its currency; victims are named in full."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        currency = self._currency or found.get("currency", "")
        if "amount" in found:
            found["amount"] = _plain(found["amount"])
            if fault := _fault(found["amount"], currency):
                self.add_error("amount", fault)
        if self.faults:
            raise ValidationError(_("The victims are not right yet."))
        return found

    def said(self, given: Mapping[str, Any]) -> Said:
        """As the use case takes it; `given` is of no use to it."""
        found = {name: value for name, value in self.cleaned_data.items() if value}
        wrongly, went = found.pop("wrongly", False), found.pop("went", None)
        for name in ("answer_by", "until"):
            if name in found:
                found[name] = int(found[name].timestamp()) * SECOND
        hop: dict[str, str] = {name: found.pop(name) for name in _PLACE if name in found}
        if went is not None:
            hop["at"] = time_text(int(went.timestamp()) * SECOND)
        code = _WRONGLY_HELD if wrongly else ""
        return Said(**found, hop=hop, code=code, victims=tuple(self.victims))


@dataclass(frozen=True, slots=True)
class MoneyAct(Act):
    """An act upon money that is open to our side now."""

    shares: Mapping[str, str] = field(default_factory=dict)  #: victim → share, to be looked at

    @property
    def shown(self) -> str:
        """The shares as the page shows them: whoever agrees sends back what they saw."""
        return "\n".join(f"{name}={share}" for name, share in self.shares.items())


def concerns(view: RequestView, event: str) -> bool:
    """Whether an act of that name upon the request is one upon its money."""
    return view.money is not None and event in words.ACTS


def acts(view: RequestView, roles: Collection[str]) -> list[Act]:
    """What our side may do with the money now and this person by their roles."""
    return [act(view, event) for event in _possible(view) if _may(view, event, roles)]


def others(view: RequestView, roles: Collection[str]) -> list[tuple[str | Promise, list[str]]]:
    """What our side may do with it and this person may not: the act, and the roles that may."""
    return [
        (words.ACTS[event][0], sorted(_roles(view, event)))
        for event in _possible(view)
        if not _may(view, event, roles)
    ]


def act(
    view: RequestView,
    event: str,
    data: QueryDict | None = None,
    more: str = "",
    prefix: str = "",
) -> MoneyAct:
    """One act with its form, as filled in where something was posted."""
    assert view.money is not None
    form = MoneyForm(event, view.money, view, data, prefix)
    label, explained = words.ACTS[event]
    return MoneyAct(
        event,
        label,
        explained,
        form,
        [_asked(view, form, more)] if event == "agree_return" else [],
        "",
        plain=not form.fields,
        danger=event in words.DANGEROUS,
        kept=data is not None,
    )


def to_look_at(view: RequestView, filled: Act, said: Said, shown: str) -> MoneyAct | None:
    """The act with the shares of an agreement, where they are not those that were `shown`."""
    if filled.event != "agree_return" or not isinstance(filled, MoneyAct):
        return None
    found = replace(filled, shares=cooperation.proposed_shares(view.listed.id, said))
    return None if found.shown == shown else found


def beside(filled: Act, error: HueError) -> bool:
    """Whether an error was put beside the field of the form that it is about."""
    name = _PLACES.get(error.code, "")
    if not isinstance(filled, MoneyAct) or name not in filled.form.fields:
        return False
    filled.form.add_error(
        name, ". ".join(part for part in (error.what, error.why, error.do) if part)
    )
    return True


# --- which acts -----------------------------------------------------------------------------------


def _possible(view: RequestView) -> list[str]:
    if view.money is None:
        return []
    lettered = request_forms.answers(view)
    open_now = dict.fromkeys(MONEY.open_to(view.money.state, Side(view.listed.side)))
    return [e for e in open_now if e in _ASKED and fits(view, e) and e not in lettered]


def fits(view: RequestView, event: str) -> bool:
    """Whether an act that the machine has open says anything now."""
    done = [each.event for each in view.acts if each.machine == MONEY.name]
    if event in ("trace", "hold"):
        return view.listed.state not in REQUEST.final
    if event == "freed":
        return "freed" not in done
    if event == "answer_release":
        talked = [each for each in done if each in ("propose_release", "answer_release")]
        return talked[-1:] == ["propose_release"]
    return True


def _roles(view: RequestView, event: str) -> frozenset[str]:
    doing = cooperation.doing(Side(view.listed.side), event, view.listed.state)
    return cooperation.MAY[doing]


def _may(view: RequestView, event: str, roles: Collection[str]) -> bool:
    return not _roles(view, event).isdisjoint(roles)


# --- what a form asks -----------------------------------------------------------------------------


def _names(event: str, money: MoneyView) -> list[str]:
    unasked = {"currency"} if money.currency else set()
    if not money.held:
        unasked.add("wrongly")
    return [name for name in _ASKED[event] if name not in unasked]


def _most(event: str, money: MoneyView) -> str:
    """How much an act can be about at most; empty where nothing bounds it."""
    if event == "trace":
        return money.asked
    if event == "return":
        return money.agreed
    if event == "agree_return":
        return money.held or money.traced
    held = money.held if event == "moved" and money.state == "PROVISIONALLY_HELD" else ""
    taken = [-Decimal(each) for each in (money.moved, held) if each]
    return amounts.text(amounts.total(Decimal(money.traced or 0), *taken))


def _plain(text: str) -> str:
    """An amount as people write it, without what parts its thousands."""
    return text.replace(",", "").replace(" ", "")


def _fault(amount: str, currency: str) -> str:
    """What is wrong with an amount; empty where nothing is."""
    try:
        amounts.read(amount, currency)
    except Malformed:
        return gettext("Write it as 1250.00, and no finer than the smallest unit of the currency.")
    return ""


# --- victims --------------------------------------------------------------------------------------


def _victims(data: QueryDict) -> Sequence[Mapping[str, str]]:
    rows = request_fields.read((_VICTIMS,), data).get(_VICTIMS, [])
    return [
        {name: _plain(text) if name == "loss" else text for name, text in row.items()}
        for row in rows
    ]


def _faults(victims: Sequence[Mapping[str, str]], currency: str) -> list[str]:
    found = []
    names = [each.get("pseudonym", "") for each in victims]
    if any(not 0 < len(name) <= _MOST for name in names):
        found.append(gettext("Each loss needs the pseudonym of its victim."))
    if len(set(names)) != len(names):
        found.append(gettext("A victim is named twice."))
    return found + [
        gettext("%(name)s: the loss is no amount in %(currency)s.")
        % {"name": each.get("pseudonym", "?"), "currency": currency}
        for each in victims
        if _fault(each.get("loss", ""), currency)
    ]


def _asked(view: RequestView, form: MoneyForm, more: str) -> Asked:
    """The victims as rows of a form; the currency is that of the request."""
    listed = view.listed
    given = {_VICTIMS: [dict(each) for each in form.victims]}
    [asked] = request_fields.asked(listed.type, view.instrument, (_VICTIMS,), given, (), more)
    rows = [[each for each in row if not each.name.endswith("-currency")] for row in asked.rows]
    return replace(asked, mandatory=False, rows=rows, problems=form.faults)
