"""Reviews over HTTP."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import generics, status
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask.accounts.api.actor import actor_of
from multitask.accounts.models import User
from multitask.common.fields import FIELDS_PARAMETER
from multitask.common.idempotency import idempotent
from multitask.common.schema import ErrorSerializer
from multitask.tasks.api.serializers import (
    RemovalSerializer,
    ReplySerializer,
    ReviewChangeSerializer,
    ReviewCreateSerializer,
    ReviewSerializer,
)
from multitask.tasks.models import Review
from multitask.tasks.selectors.reviews import reviews_of_task, reviews_of_user, reviews_shown
from multitask.tasks.services.reviews import review_create, review_remove, review_reply, review_update


def _shown(request: Request, review_id: int) -> dict[str, Any]:
    row = reviews_shown(actor_of(request)).get(pk=review_id)
    return dict(ReviewSerializer(row, context={"request": request}).data)


@extend_schema_view(
    get=extend_schema(operation_id="tasks_reviews_list", tags=["reviews"], parameters=[FIELDS_PARAMETER])
)
class TaskReviewsView(generics.ListAPIView):
    """What the two sides said of each other. A hidden review is shown to its writer alone."""

    serializer_class = ReviewSerializer
    filter_backends: list[type] = []

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.request.method in {"GET", "HEAD", "OPTIONS"} else [IsAuthenticated()]

    def get_queryset(self) -> QuerySet[Review]:
        if getattr(self, "swagger_fake_view", False):
            return Review.objects.none()
        reader = self.request.user if isinstance(self.request.user, User) else None
        return reviews_of_task(actor=reader, task_id=self.kwargs["pk"])

    @extend_schema(
        operation_id="tasks_reviews_create",
        tags=["reviews"],
        request=ReviewCreateSerializer,
        responses={201: ReviewSerializer, 409: ErrorSerializer},
        examples=[
            OpenApiExample(
                "Good work",
                request_only=True,
                value={
                    "rating": 5,
                    "comment": "Clear questions, clean work, in time.",
                    "communication_rating": 5,
                    "quality_rating": 5,
                    "professionalism_rating": 4,
                },
            )
        ],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Review the other side of a completed task, once; hidden until both have written or 14 days have passed."""
        form = ReviewCreateSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        row = review_create(actor=actor_of(request), task_id=pk, **form.validated_data)
        return Response(_shown(request, row.pk), status=status.HTTP_201_CREATED)


@extend_schema_view(
    get=extend_schema(operation_id="users_reviews_list", tags=["reviews"], parameters=[FIELDS_PARAMETER])
)
class UserReviewsView(generics.ListAPIView):
    """What others said of somebody, newest first: what the rating counts."""

    permission_classes = [AllowAny]
    serializer_class = ReviewSerializer
    filter_backends: list[type] = []

    def get_queryset(self) -> QuerySet[Review]:
        if getattr(self, "swagger_fake_view", False):
            return Review.objects.none()
        return reviews_of_user(user_id=self.kwargs["pk"])


class ReviewView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="reviews_update",
        tags=["reviews"],
        request=ReviewChangeSerializer,
        responses={200: ReviewSerializer, 403: ErrorSerializer, 409: ErrorSerializer},
        examples=[OpenApiExample("On second thought", request_only=True, value={"rating": 4})],
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Correct one's own review within 48 hours; readers see that it was edited."""
        form = ReviewChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        review_update(actor=actor_of(request), review_id=pk, **form.validated_data)
        return Response(_shown(request, pk))

    @extend_schema(
        operation_id="reviews_remove",
        tags=["reviews"],
        parameters=[RemovalSerializer],
        responses={204: None, 403: ErrorSerializer, 409: ErrorSerializer},
    )
    def delete(self, request: Request, pk: int) -> Response:
        """An administrator takes a review out of sight and out of the ratings, with a reason."""
        form = RemovalSerializer(
            data=request.query_params if "reason" in request.query_params else request.data
        )
        form.is_valid(raise_exception=True)
        review_remove(actor=actor_of(request), review_id=pk, reason=form.validated_data["reason"])
        return Response(status=status.HTTP_204_NO_CONTENT)


class ReviewReplyView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="reviews_reply",
        tags=["reviews"],
        request=ReplySerializer,
        responses={201: ReviewSerializer, 403: ErrorSerializer, 409: ErrorSerializer},
        examples=[
            OpenApiExample("Thanks", request_only=True, value={"reply": "Thank you, it was a pleasure."})
        ],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Who was reviewed answers in public, once."""
        form = ReplySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        review_reply(actor=actor_of(request), review_id=pk, reply=form.validated_data["reply"])
        return Response(_shown(request, pk), status=status.HTTP_201_CREATED)
