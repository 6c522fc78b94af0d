"""Private files as they go over the wire."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from multitask.files.models import StoredFile


class UploadField(serializers.FileField):
    """A sent file. What it is, its size and whether it is whole, the services find in its bytes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_empty_file=True, max_length=None, use_url=False, **kwargs)


class StoredFileSerializer(serializers.ModelSerializer[StoredFile]):
    """A private file; `url` is answered to those who may read it alone."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = StoredFile
        fields = ["id", "name", "content_type", "size", "url", "created_at"]
        read_only_fields = fields

    @extend_schema_field(serializers.CharField())
    def get_url(self, stored: StoredFile) -> str:
        return reverse("file-detail", args=[stored.pk])


class StoredFileCreateSerializer(serializers.Serializer[Any]):
    file = UploadField(help_text="JPG, PNG, GIF, WebP, PDF, DOC, DOCX or TXT, at most 10 MB.")
