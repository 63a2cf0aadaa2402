"""Translations of what a request says: attached by one person, certified by another.

No letter shows one that nobody has certified, and the original prevails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from hueandcry.apps.cooperation import letter, queries, rules, sealed
from hueandcry.apps.cooperation.letter import Translated
from hueandcry.apps.cooperation.models import Certification, Request, Translation
from hueandcry.apps.cooperation.rules import Doing
from hueandcry.apps.cooperation.wire import MAX_TEXT
from hueandcry.apps.evidence import face as evidence
from hueandcry.core.errors import Conflict, Malformed, NotFound, NotPermitted
from hueandcry.core.times import time_text
from hueandcry.core.types import Actor, Micros
from hueandcry.engine.ledger import face as ledger

_LANGUAGE: Final = re.compile("[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_NAME: Final = 200  #: characters of who translated


@dataclass(frozen=True, slots=True)
class TranslationView:
    """A translation of a request, and how far it can be relied on."""

    language: str
    translator: str
    at: Micros
    certified_at: Micros | None
    current: bool  #: it is of what the request says now


def attach(
    actor: Actor,
    identifier: UUID,
    language: str,
    text: Mapping[str, str],
    translator: str,
    at: Micros,
) -> None:
    """Keeps a translation of fields of a request, in the caller's transaction.

    It takes the place of an earlier one in that language, certified or not. Raises Malformed for
    a wrong language, an empty text, a field that the request does not state, or no translator.
    """
    person = rules.check_may(actor, Doing.WRITE)
    row = queries.request(identifier)
    said = sealed.opened(row.given)
    if not _LANGUAGE.fullmatch(language):
        raise Malformed("language", "A language is written as BCP 47 has it, such as th")
    if not 0 < len(translator.strip()) <= _NAME:
        raise Malformed("translator", "A translation names who translated it")
    _check_text(text, said)
    digest = _content(row)
    made = Translation(
        request=row,
        language=language,
        content=digest,
        text=sealed.seal({"text": dict(text), "translator": translator.strip()}),
        person_id=person,
        at=at,
    )
    ledger.append(
        "request.translation",
        made,
        at=time_text(at),
        content=digest.hex(),
        language=language,
        person=evidence.pseudonym(person),
        request=str(identifier),
    )


def _check_text(text: Mapping[str, str], said: Mapping[str, object]) -> None:
    if not text:
        raise Malformed("translation", "The translation says nothing")
    if unknown := sorted(text.keys() - said.keys()):
        raise Malformed("translation", f"The request does not state {', '.join(unknown)}")
    for name, each in text.items():
        if not isinstance(each, str) or not each.strip() or len(each) > MAX_TEXT:
            raise Malformed("translation", f"{name} is no text of at most {MAX_TEXT:,} characters")


def certify(actor: Actor, identifier: UUID, language: str, at: Micros) -> None:
    """An officer answers for the newest translation in a language, in the caller's transaction.

    Raises NotPermitted for the person who attached it or without a second factor, Conflict where
    it is certified already or of what the request said before.
    """
    person = rules.check_may(actor, Doing.CERTIFY)
    if not actor.second_factor:
        raise NotPermitted("second_factor", "Who certifies a translation has a second factor")
    row = queries.request(identifier)
    found = _newest(row, language)
    if found is None:
        raise NotFound("translation", f"The request has no translation into {ascii(language)[:40]}")
    if found.person_id == person:
        raise NotPermitted("checker_is_not_maker", "Another person attached what one certifies")
    if _certified(found):
        raise Conflict("certified", "That translation is certified already")
    if found.content != _content(row):
        raise _outdated(language)
    ledger.append(
        "request.certify",
        Certification(translation=found, person_id=person, at=at),
        at=time_text(at),
        language=language,
        person=evidence.pseudonym(person),
        request=str(identifier),
        translation=found.log_index,
    )


def listed(row: Request) -> Sequence[TranslationView]:
    """The newest translation of each language."""
    newest: dict[str, Translation] = {}
    for each in queries.translations(row):
        newest.setdefault(each.language, each)
    return [_view(row, each) for each in newest.values() if each.text]


def for_letter(row: Request, language: str) -> Translated | None:
    """The translation that a letter in a language shows; None: there is none.

    Raises NotPermitted for one that nobody has certified, Conflict for one of other content.
    """
    found = _newest(row, language)
    if found is None or not found.text:
        return None
    if not _certified(found):
        raise NotPermitted(
            "uncertified",
            f"The translation into {language} is not certified",
            why="What no officer answers for stands in no letter",
            do="Have it certified, or print the letter without it: --no-translation",
        )
    if found.content != _content(row):
        raise _outdated(language)
    said, by = sealed.opened(found.text), found.certification
    officer = evidence.pseudonym(by.person_id)
    return Translated(language, said["text"], said["translator"], officer, time_text(by.at)[:10])


def _view(row: Request, found: Translation) -> TranslationView:
    said = sealed.opened(found.text)
    certified = found.certification.at if _certified(found) else None
    current = found.content == _content(row)
    return TranslationView(found.language, said["translator"], found.at, certified, current)


def _newest(row: Request, language: str) -> Translation | None:
    return next((each for each in queries.translations(row) if each.language == language), None)


def _certified(found: Translation) -> bool:
    return hasattr(found, "certification")


def _content(row: Request) -> bytes:
    said = sealed.opened(row.given)
    return bytes.fromhex(letter.content(UUID(bytes=row.uuid), row.type, row.instrument, said))


def _outdated(language: str) -> Conflict:
    return Conflict(
        "outdated",
        f"The translation into {language} is of what the request said before",
        why="Its fields were revised or supplemented since",
        do="Attach one of what it says now",
    )
