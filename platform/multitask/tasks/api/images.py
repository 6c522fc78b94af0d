"""Pictures of a task over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask.accounts.api.actor import actor_of
from multitask.common.idempotency import idempotent
from multitask.common.schema import ErrorSerializer
from multitask.files.api.serializers import UploadField
from multitask.tasks.api.serializers import TaskImageSerializer
from multitask.tasks.services.images import (
    task_image_add,
    task_image_clean,
    task_image_remove,
    task_image_set,
)

IMAGE_HELP = "JPG, PNG, GIF or WebP, at most 10 MB and 40 million pixels."


class TaskImageUploadSerializer(serializers.Serializer[Any]):
    image = UploadField(help_text=IMAGE_HELP)


class TaskMainImageSerializer(serializers.Serializer[Any]):
    """The task's main picture, by its address."""

    image = serializers.URLField(read_only=True, allow_null=True)


class TaskMainImageView(APIView):
    permission_classes = [IsAuthenticated]
    parser_classes = [MultiPartParser]
    throttle_scope = "uploads"

    @extend_schema(
        operation_id="tasks_image_set",
        tags=["tasks"],
        request={"multipart/form-data": TaskImageUploadSerializer},
        responses={
            200: TaskMainImageSerializer,
            **dict.fromkeys((400, 401, 403, 404, 409, 413), ErrorSerializer),
        },
        examples=[
            OpenApiExample(
                "A picture",
                request_only=True,
                media_type="multipart/form-data",
                value={"image": "shop.jpg"},
            ),
            OpenApiExample(
                "Its address",
                response_only=True,
                status_codes=["200"],
                value={"image": "https://multitask.example/media/tasks/2026/07/30/4f0a….jpg"},
            ),
        ],
    )
    def put(self, request: Request, pk: int) -> Response:
        """Give one's own open task its main picture, in place of the one before."""
        form = TaskImageUploadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        image = task_image_clean(form.validated_data["image"])
        task = task_image_set(actor=actor_of(request), task_id=pk, image=image)
        return Response({"image": request.build_absolute_uri(task.image.url)})

    @extend_schema(
        operation_id="tasks_image_remove",
        tags=["tasks"],
        responses={204: None, **dict.fromkeys((401, 403, 404, 409), ErrorSerializer)},
    )
    def delete(self, request: Request, pk: int) -> Response:
        """Take the main picture away."""
        task_image_set(actor=actor_of(request), task_id=pk, image=None)
        return Response(status=status.HTTP_204_NO_CONTENT)


class TaskImagesView(APIView):
    permission_classes = [IsAuthenticated]
    parser_classes = [MultiPartParser]
    throttle_scope = "uploads"

    @extend_schema(
        operation_id="tasks_images_create",
        tags=["tasks"],
        request={"multipart/form-data": TaskImageUploadSerializer},
        responses={
            201: TaskImageSerializer,
            **dict.fromkeys((400, 401, 403, 404, 409, 413), ErrorSerializer),
        },
        examples=[
            OpenApiExample(
                "A picture",
                request_only=True,
                media_type="multipart/form-data",
                value={"image": "kitchen.jpg"},
            ),
            OpenApiExample(
                "The picture as kept",
                response_only=True,
                status_codes=["201"],
                value={
                    "id": 7,
                    "image": "https://multitask.example/media/tasks/2026/07/30/9c1d….jpg",
                    "order": 0,
                },
            ),
        ],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Add a further picture, at most eight, to one's own open task."""
        form = TaskImageUploadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        image = task_image_add(actor=actor_of(request), task_id=pk, upload=form.validated_data["image"])
        shown = TaskImageSerializer(image, context={"request": request})
        return Response(shown.data, status=status.HTTP_201_CREATED)


class TaskImageView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="tasks_images_destroy",
        tags=["tasks"],
        responses={204: None, **dict.fromkeys((401, 403, 404, 409), ErrorSerializer)},
    )
    def delete(self, request: Request, pk: int, image_id: int) -> Response:
        """Delete a further picture of one's own open task."""
        task_image_remove(actor=actor_of(request), task_id=pk, image_id=image_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
