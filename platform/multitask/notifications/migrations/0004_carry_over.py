"""The old switches become overrides, and what was told stays told."""

from django.db import migrations

# Each old switch: its channel, the types it stood for, and what it said by default.
UPDATES = (
    "application_accepted",
    "application_rejected",
    "task_completed",
    "task_cancelled",
    "task_update",
    "review_received",
)
SWITCHES = {
    "email_task_applications": ("email", ("task_application",), True),
    "email_task_updates": ("email", UPDATES, True),
    "email_messages": ("email", ("new_message",), True),
    "email_task_reminders": ("email", ("task_reminder",), True),
    "email_marketing": ("email", ("recommendation",), False),
    "push_task_applications": ("push", ("task_application",), True),
    "push_task_updates": ("push", UPDATES, True),
    "push_messages": ("push", ("new_message",), True),
    "push_task_reminders": ("push", ("task_reminder",), True),
}


def carry_over(apps, schema_editor):
    preferences = apps.get_model("notifications", "NotificationPreference")
    for row in preferences.objects.iterator(chunk_size=1000):
        overrides = {}
        for name, (channel, types, default) in SWITCHES.items():
            if getattr(row, name) != default:
                for kind in types:
                    overrides.setdefault(kind, {})[channel] = not default
        if overrides:
            preferences.objects.filter(pk=row.pk).update(overrides=overrides)
    schema_editor.execute(
        "UPDATE notifications_notification SET bumped_at = created_at, is_open = NOT is_read"
    )
    # Its row of channel in_app is what keeps an event from being told again.
    schema_editor.execute(
        """
        INSERT INTO notifications_notificationdelivery
            (recipient_id, notification_id, dedupe_key, channel, state, reason, due_at, settled_at, created_at)
        SELECT recipient_id, id, dedupe_key, 'in_app', 'sent', '', created_at, created_at, created_at
        FROM notifications_notification
        ORDER BY id
        """
    )


def give_back(apps, schema_editor):
    preferences = apps.get_model("notifications", "NotificationPreference")
    for row in preferences.objects.iterator(chunk_size=1000):
        preferences.objects.filter(pk=row.pk).update(
            **{
                name: all(row.overrides.get(kind, {}).get(channel, default) for kind in types)
                for name, (channel, types, default) in SWITCHES.items()
            }
        )


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_channels")]

    operations = [migrations.RunPython(carry_over, give_back)]
