"""Deliveries, reasons, views; reviews that are hidden, answered and removed; an index for each order of a list."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0004_vector_content_indexes"),
        ("tasks", "0002_categories_and_client_key"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TaskView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(help_text="The day in Cairo.")),
                ("viewer", models.CharField(max_length=32)),
            ],
        ),
        migrations.AddField(
            model_name="review",
            name="edited_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="review",
            name="published_at",
            field=models.DateTimeField(
                blank=True,
                help_text="Since when it is shown: both have written, or 14 days have passed. Empty while it is hidden.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="removed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="review",
            name="removed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="removed_reason",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
        migrations.AddField(
            model_name="review",
            name="replied_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="review",
            name="reply",
            field=models.TextField(
                blank=True, db_default="", default="", help_text="The one public answer of who was reviewed."
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="cancel_reason",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
        migrations.AddField(
            model_name="task",
            name="cancelled_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="task",
            name="cancelled_by",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty where the platform itself cancelled it.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="deadline_warned",
            field=models.DateTimeField(
                blank=True, help_text="The deadline that a warning was last sent for.", null=True
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="delivered_at",
            field=models.DateTimeField(
                blank=True, help_text="When the assigned freelancer asked for completion.", null=True
            ),
        ),
        migrations.AddField(
            model_name="taskapplication",
            name="rejection_reason",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
        migrations.AlterField(
            model_name="taskapplication",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now,
                help_text="When it was sent; a withdrawn one that is sent again begins anew.",
            ),
        ),
        # What was shown before stays shown.
        migrations.RunSQL(
            "UPDATE tasks_review SET published_at = created_at WHERE published_at IS NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(("published_at__isnull", True)), fields=["task"], name="review_hidden"
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["-created_at", "-id"], name="task_newest"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["category", "-created_at", "-id"], name="task_category_newest"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["budget", "-id"], name="task_cheapest"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["-budget", "-id"], name="task_dearest"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["deadline", "-id"], name="task_soonest"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                django.db.models.functions.text.Upper("city"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="task_city_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(("status__in", ["OPEN", "IN_PROGRESS"])),
                fields=["deadline"],
                name="task_due",
            ),
        ),
        migrations.AddIndex(
            model_name="taskapplication",
            index=models.Index(
                fields=["freelancer", "-created_at", "-id"], name="application_freelancer_newest"
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("reply", ""), ("published_at__isnull", False), _connector="OR"),
                name="review_reply_to_published",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(("cancelled_at__isnull", True), ("status", "CANCELLED"), _connector="OR"),
                name="task_cancelled_is_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("delivered_at__isnull", True), ("assigned_to__isnull", False), _connector="OR"
                ),
                name="task_delivered_is_assigned",
            ),
        ),
        migrations.AddField(
            model_name="taskview",
            name="task",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tasks.task"
            ),
        ),
        migrations.AddIndex(
            model_name="taskview",
            index=models.Index(fields=["day"], name="task_view_day"),
        ),
        migrations.AddConstraint(
            model_name="taskview",
            constraint=models.UniqueConstraint(fields=("task", "day", "viewer"), name="task_view_once"),
        ),
    ]
