"""Rows in an order that was worked out elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, Func, IntegerField, Value


def place_in(ids: Sequence[int]) -> Func:
    """The place of a row's key in `ids`, for `order_by`; meant for hundreds of ids, not thousands."""
    return Func(
        Value(list(ids), output_field=ArrayField(BigIntegerField())),
        F("pk"),
        function="array_position",
        output_field=IntegerField(),
    )
