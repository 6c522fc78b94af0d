"""Look references up."""

from __future__ import annotations

from collections.abc import Iterator

from multitask.exchange.models import ImportRef


def ref_find(*, kind: str, ref: str) -> ImportRef | None:
    return ImportRef.objects.filter(kind=kind, ref=ref).first()


def refs_of(*, kind: str) -> dict[str, int]:
    """{ref: object id} of one kind."""
    return dict(ImportRef.objects.filter(kind=kind).values_list("ref", "object_id"))


def refs_in_order(*, kind: str, chunk: int = 500) -> Iterator[ImportRef]:
    """Every reference of one kind, oldest first, few at a time: rows may be deleted while they are read."""
    last = 0
    while rows := list(ImportRef.objects.filter(kind=kind, pk__gt=last).order_by("pk")[:chunk]):
        last = rows[-1].pk
        yield from rows
