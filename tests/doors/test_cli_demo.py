"""`hueandcry demo` where a step fails: it is said, and the exit code tells it."""

from __future__ import annotations

import json
import signal

import pytest

from hueandcry.core.errors import Broken
from hueandcry.doors.cli import demo
from hueandcry.doors.cli.demo import Demo, Step
from hueandcry.doors.cli.main import run


def ended(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code of a demonstration of which no node is founded, and what it said."""
    monkeypatch.setattr(demo, "stop_all", lambda nodes: None)
    monkeypatch.setattr(signal, "signal", lambda *given: None)  # this process keeps its own
    with pytest.raises(SystemExit) as caught:
        run(["demo", "--once", "--json"])
    assert isinstance(caught.value.code, int)
    return caught.value.code, capsys.readouterr().out


def test_a_step_that_fails_ends_it_with_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(shown: Demo, step: Step) -> None:
        raise Broken("not_started", "A node did not start")

    monkeypatch.setattr(Demo, "found", fails)
    code, said = ended(monkeypatch, capsys)
    (line,) = map(json.loads, said.splitlines())
    assert (code, line["outcome"], line["detail"]) == (1, "failed", "A node did not start.")


def test_a_later_step_that_fails_does_not_keep_the_others_from_being_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def goes_well(shown: Demo, step: Step) -> None:
        step.detail = "so it is"

    def fails(shown: Demo, step: Step) -> None:
        raise KeyError("nothing")

    acts = [name for name, made in vars(Demo).items() if callable(made) and name[0] != "_"]
    for name in set(acts) - {"run"}:
        monkeypatch.setattr(Demo, name, fails if name == "consult" else goes_well)
    code, said = ended(monkeypatch, capsys)
    outcomes = [json.loads(line)["outcome"] for line in said.splitlines()]
    assert (code, outcomes.count("failed")) == (1, 1)
    assert len(outcomes) > 15
