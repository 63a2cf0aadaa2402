"""Check 4: the bag is whole, and nothing else is in it (RFC 8493, narrowed by `core.bags`)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from hueandcry.core import bags, packages
from hueandcry.core.errors import Malformed
from hueandcry.verifier.contents import Contents

MAX_TAG_FILE = 1 << 26  #: bytes of a manifest

_LATER = re.compile(
    r"provenance/(?:tagmanifest\.(?:jws|tlog-proof)|checkpoint|consistency\.json|tsa-chain\.pem"
    r"|checkpoint(?:-[1-9][0-9]?)?\.tsr|custody/(?:0|[1-9][0-9]*)\.tlog-proof)"
)


def check(contents: Contents) -> str:
    """(4) Every file that the manifests name is there and unchanged, and no other file is."""
    # (a) It can be unpacked anywhere without harm, and is read one way only.
    if contents.problem is not None:
        raise contents.problem
    # (b) It says that it is a bag, and the tag manifest holds what tells of the files.
    tags = bags.read_manifest(contents.read(bags.TAG_MANIFEST, MAX_TAG_FILE), "sha256")
    _compare(contents, tags, set(bags.TAGGED), "sha256", bags.TAG_MANIFEST)
    if contents.read(bags.BAGIT, 1_024) != bags.DECLARATION:
        raise Malformed("bag_version", "bagit.txt does not declare BagIt 1.0 in UTF-8")
    # (c) Both manifests name each file of the payload, and its digest.
    payload = {path for path in contents.files if path.startswith(bags.PAYLOAD)}
    for algorithm, name in bags.MANIFESTS.items():
        digests = bags.read_manifest(contents.read(name, MAX_TAG_FILE), algorithm)
        _compare(contents, digests, payload, algorithm, name)
    # (d) What stands elsewhere is known by name.
    known = {*payload, *bags.TAGGED, bags.TAG_MANIFEST}
    for path in contents.files.keys() - known:
        if not _LATER.fullmatch(path):
            raise Malformed("bag_extra", f"{path!a} belongs to no package")
    # (e) The count of the payload, and what cannot be missing from it.
    _check_info(contents, payload)
    for path in (packages.CUSTODY, packages.CASE):
        if path not in payload:
            raise Malformed("bag_missing", f"There is no {path} in the package")
    return f"{len(payload)} files of the payload have the SHA-256 and SHA-512 of both manifests"


def _compare(
    contents: Contents,
    said: Mapping[str, str],
    wanted: Collection[str],
    algorithm: str,
    manifest: str,
) -> None:
    """Raises Malformed for the first file that is missing, not named, or changed."""
    for path in sorted(said.keys() - contents.files.keys()):
        raise Malformed("bag_missing", f"{manifest} names {path!a}, and there is no such file")
    for path in sorted(wanted - said.keys()):
        raise Malformed("bag_extra", f"{path!a} is in the package, and {manifest} does not name it")
    for path in sorted(said.keys() - wanted):
        raise Malformed("bag_extra", f"{manifest} names {path!a}, of which it does not speak")
    for path, digest in said.items():
        if contents.files[path].digests[algorithm] != digest:
            raise Malformed("bag_changed", f"{path!a} is not the file of which {manifest} speaks")


def _check_info(contents: Contents, payload: Collection[str]) -> None:
    info = bags.read_info(contents.read(bags.INFO, 1 << 16))
    counted = bags.oxum(contents.files[path].size for path in payload)
    if info.get("Payload-Oxum") != counted:
        raise Malformed("bag_count", f"bag-info.txt counts another payload than {counted}")
