"""A person's picture: their own to give and to take away, clean, and gone when it is replaced."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from PIL import Image
from rest_framework.test import APIClient

from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.files.factories import picture_upload, upload
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db
ADDRESS = "/api/auth/user/"


def send(client: APIClient, sent: Any, **more: str) -> Any:
    return client.patch(ADDRESS, {"profile_picture": sent} | more, format="multipart")


def name_of(user: User) -> str:
    user.refresh_from_db()
    return str(user.profile_picture.name)


def test_a_picture_is_given_with_the_other_fields_and_shown_by_its_address(
    freelancer: User, as_user: AsUser
) -> None:
    answer = send(as_user(freelancer), picture_upload("JPEG", size=(1200, 900)), bio="أعمل منذ سنوات")
    assert answer.status_code == 200, answer.content
    assert answer.json()["bio"] == "أعمل منذ سنوات"
    assert answer.json()["profile_picture"].endswith(f"/media/{name_of(freelancer)}")
    assert Image.open(BytesIO(default_storage.open(name_of(freelancer)).read())).size == (800, 600)


def test_the_file_before_goes_when_a_picture_is_replaced_or_taken_away(
    freelancer: User, as_user: AsUser, pipeline: Pipeline
) -> None:
    client = as_user(freelancer)
    send(client, picture_upload())
    first = name_of(freelancer)
    send(client, picture_upload("WEBP"))
    second = name_of(freelancer)
    pipeline.drain()
    assert (default_storage.exists(first), default_storage.exists(second)) == (False, True)
    answer = client.patch(ADDRESS, {"profile_picture": None}, format="json")
    assert (answer.status_code, answer.json()["profile_picture"]) == (200, None)
    pipeline.drain()
    assert not default_storage.exists(second)


@pytest.mark.parametrize(
    "sent",
    [upload(b"<svg/>", "me.png"), upload(b"", "me.png"), upload(b"\x89PNG\r\n\x1a\nxx", "me.png"), "me.png"],
)
def test_what_is_no_picture_is_refused_and_nothing_is_changed(
    freelancer: User, as_user: AsUser, sent: Any
) -> None:
    answer = send(as_user(freelancer), sent, bio="changed")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["profile_picture"]
    freelancer.refresh_from_db()
    assert (freelancer.bio, str(freelancer.profile_picture)) == ("", "")


def test_nobody_gives_a_picture(api: APIClient) -> None:
    assert send(api, picture_upload()).status_code == 401
