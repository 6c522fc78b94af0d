"""One key for the spellings of a task's city, in both languages, and the index that lists a city's tasks."""

from django.db import migrations, models

from multitask.common.places import CityKeyField, city_keys_fill


def fill(apps, schema_editor):
    city_keys_fill(apps.get_model("tasks", "Task"))


class Migration(migrations.Migration):
    dependencies = [("tasks", "0003_lifecycle")]

    operations = [
        migrations.AddField("task", "city_key", CityKeyField()),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RemoveIndex("task", "task_city_newest"),
        migrations.AddIndex(
            "task", models.Index(fields=["city_key", "-created_at", "-id"], name="task_city_key_newest")
        ),
    ]
