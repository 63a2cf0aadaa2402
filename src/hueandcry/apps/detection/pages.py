"""What a person would read of a page in an e-mail: its words, and where its links and forms lead.

A reader of its own, linear in the length of whatever is written (RE2). Nothing in the page runs,
and nothing that it names is fetched.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import re2

#: Characters of a page that are looked at, links that are told, characters of each.
MAX_PAGE: Final = 200_000
MAX_LINKS: Final = 200
MAX_URL: Final = 4_000

_COMMENT: Final = re2.compile(r"(?s)<!--.*?-->")
_TAG: Final = re2.compile(
    r"""(?s)<([/!?]?)([a-zA-Z][a-zA-Z0-9:-]*)?((?:[^>"']|"[^"]*"|'[^']*')*)>"""
)
_VALUE: Final = r"""\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+)"""
_HREF: Final = re2.compile(r"(?is)\bhref" + _VALUE)
_ACTION: Final = re2.compile(r"(?is)\baction" + _VALUE)
_BLANKS: Final = re2.compile(r"[ \t\f\r\x{a0}]+")
_LINES: Final = re2.compile(r"\s*\n\s*")

#: What stands between these is for the machine.
_SILENT: Final = frozenset({"script", "style", "head", "title", "template", "noscript", "object"})
#: What begins a new line.
_BLOCKS: Final = frozenset(
    {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol", "blockquote", "hr"}
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link: what it shows, and where it leads."""

    shown: str
    target: str


@dataclass(slots=True)
class Page:
    """A page as it is read; each link's target stands in angle brackets behind its words."""

    text: str = ""
    links: list[Link] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)  #: where what is typed would go


def read_page(source: str) -> Page:
    """The words, links and forms of HTML; never raises."""
    page, reading = Page(), _Reading()
    for piece in _pieces(_COMMENT.sub("", source[:MAX_PAGE])):
        reading.take(piece, page)
    reading.end_link(page)
    text = _BLANKS.sub(" ", "".join(reading.words))
    page.text = _LINES.sub("\n", text).strip()
    return page


@dataclass(frozen=True, slots=True)
class _Piece:
    """Words before a tag, and the tag."""

    words: str
    closing: bool
    name: str
    rest: str


def _pieces(source: str) -> Iterator[_Piece]:
    at = 0
    for tag in _TAG.finditer(source):
        words = html.unescape(source[at : tag.start()])
        yield _Piece(words, tag[1] == "/", (tag[2] or "").lower(), tag[3])
        at = tag.end()
    yield _Piece(html.unescape(source[at:]), False, "", "")


class _Reading:
    """Where the reader stands: inside what is silent, inside a link."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._silent = ""
        self._target = ""
        self._from = 0

    def take(self, piece: _Piece, page: Page) -> None:
        if self._silent:
            if piece.closing and piece.name == self._silent:
                self._silent = ""
            return
        self.words.append(piece.words)
        if piece.name in _BLOCKS:
            self.words.append("\n")
        if piece.name == "a":
            self.end_link(page)
            self._begin_link(piece)
        elif piece.name == "form" and (found := _ACTION.search(piece.rest)):
            page.forms.append(_unquoted(found[1]))
        elif piece.name in _SILENT and not piece.closing and not piece.rest.endswith("/"):
            self._silent = piece.name

    def _begin_link(self, piece: _Piece) -> None:
        found = None if piece.closing else _HREF.search(piece.rest)
        if found:
            self._target, self._from = _unquoted(found[1]), len(self.words)

    def end_link(self, page: Page) -> None:
        """Notes the link that is open, if one is, with the words since it began."""
        if not self._target:
            return
        shown = " ".join("".join(self.words[self._from :]).split())
        if len(page.links) < MAX_LINKS:
            page.links.append(Link(shown[:MAX_URL], self._target))
            if self._target.lower().startswith(("http:", "https:")) and self._target != shown:
                self.words.append(f" <{self._target}> ")
        self._target = ""


def _unquoted(value: str) -> str:
    if value[:1] in ("'", '"'):
        value = value[1:-1]
    return "".join(html.unescape(value).split())[:MAX_URL]
