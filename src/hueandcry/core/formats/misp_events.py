"""MISP events and feeds written: one event for each day and marking, and a manifest of them.

Names are worked out, never drawn, so that the same list gives the same feed. There is no
hashes.csv: hashes of telephone numbers and accounts would give them away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, Final
from uuid import UUID

import msgspec

from hueandcry.core.errors import Malformed
from hueandcry.core.formats import misp
from hueandcry.core.formats.rows import Entry, Heading, labels_of
from hueandcry.core.ids import uuid5_fast
from hueandcry.core.stix import identity_id
from hueandcry.core.stix.observables import observable
from hueandcry.core.types import DAY, NAMESPACE, SECOND, Kind, Micros, Tlp, Verdict

#: Values of one event: MISP itself suffers from greater ones.
MOST: Final = 10_000
MANIFEST: Final = "manifest.json"
_SORTED: Final = msgspec.json.Encoder(order="sorted")
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Slot:
    """Which event an entry belongs to: the UTC day since when it is so, its marking, a part."""

    day: int  #: days since 1970-01-01
    tlp: Tlp
    part: int = 0


def slot_of(entry: Entry) -> Slot:
    """The day and marking of an entry; parts are counted by who collects them."""
    return Slot(entry.since // DAY, entry.tlp)


def event_id(slot: Slot, heading: Heading) -> str:
    """The UUID that this slot of this list always has."""
    return _uuid(heading, "event", str(slot.day), slot.tlp.wire, str(slot.part))


def event(slot: Slot, entries: Sequence[Entry], heading: Heading) -> bytes:
    """`{"Event": …}` with its attributes and objects, as MISP exports it to a feed."""
    attributes: list[dict[str, Any]] = []
    objects: list[dict[str, Any]] = []
    for entry in entries:
        made = _FORMS[entry.signal.kind](entry, heading)
        (objects if "template_uuid" in made else attributes).append(made)
    said = _about(slot, entries, heading)
    found = {
        "uuid": event_id(slot, heading),
        **said,
        "published": True,
        "publish_timestamp": said["timestamp"],
        "Attribute": attributes,
        "Object": objects,
    }
    return _SORTED.encode({"Event": found}) + b"\n"


def _about(slot: Slot, entries: Sequence[Entry], heading: Heading) -> dict[str, Any]:
    """What manifest and event both say."""
    day = date.fromordinal(_EPOCH_DAY + slot.day).isoformat()
    part = f", part {slot.part + 1}" if slot.part else ""
    return {
        "info": f"Scam signals of {day}, TLP:{slot.tlp.wire}{part} ({heading.member})",
        "Orgc": {"name": heading.member, "uuid": identity_id(heading.fingerprint)[10:]},
        "Tag": _event_tags(slot.tlp),
        "analysis": "2",
        "date": day,
        "threat_level_id": "2",
        "timestamp": _seconds(max(entry.modified for entry in entries)),
    }


def _event_tags(tlp: Tlp) -> list[dict[str, str]]:
    names = (
        (f"tlp:{tlp.wire.lower()}", _COLOURS[tlp]),
        ('rsit:fraud="masquerade"', "#5b5b5b"),
        ('circl:incident-classification="scam"', "#5b5b5b"),
    )
    return [{"name": name, "colour": colour} for name, colour in names]


_COLOURS: Final = {
    Tlp.CLEAR: "#ffffff",
    Tlp.GREEN: "#33ff00",
    Tlp.AMBER: "#ffc000",
    Tlp.AMBER_STRICT: "#ffc000",
    Tlp.RED: "#ff2b2b",
}


# --- the manifest --------------------------------------------------------------------------------


def manifest_line(
    slot: Slot, entries: Sequence[Entry], document: bytes, heading: Heading
) -> tuple[str, dict[str, Any]]:
    """(uuid, what the manifest says) of an event of these entries, written as `document`."""
    said = _about(slot, entries, heading)
    said["integrity:sha256"] = hashlib.sha256(document).hexdigest()
    return event_id(slot, heading), said


def manifest(lines: Mapping[str, Mapping[str, Any]]) -> bytes:
    """The manifest of a feed."""
    return _SORTED.encode(lines) + b"\n"


@dataclass(frozen=True, slots=True)
class Listed:
    """One event of somebody's feed, as its manifest names it."""

    uuid: str
    timestamp: int  #: seconds since 1970; 0 when it does not say
    sha256: str  #: lower-case hex; empty when it does not say

    def check(self, document: bytes) -> None:
        """Raises Malformed when the manifest names other bytes."""
        if self.sha256 and hashlib.sha256(document).hexdigest() != self.sha256:
            raise Malformed(
                "integrity",
                f"The event {self.uuid} is not what its manifest says",
                do="Fetch the feed again; tell its owner if it stays so",
            )


