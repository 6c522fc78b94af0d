"""A mail server for tests that can be shut, and can take a mail without saying so."""

from __future__ import annotations

from collections.abc import Callable

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend

from multitask.mail.handing import Away, Lost

BACKEND = "workers.tests.post_office.PostOffice"


class PostOffice(EmailBackend):
    """Keeps what it takes in `django.core.mail.outbox`. `mode`: open, shut, or silent (takes and does not answer)."""

    mode = "open"

    def hand_over(self, message: EmailMultiAlternatives, *, before_end: Callable[[], None]) -> None:
        if PostOffice.mode == "shut":
            raise Away("connect: refused", server=True)
        before_end()
        self.send_messages([message])
        if PostOffice.mode == "silent":
            raise Lost("end: no answer")
