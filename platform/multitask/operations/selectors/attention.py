"""What an operator should look at now, each as a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterator

from multitask.chatbot.models import MessageState, Outcome
from multitask.chatbot.selectors.gates import ModelFigures, RecentAnswers
from multitask.mail.models import MailState
from multitask.notifications.models import Channel, DeliveryState
from multitask.operations import limits, texts
from multitask.operations.selectors import pipeline
from multitask.operations.selectors.figures import PARTS, Figures
from multitask.operations.selectors.outcomes import Deliveries, Mails
from multitask.outbox.status import FRESH_SECONDS
from multitask.recommendations.selectors.freshness import ListsFreshness


def attention(found: Figures) -> list[str]:
    """The sentences in the active language, the gravest first; none where all is well."""
    if not found.database:
        return [texts.DATABASE_AWAY.show()]
    return [
        *_parts(found),
        *_queues(found),
        *_lists(found),
        *_mails(found),
        *_channels(found),
        *_assistant(found),
        *_unread(found),
    ]


def _unread(found: Figures) -> Iterator[str]:
    unread = [name for name in PARTS if not found.ok(name)]
    if unread:
        yield texts.UNREAD.show(parts=", ".join(unread))


def _parts(found: Figures) -> Iterator[str]:
    if not found.ok("heartbeats"):
        return
    ages: dict[str, float] = found.get("heartbeats", {})
    for part, limit in FRESH_SECONDS.items():
        if part not in ages:
            yield texts.PART_NEVER.show(part=texts.part_name(part))
        elif ages[part] > limit:
            yield texts.PART_SILENT.show(part=texts.part_name(part), ago=texts.duration(ages[part]))


def _queues(found: Figures) -> Iterator[str]:
    events = found.get("events", pipeline.Waiting(0, 0.0))
    if events.oldest_seconds > limits.EVENTS_SECONDS:
        yield texts.EVENTS_LATE.show(number=events.number, age=texts.duration(events.oldest_seconds))
    states: list[pipeline.QueueState] = found.get("queues", [])
    oldest: dict[str, float] = {}
    for row in states:
        oldest[row.queue] = max(oldest.get(row.queue, 0.0), row.oldest_seconds)
    for queue, seconds in sorted(oldest.items()):
        if seconds > limits.queue_limit(queue):
            yield texts.QUEUE_LATE.show(queue=queue, age=texts.duration(seconds))
    dead: list[pipeline.DeadLetters] = found.get("dead", [])
    if dead:
        yield texts.DEAD_WAIT.show(number=sum(letters.number for letters in dead))


def _lists(found: Figures) -> Iterator[str]:
    lists = found.get("lists", ListsFreshness(0, 0, 0.0))
    if lists.stale >= limits.STALE_LEAST and lists.stale > limits.STALE_SHARE * lists.total:
        yield texts.LISTS_STALE.show(number=lists.stale, total=lists.total)


def _mails(found: Figures) -> Iterator[str]:
    mails = found.get("mails", Mails({}, 0, 0.0))
    if mails.server_failures >= limits.MAIL_FAILURES:
        yield texts.MAIL_AWAY.show(number=mails.server_failures, pause=texts.duration(mails.paused_seconds))
    ended = {MailState.SENT, MailState.REFUSED, MailState.UNCERTAIN}
    total = sum(number for (_, state), number in mails.recent.items() if state in ended)
    refused = sum(number for (_, state), number in mails.recent.items() if state == MailState.REFUSED)
    if _too_many(refused, total):
        yield texts.MAIL_REFUSED.show(number=refused, total=total)


def _channels(found: Figures) -> Iterator[str]:
    settled = found.get("deliveries", Deliveries({}, {}, {})).settled
    for channel in Channel:
        failed = settled.get((channel, DeliveryState.FAILED), 0)
        went = (DeliveryState.SENT, DeliveryState.UNCERTAIN)
        total = failed + sum(settled.get((channel, state), 0) for state in went)
        if _too_many(failed, total):
            yield texts.CHANNEL_FAILED.show(number=failed, total=total, channel=channel.label)


def _assistant(found: Figures) -> Iterator[str]:
    model = found.get("model", ModelFigures())
    if model.resting:
        yield texts.MODEL_RESTS.show()
    if model.waiting > limits.MODEL_WAITING:
        yield texts.MODEL_CROWDED.show(number=model.waiting)
    answers = found.get("answers", RecentAnswers({}, {})).by_outcome
    lost = answers.get(MessageState.FAILED, 0)
    total = lost + sum(answers.get(outcome, 0) for outcome in (Outcome.MODEL, Outcome.HELP))
    if _too_many(lost, total):
        yield texts.ANSWERS_LOST.show(number=lost, total=total)


def _too_many(bad: int, total: int) -> bool:
    return total >= limits.LEAST_ENDED and bad > limits.REFUSED_SHARE * total
