"""A person's picture."""

from __future__ import annotations

from typing import Any

from django.core.files.base import ContentFile, File
from django.db import transaction

from multitask.accounts.models import User
from multitask.files.images import image_clean
from multitask.files.services.orphans import files_orphan

FIELD = "profile_picture"
PICTURE_SIDE = 800


def picture_clean(upload: File[Any]) -> ContentFile[bytes]:
    """The picture written anew, at most 800 pixels a side. Raises what `image_clean` raises, for `profile_picture`."""
    return image_clean(upload, field=FIELD, max_side=PICTURE_SIDE)


@transaction.atomic
def picture_set(*, actor: User, picture: ContentFile[bytes] | None) -> User:
    """Give one's account a picture made by `picture_clean`, or none. The file before it goes after the transaction."""
    # The user's row: of two at once the later one must see, and let go of, the file of the earlier.
    user = User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    before = str(user.profile_picture.name or "")
    if not picture and not before:
        return user
    user.profile_picture = picture or ""
    user.save(update_fields=[FIELD, "updated_at"])
    files_orphan([before])
    return user
