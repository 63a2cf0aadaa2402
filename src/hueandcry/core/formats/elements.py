"""Small XML documents of others, read without any of XML's traps, and our own, written one way.

What is read is elements, attributes and text, in UTF-8. A document type, an entity of its own, a
processing instruction or another encoding is refused before anything of it has an effect: what a
document can say is what stands in it. Nothing is ever fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat

from hueandcry.core.errors import Malformed, TooLarge

MAX_BYTES: Final = 1 << 20
MAX_DEPTH: Final = 32
MAX_ELEMENTS: Final = 20_000
_ENCODINGS: Final = frozenset({None, "utf-8", "us-ascii"})
#: What no XML 1.0 text can carry, not even as a reference (XML 1.0, 2.2).
_NO_CHARACTER: Final = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_IN_ATTRIBUTES: Final = {**_ESCAPES, '"': "&quot;", "\t": "&#9;", "\n": "&#10;"}
BLANKS: Final = " \t\r\n"  #: what XML counts as nothing between elements
#: Where others say that a schema lies, which nobody here fetches.
_HINTS: Final = frozenset(
    f"http://www.w3.org/2001/XMLSchema-instance\n{name}"
    for name in ("schemaLocation", "noNamespaceSchemaLocation")
)


@dataclass(frozen=True, slots=True)
class Element:
    """One element: either text, or other elements; its name stands in the document's namespace."""

    name: str
    text: str = ""
    children: tuple[Element, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)

    def first(self, *path: str) -> Element | None:
        """The first element along a path of names; None where there is none."""
        found: Element | None = self
        for name in path:
            if found is None:
                break
            found = next((each for each in found.children if each.name == name), None)
        return found

    def every(self, name: str) -> Iterator[Element]:
        return (each for each in self.children if each.name == name)

    def said(self, *path: str) -> str:
        """The text of the first element along a path; empty where there is none."""
        found = self.first(*path)
        return found.text if found is not None else ""


def read_xml(data: bytes, *, most: int = MAX_BYTES) -> tuple[str, Element]:
    """Namespace (empty: none) and root of a document; Malformed or TooLarge, with the line.

    An element of another namespace keeps it in its name, as `{namespace}name`.
    """
    if len(data) > most:
        raise TooLarge("xml_size", f"The document has {len(data)} bytes; the bound is {most}")
    reading = _Reading()
    try:
        reading.parser.Parse(_utf8(data), True)
    except expat.ExpatError as fault:
        raise _refused(f"it is not well-formed XML ({expat.ErrorString(fault.code)})") from None
    assert reading.root is not None  # else it would not be well-formed
    return reading.namespace, reading.root


def write_xml(root: Element, namespace: str = "") -> bytes:
    """The same tree as the same bytes: UTF-8, two blanks for each depth, a line for each leaf."""
    declared = {"xmlns": namespace} if namespace else {}
    whole = Element(root.name, root.text, root.children, {**declared, **root.attributes})
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', *_lines(whole, "")]
    return ("\n".join(lines) + "\n").encode()


# --- reading ------------------------------------------------------------------------------------


def _utf8(data: bytes) -> str:
    """The text, so that the parser guesses no encoding by a mark or by zeros between letters."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused("it is not UTF-8") from None
    if "\0" in text:
        raise _refused("it is not UTF-8, or holds a zero")
    return text


class _Open:
    """An element whose end has not come yet."""

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.text: list[str] = []
        self.children: list[Element] = []


class _Reading:
    """What the parser calls; it raises at the first thing that is not an element or text."""

    def __init__(self) -> None:
        parser = expat.ParserCreate(namespace_separator="\n")
        parser.XmlDeclHandler = _check_declaration
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.ProcessingInstructionHandler = _refuse_instruction
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.buffer_text = True
        self.parser: Any = parser
        self.namespace = ""
        self.root: Element | None = None
        self._open: list[_Open] = []
        self._count = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise TooLarge("xml_elements", f"The document has more than {MAX_ELEMENTS} elements")
        if len(self._open) == MAX_DEPTH:
            raise TooLarge("xml_depth", f"The document is more than {MAX_DEPTH} elements deep")
        if not self._open:
            self.namespace = name.rpartition("\n")[0]
        named = {_clark(key, ""): v for key, v in attributes.items() if key not in _HINTS}
        self._open.append(_Open(_clark(name, self.namespace), named))

    def _text(self, text: str) -> None:
        self._open[-1].text.append(text)

    def _end(self, name: str) -> None:
        done = self._open.pop()
        text = "".join(done.text)
        if done.children:
            if text.strip(BLANKS):
                raise _refused(
                    f"{done.name} in line {self.parser.CurrentLineNumber} has text beside elements"
                )
            text = ""
        element = Element(done.name, text, tuple(done.children), done.attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element


def _clark(name: str, home: str) -> str:
    """`name` in the namespace of the document, else `{namespace}name`."""
    space, _, local = name.rpartition("\n")
    return local if space == home else f"{{{space}}}{local}"


def _check_declaration(version: str, encoding: str | None, standalone: int) -> None:
    if (encoding and encoding.lower()) not in _ENCODINGS:
        raise _refused(f"its encoding is {encoding!a}, and only UTF-8 is read")


def _refuse_doctype(name: str, system: str | None, public: str | None, internal: bool) -> None:
    raise _refused("it has a document type, which could define entities or name other files")


def _refuse_instruction(target: str, data: str) -> None:
    raise _refused("it has a processing instruction")


def _refused(why: str) -> Malformed:
    return Malformed("xml", f"This document cannot be read: {why}")


# --- writing ------------------------------------------------------------------------------------


def _lines(element: Element, indent: str) -> Iterator[str]:
    attributes = "".join(
        f' {name}="{_escaped(value, _IN_ATTRIBUTES)}"' for name, value in element.attributes.items()
    )
    start = f"{indent}<{element.name}{attributes}"
    if element.children:
        yield f"{start}>"
        for child in element.children:
            yield from _lines(child, f"{indent}  ")
        yield f"{indent}</{element.name}>"
    elif element.text:
        yield f"{start}>{_escaped(element.text, _ESCAPES)}</{element.name}>"
    else:
        yield f"{start}/>"


def _escaped(text: str, escapes: Mapping[str, str]) -> str:
    if found := _NO_CHARACTER.search(text):
        raise Malformed(
            "xml_character",
            f"The character U+{ord(found[0]):04X} cannot stand in XML",
            do="Take it out of the text",
        )
    return "".join(escapes.get(letter, letter) for letter in text)
