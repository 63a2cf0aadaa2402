"""Time-stamps by a real authority (openssl) are believed exactly where they should be: check 8."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

import packages_made as made
from hueandcry.core import packages
from hueandcry.core.errors import HueError, Untrusted
from hueandcry.core.policies import Policy
from hueandcry.verifier import stamps
from hueandcry.verifier.certificates import Certificate, pinned, read_pem
from hueandcry.verifier.examining import examine
from hueandcry.verifier.results import Check, NotCheckedError, Result

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")

CONFIGURATION = """\
[tsa]
default_tsa = one
[one]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = {hash}
[stamping]
extendedKeyUsage = critical,timeStamping
[stamping_and_more]
extendedKeyUsage = critical,timeStamping,serverAuth
[authority]
basicConstraints = critical,CA:TRUE
"""


class Authority:
    """A root, and a certificate under it that stamps, as files in a folder."""

    def __init__(self, folder: Path, *, key: str = "rsa:2048", usage: str = "stamping") -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        (folder / "serial").write_text("01\n")
        (folder / "tsa.cnf").write_text(CONFIGURATION.format(hash="sha256"))
        new = ["-newkey", *key.split(), "-nodes"]
        self._run("req", "-x509", *new, "-keyout", "root.key", "-out", "root.pem", "-days", "999",
                  "-subj", "/CN=Root", "-addext", "basicConstraints=critical,CA:TRUE")  # fmt: skip
        self._run("req", *new, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Stamps")
        self._run("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key",
                  "-CAcreateserial", "-days", "999", "-extfile", "tsa.cnf", "-extensions", usage,
                  "-out", "tsa.pem")  # fmt: skip

    def _run(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def stamp(self, data: bytes, *, hashed: str = "sha256", certificates: bool = True) -> bytes:
        """The reply over these bytes."""
        (self.folder / "data").write_bytes(data)
        asked = ["-cert"] if certificates else []
        self._run("ts", "-query", "-data", "data", f"-{hashed}", *asked, "-out", "query")
        self._run("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-signer", "tsa.pem",
                  "-inkey", "tsa.key", "-out", "reply")  # fmt: skip
        return (self.folder / "reply").read_bytes()

    def certificate(self, name: str) -> Certificate:
        (raw,) = read_pem((self.folder / name).read_bytes())
        return Certificate.read(raw)

    @property
    def chain(self) -> bytes:
        return (self.folder / "tsa.pem").read_bytes() + (self.folder / "root.pem").read_bytes()

    def policy(self, *names: str) -> Policy:
        trusted = {self.certificate(name).digest: name for name in names}
        required = frozenset({4, 5, 6, 7, 8, 9, 10})
        return made.policy(authorities=trusted, required=required, delay=None)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa"))


def eighth(
    folder: Path, authority: Authority, policy: Policy, **files: bytes | None
) -> tuple[Check, bool]:
    """Check 8 of a package that was stamped, and whether all was accepted."""
    package = made.handed_on()
    package.files[packages.STAMP] = authority.stamp(package.files[packages.CHECKPOINT])
    package.files[packages.STAMP_CHAIN] = authority.chain
    for name, data in files.items():
        path = {"stamp": packages.STAMP, "chain": packages.STAMP_CHAIN}[name]
        package.files.pop(path, None)
        if data is not None:
            package.files[path] = data
    tar = folder / "package.tar"
    tar.write_bytes(package.tar)
    report = examine(tar, policy=policy)
    return report.checks[7], report.accepted


@pytest.mark.parametrize("trusted", ["tsa.pem", "root.pem"])
def test_a_stamp_by_a_trusted_authority_or_one_under_it_passes(
    authority: Authority, tmp_path: Path, trusted: str
) -> None:
    check, accepted = eighth(tmp_path, authority, authority.policy(trusted))
    assert check.result is Result.PASS, check.reason
    assert accepted, check.reason
    assert trusted in check.reason


@pytest.mark.parametrize(
    "key", ["ec -pkeyopt ec_paramgen_curve:P-256", "ec -pkeyopt ec_paramgen_curve:P-384"]
)
def test_authorities_with_elliptic_keys_are_verified_too(tmp_path: Path, key: str) -> None:
    authority = Authority(tmp_path / "tsa", key=key)
    check, accepted = eighth(tmp_path, authority, authority.policy("root.pem"))
    assert check.result is Result.PASS, check.reason
    assert accepted


def test_a_token_without_certificates_needs_the_chain_beside_it(
    authority: Authority, tmp_path: Path
) -> None:
    last = made.handed_on().files[packages.CHECKPOINT]
    bare = authority.stamp(last, certificates=False)
    policy = authority.policy("tsa.pem")
    assert eighth(tmp_path, authority, policy, stamp=bare)[1]
    check, _ = eighth(tmp_path, authority, policy, stamp=bare, chain=None)
    assert check.code == "stamp_certificate"
    longer = authority.stamp(last, hashed="sha512")
    assert eighth(tmp_path, authority, policy, stamp=longer)[0].code == "stamp_imprint"


def test_a_stamp_over_something_else_or_of_nobody_trusted_is_refused(
    authority: Authority, tmp_path: Path
) -> None:
    policy = authority.policy("tsa.pem")
    other = authority.stamp(b"another checkpoint")
    assert eighth(tmp_path, authority, policy, stamp=other)[0].code == "stamp_imprint"
    stranger = replace(policy, authorities={"ab" * 32: "another authority"})
    assert eighth(tmp_path, authority, stranger)[0].code == "stamp_unknown"


def test_a_certificate_that_is_for_more_than_stamps_is_refused(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "tsa", usage="authority")
    last = made.handed_on().files[packages.CHECKPOINT]
    with pytest.raises(subprocess.CalledProcessError):
        authority.stamp(last)  # openssl itself does not stamp with it
    assert authority.certificate("root.pem").is_authority


def test_a_certificate_that_ended_before_the_stamp_is_refused(
    authority: Authority, tmp_path: Path
) -> None:
    leaf = authority.certificate("tsa.pem")
    for at in (leaf.valid_from - 1, leaf.valid_to + 1):
        with pytest.raises(Untrusted):
            pinned(leaf.raw, [], {leaf.digest}, at)


def test_without_a_stamp_or_an_authority_it_is_not_checked(
    authority: Authority, tmp_path: Path
) -> None:
    check, accepted = eighth(tmp_path, authority, authority.policy("tsa.pem"), stamp=None)
    assert (check.result, check.code, accepted) == (Result.NOT_CHECKED, "no_stamp", False)
    check, _ = eighth(tmp_path, authority, made.policy())
    assert (check.result, check.code) == (Result.NOT_CHECKED, "no_authority")


def test_every_byte_that_a_stamp_is_signed_over_or_by_matters(authority: Authority) -> None:
    """Left are tags of NULL, the version, and whom it names beside the digest: signed by nobody."""
    last = made.handed_on().files[packages.CHECKPOINT]
    raw = bytearray(authority.stamp(last, certificates=False))
    policy, chain = authority.policy("tsa.pem"), read_pem(authority.chain)
    at, by = stamps.verify(bytes(raw), last, chain, policy)
    assert by == "tsa.pem"
    for place in range(len(raw)):
        raw[place] ^= 1
        with suppress(HueError, NotCheckedError):
            assert stamps.verify(bytes(raw), last, chain, policy) == (at, by)
        raw[place] ^= 1
    # The 256 bytes of the signature end the reply.
    for place in range(len(raw) - 256, len(raw)):
        raw[place] ^= 1
        with pytest.raises(HueError):
            stamps.verify(bytes(raw), last, chain, policy)
        raw[place] ^= 1