def read_manifest(document: bytes) -> list[Listed]:
    """The events of a feed in the order of their time; raises Malformed for anything else.

    Ids become names of files and addresses, so nothing but a UUID is let through.
    """
    found = misp.parsed(document)
    if not isinstance(found, Mapping):
        raise Malformed("manifest", "This is no manifest of a MISP feed")
    listed = [_listed(uuid, said) for uuid, said in found.items()]
    return sorted(listed, key=lambda each: (each.timestamp, each.uuid))


def _listed(uuid: str, said: Any) -> Listed:
    try:
        name = str(UUID(uuid))
    except ValueError:
        raise Malformed("manifest", f"{uuid[:64]!a} in the manifest is no UUID") from None
    if not isinstance(said, Mapping) or name != uuid.lower():
        raise Malformed("manifest", f"The manifest says nothing about {name}")
    stamp, digest = str(said.get("timestamp", "0")), said.get("integrity:sha256", "")
    seconds = int(stamp) if stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 else 0
    return Listed(uuid, seconds, digest.lower() if isinstance(digest, str) else "")


def parts(entries: Sequence[int], size: int = MOST) -> Iterator[Sequence[int]]:
    """Entries of one day in parts that one event can take."""
    remaining = iter(entries)
    while part := list(islice(remaining, size)):
        yield part


# --- attributes ----------------------------------------------------------------------------------

_Form = Callable[[Entry, Heading], dict[str, Any]]


def _attribute(
    entry: Entry, heading: Heading, type: str, category: str, value: str, relation: str = ""
) -> dict[str, Any]:
    signal = entry.signal
    stamp = _seconds(entry.modified)
    found: dict[str, Any] = {
        "uuid": _uuid(heading, "attribute", signal.kind.value, signal.value, relation),
        "type": type,
        "category": category,
        "value": value,
        "to_ids": entry.verdict is Verdict.SCAM and relation not in _SUPPORTING,
        "disable_correlation": relation in _SUPPORTING,
        "timestamp": stamp,
        "comment": f"valid until {_day(entry.until)}",
        "Tag": [{"name": name, "colour": "#5b5b5b"} for name in _attribute_tags(entry)],
    }
    return {**found, "object_relation": relation} if relation else found


_SUPPORTING: Final = frozenset({"swift", "institution-code"})


def _attribute_tags(entry: Entry) -> list[str]:
    tags = [f'hueandcry:verdict="{entry.verdict.value}"', *labels_of(entry)]
    if entry.confidence is not None:
        tags.append(f'hueandcry:confidence="{entry.confidence}"')
    return tags


def _object(
    entry: Entry,
    heading: Heading,
    template: tuple[str, str, str, str],
    *attributes: tuple[str, str, str, str],
) -> dict[str, Any]:
    name, category, uuid, version = template
    signal = entry.signal
    return {
        "uuid": _uuid(heading, "object", signal.kind.value, signal.value),
        "name": name,
        "meta-category": category,
        "template_uuid": uuid,
        "template_version": version,
        "description": "",
        "timestamp": _seconds(entry.modified),
        "Attribute": [
            _attribute(entry, heading, type, where, value, relation)
            for relation, type, where, value in attributes
        ],
    }


