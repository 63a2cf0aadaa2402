"""Settings of a node as typed, versioned, logged rows. The environment is for deployment only.

The room that reads a setting declares it, beside its use, so that none is ever declared twice or
read by nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from hueandcry.core.errors import Conflict, Malformed, NotFound
from hueandcry.core.times import time_text
from hueandcry.core.types import Micros
from hueandcry.engine import clock
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.policy.models import Change

__all__ = [
    "ChangeView",
    "InForce",
    "Setting",
    "Value",
    "change",
    "clear",
    "declare",
    "declared",
    "every",
    "forget",
    "history",
    "items",
    "number",
    "read",
    "text_of",
    "value",
]

#: What a setting may hold; a tuple is written one item to a line or parted by commas.
Value = bool | int | str | tuple[str, ...]

#: Seconds for which a value is remembered: a change counts this soon in every process.
_LIFE: Final = 1.0

_WORDS: Final = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that some room reads: its type, its default, its bounds, what it means."""

    name: str
    kind: type[bool] | type[int] | type[str] | type[tuple[str, ...]]
    default: Value
    meaning: str
    low: int | None = None
    high: int | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One version of a setting; `text` is None where it gave back the default."""

    name: str
    version: int
    text: str | None
    person: int | None
    at: Micros
    log_index: int | None


@dataclass(frozen=True, slots=True)
class InForce:
    """A setting with the value that counts now; version 0 is the default."""

    setting: Setting
    value: Value
    version: int
    at: Micros | None
    person: int | None


_declared: dict[str, Setting] = {}
_known: dict[str, tuple[float, Value]] = {}


def forget() -> None:
    """Empties the memory of values: for tests that swap databases under one process."""
    _known.clear()


def declare(setting: Setting) -> Setting:
    """Makes a setting known; its default must be a value of its own type."""
    if read(setting, text_of(setting.default)) != setting.default:
        raise ValueError(f"the default of {setting.name} is not one of its values")
    if _declared.setdefault(setting.name, setting) != setting:
        raise ValueError(f"{setting.name} is declared twice")
    return setting


def declared() -> Mapping[str, Setting]:
    """Every setting of the rooms that are loaded, by name."""
    return MappingProxyType(_declared)


def _setting(name: str) -> Setting:
    found = _declared.get(name)
    if found is None:
        raise NotFound(
            "setting", f"There is no setting {name!r}", do="See `hueandcry settings list`"
        )
    return found


def value(name: str) -> Value:
    """The value in force, at most a second old; raises NotFound for a name nobody declared."""
    setting = _setting(name)
    now = clock.monotonic()
    held = _known.get(name)
    if held is None or now >= held[0]:
        held = _known[name] = (now + _LIFE, _in_force(setting, _newest(name)).value)
    return held[1]


def number(name: str) -> int:
    """The value of a setting that is a whole number."""
    found = value(name)
    assert isinstance(found, int)
    return found


def items(name: str) -> tuple[str, ...]:
    """The value of a setting that is a list."""
    found = value(name)
    assert isinstance(found, tuple)
    return found


def _newest(name: str) -> Change | None:
    return Change.objects.filter(name=name).order_by("-version").first()


def _in_force(setting: Setting, row: Change | None) -> InForce:
    if row is None:
        return InForce(setting, setting.default, 0, None, None)
    found = setting.default if row.cleared else read(setting, row.text)
    return InForce(setting, found, row.version, row.at, row.person)


def every() -> list[InForce]:
    """Every declared setting with what is in force, by name."""
    return [_in_force(_declared[name], _newest(name)) for name in sorted(_declared)]


def history(name: str) -> list[ChangeView]:
    """Every version of a setting, the newest first."""
    rows = Change.objects.filter(name=_setting(name).name).order_by("-version")
    return [
        ChangeView(r.name, r.version, None if r.cleared else r.text, r.person, r.at, r.log_index)
        for r in rows
    ]


def change(name: str, text: str, by: int | None, at: Micros) -> int:
    """Gives a setting a value in the caller's transaction; the new version.

    Raises Malformed for a text that is none of its values, NotFound for an unknown name.
    """
    setting = _setting(name)
    return _put(setting, text_of(read(setting, text)), False, by, at)


def clear(name: str, by: int | None, at: Micros) -> int:
    """Gives a setting its default back, as a new version."""
    return _put(_setting(name), "", True, by, at)


def _put(setting: Setting, text: str, cleared: bool, by: int | None, at: Micros) -> int:
    newest = _newest(setting.name)
    version = 1 if newest is None else newest.version + 1
    row = Change(name=setting.name, version=version, text=text, cleared=cleared, person=by, at=at)
    if Change.objects.filter(name=setting.name, version=version).exists():
        raise Conflict("setting", f"Somebody else changed {setting.name} just now", do="Look again")
    said = None if cleared else text
    ledger.append(
        "policy", row, name=setting.name, version=version, text=said, person=by, at=time_text(at)
    )
    _known.pop(setting.name, None)
    return version


def text_of(value: Value) -> str:
    """A value as text, which `read` reads back."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "\n".join(value) if isinstance(value, tuple) else str(value)


def read(setting: Setting, text: str) -> Value:
    """A text as a value of a setting; raises Malformed, which says what it takes."""
    if setting.kind is bool:
        found = _WORDS.get(text.strip().lower())
        if found is None:
            raise _wrong(setting, "yes or no")
        return found
    if setting.kind is int:
        return _number(setting, text)
    if setting.kind is tuple:
        items = (item.strip() for item in text.replace(",", "\n").splitlines())
        return tuple(item for item in items if item)
    if setting.choices and text not in setting.choices:
        raise _wrong(setting, f"one of {', '.join(setting.choices)}")
    return text


def _number(setting: Setting, text: str) -> int:
    low, high = setting.low, setting.high
    try:
        found = int(text.strip())
    except ValueError:
        raise _wrong(setting, "a whole number") from None
    if (low is not None and found < low) or (high is not None and found > high):
        raise _wrong(setting, f"a number from {low} to {high}")
    return found


def _wrong(setting: Setting, takes: str) -> Malformed:
    return Malformed("setting", f"{setting.name} takes {takes}", do=setting.meaning)
