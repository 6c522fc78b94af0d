"""Generations of vectors: the first one, the next one built beside it, and the switch."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from ml.versions import TEXT_VERSION
from multitask.outbox.emit import emit
from multitask.recommendations.models import (
    IndexState,
    LexicalModelVersion,
    ProfileVector,
    RecommendationList,
    TaskVector,
    VectorIndex,
)
from multitask.recommendations.services.lists import lists_recompute_all

BUILD_LOCK = 7_302_027


@dataclass(frozen=True, slots=True)
class EncoderIdentity:
    """Which encoder makes the vectors. `revision` "missing" with 0 dimensions: none is to be had, words alone serve."""

    model: str
    revision: str
    dimensions: int


def encoder_of(index: VectorIndex) -> EncoderIdentity:
    """The encoder an index was made with, for another generation of the same."""
    return EncoderIdentity(
        model=index.encoder_model, revision=index.encoder_revision, dimensions=index.dimensions
    )


def lexical_store(*, identifier: str, data: bytes, documents: int) -> LexicalModelVersion:
    version, _ = LexicalModelVersion.objects.get_or_create(
        identifier=identifier, defaults={"data": data, "documents": documents}
    )
    return version


def index_ensure(*, encoder: EncoderIdentity, lexical: LexicalModelVersion) -> VectorIndex:
    """The serving generation, begun where there is none.

    Where it was made with another encoder or normaliser, a new generation is begun beside it, which the `embed`
    queue fills in the background; the old one serves until the new one is whole.
    """
    with transaction.atomic():
        _lock()
        active = VectorIndex.objects.filter(state=IndexState.ACTIVE).first()
        if active is None:
            return VectorIndex.objects.create(
                encoder_model=encoder.model,
                encoder_revision=encoder.revision,
                dimensions=encoder.dimensions,
                lexical=lexical,
                text_version=TEXT_VERSION,
                state=IndexState.ACTIVE,
                activated_at=timezone.now(),
            )
        same = (active.encoder_revision, active.text_version) == (encoder.revision, TEXT_VERSION)
        if same and active.encoder_model != encoder.model:
            # The same files in another place: their vectors are the same.
            active.encoder_model = encoder.model
            active.save(update_fields=["encoder_model"])
        if not same and encoder.dimensions:
            _begin(encoder=encoder, lexical=active.lexical)
        return active


def index_rebuild(*, encoder: EncoderIdentity, lexical: LexicalModelVersion) -> VectorIndex:
    """Begin a new generation whatever the serving one is (a new vocabulary, or an operator's wish)."""
    with transaction.atomic():
        _lock()
        return _begin(encoder=encoder, lexical=lexical)


def _lock() -> None:
    # Two workers that start at once must not each begin a generation.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BUILD_LOCK])


def _begin(*, encoder: EncoderIdentity, lexical: LexicalModelVersion) -> VectorIndex:
    building = VectorIndex.objects.filter(state=IndexState.BUILDING).first()
    wanted = (encoder.model, encoder.revision, lexical.pk, TEXT_VERSION)
    if building is not None:
        found = (
            building.encoder_model,
            building.encoder_revision,
            building.lexical_id,
            building.text_version,
        )
        if found == wanted:
            return building
        building.state = IndexState.RETIRED
        building.save(update_fields=["state"])
    index = VectorIndex.objects.create(
        encoder_model=encoder.model,
        encoder_revision=encoder.revision,
        dimensions=encoder.dimensions,
        lexical=lexical,
        text_version=TEXT_VERSION,
    )
    emit("index.building", key=f"index:{index.pk}", index=index.pk)
    return index


def index_continue(*, index_id: int) -> None:
    """Ask for the next chunk of a generation that is being built."""
    emit("index.building", key=f"index:{index_id}", index=index_id)


def index_activate(*, index_id: int) -> bool:
    """Switch to a whole generation and recompute every list from it. False where it is no longer being built."""
    with transaction.atomic():
        _lock()
        index = VectorIndex.objects.filter(pk=index_id, state=IndexState.BUILDING).first()
        if index is None:
            return False
        VectorIndex.objects.filter(state=IndexState.ACTIVE).update(state=IndexState.RETIRED)
        index.state = IndexState.ACTIVE
        index.activated_at = timezone.now()
        index.save(update_fields=["state", "activated_at"])
        lists_recompute_all(reason=f"index {index_id}")
    return True


def indexes_purge() -> int:
    """Delete the vectors of retired generations. Returns how many rows went."""
    retired = VectorIndex.objects.filter(state=IndexState.RETIRED)
    number = TaskVector.objects.filter(index__in=retired).delete()[0]
    number += ProfileVector.objects.filter(index__in=retired).delete()[0]
    RecommendationList.objects.filter(index__in=retired).update(index=None)
    retired.delete()
    return number
