"""The bag of a package: its names, its tag files, and the one tar form that it travels in.

BagIt 1.0 (RFC 8493) with SHA-256 and SHA-512, narrowed until each thing has one spelling: names are
NFC, unlike each other in any letter case, relative, and of plain files only; the tar has no byte
that its names, sizes and contents do not fix. Standard library only; nothing here opens a file.
"""

from __future__ import annotations

import re
import tarfile
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from hueandcry.core.errors import Malformed, TooLarge

DECLARATION: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

BAGIT: Final = "bagit.txt"
INFO: Final = "bag-info.txt"
MANIFESTS: Final = {"sha256": "manifest-sha256.txt", "sha512": "manifest-sha512.txt"}
TAG_MANIFEST: Final = "tagmanifest-sha256.txt"
#: What the tag manifest covers: everything that stands outside `data/` and was not made later.
TAGGED: Final = (BAGIT, INFO, *MANIFESTS.values())
PAYLOAD: Final = "data/"
PROVENANCE: Final = "provenance/"  #: made after the hashing, so no manifest covers it
FETCH: Final = "fetch.txt"  #: asks a reader to fetch from a network: always refused

MAX_FILES: Final = 200_000
MAX_PATH: Final = 1_024  #: bytes of a whole name
MAX_NAME: Final = 255  #: bytes of one part of it: what file systems keep

_SAFE_NAME: Final = 120  #: bytes of the names that we give
_SAFE_ENDING: Final = 16

