"""Keep private files, and let go of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.utils import timezone

from multitask.common.errors import DomainError, Invalid
from multitask.files.documents import document_check
from multitask.files.images import image_clean
from multitask.files.kinds import DOCUMENT_WORDS, IMAGE_WORDS, KINDS, Kind, shown_name
from multitask.files.models import StoredFile
from multitask.files.selectors.files import access_file
from multitask.files.services.orphans import files_orphan

UNATTACHED_LIMIT = 20
UNATTACHED_HOURS = 48
PRIVATE = "private"


def file_clean(upload: File[Any], *, field: str = "file") -> tuple[Kind, ContentFile[bytes]]:
    """A picture written anew, or a checked document, by what the bytes are.

    Raises DomainError file_too_large (413), Invalid file_empty, document_type and what the two checks say.
    """
    try:
        picture = image_clean(upload, field=field)
    except Invalid as error:
        if error.code != "image_type":
            raise
    else:
        return KINDS[str(picture.name).rsplit(".", 1)[-1]], picture
    try:
        return document_check(upload, field=field)
    except Invalid as error:
        if error.code != "document_type":
            raise
        raise Invalid("document_type", field=field, allowed=f"{IMAGE_WORDS}, {DOCUMENT_WORDS}") from error


def file_store(*, actor_id: int, upload: File[Any]) -> StoredFile:
    """Keep a file for its sender alone, until something is attached to it.

    Raises what `file_clean` raises, and DomainError too_many_files with 20 that nothing holds on to.
    """
    kind, content = file_clean(upload)
    with transaction.atomic():
        # The owner's row, so that two uploads at once cannot both be the last that is allowed.
        get_user_model()._default_manager.select_for_update(no_key=True).get(pk=actor_id)
        if StoredFile.objects.filter(owner=actor_id, attached_at=None).count() >= UNATTACHED_LIMIT:
            raise DomainError("too_many_files", limit=UNATTACHED_LIMIT)
        return StoredFile.objects.create(
            owner_id=actor_id,
            file=content,
            name=shown_name(str(upload.name or ""), kind),
            content_type=kind.content_type,
            size=content.size,
        )


@transaction.atomic
def file_remove(*, actor: Any, file_id: Any) -> None:
    """Delete one's own file that nothing holds on to. Raises NotFound, DomainError file_attached."""
    stored = access_file(actor=actor, file_id=file_id, owned=True, for_update=True)
    if stored.attached_at is not None:
        raise DomainError("file_attached")
    files_orphan([str(stored.file.name)], storage=PRIVATE)
    stored.delete()


@transaction.atomic
def files_remove_of(*, owner_id: int) -> int:
    """Delete every file of an account that ends. Returns how many there were."""
    names = list(StoredFile.objects.filter(owner=owner_id).values_list("file", flat=True))
    files_orphan(names, storage=PRIVATE)
    StoredFile.objects.filter(owner=owner_id).delete()
    return len(names)


@transaction.atomic
def files_purge_unattached() -> int:
    """Delete files that nothing has held on to for two days. Returns how many; at most 1000 a call."""
    before = timezone.now() - timedelta(hours=UNATTACHED_HOURS)
    old = StoredFile.objects.filter(attached_at=None, created_at__lt=before)
    rows = list(old.select_for_update(skip_locked=True).values_list("pk", "file")[:1000])
    files_orphan([name for _, name in rows], storage=PRIVATE)
    StoredFile.objects.filter(pk__in=[pk for pk, _ in rows]).delete()
    return len(rows)
