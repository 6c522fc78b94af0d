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
from multitask.common.schema import ErrorSerializer
from multitask.common.text import Text
from multitask.notifications.api.serializers import (
    MarkedSerializer,
    NotificationSerializer,
    ReadSerializer,
    UnreadSerializer,
)
from multitask.notifications.models import Notification, NotificationType
from multitask.notifications.selectors.notifications import notifications_of, unread_count
from multitask.notifications.services.reading import notification_mark, notifications_mark_all

ALL_READ = Text("All notifications are marked as read.", "أصبحت كل الإشعارات مقروءة.")


class NotificationFilter(django_filters.FilterSet):
    is_read = django_filters.BooleanFilter()
    notification_type = django_filters.ChoiceFilter(choices=NotificationType.choices)

    class Meta:
        model = Notification
        fields: list[str] = []


@extend_schema_view(get=extend_schema(operation_id="notifications_list", tags=["notifications"]))
class NotificationListView(generics.ListAPIView):
    """One's own notifications, newest first."""

    permission_classes = [IsAuthenticated]
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
