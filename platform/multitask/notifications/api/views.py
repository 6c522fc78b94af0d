"""One's own notifications over HTTP."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask.accounts.api.actor import actor_of
from multitask.common.cursors import CursorOrPagePagination
from multitask.common.schema import ErrorSerializer
from multitask.common.text import Text
from multitask.notifications.api.serializers import (
    DeliverySerializer,
    MarkedSerializer,
    NotificationPreferencesSerializer,
    NotificationSerializer,
    ReadSerializer,
    UnreadSerializer,
)
from multitask.notifications.models import (
    Channel,
    DeliveryState,
    Notification,
    NotificationDelivery,
    NotificationType,
)
from multitask.notifications.selectors.deliveries import deliveries_of, deliveries_of_notification
from multitask.notifications.selectors.notifications import notifications_of, unread_count
from multitask.notifications.selectors.preferences import preferences_from, preferences_of
from multitask.notifications.services.preferences import preferences_set
from multitask.notifications.services.reading import notification_mark, notifications_mark_all

ALL_READ = Text("All notifications are marked as read.", "أصبحت كل الإشعارات مقروءة.")


class NotificationFilter(django_filters.FilterSet):
    is_read = django_filters.BooleanFilter()
    notification_type = django_filters.ChoiceFilter(choices=NotificationType.choices)

    class Meta:
        model = Notification
        fields: list[str] = []


class DeliveryFilter(django_filters.FilterSet):
    channel = django_filters.ChoiceFilter(choices=Channel.choices)
    state = django_filters.ChoiceFilter(choices=DeliveryState.choices)

    class Meta:
        model = NotificationDelivery
        fields: list[str] = []


class NotificationPagination(CursorOrPagePagination):
    fields = ("bumped_at", "id")


class DeliveryPagination(CursorOrPagePagination):
    fields = ("id",)


@extend_schema_view(get=extend_schema(operation_id="notifications_list", tags=["notifications"]))
class NotificationListView(generics.ListAPIView):
    """One's own notifications, whose newest event came last first."""

    permission_classes = [IsAuthenticated]
    pagination_class = NotificationPagination
    serializer_class = NotificationSerializer
    filterset_class = NotificationFilter

    def get_queryset(self) -> QuerySet[Notification]:
        if getattr(self, "swagger_fake_view", False):
            return Notification.objects.none()
        return notifications_of(actor_of(self.request))


class NotificationView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="notifications_update",
        tags=["notifications"],
        request=ReadSerializer,
        responses={200: NotificationSerializer, 400: ErrorSerializer, 404: ErrorSerializer},
        examples=[OpenApiExample("Read", request_only=True, value={"is_read": True})],
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Mark one as read or unread."""
        form = ReadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        row = notification_mark(
            actor=actor_of(request), notification_id=pk, is_read=form.validated_data["is_read"]
        )
        return Response(NotificationSerializer(row).data)


class MarkAllView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="notifications_mark_all_read",
        tags=["notifications"],
        request=None,
        responses={200: MarkedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Mark every unread notification as read."""
        number = notifications_mark_all(actor=actor_of(request))
        return Response(MarkedSerializer({"detail": ALL_READ.show(), "count": number}).data)


class UnreadCountView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="notifications_unread_count", tags=["notifications"], responses={200: UnreadSerializer}
    )
    def get(self, request: Request) -> Response:
        """How many are unread."""
        return Response(UnreadSerializer({"unread_count": unread_count(actor_of(request))}).data)


@extend_schema_view(get=extend_schema(operation_id="notifications_deliveries_list", tags=["notifications"]))
class DeliveryListView(generics.ListAPIView):
    """Why was I told this, and why not that: what became of each event on each channel, the newest first."""

    permission_classes = [IsAuthenticated]
    pagination_class = DeliveryPagination
    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilter

    def get_queryset(self) -> QuerySet[NotificationDelivery]:
        if getattr(self, "swagger_fake_view", False):
            return NotificationDelivery.objects.none()
        return deliveries_of(actor_of(self.request))


@extend_schema_view(get=extend_schema(operation_id="notifications_deliveries", tags=["notifications"]))
class NotificationDeliveriesView(DeliveryListView):
    """What became of one notification on each channel; one that tells of several events has a row for each."""

    def get_queryset(self) -> QuerySet[NotificationDelivery]:
        if getattr(self, "swagger_fake_view", False):
            return NotificationDelivery.objects.none()
        return deliveries_of_notification(actor_of(self.request), self.kwargs["pk"])


PREFERENCES = OpenApiExample(
    "Fewer mails, quiet nights, a digest",
    request_only=True,
    value={
        "matrix": {"task_application": {"email": False}},
        "email_messages": False,
        "quiet_from": "23:00",
        "quiet_to": "07:30",
        "digest": "daily",
        "digest_hour": 9,
    },
)


class PreferencesView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="notifications_preferences",
        tags=["notifications"],
        responses={200: NotificationPreferencesSerializer},
    )
    def get(self, request: Request) -> Response:
        """By which ways one is told of what, and when not."""
        return Response(NotificationPreferencesSerializer(preferences_of(actor_of(request))).data)

    @extend_schema(
        operation_id="notifications_preferences_update",
        tags=["notifications"],
        request=NotificationPreferencesSerializer,
        responses={200: NotificationPreferencesSerializer, 400: ErrorSerializer},
        examples=[PREFERENCES],
    )
    def patch(self, request: Request) -> Response:
        """Change what is named and leave the rest."""
        form = NotificationPreferencesSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        row = preferences_set(actor=actor_of(request), changes=form.validated_data)
        return Response(NotificationPreferencesSerializer(preferences_from(row)).data)
