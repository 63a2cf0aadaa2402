"""The OASIS schemas and those of stix2extensions, where they lie beside the repository."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs

FOLDERS = ("common", "sdos", "sros", "observables")
MASTER = "https://raw.githubusercontent.com/oasis-open/cti-stix2-json-schemas/master/schemas/"


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def validators(shared: Callable[[str], Path]) -> Callable[[str], Any]:
    """A function from a STIX type to the validator of its schema; skips where there are none."""
    oasis = shared("vocabularies/stix-2.1-schemas")
    extended = shared("vocabularies/stix2extensions") / "automodel_generated/schemas/scos"
    schemas = {
        path: read(path) for folder in FOLDERS for path in sorted((oasis / folder).glob("*.json"))
    }
    resources = [(schema["$id"], schema) for schema in schemas.values()] + [
        (
            f"{MASTER}{path.relative_to(oasis)}",
            {**schema, "$id": f"{MASTER}{path.relative_to(oasis)}"},
        )
        for path, schema in schemas.items()
    ]
    registry = jsonschema_rs.Registry(resources)
    by_type = {path.stem: schema for path, schema in schemas.items()}
    by_type |= {path.stem: read(path) for path in extended.glob("*.json")}
    return lambda kind: jsonschema_rs.validator_for(
        by_type[kind], registry=registry, validate_formats=True
    )
