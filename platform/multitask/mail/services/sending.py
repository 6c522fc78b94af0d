"""The one place that sends mail.

A mail has a key and is handed to a server once at most. Right before the server can take it, that is committed
(`handing_over`); whoever finds that later knows that it may have gone, and does not send it again: it is `uncertain`.
"""

from __future__ import annotations

import hashlib
import hmac
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from multitask.common.retry import again
from multitask.mail.addresses import address_key, domain_of, is_address
from multitask.mail.handing import Away, Lost, Refused, hand_over
from multitask.mail.letters import Letter, letter_render
from multitask.mail.models import SETTLED, MailClass, MailState, SentMail
from multitask.mail.selectors.addresses import UNASKED, may_have_another, reason_against
from multitask.mail.services.addresses import address_bounced, address_served
from multitask.mail.services.gate import gate_enter, gate_fail, gate_well
from multitask.mail.wire import Mail
from multitask.settings.logs import get_logger

__all__ = ["MailAway", "MailClass", "Outcome", "mail_send"]
log = get_logger(__name__)

# Longer than one mail may take: a worker that has held one for longer is dead.
BUSY_SECONDS = 40


class MailAway(Exception):
    """Not sent now, and certainly not taken: try again, in `retry_after` seconds at the earliest.

    `tried` is False where the server was not even asked: however long it is away, such a mail waits for it.
    """

    def __init__(self, detail: str, *, retry_after: float = 0.0, tried: bool = True) -> None:
        super().__init__(detail)
        self.retry_after, self.tried = retry_after, tried


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mail: sent, already (sent before under this key), uncertain, suppressed or refused.

    `reason` is a code where it did not go for certain: address_bounced, address_complained, address_unverified,
    account_closed, daily_limit, address_invalid, address_refused, content_refused, no_answer.
    """

    state: str
    reason: str = ""


class _Taken(Exception):
    """Another worker has this mail now."""


def mail_send(
    *,
    key: str,
    to: str,
    user_id: int | None,
    mail_class: MailClass,
    letter: Letter,
    language: str,
    unsubscribe_url: str = "",
) -> Outcome:
    """Send the mail named `key` (200 characters at most), once for ever, in "ar" or "en".

    Opens transactions of its own: RuntimeError inside another. Notifications and bulk mails need `unsubscribe_url`,
    absolute and https (or below FRONTEND_URL): ValueError without. Raises MailAway where the server is away.
    """
    _check(key, mail_class, unsubscribe_url)
    message = _message(key, to, letter, language, unsubscribe_url)
    row = _claim(key=key, to=to, user_id=user_id, mail_class=mail_class, language=language)
    if isinstance(row, Outcome):
        return row
    seen, wait = gate_enter()
    if wait:
        _release(row, "The mail server is away.")
        raise MailAway("The mail server is away.", retry_after=wait, tried=False)
    return _carry(row, message, to=to, seen=seen)


def message_id(key: str) -> str:
    """The Message-ID of the mail with this key: always the same, and telling nothing."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"message:{key}".encode(), hashlib.sha256).hexdigest()
    return f"<{digest[:40]}@{domain_of(parseaddr(settings.DEFAULT_FROM_EMAIL)[1]) or 'localhost'}>"


def _check(key: str, mail_class: MailClass, unsubscribe_url: str) -> None:
    if not key or len(key) > 200:
        raise ValueError(f"A mail's key has 1 to 200 characters: {key!r}")
    if mail_class in UNASKED and not unsubscribe_url:
        raise ValueError(f"A mail of class {mail_class} needs an unsubscribe_url.")
    if not unsubscribe_url:
        return
    parts = urlsplit(unsubscribe_url)
    # RFC 8058 wants https. A site that itself is served without it (development) can give no better address.
    safe = parts.scheme == "https" or unsubscribe_url.startswith(f"{settings.FRONTEND_URL}/")
    plain = (
        unsubscribe_url.isascii() and unsubscribe_url.isprintable() and not set(unsubscribe_url) & set(' <>"')
    )
    if not (safe and parts.hostname and plain):
        raise ValueError(f"The unsubscribe_url must be an https address: {unsubscribe_url!r}")


