"""Who may read which private file."""

from __future__ import annotations

from typing import Any

from multitask.common.errors import NotFound
from multitask.files.models import StoredFile

READ_ANY = "files.view_storedfile"


def access_file(*, actor: Any, file_id: Any, owned: bool = False, for_update: bool = False) -> StoredFile:
    """The file, for its owner and, where not `owned`, for an operator who may look at any.

    Raises NotFound for everybody else: a stranger does not learn that it is there.
    """
    files = StoredFile.objects.select_for_update() if for_update else StoredFile.objects.all()
    stored = files.filter(pk=file_id).first()
    if stored is None:
        raise NotFound
    if stored.owner_id == actor.pk or (not owned and actor.has_perm(READ_ANY)):
        return stored
    raise NotFound
