"""Keep how the pipeline stands, a row a minute, for the charts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import DateTimeField, Func, Value
from django.db.models.functions import Now

from multitask.operations.models import PipelineSample
from multitask.operations.selectors import pipeline
from multitask.recommendations.selectors.freshness import lists_freshness

KEEP_DAYS = 8


def sample_take() -> None:
    """Write this minute's figures, once, and delete those older than KEEP_DAYS. Inside a transaction.

    Raises django.db.DatabaseError where a figure cannot be read: a sample with holes would draw a wrong line.
    """
    queues = queue_figures(pipeline.queue_states(), pipeline.tallies(), pipeline.dead_letters())
    lists = lists_freshness()
    PipelineSample.objects.bulk_create(
        [
            PipelineSample(
                taken_at=Func(Value("minute"), Now(), function="date_trunc", output_field=DateTimeField()),
                waiting=sum(queue["waiting"] for queue in queues.values()),
                oldest_seconds=max((queue["oldest"] for queue in queues.values()), default=0.0),
                done=sum(queue["done"] for queue in queues.values()),
                failed=sum(queue["failed"] for queue in queues.values()),
                dead=sum(queue["dead"] for queue in queues.values()),
                lists=lists.total,
                lists_stale=lists.stale,
                queues=queues,
            )
        ],
        ignore_conflicts=True,
    )
    PipelineSample.objects.filter(taken_at__lt=Now() - timedelta(days=KEEP_DAYS)).delete()


def queue_figures(
    states: list[pipeline.QueueState], tallies: list[pipeline.Tally], dead: list[pipeline.DeadLetters]
) -> dict[str, dict[str, Any]]:
    """{queue: {"waiting", "oldest" (seconds), "done", "failed", "dead"}} of every queue that has had a job."""
    found: dict[str, dict[str, Any]] = {}

    def of(queue: str) -> dict[str, Any]:
        return found.setdefault(queue, {"waiting": 0, "oldest": 0.0, "done": 0, "failed": 0, "dead": 0})

    for state in states:
        figures = of(state.queue)
        if state.state in pipeline.DUE:
            figures["waiting"] += state.number
            figures["oldest"] = round(max(figures["oldest"], state.oldest_seconds), 1)
    for tally in tallies:
        if tally.outcome in {"done", "failed"}:
            of(tally.queue)[tally.outcome] += tally.number
        elif tally.outcome in {"lost", "dead"}:
            of(tally.queue)["failed"] += tally.number
    for letters in dead:
        of(letters.queue)["dead"] += letters.number
    return found
