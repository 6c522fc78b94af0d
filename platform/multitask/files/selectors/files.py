"""Who may read which private file."""

from __future__ import annotations

from typing import Any

from multitask.common.errors import NotFound
from multitask.files.models import StoredFile
from multitask.files.readers import was_given

READ_ANY = "files.view_storedfile"


def access_file(*, actor: Any, file_id: Any, owned: bool = False, for_update: bool = False) -> StoredFile:
    """The file, for its owner and, where not `owned`, for whom it was given to and for an operator who may look at any.

    Raises NotFound for everybody else: a stranger does not learn that it is there.
    """
    files = StoredFile.objects.select_for_update() if for_update else StoredFile.objects.all()
    stored = files.filter(pk=file_id).first()
    if stored is None:
        raise NotFound
    if stored.owner_id == actor.pk:
        return stored
    if not owned and (was_given(actor, stored) or actor.has_perm(READ_ANY)):
        return stored
    raise NotFound
