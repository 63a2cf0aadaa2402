"""What a report asks for: one form that can be sent in one go, nothing obligatory but a word."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hueandcry.apps.reports import face as reports
from hueandcry.apps.reports.face import Consent, Flag, Role
from hueandcry.core.types import DAY, Micros
from hueandcry.doors.desk import hotlines
from hueandcry.doors.desk.languages import reading
from hueandcry.doors.desk.taxonomy import MEETINGS, RAILS
from hueandcry.doors.web.results import lines

Words = str | Promise

#: What is agreed to → the words of it.
CONSENTS: Final[dict[Consent, Words]] = {
    Consent.SIGNALS: _(
        "Warn others: share the links, numbers and accounts, but not my words and not who I am."
    ),
    Consent.CONTACT: _("You may contact me about this report."),
    Consent.POLICE: _("Pass my report to the police as a complaint."),
    Consent.SUPPORT: _("Pass my report to an organisation that helps victims."),
}

#: How a number was met.
ROLES: Final[dict[str, Words]] = {
    Role.CALLED: _("It called me, or I called it"),
    Role.MESSAGED: _("It sent me messages"),
    Role.PAID: _("I was to send money to it"),
    Role.DISPLAYED: _("It was only shown to me"),
}

#: How long ago money went → days ago, about the middle of what the words say.
_AGO: Final[dict[str, tuple[Words, float]]] = {
    "today": (_("Today"), 0.25),
    "yesterday": (_("Yesterday"), 1.0),
    "days": (_("2 or 3 days ago"), 2.5),
    "longer": (_("Longer ago"), 14.0),
}

#: Currencies that are offered first; any other may be written.
CURRENCIES: Final = (
    *("THB", "VND", "IDR", "MYR", "PHP", "SGD", "KHR", "LAK", "MMK", "HKD", "CNY", "USD"),
    *("EUR", "USDT", "BTC", "ETH"),
)
#: The currency of each country of the hotlines.
_OF_COUNTRY: Final = {
    **{"TH": "THB", "VN": "VND", "ID": "IDR", "MY": "MYR", "PH": "PHP", "SG": "SGD"},
    **{"KH": "KHR", "LA": "LAK", "MM": "MMK", "HK": "HKD", "CN": "CNY"},
}
_SHORT: Final = 500


def wording() -> str:
    """The version of the words that somebody agrees to: their digest, and the language read."""
    said = "\n".join(_untranslated(words) for words in CONSENTS.values())
    return f"web-{sha256(said.encode()).hexdigest()[:12]}-{reading()}"


def _untranslated(words: Words) -> str:
    return str(getattr(words, "_args", (words,))[0])


def currency_of(country: str) -> str:
    """The currency that is proposed in a country; empty where there is none to propose."""
    return _OF_COUNTRY.get(country, "")


class Files(forms.FileInput):
    """A field for several files."""

    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__({"multiple": True})


class ReportForm(forms.Form):
    """A report as somebody fills it in. Sizes are bounded here, so that nothing is lost later."""

    text = forms.CharField(
        label=_("What happened?"),
        help_text=_(
            "Tell it as you would tell a friend, and paste the messages. Leave out passwords, PINs "
            "and card numbers."
        ),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    values = forms.CharField(
        label=_("Links, phone numbers, accounts and names of the scammer"),
        help_text=_("One on each line."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocapitalize": "none"}),
    )
    attached = forms.FileField(
        label=_("Screenshots, photos, e-mails or other files"),
        help_text=_("Up to 10 files: pictures, PDF, e-mail, sound or video, each up to 32 MB."),
        required=False,
        widget=Files,
    )
    role = forms.ChoiceField(
        label=_("If it is a phone number: how did you meet it?"),
        required=False,
        choices=[("", ""), *ROLES.items()],
    )
    method = forms.ChoiceField(
        label=_("Where did you meet the scam?"),
        required=False,
        choices=[("", ""), *MEETINGS.items()],
    )
    market = forms.ChoiceField(
        label=_("In which country?"),
        required=False,
        choices=lambda: [("", ""), *((c.code, c.name) for c in hotlines.named())],
    )
    happened_on = forms.DateField(
        label=_("When did it happen?"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    amount = forms.CharField(
        label=_("How much money was lost?"),
        help_text=_("Only digits, for example 25000."),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    currency = forms.CharField(
        label=_("Currency"),
        required=False,
        max_length=12,
        widget=forms.TextInput(attrs={"list": "currencies", "autocapitalize": "characters"}),
    )
    rail = forms.ChoiceField(
        label=_("How did you pay?"), required=False, choices=[("", ""), *RAILS.items()]
    )
    paid = forms.ChoiceField(
        label=_("When did you pay?"),
        required=False,
        choices=[("", ""), *((code, words) for code, (words, _days) in _AGO.items())],
    )
    paid_to = forms.CharField(
        label=_("To which account, number or wallet?"), required=False, max_length=_SHORT
    )
    paying = forms.BooleanField(
        label=_("I am still paying, or am asked to pay more."), required=False
    )
    forced = forms.BooleanField(
        label=_("I am made to scam others, or am held somewhere."), required=False
    )
    child = forms.BooleanField(label=_("I am under 18, or a child is affected."), required=False)
    intimate = forms.BooleanField(
        label=_("It is about intimate pictures. Files are then locked away for the police."),
        required=False,
    )
    name = forms.CharField(
        label=pgettext_lazy("of a person", "Name"), required=False, max_length=_SHORT
    )
    phone = forms.CharField(label=_("Your phone number"), required=False, max_length=_SHORT)
    email = forms.CharField(label=_("Your e-mail address"), required=False, max_length=_SHORT)
    safe_way = forms.CharField(
        label=_("How and when is it safe to contact you?"),
        help_text=_("For example: only by message, only in the evening, as if it were a shop."),
        required=False,
        max_length=_SHORT,
    )
    consents = forms.MultipleChoiceField(
        required=False,
        choices=list(CONSENTS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    token = forms.CharField(required=False, widget=forms.HiddenInput, max_length=400)

    def clean_amount(self) -> str:
        """The amount in our digits, without separators of thousands; reports judge the rest."""
        return str(self.cleaned_data["amount"].translate(_DIGITS))

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).strip().upper()


#: Digits of other scripts, and what people put between digits.
_DIGITS: Final = {
    **{ord(ch): str(n) for zero in "๐໐០၀０" for n in range(10) for ch in chr(ord(zero) + n)},
    **dict.fromkeys(map(ord, ", \u00a0\u202f'’_"), None),
}


def new_report(
    form: ReportForm, files: Iterable[reports.GivenFile], market: str, at: Micros
) -> reports.NewReport:
    """The report that a filled-in form brings, with its files, which are stored already."""
    said = form.cleaned_data
    return reports.NewReport(
        source=reports.Source.PUBLIC,
        market=said["market"] or market,
        text=said["text"],
        values=tuple(reports.GivenValue(line, said["role"]) for line in lines(said["values"])),
        losses=_losses(said, at),
        happened_at=_instant(said["happened_on"]),
        language=reading(),
        method=said["method"],
        files=tuple(files),
        flags=_flags(said),
        consents=frozenset(map(Consent, said["consents"])),
        wording=wording(),
        reporter=_reporter(said),
        form=said["token"] or "none",  # which is refused as one that is too old
    )


def _losses(said: dict[str, Any], at: Micros) -> tuple[reports.GivenLoss, ...]:
    if not said["amount"]:
        return ()
    days = _AGO[said["paid"]][1] if said["paid"] else None
    when = None if days is None else at - int(days * DAY)
    loss = reports.GivenLoss(said["amount"], said["currency"], said["rail"], when, said["paid_to"])
    return (loss,)


def _flags(said: dict[str, Any]) -> Flag:
    ticks = {
        "child": Flag.CHILD,
        "paying": Flag.PAYING,
        "forced": Flag.FORCED,
        "intimate": Flag.INTIMATE,
    }
    found = Flag(0)
    for name, flag in ticks.items():
        if said[name]:
            found |= flag
    return found


def _reporter(said: dict[str, Any]) -> reports.GivenReporter | None:
    given = reports.GivenReporter(
        name=said["name"], phone=said["phone"], email=said["email"], safe_way=said["safe_way"]
    )
    return given if given != reports.GivenReporter() else None


def _instant(day: date | None) -> Micros | None:
    """Noon of a day (UTC), so that no zone of the region makes it another day."""
    if day is None:
        return None
    return int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()) * 1_000_000
