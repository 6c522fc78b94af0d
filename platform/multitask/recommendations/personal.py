"""What matching holds about a person."""

from __future__ import annotations

from multitask.accounts.personal import Fate, Holding, declare, on_leaving
from multitask.recommendations.models import UserPreference
from multitask.recommendations.services.leaving import skills_release


def register() -> None:
    """Called once all models are there."""
    declare(
        Holding(
            "recommendations.UserSkill",
            "user",
            Fate.ERASE,
            name="skills",
            export=("skill__slug", "proficiency_level", "years_experience", "is_verified", "created_at"),
        ),
        Holding(
            "recommendations.UserPreference",
            "user",
            Fate.ERASE,
            name="preferences",
            export=(
                "onboarding_completed",
                "onboarding_completed_at",
                *UserPreference.WISHES,
                "email_notifications",
                "push_notifications",
            ),
        ),
        Holding(
            "recommendations.RecommendationLog",
            "user",
            Fate.ERASE,
            name="recommendations_shown",
            export=(
                "recommendation_type",
                "recommended_items",
                "algorithm_used",
                "clicked_items",
                "applied_items",
                "created_at",
            ),
        ),
        Holding(
            "recommendations.PersonDocument",
            "user",
            Fate.ERASE,
            name="search_words",
            export=("script", "updated_at"),
        ),
        Holding(
            "recommendations.PersonExposure",
            "user",
            Fate.ERASE,
            name="times_shown",
            export=("readings", "updated_at"),
        ),
        Holding(
            "recommendations.ProfileVector",
            "user",
            Fate.ERASE,
            name="profile_vectors",
            export=("index_id", "readable", "updated_at"),
        ),
        Holding(
            "recommendations.RecommendationList",
            "user",
            Fate.ERASE,
            name="recommendation_list",
            export=("entries__task_id", "entries__match_percentage", "computed_at"),
        ),
        Holding(
            "recommendations.RecommendationFeedback",
            "user",
            Fate.ERASE,
            name="recommendation_feedback",
            export=("task_id", "action", "reason", "created_at"),
        ),
    )
    on_leaving(skills_release)
