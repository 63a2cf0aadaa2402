"""What may be done with a file that somebody handed in, once it is in quarantine.

In quarantine is an intimate picture, or one that it is unlawful to hold: marked so by the reporter
or by our people. Nobody looks at it, no machine reads it, nothing that is made of it leaves. It is
handed over, as it is, to whoever may take it for the police, and each time is noted.
"""

from __future__ import annotations

from enum import StrEnum

from hueandcry.core.errors import NotPermitted
from hueandcry.core.files import PICTURES


class Use(StrEnum):
    """What somebody wants of a file."""

    PREVIEW = "preview"  #: a smaller picture, on a screen
    READ = "read"  #: by an assessor: its codes, its words, its text
    HASH = "hash"  #: its digests as signals, which travel
    DOWNLOAD = "download"  #: the file itself


def check(use: Use, sort: str, *, quarantined: bool, police: bool = False) -> None:
    """Raises NotPermitted unless a file of this media type may be used so.

    `police`: who asks has the role that takes such files over.
    """
    if quarantined and not (use is Use.DOWNLOAD and police):
        raise NotPermitted(
            "quarantined",
            "The file is in quarantine",
            why="It is intimate, or unlawful to hold: nobody looks at it",
            do="Whoever may take it over for the police can download it; every time is noted",
        )
    if use is Use.PREVIEW and sort not in PICTURES:
        raise NotPermitted("no_preview", "Only pictures are shown", do="Download the file")
