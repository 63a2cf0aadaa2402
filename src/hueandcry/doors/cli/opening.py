"""Opening this folder's node for a command: Django, the database, and who acts."""

from __future__ import annotations

import os

import django
from django.core.management import call_command
from django.db import OperationalError, connection

from hueandcry.core.errors import NotFound
from hueandcry.core.types import Actor
from hueandcry.engine.store import founding

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hueandcry.config.settings")


def prepare() -> None:
    """Sets Django up; the folder need not hold a node yet."""
    django.setup()


def open_node() -> Actor:
    """Opens the node and gives its command-line actor; raises NotFound where there is none."""
    prepare()
    from hueandcry.apps.members import face as members

    try:
        us = members.us()
    except (OperationalError, django.db.utils.ProgrammingError) as error:
        raise NotFound(
            "node",
            f"There is no node in {_folder()}",
            do="Run `hueandcry init`, or name its folder with --data",
        ) from error
    return Actor(us.fingerprint, None, frozenset({"administrator", "analyst"}))


def is_founded() -> bool:
    """Whether this folder's database holds a node."""
    try:
        open_node()
    except NotFound:
        return False
    return True


def has_tables() -> bool:
    """Whether this folder's database has tables of any version; nothing is made by asking."""
    prepare()
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite" and not os.path.exists(name):
        return False
    with connection.cursor() as cursor:
        return "members_member" in connection.introspection.table_names(cursor)


def migrate() -> None:
    """Brings the database to this version's tables; an empty one at once."""
    if not founding.make_tables():
        call_command("migrate", interactive=False, verbosity=0)


def _folder() -> str:
    name = connection.settings_dict["NAME"]
    return str(getattr(name, "parent", name))
