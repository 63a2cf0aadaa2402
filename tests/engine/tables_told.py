"""Makes the tables of an empty database, `at-once` or by `migrations`, and prints what they are."""

from __future__ import annotations

import json
import sys
from typing import Any

import django
from django.core.management import call_command
from django.db import connection

from hueandcry.engine.store import founding

#: Numbers that depend on the order in which tables were made, and the days of migrations.
_LEFT_OUT = {"id", "content_type_id", "applied"}


def main(way: str) -> None:
    django.setup()
    if way == "at-once":
        assert founding.make_tables()
    else:
        call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        print(json.dumps({name: _told(cursor, name) for name in sorted(names)}))


def _told(cursor: Any, name: str) -> list[Any]:
    read = connection.introspection
    columns = read.get_table_description(cursor, name)
    cursor.execute(f'SELECT * FROM "{name}"')
    heads = [each[0] for each in cursor.description]
    rows = [{h: repr(v) for h, v in zip(heads, row, strict=True)} for row in cursor.fetchall()]
    rules = read.get_constraints(cursor, name).values()
    return [
        sorted([c.name, _type(c), c.null_ok, c.default or ""] for c in columns),
        sorted(_text({k: v for k, v in rule.items() if k != "definition"}) for rule in rules),
        sorted(name for name in read.get_constraints(cursor, name) if "__unnamed" not in name),
        sorted(_text({k: v for k, v in row.items() if k not in _LEFT_OUT}) for row in rows),
        sorted(_text(each) for each in read.get_sequences(cursor, name)),
    ]


def _type(column: Any) -> str:
    """Of ids that the database gives: integer or big integer, since packages of others differ."""
    return "number" if column.name == "id" else str(column.type_code)


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)


if __name__ == "__main__":
    main(sys.argv[1])
