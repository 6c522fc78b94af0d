"""Two weeks with everything that goes wrong, over each change of Cairo's clock in 2026 and 2027: every event has one end
on every channel, no digest comes twice or is missed, nobody is woken, and each reminder is told once."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from multitask.common.clock import CAIRO, last_at, local_date
from multitask.mail.models import SentMail
from multitask.messaging.selectors.reminders import KIND as MESSAGE_UNREAD
from multitask.notifications.defaults import CRITICAL
from multitask.notifications.models import (
    END_STATES,
    Digest,
    DigestState,
    NotificationDelivery,
    NotificationPreference,
    Reminder,
)
from multitask.tasks.selectors.reminders import STEPS
from multitask.testing.clock import pretend
from workers.tests import fortnight
from workers.tests.fortnight import Street, Unruly, World, is_quiet, live, market, people
from workers.tests.post_office import PostOffice

pytestmark = pytest.mark.django_db

MANY = 1000
STREET = "workers.tests.fortnight.Street"


# Cairo's clock goes back and forward: (the day, users, days).
WORLDS = [
    (date(2026, 10, 29), MANY, 14),
    (date(2026, 4, 24), 200, 14),
    (date(2027, 4, 30), 200, 14),
    (date(2027, 10, 28), 200, 14),
]


@pytest.fixture(params=WORLDS, ids=lambda one: f"{one[0]}, {one[1]} users")
def world(request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world after its days."""
    change, number, days = request.param
    settings.EMAIL_BACKEND = STREET
    begin = datetime.combine(change - timedelta(days=days // 2), time(12), tzinfo=CAIRO).astimezone(UTC)
    with pretend(begin) as clock, quietly():
        made = World(Random(change.toordinal()), clock, begin, days)
        Street.world = made
        monkeypatch.setattr(
            "multitask.notifications.push.fan.push_send", partial(fortnight.push_answer, made)
        )
        people(made, number)
        market(made, max(40, number // 5))
        pipeline = Unruly(made.random)
        live(made, pipeline, events=max(50, number // 4))
        assert pipeline.dead() == []
        assert pipeline.twice > 50
        yield made
    PostOffice.mode = "open"
    Street.world = None


@contextmanager
def quietly() -> Iterator[None]:
    """Without a log: faults are what this is made of, and writing them all down takes longer than they do."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def test_the_fortnight(world: World) -> None:
    """One world, looked at from every side: living it is what costs time."""
    every_event_has_one_end_on_each_channel(world)
    every_mail_left_once(world)
    no_digest_is_doubled_or_missed(world)
    nobody_is_woken(world)
    every_reminder_is_told_once_and_none_is_forgotten(world)


def every_event_has_one_end_on_each_channel(world: World) -> None:
    ends: dict[tuple[int, str], list[str]] = defaultdict(list)
    states = Counter[str]()
    rows = NotificationDelivery.objects.values_list(
        "recipient_id", "dedupe_key", "channel", "state", "reason"
    )
    for recipient, key, channel, state, reason in rows:
        assert state in END_STATES, (recipient, key, channel, state, reason)
        ends[recipient, key].append(channel)
        states[f"{channel} {state} {reason}".strip()] += 1
    assert all(sorted(found) == ["email", "in_app", "push"] for found in ends.values())
    assert world.told.keys() <= ends.keys()
    for wanted in (
        ()
        if len(world.users) < MANY
        else (
            "in_app merged",
            "email sent",
            "email merged",
            "email suppressed read",
            "email uncertain no_answer",
            "push sent",
            "push suppressed no_subscription",
        )
    ):
        assert states[wanted], f"this world shows nothing of: {wanted}"


def every_mail_left_once(world: World) -> None:
    keys = dict(SentMail.objects.values_list("message_id", "key"))
    left = Counter(one.what for one in world.mails)
    assert left
    assert set(left.values()) == {1}
    taken = SentMail.objects.filter(state__in=["sent", "uncertain"]).values_list("message_id", flat=True)
    assert set(taken) == set(left), "what is said to be sent was sent, and nothing else"
    assert set(left) <= set(keys)


def no_digest_is_doubled_or_missed(world: World) -> None:
    """By beat's runs alone: each run after an hour of a user's owes the digest of the latest of these hours."""
    found: dict[int, list[Digest]] = defaultdict(list)
    for digest in Digest.objects.order_by("user", "until"):
        assert digest.state != DigestState.PREPARED
        found[digest.user_id].append(digest)
    assert world.steady
    for user_id in world.steady:
        wish = world.wishes[user_id]
        day = wish.digest_weekday if wish.digest == "weekly" else None
        owed = set()
        for run in world.beats:
            last = last_at(run, at=time(wish.digest_hour), weekday=day)
            if last > world.begin:
                owed.add(local_date(last))
        digests = found[user_id]
        assert [one.period for one in digests] == sorted(owed), (user_id, wish.digest, wish.digest_hour)
        for earlier, later in pairwise(digests):
            assert later.since == earlier.until, "what is new falls into exactly one digest"
        assert digests[0].since == world.begin
    mailed = Digest.objects.filter(state__in=[DigestState.SENT, DigestState.UNCERTAIN])
    assert (
        mailed.count()
        == SentMail.objects.filter(key__startswith="digest:", state__in=["sent", "uncertain"]).count()
    )
    assert mailed.exists()
    assert Digest.objects.filter(state=DigestState.EMPTY, content={}).exists()


def nobody_is_woken(world: World) -> None:
    keys = dict(SentMail.objects.values_list("message_id", "key"))
    kinds = dict(
        NotificationDelivery.objects.filter(channel="email", batch__isnull=False).values_list(
            "batch", "notification__notification_type"
        )
    )
    wishes = {one.user_id: one for one in NotificationPreference.objects.all()}
    quiet = Counter[str]()
    for mail in world.mails:
        name, number = keys[mail.what].split(":")[:2]
        if name == "digest":
            continue  # at an hour that its reader chose
        kind = kinds[int(number)]
        if is_quiet(wishes.get(mail.user_id), mail.at):
            assert kind in CRITICAL, (kind, mail)
            quiet[kind] += 1
    for push in world.pushes:
        if is_quiet(wishes.get(push.user_id), push.at):
            assert push.what["type"] in CRITICAL, push
            quiet[push.what["type"]] += 1
    if len(world.users) >= MANY:
        assert set(quiet) == CRITICAL, "critical ones do not wait, and these hours were tried"


def every_reminder_is_told_once_and_none_is_forgotten(world: World) -> None:
    told = Counter(Reminder.objects.values_list("kind", "subject_id", "step", "occasion"))
    keys = Counter(
        NotificationDelivery.objects.filter(channel="in_app", dedupe_key__startswith="reminder:").values_list(
            "recipient_id", "dedupe_key"
        )
    )
    assert set(keys.values()) == {1}
    kinds = set()
    for step in STEPS:
        if step.kind == "application_waiting":
            continue  # told of together with others; tasks/tests/test_reminders.py
        # Nothing in this market is answered, so what a step is for at the end it was for all along.
        for subject, occasion in step.rows(world.clock.now).values_list("pk", step.occasion):
            if occasion is None:
                continue
            due, over = occasion + step.after, occasion + step.after + step.late
            wanted = any(due <= run < over for run in world.reminded)
            assert told[step.kind, subject, step.number, occasion] == int(wanted), (
                step.kind,
                step.number,
                subject,
                due,
            )
            kinds |= {(step.kind, step.number)} if wanted else set()
    missing = (
        {(step.kind, step.number) for step in STEPS}
        - kinds
        - {("application_waiting", 1), ("deadline_choose", 1)}
    )
    assert missing == set() or len(world.users) < MANY
    assert any(kind == "application_waiting" for kind, *_ in told)
    if len(world.users) >= MANY:
        assert any(kind == MESSAGE_UNREAD for kind, *_ in told)
