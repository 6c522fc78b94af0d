"""How the pipeline stood, minute by minute, for the charts of operators."""

from __future__ import annotations

from django.db import models


class PipelineSample(models.Model):
    """The figures of one minute. `done` and `failed` only grow: a rate is the difference of two samples."""

    taken_at = models.DateTimeField(unique=True, help_text="The minute, by the database's clock.")
    waiting = models.PositiveIntegerField(help_text="Jobs due and unfinished.")
    oldest_seconds = models.FloatField(help_text="How long the oldest of them has been due.")
    done = models.PositiveBigIntegerField(help_text="Jobs done since ever.")
    failed = models.PositiveBigIntegerField(help_text="Attempts that failed since ever.")
    dead = models.PositiveIntegerField(help_text="Dead letters.")
    lists = models.PositiveIntegerField(help_text="Lists of recommendations there are.")
    lists_stale = models.PositiveIntegerField(help_text="Of these, older than what they are made from.")
    queues = models.JSONField(default=dict, help_text="The same of each queue.")

    def __str__(self) -> str:
        return f"{self.taken_at:%Y-%m-%d %H:%M}"
