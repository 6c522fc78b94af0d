"""Categories and tasks over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import generics, status
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from multitask.accounts.api.actor import actor_of
from multitask.common.fields import FIELDS_PARAMETER
from multitask.common.schema import ErrorSerializer
from multitask.tasks.api.filters import TaskFilter
from multitask.tasks.api.serializers import CategorySerializer, TaskCreateSerializer, TaskSerializer
from multitask.tasks.models import Category
from multitask.tasks.selectors.tasks import tasks_visible
from multitask.tasks.services.tasks import task_create


@extend_schema_view(get=extend_schema(operation_id="categories_list", tags=["tasks"]))
class CategoryListView(generics.ListAPIView):
    """The nine categories, names in the caller's language."""

    permission_classes = [AllowAny]
    serializer_class = CategorySerializer
    queryset = Category.objects.filter(is_active=True)
    pagination_class = None


@extend_schema_view(
    get=extend_schema(operation_id="tasks_list", tags=["tasks"], parameters=[FIELDS_PARAMETER])
)
class TaskListView(generics.ListAPIView):
    """Tasks and service offers, newest first."""

    serializer_class = TaskSerializer
    filterset_class = TaskFilter
    queryset = tasks_visible()

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.request.method in {"GET", "HEAD", "OPTIONS"} else [IsAuthenticated()]

    @extend_schema(
        operation_id="tasks_create",
        tags=["tasks"],
        request=TaskCreateSerializer,
        responses={201: TaskSerializer, 400: ErrorSerializer, 401: ErrorSerializer, 403: ErrorSerializer},
        examples=[
            OpenApiExample(
                "A website",
                request_only=True,
                value={
                    "category": "programming",
                    "title": "Online shop with Django",
                    "description": "A shop in Arabic and English with Fawry payment.",
                    "budget": "15000.00",
                    "is_remote": True,
                    "required_skills": [1, 2],
                },
            )
        ],
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Post a task (clients) or offer a service (freelancers)."""
        form = TaskCreateSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        task = task_create(actor=actor_of(request), **form.validated_data)
        shown = tasks_visible().get(pk=task.pk)
        return Response(
            TaskSerializer(shown, context=self.get_serializer_context()).data, status=status.HTTP_201_CREATED
        )


@extend_schema_view(
    get=extend_schema(operation_id="tasks_retrieve", tags=["tasks"], parameters=[FIELDS_PARAMETER])
)
class TaskDetailView(generics.RetrieveAPIView):
    """One task."""

    permission_classes = [AllowAny]
    serializer_class = TaskSerializer
    queryset = tasks_visible()
