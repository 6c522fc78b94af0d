"""Help while one writes: what a draft lacks, and skills for a profile."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask.accounts.api.actor import actor_of
from multitask.common.schema import ErrorSerializer
from multitask.common.text import current_language
from multitask.common.throttles import ScopeThrottle
from multitask.recommendations.services.drafts import (
    Draft,
    SuggestedSkill,
    draft_suggest,
    profile_suggest,
)
from multitask.tasks.models import DESCRIPTION_LIMIT, TITLE_LIMIT, ListingType, TaskStatus

BIO_LIMIT = 5_000


class DraftSerializer(serializers.Serializer[Any]):
    """What has been written so far."""

    title = serializers.CharField(max_length=TITLE_LIMIT)
    description = serializers.CharField(max_length=DESCRIPTION_LIMIT, allow_blank=True, default="")
    listing_type = serializers.ChoiceField(choices=ListingType.choices, default=ListingType.TASK_REQUEST)
    city = serializers.CharField(
        max_length=100, allow_blank=True, default="", help_text="Its prices count more."
    )
    task = serializers.IntegerField(
        min_value=1,
        allow_null=True,
        default=None,
        help_text="One's own task that is being changed: it is neither a neighbour nor a duplicate of itself.",
    )


class SuggestedSkillSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="skill.id")
    slug = serializers.SlugField(source="skill.slug")
    name = serializers.SerializerMethodField(help_text="In the caller's language.")
    reason = serializers.ChoiceField(
        choices=["named", "neighbours"], help_text="The text names it, or listings like it need it."
    )
    share = serializers.FloatField(help_text="Of the neighbours' votes, 0 to 1.")

    def get_name(self, row: SuggestedSkill) -> str:
        return row.skill.en if current_language() == "en" else row.skill.ar


class SuggestedCategorySerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField(source="category.slug")
    name = serializers.SerializerMethodField(help_text="In the caller's language.")
    share = serializers.FloatField(help_text="Of the votes, 0 to 1.")

    def get_name(self, row: Any) -> str:
        return str(row.category.en if current_language() == "en" else row.category.ar)


class SuggestedPriceSerializer(serializers.Serializer[Any]):
    """EGP. A quarter of the comparable listings cost less than `low`, a quarter more than `high`."""

    low = serializers.DecimalField(max_digits=10, decimal_places=2)
    median = serializers.DecimalField(max_digits=10, decimal_places=2)
    high = serializers.DecimalField(max_digits=10, decimal_places=2)
    count = serializers.IntegerField(help_text="How many people's listings it rests on: 5 at least.")


class DuplicateSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    similarity = serializers.FloatField(help_text="1 where title and description are the same words.")
    status = serializers.ChoiceField(choices=TaskStatus.choices)


NEIGHBOURS_HELP = "How many earlier listings near the text voted, 20 at most."
MODE_HELP = "hybrid, or lexical where only the names in the text could be read."


class DraftSuggestionsSerializer(serializers.Serializer[Any]):
    skills = SuggestedSkillSerializer(many=True)
    category = SuggestedCategorySerializer(allow_null=True, help_text="null where the votes are divided.")
    price = SuggestedPriceSerializer(allow_null=True, help_text="null where too little is comparable.")
    neighbours = serializers.IntegerField(help_text=NEIGHBOURS_HELP)
    duplicates = DuplicateSerializer(
        many=True, help_text="One's own listings like it that are open or in progress, 5 at most."
    )
    mode = serializers.ChoiceField(choices=["hybrid", "lexical"], help_text=MODE_HELP)


class BioSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=BIO_LIMIT, help_text="What a freelancer writes of themselves.")


class SkillSuggestionsSerializer(serializers.Serializer[Any]):
    skills = SuggestedSkillSerializer(many=True)
    neighbours = serializers.IntegerField(help_text=NEIGHBOURS_HELP)
    mode = serializers.ChoiceField(choices=["hybrid", "lexical"], help_text=MODE_HELP)


ARABIC_SKILL = {"id": 88, "slug": "logo-design", "name": "تصميم الشعارات", "reason": "named", "share": 0.62}
ENGLISH_SKILL = {
    "id": 117,
    "slug": "plumbing",
    "name": "Plumbing",
    "reason": "neighbours",
    "share": 0.71,
}


class DraftSuggestionsView(APIView):
    permission_classes = [IsAuthenticated]
    # Asked for while somebody writes: counted apart from everything else.
    throttle_classes = [ScopeThrottle]
    throttle_scope = "writing"

    @extend_schema(
        operation_id="tasks_suggestions",
        tags=["tasks"],
        request=DraftSerializer,
        responses={200: DraftSuggestionsSerializer, 403: ErrorSerializer, 404: ErrorSerializer},
        examples=[
            OpenApiExample(
                "تصميم شعار",
                request_only=True,
                value={
                    "title": "عايز لوجو لمطعم كشري",
                    "description": "محتاج شعار بسيط بالعربي والإنجليزي وألوان للمنيو.",
                    "city": "الجيزة",
                },
            ),
            OpenApiExample(
                "A leaking sink",
                request_only=True,
                value={"title": "Kitchen sink leaking under the cabinet", "city": "Giza"},
            ),
            OpenApiExample(
                "تصميم شعار",
                response_only=True,
                value={
                    "skills": [ARABIC_SKILL],
                    "category": {"slug": "design", "name": "التصميم والإبداع", "share": 0.91},
                    "price": {"low": "800.00", "median": "1500.00", "high": "2500.00", "count": 14},
                    "neighbours": 20,
                    "duplicates": [],
                    "mode": "hybrid",
                },
            ),
            OpenApiExample(
                "A leaking sink",
                response_only=True,
                value={
                    "skills": [ENGLISH_SKILL],
                    "category": {"slug": "cleaning", "name": "Cleaning & Home Services", "share": 0.84},
                    "price": None,
                    "neighbours": 9,
                    "duplicates": [
                        {
                            "id": 12,
                            "title": "Kitchen sink is leaking",
                            "similarity": 0.79,
                            "status": "OPEN",
                        }
                    ],
                    "mode": "hybrid",
                },
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Skills, category and price for a draft by what is like it, and one's own listings that it repeats.

        Nothing is kept. What there is too little to go by for is null or empty.
        """
        form = DraftSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        found = draft_suggest(actor=actor_of(request), draft=Draft(**form.validated_data))
        return Response(DraftSuggestionsSerializer(found).data)


class SkillSuggestionsView(APIView):
    permission_classes = [IsAuthenticated]
    throttle_classes = [ScopeThrottle]
    throttle_scope = "writing"

    @extend_schema(
        operation_id="skills_suggestions",
        tags=["skills"],
        request=BioSerializer,
        responses={200: SkillSuggestionsSerializer},
        examples=[
            OpenApiExample(
                "نبذة",
                request_only=True,
                value={"text": "مصمم شعارات وهويات بصرية منذ ست سنوات، وأعمل على فوتوشوب."},
            ),
            OpenApiExample(
                "A bio",
                request_only=True,
                value={"text": "Ten years laying supply and waste lines in Giza homes."},
            ),
            OpenApiExample(
                "نبذة",
                response_only=True,
                value={"skills": [ARABIC_SKILL], "neighbours": 20, "mode": "hybrid"},
            ),
            OpenApiExample(
                "A bio",
                response_only=True,
                value={"skills": [ENGLISH_SKILL], "neighbours": 11, "mode": "hybrid"},
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Skills that a text about oneself names, and those that listings near it ask for. Nothing is kept."""
        form = BioSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(SkillSuggestionsSerializer(profile_suggest(text=form.validated_data["text"])).data)
