"""E-mail: one mail for what is unread, only to who wants it and whose address it is, and one end for every delivery."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail

from multitask.accounts.factories import FreelancerFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.mail.handing import Lost
from multitask.mail.services.sending import MailAway, Outcome
from multitask.notifications.channels.email import deliver as channel
from multitask.notifications.channels.email.letters import letter_of
from multitask.notifications.models import (
    DeliveryState,
    Notification,
    NotificationDelivery,
    NotificationPreference,
)
from multitask.notifications.services.deliveries import deliveries_purge, deliveries_sweep
from multitask.notifications.services.notify import Notice, notify_many
from multitask.notifications.services.preferences import preferences_set
from multitask.notifications.services.reading import group_read
from multitask.outbox.models import OutboxDelivery
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db
# Later than the database's clock, so that what waits there is due only when the test says so.
NOON = datetime(2027, 6, 3, 9, 0, tzinfo=UTC)
Clock = time_machine.Traveller


@pytest.fixture
def clock() -> Iterator[Clock]:
    with time_machine.travel(NOON, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def reader() -> User:
    return FreelancerFactory(language="en", is_verified=True, email="reader@example.com")


def message(user: User, number: int, *, conversation: int = 1) -> Notice:
    return Notice(
        user.pk,
        "new_message",
        f"message:{number}",
        {"sender": "Omar", "text": f"Text {number}"},
        message_id=number,
        conversation_id=conversation,
        group_key=f"conversation:{conversation}",
        link=f"/messages/{conversation}",
    )


def application(user: User, number: int) -> Notice:
    return Notice(
        user.pk,
        "task_application",
        f"application:{number}",
        {"task": "Logo", "sender": f"Sender {number}"},
        task_id=1,
        group_key="applications:1",
        link="/tasks/1/applications",
    )


def completed(user: User, key: str = "task:1:COMPLETED", title: str = "Logo") -> Notice:
    return Notice(user.pk, "task_completed", key, {"task": title}, task_id=1, link="/tasks/1")


def ends() -> list[tuple[str, str]]:
    rows = NotificationDelivery.objects.filter(channel="email").order_by("pk")
    return [(row.state, row.reason) for row in rows]


def at(pipeline: Pipeline, clock: Clock, moment: datetime) -> None:
    """Let it be `moment`, and run what is due then."""
    clock.move_to(moment)
    pipeline.drain()
    pipeline.make_due()
    pipeline.drain()


# --- What is sent ---------------------------------------------------------------------------------------------------


def test_a_notification_is_mailed_once_in_the_reader_s_language(pipeline: Pipeline, reader: User) -> None:
    arab = FreelancerFactory(language="ar", is_verified=True)
    notices = [completed(reader), completed(arab)]
    for _ in range(3):
        notify_many(notices)
        pipeline.drain()
    assert ends() == [("sent", "")] * 2
    english, arabic = sorted(mail.outbox, key=lambda one: one.to != [reader.email])
    assert english.subject == "Task completed"
    assert "“Logo” is complete." in english.body
    assert f"{settings.FRONTEND_URL}/tasks/1" in english.body
    assert arabic.subject == "اكتملت المهمة"
    assert arabic.extra_headers["Content-Language"] == "ar"
    assert "are switched on in your notification settings" in english.body


def test_a_notification_s_mail_can_be_stopped_by_one_click_and_a_critical_one_goes_to_everybody(
    pipeline: Pipeline, reader: User
) -> None:
    notify_many(
        [
            completed(reader),
            Notice(reader.pk, "system", "s", {"task": "x", "reason": "y"}, wording="review_removed"),
        ]
    )
    pipeline.drain()
    plain, critical = sorted(mail.outbox, key=lambda one: one.subject != "Task completed")
    assert plain.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/api/notifications/unsubscribe/" in plain.extra_headers["List-Unsubscribe"]
    assert "List-Unsubscribe" not in critical.extra_headers
    assert "everybody gets such mails" in critical.body


def test_messages_of_two_minutes_are_one_mail_a_conversation(
    pipeline: Pipeline, clock: Clock, reader: User
) -> None:
    for second in (0, 30, 90):
        clock.move_to(NOON + timedelta(seconds=second))
        notify_many([message(reader, second), message(reader, second + 1, conversation=2)])
        pipeline.drain()
    at(pipeline, clock, NOON + timedelta(seconds=119 - 10))
    assert mail.outbox == []
    at(pipeline, clock, NOON + timedelta(seconds=120))
    assert sorted(one.subject for one in mail.outbox) == ["3 new messages from Omar"] * 2
    assert "Text 90" in mail.outbox[0].body + mail.outbox[1].body
    assert sorted(ends()) == [("merged", "")] * 4 + [("sent", "")] * 2
    # The next one tells of what is new alone.
    notify_many([message(reader, 200)])
    at(pipeline, clock, NOON + timedelta(minutes=5))
    assert (len(mail.outbox), mail.outbox[-1].subject) == (3, "New message from Omar")


def test_what_is_read_meanwhile_is_not_mailed(pipeline: Pipeline, clock: Clock, reader: User) -> None:
    notify_many([message(reader, 1), message(reader, 2), message(reader, 3, conversation=2)])
    group_read(user_id=reader.pk, group_key="conversation:1")
    at(pipeline, clock, NOON + timedelta(minutes=2))
    assert [one.subject for one in mail.outbox] == ["New message from Omar"]
    assert ends() == [("suppressed", "read")] * 2 + [("sent", "")]


def test_applications_are_mailed_at_once_and_then_once_an_hour(
    pipeline: Pipeline, clock: Clock, reader: User
) -> None:
    notify_many([application(reader, 1)])
    pipeline.drain()
    for number, minute in enumerate((5, 20, 50), start=2):
        clock.move_to(NOON + timedelta(minutes=minute))
        notify_many([application(reader, number)])
        pipeline.drain()
    at(pipeline, clock, NOON + timedelta(minutes=59))
    assert [one.subject for one in mail.outbox] == ["New application for your task"]
    at(pipeline, clock, NOON + timedelta(minutes=60))
    assert mail.outbox[1].subject == "3 new applications for your task"
    assert "the newest from Sender 4" in mail.outbox[1].body
    assert ends() == [("sent", ""), ("merged", ""), ("merged", ""), ("sent", "")]
    assert Notification.objects.get().count == 4


def test_in_quiet_hours_nothing_is_mailed_until_they_end(
    pipeline: Pipeline, clock: Clock, reader: User
) -> None:
    # From 11:30 to 13:00 in Cairo; it is noon. Quiet hours that begin before the mail goes put it off as well.
    NotificationPreference.objects.create(user=reader, quiet_from=time(11, 30), quiet_to=time(13))
    notify_many([completed(reader), application(reader, 1), application(reader, 2)])
    at(pipeline, clock, NOON + timedelta(minutes=59))
    assert mail.outbox == []
    assert ends() == [("deferred", "quiet_hours")] * 3
    at(pipeline, clock, NOON + timedelta(minutes=60))
    assert sorted(one.subject for one in mail.outbox) == [
        "2 new applications for your task",
        "Task completed",
    ]
    assert sorted(ends()) == [("merged", ""), ("sent", ""), ("sent", "")]


def test_quiet_hours_chosen_after_the_event_hold_too(pipeline: Pipeline, clock: Clock, reader: User) -> None:
    notify_many([message(reader, 1)])
    preferences_set(actor=reader, changes={"quiet_from": time(12, 1), "quiet_to": time(12, 30)})
    at(pipeline, clock, NOON + timedelta(minutes=2))
    assert (mail.outbox, ends()) == ([], [("deferred", "quiet_hours")])
    at(pipeline, clock, NOON + timedelta(minutes=30))
    assert ends() == [("sent", "")]


# --- What is not sent -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"is_verified": False}, "address_unverified"),
        ({"email": "", "is_verified": False}, "no_address"),
        ({"is_active": False}, "account_closed"),
    ],
)
def test_a_mail_goes_only_to_a_proved_address_of_an_account_that_is_there(
    pipeline: Pipeline, reader: User, about: dict[str, Any], reason: str
) -> None:
    notify_many([completed(reader)])
    User.objects.filter(pk=reader.pk).update(**about)
    pipeline.drain()
    assert (mail.outbox, ends()) == ([], [("suppressed", reason)])


def test_an_address_that_is_only_claimed_gets_no_notifications(pipeline: Pipeline, reader: User) -> None:
    User.objects.filter(pk=reader.pk).update(pending_email="new@example.com")
    notify_many([completed(reader)])
    pipeline.drain()
    assert [one.to for one in mail.outbox] == [["reader@example.com"]]


def test_a_preference_changed_before_the_mail_went_counts(
    pipeline: Pipeline, clock: Clock, reader: User
) -> None:
    notify_many([message(reader, 1)])
    preferences_set(actor=reader, changes={"email_messages": False})
    at(pipeline, clock, NOON + timedelta(minutes=2))
    assert (mail.outbox, ends()) == ([], [("suppressed", "preference")])


# --- Faults ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """What the place that sends mails answers, one answer a call; the last stays. Returns the keys it was given."""

    def answer(*answers: Outcome | Exception) -> list[str]:
        left, keys = list(answers), []

        def send(*, key: str, **_: Any) -> Outcome:
            keys.append(key)
            found = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(found, Exception):
                raise found
            return found

        monkeypatch.setattr(channel, "mail_send", send)
        return keys

    return answer


def test_while_the_server_is_away_the_mail_waits_under_the_same_name(
    pipeline: Pipeline, reader: User, server: Callable[..., list[str]]
) -> None:
    keys = server(MailAway("away"), MailAway("away"), Outcome("sent"))
    notify_many([application(reader, 1)])
    pipeline.drain()
    assert ends() == [("pending", "server_away")]
    notify_many([application(reader, 2)])  # joins what waits
    for _ in range(2):
        pipeline.make_due()
        pipeline.drain()
    assert len(set(keys)) == 1
    assert len(keys) == 3
    assert ends() == [("merged", ""), ("sent", "")]


def test_a_server_that_stays_away_fails_the_delivery_in_the_end(
    pipeline: Pipeline, reader: User, server: Callable[..., list[str]]
) -> None:
    keys = server(MailAway("away"))
    notify_many([completed(reader)])
    for _ in range(40):
        pipeline.make_due()
        pipeline.drain()
    assert (len(keys), ends()) == (30, [("failed", "server_away")])
    assert pipeline.dead() == []


@pytest.mark.parametrize(
    ("kind", "wording", "link", "label"),
    [
        ("task_reminder", "message_unread", "/messages/7", "Read and answer"),
        ("task_reminder", "applications_waiting", "/tasks/7/applications", "See the applications"),
        ("recommendation", "", "/tasks/7", "Open the task"),
        ("recommendation", "", "/recommendations", "See what suits you"),
        ("review_received", "review_waiting", "/tasks/7", "Open the task"),
        ("review_received", "", "/users/7/reviews", "See the review"),
        ("system", "review_removed", "", "Open Multitask"),
    ],
)
def test_the_button_of_a_mail_says_what_it_opens(kind: str, wording: str, link: str, label: str) -> None:
    places = {"task": "Logo", "sender": "Omar", "reason": "x", "percent": 87, "days": 3, "waiting": 1}
    line = Notification(notification_type=kind, wording=wording, params=places, link=link)
    button = letter_of(line, count=1).button
    assert button is not None
    assert (button.label.en, button.url) == (label, f"{settings.FRONTEND_URL}{link or '/notifications'}")
    assert button.label.ar != button.label.en


@pytest.mark.parametrize(
    ("outcome", "end"),
    [
        (Outcome("already"), ("sent", "")),
        (Outcome("uncertain", "no_answer"), ("uncertain", "no_answer")),
        (Outcome("refused", "address_refused"), ("failed", "address_refused")),
        (Outcome("suppressed", "daily_limit"), ("suppressed", "daily_limit")),
    ],
)
def test_what_became_of_the_mail_is_the_end_of_the_delivery(
    pipeline: Pipeline,
    reader: User,
    server: Callable[..., list[str]],
    outcome: Outcome,
    end: tuple[str, str],
) -> None:
    server(outcome)
    notify_many([completed(reader)])
    pipeline.drain()
    assert ends() == [end]


def test_a_mail_whose_server_broke_off_is_told_as_one_that_may_have_arrived_and_is_not_sent_again(
    pipeline: Pipeline, reader: User, clock: Clock, monkeypatch: pytest.MonkeyPatch, as_user: AsUser
) -> None:
    taken: list[object] = []

    def break_off(message: object, *, before_end: Callable[[], None]) -> str:
        before_end()
        taken.append(message)
        raise Lost("end: Connection unexpectedly closed")

    monkeypatch.setattr("multitask.mail.services.sending.hand_over", break_off)
    notify_many([application(reader, 1), application(reader, 2)])
    for _ in range(3):
        pipeline.make_due()
        pipeline.drain()
    assert len(taken) == 1
    assert ends() == [("uncertain", "no_answer")] * 2
    path = "/api/notifications/deliveries/?channel=email&state=uncertain"
    for language, words in (
        ("en", "may have arrived or not, and is not sent twice"),
        ("ar", "قد يكون وصل أو لم يصل"),
    ):
        rows = as_user(reader).get(path, headers={"Accept-Language": language}).json()["results"]
        assert len(rows) == 2
        assert all(words in row["explanation"] for row in rows)
    # It may have told them: what follows waits as long as after one that was sent.
    notify_many([application(reader, 3)])
    later = NotificationDelivery.objects.get(channel="email", state="pending")
    assert later.due_at >= NOON + timedelta(minutes=59)


def test_a_worker_that_died_after_the_mail_left_does_not_send_it_again(
    pipeline: Pipeline, reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = channel.batch_settle

    def die(*args: Any, **more: Any) -> None:
        monkeypatch.setattr(channel, "batch_settle", real)
        raise KeyboardInterrupt

    monkeypatch.setattr(channel, "batch_settle", die)
    notify_many([application(reader, 1)])
    with pytest.raises(KeyboardInterrupt):
        pipeline.drain()
    # Meanwhile there is more to tell, and the user has read and refused: the mail that left has left.
    notify_many([application(reader, 2)])
    Notification.objects.update(is_read=True)
    OutboxDelivery.objects.filter(status="running").update(status="pending", coalesce=False)
    pipeline.make_due()
    pipeline.drain()
    assert len(mail.outbox) == 1
    assert ends() == [("sent", ""), ("suppressed", "read")]


def test_no_delivery_stays_open_for_ever(pipeline: Pipeline, clock: Clock, reader: User) -> None:
    notify_many([completed(reader, "a"), completed(reader, "b"), message(reader, 1)])
    OutboxDelivery.objects.all().delete()
    NotificationDelivery.objects.filter(channel="email").update(due_at=NOON)
    # Its event was lost: after ten minutes there is another.
    clock.move_to(NOON + timedelta(minutes=9))
    assert deliveries_sweep() == {"asked": 0, "given_up": 0}
    clock.move_to(NOON + timedelta(minutes=11))
    assert deliveries_sweep() == {"asked": 3, "given_up": 0}
    clock.move_to(NOON + timedelta(days=2, minutes=1))
    NotificationDelivery.objects.filter(channel="email", dedupe_key="a").update(batch=1)
    assert deliveries_sweep() == {"asked": 1, "given_up": 2}
    clock.move_to(NOON + timedelta(days=3, minutes=1))
    assert deliveries_sweep() == {"asked": 0, "given_up": 1}
    assert ends() == [("failed", "gave_up")] * 3


def test_the_sweep_s_event_is_what_sends_a_lost_mail(pipeline: Pipeline, clock: Clock, reader: User) -> None:
    notify_many([completed(reader)])
    pipeline.claim()
    OutboxDelivery.objects.all().delete()
    clock.shift(timedelta(minutes=11))
    deliveries_sweep()
    pipeline.drain()
    assert ends() == [("sent", "")]


def test_what_became_of_mails_is_kept_for_a_season_and_that_it_was_told_for_good(
    clock: Clock, reader: User
) -> None:
    notify_many([completed(reader)])
    NotificationDelivery.objects.filter(channel="email").update(state="sent", settled_at=NOON)
    clock.move_to(NOON + timedelta(days=90))
    assert deliveries_purge() == 0
    clock.shift(timedelta(seconds=1))
    notify_many([completed(reader, "open")])
    assert deliveries_purge() == 2
    notify_many([completed(reader)])
    rows = NotificationDelivery.objects.order_by("pk").values_list("dedupe_key", "channel")
    assert list(rows) == [
        ("task:1:COMPLETED", "in_app"),
        ("open", "in_app"),
        ("open", "email"),
        ("open", "push"),
    ]


# --- Bad input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ar"])
def test_names_and_titles_put_no_header_into_a_mail_and_no_markup_into_it(
    pipeline: Pipeline, clock: Clock, language: str
) -> None:
    reader = FreelancerFactory(language=language, is_verified=True)
    evil = "Logo\r\nBcc: victim@example.com\r\n\r\n<script>alert(1)</script> {0} \u202e"
    notify_many(
        [
            Notice(
                reader.pk,
                "new_message",
                "m",
                {"sender": evil, "text": evil},
                group_key="conversation:1",
                link="/messages/1",
            )
        ]
    )
    at(pipeline, clock, NOON + timedelta(minutes=2))
    (sent,) = mail.outbox
    parsed = message_from_bytes(sent.message().as_bytes(), policy=policy.default)
    assert parsed["Bcc"] is None
    assert parsed["To"] == reader.email
    assert sent.recipients() == [reader.email]
    assert "\u202e" not in parsed["Subject"]
    assert "Bcc: victim@example.com" in parsed["Subject"]  # on the subject's own line
    html = parsed.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert DeliveryState.SENT in {row[0] for row in ends()}
