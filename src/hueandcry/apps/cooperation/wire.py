"""What passes between the two sides: the request, and every later act upon it. Pure: forms only.

Documents of the types `request`, `request-step`, `hold-step` and `money-step` (PROTOCOL 3). What is
absent was not said: there is one spelling for everything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from hueandcry.core import amounts
from hueandcry.core.errors import Malformed
from hueandcry.core.fields import Fields
from hueandcry.core.times import read_time, time_text
from hueandcry.core.types import Micros

ASKED: Final = "request"
STEP: Final = "request-step"
HOLD_STEP: Final = "hold-step"
MONEY_STEP: Final = "money-step"

MAX_TEXT: Final = 20_000  #: characters of one text
MAX_NAMES: Final = 100  #: fields that one act names
MAX_ROWS: Final = 1_000  #: victims that one act names
MAX_NAME: Final = 200  #: characters of an account, an institution or a pseudonym

#: What is said of the next account; when the money went there, if that is known.
_HOP: Final = ("account", "institution", "at")
_VICTIM: Final = ("pseudonym", "loss")

_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PERSON: Final = re.compile(r"[!-~]{0,80}")
_EVENT: Final = re.compile(r"[a-z_]{1,24}")
_STATE: Final = re.compile(r"[A-Z_]{1,20}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Said:
    """What an act says beside its name; which of it is needed, its guards know."""

    reasons: str = ""
    code: str = ""  #: of a refusal
    route: str = ""  #: that is open instead of what was refused
    holder: str = ""  #: to whom it was forwarded
    package: str = ""  #: SHA-256 of the result
    missing: tuple[str, ...] = ()  #: fields that must be completed
    given: Mapping[str, Any] = field(default_factory=dict)  #: fields that are completed
    answer_by: Micros | None = None  #: until when a consultation can be answered
    review_at: Micros | None = None  #: when what was postponed is looked at again
    until: Micros | None = None  #: until when data are held
    linked: str = ""  #: id of the request for assistance that a hold waits for
    items: int | None = None  #: how many things a hold keeps at its side: never which
    amount: str = ""  #: of money, as `core.amounts` reads it
    currency: str = ""
    hop: Mapping[str, str] = field(default_factory=dict)  #: where money went: account, institution
    order: str = ""  #: reference of the order by which money is frozen or confiscated
    order_final: bool = False
    agreement: str = ""  #: reference of the agreement on a return
    victims: tuple[Mapping[str, str], ...] = ()  #: among whom it is shared: pseudonym, loss

    @classmethod
    def members(cls) -> tuple[str, ...]:
        """The names of all that an act can say."""
        return tuple(_READ)

    def value(self) -> dict[str, Any]:
        """The members of it that say something."""
        found = {name: getattr(self, name) for name in _READ if getattr(self, name)}
        for name in _INSTANTS & found.keys():
            found[name] = time_text(found[name])
        if self.items is not None:
            found["items"] = self.items
        if self.missing:
            found["missing"] = list(self.missing)
        if self.victims:
            found["victims"] = [dict(each) for each in self.victims]
        for name in _OBJECTS & found.keys():
            found[name] = dict(found[name])
        return found

    @classmethod
    def read(cls, value: object) -> Said:
        """The inverse of `value`; Malformed for any other form."""
        if not isinstance(value, dict) or not value.keys() <= _READ.keys():
            raise Malformed("said", "An act says something that nobody knows")
        said = cls(**{name: _READ[name](name, each) for name, each in value.items()})
        if said.value() != value:
            raise Malformed("said", "An act leaves out what it does not say")
        return said


@dataclass(frozen=True, slots=True)
class Asked:
    """The body of a request."""

    request: UUID
    type: str
    instrument: str
    given: Mapping[str, Any]
    signers: tuple[str, ...]  #: one or two pseudonyms of different people, the maker first

    def body(self) -> dict[str, Any]:
        return {
            "request": str(self.request),
            "type": self.type,
            "instrument": self.instrument,
            "given": dict(self.given),
            "signers": list(self.signers),
        }

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Asked:
        """The inverse of `body`; Malformed for any other form."""
        fields = Fields(
            dict(body), "request_body", {"request", "type", "instrument", "given", "signers"}
        )
        return cls(
            fields.uuid7("request"),
            fields.form("type", _WORD, "a type of request"),
            fields.form("instrument", _WORD, "an instrument"),
            _given("given", body["given"]),
            _signers(body["signers"]),
        )


@dataclass(frozen=True, slots=True)
class Stepped:
    """The body of an act upon a request that is on its way or there, or upon its hold."""

    request: UUID
    event: str
    source: str  #: the state that it moves on, as its side saw it
    by: str  #: pseudonym of who decided
    said: Said

    def body(self) -> dict[str, Any]:
        return {
            "request": str(self.request),
            "event": self.event,
            "from": self.source,
            "by": self.by,
            "said": self.said.value(),
        }

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Stepped:
        """The inverse of `body`; Malformed for any other form."""
        fields = Fields(dict(body), "request_step", {"request", "event", "from", "by", "said"})
        return cls(
            fields.uuid7("request"),
            fields.form("event", _EVENT, "an event"),
            fields.form("from", _STATE, "a state"),
            fields.form("by", _PERSON, "a pseudonym"),
            Said.read(body["said"]),
        )


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise _not(name, f"text of at most {MAX_TEXT:,} characters")
    return value


def _matching(form: re.Pattern[str], what: str) -> Callable[[str, object], str]:
    def read(name: str, value: object) -> str:
        if not isinstance(value, str) or not form.fullmatch(value):
            raise _not(name, what)
        return value

    return read


def _names(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAX_NAMES:
        raise _not(name, f"a list of at most {MAX_NAMES} fields")
    return tuple(_WORD_OF(name, each) for each in value)


def _given(name: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _not(name, "an object")
    return value


def _number(name: str, value: object) -> int:
    if type(value) is not int or not 0 <= value < 1 << 53:
        raise _not(name, "a number of things")
    return value


def _hop(name: str, value: object) -> Mapping[str, str]:
    return _record(name, value, ("account", "institution"), _HOP)


def _victims(name: str, value: object) -> tuple[Mapping[str, str], ...]:
    if not isinstance(value, list) or len(value) > MAX_ROWS:
        raise _not(name, f"a list of at most {MAX_ROWS:,} victims")
    return tuple(_record(name, each, _VICTIM, _VICTIM) for each in value)


def _record(
    name: str, value: object, needed: Sequence[str], known: Sequence[str]
) -> Mapping[str, str]:
    """An object of texts that has all of `needed` and none but `known`."""
    texts = value if isinstance(value, dict) else {}
    right = all(isinstance(each, str) and 0 < len(each) <= MAX_NAME for each in texts.values())
    if not right or not set(needed) <= texts.keys() <= set(known):
        raise _not(name, f"an object of texts: {', '.join(known)}")
    return dict(texts)


def _true(name: str, value: object) -> bool:
    if value is not True:
        raise _not(name, "true; what is not so is left out")
    return True


def _instant(name: str, value: object) -> Micros:
    if not isinstance(value, str):
        raise _not(name, "a time")
    return read_time(value)


def _signers(value: object) -> tuple[str, ...]:
    people = value if isinstance(value, list) else []
    named = [each for each in people if isinstance(each, str) and each and _PERSON.fullmatch(each)]
    if named != value or not 1 <= len(named) <= 2 or len(set(named)) != len(named):
        raise _not("signers", "one or two different people")
    return tuple(named)


def _not(name: str, what: str) -> Malformed:
    return Malformed("request_form", f"`{name}` is not {what}")


_WORD_OF: Final = _matching(_WORD, "a name")
_READ: Final[Mapping[str, Callable[[str, object], Any]]] = {
    "reasons": _text,
    "code": _WORD_OF,
    "route": _text,
    "holder": _text,
    "package": _matching(_DIGEST, "a SHA-256 in lower-case hex"),
    "missing": _names,
    "given": _given,
    "answer_by": _instant,
    "review_at": _instant,
    "until": _instant,
    "linked": _matching(_UUID, "the id of a request"),
    "items": _number,
    "amount": _matching(amounts.FORM, "an amount, such as 1250.00"),
    "currency": _WORD_OF,
    "hop": _hop,
    "order": _text,
    "order_final": _true,
    "agreement": _text,
    "victims": _victims,
}
_OBJECTS: Final = {"given", "hop"}
_INSTANTS: Final = {"answer_by", "review_at", "until"}
