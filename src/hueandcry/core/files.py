"""What a file is that somebody hands in, by its own bytes: its name and its sender prove nothing.

A file is taken when it is one of a few sorts that a victim has: pictures, recordings, PDF, e-mail,
plain text. It must be one thing only: a picture with an archive behind it, or a page that calls
itself a picture, is refused. What runs in a browser or an office program is never taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hueandcry.core.errors import Malformed

#: What must be at hand of a file: its first bytes, and its last, which an archive's index may fill.
HEAD: Final = 4_096
TAIL: Final = 65_557

#: Media type → the ending that its files have.
SORTS: Final[dict[str, str]] = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "application/pdf": ".pdf",
    "message/rfc822": ".eml",
    "text/plain": ".txt",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/ogg": ".ogg",
    "audio/amr": ".amr",
    "audio/wav": ".wav",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/3gpp": ".3gp",
    "video/webm": ".webm",
}

#: Pictures that can be decoded, and so be looked at and previewed.
PICTURES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif")


@dataclass(frozen=True, slots=True)
class Ends:
    """Both ends of a file, and its length; of a short file the ends overlap."""

    head: bytes  #: the first HEAD bytes
    tail: bytes  #: the last TAIL bytes
    size: int

    @classmethod
    def of(cls, data: bytes) -> Ends:
        return cls(data[:HEAD], data[-TAIL:], len(data))


def recognise(ends: Ends) -> str:
    """The media type; raises Malformed for what is empty, of no sort that is taken, or of two."""
    if not ends.size:
        raise Malformed("file_empty", "The file is empty", do="Send it again")
    found = next((sort for sort, is_one in _SIGNS if is_one(ends)), None)
    if found is None:
        raise Malformed(
            "file_sort",
            "Files of this sort are not taken",
            why="It is no picture, recording, PDF, e-mail or plain text",
            do="Send a picture of it, or save it as PDF",
        )
    if _two_in_one(found, ends):
        raise Malformed(
            "file_two_in_one",
            "The file is two things at once",
            why="Something else is hidden in or behind what it shows",
            do="Open it, and send a picture of what you see",
        )
    return found


# --- signatures -----------------------------------------------------------------------------------

_BRANDS: Final = {
    "image/avif": (b"avif", b"avis"),
    "image/heic": (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"),
    "audio/mp4": (b"M4A ", b"M4B "),
    "video/quicktime": (b"qt  ",),
    "video/3gpp": (b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"3g2a", b"3ge6", b"3gg6"),
    "video/mp4": (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V "),
}


def _begins(*starts: bytes) -> Callable[[Ends], bool]:
    return lambda ends: ends.head.startswith(starts)


def _riff(form: bytes) -> Callable[[Ends], bool]:
    return lambda ends: ends.head[:4] == b"RIFF" and ends.head[8:12] == form


def _branded(sort: str) -> Callable[[Ends], bool]:
    return lambda ends: ends.head[4:8] == b"ftyp" and ends.head[8:12] in _BRANDS[sort]


def _is_mp3(ends: Ends) -> bool:
    head = ends.head
    return head[:3] == b"ID3" or (
        len(head) > 2 and head[0] == 0xFF and head[1] in (0xFB, 0xF3, 0xF2)
    )


_FIELD: Final = re.compile(rb"[A-Za-z][A-Za-z0-9-]{0,76}:")
_MAIL_FIELDS: Final = (
    rb"(?:from|to|subject|date|received|return-path|delivered-to|message-id|mime-version|"
    rb"authentication-results|dkim-signature|x-[a-z0-9-]+|arc-[a-z-]+|content-type)"
)
_MAIL: Final = re.compile(rb"^" + _MAIL_FIELDS + rb":", re.IGNORECASE | re.MULTILINE)


def _is_mail(ends: Ends) -> bool:
    """Fields of a message, of which at least two are those that every transport writes."""
    head = ends.head.removeprefix(b"\xef\xbb\xbf")
    top = head.replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]
    if head[:5] == b"From ":  # as mailboxes keep it
        top = top.partition(b"\n")[2]
    return bool(_FIELD.match(top)) and len({name.lower() for name in _MAIL.findall(top)}) >= 2


def _is_text(ends: Ends) -> bool:
    """UTF-8 or UTF-16 with its mark, without control characters, and no page or program."""
    if ends.head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = ends.head.decode("utf-16", "replace")
        return _is_plain(text) and not _RUNS.search(text.encode())
    for part in (_whole_letters(ends.head), _whole_letters(ends.tail)):
        try:
            text = part.decode("utf-8-sig")
        except UnicodeDecodeError:
            return False
        if not _is_plain(text):
            return False
    return not _RUNS.search(ends.head)


def _is_plain(text: str) -> bool:
    return not any(unicodedata.category(c) == "Cc" and c not in "\t\n\r\f" for c in text)


def _whole_letters(data: bytes) -> bytes:
    """Without the parts of letters that were cut at the ends."""
    while data and data[0] & 0xC0 == 0x80:
        data = data[1:]
    for back in range(1, min(4, len(data)) + 1):
        if data[-back] & 0xC0 != 0x80:
            needed = 1 + (data[-back] >= 0xC0) + (data[-back] >= 0xE0) + (data[-back] >= 0xF0)
            return data[:-back] if needed > back else data
    return data


#: In the order in which they are tried: what any bytes may look like comes last.
_SIGNS: Final[tuple[tuple[str, Callable[[Ends], bool]], ...]] = (
    ("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    ("image/jpeg", _begins(b"\xff\xd8\xff")),
    ("image/gif", _begins(b"GIF87a", b"GIF89a")),
    ("image/webp", _riff(b"WEBP")),
    *((sort, _branded(sort)) for sort in _BRANDS),
    ("application/pdf", _begins(b"%PDF-")),
    ("audio/ogg", _begins(b"OggS")),
    ("audio/amr", _begins(b"#!AMR")),
    ("audio/wav", _riff(b"WAVE")),
    ("video/webm", _begins(b"\x1a\x45\xdf\xa3")),
    ("audio/mpeg", _is_mp3),
    ("message/rfc822", _is_mail),
    ("text/plain", _is_text),
)

# --- two in one -----------------------------------------------------------------------------------

#: What a browser or a shell would run, wherever in the first bytes it stands.
_RUNS: Final = re.compile(
    rb"<\s*(?:!doctype|html|head|body|script|svg|iframe|xsl)\b|<\?(?:php|xml)|^#!", re.I
)
_ARCHIVE_END: Final = b"PK\x05\x06"
_PNG_END: Final = b"\x00\x00\x00\x00IEND\xaeB`\x82"


def _two_in_one(sort: str, ends: Ends) -> bool:
    if _is_archive(ends):
        return True
    if not sort.startswith("image/"):
        return False
    inside = ends.head[3:1_024]
    if _RUNS.search(inside) or b"%PDF-" in inside:
        return True
    # `GIF89a/*` and `GIF89a=` are names to a script; to a picture, a width of 8 000 and more.
    is_script = sort == "image/gif" and ends.head[6:7] in (b"/", b"=") and ends.head[7:8] >= b" "
    return is_script or not _ends_well(sort, ends)


def _is_archive(ends: Ends) -> bool:
    """Whether a zip reader would find an index that ends where the file ends (APPNOTE 4.3.16)."""
    at = ends.tail.rfind(_ARCHIVE_END)
    while at >= 0:
        comment = int.from_bytes(ends.tail[at + 20 : at + 22], "little")
        if at + 22 + comment == len(ends.tail):
            return True
        at = ends.tail.rfind(_ARCHIVE_END, 0, at)
    return False


def _ends_well(sort: str, ends: Ends) -> bool:
    """Whether nothing follows the picture's own end. Cameras write behind JPEG: not asked there."""
    if sort == "image/png":
        return ends.tail.endswith(_PNG_END) or _PNG_END not in ends.tail
    if sort == "image/gif":
        return ends.tail.rstrip(b"\x00\r\n ").endswith(b"\x3b")
    if sort == "image/webp":
        said = int.from_bytes(ends.head[4:8], "little") + 8
        return ends.size <= said + 1
    return True


# --- names ----------------------------------------------------------------------------------------

_NAME: Final = 80
_UNWANTED: Final = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|%;]+")


def clean_name(name: str, sort: str) -> str:
    """A name for people to know the file by: no path, no marks that turn text, its true ending."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in name if unicodedata.category(c) not in ("Cf", "Cc", "Cs", "Co", "Cn"))
    stem = _UNWANTED.sub("_", kept).strip(" ._")
    ending = SORTS.get(sort, ".bin")
    if stem.lower().endswith(ending):
        stem = stem[: -len(ending)]
    return (stem[:_NAME].rstrip(" ._") or "file") + ending
