"""The treaty registry of this node: what is shipped, and files of its own lawyers on top."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from hueandcry.apps.cooperation import queries, rules
from hueandcry.apps.cooperation.models import TreatyFile
from hueandcry.apps.cooperation.rules import Doing
from hueandcry.core.errors import Malformed
from hueandcry.core.law import LAW
from hueandcry.core.law.registry import REGISTRY, Registry, with_file
from hueandcry.core.times import time_text
from hueandcry.core.types import Actor, Micros
from hueandcry.engine.ledger import face as ledger

_NAME: Final = 100  #: characters of the name of a file


def current() -> Registry:
    """The registry as it counts here now."""
    return _with(tuple((row.name, row.file) for row in queries.treaty_files()))


def import_file(actor: Actor, name: str, data: bytes, at: Micros) -> Registry:
    """Takes a file into the registry, in the caller's transaction; the registry with it.

    It takes the place of an earlier one of the same name. Raises Malformed or Conflict, with the
    place in the file, where it does not fit to what is shipped and to the other files.
    """
    person = rules.check_may(actor, Doing.REGISTER)
    if not 0 < len(name) <= _NAME:
        raise Malformed("name", f"The name of a file has at most {_NAME} characters")
    others = [(row.name, row.file) for row in queries.treaty_files() if row.name != name]
    found = _with((*others, (name, data)))
    TreatyFile.objects.filter(name=name, replaced_at=None).update(replaced_at=at)
    made = TreatyFile(name=name, file=data, person_id=person, at=at)
    digest = hashlib.sha256(data).hexdigest()
    ledger.append(
        "treaties.import", made, at=time_text(at), digest=digest, name=name, person=person
    )
    return found


@lru_cache(maxsize=2)
def _with(files: Sequence[tuple[str, bytes]]) -> Registry:
    registry = REGISTRY
    for name, data in files:
        registry = with_file(registry, name, data, LAW)
    return registry
