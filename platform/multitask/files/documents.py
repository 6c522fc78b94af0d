"""Documents: their kind is proved by their bytes; macros, archives that swell, HTML and SVG are refused."""

from __future__ import annotations

import re
import unicodedata
import zipfile
import zlib
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile, File

from multitask.common.errors import Invalid
from multitask.files.images import read_bounded
from multitask.files.kinds import DOC, DOCUMENT_WORDS, DOCX, PDF, TEXT, Kind, random_path

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WORD_STREAM = "WordDocument".encode("utf-16-le")
MACRO_STREAM = "_VBA_PROJECT".encode("utf-16-le")
UNPACKED_LIMIT = 200 * 1024 * 1024
MEMBERS_LIMIT = 5_000
RATIO_LIMIT = 200
TYPES_LIMIT = 1024 * 1024
WORD_TYPE = b"wordprocessingml.document.main+xml"
# A text that a browser would take for a page or a drawing, were it ever told to guess.
MARKUP = re.compile(
    r"\s*(?:<!--.*?-->\s*)*<(?:!doctype|\?xml|html|head|body|svg|script|iframe|math|style|meta|link|img)\b",
    re.IGNORECASE | re.DOTALL,
)


def document_check(upload: File[Any], *, field: str = "file") -> tuple[Kind, ContentFile[bytes]]:
    """What kind of document `upload` is, and its bytes under a random name. A text becomes UTF-8, from Windows-1256
    where it is not UTF-8 already.

    Raises DomainError file_too_large (413), Invalid file_empty, document_type, document_broken.
    """
    data = read_bounded(upload, field=field)
    kind = _kind(data, field)
    if kind is TEXT:
        data = _text(data, field).encode()
    return kind, ContentFile(data, name=random_path(kind))


def _kind(data: bytes, field: str) -> Kind:
    if data.startswith(b"%PDF-"):
        if b"%%EOF" not in data[-2048:]:
            raise Invalid("document_broken", field=field)
        return PDF
    if data.startswith(COMPOUND):
        if WORD_STREAM not in data or MACRO_STREAM in data:
            raise _refused(field)
        return DOC
    if data.startswith(b"PK\x03\x04"):
        _check_docx(data, field)
        return DOCX
    return TEXT


def _refused(field: str) -> Invalid:
    return Invalid("document_type", field=field, allowed=DOCUMENT_WORDS)


def _check_docx(data: bytes, field: str) -> None:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            names = {member.filename for member in members}
            if (
                len(members) > MEMBERS_LIMIT
                or unpacked > UNPACKED_LIMIT
                or unpacked > RATIO_LIMIT * len(data)
                or not {"[Content_Types].xml", "word/document.xml"} <= names
                or any(name.lower().endswith("vbaproject.bin") for name in names)
            ):
                raise _refused(field)
            with archive.open("[Content_Types].xml") as types:
                if WORD_TYPE not in types.read(TYPES_LIMIT):
                    raise _refused(field)
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        ValueError,
        KeyError,
        EOFError,
        RuntimeError,  # a member is encrypted, or packed in a way that zipfile does not know
    ) as error:
        raise Invalid("document_broken", field=field) from error


def _text(data: bytes, field: str) -> str:
    for encoding in ("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig", "cp1256"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        controls = any(unicodedata.category(char) == "Cc" and char not in "\t\n\r\f" for char in text)
        if controls or MARKUP.match(text):
            break
        return text
    raise _refused(field)
