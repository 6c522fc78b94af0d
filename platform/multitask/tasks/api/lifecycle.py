"""A task's way from open to its end, one's own tasks, and the counts beside a list."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask.accounts.api.actor import actor_of
from multitask.common.fields import FIELDS_PARAMETER
from multitask.common.schema import MODE_PARAMETER, ErrorSerializer
from multitask.tasks.api.filters import TaskFilter, TaskFilterBackend
from multitask.tasks.api.pages import SearchedMixin, TaskPagination
from multitask.tasks.api.serializers import (
    CancelSerializer,
    ChangesSerializer,
    FacetsSerializer,
    FoundTaskSerializer,
    TaskSerializer,
)
from multitask.tasks.models import Task
from multitask.tasks.selectors.facets import task_facets
from multitask.tasks.selectors.tasks import tasks_assigned, tasks_posted, tasks_visible
from multitask.tasks.services.tasks import task_cancel, task_complete, task_deliver, task_request_changes

MOVED: dict[int, Any] = {200: TaskSerializer, 403: ErrorSerializer, 409: ErrorSerializer}


def _shown(request: Request, task_id: int) -> Response:
    task = tasks_visible().get(pk=task_id)
    return Response(TaskSerializer(task, context={"request": request}).data)


@extend_schema_view(
    get=extend_schema(
        operation_id="tasks_mine", tags=["tasks"], parameters=[FIELDS_PARAMETER, MODE_PARAMETER]
    )
)
class MyTasksView(SearchedMixin, generics.ListAPIView):
    """What one has posted, newest first, with the filters of the list."""

    permission_classes = [IsAuthenticated]
    serializer_class = FoundTaskSerializer
    filter_backends = [TaskFilterBackend]
    filterset_class = TaskFilter
    pagination_class = TaskPagination

    def get_queryset(self) -> QuerySet[Task]:
        if getattr(self, "swagger_fake_view", False):
            return Task.objects.none()
        return tasks_posted(actor_of(self.request))


@extend_schema_view(
    get=extend_schema(
        operation_id="tasks_assigned", tags=["tasks"], parameters=[FIELDS_PARAMETER, MODE_PARAMETER]
    )
)
class AssignedTasksView(SearchedMixin, generics.ListAPIView):
    """What one was chosen for, newest first, with the filters of the list."""

    permission_classes = [IsAuthenticated]
    serializer_class = FoundTaskSerializer
    filter_backends = [TaskFilterBackend]
    filterset_class = TaskFilter
    pagination_class = TaskPagination

    def get_queryset(self) -> QuerySet[Task]:
        if getattr(self, "swagger_fake_view", False):
            return Task.objects.none()
        return tasks_assigned(actor_of(self.request))


class FacetsView(generics.GenericAPIView):
    permission_classes = [AllowAny]
    serializer_class = FacetsSerializer
    filter_backends = [TaskFilterBackend]
    filterset_class = TaskFilter
    queryset = Task.objects.all()
    pagination_class = None

    @extend_schema(
        operation_id="tasks_facets", tags=["tasks"], filters=True, responses={200: FacetsSerializer}
    )
    def get(self, request: Request) -> Response:
        """How many tasks there are by category, city, type, kind of listing and budget, within the same filters."""
        return Response(FacetsSerializer(task_facets(self.filter_queryset(self.get_queryset()))).data)


class CompleteView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="tasks_complete", tags=["tasks"], request=None, responses=MOVED)
    def post(self, request: Request, pk: int) -> Response:
        """The owner says that the work is done; both sides may review each other now."""
        task_complete(actor=actor_of(request), task_id=pk)
        return _shown(request, pk)


class CancelView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="tasks_cancel",
        tags=["tasks"],
        request=CancelSerializer,
        responses=MOVED,
        examples=[OpenApiExample("Why", request_only=True, value={"reason": "The project was put off."})],
    )
    def post(self, request: Request, pk: int) -> Response:
        """The owner cancels a task that is open or in progress; everybody concerned is told."""
        form = CancelSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        task_cancel(actor=actor_of(request), task_id=pk, reason=form.validated_data["reason"])
        return _shown(request, pk)


class DeliverView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="tasks_deliver", tags=["tasks"], request=None, responses=MOVED)
    def post(self, request: Request, pk: int) -> Response:
        """The assigned freelancer asks for completion."""
        task_deliver(actor=actor_of(request), task_id=pk)
        return _shown(request, pk)


class RequestChangesView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="tasks_request_changes",
        tags=["tasks"],
        request=ChangesSerializer,
        responses=MOVED,
        examples=[
            OpenApiExample(
                "What is missing", request_only=True, value={"reason": "The Arabic pages are missing."}
            )
        ],
    )
    def post(self, request: Request, pk: int) -> Response:
        """The owner answers a delivery: something is still missing. The freelancer delivers again."""
        form = ChangesSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        task_request_changes(actor=actor_of(request), task_id=pk, reason=form.validated_data["reason"])
        return _shown(request, pk)
