"""Test objects."""

from __future__ import annotations

import factory

from multitask.accounts.factories import UserFactory
from multitask.mail.addresses import address_key
from multitask.mail.models import AddressState, MailClass, MailReport, SentMail
from multitask.mail.services.sending import message_id


class SentMailFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SentMail

    key = factory.Sequence(lambda n: f"test:{n}")
    user = factory.SubFactory(UserFactory)
    mail_class = MailClass.CRITICAL
    language = "ar"
    address_key = factory.LazyAttribute(lambda mail: address_key(mail.user.email))
    message_id = factory.LazyAttribute(lambda mail: message_id(mail.key))


class AddressStateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AddressState

    address_key = factory.Sequence(lambda n: address_key(f"address{n}@example.com"))
    domain = "example.com"


class MailReportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MailReport

    report_id = factory.Sequence(lambda n: f"{n:064x}")
    provider = "Postmark"
    kind = "bounced"
    mail = factory.SubFactory(SentMailFactory)
    address_key = factory.LazyAttribute(lambda report: report.mail.address_key)
