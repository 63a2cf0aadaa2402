"""The other sides of requests, as pages offer them to be chosen, and what may pass between us."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.functional import Promise

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.peers import face as peers
from hueandcry.core.law import LAW
from hueandcry.core.types import Fingerprint
from hueandcry.doors.console import request_words as words


@dataclass(frozen=True, slots=True)
class Party:
    """The other side of a request: a member, or an authority that only letters reach."""

    fingerprint: Fingerprint
    name: str
    on_paper: bool


def every() -> list[Party]:
    """Everybody who can be asked, and can ask: members first."""
    members = [Party(each.fingerprint, each.name, False) for each in peers.peers()]
    return [*members, *(Party(key, each.name, True) for key, each in cooperation.authorities())]


def named(fingerprint: str) -> Party | None:
    """The one that an address names, if it is one."""
    return next((each for each in every() if each.fingerprint == fingerprint), None)


def groups(types: Collection[str]) -> list[tuple[str | Promise, list[str]]]:
    """These types by the group that they are of."""
    found = [
        (words.GROUPS.get(group, group), [code for code in types if LAW.types[code].group == group])
        for group in LAW.groups
    ]
    return [(name, codes) for name, codes in found if codes]
