"""Claims as STIX indicators: RFC 8785 bytes, written fast, the same for ever.

An encoder is stored by number with each batch that it wrote. Encoders are only ever added: what
was signed once must come out again byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import msgspec

from hueandcry.core.errors import Malformed
from hueandcry.core.stix.extensions import CLAIM_EXTENSION, MEMBER_EXTENSION
from hueandcry.core.stix.markings import TLP_IDS
from hueandcry.core.stix.names import identity_id, seat_identity_id
from hueandcry.core.stix.patterns import pattern
from hueandcry.core.times import time_text
from hueandcry.core.types import Claim, Fingerprint, Marking, Micros, Pap, Tlp, Verdict

#: STIX open vocabulary indicator-type-ov for each verdict.
INDICATOR_TYPES: Final[dict[Verdict, str]] = {
    Verdict.SCAM: "malicious-activity",
    Verdict.SUSPICIOUS: "anomalous-activity",
    Verdict.BENIGN: "benign",
    Verdict.UNKNOWN: "unknown",
}

# The encoder writes strings exactly as RFC 8785 section 3.2.2.2 does; a test says so.
_json = msgspec.json.Encoder().encode

_EXTENSION = (
    f'","extensions":{{"{CLAIM_EXTENSION}":{{'.encode(),
    b'"extension_type":"property-extension","kind":"',
)
_VERDICTS: Final[dict[Verdict, bytes]] = {
    verdict: f'"verdict":"{verdict}"}}}},"id":"indicator--'.encode() for verdict in Verdict
}
_TYPES: Final[dict[Verdict, bytes]] = {
    verdict: f',"indicator_types":["{text}"],"modified":"'.encode()
    for verdict, text in INDICATOR_TYPES.items()
}
_REFS: Final[dict[Tlp, bytes]] = {
    tlp: f'","object_marking_refs":["{ref}"],"pattern":'.encode() for tlp, ref in TLP_IDS.items()
}
_ACTIONS: Final[dict[Pap, bytes]] = {
    pap: f'"permitted_action":"{pap.name}",'.encode() for pap in Pap
}
_SPEC = b',"spec_version":"2.1","type":"indicator"'
_CONSTANTS = b',"pattern_type":"stix"' + _SPEC + b',"valid_from":"'


def indicator(claim: Claim) -> bytes:
    """Encoder 1: one claim as the RFC 8785 bytes of a STIX 2.1 indicator, on one line.

    Raises Malformed when the claim ends before it begins, which STIX does not allow.
    """
    if claim.valid_from >= claim.valid_until:
        raise Malformed("claim_times", "The claim ends before it begins", do="give a later end")
    marking, verdict, confidence = claim.marking, claim.verdict, claim.confidence
    return b"".join(
        (
            b'{"created":"' if confidence is None else b'{"confidence":%d,"created":"' % confidence,
            _time(claim.created),
            b'","created_by_ref":"',
            _creator(claim.claimant),
            _EXTENSION[0],
            b"" if marking.embargo is None else _embargo(marking),
            _EXTENSION[1],
            claim.signal.kind.encode(),
            b'",' if not claim.lure else b'","lure":%b,' % _json(claim.lure),
            b"" if not claim.method else b'"method":%b,' % _json(claim.method),
            _ACTIONS[marking.pap],
            b"" if not marking.purposes else _purposes(marking),
            b'"reissue":%d,' % claim.n,
            b"" if not claim.source else b'"source":%b,' % _json(claim.source),
            _VERDICTS[verdict],
            _json(claim.id)[1:],
            _TYPES[verdict],
            _time(claim.modified),
            _REFS[marking.tlp],
            _json(pattern(claim.signal)),
            _CONSTANTS,
            _time(claim.valid_from),
            b'","valid_until":"',
            _time(claim.valid_until),
            b'"}',
        )
    )


def revoked(claim: Claim) -> bytes:
    """A retracted claim as others see it: the same object with `revoked`, on one line (RFC 8785).

    `modified` of the claim is that of the retraction.
    """
    before, _, after = indicator(claim).rpartition(_SPEC)
    return before + b',"revoked":true' + _SPEC + after


#: Version → encoder. A version once released is never changed or taken away.
ENCODERS: Final[dict[int, Callable[[Claim], bytes]]] = {1: indicator}
LATEST_ENCODER: Final = max(ENCODERS)


def identity(
    fingerprint: Fingerprint, name: str, country: str, roles: tuple[str, ...], at: Micros
) -> dict[str, Any]:
    """A member as a STIX identity; `country` is ISO 3166-1 alpha-2, `at` its card's time."""
    member = {
        "extension_type": "property-extension",
        "fingerprint": fingerprint,
        **({"country": country} if country else {}),
    }
    return {
        "type": "identity",
        "spec_version": "2.1",
        "id": identity_id(fingerprint),
        "created": time_text(at),
        "modified": time_text(at),
        "name": name,
        "identity_class": "organization",
        **({"roles": list(roles)} if roles else {}),
        "object_marking_refs": [TLP_IDS[Tlp.CLEAR]],
        "extensions": {MEMBER_EXTENSION: member},
    }


def seat_identity(
    home: Fingerprint, code: str, name: str, roles: tuple[str, ...], at: Micros
) -> dict[str, Any]:
    """A guest as a STIX identity that its home vouches for; its claims name `seat:<code>`."""
    return {
        "type": "identity",
        "spec_version": "2.1",
        "id": seat_identity_id(home, code),
        "created_by_ref": identity_id(home),
        "created": time_text(at),
        "modified": time_text(at),
        "name": name,
        "identity_class": "organization",
        **({"roles": list(roles)} if roles else {}),
        "external_references": [{"source_name": "hueandcry-seat", "external_id": code}],
        "object_marking_refs": [TLP_IDS[Tlp.CLEAR]],
    }


@lru_cache(maxsize=16_384)
def _time(micros: Micros) -> bytes:
    return time_text(micros).encode()


@lru_cache(maxsize=4_096)
def _creator(fingerprint: Fingerprint) -> bytes:
    return identity_id(fingerprint).encode()


def _embargo(marking: Marking) -> bytes:
    assert marking.embargo
    until = _time(marking.embargo.until)
    return b'"embargo":{"case":%b,"until":"%b"},' % (_json(marking.embargo.case), until)


def _purposes(marking: Marking) -> bytes:
    return b'"purposes":%b,' % _json(sorted(marking.purposes))
