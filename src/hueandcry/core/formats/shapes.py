"""What a kind of XML document may hold, as a table of types that people can read beside a schema.

A line is `Type = name:Type name:Type? name:Type* name:Type+`, in the order of the schema, or
`Type = name:Type | name:Type` where one of them stands. A type of text is a pattern. The type `_`
is there and not looked at: the schema has it, and we do not read it. The same table judges what
came in and what is about to go out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from hueandcry.core.errors import Malformed
from hueandcry.core.formats.elements import BLANKS, Element

UNREAD: Final = "_"
_PART: Final = re.compile(r"([A-Za-z_][\w.]*):(\w+)([?*+]?)")
#: How often a part stands: mark → least, most (None: any number).
_COUNTS: Final[Mapping[str, tuple[int, int | None]]] = {
    "": (1, 1), "?": (0, 1), "*": (0, None), "+": (1, None),
}  # fmt: skip
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    type: str
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class _Parts:
    parts: tuple[_Part, ...]
    choice: bool


class Shapes:
    """The types of one kind of document."""

    def __init__(
        self,
        types: str,
        texts: Mapping[str, str],
        *,
        attributes: Mapping[str, Mapping[str, str]] | None = None,
        code: str,
    ) -> None:
        self._texts = {name: re.compile(pattern) for name, pattern in texts.items()}
        self._attributes = attributes or {}  #: type → name of an attribute → type of its text
        self._code = code
        self._types = dict(_lines(types))
        known = {*self._types, *self._texts, UNREAD}
        for parts in self._types.values():
            assert known.issuperset(part.type for part in parts.parts)

    def element(self, name: str, type: str, children: Iterable[Element | None]) -> Element:
        """An element of a type from its children, each put where the schema has it."""
        place = {part.name: n for n, part in enumerate(self._types[type].parts)}
        there = (child for child in children if child is not None)
        return Element(name, children=tuple(sorted(there, key=lambda child: place[child.name])))

    def check(self, root: Element, type: str) -> tuple[str, ...]:
        """Paths of what the schema has and we do not read; Malformed names the place of a fault."""
        return tuple(self._check(root, type, (root.name,)))

    def _check(self, element: Element, type: str, path: Path) -> Iterator[str]:
        if type == UNREAD:
            yield "/".join(path)
            return
        self._check_attributes(element, type, path)
        if type in self._texts:
            self._check_text(element, type, path)
        else:
            yield from self._check_parts(element, self._types[type], path)

    def _check_attributes(self, element: Element, type: str, path: Path) -> None:
        expected = self._attributes.get(type, {})
        if set(element.attributes) != set(expected):
            wanted = f"the attribute {', '.join(expected)}" if expected else "no attribute"
            raise self._refused(path, f"must have {wanted}")
        for name, form in expected.items():
            if not self._texts[form].fullmatch(element.attributes[name]):
                raise self._refused(path, f"has an attribute {name} that is no {form}")

    def _check_text(self, element: Element, type: str, path: Path) -> None:
        if element.children:
            raise self._refused(path, f"holds elements, and must be {type}")
        if not self._texts[type].fullmatch(element.text):
            raise self._refused(path, f"is {element.text[:40]!a}, and must be {type}")

    def _check_parts(self, element: Element, parts: _Parts, path: Path) -> Iterator[str]:
        if element.text.strip(BLANKS):
            raise self._refused(path, "holds text, and must hold elements")
        names = [child.name for child in element.children]
        if parts.choice and len(names) != 1:
            offered = " or ".join(part.name for part in parts.parts)
            raise self._refused(path, f"must hold one element, {offered}")
        place = {part.name: n for n, part in enumerate(parts.parts)}
        at = 0
        for child in element.children:
            here = (*path, child.name)
            if child.name not in place:
                raise self._refused(here, "does not belong there")
            if place[child.name] < at:
                raise self._refused(here, f"must stand before {parts.parts[at].name}")
            at = place[child.name]
            yield from self._check(child, parts.parts[at].type, here)
        if not parts.choice:
            self._check_counts(names, parts.parts, path)

    def _check_counts(self, names: list[str], parts: Iterable[_Part], path: Path) -> None:
        for part in parts:
            count = names.count(part.name)
            if count < part.least:
                raise self._refused((*path, part.name), "is missing")
            if part.most is not None and count > part.most:
                raise self._refused((*path, part.name), f"stands {count} times")

    def _refused(self, path: Path, why: str) -> Malformed:
        return Malformed(self._code, f"The message does not fit its form: {'/'.join(path)} {why}")


def _lines(types: str) -> Iterator[tuple[str, _Parts]]:
    for line in filter(None, (line.strip() for line in types.splitlines())):
        name, _, parts = line.partition(" = ")
        found = tuple(
            _Part(part, type, *_COUNTS[mark]) for part, type, mark in _PART.findall(parts)
        )
        yield name.strip(), _Parts(found, " | " in parts)
