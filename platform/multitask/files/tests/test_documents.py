"""A document is what its bytes prove; what could run or swell is refused."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from multitask.common.errors import DomainError
from multitask.files.documents import document_check
from multitask.files.factories import DOC, PDF, docx, picture, upload
from multitask.files.kinds import KINDS, MAX_BYTES, shown_name


def refusal(data: bytes) -> DomainError:
    with pytest.raises(DomainError) as caught:
        document_check(upload(data, "offer.pdf"))
    return caught.value


@pytest.mark.parametrize(
    ("data", "extension"),
    [
        (PDF, "pdf"),
        (DOC, "doc"),
        (docx(), "docx"),
        ("عرض سعر\nثلاثة أيام".encode(), "txt"),
        (b"offer", "txt"),
    ],
)
def test_documents_of_the_four_kinds_are_taken_whatever_their_name(data: bytes, extension: str) -> None:
    kind, content = document_check(upload(data, "anything.xyz"))
    assert (kind.extension, content.read()) == (extension, data)
    assert str(content.name).endswith(f".{extension}")


@pytest.mark.parametrize("encoding", ["cp1256", "utf-16"])
def test_an_arabic_text_of_an_older_program_becomes_utf8(encoding: str) -> None:
    kind, content = document_check(upload("مرحبا، عرض السعر".encode(encoding)))
    assert (kind.extension, content.read().decode()) == ("txt", "مرحبا، عرض السعر")


def _zip(**members: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"\xef\xbb\xbf  <!-- x -->\n<HTML>",
        b'<?xml version="1.0"?><svg/>',
        b"<svg onload=alert(1)>",
        b"MZ\x90\x00\x03" + bytes(100),
        b"\x7fELF" + bytes(100),
        picture("GIF"),
        _zip(a=b"text"),
        docx(**{"word__vbaProject.bin": b"macro"}),
        DOC + "_VBA_PROJECT".encode("utf-16-le"),
        docx(word__media=bytes(60_000_000)),
    ],
    ids=[
        "html",
        "html later",
        "xml",
        "svg",
        "exe",
        "elf",
        "gif",
        "zip",
        "docx macro",
        "doc macro",
        "zip bomb",
    ],
)
def test_what_is_no_document_or_could_run_or_swell_is_refused(data: bytes) -> None:
    error = refusal(data)
    assert (error.code, error.status, error.field) == ("document_type", 400, "file")
    assert "PDF" in error.detail


@pytest.mark.parametrize(
    "data", [PDF[:20], docx()[:-30], b"PK\x03\x04" + bytes(40)], ids=["pdf", "docx", "zip"]
)
def test_a_cut_document_is_refused(data: bytes) -> None:
    assert refusal(data).code == "document_broken"


def test_empty_and_too_large_are_refused() -> None:
    assert refusal(b"").code == "file_empty"
    assert refusal(PDF + bytes(MAX_BYTES)).status == 413


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\mona\\offer.exe", "offer.pdf"),
        ("عرض السعر.pdf", "عرض السعر.pdf"),
        ("offer\r\nSet-Cookie: a=b.pdf", "offerSet-Cookie a=b.pdf"),
        ("gnp\u202efdp.exe", "gnpfdp.pdf"),
        ("", "file.pdf"),
        ("...", "file.pdf"),
        ("x" * 300 + ".pdf", "x" * 120 + ".pdf"),
    ],
)
def test_the_name_that_is_shown_leads_nowhere_and_hides_nothing(sent: str, shown: str) -> None:
    assert shown_name(sent, KINDS["pdf"]) == shown
