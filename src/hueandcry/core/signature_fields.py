"""Reading `Signature-Input` and `Signature` (RFC 9421), where exactly one signature is expected.

Only canonical structured-field text is read (RFC 9651, section 4.1), which is what every serialiser
writes; there are no escapes in it, since no value of our profile needs one.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass

from hueandcry.core.errors import Malformed, TooLarge, Untrusted

FIELD_MAX = 2_048  #: characters of `Signature-Input`; the profile of calls needs about 350

# Each alternative begins differently, so that matching takes linear time.
_KEY = r"[a-z*][a-z0-9_.*-]{0,63}"
_STRING = r'"[ !#-\[\]-~]*"'
_INTEGER = r"(?:0|-?[1-9][0-9]{0,14})"
_COMPONENT = rf"{_STRING}(?:;{_KEY}(?:={_STRING})?)*"
_PARAMETER = rf";({_KEY})=({_STRING}|{_INTEGER})"
_PARAMETERS = re.compile(_PARAMETER)
_COMPONENTS = re.compile(_COMPONENT)
_INPUT = re.compile(
    rf"({_KEY})=(\((?:{_COMPONENT}(?: {_COMPONENT})*)?\))((?:;{_KEY}=(?:{_STRING}|{_INTEGER}))*)"
)
_SIGNATURE = re.compile(rf"({_KEY})=:([A-Za-z0-9+/]{{85}}[AQgw]==):")


@dataclass(frozen=True, slots=True)
class StatedSignature:
    """The two signature fields, taken apart and not yet believed."""

    covered: tuple[str, ...]
    parameters: dict[str, str | int]
    text: str  # the value of @signature-params
    signature: bytes

    def number(self, name: str) -> int:
        """A parameter that counts seconds; raises Malformed for anything else."""
        value = self.parameters[name]
        if not isinstance(value, int) or value < 0:
            raise Malformed("call_parameter", f"The parameter {name} is not a number of seconds")
        return value

    def word(self, name: str) -> str:
        """A parameter that is a string; raises Malformed for anything else."""
        value = self.parameters[name]
        if not isinstance(value, str):
            raise Malformed("call_parameter", f"The parameter {name} is not a string")
        return value


def read_fields(headers: Mapping[str, str]) -> StatedSignature:
    """Takes both fields apart, from lower-case names; raises Untrusted, Malformed or TooLarge."""
    entry, signature = headers.get("signature-input"), headers.get("signature")
    if entry is None or signature is None:
        raise Untrusted(
            "call_unsigned",
            "This call is not signed",
            do="Send Signature-Input, Signature and Content-Digest",
        )
    if len(entry) > FIELD_MAX:
        raise TooLarge("call_field", f"Signature-Input has more than {FIELD_MAX} characters")
    label, covered, parameters, text = _read_input(entry)
    signed_label, raw = read_signature(signature)
    if label != signed_label:
        raise Malformed("call_label", "Signature-Input and Signature have different labels")
    return StatedSignature(covered, parameters, text, raw)


def _read_input(entry: str) -> tuple[str, tuple[str, ...], dict[str, str | int], str]:
    found = _INPUT.match(entry)
    if found is None:
        raise Malformed("call_form", "Signature-Input is not canonical structured-field text")
    _check_end(entry, found.end(), "Signature-Input")
    parameters: dict[str, str | int] = {}
    for name, value in _PARAMETERS.findall(found[3]):
        if name in parameters:
            raise Malformed("call_parameter", f"The parameter {name} is stated twice")
        parameters[name] = value[1:-1] if value[0] == '"' else int(value)
    return found[1], tuple(_COMPONENTS.findall(found[2])), parameters, found[2] + found[3]


def read_signature(field: str) -> tuple[str, bytes]:
    """Label and 64 bytes of a `Signature` field; the last character of the text is canonical."""
    found = _SIGNATURE.match(field)
    if found is None:
        raise Malformed("call_form", "Signature is not one signature of 64 bytes in base64")
    _check_end(field, found.end(), "Signature")
    return found[1], base64.b64decode(found[2])


def _check_end(field: str, end: int, name: str) -> None:
    rest = field[end:]
    if rest.lstrip(" \t").startswith(","):
        raise Untrusted("call_signatures", f"{name} has more than one entry", do="Sign once")
    if rest:
        raise Malformed("call_form", f"{name} is not canonical structured-field text")
