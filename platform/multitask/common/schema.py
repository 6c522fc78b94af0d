"""Shapes that every part of the OpenAPI schema shares."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class ErrorSerializer(serializers.Serializer[Any]):
    """Every error: a sentence in the caller's language, a code that never changes, the fields at fault."""

    detail = serializers.CharField()
    code = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]  # the contract's name is also a property of DRF's
        child=serializers.ListField(child=serializers.CharField()), required=False
    )
