"""Sheets of paper as PDF, set by typst. Nothing is fetched: neither fonts nor anything else.

The bytes follow from source, data and instant, the version of typst and the fonts of this machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from hueandcry.core.errors import Broken
from hueandcry.core.types import SECOND, Micros

if TYPE_CHECKING:
    from typst import PDFStandard

#: In typst itself, so that Latin letters, Vietnamese ones too, are there on any machine.
BUILT_IN: Final = ("Libertinus Serif", "DejaVu Sans Mono")
#: Languages whose letters these have; any other needs its own font.
_LATIN: Final = frozenset({"en", "vi", "id", "ms", "fil"})


@cache
def families() -> frozenset[str]:
    """The names of all fonts that a sheet can be set in here; raises Broken without typst."""
    try:
        import typst
    except ImportError as missing:
        raise _not_here() from missing
    return frozenset(typst.Fonts().families())


def can_set(language: str, family: str) -> bool:
    """Whether a sheet in a language, in its own family, is more here than empty boxes."""
    return language in _LATIN or family in families()


def fonts(*wanted: str) -> list[str]:
    """Those of the wanted families that are here, in order, and then what typst brings along."""
    return [each for each in dict.fromkeys((*wanted, *BUILT_IN)) if each in families()]


def pdf(source: bytes, data: Mapping[str, Any], at: Micros) -> bytes:
    """PDF/A-2u for archives; plain PDF where no font here has a letter of some text.

    The source reads its data as JSON from `sys.inputs.data`. Raises Broken.
    """
    written = json.dumps(data, sort_keys=True)
    try:
        return _set(source, written, at, ["a-2u"])
    except Broken:
        return _set(source, written, at, [])


def _set(source: bytes, data: str, at: Micros, standards: list[PDFStandard]) -> bytes:
    try:
        import typst
    except ImportError as missing:
        raise _not_here() from missing

    try:
        sheet = typst.compile(
            source,
            format="pdf",
            sys_inputs={"data": data},
            timestamp=at // SECOND,
            pdf_standards=standards,
        )
    except typst.TypstError as wrong:
        raise Broken("sheet", "The sheet cannot be set", why=str(wrong)) from None
    assert isinstance(sheet, bytes)
    return sheet


def _not_here() -> Broken:
    return Broken(
        "typst",
        "No sheet can be set here",
        why="The package typst, which sets them, is not installed",
        do="Install Hue and Cry with its locked requirements",
    )
