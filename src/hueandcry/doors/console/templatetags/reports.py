"""What the pages of reports show: `{% load reports %}`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from hueandcry.apps.detection.face import Reason
from hueandcry.apps.reports import face as reports
from hueandcry.apps.reports.face import FileView, Flag, ValueView
from hueandcry.core.files import PICTURES
from hueandcry.core.types import MINUTE, SECOND, Micros
from hueandcry.doors.console import narrative, report_words, values
from hueandcry.doors.desk import languages
from hueandcry.doors.desk.defanging import defanged
from hueandcry.doors.desk.reasons import sentence
from hueandcry.doors.desk.taxonomy import LURES, METHODS, RAILS

register = template.Library()
_HOUR = 60 * MINUTE


@register.filter
def report_word(code: str, table: str) -> str:
    """A code in words of a table of `report_words`: `{{ line.state|report_word:"STATES" }}`."""
    return str(getattr(report_words, table).get(code, code))


@register.filter
def flag_words(flags: Flag) -> list[str]:
    return [str(words) for flag, words in report_words.FLAGS.items() if flag in flags]


@register.filter
def lure_word(code: str) -> str:
    return str(LURES.get(code, code))


@register.filter
def method_word(code: str) -> str:
    return str(METHODS.get(code, code))


@register.filter
def rail_word(code: str) -> str:
    return str(RAILS.get(code, code))


@register.filter
def language_word(code: str) -> str:
    """A language by its own name."""
    return gettext("unknown language") if code == "und" else languages.name(code)


@register.filter
def percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


@register.filter
def sum_of(amount: Decimal) -> str:
    """An amount without the zeros that only the table keeps."""
    whole, _, part = f"{amount:,f}".partition(".")
    part = part.rstrip("0")
    return f"{whole}.{part.ljust(2, '0')}" if part else whole


@register.filter
def left(until: Micros, now: Micros) -> str:
    """The time until an instant, in the unit that matters; empty when it is over."""
    minutes = max(0, until - now) // MINUTE
    if minutes >= 120:
        hours = minutes // 60
        return ngettext("%(n)s hour left", "%(n)s hours left", hours) % {"n": hours}
    return ngettext("%(n)s minute left", "%(n)s minutes left", minutes) % {"n": minutes}


@register.filter
def ago(at: Micros, now: Micros) -> SafeString:
    """How long ago, in one figure; the instant itself for a pointer and for programs."""
    minutes = max(0, now - at) // MINUTE
    if minutes < 60:
        text = gettext("%(n)s min ago") % {"n": minutes}
    elif minutes < 2_880:
        text = gettext("%(n)s h ago") % {"n": minutes // 60}
    else:
        text = gettext("%(n)s d ago") % {"n": minutes // 1_440}
    utc = datetime.fromtimestamp(at / SECOND, UTC)
    local = utc.astimezone(timezone.get_current_timezone())
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        utc.isoformat(),
        f"{local:%Y-%m-%d %H:%M:%S %Z}",
        text,
    )


@register.filter
def masked_text(text: str) -> str:
    return narrative.plain(text)


@register.filter
def value_text(value: ValueView, whole: bool) -> str:
    """A value in the list of a report: a person's only in part, unless it is shown whole."""
    if whole:
        return defanged(value.signal.kind, value.signal.value)
    return values.shown(value.signal)


@register.filter
def behind(value: ValueView) -> str:
    """Which rule stands behind a value."""
    signal = value.signal
    return str(report_words.behind(signal.kind, value.role, reports.is_guarded(signal.kind)))


@register.filter
def has_preview(file: FileView) -> bool:
    """Whether the file is a picture that can be painted anew."""
    return file.state == "kept" and file.media_type in PICTURES


@register.filter
def told_reason(reason: Mapping[str, Any]) -> str:
    """One reason of an assessment that was kept, as a sentence."""
    return sentence(Reason(reason["code"], reason["params"]))
