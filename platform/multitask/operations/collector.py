"""The figures of the pipeline as Prometheus reads them. Every name here is explained in docs/operations.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from multitask.chatbot.selectors.gates import ModelFigures, RecentAnswers
from multitask.operations.selectors import pipeline
from multitask.operations.selectors.figures import PARTS, Figures, figures
from multitask.operations.selectors.outcomes import Deliveries, Mails
from multitask.outbox.status import QUEUES
from multitask.realtime.counters import COUNTERS
from multitask.recommendations.selectors.freshness import ListsFreshness, Missing
from multitask.settings.base import VERSION

NEVER = float("inf")


def gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"multitask_{name}", meaning, value=value)


def gauges(name: str, meaning: str, labels: tuple[str, ...], rows: Mapping[Any, float]) -> GaugeMetricFamily:
    """`rows` is {values of the labels: figure}."""
    family = GaugeMetricFamily(f"multitask_{name}", meaning, labels=labels)
    for values, number in rows.items():
        family.add_metric(values, number)
    return family


def counters(
    name: str, meaning: str, labels: tuple[str, ...], rows: Mapping[Any, float]
) -> CounterMetricFamily:
    """`rows` is {values of the labels: figure}; its name ends in _total."""
    family = CounterMetricFamily(f"multitask_{name}", meaning, labels=labels)
    for values, number in rows.items():
        family.add_metric(values, number)
    return family


class PipelineCollector(Collector):
    """From the database, read at scrape time. What cannot be read is left out, and `multitask_figures_ok` says so."""

    def describe(self) -> list[Metric]:
        """Nothing: registering must not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        found = figures()
        info = GaugeMetricFamily(
            "multitask_build_info", "The version that runs; always 1.", labels=("version",)
        )
        info.add_metric((VERSION,), 1)
        yield info
        yield gauge("database_up", "Whether the database answered this scrape.", found.database)
        yield gauges(
            "figures_ok",
            "Whether a part of these figures could be read in time.",
            ("part",),
            {(name,): float(found.ok(name)) for name in PARTS},
        )
        for reads, families in _FAMILIES.items():
            if found.ok(reads):
                yield from families(found)


def _queues(found: Figures) -> Iterator[Metric]:
    states: list[pipeline.QueueState] = found.get("queues", [])
    jobs: dict[tuple[str, ...], float] = {(queue, state): 0 for queue in QUEUES for state in pipeline.STATES}
    oldest: dict[tuple[str, ...], float] = {(queue,): 0.0 for queue in QUEUES}
    for row in states:
        jobs[row.queue, row.state] = row.number
        oldest[row.queue,] = max(oldest.get((row.queue,), 0.0), row.oldest_seconds)
    yield gauges("queue_jobs", "Unfinished jobs of a queue, by state.", ("queue", "state"), jobs)
    yield gauges(
        "queue_oldest_seconds", "For how long the oldest job of a queue has been due.", ("queue",), oldest
    )


def _events(found: Figures) -> Iterator[Metric]:
    waiting = found.get("events", pipeline.Waiting(0, 0.0))
    yield gauge("events_waiting", "Events that the relay has not read yet.", waiting.number)
    yield gauge("events_oldest_seconds", "Age of the oldest of them.", waiting.oldest_seconds)


def _dead(found: Figures) -> Iterator[Metric]:
    rows: list[pipeline.DeadLetters] = found.get("dead", [])
    yield gauges(
        "dead_letters",
        "Jobs that were given up and wait for an operator.",
        ("queue", "handler"),
        {(row.queue, row.handler): row.number for row in rows},
    )


def _tallies(found: Figures) -> Iterator[Metric]:
    rows: list[pipeline.Tally] = found.get("tallies", [])
    yield counters(
        "job_attempts",
        "Attempts of jobs by how they ended.",
        ("queue", "handler", "outcome"),
        {(row.queue, row.handler, row.outcome): row.number for row in rows},
    )


def _heartbeats(found: Figures) -> Iterator[Metric]:
    ages: dict[str, float] = found.get("heartbeats", {})
    yield gauges(
        "heartbeat_age_seconds",
        "Since when the relay or beat has not shown itself.",
        ("part",),
        {(part,): ages.get(part, NEVER) for part in ("relay", "beat")},
    )
    yield gauges(
        "canary_age_seconds",
        "Since when no canary job of a queue has run.",
        ("queue",),
        {(queue,): ages.get(f"queue:{queue}", NEVER) for queue in QUEUES},
    )


def _mails(found: Figures) -> Iterator[Metric]:
    mails = found.get("mails", Mails({}, 0, 0.0))
    yield gauges(
        "mails_recent",
        "Mails begun in the last hour, by class and state.",
        ("class", "state"),
        mails.recent,
    )
    yield gauge(
        "mail_server_failures",
        "Failures of the mail server in a row; 0 while it is well.",
        mails.server_failures,
    )
    yield gauge("mail_server_paused_seconds", "For how long it is left alone.", mails.paused_seconds)


