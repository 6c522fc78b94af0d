"""A pretended fortnight: many users with wishes of their own, a market that goes on, and everything that can fail.

One process plays beat, relay and workers; the clock is set. Jobs run in a random order and many of them twice, beat
misses runs, the mail server is away or silent for hours, push services lose browsers.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from django.core.mail import EmailMultiAlternatives

from multitask.accounts.models import User, UserType
from multitask.common.clock import CAIRO
from multitask.messaging.factories import ConversationFactory
from multitask.messaging.models import Conversation
from multitask.messaging.services.messages import message_send
from multitask.messaging.services.receipts import messages_read
from multitask.notifications.defaults import CRITICAL
from multitask.notifications.models import (
    Channel,
    NotificationPreference,
    NotificationType,
    PushSubscription,
)
from multitask.notifications.push.message import Push
from multitask.notifications.push.sending import Answer, Outcome, Target
from multitask.notifications.services.digests import digest_plan
from multitask.notifications.services.notify import Notice, notify_many
from multitask.notifications.services.reading import notifications_mark_all
from multitask.outbox.emit import emit
from multitask.tasks.factories import any_category
from multitask.tasks.models import Review, Task, TaskApplication, TaskStatus
from multitask.testing.clock import Clock
from multitask.testing.pipeline import Pipeline
from workers.tests.post_office import PostOffice

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEYS = (
    "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
    "tBHItJI5svbpez7KI4CCXg",
)
IN_GROUPS = (NotificationType.TASK_APPLICATION, NotificationType.TASK_UPDATE)
TOLD = [kind for kind in NotificationType.values if kind != NotificationType.NEW_MESSAGE]


class Unruly(Pipeline):
    """Batches in a random order, and one in four handed to a worker twice."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self.random = random
        self.twice = 0

    def drain(self) -> int:
        number = 0
        while claimed := self.claim():
            batches = self._batches(claimed)
            self.random.shuffle(batches)
            for batch in batches:
                self.run(batch)
                number += 1
                if self.random.random() < 0.25:
                    assert self.run(batch) == "already done, or taken over"
                    self.twice += 1
        return number


@dataclass
class Sent:
    """What left: when, to whom, and what it was."""

    at: datetime
    user_id: int
    what: Any


@dataclass
class World:
    """The users by what they wish, and what the world did and got."""

    random: Random
    clock: Clock
    begin: datetime
    days: int
    users: list[User] = field(default_factory=list)
    steady: set[int] = field(default_factory=set)
    wishes: dict[int, NotificationPreference] = field(default_factory=dict)
    talks: list[Conversation] = field(default_factory=list)
    told: Counter[tuple[int, str]] = field(default_factory=Counter)
    mails: list[Sent] = field(default_factory=list)
    pushes: list[Sent] = field(default_factory=list)
    beats: list[datetime] = field(default_factory=list)
    reminded: list[datetime] = field(default_factory=list)

    @property
    def end(self) -> datetime:
        return self.begin + self.days * DAY


class Street(PostOffice):
    """The mail server of a world: it notes what it takes."""

    world: World | None = None

    def send_messages(self, email_messages: Sequence[EmailMultiAlternatives]) -> int:
        assert Street.world is not None
        world = Street.world
        for message in email_messages:
            user_id = int(message.to[0].split("@")[0].removeprefix("person"))
            world.mails.append(Sent(world.clock.now, user_id, message.extra_headers["Message-ID"]))
        return len(email_messages)


def push_answer(world: World, target: Target, push: Push) -> Answer:
    """A push service: mostly well, at times away, and now and then it has forgotten the browser."""
    chance = world.random.random()
    if chance < 0.03:
        return Answer(Outcome.GONE, "410")
    if chance < 0.12:
        return Answer(Outcome.LATER, "503")
    user_id = int(target.endpoint.rsplit("/", 1)[1].split("-")[0])
    world.pushes.append(Sent(world.clock.now, user_id, json.loads(push.payload)))
    return Answer(Outcome.ACCEPTED, "201")


