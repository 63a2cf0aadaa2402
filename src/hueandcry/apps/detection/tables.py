"""Tables that ship inside this room: lines of fields set apart by tabs, `#` begins a remark."""

from __future__ import annotations

from importlib.resources import files


def rows(name: str) -> list[list[str]]:
    """The fields of each line of `data/NAME` that is neither empty nor a remark, in order."""
    text = files("hueandcry.apps.detection").joinpath("data", name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if line and line[0] != "#"]
