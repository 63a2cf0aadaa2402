"""Extension definitions to ship with every collection: our two, and the three that we build on."""

from __future__ import annotations

from typing import Any, Final

from hueandcry.core.stix.markings import TLP_IDS
from hueandcry.core.stix.names import definition_id, identity_id
from hueandcry.core.types import Tlp

#: What we say about an `indicator`: the claim behind it.
CLAIM_EXTENSION: Final = definition_id("extension:claim:v1")
#: What we say about an `identity`: the member behind it.
MEMBER_EXTENSION: Final = definition_id("extension:member:v1")

#: SCO types of the stix2extensions project (Apache-2.0) by their definition ids.
OBSERVABLE_EXTENSIONS: Final[dict[str, str]] = {
    "phone-number": "extension-definition--14a97ee2-e666-5ada-a6bd-b7177f79e211",
    "bank-account": "extension-definition--f19f3291-6a84-5674-b311-d75a925d5bd9",
    "cryptocurrency-wallet": "extension-definition--be78509e-6958-51b1-8b26-d17ee0eba2d7",
}

PUBLISHER_ID: Final = identity_id("hueandcry")  # the project itself: no member has such a name
_PUBLISHED = "2026-11-24T00:00:00.000000Z"

_CLAIM_SCHEMA = (
    "Properties of an indicator. kind (required): the kind of signal, one of domain, url, email, "
    "phone, bank-account, wallet, handle, app, page, advert, file-hash, image-hash. verdict "
    "(required): scam, suspicious, benign or unknown. reissue (required): an integer, 0 at first "
    "and one higher after each retraction of the same claim. lure, method: codes of what the "
    "victim is told and how it arrives. source: the upstream feed, absent for the claimant's own "
    "people. permitted_action: CLEAR, GREEN, AMBER or RED of the Permissible Actions Protocol, "
    "absent for GREEN. purposes: a non-empty list of prevention, protection, investigation, "
    "prosecution, absent for all. embargo: an object of case (text) and until (timestamp), before "
    "which nothing that others could notice may be done. The id of the indicator is UUIDv5 in the "
    "namespace 442ad1c7-27c6-582f-90d7-50c0993045eb of the RFC 8785 form of [fingerprint, source, "
    "kind, value, reissue]."
)
_MEMBER_SCHEMA = (
    "Properties of an identity. fingerprint (required): lower-case hex SHA-256 of the member's "
    "first root statement. country: ISO 3166-1 alpha-2 code. The id of the identity is UUIDv5 in "
    "the namespace 442ad1c7-27c6-582f-90d7-50c0993045eb of the fingerprint."
)


def publisher() -> dict[str, Any]:
    """The identity that our own extension definitions name as their creator."""
    return {
        "type": "identity",
        "spec_version": "2.1",
        "id": PUBLISHER_ID,
        "created": _PUBLISHED,
        "modified": _PUBLISHED,
        "name": "Hue and Cry",
        "identity_class": "organization",
        "object_marking_refs": [TLP_IDS[Tlp.CLEAR]],
    }


def extension_definitions() -> tuple[dict[str, Any], ...]:
    """All definitions that our objects refer to, as STIX objects."""
    ours = (
        _ours(CLAIM_EXTENSION, "claim", "The claim of a member about a signal.", _CLAIM_SCHEMA),
        _ours(MEMBER_EXTENSION, "member", "The member behind an identity.", _MEMBER_SCHEMA),
    )
    return ours + tuple(_published(*row) for row in _OTHERS)


def _ours(ref: str, name: str, description: str, schema: str) -> dict[str, Any]:
    return {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": ref,
        "created_by_ref": PUBLISHER_ID,
        "created": _PUBLISHED,
        "modified": _PUBLISHED,
        "name": f"Hue and Cry {name}",
        "description": description,
        "schema": schema,
        "version": "1.0.0",
        "extension_types": ["property-extension"],
        "object_marking_refs": [TLP_IDS[Tlp.CLEAR]],
    }


_OTHERS = (
    ("phone-number", "Phonenumber", "phone numbers"),
    ("bank-account", "BankAccount", "bank account details"),
    ("cryptocurrency-wallet", "CryptocurrencyWallet", "cryptocurrency wallets"),
)
_OTHERS_SCHEMAS = (
    "https://raw.githubusercontent.com/muchdogesec/stix2extensions/main"
    "/automodel_generated/schemas/scos/"
)


def _published(kind: str, name: str, plural: str) -> dict[str, Any]:
    """The definition word for word as its author published it: it is not ours to change."""
    return {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": OBSERVABLE_EXTENSIONS[kind],
        "created_by_ref": "identity--9779a2db-f98c-5f4b-8d08-8ee04e02dbb5",
        "created": "2020-01-01T00:00:00.000Z",
        "modified": "2020-01-01T00:00:00.000Z",
        "name": name,
        "description": f"This extension creates a new SCO that can be used to represent {plural}.",
        "schema": f"{_OTHERS_SCHEMAS}{kind}.json",
        "version": "1.0",
        "extension_types": ["new-sco"],
        "object_marking_refs": [
            TLP_IDS[Tlp.CLEAR],
            "marking-definition--60c0f466-511a-5419-9f7e-4814e696da40",
        ],
    }
