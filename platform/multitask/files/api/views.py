"""Private files over HTTP."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from multitask.common.idempotency import idempotent
from multitask.common.schema import ErrorSerializer
from multitask.files.api.serializers import StoredFileCreateSerializer, StoredFileSerializer
from multitask.files.selectors.files import access_file
from multitask.files.services.files import PRIVATE, file_remove, file_store
from multitask.files.serving import file_response


class FileListView(APIView):
    permission_classes = [IsAuthenticated]
    parser_classes = [MultiPartParser]
    throttle_scope = "uploads"

    @extend_schema(
        operation_id="files_create",
        tags=["files"],
        request={"multipart/form-data": StoredFileCreateSerializer},
        responses={
            201: StoredFileSerializer,
            **dict.fromkeys((400, 401, 409, 413, 415, 429), ErrorSerializer),
        },
        examples=[
            OpenApiExample(
                "A kept document",
                response_only=True,
                status_codes=["201"],
                value={
                    "id": "6d9f3a3c-4f0a-4a53-9b77-0a5f2d1f8c11",
                    "name": "offer.pdf",
                    "content_type": "application/pdf",
                    "size": 48213,
                    "url": "/api/files/6d9f3a3c-4f0a-4a53-9b77-0a5f2d1f8c11/",
                    "created_at": "2026-07-30T09:00:00Z",
                },
            ),
            OpenApiExample(
                "A document",
                request_only=True,
                media_type="multipart/form-data",
                value={"file": "offer.pdf"},
            ),
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Keep a file privately, to attach it afterwards. What nothing holds on to is deleted after two days."""
        form = StoredFileCreateSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        assert request.user.pk is not None
        stored = file_store(actor_id=request.user.pk, upload=form.validated_data["file"])
        return Response(StoredFileSerializer(stored).data, status=status.HTTP_201_CREATED)


class FileDetailView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="files_retrieve",
        tags=["files"],
        responses={
            (200, "*/*"): OpenApiResponse(
                OpenApiTypes.BINARY, description="The file, under its own media type."
            ),
            302: OpenApiResponse(description="To a short-lived address of the object store."),
            **dict.fromkeys((401, 404, 429), ErrorSerializer),
        },
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        """The file itself, for its owner and whom it was given to; for anybody else it is not there."""
        stored = access_file(actor=request.user, file_id=pk)
        return file_response(
            request._request,
            name=str(stored.file.name),
            storage=PRIVATE,
            content_type=stored.content_type,
            shown=stored.name,
        )

    @extend_schema(
        operation_id="files_destroy",
        tags=["files"],
        responses={204: None, **dict.fromkeys((401, 404, 409, 429), ErrorSerializer)},
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete one's own file that was not sent to anybody."""
        file_remove(actor=request.user, file_id=pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
