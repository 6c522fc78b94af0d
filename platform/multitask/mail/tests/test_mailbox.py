"""Development keeps mails in files and shows them to who is at the machine; production has no such page."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import clear_url_caches

from multitask.accounts.factories import AdminFactory, ClientFactory
from multitask.common.text import Text
from multitask.mail.backends import files
from multitask.mail.letters import Letter, Paragraph
from multitask.mail.models import MailClass
from multitask.mail.services.sending import mail_send
from multitask.mail.tests import urls

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[4]
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """Mails go to files here, and the page is on."""
    settings.EMAIL_BACKEND = "multitask.mail.backends.files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.MAILBOX = True
    settings.ROOT_URLCONF = "multitask.mail.tests.urls"
    importlib.reload(urls)
    clear_url_caches()
    yield tmp_path / "mail"
    clear_url_caches()


def write(number: int = 1) -> None:
    letter = Letter(
        Text("Subject {n}", "موضوع {n}"),
        Text("H", "ع"),
        (Text("Hello", "مرحبًا"), Paragraph(EVIL, "quote")),
        params={"n": number},
    )
    mail_send(
        key=f"k:{number}",
        to="mona@example.com",
        user_id=None,
        mail_class=MailClass.CRITICAL,
        letter=letter,
        language="ar",
    )


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_newest_mail_stands_first_and_is_shown_as_text_and_in_a_frame(
    folder: Path, language: str
) -> None:
    for number in range(3):
        write(number)
    client = Client(headers={"Accept-Language": language})
    page = client.get("/mailbox/").content.decode()
    assert page.index("موضوع 2") < page.index("موضوع 0")
    assert f'lang="{language}"' in page
    name = files.mail_files(folder)[0].name
    one = client.get(f"/mailbox/{name}/").content.decode()
    assert "مرحبًا" in one
    assert EVIL not in one
    assert f'<iframe src="/mailbox/{name}/html/" sandbox=' in one
    framed = client.get(f"/mailbox/{name}/html/")
    assert EVIL not in framed.content.decode()
    policy = framed.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert framed.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_an_empty_mailbox_says_what_to_do(folder: Path) -> None:
    assert (
        "register an account" in Client(headers={"Accept-Language": "en"}).get("/mailbox/").content.decode()
    )


@pytest.mark.parametrize("name", ["..%2f..%2fsecrets.json", "x.eml", "000000000000000-00000000.eml", "%00"])
def test_nothing_but_mails_is_shown(folder: Path, name: str) -> None:
    write()
    (folder / "x.eml").write_text("Subject: x\n\nx")
    assert Client().get(f"/mailbox/{name}/").status_code == 404
    assert Client().get(f"/mailbox/{name}/html/").status_code == 404


def test_only_who_is_at_the_machine_or_an_operator_reads_it(folder: Path, settings: Any) -> None:
    write()
    far = Client(REMOTE_ADDR="192.168.1.7")
    assert far.get("/mailbox/").status_code == 404
    far.force_login(ClientFactory())
    assert far.get("/mailbox/").status_code == 404
    far.force_login(AdminFactory(is_staff=True))
    assert far.get("/mailbox/").status_code == 200
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}
    assert Client().get("/mailbox/").status_code == 404, "behind a proxy everybody comes from this machine"


def test_the_oldest_mails_go(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "KEPT", 3)
    for number in range(5):
        write(number)
    assert len(list(folder.iterdir())) == 3


def test_a_page_that_is_off_is_not_there(client: Client) -> None:
    assert client.get("/mailbox/").status_code == 404


@pytest.mark.parametrize(
    ("module", "more", "expected"),
    [
        ("dev", {}, "True multitask.mail.backends.files.EmailBackend"),
        ("dev", {"EMAIL_HOST": "127.0.0.1"}, "False multitask.mail.backends.smtp.EmailBackend"),
        ("dev", {"EMAIL_PROVIDER": "postmark"}, "False anymail.backends.postmark.EmailBackend"),
        ("prod", {"EMAIL_HOST": "mail.multitask.example"}, "False multitask.mail.backends.smtp.EmailBackend"),
        (
            "prod",
            {"EMAIL_PROVIDER": "brevo", "EMAIL_PROVIDER_KEY": "key"},
            "False anymail.backends.brevo.EmailBackend",
        ),
        ("prod", {"EMAIL_PROVIDER": "brevo"}, "set EMAIL_PROVIDER_KEY"),
        ("prod", {}, "Production needs these environment variables: EMAIL_HOST"),
        (
            "prod",
            {"EMAIL_HOST": "mail.multitask.example", "MAIL_WEBHOOK_SECRET": "user:short"},
            "MAIL_WEBHOOK_SECRET is user:password with a password of at least 12 characters",
        ),
    ],
)
def test_only_development_without_a_server_keeps_mails_in_files(
    module: str, more: dict[str, str], expected: str
) -> None:
    production = {
        "SECRET_KEY": "production-test-secret-of-more-than-thirty-two-characters",
        "ALLOWED_HOSTS": "multitask.example",
        "DATABASE_URL": "postgres://somebody@127.0.0.1:9/none",
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "FRONTEND_URL": "https://multitask.example",
    }
    code = f"from multitask.settings import {module} as s; print(s.MAILBOX, s.EMAIL_BACKEND)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{ROOT / 'platform'}",
            "MULTITASK_VAR": "/nonexistent",
        }
        | production
        | more,
        capture_output=True,
        text=True,
        check=False,
    )
    assert expected in done.stdout + done.stderr
