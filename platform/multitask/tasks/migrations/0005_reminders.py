"""Reminders have rows of their own; what was warned of is not told again."""

from django.conf import settings
from django.db import migrations, models


def carry_over(apps, schema_editor):
    for kind, status in (("deadline_choose", "OPEN"), ("deadline_deliver", "IN_PROGRESS")):
        schema_editor.execute(
            """
            INSERT INTO notifications_reminder (kind, subject_id, step, occasion)
            SELECT %s, id, 1, deadline_warned FROM tasks_task
            WHERE status = %s AND deadline_warned = deadline AND deadline > now()
            ON CONFLICT DO NOTHING
            """,
            [kind, status],
        )


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0007_digests_and_reminders"),
        ("tasks", "0004_city_key"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.RemoveField("task", "deadline_warned"),
        migrations.AddIndex(
            "task",
            models.Index(
                fields=["delivered_at"],
                name="task_delivered",
                condition=models.Q(("delivered_at__isnull", False), ("status", "IN_PROGRESS")),
            ),
        ),
        migrations.AddIndex(
            "task",
            models.Index(
                fields=["completed_at"], name="task_completed", condition=models.Q(("status", "COMPLETED"))
            ),
        ),
    ]