#: Object templates of MISP: name, meta-category, UUID, version.
_BANK_ACCOUNT = ("bank-account", "financial", "b4712203-95a8-4883-80e9-b566f5df11c9", "3")
_COIN_ADDRESS = ("coin-address", "financial", "d0e6997e-78da-4815-a6a1-cfc1c1cb8a46", "7")
_TELEGRAM = ("telegram-account", "misc", "06f02ecf-5afb-42c5-9cb0-b362e222f52c", "2")
_USER_ACCOUNT = ("user-account", "misc", "49606b06-22f0-4ac8-8eee-2f12ad46f3d3", "6")


def _plain(type: str, category: str) -> _Form:
    return lambda entry, heading: _attribute(entry, heading, type, category, entry.signal.value)


def _url(entry: Entry, heading: Heading) -> dict[str, Any]:
    """The full address: a canonical url of ours leaves the scheme of the web out."""
    value = observable(entry.signal)[1]["value"]
    return _attribute(entry, heading, "url", "Network activity", value)


def _bank_account(entry: Entry, heading: Heading) -> dict[str, Any]:
    value = entry.signal.value
    bank, colon, number = value.partition(":")
    if not colon:
        return _attribute(entry, heading, "iban", "Financial fraud", value)
    is_bic = len(bank) == 8 and bank[:6].isalpha()
    where = ("swift", "bic") if is_bic else ("institution-code", "text")
    category = "Financial fraud" if is_bic else "Other"
    return _object(
        entry,
        heading,
        _BANK_ACCOUNT,
        ("account", "bank-account-nr", "Financial fraud", number),
        (*where, category, bank),
    )


def _wallet(entry: Entry, heading: Heading) -> dict[str, Any]:
    value = entry.signal.value
    if value.startswith(("bc1", "1", "3")) and len(value) < 75:
        return _attribute(entry, heading, "btc", "Financial fraud", value)
    return _object(
        entry, heading, _COIN_ADDRESS, ("address-crypto", "text", "Financial fraud", value)
    )


def _account(entry: Entry, heading: Heading) -> dict[str, Any]:
    if entry.signal.kind is Kind.HANDLE and entry.signal.value.startswith("telegram:"):
        name = entry.signal.value.partition(":")[2]
        return _object(entry, heading, _TELEGRAM, ("username", "text", "Other", name))
    said = observable(entry.signal)[1]
    name = said.get("account_login") or said["user_id"]
    relation = "username" if "account_login" in said else "user-id"
    return _object(
        entry,
        heading,
        _USER_ACCOUNT,
        ("account-type", "text", "Other", said.get("account_type", "")),
        (relation, "text", "Other", name),
    )


def _file_hash(entry: Entry, heading: Heading) -> dict[str, Any]:
    name, _, digits = entry.signal.value.partition(":")
    return _attribute(entry, heading, name.replace("-", ""), "Payload delivery", digits)


_FORMS: Final[dict[Kind, _Form]] = {
    Kind.DOMAIN: _plain("domain", "Network activity"),
    Kind.URL: _url,
    Kind.EMAIL: _plain("email-src", "Payload delivery"),
    Kind.PHONE: _plain("phone-number", "Financial fraud"),
    Kind.BANK_ACCOUNT: _bank_account,
    Kind.WALLET: _wallet,
    Kind.HANDLE: _account,
    Kind.APP: _plain("mobile-application-id", "Payload delivery"),
    Kind.PAGE: _account,
    Kind.ADVERT: _account,
    Kind.FILE_HASH: _file_hash,
    Kind.IMAGE_HASH: _plain("other", "Other"),
}


def _uuid(heading: Heading, *words: str) -> str:
    name = "\n".join(("hueandcry/misp/v1", heading.fingerprint, heading.audience, *words))
    return str(uuid5_fast(NAMESPACE, name.encode()))


def _seconds(at: Micros) -> str:
    return str(at // SECOND)


def _day(at: Micros) -> str:
    return date.fromordinal(_EPOCH_DAY + at // DAY).isoformat()
