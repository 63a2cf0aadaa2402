"""A node that takes reports, for tests: short words for what reporters and the desk do."""

from __future__ import annotations

from typing import Any

import pytest

from hueandcry.apps.reports import face
from hueandcry.apps.reports.face import Consent, GivenLoss, GivenValue, NewReport, Source
from hueandcry.core.types import Actor
from hueandcry.engine.store.work import unit_of_work
from node_scene import keyring
from signals_scene import ACTOR, Scene

#: What most reports agree to.
AGREED = frozenset({Consent.SIGNALS})


class Reports(Scene):
    """Time stands still until it is moved; every act is a unit of work of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        keyring()
        super().__init__(monkeypatch)

    def submitted(self, text: str = "", actor: Actor = ACTOR, **more: Any) -> face.Submitted:
        new = {"consents": AGREED, "wording": "test-1", "market": "TH", "source": Source.PUBLIC}
        with unit_of_work():
            return face.submit(actor, NewReport(text=text, **{**new, **more}), self.now)

    def read(self) -> int:
        total = 0
        while some := face.read_some(self.now):
            total += len(some)
        return total

    def waiting(self, text: str = "", *values: str, **more: Any) -> face.Submitted:
        """A report that was read: it is in the queue."""
        given = tuple(GivenValue(value) for value in values)
        sent = self.submitted(text, values=more.pop("given", given), **more)
        self.read()
        return sent

    def opened(self, number: int) -> face.Opened:
        with unit_of_work():
            return face.open_report(number, ACTOR, "test", self.now)

    def confirmed(self, number: int, ticks: Any = None) -> face.Confirmed:
        with unit_of_work():
            return face.confirm(ACTOR, number, self.now, ticks)

    def did(self, do: Any, *args: Any) -> Any:
        """One use case of the desk on a report, as a unit of work."""
        with unit_of_work():
            return do(ACTOR, *args, self.now)

    def told(self, code: str | None) -> face.Told:
        assert code is not None
        return face.by_code(code, self.now)

    def numbers(self, **where: Any) -> list[int]:
        return [line.number for line in face.queue(face.Filters(**where), self.now).lines]


def loss(amount: str = "1000", **more: Any) -> GivenLoss:
    return GivenLoss(amount, more.pop("currency", "THB"), **more)


__all__ = ["ACTOR", "AGREED", "Reports", "loss"]
