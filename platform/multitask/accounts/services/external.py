"""Log in with Google: begin, return, and which account it is then."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from multitask.accounts import google
from multitask.accounts.models import ExternalIdentity, LoginState, User, UserType
from multitask.accounts.selectors.addresses import owner_of
from multitask.accounts.services.users import user_register
from multitask.common.errors import DomainError, Invalid

PROVIDER = "google"
STATE_MINUTES = 10
_ROUNDS = 5
# A path of this site: no second slash or backslash, which a browser reads as another host.
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]{0,199}")


@dataclass(frozen=True, slots=True)
class Begun:
    """`address` to send the browser to, `state` to bind it by a cookie."""

    address: str
    state: str


@dataclass(frozen=True, slots=True)
class Returned:
    user: User
    next_path: str


def google_begin(*, redirect_uri: str, next_path: str = "/") -> Begun:
    """Begin a login. Raises DomainError google_not_configured, Invalid redirect_refused for a foreign `next_path`."""
    google.require_configured()
    if not _OWN_PATH.fullmatch(next_path):
        raise Invalid("redirect_refused", field="next")
    state, nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32), google.new_verifier()
    LoginState.objects.create(
        state=_hash(state), verifier=verifier, nonce=nonce, next_path=next_path, redirect_uri=redirect_uri
    )
    address = google.authorize_address(state=state, nonce=nonce, verifier=verifier, redirect_uri=redirect_uri)
    return Begun(address, state)


def google_return(*, code: str, state: str, cookie_state: str, language: str) -> Returned:
    """The browser is back. The state must be the one of this browser's cookie, and is used up whatever follows.

    Raises DomainError google_state_invalid, and as `google_login`.
    """
    google.require_configured()
    if not state or not secrets.compare_digest(state.encode(), cookie_state.encode()):
        raise DomainError("google_state_invalid", status=400)
    with transaction.atomic():
        # Its row, so that of two returns with one state one finds it gone.
        begun = LoginState.objects.select_for_update().filter(state=_hash(state)).first()
        if begun is not None:
            begun.delete()
    if begun is None or begun.created_at < timezone.now() - timedelta(minutes=STATE_MINUTES):
        raise DomainError("google_state_invalid", status=400)
    identity = google.identity_of_code(
        code=code, verifier=begun.verifier, redirect_uri=begun.redirect_uri, nonce=begun.nonce
    )
    return Returned(google_account(identity=identity, language=language), begun.next_path)


def google_login(
    *,
    code: str,
    code_verifier: str,
    redirect_uri: str,
    language: str,
    nonce: str | None = None,
    user_type: str = UserType.CLIENT,
) -> User:
    """Log in with a code that an application of ours fetched itself.

    Raises Invalid redirect_refused, DomainError google_refused, google_unavailable, google_not_configured, and as
    `google_account`.
    """
    google.require_configured()
    own = redirect_uri.startswith(f"{settings.FRONTEND_URL}/")
    if not own and redirect_uri not in settings.GOOGLE_REDIRECT_URIS:
        raise Invalid("redirect_refused", field="redirect_uri")
    identity = google.identity_of_code(
        code=code, verifier=code_verifier, redirect_uri=redirect_uri, nonce=nonce
    )
    return google_account(identity=identity, language=language, user_type=user_type)


def google_account(*, identity: google.Identity, language: str, user_type: str = UserType.CLIENT) -> User:
    """The account of this identity: linked before, linked now, or new.

    Linked now only where both sides have proved the address: otherwise who registers another's address first, here or
    there, would get into the other's account. An address that is only claimed here is nobody's yet: the account is new
    and owns it. Raises DomainError email_in_use (409), google_email_unverified (400),
    invalid_credentials (401) for a deactivated account.
    """
    for _ in range(_ROUNDS):
        try:
            with transaction.atomic():
                user = _account(identity, language, user_type)
        except IntegrityError:
            continue  # another request made it at this moment: the next round finds it
        except Invalid as error:
            if error.field not in {"username", "email"}:
                raise
            continue
        if not user.is_active:
            raise DomainError("invalid_credentials", status=401)
        User.objects.filter(pk=user.pk).update(last_login=timezone.now())
        return user
    raise DomainError("service_unavailable", status=503, wait=5)


def _account(identity: google.Identity, language: str, user_type: str) -> User:
    linked = ExternalIdentity.objects.select_related("user").filter(
        provider=PROVIDER, subject=identity.subject
    )
    found = linked.first()
    if found is not None:
        return found.user
    if not identity.email_verified:
        # Before anything that depends on who has the address: it may be anybody's.
        raise DomainError("google_email_unverified", status=400)
    # The user's row: the address must not be changed or lose its proof before the link is made.
    user = owner_of(identity.email).select_for_update(no_key=True).first()
    if user is not None:
        other = ExternalIdentity.objects.filter(provider=PROVIDER, user=user).first()
        if other is not None and other.subject == identity.subject:
            return user  # made while this request waited for the row
        if not user.is_verified or other is not None:
            raise DomainError("email_in_use")
    else:
        user = user_register(
            username=_free_name(identity.email),
            email=identity.email,
            password=None,
            first_name=identity.first_name,
            last_name=identity.last_name,
            user_type=user_type,
            language=language,
        )
        user.is_verified = True
        user.save(update_fields=["is_verified", "updated_at"])
    ExternalIdentity.objects.create(
        user=user, provider=PROVIDER, subject=identity.subject, email=identity.email
    )
    return user


def _free_name(email: str) -> str:
    base = re.sub(r"[^a-z0-9._-]", "", email.partition("@")[0].lower())[:100] or "user"
    base = base if len(base) >= 3 and not base.startswith("deleted-") else f"user-{base}"
    if not User.objects.filter(username__iexact=base).exists():
        return base
    return f"{base}-{secrets.randbelow(10**6):06d}"


def states_prune() -> int:
    """Delete logins that began and never came back."""
    gone, _ = LoginState.objects.filter(
        created_at__lt=timezone.now() - timedelta(minutes=STATE_MINUTES)
    ).delete()
    return gone


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
