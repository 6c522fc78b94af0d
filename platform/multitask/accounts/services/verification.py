"""Prove that an e-mail address is the account's own. Until then it is owned unproved, or claimed: see docs/adr/0016."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone

from multitask.accounts.models import FormerAddress, User
from multitask.accounts.selectors.addresses import waiting_for_proof
from multitask.accounts.services.attempts import Full, attempt_take, hashed
from multitask.common.errors import DomainError, Invalid, violated_constraint
from multitask.outbox.emit import emit

SALT = "multitask.accounts.email"
# How many mails of one kind one address gets in an hour, whoever asks for them.
MAILS_AN_HOUR = 3
FORMER_DAYS = 30


def verification_ask(*, user: User) -> None:
    """Send the mail about the address the user gave last. Inside the caller's transaction.

    What the mail says, the job decides: here nothing may depend on whose the address is.
    """
    if mail_allowed(kind="asked", email=user.address):
        emit("account.verification_asked", key=f"user:{user.pk}", user=user.pk)


def verification_resend(*, email: str) -> None:
    """Send it again. What happens here looks the same from outside whether there is such an account or not."""
    user = waiting_for_proof(email)
    if mail_allowed(kind="verification", email=email):
        with transaction.atomic():
            number = user.pk if user else 0
            emit("account.verification_asked", key=f"user:{number}", user=number)


def mail_allowed(*, kind: str, email: str) -> bool:
    """Whether this address may get another mail of this kind in this hour; counts it, known or not."""
    taken = attempt_take(key=hashed(f"mail-{kind}", email), limit=MAILS_AN_HOUR, seconds=60 * 60)
    return not isinstance(taken, Full)


def verification_key(*, user: User) -> str:
    """A signed key for the address the account shows now."""
    return signing.dumps({"user": user.pk, "email": user.address}, salt=SALT)


def email_verify(*, key: str) -> User:
    """Prove the address of the key: a claimed one becomes the account's own, and the one before it is told.

    The key is of one address: after a change of the address the older key proves nothing. Raises DomainError
    verify_link_invalid (400), also where somebody else has come to own the address meanwhile.
    """
    try:
        content = signing.loads(key, salt=SALT, max_age=settings.EMAIL_VERIFY_SECONDS)
        user_id, email = int(content["user"]), str(content["email"])
    except (signing.BadSignature, KeyError, TypeError, ValueError) as error:
        raise DomainError("verify_link_invalid", status=400) from error
    try:
        with transaction.atomic():
            return _prove(user_id, email)
    except IntegrityError as error:
        if "email" not in violated_constraint(error):
            raise
        raise DomainError("verify_link_invalid", status=400) from error


def _prove(user_id: int, email: str) -> User:
    # The user's row: a change of the address at this moment must come before or after.
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id, is_active=True).first()
    if user is None or not email or email not in {user.pending_email, user.email}:
        raise DomainError("verify_link_invalid", status=400)
    former = ""
    if email == user.pending_email:
        former = user.email if user.is_verified else ""
        user.email, user.pending_email = email, ""
    elif user.is_verified:
        return user
    user.is_verified = True
    user.save(update_fields=["email", "pending_email", "is_verified", "updated_at"])
    if former:
        row = FormerAddress.objects.create(user=user, email=former)
        emit("account.email_changed", key=f"user:{user.pk}", former=row.pk)
    return user


def address_give(*, user: User, email: str) -> set[str]:
    """Put another address on `user`, who is locked and saved by the caller. Returns the names of what it changed.

    It is claimed until it is proved. The one before stays owned if it was proved, and is let go if it was not: were it
    kept, logging in with it afterwards would tell whether it had been free. Raises Invalid blank.
    """
    if email == user.address.lower():
        return set()
    if not email:
        raise Invalid("blank", field="email")
    if not user.is_verified:
        user.email, user.pending_email = "", email
    else:
        user.pending_email = email if email != user.email.lower() else ""
    return {"email", "pending_email"}


def address_given(*, user: User) -> None:
    """Send the mails after `address_give`: to the new address, and to the proved one that is being replaced."""
    if not user.pending_email:
        return
    verification_ask(user=user)
    if user.is_verified and mail_allowed(kind="changing", email=user.email):
        emit("account.email_changing", key=f"user:{user.pk}", user=user.pk)


def former_addresses_prune() -> int:
    """Forget addresses that were replaced a while ago."""
    since = timezone.now() - timedelta(days=FORMER_DAYS)
    gone, _ = FormerAddress.objects.filter(replaced_at__lt=since).delete()
    return gone
