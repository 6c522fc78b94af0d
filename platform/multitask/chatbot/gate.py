"""What all workers share about the language model: how often it was asked, whether it answers, who has used it up."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models.functions import Now

# The name of the model's row.
NAME = "gemini"
# For how long a model that fails is left alone.
OPEN_SECONDS = 30


def database_now() -> datetime:
    """The database's clock: those of the machines that workers run on differ."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


class ModelGate(models.Model):
    """One row a model that is asked: its lock makes the limit exact and lets one probe through at a time."""

    name = models.CharField(max_length=40, primary_key=True)
    times = ArrayField(models.DateTimeField(), default=list, blank=True, help_text="Its calls in the window.")
    promised = ArrayField(
        models.DateTimeField(),
        default=list,
        blank=True,
        help_text="When those who wait were told to come back.",
    )
    failures = ArrayField(
        models.DateTimeField(), default=list, blank=True, help_text="When it has failed lately."
    )
    opened_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when it is not asked, because it fails."
    )
    probe_at = models.DateTimeField(
        null=True, blank=True, help_text="When one call was let through to see whether it answers again."
    )
    calls_total = models.PositiveBigIntegerField(default=0)
    waits_total = models.PositiveBigIntegerField(default=0, help_text="Calls that were told to wait.")
    failures_total = models.PositiveBigIntegerField(default=0)
    opened_total = models.PositiveBigIntegerField(default=0, help_text="How often it was given a rest.")
    updated_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


class DailyUse(models.Model):
    """What a user has asked of the model on one day in Cairo."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="model_use", db_index=False
    )
    day = models.DateField()
    messages = models.PositiveIntegerField(default=0)
    tokens = models.PositiveBigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["day"], name="chat_use_day")]
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="chat_use_once")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.day}"
