from django.db import migrations, models

SETTLED = "notification_delivery_settled"
# A mail whose server broke off while it took it was called failed until now.
MAY_HAVE_ARRIVED = """
UPDATE notifications_notificationdelivery SET state = 'uncertain'
WHERE channel = 'email' AND state = 'failed' AND reason = 'no_answer'
"""
FAILED_AGAIN = """
UPDATE notifications_notificationdelivery SET state = 'failed' WHERE state = 'uncertain'
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0007_digests_and_reminders")]

    operations = [
        migrations.RemoveConstraint(model_name="notificationdelivery", name=SETTLED),
        migrations.AlterField(
            model_name="notificationdelivery",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "Waiting"),
                    ("deferred", "Put off"),
                    ("sent", "Sent"),
                    ("merged", "Told together with others"),
                    ("suppressed", "Not sent"),
                    ("uncertain", "May have arrived"),
                    ("failed", "Failed"),
                ],
                default="pending",
                max_length=10,
            ),
        ),
        migrations.RunSQL(MAY_HAVE_ARRIVED, FAILED_AGAIN),
        migrations.AddConstraint(
            model_name="notificationdelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at__isnull", True), ("state__in", ("pending", "deferred"))),
                    models.Q(
                        ("settled_at__isnull", False),
                        ("state__in", ("sent", "merged", "suppressed", "uncertain", "failed")),
                    ),
                    _connector="OR",
                ),
                name=SETTLED,
            ),
        ),
    ]
