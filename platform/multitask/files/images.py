"""Pictures: read whole, checked, and written anew, so that nothing of the sent file but its pixels is kept."""

from __future__ import annotations

import struct
import threading
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile, File
from PIL import Image

from multitask.common.errors import DomainError, Invalid
from multitask.files.kinds import (
    IMAGE_WORDS,
    JPEG,
    MAX_BYTES,
    MAX_MEGABYTES,
    PNG,
    WEBP,
    Kind,
    random_path,
)

MAX_PIXELS = 40_000_000
# Pillow reads a WebP through four buffers of its whole size, any other kind through one.
MAX_WEBP_PIXELS = 16_000_000
MAX_SIDE = 2560
BAND = 64
PNG_LIMIT = 2 * 1024 * 1024
QUALITY = 85
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow's readers raise on bytes that are not what they say.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    ArithmeticError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    struct.error,
    MemoryError,
)
# 40 million pixels are 160 MB and more while they are read: one picture at a time in a process.
_reading = threading.Lock()


def image_clean(upload: File[Any], *, field: str = "image", max_side: int = MAX_SIDE) -> ContentFile[bytes]:
    """The picture of `upload` written anew: upright, at most `max_side` pixels a side, without EXIF, GPS, profile,
    comment or whatever was hung to the file; an animation is its first frame. Its name is random and has a folder of
    the day; JPEG stays JPEG, WebP stays WebP, PNG and GIF become PNG (WebP where that would be above 2 MB).

    Raises DomainError file_too_large (413), Invalid file_empty, image_type, image_broken, image_too_many_pixels. The
    number of pixels (at most 40 million, WebP 16) is read from the header, before anything is decoded.
    """
    data = read_bounded(upload, field=field)
    if not _is_image(data):
        raise Invalid("image_type", field=field, allowed=IMAGE_WORDS)
    limit = MAX_WEBP_PIXELS if data.startswith(b"RIFF") else MAX_PIXELS
    if _webp_pixels(data) > limit:
        raise _too_many(field, limit)
    try:
        with _reading, Image.open(BytesIO(data), formats=["JPEG", "PNG", "GIF", "WEBP"]) as image:
            if image.width * image.height > limit:
                raise _too_many(field, limit)
            kind, written = _encode(image, max_side)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many(field, limit) from error
    except BROKEN as error:
        raise Invalid("image_broken", field=field) from error
    return ContentFile(written, name=random_path(kind))


def read_bounded(upload: File[Any], *, field: str) -> bytes:
    """The bytes of `upload`. Raises DomainError file_too_large, Invalid file_empty."""
    upload.seek(0)
    data: bytes = upload.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise DomainError("file_too_large", status=413, limit=MAX_MEGABYTES)
    if not data:
        raise Invalid("file_empty", field=field)
    return data


def _too_many(field: str, limit: int) -> Invalid:
    return Invalid("image_too_many_pixels", field=field, limit=limit // 1_000_000)


def _is_image(data: bytes) -> bool:
    return data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")) or (
        data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    )


def _webp_pixels(data: bytes) -> int:
    """Pixels a WebP says it has, 0 for anything else. Pillow makes room for all of them when it opens the file."""
    if data[8:16] == b"WEBPVP8X" and len(data) >= 30:
        return (int.from_bytes(data[24:27], "little") + 1) * (int.from_bytes(data[27:30], "little") + 1)
    if data[8:16] == b"WEBPVP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        return ((bits & 0x3FFF) + 1) * ((bits >> 14 & 0x3FFF) + 1)
    if data[8:16] == b"WEBPVP8 " and len(data) >= 30:
        width, height = struct.unpack_from("<HH", data, 26)
        return int(width & 0x3FFF) * int(height & 0x3FFF)
    return 0


def _turn(image: Image.Image) -> Image.Transpose | None:
    """How the camera was held. EXIF that cannot be read says nothing."""
    try:
        return TURNS.get(int(image.getexif().get(ORIENTATION, 1)))
    except BROKEN:
        return None


def _encode(image: Image.Image, max_side: int) -> tuple[Kind, bytes]:
    source = image.format
    turn = _turn(image)
    image.draft("RGB", (max_side, max_side))  # a large JPEG is decoded at a fraction of its size
    image.load()
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    plain = _shrunk(image, "RGBA" if has_alpha and source != "JPEG" else "RGB", max_side)
    plain.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    if turn is not None:
        plain = plain.transpose(turn)
    plain.info = {}  # profile, comment and text would be written again from here
    if source == "JPEG":
        return JPEG, _written(plain, "JPEG", quality=QUALITY, optimize=True)
    if source == "WEBP":
        return WEBP, _written(plain, "WEBP", quality=QUALITY)
    lossless = _written(plain, "PNG")
    if len(lossless) <= PNG_LIMIT:
        return PNG, lossless
    return WEBP, _written(plain, "WEBP", quality=QUALITY)


def _shrunk(image: Image.Image, mode: str, max_side: int) -> Image.Image:
    """The picture in `mode`, already smaller by a whole factor where it is large.

    Every step of Pillow copies the whole picture, so that a large one is taken in bands: each copy is of a band.
    """
    factor = int(max(image.size) / (0.9 * max_side)) or 1
    if factor == 1:
        return image if image.mode == mode else image.convert(mode)
    width, height = image.size
    small = Image.new(mode, (-(-width // factor), -(-height // factor)))
    step = factor * BAND
    for top in range(0, height, step):
        band = image.crop((0, top, width, min(top + step, height)))
        band.info = dict(image.info)  # which colour of a palette is transparent
        small.paste(band.convert(mode).reduce(factor), (0, top // factor))
    return small


def _written(image: Image.Image, form: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()
