"""Commands in this process, on a node that was just founded: what each said, and how it ended."""

from __future__ import annotations

import pytest

from hueandcry.apps.members import face as members
from hueandcry.doors.cli import main
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work
from node_scene import keyring


def found() -> None:
    """This node is the anti-scam centre of Thailand from now on."""
    founding = members.Founding("Centre", "TH", ("asc",), "https://centre.example")
    with unit_of_work():
        members.found(founding, keyring(), clock.now())


def ended(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    """Runs one command to its end; (exit code, stdout, stderr)."""
    with pytest.raises(SystemExit) as end:
        main.run([*map(str, words)])
    said = capsys.readouterr()
    assert isinstance(end.value.code, int)
    return end.value.code, said.out, said.err
