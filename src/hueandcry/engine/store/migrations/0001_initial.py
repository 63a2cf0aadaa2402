from typing import Any

from django.db import migrations, models


def make_heads(apps: Any, schema_editor: Any) -> None:
    """The counters exist from the start, so that advancing one is a single UPDATE."""
    head = apps.get_model("store", "Head")
    for name in ("feed", "ledger"):
        head.objects.create(name=name, value=0)


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Head",
            fields=[
                (
                    "name",
                    models.CharField(max_length=32, primary_key=True, serialize=False),
                ),
                ("value", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Interned",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("space", models.CharField(max_length=16)),
                ("text", models.TextField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("space", "text"), name="store_interned_one")
                ],
            },
        ),
        migrations.RunPython(make_heads, migrations.RunPython.noop),
    ]
