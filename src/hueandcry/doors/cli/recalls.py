"""Messages of a bank's own systems about a stop-payment, as files. No node is needed."""

from __future__ import annotations

from pathlib import Path

from hueandcry.core.errors import Malformed
from hueandcry.core.formats import iso20022
from hueandcry.doors.cli import small_files


def form(path: Path) -> dict[str, str]:
    """The fields that the camt.056 of one payment fills; Malformed for several."""
    found = iso20022.read_recall(small_files.read(path)).recalls
    if len(found) != 1:
        raise Malformed(
            "recalls",
            f"{path.name} recalls {len(found)} payments, and a request is about one",
            do="Make a file for each",
        )
    return iso20022.form_of(found[0])
