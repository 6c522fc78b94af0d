"""Public pictures are sent as what we wrote, and nothing in them may run."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.http import Http404, StreamingHttpResponse
from django.test import AsyncRequestFactory, override_settings
from django.urls import get_resolver
from rest_framework.test import APIClient

from multitask.files.factories import picture
from multitask.files.serving import public_media
from multitask.settings.media import storages_config


def test_a_public_picture_is_sent_and_may_be_kept_for_ever(api: APIClient) -> None:
    name = storages["default"].save("tasks/2026/07/30/a.png", ContentFile(picture()))
    answer = api.get(f"/media/{name}")
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, picture())
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "immutable" in answer["Cache-Control"]
    assert api.post(f"/media/{name}").status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "none.png",
        "../private/a.txt",
        "%2e%2e/private/a.txt",
        "..%2f..%2fetc%2fpasswd",
        "page.html",
        "a.svg",
        "",
        "tasks/",
    ],
)
def test_what_is_not_a_public_picture_is_not_there(api: APIClient, path: str) -> None:
    storages["default"].save("page.html", ContentFile(b"<script>"))
    assert api.get(f"/media/{path}").status_code == 404


def test_a_path_out_of_the_folder_is_not_followed(tmp_path: Path, api: APIClient) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "public").mkdir()
    (tmp_path / "private" / "secret.txt").write_text("secret")
    with override_settings(STORAGES=storages_config("local", tmp_path)):
        for path in ("../private/secret.txt", "/etc/passwd.txt", "a/../../private/secret.txt"):
            with pytest.raises(Http404):
                public_media(AsyncRequestFactory().get("/"), path)


def test_under_asgi_a_picture_is_sent_piece_by_piece() -> None:
    name = storages["default"].save("tasks/2026/07/30/b.png", ContentFile(picture(size=(900, 700))))
    response: Any = public_media(AsyncRequestFactory().get("/"), name)
    assert isinstance(response, StreamingHttpResponse)
    assert response.is_async

    async def whole() -> bytes:
        return b"".join([chunk async for chunk in response.streaming_content])

    data = asyncio.run(whole())
    assert data == picture(size=(900, 700))
    assert response["Content-Length"] == str(len(data))


def test_public_and_private_files_lie_apart(tmp_path: Path) -> None:
    config = storages_config("local", tmp_path)
    assert config["default"]["OPTIONS"]["location"] == str(tmp_path / "public")
    assert config["private"]["OPTIONS"]["location"] == str(tmp_path / "private")


def test_an_object_store_is_chosen_by_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "S3_BUCKET": "multitask",
        "S3_ENDPOINT": "http://127.0.0.1:9",
        "S3_ACCESS_KEY": "key",
        "S3_SECRET_KEY": "secret",
        "S3_REGION": "eu-south-1",
    }.items():
        monkeypatch.setenv(name, value)
    with override_settings(STORAGES=storages_config("s3", tmp_path)):
        public, private = storages["default"], storages["private"]
        address = private.url("files/2026/07/30/a.pdf")
        assert address.startswith("http://127.0.0.1:9/multitask/private/files/2026/07/30/a.pdf?")
        assert "X-Amz-Expires=60" in address
        assert "X-Amz-Signature=" in public.url("tasks/a.png")
        monkeypatch.setenv("S3_PUBLIC_HOST", "media.multitask.example")
    with override_settings(STORAGES=storages_config("s3", tmp_path)):
        assert storages["default"].url("tasks/a.png") == "https://media.multitask.example/public/tasks/a.png"
        assert "X-Amz-Signature=" in storages["private"].url("files/a.pdf")


def test_an_object_store_without_a_bucket_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="S3_BUCKET"):
        storages_config("s3", tmp_path)


def test_every_address_of_a_file_asks_the_view() -> None:
    assert get_resolver().resolve("/media/a/b.png").func is public_media
