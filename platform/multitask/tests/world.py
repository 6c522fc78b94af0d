"""A small marketplace with somebody in every relation to everything: what the tests of the whole API act in."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone, translation
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from multitask.accounts.factories import AdminFactory, BothFactory, ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.accounts.services.tokens import tokens_issue
from multitask.chatbot.factories import AnswerFactory
from multitask.files.models import StoredFile
from multitask.messaging.factories import ConversationFactory, MessageFactory
from multitask.notifications.factories import NotificationFactory, PushSubscriptionFactory
from multitask.notifications.unsubscribe import unsubscribe_token
from multitask.recommendations.factories import SkillFactory, UserSkillFactory
from multitask.recommendations.services.feedback import feedback_give
from multitask.tasks.factories import (
    ApplicationFactory,
    CompletedTaskFactory,
    ReviewFactory,
    StartedTaskFactory,
    TaskFactory,
)
from multitask.tasks.models import TaskImage

METHODS = ("get", "post", "put", "patch", "delete")

# Who calls. `client`, `freelancer` and `both` have nothing to do with the object; neither has `stranger`, who has
# objects of the same kinds. `owner` and `other` are the two parties. `inactive` was deactivated after logging in.
ROLES = ("nobody", "client", "freelancer", "both", "owner", "other", "stranger", "inactive", "admin")
# One black pixel.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


@dataclass
class World:
    """Users by role, and ids of objects by a short name."""

    users: dict[str, User]
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)

    def client(self, role: str) -> APIClient:
        """Calls the API as `role`, in English. A defect is answered, not raised."""
        made = APIClient(raise_request_exception=False, headers={"Accept-Language": "en"})
        user = self.users.get(role)
        if user is not None:
            made.credentials(HTTP_AUTHORIZATION=f"Bearer {self.tokens[role]}")
        return made

    def ids_of(self, kind: str) -> list[Any]:
        """The ids whose name ends in `kind`: "task" gives those of every task."""
        return [value for name, value in self.ids.items() if name == kind or name.endswith(f"_{kind}")]


def build() -> World:
    """Rows of a fresh world. Needs the database."""
    users = {
        "client": ClientFactory(),
        "freelancer": FreelancerFactory(),
        "both": BothFactory(),
        "owner": ClientFactory(),
        "other": FreelancerFactory(),
        "stranger": BothFactory(),
        "inactive": BothFactory(),
        "admin": AdminFactory(),
    }
    world = World(users)
    world.tokens = {role: tokens_issue(user=user).access for role, user in users.items()}
    inactive = users["inactive"]
    inactive.is_active = False
    inactive.save(update_fields=["is_active"])
    owner, other, stranger = users["owner"], users["other"], users["stranger"]
    bystander = FreelancerFactory()
    open_task = TaskFactory(client=owner)
    applied_task = TaskFactory(client=owner, applications_count=2)
    started = StartedTaskFactory(client=owner, assigned_to=other, applications_count=1)
    completed = CompletedTaskFactory(client=owner, assigned_to=other, applications_count=1)
    TaskFactory(client=stranger)
    ApplicationFactory(task=started, freelancer=other, status="ACCEPTED")
    ApplicationFactory(task=completed, freelancer=other, status="ACCEPTED")
    ApplicationFactory(task=applied_task, freelancer=bystander)
    delivered = StartedTaskFactory(client=owner, assigned_to=other, delivered_at=timezone.now())
    reviewed = CompletedTaskFactory(client=owner, assigned_to=other)
    hidden = ReviewFactory(task=reviewed, reviewer=other, reviewee=owner, published_at=None)
    picture = TaskImage.objects.create(task=open_task, image=ContentFile(PICTURE, name="a.png"))
    document = StoredFile.objects.create(
        owner=owner, file=ContentFile(b"words", name="a.txt"), name="a.txt", content_type="text/plain", size=5
    )
    review = ReviewFactory(task=completed, reviewer=owner, reviewee=other)
    other.average_rating, other.total_reviews = review.rating, 1
    other.save(update_fields=["average_rating", "total_reviews"])
    skill = UserSkillFactory(user=other, skill__usage_count=1)
    feedback_give(actor=other, task_id=open_task.pk, action="dismissed")
    UserSkillFactory(user=stranger, skill__usage_count=1)
    conversation = ConversationFactory(users=(owner, other), task=started)
    message = MessageFactory(conversation=conversation, sender_id=other.pk)
    MessageFactory(conversation__users=(stranger, bystander))
    answer = AnswerFactory(session__user=owner)
    AnswerFactory(session__user=stranger)
    world.ids = {
        "open_task": open_task.pk,
        "applied_task": applied_task.pk,
        "started_task": started.pk,
        "completed_task": completed.pk,
        "application": ApplicationFactory(task=applied_task, freelancer=other).pk,
        "review": review.pk,
        "image": picture.pk,
        "file": str(document.pk),
        "conversation": conversation.pk,
        "message": message.pk,
        "chat_session": answer.session_id,
        "chat_answer": answer.pk,
        "notification": NotificationFactory(recipient=owner).pk,
        "push_subscription": PushSubscriptionFactory(user=owner).pk,
        "unsubscribe": unsubscribe_token(owner.pk, "new_message"),
        "user_skill": skill.pk,
        "skill": skill.skill_id,
        "free_skill": SkillFactory().pk,
        "hidden_review": hidden.pk,
        "delivered_task": delivered.pk,
        "category": "programming",
        "owner_name": owner.username,
        "owner_email": owner.email,
        "owner_token": world.tokens["owner"],
        "inactive_name": inactive.username,
        "inactive_token": world.tokens["inactive"],
        "inactive_user": inactive.pk,
        "owner_user": owner.pk,
        "other_user": other.pk,
    }
    NotificationFactory(recipient=stranger)
    return world


@cache
def schema() -> dict[str, Any]:
    """The OpenAPI schema, as it is served in English."""
    with translation.override("en"):
        found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


@cache
def operations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """{operation id: (method, path, operation)} of the whole schema."""
    return {
        operation["operationId"]: (method, path, operation)
        for path, item in schema()["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }
