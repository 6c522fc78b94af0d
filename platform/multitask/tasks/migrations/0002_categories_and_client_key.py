"""The nine categories, and the composite key that keeps an application's copy of the client true."""

import json
from pathlib import Path

from django.db import migrations

DATA = Path(__file__).resolve().parents[1] / "data" / "categories.json"


def load(apps, schema_editor):
    category = apps.get_model("tasks", "Category")
    for row in json.loads(DATA.read_text(encoding="utf-8")):
        category.objects.update_or_create(
            slug=row["slug"], defaults={k: v for k, v in row.items() if k != "slug"}
        )


class Migration(migrations.Migration):
    dependencies = [("tasks", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            ALTER TABLE tasks_taskapplication
                ADD CONSTRAINT application_client_is_the_tasks FOREIGN KEY (task_id, client_id)
                REFERENCES tasks_task (id, client_id) DEFERRABLE INITIALLY DEFERRED
            """,
            "ALTER TABLE tasks_taskapplication DROP CONSTRAINT application_client_is_the_tasks",
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
