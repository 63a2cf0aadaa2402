"""The tables of an empty database, made at once from the models as they are by now.

A migration that adds a table has Django draw anew all models that hang together with it, which for
a whole house takes many seconds. What they come to is known; a test holds both ways together.
"""

from __future__ import annotations

from typing import Final, cast

from django.apps import apps
from django.core.management.sql import emit_post_migrate_signal
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration, RunPython
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps

#: Whose migrations put rows into new tables. Those of others only change rows that are there.
_OURS: Final = "hueandcry."


def make_tables() -> bool:
    """Makes every table of an empty database, in one transaction; False where it has some.

    It is as if every migration had run, and those that come later run upon it.
    """
    if connection.introspection.table_names():
        return False
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.can_migrate(connection):
                editor.create_model(model)
        executor.recorder.ensure_schema()
        for migration, _ in plan:
            _fill(migration, editor)
            executor.recorder.record_applied(migration.app_label, migration.name)
    emit_post_migrate_signal(0, False, DEFAULT_DB_ALIAS, apps=apps, plan=plan)
    return True


def _fill(migration: Migration, editor: BaseDatabaseSchemaEditor) -> None:
    """Runs what a migration of ours does besides tables, upon the models of today."""
    if not type(migration).__module__.startswith(_OURS):
        return
    for operation in migration.operations:
        if isinstance(operation, RunPython):
            operation.code(cast(StateApps, apps), editor)
