"""Remember which line became which row."""

from __future__ import annotations

from collections.abc import Sequence

from multitask.exchange.models import ImportRef


def ref_note(*, kind: str, ref: str, object_id: int, digest: str = "") -> None:
    """Note that `ref` is `object_id` now, with the digest of its newest line."""
    ImportRef.objects.update_or_create(
        kind=kind, ref=ref, defaults={"object_id": object_id, "digest": digest}
    )


def refs_note(*, kind: str, pairs: Sequence[tuple[str, int]], digest: str = "") -> None:
    """Note new references: (ref, object id). Raises IntegrityError where one is known already."""
    ImportRef.objects.bulk_create(
        [ImportRef(kind=kind, ref=ref, object_id=pk, digest=digest) for ref, pk in pairs]
    )


def ref_forget(*, kind: str, ref: str) -> None:
    ImportRef.objects.filter(kind=kind, ref=ref).delete()
