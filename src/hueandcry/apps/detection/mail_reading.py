"""An e-mail file as values: who says that they sent it, what it says, what is attached.

Parsed by the standard library, after what it could be made to take too long over was counted; the
headers' own encodings are opened within bounds, and texts only from charsets of real mail.
"""

from __future__ import annotations

import codecs
import email
import email.header
import email.policy
import email.utils
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from itertools import islice
from typing import Final

from hueandcry.apps.detection.pages import Page, read_page
from hueandcry.core.errors import HueError, Malformed, TooLarge, Unreadable
from hueandcry.core.files import SORTS, Ends, clean_name, recognise
from hueandcry.core.normal.hosts import domain

#: Bounds of one e-mail: bytes, lines, boundaries between parts, parts, depth.
MAX_BYTES: Final = 32 << 20
MAX_LINES: Final = 800_000
MAX_BOUNDARIES: Final = 40
MAX_PARTS: Final = 100
MAX_DEPTH: Final = 10
#: Characters of a header, headers, characters of the text.
MAX_HEADER: Final = 2_000
MAX_HEADERS: Final = 200
MAX_TEXT: Final = 100_000

_BOUNDARY: Final = re.compile(rb"boundary\s{0,8}=", re.I)
_CHARSETS: Final = re.compile(
    r"ascii|utf-8|utf-16(-le|-be)?|iso8859-\d+|cp\d+|koi8-[rut]|tis-620|gb2312|gbk|gb18030|hz|"
    r"big5(hkscs)?|euc_(kr|jp)|shift_jis|iso2022_(jp|kr)|mac-roman"
)


@dataclass(frozen=True, slots=True)
class Sender:
    """A name and an address as a header gives them; anybody can write there what they like."""

    name: str = ""
    address: str = ""

    @property
    def domain(self) -> str:
        """The canonical domain of the address; empty where it has none."""
        try:
            return domain(self.address.rpartition("@")[2]) if "@" in self.address else ""
        except Unreadable:
            return ""


