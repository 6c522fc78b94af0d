"""Skills, lists and their entries for tests. Rows only: use the services where lists must follow."""

from __future__ import annotations

import factory
from django.utils import timezone

from multitask.accounts.factories import FreelancerFactory
from multitask.recommendations.models import (
    Algorithm,
    RecommendationEntry,
    RecommendationList,
    Skill,
    UserPreference,
    UserSkill,
)
from multitask.tasks.factories import TaskFactory, any_category


class SkillFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Skill

    slug = factory.Sequence(lambda number: f"skill-{number}")
    name_en = factory.Sequence(lambda number: f"Craft {number}")
    name_ar = factory.Sequence(lambda number: f"حرفة {number}")
    category = factory.LazyFunction(any_category)


class UserSkillFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = UserSkill

    user = factory.SubFactory(FreelancerFactory)
    skill = factory.SubFactory(SkillFactory)


class PreferenceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = UserPreference

    user = factory.SubFactory(FreelancerFactory)


class ListFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = RecommendationList

    user = factory.SubFactory(FreelancerFactory)
    inputs_changed_at = factory.LazyFunction(timezone.now)
    computed_at = factory.LazyFunction(timezone.now)
    algorithm = Algorithm.HYBRID


class EntryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = RecommendationEntry

    recommendation_list = factory.SubFactory(ListFactory)
    task = factory.SubFactory(TaskFactory)
    score = 0.6
    match_percentage = factory.LazyAttribute(lambda entry: round(100 * entry.score))
    parts = factory.LazyAttribute(lambda entry: {"skills": entry.score})
    reasons = factory.LazyFunction(list)
    algorithm = Algorithm.HYBRID
    content_version = 1
