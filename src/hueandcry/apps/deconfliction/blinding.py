"""Private set intersection over P-256, by openmined-psi in its RAW form: points in, points out.

RAW is the whole set and nothing approximate: its Bloom filters gave false hits far more often than
they were asked for, and a false hit names somebody who has done nothing. The library lets other
threads run while it works.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any, Final

from hueandcry.core.errors import Conflict, Malformed

#: A rate of false hits that the library asks for and RAW does not use.
_UNUSED: Final = 1e-9


def blind(items: Sequence[str]) -> tuple[bytes, tuple[bytes, ...]]:
    """(key, points): a set under a fresh key of ours, in its order."""
    client = _psi().client.CreateWithNewKey(True)
    points = client.CreateRequest(list(items)).encrypted_elements
    return client.GetPrivateKeyBytes(), tuple(points)


def answer(
    blinded: Sequence[bytes], items: Sequence[str]
) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """(setup, response): our set, and what the other side blinded, under one fresh key of ours.

    The key is gone with the call. Raises Malformed for what is no point of the curve.
    """
    psi = _psi()
    server = psi.server.CreateWithNewKey(True)
    asked = psi.Request(reveal_intersection=True, encrypted_elements=blinded)
    response = _done(server.ProcessRequest, asked)
    setup = server.CreateSetupMessage(_UNUSED, len(blinded), list(items), psi.DataStructure.RAW)
    return tuple(setup.raw.encrypted_elements), tuple(response.encrypted_elements)


def found(key: bytes, setup: Sequence[bytes], response: Sequence[bytes]) -> list[int]:
    """Which of our items the other side has as well, by their place; Malformed as in `answer`."""
    psi = _psi()
    client = psi.client.CreateFromKey(key, True)
    theirs = psi.ServerSetup()
    theirs.raw.encrypted_elements.extend(sorted(setup))  # as the library looks them up
    ours = psi.Response(encrypted_elements=response)
    return sorted(_done(client.GetIntersection, theirs, ours))


def _done(step: Any, *given: Any) -> Any:
    try:
        return step(*given)
    except RuntimeError as fault:
        raise Malformed("points", "What they sent holds no points of the curve") from fault


def _psi() -> ModuleType:
    # Its wheels are for few machines: a node elsewhere does everything but this.
    try:
        import private_set_intersection.python as psi
    except ImportError as missing:
        raise Conflict(
            "no_psi",
            "This node cannot compare sets with others",
            why="openmined-psi is not installed; it is made for Linux on x86-64 (glibc 2.35) only",
            do="Run the node on such a machine, or speak to the other desk by other ways",
        ) from missing
    return psi  # type: ignore[no-any-return]
