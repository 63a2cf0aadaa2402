"""Signatures of time-stamping authorities, on OpenSSL."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.x509 import load_der_x509_certificate

from hueandcry.core.timestamps import Scheme

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


def verify(scheme: Scheme, key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the holder of `key`, a SubjectPublicKeyInfo, signed this message in this way."""
    hashed = _HASHES[scheme.hash]
    try:
        public = load_der_public_key(key)
        if scheme.name == "rsa" and isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, message, padding.PKCS1v15(), hashed)
        elif scheme.name == "ecdsa" and isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, message, ec.ECDSA(hashed))
        elif scheme.name == "ed25519" and isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(signature, message)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def pem(certificates: tuple[bytes, ...]) -> bytes:
    """Certificates in DER as one text of PEM blocks, in the order in which they came."""
    loaded = [load_der_x509_certificate(each) for each in certificates]
    return b"".join(each.public_bytes(Encoding.PEM) for each in loaded)
