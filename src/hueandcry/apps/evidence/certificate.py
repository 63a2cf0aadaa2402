"""The certificate of a package as PDF: what, who, when, and how to check it, for a judge.

Its bytes follow from the facts, the custody, the version of typst and the fonts of this machine;
what was made once is kept with the package.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from hueandcry.apps.evidence.certificate_words import OF_COUNTRY, Words, words
from hueandcry.apps.evidence.facts import History, PackageFacts, Party
from hueandcry.core.custody import Event
from hueandcry.core.times import time_text
from hueandcry.core.types import SECOND, Fingerprint, Micros
from hueandcry.engine import sheets


def language_of(country: str) -> str:
    """The language of the second certificate for a member of this country; `en`: there is none.

    A language whose letters no font of this machine has would be a sheet of empty boxes.
    """
    language = OF_COUNTRY.get(country.upper(), sheets.ENGLISH)
    return language if sheets.can_set(language) else sheets.ENGLISH


def certificates(facts: PackageFacts, histories: Sequence[History]) -> dict[str, bytes]:
    """Language → PDF: English, and the recipient's language where there is a text in it."""
    return {
        language: _sheet(words(language), facts, histories)
        for language in dict.fromkeys((sheets.ENGLISH, facts.language))
    }


def _sheet(told: Words, facts: PackageFacts, histories: Sequence[History]) -> bytes:
    source = files(__package__).joinpath("certificate.typ").read_bytes()
    return sheets.pdf(source, _data(told, facts, histories), facts.at)


# --- what the sheet shows -------------------------------------------------------------------------


def _data(told: Words, facts: PackageFacts, histories: Sequence[History]) -> dict[str, Any]:
    moment = datetime.fromtimestamp(facts.at // SECOND, UTC)
    names = {party.fingerprint: party.name for party in (facts.sender, facts.recipient)}
    return {
        "words": {**asdict(told), "actions": {}},
        "fonts": sheets.fonts(told.language),
        "date": list(moment.timetuple()[:6]),
        "package": str(facts.package),
        "sender": facts.sender.name,
        "lines": list(_lines(told, facts)),
        "exhibits": [_exhibit(told, each, names) for each in histories],
    }


def _lines(told: Words, facts: PackageFacts) -> Iterable[tuple[str, str, bool]]:
    """(label, text, whether it is a digest) of what stands at the head."""
    labels = told.labels
    yield labels["package"], str(facts.package), False
    yield labels["made"], _time(facts.at), False
    yield labels["sender"], _party(facts.sender), False
    yield labels["fingerprint"], facts.sender.fingerprint, True
    if facts.own:
        yield labels["recipient"], told.self_recipient, False
    else:
        yield labels["recipient"], _party(facts.recipient), False
        yield labels["fingerprint"], facts.recipient.fingerprint, True
    yield labels["request"], facts.request or told.nothing, facts.request is not None
    yield labels["authority"], facts.authority or told.nothing, False
    yield labels["reason"], facts.reason, False
    said = [str(each.get("words", "")) for each in facts.restrictions]
    yield labels["restrictions"], "; ".join(filter(None, said)) or told.nothing, False


def _party(party: Party) -> str:
    return f"{party.name} ({party.country}; {', '.join(party.roles)})"


def _exhibit(told: Words, history: History, names: Mapping[Fingerprint, str]) -> dict[str, Any]:
    exhibit = history.exhibit
    return {
        "number": exhibit.number,
        "name": exhibit.name,
        "description": exhibit.description,
        "size": f"{exhibit.size:,}",
        "sha256": exhibit.sha256,
        "events": [_event(told, event, names) for event in history.events],
    }


def _event(told: Words, event: Event, names: Mapping[Fingerprint, str]) -> list[str]:
    who = [names.get(event.actor.org, event.actor.org[:16] + "…"), event.actor.role or ""]
    if event.actor.person:
        who.append(told.person.format(person=event.actor.person))
    action = told.actions[event.action]
    if event.counterpart:
        action += f": {names.get(event.counterpart.org, event.counterpart.org[:16] + '…')}"
    why = "; ".join(filter(None, (event.reason, event.authority, event.changes)))
    return [str(event.n), _time(event.at), action, ", ".join(filter(None, who)), why]


def _time(at: Micros) -> str:
    return time_text(at)[:19].replace("T", " ")
