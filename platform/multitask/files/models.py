"""Files that are not for everyone."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models


def private_storage() -> Storage:
    return storages["private"]


class StoredFile(models.Model):
    """An uploaded file that only those may read whom a check lets (`selectors/files.py`).

    Until something holds on to it (`attached_at`) it is its owner's alone, and is deleted after two days.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="stored_files")
    file = models.FileField(upload_to="files/", storage=private_storage)
    name = models.CharField(max_length=130, help_text="As it is shown and saved; the stored name is random.")
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="Bytes.")
    created_at = models.DateTimeField(auto_now_add=True)
    attached_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="stored_file_unattached",
                condition=models.Q(attached_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name
