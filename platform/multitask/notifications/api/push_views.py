"""Web push over HTTP: this server's key, one's own browsers, a test."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask.accounts.api.actor import actor_of
from multitask.common.errors import MESSAGES
from multitask.common.idempotency import idempotent
from multitask.common.schema import ErrorSerializer
from multitask.common.strict import StrictMixin
from multitask.common.text import Text
from multitask.notifications.models import PushSubscription
from multitask.notifications.push.addresses import LONGEST, destination_of
from multitask.notifications.push.keys import own_pair
from multitask.notifications.selectors.subscriptions import subscriptions_of
from multitask.notifications.services.subscriptions import (
    push_test,
    subscription_register,
    subscription_remove,
)

ON_ITS_WAY = Text("A test push is on its way.", "تنبيه تجريبي في الطريق.")
SUBSCRIPTION_EXAMPLE = {
    "id": 12,
    "service": "fcm.googleapis.com",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0",
    "last_sent_at": None,
    "last_error": "",
    "expires_at": None,
    "renewed_at": "2026-07-30T09:00:00Z",
    "created_at": "2026-07-30T09:00:00Z",
}


class PushKeysSerializer(StrictMixin, serializers.Serializer[Any]):
    p256dh = serializers.CharField(max_length=100)
    auth = serializers.CharField(max_length=40)


class PushSubscribeSerializer(StrictMixin, serializers.Serializer[Any]):
    """What `PushSubscription.toJSON()` gives in a browser, and its name if one likes."""

    endpoint = serializers.CharField(max_length=LONGEST)
    keys = PushKeysSerializer()
    expirationTime = serializers.IntegerField(  # noqa: N815  (the browser's own name)
        required=False,
        allow_null=True,
        min_value=0,
        max_value=9_999_999_999_999,
        help_text="Milliseconds since 1970, or null.",
    )
    user_agent = serializers.CharField(
        required=False, allow_blank=True, max_length=300, help_text="Left out: the request's own."
    )


class PushSubscriptionSerializer(serializers.ModelSerializer[PushSubscription]):
    """A browser that is pushed to. Its address is a secret, and is not shown."""

    service = serializers.SerializerMethodField(help_text="The host of its push service.")

    class Meta:
        model = PushSubscription
        fields = [
            "id",
            "service",
            "user_agent",
            "last_sent_at",
            "last_error",
            "expires_at",
            "renewed_at",
            "created_at",
        ]
        read_only_fields = fields

    def get_service(self, row: PushSubscription) -> str:
        to = destination_of(row.endpoint)
        return to.host if to is not None else ""


class PushSerializer(serializers.Serializer[Any]):
    enabled = serializers.BooleanField(help_text="No where this server has no key: nobody is pushed to.")
    detail = serializers.CharField(allow_blank=True, help_text="Why it is not enabled.")
    public_key = serializers.CharField(
        allow_null=True, help_text="For `pushManager.subscribe`, as `applicationServerKey`; base64url."
    )
    subscriptions = PushSubscriptionSerializer(many=True)


class PushTestSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField()
    count = serializers.IntegerField(help_text="To how many browsers.")


class PushView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="notifications_push",
        tags=["notifications"],
        responses={200: PushSerializer},
        examples=[
            OpenApiExample(
                "One browser",
                response_only=True,
                value={
                    "enabled": True,
                    "detail": "",
                    "public_key": "BH-EIPoQaTjr9PCYzYwdrqEoYXfvXqFvixo8XoHotI4_j7W__TAPr5eYpH5c…",
                    "subscriptions": [SUBSCRIPTION_EXAMPLE],
                },
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Whether this server pushes, the key to subscribe with, and one's own browsers, the newest first."""
        pair = own_pair()
        found = {
            "enabled": pair is not None,
            "detail": "" if pair is not None else MESSAGES["push_off"].show(),
            "public_key": pair.public if pair is not None else None,
            "subscriptions": subscriptions_of(actor_of(request)),
        }
        return Response(PushSerializer(found).data)


class PushSubscriptionsView(APIView):
    permission_classes = [IsAuthenticated]
    throttle_scope = "push"

    @extend_schema(
        operation_id="notifications_push_subscribe",
        tags=["notifications"],
        request=PushSubscribeSerializer,
        responses={
            200: PushSubscriptionSerializer,
            201: PushSubscriptionSerializer,
            **dict.fromkeys((400, 409, 422, 503), ErrorSerializer),
        },
        examples=[
            OpenApiExample(
                "A browser",
                request_only=True,
                value={
                    "endpoint": "https://fcm.googleapis.com/fcm/send/e4kP-example",
                    "expirationTime": None,
                    "keys": {
                        "p256dh": "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
                        "auth": "tBHItJI5svbpez7KI4CCXg",
                    },
                },
            ),
            OpenApiExample("Registered", response_only=True, value=SUBSCRIPTION_EXAMPLE),
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Push to this browser from now on. Send it at each start: the same `endpoint` is renewed (200), and belongs
        to whoever registered it last. Of more than 20 the one that was renewed longest ago goes.
        """
        form = PushSubscribeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        registered = subscription_register(
            actor=actor_of(request),
            endpoint=given["endpoint"],
            p256dh=given["keys"]["p256dh"],
            auth=given["keys"]["auth"],
            user_agent=given.get("user_agent") or request.headers.get("User-Agent", ""),
            expires_ms=given.get("expirationTime"),
        )
        return Response(
            PushSubscriptionSerializer(registered.subscription).data,
            status=status.HTTP_201_CREATED if registered.is_new else status.HTTP_200_OK,
        )


class PushSubscriptionView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="notifications_push_unsubscribe",
        tags=["notifications"],
        responses={204: None, 404: ErrorSerializer},
    )
    def delete(self, request: Request, pk: int) -> Response:
        """Push to this browser no more."""
        subscription_remove(actor=actor_of(request), subscription_id=pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class PushTestView(APIView):
    permission_classes = [IsAuthenticated]
    throttle_scope = "push"

    @extend_schema(
        operation_id="notifications_push_test",
        tags=["notifications"],
        request=None,
        responses={202: PushTestSerializer, 409: ErrorSerializer, 503: ErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        """Send a test push to each of one's own browsers, now, in quiet hours too."""
        number = push_test(actor=actor_of(request))
        return Response(
            PushTestSerializer({"detail": ON_ITS_WAY.show(), "count": number}).data,
            status=status.HTTP_202_ACCEPTED,
        )
