"""TLP 2.0 marking definitions: constants, never taken from the wire (PROTOCOL 4)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from hueandcry.core.types import Tlp

#: The published property extension that carries TLP 2.0.
TLP_EXTENSION: Final = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

#: The published TLP 2.0 object ids.
TLP_IDS: Final[dict[Tlp, str]] = {
    Tlp.CLEAR: "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    Tlp.GREEN: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    Tlp.AMBER: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    Tlp.AMBER_STRICT: "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    Tlp.RED: "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}

#: TLP 1 ids (STIX 2.1 section 7.2.1.4): read as their successors, never written.
TLP1_IDS: Final[dict[str, Tlp]] = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": Tlp.CLEAR,  # was WHITE
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": Tlp.GREEN,
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": Tlp.AMBER,
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": Tlp.RED,
}

_KNOWN = {**{ref: tlp for tlp, ref in TLP_IDS.items()}, **TLP1_IDS}


def _definition(tlp: Tlp, ref: str) -> dict[str, Any]:
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": ref,
        "created": "2022-10-01T00:00:00.000Z",
        "name": f"TLP:{tlp.wire}",
        "extensions": {
            TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": tlp.wire.lower()}
        },
    }


#: The five TLP 2.0 objects as published, to ship in every collection.
TLP_MARKINGS: Final[dict[Tlp, dict[str, Any]]] = {
    tlp: _definition(tlp, ref) for tlp, ref in TLP_IDS.items()
}


def read_tlp(refs: Iterable[str], granular: bool) -> tuple[Tlp, tuple[str, ...]]:
    """The strictest marking of an object, and codes for what was not plain TLP 2.0.

    No marking at all, one that we do not know, and a granular one each read as AMBER+STRICT or
    stricter (PROTOCOL 4). Codes: `marking_missing`, `marking_unknown`, `marking_granular`.
    """
    return _strictest(tuple(refs), granular)


# Most objects are marked alike.
@lru_cache(maxsize=1_024)
def _strictest(refs: tuple[str, ...], granular: bool) -> tuple[Tlp, tuple[str, ...]]:
    problems = [
        code
        for code, found in (
            ("marking_missing", not refs),
            ("marking_unknown", any(ref not in _KNOWN for ref in refs)),
            ("marking_granular", granular),
        )
        if found
    ]
    least = Tlp.AMBER_STRICT if problems else Tlp.CLEAR
    return max([least, *(_KNOWN.get(ref, least) for ref in refs)]), tuple(problems)
