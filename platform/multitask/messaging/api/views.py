"""Conversations and messages over HTTP: everything that the sockets do, for who has none."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import generics, status
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask.accounts.api.actor import actor_of
from multitask.common.cursors import CursorOrPagePagination
from multitask.common.fields import FIELDS_PARAMETER
from multitask.common.idempotency import idempotent
from multitask.common.parsers import BoundedJSONParser
from multitask.common.schema import ErrorSerializer
from multitask.messaging.api.serializers import (
    ConversationCreateSerializer,
    ConversationSerializer,
    MessageCreateSerializer,
    MessageFormSerializer,
    MessageSerializer,
    ReceiptSerializer,
    SearchSerializer,
    UnreadMessagesSerializer,
    UpToSerializer,
)
from multitask.messaging.models import Message, Participant
from multitask.messaging.selectors.conversations import (
    Sides,
    conversations_of,
    conversations_with,
    sides_of,
    sides_shown,
    unread_of,
)
from multitask.messaging.selectors.messages import messages_found, messages_of
from multitask.messaging.services.conversations import conversation_open
from multitask.messaging.services.messages import message_send
from multitask.messaging.services.receipts import messages_delivered, messages_read
from multitask.realtime.presence import presence_of


class ConversationPagination(CursorOrPagePagination):
    fields = ("moved_at", "conversation_id")


class MessagePagination(CursorOrPagePagination):
    fields = ("id",)


class FoundPagination(CursorOrPagePagination):
    fields = ("place",)


def _conversations_shown(request: Request, found: list[Sides]) -> list[dict[str, Any]]:
    presence = presence_of([sides.other.user_id for sides in found])
    context = {"request": request, "presence": presence}
    rows: Any = found
    return list(ConversationSerializer(rows, many=True, context=context).data)


@extend_schema_view(
    get=extend_schema(operation_id="conversations_list", tags=["messages"], parameters=[FIELDS_PARAMETER])
)
class ConversationListView(generics.ListAPIView):
    """One's own conversations, what moved last first."""

    permission_classes = [IsAuthenticated]
    serializer_class = ConversationSerializer
    pagination_class = ConversationPagination
    filter_backends: list[type] = []

    def get_queryset(self) -> QuerySet[Participant]:
        if getattr(self, "swagger_fake_view", False):
            return Participant.objects.none()
        return conversations_of(actor_of(self.request))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(
            _conversations_shown(request, sides_of(actor_of(request), list(rows)))
        )

    @extend_schema(
        operation_id="conversations_create",
        tags=["messages"],
        request=ConversationCreateSerializer,
        responses={201: ConversationSerializer, 200: ConversationSerializer, 403: ErrorSerializer},
        examples=[
            OpenApiExample("About a task", request_only=True, value={"participant": 12, "task": 34}),
            OpenApiExample("About nothing in particular", request_only=True, value={"participant": 12}),
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Begin a conversation (201); where there is one with this person about this task, it is that (200)."""
        form = ConversationCreateSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        actor = actor_of(request)
        opened = conversation_open(
            actor=actor,
            participant_id=form.validated_data["participant"],
            task_id=form.validated_data.get("task"),
        )
        sides = sides_shown(actor=actor, conversation_id=opened.conversation.pk)
        return Response(
            _conversations_shown(request, [sides])[0],
            status=status.HTTP_201_CREATED if opened.is_new else status.HTTP_200_OK,
        )


class ConversationView(generics.GenericAPIView):
    permission_classes = [IsAuthenticated]
    serializer_class = ConversationSerializer
    queryset = Participant.objects.none()

    @extend_schema(operation_id="conversations_retrieve", tags=["messages"], parameters=[FIELDS_PARAMETER])
    def get(self, request: Request, pk: int) -> Response:
        """One conversation, for the two who are in it."""
        sides = sides_shown(actor=actor_of(request), conversation_id=pk)
        return Response(_conversations_shown(request, [sides])[0])


class MessageView(generics.ListAPIView):
    """What the lists of messages share."""

    permission_classes = [IsAuthenticated]
    serializer_class = MessageSerializer
    pagination_class: type[CursorOrPagePagination] = MessagePagination
    filter_backends: list[type] = []

    def shown(self, messages: Any) -> list[dict[str, Any]]:
        """The messages with whether they were read: two queries, none for what was written now."""
        actor = actor_of(self.request)
        asked = {message.conversation_id for message in messages if not message.is_new}
        rows = conversations_with(actor, asked) if asked else []
        sides = {found.conversation.pk: found for found in (sides_of(actor, rows) if rows else [])}
        context = {"request": self.request, "sides": sides}
        return list(MessageSerializer(messages, many=True, context=context).data)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(self.shown(list(rows)))


@extend_schema_view(
    get=extend_schema(operation_id="messages_list", tags=["messages"], parameters=[FIELDS_PARAMETER])
)
class MessageListView(MessageView):
    """The messages of one's own conversation, the newest first."""

    parser_classes = [BoundedJSONParser, MultiPartParser]

    @property
    def throttle_scope(self) -> str | None:
        is_form = str(self.request.content_type).startswith("multipart/")
        return "uploads" if self.request.method == "POST" and is_form else None

    def get_queryset(self) -> QuerySet[Message]:
        if getattr(self, "swagger_fake_view", False):
            return Message.objects.none()
        return messages_of(actor=actor_of(self.request), conversation_id=self.kwargs["pk"])

    @extend_schema(
        operation_id="messages_create",
        tags=["messages"],
        request={
            "application/json": MessageCreateSerializer,
            "multipart/form-data": MessageFormSerializer,
        },
        responses={201: MessageSerializer, 409: ErrorSerializer},
        examples=[
            OpenApiExample(
                "A question",
                request_only=True,
                value={
                    "content": "When can you begin?",
                    "client_id": "5f0c6f2e-6f2a-4a55-9a3b-0d9f6c1f2b77",
                },
            ),
            OpenApiExample(
                "A picture",
                request_only=True,
                media_type="multipart/form-data",
                value={"content": "The sketch.", "attachment": "sketch.png"},
            ),
        ],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Send a message, with a file if one likes; the same client_id twice is one message, the first."""
        is_form = str(request.content_type).startswith("multipart/")
        form = (MessageFormSerializer if is_form else MessageCreateSerializer)(data=request.data)
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        attachment = values.pop("attachment", None)
        message = message_send(
            actor=actor_of(request),
            conversation_id=pk,
            content=values["content"],
            message_type=values.get("message_type"),
            attachment_id=None if is_form else attachment,
            upload=attachment if is_form else None,
            client_id=values["client_id"],
        )
        return Response(self.shown([message])[0], status=status.HTTP_201_CREATED)


@extend_schema_view(
    get=extend_schema(
        operation_id="messages_search", tags=["messages"], parameters=[FIELDS_PARAMETER, SearchSerializer]
    )
)
class MessageSearchView(MessageView):
    """Messages of one's own conversations that hold every word sought, the newest first."""

    pagination_class = FoundPagination

    def get_queryset(self) -> QuerySet[Message]:
        if getattr(self, "swagger_fake_view", False):
            return Message.objects.none()
        form = SearchSerializer(data=self.request.query_params)
        form.is_valid(raise_exception=True)
        return messages_found(actor=actor_of(self.request), words=form.validated_data["q"])


class _ReceiptView(APIView):
    permission_classes = [IsAuthenticated]

    def moved(self, request: Request, move: Any, pk: int) -> Response:
        form = UpToSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        side = move(actor=actor_of(request), conversation_id=pk, up_to=form.validated_data["up_to"])
        return Response(ReceiptSerializer(side).data)


class ReadView(_ReceiptView):
    @extend_schema(
        operation_id="messages_read",
        tags=["messages"],
        request=UpToSerializer,
        responses={200: ReceiptSerializer},
        examples=[OpenApiExample("All of it", request_only=True, value={"up_to": 871})],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Everything up to this message was read. It never goes back."""
        return self.moved(request, messages_read, pk)


class DeliveredView(_ReceiptView):
    @extend_schema(
        operation_id="messages_delivered",
        tags=["messages"],
        request=UpToSerializer,
        responses={200: ReceiptSerializer},
        examples=[OpenApiExample("All of it", request_only=True, value={"up_to": 871})],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Everything up to this message has reached a device of the caller's."""
        return self.moved(request, messages_delivered, pk)


class UnreadMessagesView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="messages_unread_count", tags=["messages"], responses={200: UnreadMessagesSerializer}
    )
    def get(self, request: Request) -> Response:
        """How many messages are unread, and in how many conversations."""
        return Response(UnreadMessagesSerializer(unread_of(actor_of(request))).data)