@dataclass(frozen=True, slots=True)
class MailFile:
    """One attached file."""

    name: str  #: cleaned, with the ending that its own bytes have, where they are known
    given: str  #: as the e-mail calls it
    sort: str  #: its media type by its own bytes; empty for what is not taken as a file
    sha256: bytes
    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail."""

    sender: Sender
    reply_to: Sender
    returns_to: Sender
    subject: str
    results: str  #: the topmost Authentication-Results: what the last system before the reader saw
    text: str
    page: Page
    files: tuple[MailFile, ...]
    #: The first MAX_HEADERS, each with its name, in their order.
    headers: tuple[tuple[str, str], ...]
    cut: bool  #: there are more parts than were looked at

    @property
    def words(self) -> str:
        """What a person reads of it."""
        return "\n\n".join(part for part in (self.subject, self.page.text or self.text) if part)


def read_mail(data: bytes) -> Mail:
    """Reads an .eml; raises Malformed or TooLarge."""
    _check(data)
    try:
        message: Message = email.message_from_bytes(data, policy=email.policy.compat32)
        return _read(message)
    except HueError:
        raise
    except Exception as error:  # the library meets hostile mail with errors of every kind
        raise _no_mail(type(error).__name__) from None


def _check(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise TooLarge("mail_too_large", f"The e-mail has more than {MAX_BYTES >> 20} MB")
    if recognise(Ends.of(data)) != "message/rfc822":
        raise _no_mail("Its first lines are no header of an e-mail")
    lines = data.count(b"\n") + data.count(b"\r")
    # Each line is held against the end of every part that is open.
    if lines > 2 * MAX_LINES or len(_BOUNDARY.findall(data)) > MAX_BOUNDARIES:
        raise TooLarge("mail_too_complex", "The e-mail has more lines or parts than are looked at")


def _no_mail(why: str) -> Malformed:
    return Malformed(
        "not_a_mail",
        "This is no e-mail that can be read",
        why=why,
        do="Save the e-mail as .eml (download original) and send that file",
    )


def _read(message: Message) -> Mail:
    texts: list[str] = []
    pages: list[Page] = []
    files: list[MailFile] = []
    parts = list(_parts(message, MAX_DEPTH))
    for part in parts[:MAX_PARTS]:
        _take(part, texts, pages, files)
    page = Page(
        "\n".join(each.text for each in pages)[:MAX_TEXT],
        [link for each in pages for link in each.links],
        [form for each in pages for form in each.forms],
    )
    return Mail(
        _sender(message, "from"),
        _sender(message, "reply-to"),
        _sender(message, "return-path"),
        _header(message, "subject"),
        _header(message, "authentication-results"),
        "\n".join(texts)[:MAX_TEXT],
        page,
        tuple(files),
        tuple(_headers(message)),
        len(parts) > MAX_PARTS,
    )


def _parts(message: Message, depth: int) -> Iterator[Message]:
    """Every part that is no container; an attached e-mail is one part, and is not looked into."""
    if not message.is_multipart() or message.get_content_type() == "message/rfc822" or not depth:
        yield message
        return
    for part in message.get_payload():
        if isinstance(part, Message):
            yield from _parts(part, depth - 1)


def _take(part: Message, texts: list[str], pages: list[Page], files: list[MailFile]) -> None:
    sort, name = part.get_content_type(), _file_name(part)
    attached = part.get_content_disposition() == "attachment" or bool(name)
    if attached or not sort.startswith("text/"):
        files.append(_file(part, name))
    elif sort == "text/html":
        pages.append(read_page(_text(part)))
    else:
        texts.append(_text(part)[:MAX_TEXT])


def _file_name(part: Message) -> str:
    return _opened(str(part.get_filename(""))[:MAX_HEADER])


def _file(part: Message, given: str) -> MailFile:
    data = _content(part)
    try:
        sort = recognise(Ends.of(data))
    except Malformed:
        sort = ""
    name = clean_name(given, sort) if sort in SORTS else clean_name(given, "")
    return MailFile(name, given, sort, hashlib.sha256(data).digest(), data)


def _content(part: Message) -> bytes:
    if part.is_multipart():
        inner = part.get_payload(0) if part.get_payload() else None
        return inner.as_bytes() if isinstance(inner, Message) else b""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _text(part: Message) -> str:
    charset = str(part.get_content_charset("utf-8"))
    return _content(part).decode(_known(charset), "replace").replace("\r\n", "\n")


def _known(charset: str) -> str:
    """The charset, if mail is written in it: some of Python's take quadratic time, or are none."""
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        return "utf-8"
    return name if _CHARSETS.fullmatch(name) else "utf-8"


# --- headers --------------------------------------------------------------------------------------


def _headers(message: Message) -> Iterator[tuple[str, str]]:
    for name, value in islice(message.raw_items(), MAX_HEADERS):
        yield name, _opened(_written(value))


def _raw(message: Message, name: str) -> str:
    """The topmost header of this name as it was written."""
    found = next((value for each, value in message.raw_items() if each.lower() == name), "")
    return _written(found)


def _written(said: object) -> str:
    """What stands in a header, in UTF-8 or Latin-1, without its folds."""
    raw = str(said)[:MAX_HEADER].encode("ascii", "surrogateescape")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.replace("\r", " ").replace("\n", " ")


def _header(message: Message, name: str) -> str:
    return _opened(_raw(message, name))


def _opened(text: str) -> str:
    """A header's own encodings (RFC 2047) opened, in one line, without halves of letters."""
    pieces = email.header.decode_header(text)
    opened = "".join(_piece(piece, charset) for piece, charset in pieces)
    return " ".join(opened.encode("utf-8", "replace").decode().split())


def _piece(piece: str | bytes, charset: str | None) -> str:
    if isinstance(piece, str):
        return piece
    if charset is None:  # what stood between two encoded words: Python's own escapes of it
        return piece.decode("raw-unicode-escape", "replace")
    return piece.decode(_known(charset), "replace")


def _sender(message: Message, name: str) -> Sender:
    shown, address = email.utils.parseaddr(_raw(message, name))
    return Sender(_opened(shown), address.strip())
