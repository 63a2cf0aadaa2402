"""What may be done with a file in quarantine: nothing, but that the police take it over."""

from __future__ import annotations

import itertools

import pytest

from hueandcry.core.errors import NotPermitted
from hueandcry.core.files import SORTS
from hueandcry.core.quarantine import Use, check


@pytest.mark.parametrize("use", Use)
@pytest.mark.parametrize("sort", SORTS)
def test_from_quarantine_a_file_is_only_ever_handed_to_the_police(use: Use, sort: str) -> None:
    for police in (False, True):
        if use is Use.DOWNLOAD and police:
            check(use, sort, quarantined=True, police=True)
            continue
        with pytest.raises(NotPermitted) as refused:
            check(use, sort, quarantined=True, police=police)
        assert refused.value.code == "quarantined"


def test_of_other_files_only_pictures_are_shown() -> None:
    for use, sort in itertools.product(Use, SORTS):
        if use is Use.PREVIEW and not sort.startswith("image/"):
            with pytest.raises(NotPermitted):
                check(use, sort, quarantined=False)
    check(Use.PREVIEW, "image/png", quarantined=False)
    check(Use.DOWNLOAD, "application/pdf", quarantined=False)
    with pytest.raises(NotPermitted):
        check(Use.PREVIEW, "image/heic", quarantined=False)  # nothing here decodes it
