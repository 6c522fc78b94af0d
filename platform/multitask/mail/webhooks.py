"""Where a provider reports: /webhooks/mail/<provider>/tracking/, with MAIL_WEBHOOK_SECRET as user and password.

django-anymail checks the login (and the signature, where a provider signs) and reads what was posted.
"""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.urls import URLPattern

from multitask.mail.handing import Fault
from multitask.mail.services.reports import Kind, Report, report_take

KINDS: dict[str, Kind] = {
    "bounced": "bounced",
    "rejected": "kept_back",
    "complained": "complained",
    "unsubscribed": "complained",
    "delivered": "delivered",
}
# Providers name a bounce that will pass in a dozen ways; a reply of the 4yz kind or a full mailbox says it too.
SOFT = re.compile(
    r"soft|transient|tempor|mailbox.?full|quota|\b4\.\d{1,3}\.\d{1,3}\b|\b5\.2\.2\b|^4\d\d\b", re.IGNORECASE
)
TELLING = (
    "Type",
    "type",
    "event",
    "Event",
    "bounceType",
    "severity",
    "bounce_class",
    "error_related_to",
    "error",
)


def webhook_patterns() -> list[URLPattern]:
    """The one address of the configured provider; none without a secret, or where mails go by SMTP."""
    from anymail.urls import urlpatterns

    if not settings.MAIL_WEBHOOK_SECRET:
        return []
    return [one for one in urlpatterns if one.name == f"{settings.EMAIL_PROVIDER}_tracking_webhook"]


def tracking_received(sender: Any, event: Any, esp_name: str, **_: Any) -> None:
    """One event of django-anymail's. What says nothing about an address (opened, clicked, delayed) is let go."""
    kind = KINDS.get(str(event.event_type))
    if kind is None or not event.recipient:
        return
    fault = _fault(event) if kind in {"bounced", "kept_back"} else ""
    if kind == "kept_back" and event.reject_reason in {"spam", "unsubscribed"}:
        kind = "complained"
    said = " ".join(
        str(part) for part in (event.reject_reason, event.description, event.mta_response) if part
    )
    report_take(
        Report(
            provider=esp_name,
            identifier=event.event_id
            or f"{event.event_type}:{event.recipient}:{event.message_id}:{event.timestamp}",
            kind=kind,
            address=event.recipient,
            message_id=event.message_id or "",
            fault=fault,
            detail=said,
        )
    )


def _fault(event: Any) -> Fault:
    if event.reject_reason in {"blocked", "spam", "unsubscribed"}:
        return ""
    raw = event.esp_event if isinstance(event.esp_event, dict) else {}
    raw = raw | (raw.get("event-data") or {}) | (raw.get("bounce") or {})
    if raw.get("hard_bounce") is False:
        return "soft"
    telling = [str(raw[name]) for name in TELLING if name in raw]
    said = (*telling, str(event.description or ""), str(event.mta_response or ""))
    if any(SOFT.search(part) for part in said):
        return "soft"
    return "hard" if event.reject_reason in {"invalid", "bounced"} else "soft"
