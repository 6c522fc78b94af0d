"""Who may begin a conversation with whom about what, and who sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from multitask.accounts.factories import AdminFactory, BothFactory, ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.messaging.factories import ConversationFactory, MessageFactory
from multitask.messaging.models import Conversation, Participant
from multitask.messaging.selectors.conversations import neighbours_of
from multitask.messaging.services.conversations import conversation_open
from multitask.realtime.models import UserEvent
from multitask.tasks.factories import (
    ApplicationFactory,
    CompletedTaskFactory,
    StartedTaskFactory,
    TaskFactory,
)
from multitask.tasks.models import Task
from multitask.tasks.services.tasks import task_delete

pytestmark = pytest.mark.django_db
LIST = "/api/messages/conversations/"


def begin(as_user: AsUser, actor: User, other: User, task: Task | None = None, **headers: str) -> Any:
    body = {"participant": other.pk} | ({"task": task.pk} if task is not None else {})
    return as_user(actor).post(LIST, body, headers=headers)


def test_a_conversation_begins_once_for_a_pair_and_task(as_user: AsUser) -> None:
    client, freelancer = ClientFactory(), FreelancerFactory()
    task = TaskFactory(client=client)
    first = begin(as_user, freelancer, client, task)
    assert first.status_code == 201
    body = first.json()
    assert body["task"] == {"id": task.pk, "title": task.title, "status": "OPEN"}
    assert [person["id"] for person in body["participants"]] == sorted([client.pk, freelancer.pk])
    assert body["other"] == {
        "user": client.pk,
        "is_active": True,
        "online": False,
        "last_seen": None,
        "delivered_up_to": 0,
        "read_up_to": 0,
    }
    assert (body["unread_count"], body["last_message_content"], body["last_message_at"]) == (0, None, None)
    assert body["is_active"] is True
    assert "email" not in first.content.decode()
    assert "phone" not in first.content.decode()
    again = begin(as_user, freelancer, client, task)
    from_the_other_side = begin(as_user, client, freelancer, task)
    assert [again.status_code, from_the_other_side.status_code] == [200, 200]
    assert {again.json()["id"], from_the_other_side.json()["id"]} == {body["id"]}
    without_a_task = begin(as_user, client, freelancer)
    assert without_a_task.status_code == 201
    assert without_a_task.json()["id"] != body["id"]
    assert begin(as_user, freelancer, client).json()["id"] == without_a_task.json()["id"]
    assert Conversation.objects.count() == 2
    assert Participant.objects.count() == 4


def test_both_sides_are_told_of_a_new_conversation_once(as_user: AsUser) -> None:
    one, other = ClientFactory(), FreelancerFactory()
    number = begin(as_user, one, other).json()["id"]
    begin(as_user, other, one)
    events = UserEvent.objects.order_by("user_id").values_list("user_id", "type", "body__conversation")
    assert list(events) == [(user, "conversation.new", number) for user in sorted([one.pk, other.pk])]


def test_an_idempotency_key_begins_a_conversation_once(as_user: AsUser) -> None:
    one, other = ClientFactory(), FreelancerFactory()
    headers = {"Idempotency-Key": "k1"}
    answers = [begin(as_user, one, other, **headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1]["Idempotency-Replayed"] == "true"


def test_nobody_writes_to_themselves_nor_to_a_closed_account(as_user: AsUser) -> None:
    one, gone = ClientFactory(), FreelancerFactory(is_active=False)
    cases = {
        (one.pk, None): "participant",
        (gone.pk, None): "participant",
        (10**12, None): "participant",
        (FreelancerFactory().pk, 10**12): "task",
    }
    for (participant, task), field in cases.items():
        body = {"participant": participant} | ({"task": task} if task else {})
        answer = as_user(one).post(LIST, body)
        assert answer.status_code == 400
        assert list(answer.json()["errors"]) == [field]
    assert not Conversation.objects.exists()


@pytest.mark.parametrize(
    ("who", "whom", "allowed"),
    [
        ("stranger", "client", True),
        ("applicant", "client", True),
        ("client", "applicant", True),
        ("client", "stranger", False),
        ("client", "withdrawn", False),
        ("stranger", "applicant", False),
        ("applicant", "withdrawn", False),
    ],
)
def test_about_an_open_task_anybody_asks_its_client_and_the_client_writes_to_applicants(
    as_user: AsUser, who: str, whom: str, allowed: bool
) -> None:
    task = TaskFactory()
    people = {name: BothFactory() for name in ("stranger", "applicant", "withdrawn")} | {
        "client": task.client
    }
    ApplicationFactory(task=task, freelancer=people["applicant"])
    ApplicationFactory(task=task, freelancer=people["withdrawn"], status="WITHDRAWN")
    answer = begin(as_user, people[who], people[whom], task)
    assert answer.status_code == (201 if allowed else 403), answer.content
    if not allowed:
        assert answer.json()["code"] == "not_about_this_task"


@pytest.mark.parametrize("factory", [StartedTaskFactory, CompletedTaskFactory])
def test_about_a_task_that_is_given_only_its_parties_and_applicants_write(
    as_user: AsUser, factory: Any
) -> None:
    task = factory()
    rejected, stranger = FreelancerFactory(), FreelancerFactory()
    ApplicationFactory(task=task, freelancer=rejected, status="REJECTED")
    assert begin(as_user, stranger, task.client, task).status_code == 403
    assert begin(as_user, task.assigned_to, task.client, task).status_code == 201
    assert begin(as_user, task.client, rejected, task).status_code == 201


def test_a_conversation_that_is_there_stays_reachable_when_its_task_is_over(as_user: AsUser) -> None:
    task, asker = TaskFactory(), BothFactory()
    number = begin(as_user, asker, task.client, task).json()["id"]
    Task.objects.filter(pk=task.pk).update(status="CANCELLED")
    answer = begin(as_user, asker, task.client, task)
    assert (answer.status_code, answer.json()["id"]) == (200, number)
    assert answer.json()["task"]["status"] == "CANCELLED"


def test_a_task_that_somebody_has_written_about_is_cancelled_rather_than_deleted(as_user: AsUser) -> None:
    task, asker = TaskFactory(), BothFactory()
    number = begin(as_user, asker, task.client, task).json()["id"]
    assert task_delete(actor=task.client, task_id=task.pk) is False
    task.refresh_from_db()
    assert task.status == "CANCELLED"
    assert as_user(asker).get(f"{LIST}{number}/").json()["task"]["id"] == task.pk
    unasked = TaskFactory(client=task.client)
    assert task_delete(actor=task.client, task_id=unasked.pk) is True


def test_at_most_so_many_conversations_begin_in_an_hour(as_user: AsUser) -> None:
    actor = ClientFactory()
    others = [FreelancerFactory() for _ in range(7)]
    assert [begin(as_user, actor, other).status_code for other in others[:5]] == [201] * 5
    refused = begin(as_user, actor, others[5])
    assert (refused.status_code, refused.json()["code"]) == (429, "conversations_per_hour")
    assert 0 < int(refused["Retry-After"]) <= 3600
    # What is there costs nothing, and others are not concerned.
    assert begin(as_user, actor, others[0]).status_code == 200
    assert begin(as_user, others[6], actor).status_code == 201
    # What was refused took no place.
    with override_settings(CONVERSATIONS_PER_HOUR=6):
        assert begin(as_user, actor, others[5]).status_code == 201


def test_a_conversation_is_there_for_its_two_sides_alone(as_user: AsUser, api: APIClient) -> None:
    message = MessageFactory()
    conversation = message.conversation
    sides = User.objects.filter(pk__in=[conversation.low_user_id, conversation.high_user_id])
    places = [f"{LIST}{conversation.pk}/", f"{LIST}{conversation.pk}/messages/"]
    for place in places:
        assert [as_user(user).get(place).status_code for user in sides] == [200, 200]
        for stranger in (ClientFactory(), AdminFactory()):
            assert as_user(stranger).get(place).status_code == 404
        assert api.get(place).status_code == 401
    stranger = as_user(ClientFactory())
    for verb in ("read", "delivered"):
        assert stranger.post(f"{places[0]}{verb}/", {"up_to": message.pk}).status_code == 404
    assert stranger.post(places[1], {"content": "Let me in."}).status_code == 404
    assert stranger.get(LIST).json()["count"] == 0
    assert conversation.messages.count() == 1


def _several(user: User, number: int) -> list[Conversation]:
    found = []
    for position in range(number):
        other = BothFactory()
        task = TaskFactory(client=other)
        made = ConversationFactory(users=(user, other), task=task)
        MessageFactory(conversation=made, sender_id=other.pk, content=f"Offer {position}")
        found.append(made)
    return found


def test_the_list_shows_what_moved_last_first_with_counters_and_the_last_message(as_user: AsUser) -> None:
    user = ClientFactory()
    first, second, third = _several(user, 3)
    MessageFactory(conversation=first, sender_id=first.other_id(user.pk), content="ن" * 150)
    rows = as_user(user).get(LIST).json()["results"]
    assert [row["id"] for row in rows] == [first.pk, third.pk, second.pk]
    assert [row["unread_count"] for row in rows] == [2, 1, 1]
    assert rows[0]["last_message_content"] == "ن" * 100
    assert rows[0]["last_message_sender"] == first.other_id(user.pk)
    assert rows[0]["last_message_type"] == "TEXT"
    own = as_user(User.objects.get(pk=first.other_id(user.pk))).get(LIST).json()["results"][0]
    assert (own["unread_count"], own["other"]["user"]) == (0, user.pk)


@pytest.mark.parametrize("query", ["", "?cursor="])
def test_a_longer_list_costs_no_more_queries(as_user: AsUser, query: str) -> None:
    user = ClientFactory()
    client = as_user(user)
    counts = []
    for number in (1, 6):
        _several(user, number)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get(f"{LIST}{query}").status_code == 200
        counts.append(len(caught))
    assert counts[0] == counts[1] <= 7, counts


def test_pages_by_cursor_hold_every_row_once_while_conversations_are_added(as_user: AsUser) -> None:
    user = ClientFactory()
    made = [one.pk for one in _several(user, 7)]
    client = as_user(user)
    page = client.get(f"{LIST}?cursor=&page_size=3").json()
    assert set(page) == {"next", "previous", "results"}
    assert page["previous"] is None
    seen = [row["id"] for row in page["results"]]
    _several(user, 2)
    while page["next"]:
        page = client.get(page["next"]).json()
        seen += [row["id"] for row in page["results"]]
    assert seen == made[::-1]
    back = client.get(page["previous"]).json()
    assert [row["id"] for row in back["results"]] == seen[3:6]
    newer = client.get(client.get(back["previous"]).json()["previous"]).json()
    assert [row["id"] for row in newer["results"]][-2:] != seen[:2]
    assert newer["previous"] is None


def test_fields_of_a_list_can_be_chosen(as_user: AsUser) -> None:
    user = ClientFactory()
    _several(user, 1)
    assert set(as_user(user).get(f"{LIST}?fields=id,unread_count").json()["results"][0]) == {
        "id",
        "unread_count",
    }


@pytest.mark.parametrize(
    "cursor", ["x", "W10", "WyJuIiwxXQ", "WyJuIiwieCIsMV0", "9" * 400, "WyJxIiwxLDJd", "%00"]
)
def test_a_cursor_that_is_not_ours_is_bad_input(as_user: AsUser, cursor: str) -> None:
    answer = as_user(ClientFactory()).get(f"{LIST}?cursor={cursor}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["cursor"])


def test_the_unread_count_is_of_messages_and_of_conversations(as_user: AsUser) -> None:
    user = ClientFactory()
    first, second = _several(user, 2)
    MessageFactory(conversation=first, sender_id=first.other_id(user.pk))
    MessageFactory(conversation=second, sender_id=user.pk)
    answer = as_user(user).get("/api/messages/unread-count/")
    assert answer.json() == {"unread_count": 3, "conversations": 2}


def test_whose_presence_one_is_told_of_are_those_one_writes_with() -> None:
    user = ClientFactory()
    first, second = _several(user, 2)
    ConversationFactory()
    assert set(neighbours_of(user)) == {first.other_id(user.pk), second.other_id(user.pk)}


def test_the_database_itself_refuses_a_second_conversation_of_a_pair() -> None:
    one, other = ClientFactory(), FreelancerFactory()
    conversation_open(actor=one, participant_id=other.pk)
    rows = Conversation.objects.all()
    with pytest.raises(Exception, match="conversation_once"):
        Conversation.objects.bulk_create(
            [Conversation(low_user_id=rows[0].low_user_id, high_user_id=rows[0].high_user_id, task=None)]
        )


def test_a_new_conversation_is_above_older_ones_before_anything_is_said(as_user: AsUser) -> None:
    user, other = ClientFactory(), FreelancerFactory()
    (old,) = _several(user, 1)
    Participant.objects.filter(conversation=old).update(moved_at=timezone.now() - timedelta(hours=1))
    number = begin(as_user, user, other).json()["id"]
    assert [row["id"] for row in as_user(user).get(LIST).json()["results"]] == [number, old.pk]


def test_a_dead_redis_leaves_presence_unknown_and_the_list_whole(as_user: AsUser) -> None:
    user = ClientFactory()
    _several(user, 2)
    client = as_user(user)
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        rows = client.get(LIST).json()["results"]
    assert [row["other"]["online"] for row in rows] == [None, None]
