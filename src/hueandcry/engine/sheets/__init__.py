"""Sheets of paper as PDF, set by typst. Nothing is fetched: neither fonts nor anything else.

The bytes follow from source, data and instant, the version of typst and the fonts of this machine.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from hueandcry.core.errors import Broken
from hueandcry.core.types import SECOND, Micros

if TYPE_CHECKING:
    from typst import PDFStandard

#: In typst itself, so that Latin letters, Vietnamese ones too, are there on any machine.
BUILT_IN: Final = ("Libertinus Serif", "DejaVu Sans Mono")
ENGLISH: Final = "en"
_LATIN: Final = "Noto Sans"  #: its letters are in BUILT_IN as well
#: Every language in which sheets are written, with the font that has its letters.
FAMILIES: Final[Mapping[str, str]] = {
    ENGLISH: _LATIN,
    "th": "Noto Sans Thai",
    "vi": _LATIN,
    "id": _LATIN,
    "ms": _LATIN,
    "km": "Noto Sans Khmer",
    "lo": "Noto Sans Lao",
    "my": "Noto Sans Myanmar",
    "fil": _LATIN,
    "zh-hans": "WenQuanYi Micro Hei",
}
LANGUAGES: Final = tuple(FAMILIES)


@cache
def families() -> frozenset[str]:
    """The names of all fonts that a sheet can be set in here; raises Broken without typst."""
    try:
        import typst
    except ImportError as missing:
        raise _not_here() from missing
    return frozenset(typst.Fonts().families())


def can_set(language: str) -> bool:
    """Whether a sheet in one of LANGUAGES is more here than empty boxes."""
    return FAMILIES[language] == _LATIN or FAMILIES[language] in families()


def fonts(language: str) -> list[str]:
    """The families that are here: that of a language, those of all others, what typst brings."""
    wanted = (FAMILIES[language], *FAMILIES.values(), *BUILT_IN)
    return [each for each in dict.fromkeys(wanted) if each in families()]


def words(package: str, folder: str, language: str) -> dict[str, Any]:
    """The words of a package's sheets in one of LANGUAGES, from its file in a folder there."""
    source = files(package).joinpath(folder, f"{language}.toml").read_text("utf-8")
    return tomllib.loads(source)


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
