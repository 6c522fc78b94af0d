"""A picture is kept as its pixels alone; whatever is not a whole picture of a reasonable size is refused."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from multitask.common.errors import DomainError, Invalid
from multitask.files.factories import picture, picture_upload, upload
from multitask.files.images import image_clean
from multitask.files.kinds import MAX_BYTES
from multitask.testing.plugin import service_folder

PAGE = b"<html><script>alert(document.domain)</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def refusal(data: bytes, name: str = "picture.png") -> DomainError:
    with pytest.raises(DomainError) as caught:
        image_clean(upload(data, name))
    return caught.value


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("form", "kept"), [("JPEG", "JPEG"), ("PNG", "PNG"), ("GIF", "PNG"), ("WEBP", "WEBP")]
)
def test_the_four_formats_are_taken_and_keep_their_size_and_colours(form: str, kept: str) -> None:
    clean = image_clean(picture_upload(form))
    image = opened(clean.read())
    assert (image.format, image.size) == (kept, (40, 30))
    left, right = (image.convert("RGB").getpixel((x, 15)) for x in (5, 35))
    assert left[0] > 200
    assert left[2] < 60
    assert right[2] > 200
    assert right[0] < 60


@pytest.mark.parametrize("mode", ["L", "P", "LA", "RGBA", "1", "I;16", "CMYK"])
def test_every_way_of_writing_colours_is_read(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    if mode == "I;16":
        out = BytesIO()
        Image.new("I;16", (8, 8), 40_000).save(out, "PNG")
        data = out.getvalue()
    else:
        data = picture(form, mode=mode)
    assert opened(image_clean(upload(data)).read()).size in {(40, 30), (8, 8)}


def test_what_is_transparent_stays_transparent() -> None:
    out = BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(out, "PNG")
    assert opened(image_clean(upload(out.getvalue())).read()).getpixel((1, 1))[3] == 0


def _with_metadata(form: str) -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    exif[0x9286] = "SECRET-COMMENT"
    exif.get_ifd(0x8825)[2] = (30.0, 2.0, 40.0)
    options: dict[str, Any] = {"exif": exif, "icc_profile": b"SECRET-PROFILE" * 20}
    if form == "PNG":
        info = PngInfo()
        info.add_text("Author", "SECRET-AUTHOR")
        options["pnginfo"] = info
    if form == "JPEG":
        options["comment"] = b"SECRET-COMMENT"
    if form == "WEBP":
        options["xmp"] = b"<x>SECRET-XMP</x>"
    return picture(form, **options)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_nothing_that_a_camera_or_a_program_wrote_beside_the_pixels_is_kept(form: str) -> None:
    data = _with_metadata(form)
    assert b"SECRET" in data
    kept = image_clean(upload(data)).read()
    assert b"SECRET" not in kept
    assert dict(opened(kept).getexif()) == {}
    assert not {"exif", "icc_profile", "xmp", "comment"} & set(opened(kept).info)


@pytest.mark.parametrize(
    ("orientation", "size", "red"),
    [(1, (40, 30), (5, 15)), (3, (40, 30), (35, 15)), (6, (30, 40), (15, 5)), (8, (30, 40), (15, 35))],
)
def test_a_picture_taken_sideways_stands_upright(
    orientation: int, size: tuple[int, int], red: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = opened(image_clean(picture_upload("JPEG", exif=exif)).read())
    assert image.size == size
    pixel = image.getpixel(red)
    assert pixel[0] > 200
    assert pixel[2] < 80


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_page_hung_to_a_picture_is_not_kept(form: str) -> None:
    kept = image_clean(upload(picture(form) + PAGE, "both.html")).read()
    assert b"script" not in kept


def test_a_page_inside_a_picture_is_not_kept() -> None:
    kept = image_clean(upload(picture("GIF", comment=PAGE), "both.gif")).read()
    assert b"script" not in kept
    assert b"script" not in image_clean(upload(picture("JPEG", comment=PAGE))).read()


@pytest.mark.parametrize(
    "data",
    [
        SVG,
        PAGE,
        b"%PDF-1.4",
        b"BM" + bytes(60),
        b"II*\x00" + bytes(60),
        b"GIF",
        b"MZ" + bytes(200),
        b"\x00" * 64,
    ],
    ids=["svg", "html", "pdf", "bmp", "tiff", "half a magic", "exe", "zeros"],
)
def test_what_is_no_picture_of_the_four_kinds_is_refused_whatever_its_name(data: bytes) -> None:
    error = refusal(data, "picture.png")
    assert (error.code, error.status, error.field) == ("image_type", 400, "image")


def test_a_picture_under_a_wrong_name_is_what_it_is() -> None:
    assert str(image_clean(picture_upload("JPEG", name="../../etc/passwd.exe")).name).endswith(".jpg")


def test_names_are_random_and_below_the_day() -> None:
    names = {str(image_clean(picture_upload()).name) for _ in range(3)}
    assert len(names) == 3
    for name in names:
        year, month, day, last = name.split("/")
        assert (len(year), len(month), len(day), len(last)) == (4, 2, 2, 36)


def test_an_empty_file_and_a_cut_one_are_refused() -> None:
    assert refusal(b"").code == "file_empty"
    for form in ("JPEG", "PNG", "GIF", "WEBP"):
        whole = picture(form, size=(300, 200))
        assert refusal(whole[: len(whole) // 2]).code == "image_broken", form


def test_a_file_above_ten_megabytes_is_refused_with_413() -> None:
    error = refusal(picture() + bytes(MAX_BYTES))
    assert (error.code, error.status) == ("file_too_large", 413)


@pytest.mark.parametrize(
    "data",
    [
        png_header(50_000, 50_000),
        png_header(6_400, 6_400),
        png_header(2**31 - 1, 2**31 - 1),
        b"GIF89a" + struct.pack("<HH", 60_000, 60_000) + bytes(60),
        b"RIFF\x20\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00" + b"\xff\x3f\x00" * 2 + bytes(20),
        b"RIFF\x20\x00\x00\x00WEBPVP8L\x0a\x00\x00\x00\x2f" + b"\xff" * 4 + bytes(20),
    ],
    ids=["50k png", "just above", "2^31 png", "gif", "extended webp", "lossless webp"],
)
def test_a_pixel_bomb_is_refused_before_it_is_decoded(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def decoded(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("multitask.files.images._encode", decoded)
    error = refusal(data)
    assert error.code in {"image_too_many_pixels", "image_broken"}
    assert error.code == "image_broken" or any(limit in error.detail for limit in ("40", "16"))


def test_a_bomb_of_pixels_is_named_for_what_it_is() -> None:
    assert refusal(png_header(50_000, 50_000)).code == "image_too_many_pixels"


def test_a_large_picture_is_made_smaller_and_keeps_its_shape() -> None:
    kept = opened(image_clean(picture_upload("JPEG", size=(4000, 2000))).read())
    assert kept.size == (2560, 1280)
    assert opened(image_clean(picture_upload("PNG", size=(900, 300)), max_side=300).read()).size == (300, 100)


def test_the_errors_speak_both_languages() -> None:
    from django.utils import translation

    with translation.override("ar"):
        assert "صيغ" in refusal(SVG).detail
    with translation.override("en"):
        assert "Send one of" in refusal(SVG).detail


@settings(max_examples=150, deadline=None)
@given(
    form=st.sampled_from(["JPEG", "PNG", "GIF", "WEBP"]),
    changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=12),
    cut=st.integers(0, 500),
)
def test_damaged_pictures_are_read_or_refused_and_never_anything_else(
    form: str, changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(picture(form, size=(24, 24)))
    for position, value in changes:
        data[position % len(data)] = value
    try:
        kept = image_clean(upload(bytes(data[: len(data) - cut % len(data)])))
    except (Invalid, DomainError):
        return
    assert opened(kept.read()).size[0] > 0


@pytest.mark.parametrize("mode", ["P", "L", "RGB", "RGBA"])
def test_a_picture_that_is_taken_in_bands_is_the_same_picture(mode: str) -> None:
    data = picture("PNG", size=(1203, 901), mode=mode)
    kept = opened(image_clean(upload(data), max_side=250).read())
    assert 225 <= kept.width <= 250
    assert kept.height == pytest.approx(kept.width * 901 / 1203, abs=1)
    wanted = opened(data).convert("RGB").resize(kept.size, Image.Resampling.LANCZOS)
    for across, down in [(0.02, 0.02), (0.4, 0.5), (0.6, 0.5), (0.98, 0.98)]:
        place = (int(across * kept.width), int(down * kept.height))
        found, right = kept.convert("RGB").getpixel(place), wanted.getpixel(place)
        assert all(abs(one - other) <= 4 for one, other in zip(found, right, strict=True)), place


def test_bands_keep_what_is_transparent_and_which_way_up() -> None:
    image = Image.new("P", (1200, 1200), 0)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(1, (0, 600, 1200, 1200))
    out = BytesIO()
    image.save(out, "GIF", transparency=0)
    kept = opened(image_clean(upload(out.getvalue()), max_side=300).read()).convert("RGBA")
    assert kept.getpixel((150, 40))[3] == 0
    assert kept.getpixel((150, 260)) == (0, 0, 255, 255)


def test_the_largest_picture_is_read_in_little_memory() -> None:
    """In a process of its own: 40 million pixels take at most 250 MB beyond the process itself."""
    script = """
import resource
from io import BytesIO
import django
django.setup()
from PIL import Image
from multitask.files.factories import upload
from multitask.files.images import image_clean
sent = open({path!r}, "rb").read()
image_clean(upload(open({small!r}, "rb").read()))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
image_clean(upload(sent))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    with service_folder() as folder:
        path, small = folder / "large.png", folder / "small.png"
        Image.new("RGBA", (7300, 5470), "red").save(path)
        small.write_bytes(picture())
        done = subprocess.run(
            [sys.executable, "-c", script.format(path=str(path), small=str(small))],
            capture_output=True,
            text=True,
            check=True,
        )
    assert int(done.stdout) <= 250
