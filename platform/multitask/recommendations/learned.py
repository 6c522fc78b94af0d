"""What the market has taught matching: statistics of skills, factors learned from the log, how often who was shown."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class MatchStatistics(models.Model):
    """What a score reads beside the pair (`ml.statistics.Statistics`). Rows never change; the newest serves."""

    data = models.JSONField(default=dict)
    sets = models.PositiveIntegerField(default=0, help_text="How many tasks and profiles it was made from.")
    learned = models.JSONField(default=dict, blank=True, help_text="What the fit to the log measured.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "match statistics"

    def __str__(self) -> str:
        return f"Statistics {self.pk}"


class Exposure(models.Model):
    """In how many different readings of a list somebody or something was shown."""

    readings = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True


class TaskExposure(Exposure):
    task = models.OneToOneField(
        "tasks.Task", on_delete=models.CASCADE, primary_key=True, related_name="exposure"
    )

    def __str__(self) -> str:
        return f"Task {self.task_id} was shown {self.readings} times"


class PersonExposure(Exposure):
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="exposure"
    )

    def __str__(self) -> str:
        return f"User {self.user_id} was shown {self.readings} times"
