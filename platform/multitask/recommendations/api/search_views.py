"""Search over everything, and suggestions as one types."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask.accounts.api.serializers import PublicProfileSerializer
from multitask.common.schema import MODE_HEADER, MODE_PARAMETER, ErrorSerializer
from multitask.common.throttles import ScopeThrottle
from multitask.recommendations.api.serializers import SkillSerializer
from multitask.recommendations.selectors.suggestions import suggestions
from multitask.recommendations.services.search import search_everything
from multitask.tasks.api.serializers import FoundTaskSerializer

MODES = ["hybrid", "lexical"]


class SearchQuerySerializer(serializers.Serializer[Any]):
    """What is searched for; 300 characters of it are read."""

    q = serializers.CharField()
    limit = serializers.IntegerField(min_value=1, max_value=20, default=5)


class EverythingSerializer(serializers.Serializer[Any]):
    """The best of each kind. Tasks and services are open ones."""

    tasks = FoundTaskSerializer(many=True)
    services = FoundTaskSerializer(many=True)
    freelancers = PublicProfileSerializer(many=True)
    skills = SkillSerializer(many=True)
    did_you_mean = serializers.CharField(
        allow_null=True, help_text="The query in the spelling that was probably meant."
    )
    mode = serializers.ChoiceField(
        choices=MODES, help_text="Whether words and meaning answered, or the words alone."
    )


class SuggestionSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    kind = serializers.ChoiceField(choices=["skill", "category", "phrase"])
    slug = serializers.CharField(allow_blank=True, help_text="Of a skill or category.")


class SuggestionsSerializer(serializers.Serializer[Any]):
    suggestions = SuggestionSerializer(many=True)


class SearchView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="search",
        tags=["search"],
        parameters=[SearchQuerySerializer, MODE_PARAMETER],
        responses={200: EverythingSerializer, 400: ErrorSerializer},
    )
    def get(self, request: Request) -> Response:
        """Tasks, services, freelancers and skills for some words in Arabic, English or both."""
        form = SearchQuerySerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        found = search_everything(text=form.validated_data["q"], limit=form.validated_data["limit"])
        shown = EverythingSerializer(found, context={"request": request, "wanted": found.wanted})
        return Response(shown.data, headers={MODE_HEADER: found.mode})


class SuggestionsView(APIView):
    permission_classes = [AllowAny]
    # One is asked for at every letter: counted apart from everything else.
    throttle_classes = [ScopeThrottle]
    throttle_scope = "suggestions"

    @extend_schema(
        operation_id="search_suggestions",
        tags=["search"],
        parameters=[OpenApiParameter("q", str, description="What has been typed so far.")],
        responses={200: SuggestionsSerializer},
        examples=[
            OpenApiExample(
                "lo",
                response_only=True,
                value={"suggestions": [{"text": "Logo Design", "kind": "skill", "slug": "logo-design"}]},
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Up to eight ways to go on: skills, categories, and words of titles, in the script that is typed."""
        typed = request.query_params.get("q", "")
        return Response(SuggestionsSerializer({"suggestions": suggestions(typed)}).data)
