from typing import Any

import hueandcry.engine.store.fields
from django.db import migrations, models


def make_epoch(apps: Any, schema_editor: Any) -> None:
    """The epoch is stored from the first entry on: a succession raises it (PROTOCOL 5)."""
    apps.get_model("store", "Head").objects.create(name="epoch", value=0)


class Migration(migrations.Migration):
    initial = True

    dependencies = [("store", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("epoch", models.PositiveIntegerField()),
                ("root", hueandcry.engine.store.fields.FixedBytesField(32, editable=True)),
                ("decided_at", hueandcry.engine.store.fields.MicrosField()),
                ("note", hueandcry.engine.store.fields.BytesField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("index", models.BigIntegerField(primary_key=True, serialize=False)),
                ("entry", hueandcry.engine.store.fields.FixedBytesField(33, editable=True)),
            ],
        ),
        migrations.RunPython(make_epoch, migrations.RunPython.noop),
    ]
