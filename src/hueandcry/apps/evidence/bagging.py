"""The bag of a package: what the tag manifest covers, made from stored facts alone. No I/O.

The same facts, custody lines, certificates and request give the same tag manifest, byte for byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hueandcry.apps.evidence import casework, restrictions_file
from hueandcry.apps.evidence.facts import History, PackageFacts, Packed
from hueandcry.core import bags, packages
from hueandcry.core.packages import CustodyLine
from hueandcry.core.times import time_text
from hueandcry.engine import sheets


@dataclass(frozen=True, slots=True)
class Bag:
    """A bag that is laid out: its small files whole, its exhibits by name."""

    top: str  #: the folder that its tar unpacks into
    files: Mapping[str, bytes]
    exhibits: Mapping[str, Packed]

    @property
    def tag_manifest(self) -> str:
        """SHA-256 of `tagmanifest-sha256.txt`: what the signed statement names."""
        return hashlib.sha256(self.files[bags.TAG_MANIFEST]).hexdigest()

    def tar(
        self, provenance: Mapping[str, bytes], content: Callable[[Packed], Iterable[bytes]]
    ) -> Iterator[bytes]:
        """The one tar of this bag and its provenance, piece by piece; `content` gives exhibits."""
        small, length = {**self.files, **provenance}, 0
        for path in sorted({**small, **self.exhibits}):
            exhibit = self.exhibits.get(path)
            size = len(small[path]) if exhibit is None else exhibit.size
            header = bags.tar_header(f"{self.top}/{path}", size)
            yield header
            yield from [small[path]] if exhibit is None else content(exhibit)
            padding = bags.tar_padding(size)
            yield padding
            length += len(header) + size + len(padding)
        yield bags.tar_end(length)


def lay_out(
    facts: PackageFacts,
    histories: Sequence[History],
    lines: Sequence[CustodyLine],
    certificates: Mapping[str, bytes],
    request: bytes | None,
) -> Bag:
    """The bag; `lines` are those of all histories, in their order."""
    payload = {
        packages.CUSTODY: packages.custody_lines(lines),
        packages.CASE: casework.graph(facts, histories),
        packages.RESTRICTIONS: restrictions_file.encode(facts.restrictions),
        **{_certificate(language): sheet for language, sheet in certificates.items()},
        **({packages.REQUEST: request} if request is not None else {}),
    }
    exhibits = {exhibit.path: exhibit for exhibit in facts.exhibits}
    tags = {
        bags.BAGIT: bags.DECLARATION,
        bags.INFO: _info(facts, payload),
        bags.MANIFESTS["sha256"]: _manifest("sha256", payload, exhibits),
        bags.MANIFESTS["sha512"]: _manifest("sha512", payload, exhibits),
    }
    covered = bags.manifest({path: _digest("sha256", tags[path]) for path in bags.TAGGED})
    return Bag(str(facts.package), {**payload, **tags, bags.TAG_MANIFEST: covered}, exhibits)


def _certificate(language: str) -> str:
    """`certificate.pdf` in English, `certificate.<language>.pdf` in another one."""
    if language == sheets.ENGLISH:
        return packages.CERTIFICATE
    return packages.CERTIFICATE.replace(".pdf", f".{language}.pdf")


def _info(facts: PackageFacts, payload: Mapping[str, bytes]) -> bytes:
    sizes = [*map(len, payload.values()), *(exhibit.size for exhibit in facts.exhibits)]
    return bags.info(
        (
            ("Bag-Software-Agent", facts.software),
            ("Bagging-Date", time_text(facts.at)[:10]),
            ("External-Identifier", str(facts.package)),
            ("Payload-Oxum", bags.oxum(sizes)),
            ("Source-Organization", facts.sender.name),
        )
    )


def _manifest(
    algorithm: str, payload: Mapping[str, bytes], exhibits: Mapping[str, Packed]
) -> bytes:
    digests = {path: _digest(algorithm, data) for path, data in payload.items()}
    digests |= {path: getattr(exhibit, algorithm) for path, exhibit in exhibits.items()}
    return bags.manifest(digests)


def _digest(algorithm: str, data: bytes) -> str:
    return hashlib.new(algorithm, data).hexdigest()
