"""Types of MISP attributes and relations of MISP objects, as kinds of signals: two tables.

`to_ids` false is a statement only where MISP's own default is true; types that MISP never uses for
detection (a telephone number, the name of an account) are taken by what they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hueandcry.core.types import Kind


@dataclass(frozen=True, slots=True)
class Meaning:
    """How the value of one type is read: a kind and a form, or why it is none."""

    kind: Kind | None = None
    form: str = "{}"
    detects: bool = True  #: MISP's default of to_ids for the type
    part: int | None = None  #: which part of a value that is joined by `|`
    fault: str = ""


def _of(kind: Kind, *names: str, form: str = "{}", detects: bool = True) -> dict[str, Meaning]:
    return dict.fromkeys(names, Meaning(kind, form, detects))


_HASHES: Final = {"md5": "md5", "sha1": "sha-1", "sha256": "sha-256", "sha512": "sha-512"}

TYPES: Final[dict[str, Meaning]] = {
    **_of(Kind.DOMAIN, "domain", "hostname", "onion-address"),
    **_of(Kind.URL, "url", "uri"),
    **_of(Kind.URL, "ip-dst", "ip-src"),
    "ip-dst|port": Meaning(Kind.URL, "{}:{}"),
    "ip-src|port": Meaning(Kind.URL, "{}:{}"),
    "hostname|port": Meaning(Kind.DOMAIN, part=0),
    "domain|ip": Meaning(Kind.DOMAIN, part=0),
    **_of(Kind.EMAIL, "email", "email-src", "email-dst"),
    **_of(Kind.EMAIL, "email-reply-to", "dns-soa-email", detects=False),
    **_of(Kind.PHONE, "prtn"),
    **_of(Kind.PHONE, "phone-number", detects=False),
    **_of(Kind.WALLET, "btc", "dash", "xmr"),
    **_of(Kind.BANK_ACCOUNT, "iban", "bank-account-nr"),
    **_of(Kind.APP, "mobile-application-id"),
    **_of(Kind.HANDLE, "twitter-id", form="x:{}", detects=False),
    **{name: Meaning(Kind.FILE_HASH, ours + ":{}") for name, ours in _HASHES.items()},
    **{
        f"filename|{name}": Meaning(Kind.FILE_HASH, ours + ":{}", part=-1)
        for name, ours in _HASHES.items()
    },
    "malware-sample": Meaning(Kind.FILE_HASH, "md5:{}", part=-1),
    **dict.fromkeys(("cc-number", "bin"), Meaning(fault="payment_card")),
    **dict.fromkeys(
        (
            *("target-user", "target-email", "target-machine"),
            *("target-org", "target-location", "target-external"),
        ),
        Meaning(fault="victim"),
    ),
}

#: (object, relation) → what its value is, where the attribute's type alone would not say it.
RELATIONS: Final[dict[tuple[str, str], Meaning]] = {
    ("telegram-account", "username"): Meaning(Kind.HANDLE, "telegram:{}", False),
    ("telegram-account", "id"): Meaning(Kind.HANDLE, "telegram:{}", False),
    ("telegram-account", "phone"): Meaning(Kind.PHONE, detects=False),
    ("telegram-bot", "username"): Meaning(Kind.HANDLE, "telegram:{}", False),
    ("facebook-account", "account-id"): Meaning(Kind.HANDLE, "facebook:{}", False),
    ("facebook-page", "page-id"): Meaning(Kind.PAGE, "facebook:{}", False),
    ("twitter-account", "name"): Meaning(Kind.HANDLE, "x:{}", False),
    ("instagram-account", "username"): Meaning(Kind.HANDLE, "instagram:{}", False),
    ("phone", "msisdn"): Meaning(Kind.PHONE, detects=False),
    ("coin-address", "address-crypto"): Meaning(Kind.WALLET, detects=False),
    ("software", "name"): Meaning(Kind.APP, detects=False),
    ("image-hash", "pdq"): Meaning(Kind.IMAGE_HASH, "pdq:{}", False),
    ("domain-ip", "ip"): Meaning(fault="resolved_address"),
    ("phishing", "ip"): Meaning(fault="resolved_address"),
    ("url", "ip"): Meaning(fault="resolved_address"),
    ("impersonation", "impersonated-account-name"): Meaning(fault="victim"),
    ("impersonation", "impersonated-account-url"): Meaning(fault="victim"),
    ("victim", "*"): Meaning(fault="victim"),
    ("person", "*"): Meaning(fault="no_signal"),
    ("legal-entity", "*"): Meaning(fault="no_signal"),
}
NOTHING: Final = Meaning(fault="no_signal")

#: A bank account stands on several attributes: number, and the first of these that is there.
ACCOUNT: Final = ("bank-account", "account")
BANKS: Final = ("swift", "institution-code", "aba-rtn")
#: An account on a platform: who, and where.
USER: Final = "user-account"
USER_NAMES: Final = ("username", "user-id")
USER_PLATFORM: Final = "account-type"


def meaning(type: str, object: str, relation: str) -> Meaning:
    """What an attribute is, by its object first and by its type then."""
    found = RELATIONS.get((object, relation)) or RELATIONS.get((object, "*"))
    return found or TYPES.get(type, NOTHING)
