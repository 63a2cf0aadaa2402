"""The fields of a request as people give them: a TOML or JSON file, and `NAME=VALUE` options."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

from hueandcry.core import strictjson
from hueandcry.core.errors import HueError
from hueandcry.core.law import LAW
from hueandcry.core.times import read_rfc3339, time_text
from hueandcry.core.types import Micros
from hueandcry.doors.cli import small_files
from hueandcry.doors.cli.usage import Usage

_YES: Final = {"yes": True, "true": True, "no": False, "false": False}
#: Kinds of fields whose value is written as JSON.
_STRUCTURED: Final = frozenset({"record", "records", "period", "texts", "digests"})


def read(file: Path | None, options: Sequence[str]) -> dict[str, Any]:
    """The fields of a file, and of options over them; raises Usage for what cannot be read.

    Times may have any RFC 3339 form. Whether the fields are right is for the law to say.
    """
    given = {} if file is None else _of_file(file)
    for option in options:
        name, equals, text = option.partition("=")
        if not equals:
            raise Usage("field", f"{option!r} is no field", do="Write NAME=VALUE")
        given[name] = _of_option(name, text)
    return {name: _times(name, value) for name, value in given.items()}


def _of_file(path: Path) -> dict[str, Any]:
    data = small_files.read(path)
    if path.suffix != ".json":
        return _toml(path, data)
    value = _json(str(path), data)
    if not isinstance(value, dict):
        raise Usage("file", f"{path} holds no fields", do='Write {"field": "value"}')
    return value


def _toml(path: Path, data: bytes) -> dict[str, Any]:
    try:
        return {name: _plain(value) for name, value in tomllib.loads(data.decode()).items()}
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise Usage("file", f"{path} is no TOML", why=str(fault)) from None


def _plain(value: Any) -> Any:
    """TOML's own times as text."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, (date, datetime, time)) else value


def _json(where: str, data: bytes) -> Any:
    try:
        return strictjson.parse(data, max_bytes=small_files.MOST)
    except HueError as fault:
        raise Usage("json", f"{where} is no JSON that can be signed", why=fault.what) from None


def _of_option(name: str, text: str) -> Any:
    kind = LAW.fields[name].kind if name in LAW.fields else "text"
    if kind in _STRUCTURED:
        return _json(name, text.encode())
    return _READ.get(kind, str)(text)


def _times(name: str, value: Any) -> Any:
    """Instants in our one spelling; what is none is left for the law to name."""
    kind = LAW.fields[name].kind if name in LAW.fields else ""
    if kind == "instant":
        return _instant(value)
    if kind == "period" and isinstance(value, Mapping):
        return {end: _instant(at) for end, at in value.items()}
    return value


def _instant(value: Any) -> Any:
    try:
        return time_text(read_rfc3339(value)) if isinstance(value, str) else value
    except HueError:
        return value


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() else text


_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "yes-no": lambda text: _YES.get(text.lower(), text),
    "number": _number,
}


# --- money ----------------------------------------------------------------------------------------


def hop(account: str, institution: str, at: Micros | None) -> dict[str, str]:
    """Where money went on, as an act says it; nothing of nothing, Usage for a half of it."""
    if not account and not institution and at is None:
        return {}
    if not (account and institution):
        raise Usage("next", "The next account is named with who holds it: --next, --institution")
    return {
        "account": account,
        "institution": institution,
        **({} if at is None else {"at": time_text(at)}),
    }


def victims(options: Sequence[str]) -> tuple[dict[str, str], ...]:
    """Victims as PSEUDONYM=LOSS; raises Usage for what is no such thing."""
    found = []
    for option in options:
        name, _, loss = option.rpartition("=")
        if not name or not loss:
            raise Usage("victim", f"{option!r} is no victim", do="Write PSEUDONYM=LOSS")
        found.append({"pseudonym": name, "loss": loss})
    return tuple(found)
