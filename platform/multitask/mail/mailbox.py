"""In development: the mails that were written to files instead of being sent, newest first. Production has no such page.

Whoever is at this machine may read them, and operators who are logged in: they hold links that set passwords.
"""

from __future__ import annotations

import email
import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage as ReadMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from multitask.mail.backends.files import mail_files

NAME = re.compile(r"[0-9]{15}-[0-9a-f]{8}\.eml")
SHOWN = 100
FRAME = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


@dataclass(frozen=True, slots=True)
class Found:
    """One mail as it was written."""

    name: str
    subject: str
    to: str
    sent_at: datetime | None
    language: str
    text: str
    html: str
    headers: list[tuple[str, str]]


def mail_read(file: Path) -> Found:
    """The parts of a mail file."""
    message = email.message_from_bytes(file.read_bytes(), _class=ReadMessage, policy=default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    date = message["Date"]
    return Found(
        name=file.name,
        subject=str(message["Subject"] or ""),
        to=str(message["To"] or ""),
        sent_at=parsedate_to_datetime(str(date)) if date else None,
        language=str(message["Content-Language"] or "en"),
        text=text.get_content() if text else "",
        html=html.get_content() if html else "",
        headers=[(name, str(value)) for name, value in message.items()],
    )


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """The list of mails."""
    _admit(request)
    files = mail_files(Path(settings.EMAIL_FILE_PATH))
    mails = [mail_read(file) for file in files[:SHOWN]]
    return render(request, "mail/mailbox.html", {"mails": mails, "number": len(files)})


@require_safe
def mailbox_mail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail: its headers, its text, and its HTML in a frame that runs nothing."""
    _admit(request)
    return render(request, "mail/mailbox_mail.html", {"mail": mail_read(_file(name))})


@require_safe
@xframe_options_sameorigin
def mailbox_html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML alone, for that frame. Its links open outside of it."""
    _admit(request)
    html = mail_read(_file(name)).html.replace("<head>", format_html("<head>{}", _base()), 1)
    return HttpResponse(html, headers={"Content-Security-Policy": FRAME})


def _base() -> str:
    return format_html('<base target="{}">', "_blank")


def _file(name: str) -> Path:
    file = Path(settings.EMAIL_FILE_PATH) / name
    if not NAME.fullmatch(name) or not file.is_file():
        raise Http404
    return file


def _admit(request: HttpRequest) -> None:
    """Raises Http404 for whoever is neither on this machine nor an operator."""
    user = getattr(request, "user", None)
    if not settings.MAILBOX or not (
        _is_here(request) or (user is not None and user.is_active and user.is_staff)
    ):
        raise Http404


def _is_here(request: HttpRequest) -> bool:
    if settings.REST_FRAMEWORK["NUM_PROXIES"]:
        return False
    try:
        return ipaddress.ip_address(str(request.META.get("REMOTE_ADDR", ""))).is_loopback
    except ValueError:
        return False


def mailbox_patterns() -> list[URLPattern]:
    """The pages, where MAILBOX is on."""
    if not settings.MAILBOX:
        return []
    return [
        path("", mailbox, name="mailbox"),
        path("<str:name>/", mailbox_mail, name="mailbox-mail"),
        path("<str:name>/html/", mailbox_html, name="mailbox-html"),
    ]
