"""Chats as WhatsApp, Telegram and LINE export them: each message where it stands in the file.

What is read is for the eye: the exhibit is the file. So a message keeps its time in the very words
of the export, which are those of somebody's phone, in its zone and its order of day and month. They
are read as a date only where the file itself leaves one order possible.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

import msgspec

from hueandcry.core.errors import Malformed

#: Bytes of text that are read; a chat of ten years has less.
MOST: Final = 64 << 20

#: What a phone writes between the lines to keep the direction of scripts.
_INVISIBLE: Final = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufeff"
#: Years of the Buddhist era, which Thai phones write, run ahead by this.
_BUDDHIST: Final = 543


class Style(StrEnum):
    """Whose export it is."""

    WHATSAPP = "whatsapp"
    TELEGRAM = "telegram"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    `place` is how it is cited: the line where it begins, from 1, or in Telegram's export the
    message's own number. `stamp` is its time as the file says it; `at` the same as
    YYYY-MM-DDTHH:MM[:SS], without a zone since the file names none, or None where day and month
    cannot be told apart. A message without a `sender` is one of the app itself, or of somebody
    whose name cannot be told from the words.
    """

    place: int
    stamp: str
    at: str | None
    sender: str | None
    text: str
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """A whole export; `member` is the file that holds it inside the archive that it came in."""

    style: Style
    title: str | None
    messages: tuple[Message, ...]
    member: str | None = None

    @property
    def unit(self) -> str:
        """What `place` counts: `line` or `message`."""
        return "message" if self.style is Style.TELEGRAM else "line"


def read(data: bytes) -> Chat:
    """The chat in an export (text, JSON, or the archive that holds it); raises Malformed."""
    if data.startswith(b"PK\x03\x04"):
        return _from_archive(data)
    if len(data) > MOST:
        raise Malformed("chat_size", f"A chat of {len(data):,} bytes is not shown", do="Export it")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _no_chat("It is no text in UTF-8") from None
    if text.lstrip()[:1] == "{":
        return _telegram(data)
    lines = text.split("\n")
    if lines[0].strip(_INVISIBLE).startswith("[LINE]"):
        return _line(lines)
    return _whatsapp(lines)


def _no_chat(why: str) -> Malformed:
    return Malformed(
        "no_chat",
        "This is no chat that can be read",
        why=why,
        do="Export one chat: from WhatsApp, from LINE, or from Telegram Desktop as JSON",
    )


