"""Categories and tasks over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import generics, status
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from multitask.accounts.api.actor import actor_of
from multitask.accounts.api.client import address_of
from multitask.accounts.models import User
from multitask.common.fields import FIELDS_PARAMETER
from multitask.common.idempotency import idempotent
from multitask.common.parsers import BoundedJSONParser
from multitask.common.schema import MODE_PARAMETER, ErrorSerializer
from multitask.tasks.api.filters import TaskFilter, TaskFilterBackend
from multitask.tasks.api.pages import SearchedMixin, TaskPagination
from multitask.tasks.api.serializers import (
    CategorySerializer,
    CreatedTaskSerializer,
    FoundTaskSerializer,
    TaskChangeSerializer,
    TaskCreateSerializer,
    TaskSerializer,
)
from multitask.tasks.models import Category
from multitask.tasks.selectors.tasks import tasks_visible
from multitask.tasks.services.images import task_image_clean
from multitask.tasks.services.tasks import (
    task_create,
    task_delete,
    task_duplicates,
    task_update,
)
from multitask.tasks.services.views import task_view_count

IN_A_FORM = OpenApiExample(
    "In a form, with a picture",
    request_only=True,
    media_type="multipart/form-data",
    value={
        "category": "programming",
        "title": "Online shop with Django",
        "description": "A shop in Arabic and English with Fawry payment.",
        "budget": "15000.00",
        "image": "shop.jpg",
    },
)


def _with_clean_image(values: dict[str, Any]) -> dict[str, Any]:
    if values.get("image") is None:
        return values
    return values | {"image": task_image_clean(values["image"])}


@extend_schema_view(get=extend_schema(operation_id="categories_list", tags=["tasks"]))
class CategoryListView(generics.ListAPIView):
    """The nine categories, names in the caller's language."""

    permission_classes = [AllowAny]
    serializer_class = CategorySerializer
    queryset = Category.objects.filter(is_active=True)
    pagination_class = None


@extend_schema_view(get=extend_schema(operation_id="categories_retrieve", tags=["tasks"]))
class CategoryDetailView(generics.RetrieveAPIView):
    """One category."""

    permission_classes = [AllowAny]
    serializer_class = CategorySerializer
    queryset = Category.objects.filter(is_active=True)
    lookup_field = "slug"


@extend_schema_view(
    get=extend_schema(
        operation_id="tasks_list", tags=["tasks"], parameters=[FIELDS_PARAMETER, MODE_PARAMETER]
    )
)
class TaskListView(SearchedMixin, generics.ListAPIView):
    """Tasks and service offers, newest first; with `search` the best first."""

    serializer_class = FoundTaskSerializer
    filter_backends = [TaskFilterBackend]
    filterset_class = TaskFilter
    pagination_class = TaskPagination
    queryset = tasks_visible()
    parser_classes = [BoundedJSONParser, MultiPartParser]

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.request.method in {"GET", "HEAD", "OPTIONS"} else [IsAuthenticated()]

    @extend_schema(
        operation_id="tasks_create",
        tags=["tasks"],
        request=TaskCreateSerializer,
        responses={
            201: CreatedTaskSerializer,
            400: ErrorSerializer,
            401: ErrorSerializer,
            403: ErrorSerializer,
            409: ErrorSerializer,
        },
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
            ),
            IN_A_FORM,
        ],
    )
    @idempotent
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Post a task (clients) or offer a service (freelancers)."""
        form = TaskCreateSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        task = task_create(actor=actor_of(request), **_with_clean_image(form.validated_data))
        shown: Any = tasks_visible().get(pk=task.pk)
        shown.duplicate_of = task_duplicates(task=task)
        return Response(
            CreatedTaskSerializer(shown, context=self.get_serializer_context()).data,
            status=status.HTTP_201_CREATED,
        )


@extend_schema_view(
    get=extend_schema(operation_id="tasks_retrieve", tags=["tasks"], parameters=[FIELDS_PARAMETER])
)
class TaskDetailView(generics.RetrieveAPIView):
    serializer_class = TaskSerializer
    queryset = tasks_visible()
    parser_classes = [BoundedJSONParser, MultiPartParser]

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.request.method in {"GET", "HEAD", "OPTIONS"} else [IsAuthenticated()]

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One task. Reading it counts a view, once a reader and day, never the owner's."""
        if request.method == "GET":
            viewer = request.user if isinstance(request.user, User) else None
            task_view_count(task_id=kwargs["pk"], viewer=viewer, address=address_of(request) or "")
        return self.retrieve(request, *args, **kwargs)

    def _change(self, request: Request, pk: int, *, partial: bool) -> Response:
        form = TaskChangeSerializer(data=request.data, partial=partial)
        form.is_valid(raise_exception=True)
        task_update(actor=actor_of(request), task_id=pk, **_with_clean_image(form.validated_data))
        shown = tasks_visible().get(pk=pk)
        return Response(TaskSerializer(shown, context=self.get_serializer_context()).data)

    @extend_schema(
        operation_id="tasks_update",
        tags=["tasks"],
        request=TaskChangeSerializer,
        responses={200: TaskSerializer, 403: ErrorSerializer, 409: ErrorSerializer},
        examples=[
            OpenApiExample(
                "Everything anew",
                request_only=True,
                value={
                    "category": "programming",
                    "title": "Online shop with Django and React",
                    "description": "A shop in Arabic and English with Fawry payment.",
                    "budget": "18000.00",
                    "is_remote": True,
                },
            ),
            IN_A_FORM,
        ],
    )
    def put(self, request: Request, pk: int) -> Response:
        """Replace one's own open task; what is left out takes its default."""
        return self._change(request, pk, partial=False)

    @extend_schema(
        operation_id="tasks_partial_update",
        tags=["tasks"],
        request=TaskChangeSerializer,
        responses={200: TaskSerializer, 403: ErrorSerializer, 409: ErrorSerializer},
        examples=[
            OpenApiExample("More money", request_only=True, value={"budget": "18000.00"}),
            OpenApiExample(
                "Another picture",
                request_only=True,
                media_type="multipart/form-data",
                value={"image": "shop.jpg"},
            ),
        ],
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change some fields of one's own open task."""
        return self._change(request, pk, partial=True)

    @extend_schema(
        operation_id="tasks_delete",
        tags=["tasks"],
        responses={204: None, 403: ErrorSerializer, 409: ErrorSerializer},
    )
    def delete(self, request: Request, pk: int) -> Response:
        """Delete one's own task. Once somebody has applied or written about it, it is cancelled and stays."""
        task_delete(actor=actor_of(request), task_id=pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
