"""STIX 2.1 out and in: signals as observables and patterns, claims as indicators."""

from hueandcry.core.stix.decode import MAX_OBJECT_BYTES, PROBLEMS, Received, read_indicator
from hueandcry.core.stix.encode import (
    ENCODERS,
    LATEST_ENCODER,
    identity,
    indicator,
    seat_identity,
)
from hueandcry.core.stix.extensions import (
    CLAIM_EXTENSION,
    MEMBER_EXTENSION,
    extension_definitions,
    publisher,
)
from hueandcry.core.stix.markings import TLP_IDS, TLP_MARKINGS, read_tlp
from hueandcry.core.stix.names import claim_id, identity_id, seat_identity_id
from hueandcry.core.stix.observables import sco, sco_id
from hueandcry.core.stix.patterns import PatternRead, pattern, read_pattern

__all__ = [
    "CLAIM_EXTENSION",
    "ENCODERS",
    "LATEST_ENCODER",
    "MAX_OBJECT_BYTES",
    "MEMBER_EXTENSION",
    "PROBLEMS",
    "TLP_IDS",
    "TLP_MARKINGS",
    "PatternRead",
    "Received",
    "claim_id",
    "extension_definitions",
    "identity",
    "identity_id",
    "indicator",
    "pattern",
    "publisher",
    "read_indicator",
    "read_pattern",
    "read_tlp",
    "sco",
    "sco_id",
    "seat_identity",
    "seat_identity_id",
]
