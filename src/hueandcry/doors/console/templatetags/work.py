"""What the work pages show: `{% load work %}`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face as signals
from hueandcry.core.sharing import Reason
from hueandcry.core.types import SECOND, Micros, Pap, Signal, Tlp
from hueandcry.doors.console import values, words
from hueandcry.doors.desk.defanging import defanged
from hueandcry.doors.desk.kinds import KINDS
from hueandcry.doors.desk.taxonomy import named

register = template.Library()


@register.filter
def shown(signal: Signal) -> str:
    """A value in a list: defanged, and a person's only in part."""
    return values.shown(signal)


@register.filter
def signal_url(signal: Signal) -> str:
    """The page of a signal that is known here."""
    return values.link(signal)


@register.filter
def kind_word(kind: str) -> str:
    return str(KINDS.get(kind, kind))


@register.filter
def verdict_word(verdict: str) -> str:
    return str(words.VERDICTS.get(verdict, verdict))


@register.filter
def state_word(state: str) -> str:
    return str(words.STATES.get(state, state))


@register.filter
def reached_word(state: str) -> str:
    return str(words.REACHED.get(state, state))


@register.filter
def peer_word(state: str) -> str:
    return str(words.PEER_STATES.get(state, state))


@register.filter
def outcome_word(outcome: str) -> str:
    return str(words.OUTCOMES.get(outcome, outcome))


@register.filter
def refusal_word(code: str) -> str:
    return str(words.REFUSALS.get(code, code))


@register.filter
def reason_word(code: str) -> str:
    """Why a claim was taken back."""
    return str(words.REASONS_TO_RETRACT.get(code, code))


@register.filter
def source_word(source: str) -> str:
    """By what a time is known."""
    return str(words.SOURCES.get(source, source))


@register.filter
def audience_word(audience: str) -> str:
    return str(words.AUDIENCES.get(audience, audience))


@register.filter
def why(reason: Mapping[str, Any]) -> str:
    return words.why(reason)


@register.filter
def gate_word(reason: Reason) -> str:
    return words.gate(reason)


@register.filter
def gate_words(reasons: Iterable[Reason]) -> str:
    """Reasons of the gate, each once, however many kinds it is told of."""
    return " ".join(dict.fromkeys(words.gate(reason) for reason in reasons))


@register.filter
def tlp(level: Tlp | None) -> str:
    return f"TLP:{level.wire}" if level is not None else "–"


@register.filter
def pap(level: Pap) -> str:
    return f"PAP:{level.name}"


@register.filter
def profile(claim: Any) -> str:
    """Lure and method of a claim, as far as it says them."""
    return ", ".join(named(claim.lure, claim.method))


@register.filter
def precise(at: Micros) -> SafeString:
    """An instant to the millisecond: hops between nodes follow each other within a second."""
    utc = datetime.fromtimestamp(at / SECOND, UTC)
    local = utc.astimezone(timezone.get_current_timezone())
    shown = f"{local:%Y-%m-%d %H:%M:%S}.{utc.microsecond // 1000:03} {local:%Z}"
    return format_html('<time datetime="{}">{}</time>', utc.isoformat(), shown)


@register.filter
def took(span: Micros | str | None) -> str:
    """A duration as people say it; of nothing (a template says it as an empty text) a dash."""
    if span is None or isinstance(span, str):
        return "–"
    seconds = span / SECOND
    if abs(seconds) < 60:
        return f"{seconds:.2f} s"
    if abs(seconds) < 3600:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h" if abs(seconds) < 172_800 else f"{seconds / 86_400:.0f} d"


@register.filter
def grouped(text: str) -> str:
    """Hex in groups of eight, as people compare it."""
    return " ".join(text[i : i + 8] for i in range(0, len(text), 8))


@register.filter
def hexed(data: bytes | None) -> str:
    return data.hex() if data else "–"


@register.filter
def whole(signal: Signal) -> str:
    """A value in full, defanged: for whoever just wrote it."""
    return defanged(signal.kind, signal.value)


@register.filter
def act_word(kind: str) -> str:
    return str(words.ACTS.get(kind, kind))


@register.filter
def source_kind(what: str) -> str:
    return str(words.SOURCE_KINDS.get(what, what))


@register.filter
def run_word(outcome: str) -> str:
    """How a run ended, or in which state a source is."""
    return str(words.RUNS.get(outcome, outcome))


@register.filter
def purpose_word(purpose: str) -> str:
    return str(words.PURPOSES.get(purpose, purpose))


@register.filter
def sorted_codes(codes: Iterable[Any]) -> list[Any]:
    """Codes in their own order."""
    return sorted(codes)


@register.filter
def taken(receipt: peers.ReceiptView) -> int:
    """What was taken, whether new or known before."""
    return receipt.accepted + receipt.merged


@register.simple_tag
def decide_url(signal: Signal) -> str:
    return values.url(signal, "console:decide")


@register.simple_tag
def note_url(signal: Signal) -> str:
    return values.url(signal, "console:note")


@register.simple_tag
def retract_url(claim: signals.Claimed) -> str:
    return reverse("console:retract", args=[UUID(bytes=claim.claim_id)])


@register.simple_tag(takes_context=True)
def here(context: Mapping[str, Any], **changed: Any) -> str:
    """This page's own query with some parameters changed; None or empty takes one away."""
    request: HttpRequest = context["request"]
    query = {name: values_ for name, values_ in request.GET.lists() if name != "lang"}
    for name, value in changed.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = [str(value)]
    return f"?{urlencode(query, doseq=True)}"
