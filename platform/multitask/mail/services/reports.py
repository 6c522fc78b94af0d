"""What a provider reports of mails it has taken: bounces, complaints, deliveries. Each report counts once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from django.db import transaction
from django.db.models import Q

from multitask.mail.addresses import address_key, is_address
from multitask.mail.handing import Fault
from multitask.mail.models import MailReport, MailState, SentMail
from multitask.mail.services.addresses import address_bounced, address_complained
from multitask.settings.logs import get_logger

log = get_logger(__name__)
Kind = Literal["bounced", "complained", "delivered", "kept_back"]


@dataclass(frozen=True, slots=True)
class Report:
    """`identifier` is what the provider calls the report, or enough to know it again; `message_id` its name of the mail.

    kept_back: the provider did not even try, by a list of its own.
    """

    provider: str
    identifier: str
    kind: Kind
    address: str
    message_id: str = ""
    fault: Fault = ""
    detail: str = ""


def report_take(report: Report) -> bool:
    """Write a report down and let it count. False where it came before, or names nobody."""
    if not is_address(report.address):
        return False
    name = hashlib.sha256(f"{report.provider}:{report.identifier}".encode()).hexdigest()
    with transaction.atomic():
        mail = _mail_of(report)
        values = {
            "provider": report.provider,
            "kind": report.kind,
            "address_key": address_key(report.address),
            "mail": mail,
            "detail": report.detail[:500],
        }
        # The unique id decides between the same report twice at once: the second one waits, then finds the first.
        _, is_new = MailReport.objects.get_or_create(report_id=name, defaults=values)
        if not is_new:
            return False
        _apply(report, mail)
    log.info("mail_report", provider=report.provider, kind=report.kind, fault=report.fault)
    return True


def _apply(report: Report, mail: SentMail | None) -> None:
    if report.kind == "complained":
        address_complained(address=report.address, detail=report.detail)
    elif report.kind in {"bounced", "kept_back"}:
        address_bounced(address=report.address, fault=report.fault, detail=report.detail)
    if mail is None:
        return
    if report.kind == "delivered":
        SentMail.objects.filter(pk=mail.pk, state=MailState.UNCERTAIN).update(state=MailState.SENT, reason="")
    else:
        SentMail.objects.filter(pk=mail.pk).update(reason=report.kind, error=report.detail[:500])


def _mail_of(report: Report) -> SentMail | None:
    if not report.message_id:
        return None
    plain = report.message_id.strip("<>")
    named = Q(message_id=f"<{plain}>") | (Q(provider_id__in=(plain, f"<{plain}>")) & ~Q(provider_id=""))
    return SentMail.objects.filter(named, address_key=address_key(report.address)).first()
