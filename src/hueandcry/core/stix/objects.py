"""Any STIX 2.1 object as others write it: enough is checked to keep it, name it and mark it.

Checked are the common properties, and the properties that section 4 to 7 of STIX 2.1 require of
each type, with their forms. What a type may have besides is the business of its readers.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from hueandcry.core.errors import Malformed
from hueandcry.core.stix.extensions import extension_definitions
from hueandcry.core.stix.markings import TLP_EXTENSION, TLP_IDS, read_tlp
from hueandcry.core.times import read_rfc3339
from hueandcry.core.types import Micros, Tlp


class StixObject(msgspec.Struct, frozen=True):
    """What every object says of itself."""

    type: str
    id: str
    uuid: bytes  #: the 16 bytes in its id
    version: Micros | None  #: `modified`, else `created`; None: this type has no versions
    version_text: str  #: the same as the object spells it
    revoked: bool
    tlp: Tlp  #: the strictest of its markings, by ids that are known here
    problems: tuple[str, ...]  #: codes of `read_tlp`


def read_object(value: Any) -> StixObject:
    """The head of one object, given as parsed; raises Malformed with a code that says what lacks.

    Codes: `no_object`, `type`, `unknown_type`, `id`, `properties`, `times`, `tlp_definition`.
    """
    if not isinstance(value, dict) or type(value.get("type")) is not str:
        raise Malformed("no_object", "This is no STIX object: it has no type")
    kind: str = value["type"]
    form = FORMS.get(kind) or _other(kind, value)
    try:
        read = msgspec.convert(value, form, strict=True)
    except msgspec.ValidationError as error:
        raise Malformed(
            "properties", f"This is no {kind[:64]} of STIX 2.1", why=str(error)
        ) from None
    _check_one_of(kind, value)
    if kind == "marking-definition":
        _check_definition(value)
    version, text = _version(kind, read)
    # Without any marking nothing is said, which is stricter than all that could be (PROTOCOL 4).
    tlp, problems = read_tlp(read.object_marking_refs, bool(read.granular_markings))
    if kind == "marking-definition" and not read.object_marking_refs:
        tlp, problems = Tlp.CLEAR, ()
    return StixObject(
        kind, read.id, _uuid(kind, read.id), version, text, read.revoked, tlp, problems
    )


def is_constant(id: str) -> bool:
    """Whether an id is one of those that are constants here, never taken from the wire."""
    return id in _CONSTANTS


_CONSTANTS: Final = frozenset(
    {*TLP_IDS.values(), *(str(each["id"]) for each in extension_definitions())}
)


# --- ids and times -------------------------------------------------------------------------------

_UUID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_IS_UUID: Final = re.compile(_UUID)
_TYPE: Final = re.compile(r"[a-z0-9](?:-?[a-z0-9]){2,249}")
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z"
)


def _uuid(kind: str, id: str) -> bytes:
    name, _, rest = id.partition("--")
    if name != kind or not _IS_UUID.fullmatch(rest):
        raise Malformed("id", f"The id {id[:100]!a} is not `{kind[:64]}--` and a UUID")
    return bytes.fromhex(rest.replace("-", ""))


def read_id(id: str) -> bytes | None:
    """The 16 bytes in a STIX id; None for text that is no id."""
    name, _, rest = id.partition("--")
    if not _TYPE.fullmatch(name) or not _IS_UUID.fullmatch(rest):
        return None
    return UUID(rest).bytes


@lru_cache(maxsize=16_384)
def _instant(text: str) -> Micros:
    if not _TIME.fullmatch(text):
        raise Malformed("times", f"{text[:64]!a} is no time of STIX 2.1, which ends in Z")
    return read_rfc3339(text)


def _version(kind: str, read: Any) -> tuple[Micros | None, str]:
    created, modified = getattr(read, "created", None), getattr(read, "modified", None)
    if created is None:
        return None, ""
    if modified is None:
        return _instant(created), created
    if _instant(modified) < _instant(created):
        raise Malformed("times", f"This {kind[:64]} was modified before it was created")
    return _instant(modified), modified


# --- what is required ----------------------------------------------------------------------------

_Text = Annotated[str, Meta(min_length=1)]
_Time = Annotated[str, Meta(max_length=64)]
_Ref = Annotated[str, Meta(pattern=rf"^[a-z0-9-]+--{_UUID}\Z")]
_Refs = Annotated[list[_Ref], Meta(min_length=1)]
_Identity = Annotated[str, Meta(pattern=rf"^identity--{_UUID}\Z")]
_Marking = Annotated[str, Meta(pattern=rf"^marking-definition--{_UUID}\Z")]
_Texts = Annotated[list[_Text], Meta(min_length=1)]
_Natural = Annotated[int, Meta(ge=0)]
_Opinion = Literal["strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"]


class _Source(msgspec.Struct):
    source_name: _Text


class _Common(msgspec.Struct, kw_only=True):
    """What every object may have (STIX 2.1 section 3.2)."""

    id: Annotated[str, Meta(max_length=300)]
    object_marking_refs: list[_Marking] = []
    granular_markings: list[dict[str, Any]] = []
    extensions: dict[_Ref, dict[str, Any]] = {}
    revoked: bool = False


class _Described(_Common, kw_only=True):
    """What objects that are not observables may have besides."""

    spec_version: Literal["2.1"]
    created: _Time
    created_by_ref: _Identity | None = None
    labels: _Texts | None = None
    confidence: Annotated[int, Meta(ge=0, le=100)] | None = None
    lang: str | None = None
    external_references: Annotated[list[_Source], Meta(min_length=1)] | None = None


class _Versioned(_Described, kw_only=True):
    modified: _Time


class _Observable(_Common, kw_only=True):
    """A cyber-observable: it has no versions (STIX 2.1 section 3.2)."""

    spec_version: Literal["2.1"] = "2.1"
    defanged: bool = False


class _CustomObservable(_Observable, kw_only=True):
    """An observable of a type that an extension defines."""


_NAMED: Final[dict[str, Any]] = {"name": _Text}
_SDO: Final[dict[str, dict[str, Any]]] = {
    "attack-pattern": _NAMED,
    "campaign": _NAMED,
    "course-of-action": _NAMED,
    "grouping": {"context": _Text, "object_refs": _Refs},
    "identity": _NAMED,
    "incident": _NAMED,
    "indicator": {"pattern": _Text, "pattern_type": _Text, "valid_from": _Time},
    "infrastructure": _NAMED,
    "intrusion-set": _NAMED,
    "location": {},
    "malware": {"is_family": bool},
    "malware-analysis": {"product": _Text},
    "note": {"content": _Text, "object_refs": _Refs},
    "observed-data": {
        "first_observed": _Time,
        "last_observed": _Time,
        "number_observed": Annotated[int, Meta(ge=1, le=999_999_999)],
    },
    "opinion": {"opinion": _Opinion, "object_refs": _Refs},
    "report": {"name": _Text, "published": _Time, "object_refs": _Refs},
    "threat-actor": _NAMED,
    "tool": _NAMED,
    "vulnerability": _NAMED,
    "relationship": {"relationship_type": _Text, "source_ref": _Ref, "target_ref": _Ref},
    "sighting": {"sighting_of_ref": _Ref},
    "language-content": {"object_ref": _Ref, "contents": dict[str, Any]},
    "extension-definition": {
        "created_by_ref": _Identity,
        "name": _Text,
        "schema": _Text,
        "version": _Text,
        "extension_types": _Texts,
    },
}
_SCO: Final[dict[str, dict[str, Any]]] = {
    "artifact": {},
    "autonomous-system": {"number": _Natural},
    "directory": {"path": _Text},
    "domain-name": {"value": _Text},
    "email-addr": {"value": _Text},
    "email-message": {"is_multipart": bool},
    "file": {},
    "ipv4-addr": {"value": _Text},
    "ipv6-addr": {"value": _Text},
    "mac-addr": {"value": _Text},
    "mutex": _NAMED,
    "network-traffic": {"protocols": _Texts},
    "process": {},
    "software": _NAMED,
    "url": {"value": _Text},
    "user-account": {},
    "windows-registry-key": {},
    "x509-certificate": {},
}
#: Of these at least one must be there; what stands together in a tuple, together.
_ONE_OF: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "location": (("region",), ("country",), ("latitude", "longitude")),
    "malware-analysis": (("result",), ("analysis_sco_refs",)),
    "observed-data": (("objects",), ("object_refs",)),
    "artifact": (("payload_bin",), ("url", "hashes")),
    "file": (("hashes",), ("name",)),
    "network-traffic": (("src_ref",), ("dst_ref",)),
    "marking-definition": (("definition_type", "definition"), ("extensions",)),
}


def _form(kind: str, base: type[msgspec.Struct], required: dict[str, Any]) -> type[msgspec.Struct]:
    name = "".join(part.title() for part in kind.split("-"))
    return msgspec.defstruct(name, list(required.items()), bases=(base,), kw_only=True)


FORMS: Final[dict[str, type[Any]]] = {
    **{kind: _form(kind, _Versioned, required) for kind, required in _SDO.items()},
    **{kind: _form(kind, _Observable, required) for kind, required in _SCO.items()},
    "marking-definition": _form("marking-definition", _Described, {}),
}


def _other(kind: str, value: dict[str, Any]) -> type[Any]:
    """A type that an extension defines, or an older custom one (`x-…`): versioned if it says so."""
    if not _TYPE.fullmatch(kind):
        raise Malformed("type", f"{kind[:64]!a} is no name of a type")
    extensions = value.get("extensions")
    defines = isinstance(extensions, dict) and any(
        isinstance(each, dict) and str(each.get("extension_type", "")).startswith("new-")
        for each in extensions.values()
    )
    if not defines and not kind.startswith("x-"):
        raise Malformed(
            "unknown_type",
            f"STIX 2.1 has no type {kind[:64]}",
            do="Name the extension that defines it (`extension_type` new-sdo, new-sco or new-sro)",
        )
    return _Versioned if "created" in value or "modified" in value else _CustomObservable


def _check_one_of(kind: str, value: dict[str, Any]) -> None:
    choices = _ONE_OF.get(kind)
    if choices and not any(all(name in value for name in choice) for choice in choices):
        listed = " or ".join(" with ".join(choice) for choice in choices)
        raise Malformed("properties", f"This is no {kind} of STIX 2.1", why=f"it needs {listed}")


def _check_definition(value: dict[str, Any]) -> None:
    """What TLP means is not for the wire to say (PROTOCOL 4)."""
    says_tlp = value.get("definition_type") == "tlp" or TLP_EXTENSION in value.get("extensions", {})
    if says_tlp and read_tlp([str(value.get("id"))], False)[1]:
        raise Malformed(
            "tlp_definition",
            "This marking calls itself TLP under an id that is not one of TLP's",
            why="markings are known by the published ids only",
            do="Use the published ids of TLP 2.0",
        )


def in_force(value: dict[str, Any], at: Micros) -> bool:
    """Whether an indicator is valid at `at`; raises Malformed for times that are none."""
    until = value.get("valid_until")
    if until is not None and not isinstance(until, str):
        raise Malformed("times", "`valid_until` is a time as text")
    begins = _instant(str(value["valid_from"]))
    if until is not None and _instant(until) <= begins:
        raise Malformed("times", "`valid_until` is not after `valid_from`")
    return begins <= at and (until is None or at < _instant(until))


__all__ = ["FORMS", "StixObject", "in_force", "is_constant", "read_id", "read_object"]
