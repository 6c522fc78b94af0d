"""Serializers of answers alone: DRF's own result, with what is the same for every row and request done once."""

from __future__ import annotations

import copy
from collections.abc import Callable
from inspect import isfunction
from operator import attrgetter
from typing import Any

from django.utils.functional import cached_property
from rest_framework.fields import Field, SkipField
from rest_framework.relations import PKOnlyObject, RelatedField
from rest_framework.serializers import BaseSerializer

_built: dict[type, dict[str, Field[Any, Any, Any, Any]]] = {}


def _fresh(field: Field[Any, Any, Any, Any]) -> Field[Any, Any, Any, Any]:
    # What holds further fields inside must not share them with another request. Of a plain field only where it hangs
    # is its own, and that is set when it is bound.
    if isinstance(field, BaseSerializer | RelatedField) or hasattr(field, "child"):
        return copy.deepcopy(field)
    made: Field[Any, Any, Any, Any] = object.__new__(type(field))
    made.__dict__.update(field.__dict__)
    return made


class AnswerMixin:
    """For a serializer whose fields are all read-only and whose instances are objects, not dictionaries.

    The fields are worked out once for the class, and how each value is read once for a list.
    """

    fields: Any

    def get_fields(self) -> dict[str, Any]:
        kind = type(self)
        if kind not in _built:
            _built[kind] = super().get_fields()  # type: ignore[misc]
        return {name: _fresh(field) for name, field in _built[kind].items()}

    @cached_property
    def _readers(self) -> list[tuple[str, Callable[[Any], Any], Callable[[Any], Any]]]:
        model = getattr(getattr(self, "Meta", None), "model", None)
        return [
            (name, _reader(field, model), field.to_representation)
            for name, field in self.fields.items()
            if not field.write_only
        ]

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for name, read, show in self._readers:
            try:
                value = read(instance)
            except SkipField:
                continue
            empty = value is None or (isinstance(value, PKOnlyObject) and value.pk is None)
            shown[name] = None if empty else show(value)
        return shown


def _reader(field: Any, model: type | None) -> Callable[[Any], Any]:
    plain = type(field).get_attribute is Field.get_attribute
    if not plain or len(field.source_attrs) != 1 or isfunction(getattr(model, field.source, None)):
        read: Callable[[Any], Any] = field.get_attribute
        return read
    return attrgetter(field.source)