def people(world: World, number: int) -> None:
    """Users of both languages with a proved address (most of them), browsers (half), and mixed wishes."""
    random = world.random
    rows = [
        User(
            username=f"person{position}",
            user_type=UserType.BOTH,
            language=random.choice(["ar", "en"]),
            is_verified=random.random() < 0.9,
            password="!",
            first_name=f"Person {position}",
        )
        for position in range(number)
    ]
    world.users = User.objects.bulk_create(rows)
    for user in world.users:
        user.email = f"person{user.pk}@example.com"
    User.objects.bulk_update(world.users, ["email"])
    preferences = [_wish(random, user) for user in world.users if random.random() < 0.9]
    for one in preferences:
        digest_plan(one, now=world.clock.now)
    NotificationPreference.objects.bulk_create(preferences)
    world.wishes = {one.user_id: one for one in preferences}
    world.steady = {one.user_id for one in preferences if one.digest != "off"}
    PushSubscription.objects.bulk_create(
        PushSubscription(
            user=user,
            endpoint=f"https://fcm.googleapis.com/fcm/send/{user.pk}-{position}",
            p256dh=KEYS[0],
            auth=KEYS[1],
            renewed_at=world.clock.now,
        )
        for user in world.users
        for position in range(random.choice([0, 0, 1, 1, 2]))
    )


def _wish(random: Random, user: User) -> NotificationPreference:
    quiet: tuple[time | None, time | None] = (None, None)
    if random.random() < 0.6:
        begin, hours = random.randrange(24), random.randrange(1, 12)
        some = time(begin, random.choice([0, 30])), time((begin + hours) % 24, random.choice([0, 30]))
        quiet = random.choice([some, (time(22), time(7)), (time(23), time(0, 30)), (time(9), time(9))])
    return NotificationPreference(
        user=user,
        overrides={
            kind: {channel: random.random() < 0.6 for channel in Channel.values if random.random() < 0.3}
            for kind in NotificationType.values
            if kind not in CRITICAL and random.random() < 0.5
        },
        quiet_from=quiet[0],
        quiet_to=quiet[1],
        digest=random.choice(["off", "daily", "daily", "weekly"]),
        digest_hour=random.choice([0, 8, 9, 9, 18, 22, 23, random.randrange(24)]),
        digest_weekday=random.randrange(7),
    )


