"""Forms that say no to what they do not know: a misspelt field, or one that is not the caller's to set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from multitask.common.errors import MESSAGES

SHOWN = 20


class StrictMixin:
    """Every field of the body that the serializer does not take is an error by name.

    `refused` names what other forms of the same object show: those get "cannot be changed" rather than "no such field".
    """

    refused: frozenset[str] = frozenset()

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            fields: Mapping[str, serializers.Field[Any, Any, Any, Any]] = self.fields  # type: ignore[attr-defined]
            known = {name for name, field in fields.items() if not field.read_only}
            errors = {}
            for name in [str(key) for key in data if str(key) not in known][:SHOWN]:
                fixed = name in fields or name in self.refused
                errors[name[:100]] = [MESSAGES["read_only_field" if fixed else "unknown_field"].show()]
            if errors:
                raise serializers.ValidationError(errors)
        return super().to_internal_value(data)  # type: ignore[misc]
