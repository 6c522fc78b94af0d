"""Skills and similar tasks over HTTP."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import generics, status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask.accounts.api.actor import actor_of
from multitask.common.fields import FIELDS_PARAMETER
from multitask.common.idempotency import idempotent
from multitask.common.order import place_in
from multitask.common.schema import ErrorSerializer
from multitask.recommendations.api.serializers import (
    SkillSerializer,
    UserSkillChangeSerializer,
    UserSkillCreateSerializer,
    UserSkillSerializer,
)
from multitask.recommendations.models import Skill, UserSkill
from multitask.recommendations.selectors.shown import tasks_shown
from multitask.recommendations.selectors.similar import similar_tasks
from multitask.recommendations.selectors.skill_names import skills_found
from multitask.recommendations.services.skills import (
    SkillClaim,
    user_skill_add,
    user_skill_change,
    user_skill_remove,
)
from multitask.tasks.api.serializers import TaskSerializer


class SkillFilter(django_filters.FilterSet):
    category = django_filters.CharFilter(field_name="category__slug")
    search = django_filters.CharFilter(
        method="with_words",
        help_text="A name or a part of one, in either language and any spelling; the best fit first.",
    )

    class Meta:
        model = Skill
        fields: list[str] = []

    def with_words(self, queryset: QuerySet[Skill], name: str, value: str) -> QuerySet[Skill]:
        ids = skills_found(value)
        return queryset.filter(pk__in=ids).order_by(place_in(ids))


@extend_schema_view(get=extend_schema(operation_id="skills_list", tags=["skills"]))
class SkillListView(generics.ListAPIView):
    """Skills, names in the caller's language."""

    permission_classes = [AllowAny]
    serializer_class = SkillSerializer
    filterset_class = SkillFilter
    queryset = Skill.objects.filter(is_active=True).select_related("category").order_by("name_en", "id")


@extend_schema_view(get=extend_schema(operation_id="user_skills_list", tags=["skills"]))
class UserSkillListView(generics.ListAPIView):
    """One's own skills."""

    permission_classes = [IsAuthenticated]
    serializer_class = UserSkillSerializer
    filter_backends: list[type] = []

    def get_queryset(self) -> QuerySet[UserSkill]:
        if getattr(self, "swagger_fake_view", False):
            return UserSkill.objects.none()
        own = UserSkill.objects.filter(user=actor_of(self.request))
        return own.select_related("skill__category").order_by("created_at", "id")

    @extend_schema(
        operation_id="user_skills_create",
        tags=["skills"],
        request=UserSkillCreateSerializer,
        responses={
            201: UserSkillSerializer,
            400: ErrorSerializer,
            403: ErrorSerializer,
            409: ErrorSerializer,
        },
        examples=[
            OpenApiExample(
                "Python",
                request_only=True,
                value={"skill_id": 1, "proficiency_level": "EXPERT", "years_experience": "6.0"},
            )
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Add a skill; the recommendation list follows within seconds."""
        form = UserSkillCreateSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        row = user_skill_add(
            actor=actor_of(request),
            claim=SkillClaim(values["skill_id"], values["proficiency_level"], values["years_experience"]),
        )
        return Response(UserSkillSerializer(row).data, status=status.HTTP_201_CREATED)


class UserSkillView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="user_skills_update",
        tags=["skills"],
        request=UserSkillChangeSerializer,
        responses={200: UserSkillSerializer, 400: ErrorSerializer, 404: ErrorSerializer},
        examples=[
            OpenApiExample("A year later", request_only=True, value={"proficiency_level": "EXPERT"}),
        ],
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change level or years of one's own skill."""
        form = UserSkillChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        row = user_skill_change(
            actor=actor_of(request),
            user_skill_id=pk,
            level=values.get("proficiency_level"),
            years=values.get("years_experience"),
        )
        return Response(UserSkillSerializer(row).data)

    @extend_schema(
        operation_id="user_skills_delete", tags=["skills"], responses={204: None, 404: ErrorSerializer}
    )
    def delete(self, request: Request, pk: int) -> Response:
        """Remove one's own skill."""
        user_skill_remove(actor=actor_of(request), user_skill_id=pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SimilarTasksView(generics.GenericAPIView):
    permission_classes = [AllowAny]
    serializer_class = TaskSerializer
    filter_backends: list[type] = []

    @extend_schema(
        operation_id="tasks_similar",
        tags=["tasks"],
        parameters=[FIELDS_PARAMETER],
        responses={200: TaskSerializer(many=True), 404: ErrorSerializer},
    )
    def get(self, request: Request, pk: int) -> Response:
        """Open tasks like this one (offers like this offer), the most alike first."""
        page = self.paginate_queryset(similar_tasks(task_id=pk)) or []
        tasks = tasks_shown([int(task_id) for task_id in page])
        rows = [tasks[task_id] for task_id in page if task_id in tasks]
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)