def _deliveries(found: Figures) -> Iterator[Metric]:
    deliveries = found.get("deliveries", Deliveries({}, {}, {}))
    yield gauges(
        "notifications_recent",
        "Deliveries of notifications settled in the last hour, by channel and how they ended.",
        ("channel", "state"),
        deliveries.settled,
    )
    yield gauges(
        "notifications_waiting",
        "Deliveries of notifications that are not settled.",
        ("channel", "state"),
        deliveries.waiting,
    )
    yield gauges(
        "notifications_overdue_seconds",
        "For how long the oldest unsettled delivery of a channel has been due.",
        ("channel",),
        {(channel,): seconds for channel, seconds in deliveries.overdue.items()},
    )


def _model(found: Figures) -> Iterator[Metric]:
    model = found.get("model", ModelFigures())
    for name, meaning, number in (
        ("model_calls", "Times the language model was asked.", model.calls),
        ("model_waits", "Times somebody who would ask it was told to come back.", model.waits),
        ("model_failures", "Calls that failed because of it.", model.failures),
        ("model_rests", "Times it was given a rest because it failed.", model.rests),
    ):
        yield CounterMetricFamily(f"multitask_{name}", meaning, value=number)
    yield gauges(
        "model_breaker",
        "1 at the state of the circuit breaker: open, it is not asked.",
        ("state",),
        {(state,): float(state == model.state) for state in ("closed", "open", "half_open")},
    )
    yield gauge("model_calls_recent", "Calls of the last minute, which the limit is about.", model.recent)
    yield gauge("model_waiting", "Questions that wait for a place among the calls.", model.waiting)


def _answers(found: Figures) -> Iterator[Metric]:
    answers = found.get("answers", RecentAnswers({}, {}))
    yield gauges(
        "answers_recent",
        "Answers of the assistant begun in the last hour, by who wrote them or how they stand.",
        ("outcome",),
        {(outcome,): number for outcome, number in answers.by_outcome.items()},
    )
    yield gauges(
        "answers_stood_in_recent",
        "Of these, those the help base stood in for the model, by why.",
        ("reason",),
        {(reason,): number for reason, number in answers.stood_in.items()},
    )
    yield gauges(
        "answer_tokens_recent",
        "Tokens that the model took for the answers begun in the last hour.",
        ("direction",),
        {("in",): answers.tokens_in, ("out",): answers.tokens_out},
    )


def _lists(found: Figures) -> Iterator[Metric]:
    lists = found.get("lists", ListsFreshness(0, 0, 0.0))
    yield gauges(
        "lists",
        "Lists of recommendations, by whether they are older than what they are made from.",
        ("state",),
        {("fresh",): lists.total - lists.stale, ("stale",): lists.stale},
    )
    yield gauge("lists_oldest_seconds", "Age of the list computed longest ago.", lists.oldest_seconds)


def _vectors(found: Figures) -> Iterator[Metric]:
    yield _missing(
        "vectors_missing", "Open tasks and freelancers without a vector.", found.get("vectors", Missing(0, 0))
    )


def _words(found: Figures) -> Iterator[Metric]:
    yield _missing(
        "search_missing",
        "Tasks and freelancers that search does not know.",
        found.get("words", Missing(0, 0)),
    )


def _missing(name: str, meaning: str, missing: Missing) -> Metric:
    return gauges(name, meaning, ("kind",), {("task",): missing.tasks, ("person",): missing.people})


_FAMILIES = {
    "queues": _queues,
    "events": _events,
    "dead": _dead,
    "tallies": _tallies,
    "heartbeats": _heartbeats,
    "mails": _mails,
    "deliveries": _deliveries,
    "model": _model,
    "answers": _answers,
    "lists": _lists,
    "vectors": _vectors,
    "words": _words,
}


class SocketsCollector(Collector):
    """What the sockets of this process have done."""

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        seen = COUNTERS
        yield gauges(
            "sockets_open", "Sockets open now.", ("stream",), {(k,): n for k, n in seen.open.items()}
        )
        yield counters(
            "sockets_opened", "Sockets opened.", ("stream",), {(k,): n for k, n in seen.opened.items()}
        )
        yield counters(
            "socket_closes",
            "Sockets that this side closed, by code.",
            ("code",),
            {(str(code),): n for code, n in seen.closed.items()},
        )
        yield counters(
            "moments_dropped",
            "Typing and presence that did not reach a socket, by reason.",
            ("reason",),
            {(k,): n for k, n in seen.moments_dropped.items()},
        )
        for name, meaning, number in (
            ("socket_frames", "Frames received.", seen.frames),
            ("socket_events", "Events of the log sent.", seen.events),
            ("socket_moments", "Typing and presence sent.", seen.moments),
            ("socket_resyncs", "Sockets told to fetch everything.", seen.resyncs),
            ("socket_errors", "Frames answered with an error.", seen.errors),
            ("socket_reads", "Queries of the log of events.", seen.reads),
            ("socket_reads_failed", "Of these, those that failed.", seen.reads_failed),
            ("socket_listens", "Connections made to hear of commits.", seen.listens),
        ):
            yield CounterMetricFamily(f"multitask_{name}", meaning, value=number)
