"""Adds one person to a node, as `hueandcry` would: `enrolling.py LOGIN NAME ROLE…`; the password."""

from __future__ import annotations

import sys

from hueandcry.doors.cli import opening

opening.prepare()

from hueandcry.apps.members import face as members
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

if __name__ == "__main__":
    login, name, *roles = sys.argv[1:]
    with unit_of_work():
        _, password = members.add_person(login, roles, name=name, at=clock.now())
    print(password)
