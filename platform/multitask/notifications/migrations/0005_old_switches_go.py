from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_carry_over")]

    operations = [
        migrations.RemoveField(
            model_name="notificationpreference",
            name="email_marketing",
        ),
        migrations.RemoveField(
            model_name="notificationpreference",
            name="email_messages",
        ),
        migrations.RemoveField(
            model_name="notificationpreference",
            name="email_task_applications",
        ),
        migrations.RemoveField(
            model_name="notificationpreference",
            name="email_task_reminders",
        ),
        migrations.RemoveField(
            model_name="notificationpreference",
            name="email_task_updates",
        ),
        migrations.RemoveField(
            model_name="notificationpreference",
            name="push_messages",
        ),
        migrations.RemoveField(
            model_name="notificationpreference",
            name="push_task_applications",
        ),
        migrations.RemoveField(
            model_name="notificationpreference",
            name="push_task_reminders",
        ),
        migrations.RemoveField(
            model_name="notificationpreference",
            name="push_task_updates",
        ),
    ]