def _from_archive(data: bytes) -> Chat:
    """WhatsApp wraps the text and its media; of the text there is one."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            texts = [each for each in archive.infolist() if _is_text(each.filename)]
            if len(texts) != 1:
                raise _no_chat(f"The archive holds {len(texts)} texts, not one")
            if texts[0].file_size > MOST:
                raise Malformed("chat_size", f"A chat of {texts[0].file_size:,} bytes is not shown")
            with archive.open(texts[0]) as file:
                inner = file.read(MOST + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise _no_chat(f"The archive cannot be read: {error}") from None
    if inner.startswith(b"PK\x03\x04"):
        raise _no_chat("The archive holds an archive")
    chat = read(inner)
    return Chat(chat.style, chat.title, chat.messages, texts[0].filename)


def _is_text(name: str) -> bool:
    return name.lower().endswith((".txt", ".json"))


# --- dates of a phone -----------------------------------------------------------------------------

_DATE: Final = r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})"
_TIME: Final = r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?"
_HALF: Final = r"(?:[\s\u202f]?([AaPp])\.?[\s\u00a0]?[Mm]\.?)?"
#: Which of the three numbers of a date is year, month, day.
_ORDERS: Final = ((0, 1, 2), (2, 1, 0), (2, 0, 1))


@dataclass(slots=True)
class _Stamp:
    """A date and a time of day as numbers that nobody has ordered yet."""

    date: tuple[str, str, str]
    hour: int
    minute: int
    second: int | None

    def at(self, order: tuple[int, int, int]) -> datetime | None:
        """The moment when the date is read in this order; None where there is no such day."""
        year, month, day = (int(self.date[place]) for place in order)
        digits = len(self.date[order[0]])
        if digits == 2 and order[0] == 2:  # a year in front is written out
            year += 2000
        elif digits != 4:
            return None
        year -= _BUDDHIST if year > 2400 else 0
        try:
            return datetime(year, month, day, self.hour, self.minute, self.second or 0)
        except ValueError:
            return None

    def text(self, moment: datetime) -> str:
        return moment.isoformat(timespec="minutes" if self.second is None else "seconds")


def _stamp(date: Sequence[str], time: Sequence[str | None], half: str | None) -> _Stamp:
    hour, minute = int(time[0] or 0), int(time[1] or 0)
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half in "Pp" else 0)
    first, second, third = date
    return _Stamp((first, second, third), hour, minute, int(time[2]) if time[2] else None)


def _moments(stamps: Sequence[_Stamp]) -> list[str | None]:
    """What each says in the one order that makes all of them days, and in which time goes on.

    An export is in the order of time: of two orders that give days, one may go back where the
    other does not. Where both fit (or none does) nothing is said.
    """
    fitting = [found for order in _ORDERS if (found := _read_in(stamps, order)) is not None]
    if len(fitting) > 1:
        fitting = [found for found in fitting if all(a <= b for a, b in pairwise(found))]
    alike = len({tuple(found) for found in fitting}) == 1
    if not alike:
        return [None] * len(stamps)
    return [stamp.text(moment) for stamp, moment in zip(stamps, fitting[0], strict=True)]


def _read_in(stamps: Sequence[_Stamp], order: tuple[int, int, int]) -> list[datetime] | None:
    found = [stamp.at(order) for stamp in stamps]
    return [each for each in found if each is not None] if None not in found else None


# --- WhatsApp -------------------------------------------------------------------------------------

_WHATSAPP: Final = re.compile(rf"\[?({_DATE},?\s{_TIME}{_HALF})(?:\]| -)\s(.*)", re.DOTALL)
_SENDER: Final = re.compile(r"([^:\n]{1,100}):(?: |$)(.*)", re.DOTALL)
#: In whichever language: a name with an ending, in brackets or before a word in brackets.
_ATTACHED: Final = re.compile(r"<[^<>:]{1,40}: ([^<>/\\]{1,200}\.\w{2,5})>\s*$")
_BESIDE: Final = re.compile(r"([^<>/\\\n]{1,200}\.\w{2,5}) \([^()\n]{1,40}\)(?:\n|$)")


def _whatsapp(lines: Sequence[str]) -> Chat:
    found = list(_begun(lines))
    if not found:
        raise _no_chat("No line begins with a date, a time and a name")
    moments = _moments([stamp for _, _, stamp, _ in found])
    messages = (
        _said(place, shown, at, rest)
        for (place, shown, _, rest), at in zip(found, moments, strict=True)
    )
    return Chat(Style.WHATSAPP, None, tuple(messages))


def _begun(lines: Sequence[str]) -> Iterator[tuple[int, str, _Stamp, str]]:
    """(line, stamp as shown, its numbers, all the words) of each message, its later lines in it."""
    held: tuple[int, str, _Stamp, list[str]] | None = None
    for number, line in enumerate(lines, 1):
        line = line.removesuffix("\r")
        match = _WHATSAPP.fullmatch(line.lstrip(_INVISIBLE))
        if match is None:
            if held is not None:
                held[3].append(line)
            continue
        if held is not None:
            yield (*held[:3], "\n".join(held[3]))
        shown, *parts = match.groups()
        stamp = _stamp(parts[:3], parts[3:6], parts[6])
        held = (number, shown, stamp, [parts[7]])
    if held is not None:
        yield (*held[:3], "\n".join(held[3]))


def _said(place: int, shown: str, at: str | None, rest: str) -> Message:
    named = _SENDER.fullmatch(rest)
    sender = named[1].strip(_INVISIBLE + " ~\u202f") if named else None
    text = (named[2] if named else rest).rstrip("\n")
    bare = text.lstrip(_INVISIBLE)
    attached = _ATTACHED.search(bare) or _BESIDE.match(bare)
    return Message(place, shown, at, sender or None, text, attached[1] if attached else None)


# --- LINE -----------------------------------------------------------------------------------------

_DAY: Final = re.compile(rf"(?:[^\d\t]{{0,20}})({_DATE})(?:[^\d\t]{{0,20}})")
_SPOKEN: Final = re.compile(rf"(([^\d\s]{{1,4}})?{_TIME}{_HALF})[\t ](.*)", re.DOTALL)
#: The second half of the day, where it is written before the hour.
_AFTERNOON: Final = frozenset({"午後", "下午", "오후", "PM"})
_MORNING: Final = frozenset({"午前", "上午", "오전", "AM"})


def _line(lines: Sequence[str]) -> Chat:
    head = lines[0].strip(_INVISIBLE + "\r")
    day: tuple[str, tuple[str, str, str]] | None = None
    places: list[int] = []
    stamps: list[_Stamp] = []
    texts: list[list[str]] = []
    for number, line in enumerate(lines[1:], 2):
        line = line.removesuffix("\r")
        if (date := _DAY.fullmatch(line)) is not None:
            day = (date[1], (date[2], date[3], date[4]))
        elif day is not None and (match := _spoken(line)) is not None:
            places.append(number)
            stamps.append(_of_line(day[1], match))
            texts.append([f"{day[0]} {match[1]}", match[7]])
        elif texts:
            texts[-1].append(line)
    if not places:
        raise _no_chat("No day and no message stand under its head")
    moments = _moments(stamps)
    messages = (
        _in_line(place, shown, at, "\n".join(words))
        for place, (shown, *words), at in zip(places, texts, moments, strict=True)
    )
    return Chat(Style.LINE, head.removeprefix("[LINE]").strip() or None, tuple(messages))


def _spoken(line: str) -> re.Match[str] | None:
    match = _SPOKEN.fullmatch(line)
    known = match is not None and (match[2] is None or match[2] in _AFTERNOON | _MORNING)
    return match if known else None


def _of_line(date: tuple[str, str, str], match: re.Match[str]) -> _Stamp:
    half = match[6] or {True: "p", False: None}[match[2] in _AFTERNOON]
    half = "a" if match[2] in _MORNING else half
    return _stamp(date, (match[3], match[4], match[5]), half)


def _in_line(place: int, shown: str, at: str | None, words: str) -> Message:
    """Between tabs stand name and words; without one the name cannot be told from the words."""
    sender, tab, text = words.partition("\t")
    if not tab:
        return Message(place, shown, at, None, words.rstrip("\n"))
    text = text.rstrip("\n")
    if "\n" in text and text.startswith('"') and text.endswith('"'):
        text = text[1:-1].replace('""', '"')
    return Message(place, shown, at, sender or None, text)


# --- Telegram -------------------------------------------------------------------------------------

_Part = str | dict[str, Any]


class _Said(msgspec.Struct):
    id: int
    date: str
    type: str = "message"
    from_: str | None = msgspec.field(name="from", default=None)
    actor: str | None = None
    action: str | None = None
    text: str | list[_Part] = ""
    file: str | None = None
    photo: str | None = None


class _Export(msgspec.Struct):
    messages: list[_Said]
    name: str | None = None


_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")


def _telegram(data: bytes) -> Chat:
    try:
        export = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_Export)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise _no_chat(f"It is no export of one chat from Telegram: {error}") from None
    return Chat(Style.TELEGRAM, export.name, tuple(map(_of_telegram, export.messages)))


def _of_telegram(said: _Said) -> Message:
    service = said.type == "service"
    parts = [said.text] if isinstance(said.text, str) else said.text
    text = "".join(part if isinstance(part, str) else str(part.get("text", "")) for part in parts)
    if service:
        text = " ".join(part for part in (said.actor, said.action, text) if part)
    at = said.date if _ISO.fullmatch(said.date) else None
    return Message(
        said.id, said.date, at, None if service else said.from_, text, said.file or said.photo
    )
