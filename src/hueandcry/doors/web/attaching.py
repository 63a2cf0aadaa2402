"""Files that somebody attaches to a report: how many, and in words why one is not taken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hueandcry.apps.reports import face as reports
from hueandcry.doors.desk.uploads import Limits, Upload

Words = str | Promise

#: What files a report may bring.
FILES: Final = Limits(files=reports.MAX_FILES, each=reports.MAX_FILE, whole=64 << 20)

#: Codes of files that are refused → what to do.
_FILES: Final[dict[str, Words]] = {
    "file_too_large": _("A file is too large. Send only the part that matters."),
    "too_many_files": _("These are too many files. Send the rest as a second report."),
    "file_two_in_one": _("Something is hidden in a file. Send a screenshot of what you see in it."),
}
_FILE: Final = _("We cannot take files of this kind. Send a screenshot of what you see in it.")


def given_files(uploads: Iterable[Upload]) -> list[reports.GivenFile]:
    """Those that were taken, as a report brings them."""
    return [reports.GivenFile(each.clean, each.sort, each.fresh) for each in uploads if each.fresh]


def refusals(uploads: Iterable[Upload]) -> list[Words]:
    """What to do about those that were not taken, each thing once."""
    codes = dict.fromkeys(each.refused.code for each in uploads if each.refused)
    return list(dict.fromkeys(_FILES.get(code, _FILE) for code in codes))
