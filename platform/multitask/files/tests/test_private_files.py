"""A private file is its owner's; to everyone else it is not there. Files that no row names go away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import override_settings
from django.utils import timezone
from rest_framework.test import APIClient

from multitask.accounts.factories import AdminFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.files.factories import PDF, StoredFileFactory, picture, upload
from multitask.files.kinds import MAX_BYTES
from multitask.files.models import StoredFile
from multitask.files.services.files import UNATTACHED_LIMIT, file_store, files_remove_of
from multitask.files.services.orphans import file_delete_orphan, files_orphan, orphans_sweep
from multitask.outbox.models import OutboxEvent
from multitask.testing.concurrency import at_once
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db


def send(client: APIClient, data: bytes, name: str = "offer.pdf", **headers: str) -> Any:
    return client.post("/api/files/", {"file": upload(data, name)}, format="multipart", headers=headers)


def exists(stored: StoredFile) -> bool:
    return storages["private"].exists(str(stored.file.name))


def test_a_file_is_kept_for_its_owner_and_saved_under_its_own_name(freelancer: User, as_user: AsUser) -> None:
    answer = send(as_user(freelancer), PDF, "عرض السعر.pdf")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["name"], body["content_type"], body["size"]) == (
        "عرض السعر.pdf",
        "application/pdf",
        len(PDF),
    )
    got = as_user(freelancer).get(body["url"])
    assert (got.status_code, b"".join(got.streaming_content)) == (200, PDF)
    assert got["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert got["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got["Content-Security-Policy"]
    assert got["Cache-Control"] == "private, no-store"


def test_who_may_read_and_delete_a_private_file(
    freelancer: User, client_user: User, api: APIClient, as_user: AsUser
) -> None:
    stored = StoredFileFactory(owner=freelancer)
    address = f"/api/files/{stored.pk}/"
    staff = FreelancerFactory(is_staff=True)
    callers = {"owner": (200, freelancer), "operator": (200, AdminFactory())}
    strangers = {"stranger": (404, client_user), "staff without the right": (404, staff)}
    for who, (status, user) in (callers | strangers).items():
        assert as_user(user).get(address).status_code == status, who
    assert api.get(address).status_code == 401
    for user in (client_user, AdminFactory()):
        assert as_user(user).delete(address).status_code == 404
    assert api.delete(address).status_code == 401
    assert StoredFile.objects.filter(pk=stored.pk).exists()
    assert as_user(freelancer).get("/api/files/6d9f3a3c-4f0a-4a53-9b77-0a5f2d1f8c11/").status_code == 404
    assert as_user(freelancer).get("/api/files/../../etc/passwd").status_code == 404


def test_the_file_of_a_deleted_row_goes_after_the_transaction(
    freelancer: User, as_user: AsUser, pipeline: Pipeline
) -> None:
    stored = StoredFileFactory(owner=freelancer)
    assert as_user(freelancer).delete(f"/api/files/{stored.pk}/").status_code == 204
    assert exists(stored)
    pipeline.drain()
    assert not exists(stored)
    assert pipeline.dead() == []


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 400, "invalid"),
        (b"<html>", 400, "invalid"),
        (b"MZ" + bytes(100), 400, "invalid"),
        (picture()[:30], 400, "invalid"),
        (bytes(MAX_BYTES + 1), 413, "file_too_large"),
    ],
    ids=["empty", "html", "exe", "cut", "large"],
)
def test_what_may_not_be_kept_is_refused_and_leaves_nothing(
    freelancer: User, as_user: AsUser, data: bytes, status: int, code: str
) -> None:
    answer = send(as_user(freelancer), data)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    if status == 400:
        assert list(answer.json()["errors"]) == ["file"]
    else:
        assert "10" in answer.json()["detail"]
    assert not StoredFile.objects.exists()


def test_a_form_without_a_file_and_a_body_that_is_no_form_are_refused(
    freelancer: User, as_user: AsUser
) -> None:
    client = as_user(freelancer)
    assert client.post("/api/files/", {}, format="multipart").json()["errors"].keys() == {"file"}
    assert client.post("/api/files/", {"file": "text"}, format="multipart").status_code == 400
    assert client.post("/api/files/", {"file": "text"}, format="json").status_code == 415
    assert client.post("/api/files/", b"x", content_type="multipart/form-data; boundary=").status_code == 400


def test_a_picture_that_is_kept_privately_is_written_anew(freelancer: User) -> None:
    stored = file_store(actor_id=freelancer.pk, upload=upload(picture("GIF", comment=b"SECRET"), "a.gif"))
    assert (stored.name, stored.content_type) == ("a.png", "image/png")
    assert b"SECRET" not in stored.file.read()


def test_a_repeat_with_the_same_key_keeps_one_file(freelancer: User, as_user: AsUser) -> None:
    client = as_user(freelancer)
    first, second = (send(client, PDF, **{"Idempotency-Key": "once"}) for _ in range(2))
    assert first.json() == second.json()
    assert StoredFile.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_files_at_once_do_not_pass_the_limit(freelancer: User) -> None:
    StoredFileFactory.create_batch(UNATTACHED_LIMIT - 1, owner=freelancer)
    results = at_once([lambda: file_store(actor_id=freelancer.pk, upload=upload(PDF)) for _ in range(4)])
    assert sum(isinstance(result, StoredFile) for result in results) == 1
    assert StoredFile.objects.filter(owner=freelancer).count() == UNATTACHED_LIMIT


def test_what_nothing_holds_on_to_goes_after_two_days(freelancer: User, pipeline: Pipeline) -> None:
    old, attached, fresh = StoredFileFactory.create_batch(3, owner=freelancer)
    days_ago = timezone.now() - timedelta(hours=49)
    StoredFile.objects.filter(pk__in=[old.pk, attached.pk]).update(created_at=days_ago)
    StoredFile.objects.filter(pk=attached.pk).update(attached_at=days_ago)
    _emit("schedule.sweep_files")
    pipeline.drain()
    assert set(StoredFile.objects.values_list("pk", flat=True)) == {attached.pk, fresh.pk}
    assert [exists(file) for file in (old, attached, fresh)] == [False, True, True]


def _emit(topic: str) -> None:
    from multitask.outbox.emit import emit

    emit(topic, key=topic)


def test_an_account_that_ends_takes_its_files_along(freelancer: User, pipeline: Pipeline) -> None:
    mine, other = StoredFileFactory(owner=freelancer), StoredFileFactory()
    assert files_remove_of(owner_id=freelancer.pk) == 1
    pipeline.drain()
    assert (exists(mine), exists(other)) == (False, True)


def test_a_file_that_a_row_still_names_is_not_deleted() -> None:
    stored = StoredFileFactory()
    assert not file_delete_orphan(name=str(stored.file.name), storage="private")
    assert exists(stored)
    assert not file_delete_orphan(name="")


def test_no_event_is_written_for_no_file() -> None:
    files_orphan(["", ""])
    assert not OutboxEvent.objects.filter(topic="file.orphaned").exists()


def test_the_sweep_deletes_what_a_rolled_back_transaction_left_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = storages["default"]
    day = f"{timezone.now() - timedelta(days=4):%Y/%m/%d}"
    left = store.save(f"profiles/{day}/left.png", ContentFile(b"x"))
    kept = store.save(f"profiles/{day}/kept.png", ContentFile(b"x"))
    young = store.save(f"profiles/{timezone.now():%Y/%m/%d}/young.png", ContentFile(b"x"))
    FreelancerFactory(profile_picture=kept)
    wall = timezone.now()
    monkeypatch.setattr(
        type(store),
        "get_modified_time",
        lambda self, name: wall - timedelta(days=0 if "young" in name else 4),
    )
    assert orphans_sweep() >= 1
    assert [store.exists(name) for name in (left, kept, young)] == [False, True, True]


def test_a_reverse_proxy_sends_the_file_where_there_is_one(freelancer: User, as_user: AsUser) -> None:
    stored = StoredFileFactory(owner=freelancer)
    with override_settings(ACCEL_REDIRECT="/protected"):
        answer = as_user(freelancer).get(f"/api/files/{stored.pk}/")
        stranger = as_user(FreelancerFactory()).get(f"/api/files/{stored.pk}/")
    assert answer.status_code == 200
    assert answer["X-Accel-Redirect"] == f"/protected/private/{stored.file.name}"
    assert answer.content == b""
    assert (stranger.status_code, "X-Accel-Redirect" in stranger) == (404, False)
