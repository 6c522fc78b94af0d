from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="PipelineSample",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "taken_at",
                    models.DateTimeField(help_text="The minute, by the database's clock.", unique=True),
                ),
                ("waiting", models.PositiveIntegerField(help_text="Jobs due and unfinished.")),
                (
                    "oldest_seconds",
                    models.FloatField(help_text="How long the oldest of them has been due."),
                ),
                ("done", models.PositiveBigIntegerField(help_text="Jobs done since ever.")),
                ("failed", models.PositiveBigIntegerField(help_text="Attempts that failed since ever.")),
                ("dead", models.PositiveIntegerField(help_text="Dead letters.")),
                ("lists", models.PositiveIntegerField(help_text="Lists of recommendations there are.")),
                (
                    "lists_stale",
                    models.PositiveIntegerField(help_text="Of these, older than what they are made from."),
                ),
                ("queues", models.JSONField(default=dict, help_text="The same of each queue.")),
            ],
        ),
    ]
