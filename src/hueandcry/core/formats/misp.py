"""MISP events read: every attribute becomes a row, and says why where it is no signal.

Read are an event, an answer of the REST API with several, and a list of attributes. Tags of TLP and
PAP mark the attribute; the strictest of event and attribute counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count, repeat
from typing import Any, Final

from hueandcry.core import jcs
from hueandcry.core.errors import Malformed, Unreadable
from hueandcry.core.formats import misp_types as types
from hueandcry.core.formats.rows import Account, Options, Row, Said, code_in
from hueandcry.core.formats.stream import MAX_DOCUMENT, Stream
from hueandcry.core.sharing import strictest
from hueandcry.core.stix import read_pattern, read_tlp
from hueandcry.core.stix.observables import account_kind, account_of
from hueandcry.core.types import Marking, Pap, Tlp, Verdict

Members = Mapping[str, Any]

#: What of an event is no value.
_SCAFFOLDING: Final = ("EventReport", "ShadowAttribute", "Galaxy", "RelatedEvent")
_CONFIDENCE: Final = {
    "completely-confident": 100,
    "usually-confident": 75,
    "fairly-confident": 50,
    "rarely-confident": 25,
    "unconfident": 0,
}


def read(stream: Stream, options: Options, account: Account) -> Iterator[Row]:
    """A row for every attribute of every event of one document."""
    yield from rows(parsed(stream.document()), options, account)


def parsed(document: bytes) -> Any:
    """One JSON document, duplicate members refused."""
    return jcs.parse_compact(document.strip(), max_bytes=MAX_DOCUMENT, max_depth=64, floats=True)


def rows(document: Any, options: Options, account: Account) -> Iterator[Row]:
    """The same of a document that is parsed already; raises Malformed where it is none of MISP."""
    numbers = count(1)
    for event in _events(document):
        yield from _Event(event, options, account, numbers).rows()


def of_stix(n: int, value: Members, options: Options, account: Account) -> Iterator[Row]:
    """The rows of what `misp-stix` writes into STIX where STIX has nothing of the kind."""
    labels = value.get("labels", [])
    names = [text for text in labels if isinstance(text, str)] if isinstance(labels, list) else []
    refs = value.get("object_marking_refs", [])
    known = [ref for ref in refs if isinstance(ref, str)] if isinstance(refs, list) else []
    if known or value.get("granular_markings"):
        tlp, _ = read_tlp(known, bool(value.get("granular_markings")))
        names.append(f"tlp:{tlp.wire.lower()}")
    event: dict[str, Any] = {"Tag": [{"name": name} for name in names]}
    if value.get("type") == "x-misp-attribute":
        said = {"uuid": value.get("id"), "type": value.get("x_misp_type")}
        event["Attribute"] = [{**said, "value": value.get("x_misp_value")}]
    else:
        inside = value.get("x_misp_attributes", [])
        event["Object"] = [{"name": value.get("x_misp_name"), "Attribute": inside}]
    yield from _Event(event, options, account, repeat(n)).rows()


def _events(document: Any) -> Iterator[Members]:
    """The events inside whatever MISP answers."""
    if isinstance(document, Mapping) and "response" in document:
        document = document["response"]
    for each in document if isinstance(document, list) else [document]:
        event = each.get("Event", each) if isinstance(each, Mapping) else None
        if not isinstance(event, Mapping) or not _EVENT & event.keys():
            raise Malformed("misp_shape", "This is no MISP event")
        yield event


_EVENT: Final = frozenset({"Attribute", "Object", "info", "uuid"})


class _Event:
    """One event: its marking, and its attributes by themselves and in objects."""

    def __init__(
        self, event: Members, options: Options, account: Account, numbers: Iterator[int]
    ) -> None:
        self._event = event
        self._account = account
        self._without_ids = options.without_ids
        self._numbers = numbers
        self._tags = _tags(event)
        for name in _SCAFFOLDING:
            if size := len(_listed(event, name)):
                account.skipped[name] += size

    def rows(self) -> Iterator[Row]:
        for attribute in _listed(self._event, "Attribute"):
            yield self._row(attribute, "", None)
        for each in _listed(self._event, "Object"):
            if not isinstance(each, Mapping):
                yield Row(next(self._numbers), "", fault="object_shape")
                continue
            beside = _Beside(each)
            for attribute in _listed(each, "Attribute"):
                row = self._row(attribute, _text(each, "name"), beside)
                if row.fault == "no_signal" and row.text:
                    # It describes what stands beside it: the object is counted by that.
                    self._account.skipped[_text(attribute, "type")[:64] or "attribute"] += 1
                else:
                    yield row

    def _row(self, attribute: Any, object: str, beside: _Beside | None) -> Row:
        n = next(self._numbers)
        if not isinstance(attribute, Mapping):
            return Row(n, "", fault="object_shape")
        value, type = attribute.get("value"), _text(attribute, "type")
        if not isinstance(value, str):
            return Row(n, type, fault="object_shape")
        relation = _text(attribute, "object_relation")
        means = types.meaning(type, object, relation)
        if means.kind is None and type == "other" and value.startswith("pdq:"):
            means = types.RELATIONS["image-hash", "pdq"]
            value = value.removeprefix("pdq:")
        if type == "stix2-pattern":
            means, value = _pattern(value)
        text = _formed(value, means)
        kind = means.kind
        if beside is not None:
            kind, text = beside.read(object, relation, value) or (kind, text)
        said = self._said(attribute)
        fault = self._fault(attribute, means if kind is means.kind else None, beside)
        if not fault and kind is None:
            fault = "no_signal"
        if not fault and said.verdict is Verdict.UNKNOWN:
            fault = "verdict_unknown"
        return Row(n, text, kind, said, fault)

    def _fault(
        self, attribute: Members, means: types.Meaning | None, beside: _Beside | None
    ) -> str:
        if _true(attribute.get("deleted")) or (beside is not None and beside.deleted):
            return "revoked"
        if means is None:
            return ""
        if means.fault:
            return means.fault
        if attribute.get("warnings"):
            return "warning_list"
        stated = "to_ids" in attribute and not _true(attribute["to_ids"])
        return "not_for_detection" if stated and means.detects and not self._without_ids else ""

    def _said(self, attribute: Members) -> Said:
        tags = [*_tags(attribute), *self._tags]
        verdict = code_in(tags, "verdict")
        return Said(
            verdict=_VERDICTS.get(verdict),
            marking=_marking(tags),
            confidence=_confidence(tags),
            lure=code_in(tags, "lure"),
            method=code_in(tags, "method"),
            id=_text(attribute, "uuid"),
        )


_VERDICTS: Final = {verdict.value: verdict for verdict in Verdict}


class _Beside:
    """What the other attributes of an object say about one of them."""

    def __init__(self, object: Members) -> None:
        self.deleted = _true(object.get("deleted"))
        self._values: dict[str, str] = {}
        for each in _listed(object, "Attribute"):
            if isinstance(each, Mapping) and not _true(each.get("deleted")):
                self._values.setdefault(_text(each, "object_relation"), _text(each, "value"))

    def read(self, object: str, relation: str, value: str) -> tuple[Any, str] | None:
        """Kind and text where they stand on more than the one attribute, else None."""
        if (object, relation) == types.ACCOUNT:
            if self._values.get("iban"):
                return None
            bank = next((found for name in types.BANKS if (found := self._values.get(name))), "")
            kind = types.TYPES["bank-account-nr"].kind
            return kind, f"{bank}:{value}" if bank and ":" not in value else value
        if object == types.USER and relation in types.USER_NAMES:
            platform = self._values.get(types.USER_PLATFORM, "")
            if not platform:
                return None
            account = account_kind(platform)
            text = account_of(account, platform, value)
            return (account, text) if text else None
        return None


def _pattern(text: str) -> tuple[types.Meaning, str]:
    """A STIX pattern inside MISP, which writes so what it has no type for."""
    try:
        found = read_pattern(text)
    except Unreadable as refused:
        return types.Meaning(fault=refused.code), text[:200]
    return types.Meaning(found.kind), found.text


def _formed(value: str, means: types.Meaning) -> str:
    """The value in the form that its kind is read in."""
    if means.part is not None:
        parts = value.split("|")
        return means.form.format(parts[means.part].strip())
    if means.form == "{}:{}":  # an address and its port
        address, _, port = value.rpartition("|")
        return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    if means.kind is types.TYPES["ip-dst"].kind and ":" in value and "/" not in value:
        return f"[{value}]" if value.count(":") > 1 and value[:1] != "[" else value
    return means.form.format(value) if means.form != "{}" else value


def _marking(tags: list[str]) -> Marking | None:
    """The strictest of the TLP and PAP tags; a TLP tag that is not known reads as AMBER+STRICT."""
    found = [_one_marking(tag.lower()) for tag in tags if tag[:4].lower() in ("tlp:", "pap:")]
    return strictest(found) if found else None


def _one_marking(tag: str) -> Marking:
    name = tag[4:]
    if tag.startswith("pap:"):
        name = "clear" if name == "white" else name
        return Marking(Tlp.CLEAR, Pap[name.upper()] if name.upper() in Pap.__members__ else Pap.RED)
    return Marking(_TLP.get(name, Tlp.AMBER_STRICT), Pap.CLEAR)


_TLP: Final = {**{tlp.wire.lower(): tlp for tlp in Tlp}, "white": Tlp.CLEAR}


def _confidence(tags: list[str]) -> int | None:
    stated = code_in(tags, "confidence")
    if stated.isascii() and stated.isdigit() and len(stated) <= 3 and int(stated) <= 100:
        return int(stated)
    start = 'misp:confidence-level="'
    levels = (tag[len(start) : -1] for tag in tags if tag.startswith(start))
    return _CONFIDENCE.get(next(levels, ""))


def _tags(thing: Members) -> list[str]:
    return [
        each["name"]
        for each in _listed(thing, "Tag")
        if isinstance(each, Mapping) and isinstance(each.get("name"), str)
    ]


def _listed(thing: Members, name: str) -> list[Any]:
    found = thing.get(name)
    return found if isinstance(found, list) else []


def _text(thing: Members, name: str) -> str:
    found = thing.get(name)
    return found if isinstance(found, str) else ""


def _true(value: object) -> bool:
    """MISP writes true as `true`, `"1"` and `1`."""
    return value is True or value == 1 or value == "1" or value == "true"
