"""Prove that an e-mail address is the account's own."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.db import transaction

from multitask.accounts.models import User
from multitask.accounts.services.attempts import Full, attempt_take, hashed
from multitask.common.errors import DomainError
from multitask.outbox.emit import emit

SALT = "multitask.accounts.email"
# How many mails of one kind one address gets in an hour, whoever asks for them.
MAILS_AN_HOUR = 3


def verification_ask(*, user: User) -> None:
    """Send the mail with the key, where the address is not proved yet. Inside the caller's transaction."""
    emit("account.verification_asked", key=f"user:{user.pk}", user=user.pk)


def verification_resend(*, email: str) -> None:
    """Send it again. What happens here looks the same from outside whether there is such an account or not."""
    user = User.objects.filter(email__iexact=email.strip(), is_active=True, is_verified=False).first()
    if mail_allowed(kind="verification", email=email):
        with transaction.atomic():
            number = user.pk if user else 0
            emit("account.verification_asked", key=f"user:{number}", user=number)


def mail_allowed(*, kind: str, email: str) -> bool:
    """Whether this address may get another mail of this kind in this hour; counts it, known or not."""
    taken = attempt_take(key=hashed(f"mail-{kind}", email), limit=MAILS_AN_HOUR, seconds=60 * 60)
    return not isinstance(taken, Full)


def verification_key(*, user: User) -> str:
    """A signed key for the address the account has now."""
    return signing.dumps({"user": user.pk, "email": user.email}, salt=SALT)


def email_verify(*, key: str) -> User:
    """Mark the address of the key as proved. Raises DomainError verify_link_invalid (400).

    The key is of one address: after a change of the address the older key proves nothing.
    """
    try:
        content = signing.loads(key, salt=SALT, max_age=settings.EMAIL_VERIFY_SECONDS)
        user_id, email = int(content["user"]), str(content["email"])
    except (signing.BadSignature, KeyError, TypeError, ValueError) as error:
        raise DomainError("verify_link_invalid", status=400) from error
    changed = User.objects.filter(pk=user_id, email=email, is_active=True).update(is_verified=True)
    if not changed:
        raise DomainError("verify_link_invalid", status=400)
    return User.objects.get(pk=user_id)