_SIZES: Final = {"sha256": 64, "sha512": 128}
_LINE = re.compile(r"([0-9a-f]+)  (.+)")
_LABEL = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*): (\S.*)")
#: A colon is a drive or a second stream, a backslash a separator, the others patterns of a shell;
#: per cent is how BagIt escapes a newline, so that it would give one name two spellings.
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f\\:*?"<>|%]')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)
#: Reorders what a reader sees, or is not seen at all: `exe.gpj` that reads as a picture.
_UNSEEN: Final = frozenset({"Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


# --- names ----------------------------------------------------------------------------------------


def check_path(path: str) -> None:
    """Raises Malformed, TooLarge unless this names one place below the bag, in one spelling.

    Codes: `path_form`, `path_absolute`, `path_climbs`, `path_twin` (not NFC), `path_fetch`.
    """
    if not path or len(path.encode(errors="replace")) > MAX_PATH:
        raise TooLarge("path_form", f"A name has 1 to {MAX_PATH} bytes, this one {len(path)}")
    if path.startswith(("/", "\\")) or path[1:2] == ":":
        raise _path(path, "path_absolute", "is absolute: it would be written outside the bag")
    parts = path.split("/")
    if ".." in parts or "." in parts:
        raise _path(path, "path_climbs", "climbs: it would be written outside the bag")
    if not unicodedata.is_normalized("NFC", path):
        raise _path(path, "path_twin", "is not in Unicode form NFC, so it has a normalisation twin")
    if path.casefold() == FETCH:
        raise _path(path, "path_fetch", "would have a reader fetch files from a network")
    for part in parts:
        _check_part(path, part)


def _check_part(path: str, part: str) -> None:
    if not part or _FORBIDDEN.search(part) or part != part.strip() or part.endswith("."):
        raise _path(path, "path_form", "has an empty part, or signs that systems read differently")
    if any(unicodedata.category(sign) in _UNSEEN for sign in part):
        raise _path(path, "path_form", "has signs that nobody sees")
    if _DEVICE.match(part) or len(part.encode()) > MAX_NAME:
        raise _path(path, "path_form", "is the name of a device, or too long")


def check_together(paths: Iterable[str]) -> None:
    """Raises Malformed (`path_double`, `path_twin`) unless any system can hold these side by side.

    Two that differ by letter case only are one file on many disks, and so is a file that is the
    folder of another one.
    """
    seen: dict[str, str] = {}
    folders: dict[str, str] = {}
    for path in paths:
        key = unicodedata.normalize("NFC", path.casefold())
        if key in seen:
            twin = "path_double" if seen[key] == path else "path_twin"
            raise _path(path, twin, f"stands beside {seen[key]!a}: on some disks they are one file")
        seen[key] = path
        while key := key.rpartition("/")[0]:
            folders[key] = path
    for key in seen.keys() & folders.keys():
        raise _path(seen[key], "path_twin", f"is a file, and the folder of {folders[key]!a}")


def safe_name(name: str, otherwise: str) -> str:
    """The nearest name that a bag takes for one file, at most 120 bytes; `otherwise` for none."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join("_" if _FORBIDDEN.match(sign) else sign for sign in last if _is_seen(sign))
    stem, dot, ending = kept.strip(" .").rpartition(".")
    if not stem or len(ending.encode()) > _SAFE_ENDING:
        stem, dot, ending = kept.strip(" ."), "", ""
    short = stem.encode()[: _SAFE_NAME - len((dot + ending).encode())].decode(errors="ignore")
    safe = unicodedata.normalize("NFC", short.strip(" .") + dot + ending)
    try:
        check_path(safe)
    except (Malformed, TooLarge):
        return otherwise
    return safe


def _is_seen(sign: str) -> bool:
    return unicodedata.category(sign) not in _UNSEEN


def _path(path: str, code: str, what: str) -> Malformed:
    return Malformed(code, f"The name {path[:120]!a} {what}")


# --- tag files ------------------------------------------------------------------------------------


def manifest(digests: Mapping[str, str]) -> bytes:
    """The manifest over path → hex digest, sorted by path."""
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests)).encode()


def read_manifest(data: bytes, algorithm: str) -> dict[str, str]:
    """Path → lower-case hex digest of `sha256` or `sha512`; Malformed for any other form.

    It is sorted by path and names none twice, so that it has one spelling.
    """
    digests: dict[str, str] = {}
    for line in _lines(data):
        match = _LINE.fullmatch(line)
        if match is None or len(match[1]) != _SIZES[algorithm]:
            raise Malformed("manifest", f"{line[:80]!a} is no line of a {algorithm} manifest")
        check_path(match[2])
        if match[2] in digests:
            raise Malformed("manifest", f"A manifest names {match[2][:120]!a} twice")
        digests[match[2]] = match[1]
    if manifest(digests) != data:
        raise Malformed("manifest", f"The {algorithm} manifest is not sorted by name")
    return digests


def info(pairs: Iterable[tuple[str, str]]) -> bytes:
    """`bag-info.txt`: a label and a value a line, none of them folded."""
    text = "".join(f"{label}: {value}\n" for label, value in pairs)
    read_info(text.encode())
    return text.encode()


def read_info(data: bytes) -> dict[str, str]:
    """Label → value of `bag-info.txt`; Malformed for folded lines and labels that stand twice."""
    said: dict[str, str] = {}
    for line in _lines(data):
        match = _LABEL.fullmatch(line)
        if match is None or match[1] in said:
            raise Malformed(
                "bag_info", f"{line[:80]!a} is no line of bag-info.txt, or stands twice"
            )
        said[match[1]] = match[2]
    return said


def oxum(sizes: Iterable[int]) -> str:
    """`Payload-Oxum` of the files in `data/`: bytes, a full stop, how many files."""
    each = list(sizes)
    return f"{sum(each)}.{len(each)}"


def _lines(data: bytes) -> list[str]:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Malformed("not_utf8", "A tag file is UTF-8") from None
    if not text.endswith("\n") or "\r" in text:
        raise Malformed("tag_file", "The lines of a tag file end in a newline, the last one too")
    return text[:-1].split("\n")


# --- the tar --------------------------------------------------------------------------------------

BLOCK: Final = tarfile.BLOCKSIZE
LONG_NAME: Final = tarfile.XHDTYPE  #: a header that says more of the next one (POSIX.1-2001 pax)
PLAIN: Final = tarfile.REGTYPE
MAX_LONG: Final = 4_096  #: bytes that such a header may have
_MODE: Final = 0o644


def tar_header(path: str, size: int) -> bytes:
    """The header of one file, in whole blocks: mode 0644, no owner, no time.

    A name that ASCII or 100 bytes do not hold, and a size beyond 8 GiB, stand in a pax header.
    """
    entry = tarfile.TarInfo(path)
    entry.size, entry.mode, entry.mtime = size, _MODE, 0
    return entry.tobuf(tarfile.PAX_FORMAT)


def tar_padding(size: int) -> bytes:
    """The zeros that fill the last block of a file of this size."""
    return bytes(-size % BLOCK)


def tar_end(length: int) -> bytes:
    """What closes a tar of `length` bytes: two empty blocks, and zeros up to a whole record."""
    return bytes(2 * BLOCK + -(length + 2 * BLOCK) % tarfile.RECORDSIZE)


def tar_length(sizes: Mapping[str, int]) -> int:
    """How many bytes the tar of these files has, its end among them."""
    length = sum(len(tar_header(path, size)) + size + -size % BLOCK for path, size in sizes.items())
    return length + len(tar_end(length))
