"""A message as it goes over the wire."""

from __future__ import annotations

from email.generator import BytesGenerator
from email.header import Header
from io import BytesIO
from typing import Any

from django.core.mail import EmailMessage, EmailMultiAlternatives

# RFC 2047: a line with an encoded word; RFC 5322: any line.
ENCODED_LINE = 76
LONGEST_LINE = 998


class Mail(EmailMultiAlternatives):
    """As Django's, with a subject that begins in its own line: the place of its name is counted when it is folded."""

    def message(self, *, policy: Any = None) -> Any:
        found = super().message()
        if not str(self.subject).isascii():
            folded = Header(
                str(self.subject), "utf-8", maxlinelen=ENCODED_LINE, header_name="Subject"
            ).encode()
            found.replace_header("Subject", folded)
        return found


def mail_bytes(message: EmailMessage, *, linesep: str = "\r\n") -> bytes:
    """The whole message. Headers are folded only where they were made to be: some programs do not find the address of
    a List-Unsubscribe that begins in its second line."""
    out = BytesIO()
    BytesGenerator(out, mangle_from_=False, maxheaderlen=LONGEST_LINE).flatten(
        message.message(), linesep=linesep
    )
    return out.getvalue()
