"""Every table of this node in a form that both databases give and take.

A value is a number, a text, bytes or nothing; what a database has a type of its own for (times,
JSON, UUIDs, decimals) travels as one text. A column of a kind that is not listed here cannot be
backed up, and a test walks all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.db import connection, models

from hueandcry.core.errors import Broken

_KINDS: Final = {
    "AutoField": "int",
    "BigAutoField": "int",
    "BigIntegerField": "int",
    "BinaryField": "bytes",
    "BooleanField": "bool",
    "CharField": "text",
    "DateField": "date",
    "DateTimeField": "time",
    "DecimalField": "decimal",
    "EmailField": "text",
    "FloatField": "float",
    "GenericIPAddressField": "text",
    "IntegerField": "int",
    "JSONField": "json",
    "PositiveBigIntegerField": "int",
    "PositiveIntegerField": "int",
    "PositiveSmallIntegerField": "int",
    "SlugField": "text",
    "SmallIntegerField": "int",
    "TextField": "text",
    "URLField": "text",
    "UUIDField": "uuid",
}

#: Kind → the type that its values have on the way.
TYPES: Final[dict[str, Any]] = {
    "int": int | None,
    "bytes": bytes | None,
    "bool": bool | None,
    "text": str | None,
    "date": str | None,
    "time": str | None,
    "decimal": str | None,
    "float": float | None,
    "json": str | None,
    "uuid": str | None,
}

#: What a PostgreSQL column is selected as; `{}` stands for its quoted name.
_POSTGRES: Final = {
    "date": "{}::text",
    "time": "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')",
    "decimal": "{}::text",
    "json": "{}::text",
    "uuid": "replace({}::text, '-', '')",
}


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns with their kinds, its key, and whether that counts by itself."""

    name: str
    columns: tuple[tuple[str, str], ...]
    key: str
    counted: bool

    @property
    def row_type(self) -> Any:
        """What one row is decoded as."""
        kinds = tuple(TYPES[kind] for _, kind in self.columns)
        return tuple.__class_getitem__(kinds)


def tables() -> list[Table]:
    """Every table that a backup holds, each behind those that it points to."""
    return [_table(model) for model in _ordered(_models())]


def left_out() -> list[str]:
    """Tables that a restored node begins with empty."""
    wanted = set(settings.BACKUP_WITHOUT)
    found = [model for model in _every() if model._meta.label_lower in wanted]
    return sorted(model._meta.db_table for model in found)


def _every() -> list[type[models.Model]]:
    found = apps.get_models(include_auto_created=True)
    return [m for m in found if m._meta.managed and not m._meta.proxy]


def _models() -> list[type[models.Model]]:
    without = set(settings.BACKUP_WITHOUT)
    return [m for m in _every() if m._meta.label_lower not in without]


def _ordered(found: Iterable[type[models.Model]]) -> list[type[models.Model]]:
    """Tables behind those that their foreign keys name, so that each row finds what it needs."""
    left = {model._meta.db_table: model for model in sorted(found, key=lambda m: m._meta.label)}
    done: list[type[models.Model]] = []
    while left:
        ready = [name for name, model in left.items() if not (_needs(model) & left.keys()) - {name}]
        if not ready:
            raise Broken("table_circle", f"Tables point at each other in a circle: {sorted(left)}")
        done += [left.pop(name) for name in ready]
    return done


def _needs(model: type[models.Model]) -> set[str]:
    return {
        field.related_model._meta.db_table
        for field in model._meta.concrete_fields
        if field.is_relation and isinstance(field.related_model, type)
    }


def _table(model: type[models.Model]) -> Table:
    key = model._meta.pk
    columns = tuple((str(field.column), _kind(field)) for field in model._meta.concrete_fields)
    counted = isinstance(key, models.AutoField)
    return Table(model._meta.db_table, columns, str(key.column), counted)


def _kind(field: models.Field[Any, Any]) -> str:
    while field.is_relation:
        field = getattr(field, "target_field")  # noqa: B009 - of foreign keys only
    kind = _KINDS.get(field.get_internal_type())
    if kind is None:
        raise Broken("column_kind", f"{field} is of a kind that no backup can hold")
    return kind


# --- reading ------------------------------------------------------------------------------------


def selection(table: Table, *, postgres: bool) -> str:
    """The statement that reads a whole table in the order of its key."""
    shown = ", ".join(_selected(name, kind, postgres=postgres) for name, kind in table.columns)
    return f'SELECT {shown} FROM "{table.name}" ORDER BY "{table.key}"'


def _selected(name: str, kind: str, *, postgres: bool) -> str:
    form = _POSTGRES.get(kind, "{}") if postgres else "{}"
    return form.format(f'"{name}"')


def from_sqlite(table: Table) -> list[tuple[int, Callable[[Any], Any]]]:
    """(place, conversion) of the columns that SQLite keeps in another form than they travel in."""
    turns: dict[str, Callable[[Any], Any]] = {
        "bool": bool,
        "time": lambda text: datetime.fromisoformat(text).isoformat(timespec="microseconds"),
        "decimal": str,
    }
    return [(at, turns[kind]) for at, (_, kind) in enumerate(table.columns) if kind in turns]


def to_database(table: Table) -> list[tuple[int, Callable[[Any], Any]]]:
    """(place, conversion) of the columns that this database wants in another form."""
    turns: dict[str, Callable[[Any], Any]] = (
        {"time": lambda text: f"{text}+00"}
        if connection.vendor == "postgresql"
        else {"time": lambda text: str(datetime.fromisoformat(text)), "bool": int}
    )
    return [(at, turns[kind]) for at, (_, kind) in enumerate(table.columns) if kind in turns]


def turned(
    rows: Iterable[Sequence[Any]], turns: Sequence[tuple[int, Callable[[Any], Any]]]
) -> Iterable[Sequence[Any]]:
    """The rows with some of their values in another form; nothing stays nothing."""
    if not turns:
        return rows
    return (_turned(row, turns) for row in rows)


def _turned(row: Sequence[Any], turns: Sequence[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    changed = list(row)
    for at, turn in turns:
        if changed[at] is not None:
            changed[at] = turn(changed[at])
    return changed
