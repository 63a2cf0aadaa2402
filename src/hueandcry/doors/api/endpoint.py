"""What an endpoint is: one row of the table from which routes, checks and documentation come."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import msgspec

from hueandcry.apps.members import face as members
from hueandcry.core.types import Audience, Micros

BASE: Final = "/api/v1"
MAX_BODY: Final = 1_048_576  #: bytes

#: Parameters of paths: what each may look like, and its description.
PARAMETERS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "number": ("[1-9][0-9]{0,17}", {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}),
    "delivery": ("[1-9][0-9]{0,17}", {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}),
    "index": ("0|[1-9][0-9]{0,17}", {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}),
    "fingerprint": ("[0-9a-f]{64}", {"type": "string", "pattern": "^[0-9a-f]{64}$"}),
    "claim": (
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        {"type": "string", "format": "uuid"},
    ),
    "report": (
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        {"type": "string", "format": "uuid"},
    ),
    "source": (
        "[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?",
        {"type": "string", "pattern": "^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$"},
    ),
    "kind": ("[a-z-]{1,20}", {"type": "string", "pattern": "^[a-z-]{1,20}$"}),
}
_PARAMETER: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that was let in: who asks, for what, when."""

    caller: members.Caller
    at: Micros
    path: dict[str, str]
    query: Any
    body: Any
    environ: dict[str, Any]

    @property
    def audience(self) -> Audience:
        """What the caller may see: a guest's token never reads all that we hold."""
        own = self.caller.audience
        return Audience.GREEN if self.is_guest and own is Audience.OWN else own

    @property
    def is_guest(self) -> bool:
        """Whether it is another member's token, who has a seat here."""
        return self.caller.member != members.us().id

    def number(self, name: str = "number") -> int:
        """A number in the path."""
        return int(self.path[name])


@dataclass(frozen=True, slots=True)
class Said:
    """An answer with what else its header says."""

    value: Any
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Endpoint:
    """One row of the table."""

    name: str  #: operation, and method of the client
    method: str
    path: str  #: below `/api/v1`, with {parameters}
    tag: str
    summary: str
    scope: str  #: empty: any valid token
    handler: Callable[[Asked], Any]
    answer: type[msgspec.Struct] | None  #: None: no content
    query: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | None = None
    file: int = 0  #: bytes of a file that is the body, as it is; 0: none is taken
    status: int = 200
    codes: tuple[str, ...] = ()  #: beyond those that every endpoint has
    statuses: tuple[int, ...] = ()  #: of further refusals
    ours: bool = False  #: only for tokens of audience own, and of no guest member
    writes: bool = False  #: has an effect: runs in a transaction, takes an Idempotency-Key
    cost: float = 1.0  #: against the rate of the token
    about: str = ""  #: more words, for the documentation

    @property
    def paged(self) -> bool:
        """Whether its answer is a page with a cursor."""
        return self.answer is not None and "next" in self.answer.__struct_fields__

    @property
    def takes_key(self) -> bool:
        """Whether an Idempotency-Key has a meaning here."""
        return self.writes and self.method == "POST"

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names in the path."""
        return tuple(_PARAMETER.findall(self.path))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What the path looks like."""
        parts = _PARAMETER.split(self.path)
        text = "".join(
            f"(?P<{part}>{PARAMETERS[part][0]})" if place % 2 else re.escape(part)
            for place, part in enumerate(parts)
        )
        return re.compile(BASE + text)
