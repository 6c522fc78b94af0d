"""A file above the limit ends the reading of its request, rather than filling the disk first."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler

from multitask.common.errors import FileTooBig
from multitask.files.kinds import MAX_BYTES


class BoundedUploads(FileUploadHandler):
    """Counts the bytes of each file of a form and lets them through to the handlers after it. Raises FileTooBig."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.seen = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.seen += len(raw_data)
        if self.seen > MAX_BYTES:
            raise FileTooBig
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
