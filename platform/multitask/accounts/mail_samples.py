"""The mails of accounts as they might be, for previews."""

from __future__ import annotations

from functools import partial

from django.conf import settings

from multitask.accounts.models import User
from multitask.accounts.services import mails
from multitask.mail.letters import Letter
from multitask.mail.samples import sample

KEY = "eyJ1c2VyIjogMTIsICJlbWFpbCI6ICJtb25hQGV4YW1wbGUuY29tIn0:1tXyZ9:9hU2v0pQw3LkzT5cR7nBfEo1sAjDgHq8"


def _letter(words: mails.Words, page: str) -> Letter:
    user = User(username="mona_dev", first_name="منى Salah")
    return words.letter(user, f"{settings.FRONTEND_URL}/{page}")


for _name, _words, _page in (
    ("verification", mails.VERIFICATION, f"verify-email?key={KEY}"),
    ("address-taken", mails.TAKEN, "forgot-password"),
    ("address-changing", mails.CHANGING, "forgot-password"),
    ("address-replaced", mails.REPLACED, "login"),
    ("reset", mails.RESET, f"reset-password?uid=MTI&token={KEY[:39]}"),
    ("password-changed", mails.CHANGED, "forgot-password"),
):
    sample(f"accounts-{_name}")(partial(_letter, _words, _page))
