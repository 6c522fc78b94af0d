"""What may be uploaded. The kind of a file is found in its bytes, never in its name or in what the sender says."""

from __future__ import annotations

import unicodedata
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

MAX_BYTES = 10 * 1024 * 1024
MAX_MEGABYTES = MAX_BYTES // (1024 * 1024)
NAME_LIMIT = 120


@dataclass(frozen=True, slots=True)
class Kind:
    """`extension` without the dot; `content_type` is what the file is served as."""

    extension: str
    content_type: str


JPEG = Kind("jpg", "image/jpeg")
PNG = Kind("png", "image/png")
WEBP = Kind("webp", "image/webp")
PDF = Kind("pdf", "application/pdf")
DOC = Kind("doc", "application/msword")
DOCX = Kind("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
TEXT = Kind("txt", "text/plain; charset=utf-8")

KINDS = {kind.extension: kind for kind in (JPEG, PNG, WEBP, PDF, DOC, DOCX, TEXT)}
IMAGE_WORDS = "JPG, PNG, GIF, WebP"
DOCUMENT_WORDS = "PDF, DOC, DOCX, TXT"


def random_path(kind: Kind, *, now: datetime | None = None) -> str:
    """A name nobody can guess, in a folder of its day (UTC): 2026/07/30/<32 hex digits>.jpg."""
    day = now or timezone.now()
    return f"{day:%Y/%m/%d}/{uuid.uuid4().hex}.{kind.extension}"


def shown_name(name: str, kind: Kind) -> str:
    """The sender's name for a file, fit to be shown and saved: no path, no control or invisible character, and the
    extension of what the file really is."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(char for char in base if unicodedata.category(char)[0] != "C" and char not in '"<>|:*?')
    stem = visible.rsplit(".", 1)[0] if "." in visible.strip(".") else visible
    stem = stem.strip(" .")[:NAME_LIMIT] or "file"
    return f"{stem}.{kind.extension}"
