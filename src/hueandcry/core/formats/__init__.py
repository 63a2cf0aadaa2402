"""Lists of others into rows, and our own lists into what others read. Pure: bytes in, bytes out."""

from hueandcry.core.formats.rows import FAULTS, Account, Entry, Heading, Options, Row, Said
from hueandcry.core.formats.stream import MAX_DOCUMENT, Stream
from hueandcry.core.formats.table import FORMATS, Format, format_of, sniff

__all__ = [
    "FAULTS",
    "FORMATS",
    "MAX_DOCUMENT",
    "Account",
    "Entry",
    "Format",
    "Heading",
    "Options",
    "Row",
    "Said",
    "Stream",
    "format_of",
    "sniff",
]
