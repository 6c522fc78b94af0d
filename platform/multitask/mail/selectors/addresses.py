"""Whether a mail of a class may go to an address."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone

from multitask.mail.addresses import address_key
from multitask.mail.models import AddressState, MailClass, MailState, SentMail

STOPPED_AT = Decimal(4)
FORGET_DAYS = 30
# Classes that nobody asked for at this moment: they go to proved addresses only, and can be unsubscribed.
UNASKED = frozenset({MailClass.NOTIFICATION, MailClass.BULK})


def is_stopped(state: AddressState) -> bool:
    """Whether its bounces of the last month are too many."""
    recent = state.bounced_at is not None and state.bounced_at > timezone.now() - timedelta(days=FORGET_DAYS)
    return recent and state.score >= STOPPED_AT


def reason_against(*, mail_class: MailClass, user_id: int | None, to: str) -> str:
    """Why this mail must not go, as a code; "" where it may.

    address_bounced, address_complained, account_closed, address_unverified. The count of the day is not looked at.
    """
    unasked = mail_class in UNASKED
    state = AddressState.objects.filter(address_key=address_key(to)).first()
    if state is not None:
        if unasked and state.complained_at is not None:
            return "address_complained"
        if is_stopped(state) and (unasked or state.hard_bounced_at is not None):
            return "address_bounced"
    if not unasked:
        return ""
    return "account_closed" if user_id is None else _reason_of_person(user_id, to)


def _reason_of_person(user_id: int, to: str) -> str:
    person = get_user_model().objects.filter(pk=user_id).values("email", "is_verified", "is_active").first()
    if person is None or not person["is_active"]:
        return "account_closed"
    proved = person["is_verified"] and person["email"].lower() == to.strip().lower()
    return "" if proved else "address_unverified"


def mails_today(user_id: int) -> int:
    """Mails that went, or are about to go, to a user within the last 24 hours. One query."""
    since = timezone.now() - timedelta(days=1)
    kept_back = (MailState.SUPPRESSED, MailState.REFUSED)
    return SentMail.objects.filter(user_id=user_id, created_at__gt=since).exclude(state__in=kept_back).count()


def may_have_another(user_id: int) -> bool:
    """Whether the day's limit leaves room; the row of the mail in question is counted already."""
    return mails_today(user_id) <= settings.MAILS_PER_DAY
