"""Tasks, applications and reviews for tests. Rows only: use the services where events and counters matter."""

from __future__ import annotations

from decimal import Decimal

import factory
from django.utils import timezone

from multitask.accounts.factories import ClientFactory, FreelancerFactory
from multitask.tasks.models import Category, Review, Task, TaskApplication, TaskStatus


def any_category() -> Category:
    """One of the nine that every database holds."""
    return Category.objects.get(slug="programming")


class TaskFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Task

    client = factory.SubFactory(ClientFactory)
    category = factory.LazyFunction(any_category)
    title = factory.Sequence(lambda number: f"Online shop number {number}")
    description = "A shop in Arabic and English with payment on delivery."
    budget = Decimal("1500.00")
    city = "القاهرة"


class StartedTaskFactory(TaskFactory):
    status = TaskStatus.IN_PROGRESS
    assigned_to = factory.SubFactory(FreelancerFactory)


class CompletedTaskFactory(StartedTaskFactory):
    status = TaskStatus.COMPLETED
    completed_at = factory.LazyFunction(timezone.now)


class ApplicationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TaskApplication

    task = factory.SubFactory(TaskFactory)
    client = factory.LazyAttribute(lambda application: application.task.client)
    freelancer = factory.SubFactory(FreelancerFactory)
    proposal = "I have done this before and can begin today."
    offered_price = Decimal("1400.00")
    estimated_time = "two weeks"


class ReviewFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Review

    task = factory.SubFactory(CompletedTaskFactory)
    reviewer = factory.LazyAttribute(lambda review: review.task.client)
    reviewee = factory.LazyAttribute(lambda review: review.task.assigned_to)
    rating = 5
    comment = "Good work, in time."
    published_at = factory.LazyFunction(timezone.now)
