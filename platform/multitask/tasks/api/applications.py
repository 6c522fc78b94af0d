"""Applications over HTTP."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import generics, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from multitask.accounts.api.actor import actor_of
from multitask.common.errors import DomainError, Forbidden
from multitask.common.fields import FIELDS_PARAMETER
from multitask.common.idempotency import idempotent
from multitask.common.schema import ErrorSerializer
from multitask.tasks.api.serializers import (
    ApplicationChangeSerializer,
    ApplicationCreateSerializer,
    ApplicationSerializer,
)
from multitask.tasks.models import ApplicationStatus, TaskApplication
from multitask.tasks.selectors.applications import access_application, applications_by, applications_of_task
from multitask.tasks.services.applications import (
    application_accept,
    application_create,
    application_reject,
    application_update,
    application_withdraw,
)


class ApplicationFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=ApplicationStatus.choices)

    class Meta:
        model = TaskApplication
        fields: list[str] = []


def _shown(request: Request, application_id: int) -> dict[str, Any]:
    row = access_application(actor=actor_of(request), application_id=application_id)
    return dict(ApplicationSerializer(row, context={"request": request}).data)


@extend_schema_view(
    get=extend_schema(
        operation_id="tasks_applications_list", tags=["applications"], parameters=[FIELDS_PARAMETER]
    )
)
class TaskApplicationsView(generics.ListAPIView):
    """Applications to a task, newest first: all for its owner, one's own for an applicant, none for a stranger."""

    permission_classes = [IsAuthenticated]
    serializer_class = ApplicationSerializer
    filterset_class = ApplicationFilter

    def get_queryset(self) -> QuerySet[TaskApplication]:
        if getattr(self, "swagger_fake_view", False):
            return TaskApplication.objects.none()
        return applications_of_task(actor=actor_of(self.request), task_id=self.kwargs["pk"])

    @extend_schema(
        operation_id="tasks_applications_create",
        tags=["applications"],
        request=ApplicationCreateSerializer,
        responses={201: ApplicationSerializer, 403: ErrorSerializer, 409: ErrorSerializer},
        examples=[
            OpenApiExample(
                "A proposal",
                request_only=True,
                value={
                    "proposal": "I have built five shops with Django and can begin on Sunday.",
                    "offered_price": "14000.00",
                    "estimated_time": "3 weeks",
                },
            )
        ],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Apply to another's open request, once; a service offer takes none. Who has withdrawn may apply again."""
        form = ApplicationCreateSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        row = application_create(actor=actor_of(request), task_id=pk, **form.validated_data)
        return Response(_shown(request, row.pk), status=status.HTTP_201_CREATED)


@extend_schema_view(
    get=extend_schema(operation_id="applications_mine", tags=["applications"], parameters=[FIELDS_PARAMETER])
)
class MyApplicationsView(generics.ListAPIView):
    """What one has applied to, newest first."""

    permission_classes = [IsAuthenticated]
    serializer_class = ApplicationSerializer
    filterset_class = ApplicationFilter

    def get_queryset(self) -> QuerySet[TaskApplication]:
        if getattr(self, "swagger_fake_view", False):
            return TaskApplication.objects.none()
        return applications_by(actor_of(self.request))


class ApplicationView(generics.GenericAPIView):
    permission_classes = [IsAuthenticated]
    serializer_class = ApplicationSerializer
    queryset = TaskApplication.objects.none()

    @extend_schema(operation_id="applications_retrieve", tags=["applications"], parameters=[FIELDS_PARAMETER])
    def get(self, request: Request, pk: int) -> Response:
        """One application, for the task's owner and the applicant."""
        return Response(_shown(request, pk))

    @extend_schema(
        operation_id="applications_update",
        tags=["applications"],
        request=ApplicationChangeSerializer,
        responses={200: ApplicationSerializer, 403: ErrorSerializer, 409: ErrorSerializer},
        examples=[
            OpenApiExample("The owner accepts", request_only=True, value={"status": "ACCEPTED"}),
            OpenApiExample(
                "The owner rejects",
                request_only=True,
                value={"status": "REJECTED", "reason": "Too late for us."},
            ),
            OpenApiExample("The applicant asks less", request_only=True, value={"offered_price": "13000.00"}),
        ],
    )
    def patch(self, request: Request, pk: int) -> Response:
        """The task's owner decides (`status`, `reason`); the applicant changes what is pending (the other fields)."""
        form = ApplicationChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        decision, reason = values.pop("status", None), values.pop("reason", "")
        actor = actor_of(request)
        found = access_application(actor=actor, application_id=pk)
        if found.client_id != actor.pk:
            if decision is not None or reason:
                raise Forbidden
            application_update(actor=actor, application_id=pk, **values)
        elif values:
            raise Forbidden
        elif decision is None:
            raise DomainError("decide_or_change", status=status.HTTP_400_BAD_REQUEST)
        elif decision == ApplicationStatus.ACCEPTED:
            application_accept(actor=actor, application_id=pk)
        else:
            application_reject(actor=actor, application_id=pk, reason=reason)
        return Response(_shown(request, pk))

    @extend_schema(
        operation_id="applications_withdraw",
        tags=["applications"],
        responses={204: None, 403: ErrorSerializer, 409: ErrorSerializer},
    )
    def delete(self, request: Request, pk: int) -> Response:
        """The applicant takes a pending application back."""
        application_withdraw(actor=actor_of(request), application_id=pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
