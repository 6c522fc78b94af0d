"""Whatever people choose and read, and whatever the mail server does: every event ends once on every channel."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from multitask.accounts.factories import FreelancerFactory
from multitask.accounts.models import User
from multitask.mail.services.sending import MailAway, Outcome
from multitask.notifications.channels.email import deliver as channel
from multitask.notifications.defaults import CRITICAL
from multitask.notifications.models import (
    END_STATES,
    Channel,
    Notification,
    NotificationDelivery,
    NotificationPreference,
    NotificationType,
)
from multitask.notifications.reasons import EXPLANATIONS
from multitask.notifications.services.deliveries import deliveries_sweep
from multitask.notifications.services.notify import Notice, notify_many
from multitask.notifications.services.preferences import preferences_set
from multitask.notifications.services.reading import notification_mark, notifications_mark_all
from multitask.notifications.wishes import wishes_of
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db
# Two days before the clock goes back, and later than the database's own.
START = datetime(2027, 10, 26, 18, 0, tzinfo=UTC)
OPTIONAL = sorted(set(NotificationType.values) - CRITICAL)


class World:
    def __init__(self, seed: int, clock: time_machine.Traveller) -> None:
        self.random = Random(seed)
        self.clock = clock
        self.pipeline = Pipeline(shuffle=self.random)
        self.users = [
            FreelancerFactory(is_verified=self.random.random() < 0.8, password="!") for _ in range(6)
        ]
        self.events: set[tuple[int, str]] = set()
        self.sent: Counter[str] = Counter()
        self.wrong: list[str] = []

    def mail(self, *, key: str, user_id: int, **_: Any) -> Outcome:
        """The server; on the way it looks whether this mail is wanted at this moment."""
        number = int(key.partition(":")[2])
        row = NotificationDelivery.objects.select_related("notification").get(pk=number)
        wishes = wishes_of(NotificationPreference.objects.filter(user_id=user_id).first())
        kind, now = row.notification.notification_type, timezone.now()
        if kind not in CRITICAL:
            if not wishes.wants(kind, Channel.EMAIL):
                self.wrong.append(f"{key} is not wanted")
            if wishes.quiet_until(now) is not None:
                self.wrong.append(f"{key} in quiet hours")
            if row.notification.is_read:
                self.wrong.append(f"{key} is read")
        if self.sent[key]:
            return Outcome("already")
        chance = self.random.random()
        if chance < 0.2:
            raise MailAway("away")
        if chance < 0.3:
            return Outcome("refused", "address_refused")
        self.sent[key] += 1
        return Outcome("sent")

    def tell(self) -> None:
        kind = self.random.choice([*NotificationType.values, *["new_message", "task_application"] * 6])
        number = self.random.randrange(10**6) if self.events and self.random.random() < 0.9 else 7
        is_grouped = self.random.random() < 0.8 and kind not in CRITICAL
        group = f"{kind}:{self.random.randrange(2)}" if is_grouped else ""
        people = self.random.sample(self.users, self.random.randrange(2, 5))
        params = {"task": "t", "sender": "s", "text": "x", "percent": 5, "reason": "r"}
        wording = "" if kind not in {*CRITICAL, "task_reminder", "task_update"} else "review_removed"
        notices = [
            Notice(user.pk, kind, f"event:{number}", params, group_key=group, wording=wording)
            for user in people
        ]
        notify_many(notices * self.random.randrange(1, 3))
        self.events |= {(user.pk, f"event:{number}") for user in people}

    def read(self) -> None:
        rows = list(Notification.objects.filter(shown=True).order_by("pk").select_related("recipient"))
        if rows and self.random.random() < 0.9:
            row = self.random.choice(rows)
            marked = self.random.random() < 0.8
            notification_mark(actor=row.recipient, notification_id=row.pk, is_read=marked)
        else:
            notifications_mark_all(actor=self.random.choice(self.users))

    def choose(self) -> None:
        some = self.random.choice
        changes: dict[str, Any] = {
            "matrix": {some(OPTIONAL): {some(Channel.values): self.random.random() < 0.6}}
        }
        if self.random.random() < 0.5:
            hours = self.random.sample(range(24), 2) if self.random.random() < 0.8 else [None, None]
            changes |= {
                name: None if hour is None else time(hour)
                for name, hour in zip(("quiet_from", "quiet_to"), hours, strict=True)
            }
        preferences_set(actor=some(self.users), changes=changes)

    def wait(self, span: timedelta) -> None:
        """Let time pass, and the jobs run that it brings."""
        self.clock.shift(span)
        self.pipeline.drain()
        self.pipeline.make_due()
        self.pipeline.drain()


@pytest.mark.parametrize("seed", range(5))
def test_every_event_has_exactly_one_end_on_every_channel_of_every_user(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(START, tick=False) as clock:
        world = World(seed, clock)
        monkeypatch.setattr(channel, "mail_send", world.mail)
        for _ in range(90):
            world.random.choice([world.tell, world.tell, world.read, world.choose])()
            if world.random.random() < 0.3:
                world.wait(timedelta(minutes=world.random.choice([1, 2, 30, 200])))
            if world.random.random() < 0.05:
                User.objects.filter(pk=world.random.choice(world.users).pk).update(is_verified=True)
        for _ in range(40):
            world.wait(timedelta(hours=2))
        deliveries_sweep()
    assert world.wrong == []
    rows = list(NotificationDelivery.objects.all())
    assert Counter((row.recipient_id, row.dedupe_key, row.channel) for row in rows) == Counter(
        {(*event, name): 1 for event in world.events for name in Channel.values}
    )
    assert {row.state for row in rows} <= set(END_STATES)
    assert all(row.settled_at is not None for row in rows)
    assert {row.reason for row in rows} - {""} <= set(EXPLANATIONS)
    # A mail is one delivery that was sent; what it took along is merged, and never without it.
    mailed = {
        f"notification:{row.batch}"
        for row in rows
        if row.channel == Channel.EMAIL and row.state in {"sent", "merged"}
    }
    sent = [row for row in rows if row.channel == Channel.EMAIL and row.state == "sent"]
    assert mailed == set(world.sent)
    assert len(sent) == len(mailed) == sum(world.sent.values())
    assert {"sent", "merged", "suppressed", "failed"} <= {row.state for row in rows}