def market(world: World, number: int) -> None:
    """Tasks of which somebody is to be reminded meanwhile, and conversations."""
    random, category = world.random, any_category()

    def moment(first: float = -4, last: float = world.days) -> datetime:
        return world.begin + timedelta(hours=random.uniform(first, last) * 24)

    tasks = []
    for position in range(number):
        client, worker = random.sample(world.users, 2)
        values: dict[str, Any] = {"status": TaskStatus.OPEN}
        kind = position % 4
        if kind == 0:
            values = {
                "status": TaskStatus.IN_PROGRESS,
                "assigned_to": worker,
                "deadline": moment(1, world.days + 2),
            }
        elif kind == 1:
            values = {"status": TaskStatus.IN_PROGRESS, "assigned_to": worker, "delivered_at": moment()}
        elif kind == 2:
            values = {"status": TaskStatus.COMPLETED, "assigned_to": worker, "completed_at": moment(-11)}
        tasks.append(
            Task(
                client=client,
                category=category,
                title=f"Task {position}",
                description="x",
                budget=100,
                **values,
            )
        )
    Task.objects.bulk_create(tasks)
    for task in tasks:
        task.created_at = (
            moment(-4, world.days - 1) if task.status == TaskStatus.OPEN else world.begin - 12 * DAY
        )
        task.applications_count = random.choice([0, 0, 1, 3]) if task.status == TaskStatus.OPEN else 1
    Task.objects.bulk_update(tasks, ["created_at", "applications_count"])
    TaskApplication.objects.bulk_create(
        TaskApplication(
            task=task,
            client=task.client,
            freelancer=freelancer,
            proposal="x",
            offered_price=100,
            estimated_time="x",
            created_at=task.created_at + timedelta(hours=random.uniform(0, 48)),
        )
        for task in tasks
        if task.status == TaskStatus.OPEN
        for freelancer in random.sample(
            [one for one in world.users if one != task.client], task.applications_count
        )
    )
    done = [task for task in tasks if task.status == TaskStatus.COMPLETED and random.random() < 0.3]
    Review.objects.bulk_create(
        Review(task=task, reviewer=task.client, reviewee=task.assigned_to, rating=5) for task in done
    )
    world.talks = [
        ConversationFactory(users=random.sample(world.users, 2)) for _ in range(max(10, number // 12))
    ]


def _tell(world: World, crowd: Sequence[User], number: int) -> None:
    """Events of every type, many in one group, each handed over up to three times."""
    random = world.random
    notices = []
    burst = random.random() < 0.2
    user = random.choice(crowd)
    for _ in range(4 if burst else number):
        user = user if burst else random.choice(crowd)
        together = burst or random.random() < 0.5
        kind = random.choice(IN_GROUPS if together else TOLD)
        notices.append(
            Notice(
                recipient_id=user.pk,
                notification_type=kind,
                wording="" if kind in _PLAIN else "task_delivered",
                dedupe_key=f"event:{random.randrange(10**12)}",
                params={"task": "A task", "sender": "Mona", "percent": 70},
                group_key=f"group:{kind}" if together else "",
                link="/tasks/1",
            )
        )
    for one in notices:
        world.told[one.recipient_id, one.dedupe_key] += 1
    for _ in range(random.choice([1, 1, 3])):
        notify_many(random.sample(notices, len(notices)))


_PLAIN = {
    NotificationType.RECOMMENDATION,
    NotificationType.TASK_APPLICATION,
    NotificationType.APPLICATION_ACCEPTED,
    NotificationType.APPLICATION_REJECTED,
    NotificationType.TASK_COMPLETED,
    NotificationType.TASK_CANCELLED,
    NotificationType.REVIEW_RECEIVED,
}


def _wake(world: World, crowd: Sequence[User]) -> None:
    """Something critical for somebody who is quiet just now."""
    quiet = [user.pk for user in crowd if is_quiet(world.wishes.get(user.pk), world.clock.now)]
    if not quiet:
        return
    key = f"event:{world.random.randrange(10**12)}"
    kind = world.random.choice(sorted(CRITICAL))
    notice = Notice(
        world.random.choice(quiet),
        kind,
        key,
        params={"task": "A task", "sender": "Mona"},
        wording="task_delivered",
    )
    world.told[notice.recipient_id, key] += 1
    notify_many([notice])


def _talk(world: World) -> None:
    talk = world.random.choice(world.talks)
    sender, reader = world.random.sample([talk.low_user_id, talk.high_user_id], 2)
    by_id = {user.pk: user for user in world.users}
    if world.random.random() < 0.5:
        message_send(actor=by_id[sender], conversation_id=talk.pk, content="Hello", limited=False)
    else:
        messages_read(actor=by_id[reader], conversation_id=talk.pk, up_to=10**9)


def _weather(world: World) -> Iterator[tuple[str, bool]]:
    """(how the mail server is, whether beat runs) for each step."""
    random = world.random
    mode, beats, mode_left, beat_left = "open", True, 0, 0
    while True:
        if mode_left <= 0:
            mode = "open" if mode != "open" else random.choice(["shut", "shut", "silent"])
            mode_left = random.randrange(30, 70) if mode == "open" else random.randrange(2, 8)
        if beat_left <= 0:
            beats = not beats
            beat_left = random.randrange(40, 80) if beats else random.randrange(3, 30)
        mode_left, beat_left = mode_left - 1, beat_left - 1
        yield mode, beats


def live(world: World, pipeline: Unruly, *, events: int) -> None:
    """Its days in steps of about an hour, and three calm ones in which everything comes to its end."""
    random = world.random
    steps = world.days * 24
    weather = _weather(world)
    crowd = random.sample(world.users, max(20, len(world.users) // 16))
    while world.clock.now < world.end:
        PostOffice.mode, beats = next(weather)
        world.clock.shift(timedelta(minutes=random.randrange(40, 80)))
        if random.random() < 0.5:
            _tell(world, crowd, max(1, 2 * events // steps))
        if random.random() < 0.2:
            _wake(world, crowd)
        if random.random() < 0.3:
            _talk(world)
        if random.random() < 0.3:
            for user in random.sample(crowd, len(crowd) // 8):
                notifications_mark_all(actor=user)
        if beats:
            _beat(world)
        pipeline.drain()
    PostOffice.mode = "open"
    while world.clock.now < world.end + 3 * DAY:
        world.clock.shift(3 * HOUR)
        _beat(world, reminds=False)
        pipeline.drain()


def _beat(world: World, *, reminds: bool = True) -> None:
    topics = ["schedule.digests"]
    if not reminds:
        topics.append("schedule.sweep_deliveries")
    elif not world.reminded or world.clock.now - world.reminded[-1] >= timedelta(minutes=100):
        topics += ["schedule.remind", "schedule.sweep_deliveries"]
        world.reminded.append(world.clock.now)
    world.beats.append(world.clock.now)
    for topic in topics:
        for _ in range(world.random.choice([1, 1, 2])):
            emit(topic, key=topic)


def is_quiet(wish: NotificationPreference | None, moment: datetime) -> bool:
    """What the wall clock says, without the product's arithmetic; an hour shown a second time is nobody's quiet hour."""
    if wish is None or wish.quiet_from is None or wish.quiet_to is None:
        return False
    local = moment.astimezone(CAIRO)
    if local.fold:
        return False
    shown, begin, end = local.time(), wish.quiet_from, wish.quiet_to
    return begin <= shown < end if begin <= end else shown >= begin or shown < end
