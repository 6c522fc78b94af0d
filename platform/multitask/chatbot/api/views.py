"""The assistant over HTTP.

`POST /chatbot/chat/` is answered at once. Where the answer is still to come it says so in a header that never leaves
the process: `multitask.chatbot.waiting` holds the response then, without a thread, until the answer is there.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask.accounts.api.actor import actor_of
from multitask.chatbot.api.serializers import (
    ChatAnswerSerializer,
    ChatMessageSerializer,
    ChatRequestSerializer,
    ChatSessionSerializer,
    HelpEntrySerializer,
    RatingSerializer,
)
from multitask.chatbot.models import ChatMessage, ChatSession, MessageState
from multitask.chatbot.selectors.sessions import access_message, messages_of, sessions_of
from multitask.chatbot.services.answers import answer_overdue
from multitask.chatbot.services.chat import Exchange, chat_send, message_rate
from multitask.chatbot.services.help import help_listed
from multitask.chatbot.waiting import PENDING_HEADER
from multitask.common.cursors import CursorOrPagePagination
from multitask.common.fields import FIELDS_PARAMETER
from multitask.common.schema import ErrorSerializer
from multitask.common.text import current_language

RESPOND_ASYNC = "respond-async"


class SessionPagination(CursorOrPagePagination):
    fields = ("last_message_at", "id")


def prefers_async(request: Request) -> bool:
    """Whether the caller would rather not wait (RFC 7240)."""
    wishes = request.headers.get("Prefer", "").split(",")
    return any(wish.partition(";")[0].strip().lower() == RESPOND_ASYNC for wish in wishes)


class ChatView(APIView):
    permission_classes = [IsAuthenticated]
    throttle_scope = "chatbot"

    @extend_schema(
        operation_id="chatbot_chat",
        tags=["chatbot"],
        request=ChatRequestSerializer,
        parameters=[
            OpenApiParameter(
                "Prefer",
                str,
                OpenApiParameter.HEADER,
                description="`respond-async`: do not wait for a model's answer.",
            )
        ],
        responses={200: ChatAnswerSerializer, 202: ChatAnswerSerializer, 404: ErrorSerializer},
        examples=[
            OpenApiExample(
                "Tasks",
                request_only=True,
                value={
                    "message": "Find me some tasks",
                    "session_id": None,
                    "context": {"current_page": "/dashboard"},
                },
            ),
            OpenApiExample(
                "A question",
                request_only=True,
                value={
                    "message": "What's the best way to write a proposal?",
                    "session_id": None,
                    "client_id": "5f0c6f2e-6f2a-4a55-9a3b-0d9f6c1f2b77",
                },
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Say something to the assistant. 202 where the answer is still to come, after 20 s of waiting at most."""
        form = ChatRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        exchange = chat_send(
            actor=actor_of(request),
            message=values["message"],
            session_id=values.get("session_id"),
            client_id=values["client_id"],
            page=(values.get("context") or {}).get("current_page", ""),
        )
        is_pending = exchange.answer.state == MessageState.PENDING
        headers = {}
        if prefers_async(request):
            headers["Preference-Applied"] = RESPOND_ASYNC
        elif is_pending:
            headers[PENDING_HEADER] = f"{exchange.answer.pk}"
        return Response(
            answered(exchange),
            status=status.HTTP_202_ACCEPTED if is_pending else status.HTTP_200_OK,
            headers=headers,
        )


def answered(exchange: Exchange) -> dict[str, object]:
    lines: Any = [exchange.question, exchange.answer]
    return {"session_id": exchange.session.pk, "messages": ChatMessageSerializer(lines, many=True).data}


@extend_schema_view(
    get=extend_schema(operation_id="chatbot_sessions", tags=["chatbot"], parameters=[FIELDS_PARAMETER])
)
class ChatSessionListView(generics.ListAPIView):
    """One's own conversations with the assistant, what moved last first."""

    permission_classes = [IsAuthenticated]
    serializer_class = ChatSessionSerializer
    pagination_class = SessionPagination
    filter_backends: list[type] = []

    def get_queryset(self) -> QuerySet[ChatSession]:
        if getattr(self, "swagger_fake_view", False):
            return ChatSession.objects.none()
        return sessions_of(actor_of(self.request))


@extend_schema_view(
    get=extend_schema(operation_id="chatbot_messages", tags=["chatbot"], parameters=[FIELDS_PARAMETER])
)
class ChatMessageListView(generics.ListAPIView):
    """The lines of one of one's own conversations, in order."""

    permission_classes = [IsAuthenticated]
    serializer_class = ChatMessageSerializer
    filter_backends: list[type] = []

    def get_queryset(self) -> QuerySet[ChatMessage]:
        if getattr(self, "swagger_fake_view", False):
            return ChatMessage.objects.none()
        return messages_of(actor=actor_of(self.request), session_id=self.kwargs["pk"])


class ChatMessageView(generics.GenericAPIView):
    permission_classes = [IsAuthenticated]
    serializer_class = ChatMessageSerializer
    queryset = ChatMessage.objects.none()

    @extend_schema(operation_id="chatbot_message", tags=["chatbot"], parameters=[FIELDS_PARAMETER])
    def get(self, request: Request, pk: int) -> Response:
        """One line: how an answer is asked for by who has no socket."""
        message = answer_overdue(access_message(actor=actor_of(request), message_id=pk))
        return Response(ChatMessageSerializer(message, context={"request": request}).data)


class ChatRatingView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="chatbot_rate",
        tags=["chatbot"],
        request=RatingSerializer,
        responses={200: ChatMessageSerializer},
        examples=[OpenApiExample("Of use", request_only=True, value={"rating": 5})],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Rate an answer; the last rating counts."""
        form = RatingSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        message = message_rate(actor=actor_of(request), message_id=pk, rating=form.validated_data["rating"])
        return Response(ChatMessageSerializer(message).data)


class HelpView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="chatbot_help", tags=["chatbot"], responses={200: HelpEntrySerializer(many=True)}
    )
    def get(self, request: Request) -> Response:
        """Every question that the help pages answer, in the caller's language."""
        return Response(help_listed(current_language()))
