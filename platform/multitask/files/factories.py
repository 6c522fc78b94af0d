"""Files for tests, made in memory."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

import factory
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from multitask.accounts.factories import FreelancerFactory
from multitask.files.kinds import TEXT, random_path
from multitask.files.models import StoredFile

EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}


def picture(
    form: str = "PNG", *, size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: Any
) -> bytes:
    """A picture whose left half is red and right half is blue, so that a turn shows."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    out = BytesIO()
    image.convert(mode).save(out, form, **options)
    return out.getvalue()


def picture_upload(form: str = "PNG", *, name: str = "", **options: Any) -> SimpleUploadedFile:
    return upload(picture(form, **options), name or f"picture.{EXTENSIONS[form]}")


def upload(data: bytes, name: str = "file") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def docx(**members: bytes) -> bytes:
    """A Word document; `members` are further files in it, "__" for "/" in their names."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
            'officedocument.wordprocessingml.document.main+xml"/></Types>',
        )
        archive.writestr("word/document.xml", "<w:document/>")
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return out.getvalue()


PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\nstartxref\n0\n%%EOF\n"
DOC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "WordDocument".encode("utf-16-le") + bytes(512)


class StoredFileFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StoredFile

    owner = factory.SubFactory(FreelancerFactory)
    file = factory.LazyFunction(lambda: ContentFile(b"An offer.", name=random_path(TEXT)))
    name = "offer.txt"
    content_type = TEXT.content_type
    size = 9
