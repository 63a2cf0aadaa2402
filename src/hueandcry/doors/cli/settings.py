"""Settings of the node: what is in force, who changed it, and how to change it back."""

from __future__ import annotations

from typing import Annotated

import typer

from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, group

opening.prepare()

from hueandcry.config import loops
from hueandcry.engine import clock
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work

Name = Annotated[str, typer.Argument(help="name of the setting, from `settings list`")]


def list_(json: Json = False) -> None:
    """Every setting with its value, who set it and what it means."""
    opening.open_node()
    loops.declared()
    found = policy.every()
    if json:
        showing.as_json([_shown(each) for each in found])
        return
    rows = [
        (each.setting.name, policy.text_of(each.value), each.version, each.setting.meaning)
        for each in found
    ]
    showing.table(("setting", "value", "version", "meaning"), rows)


def _shown(each: policy.InForce) -> dict[str, object]:
    return {
        "name": each.setting.name,
        "value": each.value,
        "default": each.setting.default,
        "version": each.version,
        "at": each.at,
        "person": each.person,
        "meaning": each.setting.meaning,
    }


def set_(
    name: Name,
    value: Annotated[str, typer.Argument(help="the new value; a list with commas")],
) -> None:
    """Give a setting a value. It counts within a second."""
    opening.open_node()
    loops.declared()
    with unit_of_work():
        policy.change(name, value, None, clock.now())


def clear(name: Name) -> None:
    """Give a setting its default back."""
    opening.open_node()
    loops.declared()
    with unit_of_work():
        policy.clear(name, None, clock.now())


def history(name: Name, json: Json = False) -> None:
    """Every version of a setting, the newest first."""
    opening.open_node()
    loops.declared()
    found = policy.history(name)
    if json:
        showing.as_json(found)
        return
    rows = [
        (v.version, "(default)" if v.text is None else v.text, showing.time(v.at), v.person or "")
        for v in found
    ]
    showing.table(("version", "value", "changed", "person"), rows)


COMMANDS = {"settings": group(list=list_, set=set_, clear=clear, history=history)}