def _claim(
    *, key: str, to: str, user_id: int | None, mail_class: MailClass, language: str
) -> SentMail | Outcome:
    """The mail's row, this worker's for a while; or what became of the mail already."""
    values: dict[str, Any] = {
        "user_id": user_id,
        "mail_class": mail_class,
        "language": language,
        "address_key": address_key(to),
        "message_id": message_id(key),
    }
    SentMail.objects.bulk_create([SentMail(key=key, **values)], ignore_conflicts=True)
    with transaction.atomic(durable=True):
        if mail_class in UNASKED and user_id is not None:
            # One user's mails are counted one at a time, or two workers would both take the day's last place.
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('multitask.mail.day'), %s)", [user_id])
        # The mail's row: of two workers with the same mail one sends it.
        row = SentMail.objects.select_for_update(no_key=True).get(key=key)
        if row.state in SETTLED:
            return _settled_before(row)
        now = timezone.now()
        if row.busy_until is not None and row.busy_until > now:
            left = (row.busy_until - now).total_seconds()
            raise MailAway("Another worker is sending this mail.", retry_after=left)
        if row.state == MailState.HANDING_OVER:
            return _settle(
                row, MailState.UNCERTAIN, "no_answer", "The worker ended while it handed the mail over."
            )
        reason = "" if is_address(to) else "address_invalid"
        reason = reason or reason_against(mail_class=mail_class, user_id=user_id, to=to)
        if not reason and mail_class in UNASKED and user_id is not None and not may_have_another(user_id):
            reason = "daily_limit"
        if reason:
            return _settle(row, MailState.SUPPRESSED, reason)
        row.state = MailState.SENDING
        row.attempts += 1
        row.busy_until = now + timedelta(seconds=BUSY_SECONDS)
        row.address_key = values["address_key"]
        row.save(update_fields=["state", "attempts", "busy_until", "address_key"])
    return row


def _settled_before(row: SentMail) -> Outcome:
    return Outcome("already") if row.state == MailState.SENT else Outcome(row.state, row.reason)


def _message(key: str, to: str, letter: Letter, language: str, unsubscribe_url: str) -> Mail:
    rendered = letter_render(letter, language=language, unsubscribe_url=unsubscribe_url)
    headers = {
        "Message-ID": message_id(key),
        "Auto-Submitted": "auto-generated",
        "Content-Language": language,
    }
    if unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message = Mail(
        subject=rendered.subject,
        body=rendered.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[to],
        headers=headers,
    )
    message.attach_alternative(rendered.html, "text/html")
    return message


def _carry(row: SentMail, message: Mail, *, to: str, seen: int) -> Outcome:
    handing = False

    def before_end() -> None:
        nonlocal handing
        _mark_handing_over(row)
        handing = True

    try:
        provider_id = hand_over(message, before_end=before_end)
    except Refused as error:
        outcome = _settle_surely(row, MailState.REFUSED, error.reason, str(error))
        gate_well(seen=seen)
        address_bounced(address=to, fault=error.fault, detail=str(error))
        return outcome
    except Lost as error:
        outcome = _settle_surely(row, MailState.UNCERTAIN, "no_answer", str(error))
        gate_fail(seen=seen, detail=str(error))
        return outcome
    except Away as error:
        if error.server:
            wait = gate_fail(seen=seen, detail=str(error))
        else:
            wait = 0.0
            gate_well(seen=seen)
        _release(row, str(error))
        raise MailAway(str(error), retry_after=wait) from error
    except _Taken as error:
        raise MailAway("Another worker is sending this mail.") from error
    except BaseException as error:
        # The time limit of a job, or a mistake of ours: what is handed over is not sent again.
        with suppress(DatabaseError):
            if handing:
                _settle(row, MailState.UNCERTAIN, "no_answer", repr(error))
            else:
                _release(row, repr(error))
            gate_fail(seen=seen, detail=repr(error))
        raise
    row.provider_id = provider_id
    outcome = _settle_surely(row, MailState.SENT)
    gate_well(seen=seen)
    address_served(address=to)
    return outcome


def _settle_surely(row: SentMail, state: MailState, reason: str = "", error: str = "") -> Outcome:
    """As `_settle`; a database that is away for a moment is waited for, since the mail itself has gone."""
    return again(lambda: _settle(row, state, reason, error), attempts=4)


def _mark_handing_over(row: SentMail) -> None:
    """Committed before the server can take the mail, by the worker that has it still."""
    mine = SentMail.objects.filter(pk=row.pk, state=MailState.SENDING, attempts=row.attempts)
    if not mine.update(state=MailState.HANDING_OVER):
        raise _Taken
    row.state = MailState.HANDING_OVER


def _release(row: SentMail, error: str) -> None:
    """Let another attempt have it."""
    SentMail.objects.filter(pk=row.pk, attempts=row.attempts).exclude(state__in=SETTLED).update(
        state=MailState.WAITING, busy_until=None, error=error[:500]
    )


def _settle(row: SentMail, state: MailState, reason: str = "", error: str = "") -> Outcome:
    SentMail.objects.filter(pk=row.pk).exclude(state__in=SETTLED).update(
        state=state,
        reason=reason,
        error=error[:500],
        busy_until=None,
        settled_at=Now(),
        provider_id=row.provider_id,
    )
    log.info("mail_settled", mail=row.key, state=str(state), reason=reason)
    return Outcome(str(state), reason)
