"""Deterministic ids and observables, against published vectors and the stix2 library."""

from __future__ import annotations

import json
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
import rfc8785
import stix2  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.normal import examples
from hueandcry.core.stix import claim_id, identity_id, sco, sco_id
from hueandcry.core.stix.names import SCO_NAMESPACE, observable_id
from hueandcry.core.types import NAMESPACE, Kind, Signal

FINGERPRINT = "ab" * 32


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (Kind.DOMAIN, "example.com", "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7"),
        (Kind.URL, "example.com/", "url--be22e93a-5e33-5678-b19f-8b4ea06df0bd"),
        (Kind.PHONE, "4407890129093", "phone-number--3a7d0770-a647-5648-9c09-9cbd608c7a67"),
        (
            Kind.BANK_ACCOUNT,
            "GB33BUKB20201555555555",
            "bank-account--0ffc7644-b03a-5c13-94aa-22816e581fc9",
        ),
        (
            Kind.WALLET,
            "1KFHE7w8BhaENAswwryaoccDb6qcT6DbYY",
            "cryptocurrency-wallet--27fadc91-1e1c-5474-988f-07a16840be45",
        ),
    ],
)
def test_observable_ids_are_the_published_ones(kind: Kind, value: str, expected: str) -> None:
    assert sco_id(Signal(kind, value)) == expected


@pytest.mark.parametrize(
    ("signal", "oracle"),
    [
        (Signal(Kind.DOMAIN, "a.example"), stix2.v21.DomainName(value="a.example")),
        (Signal(Kind.URL, "a.example/?x='y'"), stix2.v21.URL(value="https://a.example/?x='y'")),
        (Signal(Kind.URL, "ftp://a.example/"), stix2.v21.URL(value="ftp://a.example/")),
        (Signal(Kind.EMAIL, "Eve@a.example"), stix2.v21.EmailAddress(value="Eve@a.example")),
        (Signal(Kind.APP, "android:com.bad.app"), stix2.v21.Software(name="android:com.bad.app")),
        (
            Signal(Kind.HANDLE, "telegram:bad"),
            stix2.v21.UserAccount(account_type="telegram", account_login="bad"),
        ),
        (
            Signal(Kind.PAGE, "facebook:123"),
            stix2.v21.UserAccount(account_type="facebook-page", user_id="123"),
        ),
        (
            Signal(Kind.ADVERT, "google:CR1"),
            stix2.v21.UserAccount(account_type="google-advert", user_id="CR1"),
        ),
        (
            Signal(Kind.FILE_HASH, "sha-256:" + "a" * 64),
            stix2.v21.File(hashes={"SHA-256": "a" * 64}),
        ),
        (Signal(Kind.FILE_HASH, "md5:" + "b" * 32), stix2.v21.File(hashes={"MD5": "b" * 32})),
        (
            Signal(Kind.IMAGE_HASH, "pdq:" + "c" * 64),
            stix2.v21.File(hashes={"PDQ": "c" * 64}, allow_custom=True),
        ),
    ],
)
def test_the_stix2_library_gives_the_same_object(signal: Signal, oracle: Any) -> None:
    assert sco(signal) == json.loads(oracle.serialize())


def test_every_kind_gives_different_observables_for_different_values() -> None:
    signals = {Signal(each.kind, each.value) for each in examples()}
    assert {signal.kind for signal in signals} == set(Kind)
    assert len({sco_id(signal) for signal in signals}) == len(signals)


@given(st.dictionaries(st.sampled_from(["value", "name", "iban"]), st.text(), min_size=1))
def test_observable_ids_are_uuid5_over_the_canonical_json(properties: dict[str, str]) -> None:
    expected = uuid5(SCO_NAMESPACE, rfc8785.dumps(properties).decode())
    assert observable_id("thing", properties) == f"thing--{expected}"


@given(st.text(), st.text(), st.integers(0, 2**53 - 1))
def test_claim_ids_are_uuid5_over_the_canonical_list(source: str, value: str, n: int) -> None:
    listed: list[Any] = [FINGERPRINT, source, "domain", value, n]
    expected = uuid5(NAMESPACE, rfc8785.dumps(listed).decode())
    assert claim_id(FINGERPRINT, source, Kind.DOMAIN, value, n) == expected
    assert claim_id(FINGERPRINT, source, "domain", value, n) == expected


def test_a_claim_raised_again_after_a_retraction_has_a_new_id() -> None:
    ids = {claim_id(FINGERPRINT, "", "domain", "a.example", n) for n in range(3)}
    assert len(ids) == 3


def test_identities_come_from_the_fingerprint_alone() -> None:
    assert identity_id(FINGERPRINT) == f"identity--{uuid5(NAMESPACE, FINGERPRINT)}"
    assert identity_id(FINGERPRINT) != f"identity--{uuid5(NAMESPACE_URL, FINGERPRINT)}"
