"""In development mails are files, one each, that /mailbox/ shows: nothing leaves the machine."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from multitask.mail.wire import mail_bytes

# The oldest go when there are more.
KEPT = 500


class EmailBackend(BaseEmailBackend):
    """Writes each mail to EMAIL_FILE_PATH as `<milliseconds>-<random>.eml`."""

    def __init__(self, fail_silently: bool = False, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self.folder = Path(settings.EMAIL_FILE_PATH)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{time.time_ns() // 1_000_000:015d}-{uuid4().hex[:8]}.eml"
            partial = self.folder / f".{name}"
            partial.write_bytes(mail_bytes(message, linesep="\n"))
            os.replace(partial, self.folder / name)
        for old in mail_files(self.folder)[KEPT:]:
            old.unlink(missing_ok=True)
        return len(email_messages)


def mail_files(folder: Path) -> list[Path]:
    """The mails in a folder, newest first."""
    return sorted((path for path in folder.glob("*.eml") if path.is_file()), reverse=True)
