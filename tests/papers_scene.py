"""A node whose desk writes to an authority without a node, and enters what comes on paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import RequestView, Said
from hueandcry.core.types import MINUTE
from hueandcry.engine.store.work import unit_of_work
from requests_made import form
from requests_scene import BASIS, Requests

HOUR = 60 * MINUTE
SCAN = b"%PDF-1.7 signed and sealed "
NAME = "Ministry of Justice of the Lao PDR"


class Papers(Requests):
    """A desk that writes to an authority without a node."""

    def noted(self, name: str = NAME, roles: Sequence[str] = ("ca", "p24")) -> str:
        with unit_of_work():
            return cooperation.add_authority(
                self.desk["lek"], name, "LA", roles, "Vientiane", self.now
            )

    def authority(self) -> str:
        """The key of that authority, which is noted by now."""
        keys = [key for key, each in cooperation.authorities() if each.name == NAME]
        return keys[0] if keys else self.noted()

    def written(self, type: str = "MLA_STORED", to: str = "", **given: Any) -> UUID:
        """A request to that authority or another, signed by its maker."""
        key, whole = to or self.authority(), form(type, self.now, **given)
        with unit_of_work():
            request = cooperation.draft(self.desk["ann"], type, key, BASIS, whole, self.now)
        self.did("ann", request, "sign")
        return request

    def lettered(
        self, who: str, request: UUID, event: str, *, data: bytes = SCAN, **more: Any
    ) -> RequestView:
        """An act of which a letter tells, an hour later; of theirs where either may do it."""
        self.now += HOUR
        paper = {"theirs": True, **self._told(more)}
        with cooperation.letter_taken(data, **paper) as letter, unit_of_work():
            cooperation.act(self.desk[who], request, event, Said(**more), self.now, letter=letter)
        return self.view(request)

    def gone(self, type: str = "MLA_STORED", to: str = "", **given: Any) -> UUID:
        """A request that went as a letter and arrived."""
        request = self.written(type, to, **given)
        self.lettered("som", request, "approve_outside")
        self.lettered("ann", request, "deliver_outside", data=SCAN + b"receipt")
        return request

    def entered(
        self,
        who: str = "lek",
        type: str = "MLA_STORED",
        basis: str = BASIS,
        *,
        data: bytes = SCAN,
        sender: str = "",
        letter: dict[str, Any] | None = None,
        given: dict[str, Any] | None = None,
        **more: Any,
    ) -> UUID:
        """A request of that authority, or of a `sender`, that came as a letter an hour later."""
        self.now += HOUR
        key = sender or self.authority()
        whole = form(type, self.now, **more) if given is None else given
        with cooperation.letter_taken(data, **self._told(letter or {})) as taken, unit_of_work():
            return cooperation.enter(self.desk[who], type, key, basis, whole, taken, self.now)

    def _told(self, more: dict[str, Any]) -> dict[str, Any]:
        return {
            "name": more.pop("name", "letter.pdf"),
            "channel": more.pop("channel", "courier"),
            "by": more.pop("carried_by", "an attaché"),
            "dated": more.pop("dated", self.now),
            **({"theirs": more.pop("theirs")} if "theirs" in more else {}),
        }
