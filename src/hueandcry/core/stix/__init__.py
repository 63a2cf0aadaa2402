"""STIX 2.1 out and in: signals as observables and patterns, claims as indicators."""

from hueandcry.core.stix.decode import (
    MAX_OBJECT_BYTES,
    PROBLEMS,
    Received,
    read_indicator,
    take_indicator,
)
from hueandcry.core.stix.encode import (
    ENCODERS,
    LATEST_ENCODER,
    identity,
    indicator,
    revoked,
    seat_identity,
)
from hueandcry.core.stix.envelope import MAX_ENVELOPE, Posted, read_envelope
from hueandcry.core.stix.extensions import (
    CLAIM_EXTENSION,
    MEMBER_EXTENSION,
    extension_definitions,
    publisher,
)
from hueandcry.core.stix.markings import TLP_IDS, TLP_MARKINGS, read_tlp
from hueandcry.core.stix.names import claim_id, identity_id, seat_identity_id
from hueandcry.core.stix.objects import StixObject, in_force, is_constant, read_id, read_object
from hueandcry.core.stix.observables import sco, sco_id
from hueandcry.core.stix.patterns import PatternRead, pattern, read_pattern

__all__ = [
    "CLAIM_EXTENSION",
    "ENCODERS",
    "LATEST_ENCODER",
    "MAX_ENVELOPE",
    "MAX_OBJECT_BYTES",
    "MEMBER_EXTENSION",
    "PROBLEMS",
    "TLP_IDS",
    "TLP_MARKINGS",
    "PatternRead",
    "Posted",
    "Received",
    "StixObject",
    "claim_id",
    "extension_definitions",
    "identity",
    "identity_id",
    "in_force",
    "indicator",
    "is_constant",
    "pattern",
    "publisher",
    "read_envelope",
    "read_id",
    "read_indicator",
    "read_object",
    "read_pattern",
    "read_tlp",
    "revoked",
    "sco",
    "sco_id",
    "seat_identity",
    "seat_identity_id",
    "take_indicator",
]
