"""Recommendations both ways, what people do with them, and what they wish for, over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask.accounts.api.actor import actor_of
from multitask.common.errors import Forbidden
from multitask.common.idempotency import idempotent
from multitask.common.schema import ErrorSerializer
from multitask.recommendations.api.recommend_serializers import (
    FeedbackSerializer,
    ForTaskSerializer,
    LimitSerializer,
    OnboardingSerializer,
    PreferencesSerializer,
    RecommendationsSerializer,
    SuitedListSerializer,
    WishesSerializer,
)
from multitask.recommendations.models import RecommendationType
from multitask.recommendations.selectors.freelancers import freelancers_for
from multitask.recommendations.selectors.lists import list_read
from multitask.recommendations.selectors.wishes import preferences_of
from multitask.recommendations.services.feedback import Showing, feedback_give, feedback_withdraw, shown_log
from multitask.recommendations.services.skills import SkillClaim
from multitask.recommendations.services.wishes import onboarding_complete, wishes_change
from multitask.tasks.selectors.tasks import access_task


class ForYouView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="recommendations_for_you",
        tags=["recommendations"],
        parameters=[LimitSerializer],
        responses={200: RecommendationsSerializer, 401: ErrorSerializer, 403: ErrorSerializer},
    )
    def get(self, request: Request) -> Response:
        """The freelancer's precomputed list: tasks with a match percentage and true reasons."""
        actor = actor_of(request)
        if not actor.may_apply:
            raise Forbidden("freelancers_only")
        form = LimitSerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        shown = list_read(user=actor, limit=form.validated_data["limit"])
        shown_log(
            user=actor,
            showing=Showing(
                scores={row.task.pk: row.score for row in shown.rows},
                parts={row.task.pk: row.parts for row in shown.rows},
                algorithm=shown.algorithm,
                statistics=shown.statistics,
            ),
        )
        return Response(RecommendationsSerializer(shown, context={"request": request}).data)


class FreelancersView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="recommendations_freelancers",
        tags=["recommendations"],
        parameters=[ForTaskSerializer],
        responses={
            200: SuitedListSerializer,
            400: ErrorSerializer,
            401: ErrorSerializer,
            403: ErrorSerializer,
            404: ErrorSerializer,
        },
    )
    def get(self, request: Request) -> Response:
        """Freelancers for one's own open task, the most suited first, without those who have applied."""
        actor = actor_of(request)
        form = ForTaskSerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        task = access_task(actor=actor, task_id=form.validated_data["task"])
        shown = freelancers_for(task=task, limit=form.validated_data["limit"])
        shown_log(
            user=actor,
            showing=Showing(
                scores={row.user.pk: row.score for row in shown.rows},
                parts={row.user.pk: row.parts for row in shown.rows},
                algorithm=shown.algorithm,
                kind=RecommendationType.FREELANCER,
            ),
        )
        return Response(SuitedListSerializer(shown, context={"request": request}).data)


class FeedbackView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="recommendations_feedback",
        tags=["recommendations"],
        request=FeedbackSerializer,
        responses={201: FeedbackSerializer, 400: ErrorSerializer, 403: ErrorSerializer, 404: ErrorSerializer},
        examples=[
            OpenApiExample(
                "Not for me",
                request_only=True,
                value={"task": 12, "action": "dismissed", "reason": "budget_low"},
            )
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Note a click, a bookmark, or that a task is not wanted in the list, and why."""
        form = FeedbackSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        row = feedback_give(actor=actor_of(request), **form.validated_data)
        return Response(FeedbackSerializer(row).data, status=status.HTTP_201_CREATED)


class FeedbackUndoView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="recommendations_feedback_undo",
        tags=["recommendations"],
        responses={204: None, 404: ErrorSerializer},
    )
    def delete(self, request: Request, task: int) -> Response:
        """Undo a dismissal, and what it did to other tasks."""
        feedback_withdraw(actor=actor_of(request), task_id=task)
        return Response(status=status.HTTP_204_NO_CONTENT)


WISHES: dict[str, Any] = {
    "interests": ["programming", "design"],
    "min_budget": "500.00",
    "preferred_location": "Cairo",
    "prefer_remote": True,
}


class PreferencesView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="recommendations_preferences",
        tags=["recommendations"],
        responses={200: PreferencesSerializer, 401: ErrorSerializer},
    )
    def get(self, request: Request) -> Response:
        """What one looks for."""
        return Response(PreferencesSerializer(preferences_of(actor_of(request))).data)

    @extend_schema(
        operation_id="recommendations_preferences_change",
        tags=["recommendations"],
        request=WishesSerializer,
        responses={200: PreferencesSerializer, 400: ErrorSerializer, 401: ErrorSerializer},
        examples=[OpenApiExample("Python", request_only=True, value=WISHES)],
    )
    def patch(self, request: Request) -> Response:
        """Change what one looks for; the recommendation list follows within seconds."""
        form = WishesSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        found = wishes_change(actor=actor_of(request), **form.validated_data)
        return Response(PreferencesSerializer(found).data)


class OnboardingView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="recommendations_onboarding",
        tags=["recommendations"],
        request=OnboardingSerializer,
        responses={
            200: PreferencesSerializer,
            400: ErrorSerializer,
            401: ErrorSerializer,
            403: ErrorSerializer,
        },
        examples=[
            OpenApiExample(
                "At the start",
                request_only=True,
                value=WISHES | {"skills": [{"skill_id": 1, "proficiency_level": "ADVANCED"}]},
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """The answers given at the start: wishes and, for freelancers, skills. Given again, they replace the first."""
        form = OnboardingSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        skills = values.pop("skills", None)
        claims = None
        if skills is not None:
            claims = [
                SkillClaim(one["skill_id"], one["proficiency_level"], one["years_experience"])
                for one in skills
            ]
        found = onboarding_complete(actor=actor_of(request), claims=claims, **values)
        return Response(PreferencesSerializer(found).data)
