"""An operator finds what was mailed to an address, and clears what stands against one."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from multitask.accounts.factories import AdminFactory, ClientFactory
from multitask.mail.factories import AddressStateFactory, SentMailFactory
from multitask.mail.models import AddressState
from multitask.mail.services.addresses import address_bounced

pytestmark = pytest.mark.django_db
STATES, MAILS = "/admin/mail/addressstate/", "/admin/mail/sentmail/"


@pytest.fixture
def operator() -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(AdminFactory(is_staff=True, is_superuser=True))
    return client


def test_mails_and_states_are_found_by_the_whole_address(operator: Client) -> None:
    user = ClientFactory(email="mona@example.com")
    SentMailFactory(key="digest:mona", user=user)
    SentMailFactory(key="digest:other")
    address_bounced(address="mona@example.com", fault="hard", detail="")
    AddressStateFactory()
    listed = operator.get(MAILS, {"q": "MONA@example.com"}).content.decode()
    assert "digest:mona" in listed
    assert "digest:other" not in listed
    assert "1 address state" in operator.get(STATES, {"q": "mona@example.com"}).content.decode()
    assert "0 address states" in operator.get(STATES, {"q": "nobody@example.com"}).content.decode()


def test_a_cleared_address_gets_mails_again_and_who_cleared_it_is_kept(operator: Client) -> None:
    for _ in range(2):
        address_bounced(address="mona@example.com", fault="hard", detail="")
    row = AddressState.objects.get()
    operator.post(STATES, {"action": "clear", "_selected_action": [row.pk]})
    assert not AddressState.objects.exists()
    assert LogEntry.objects.filter(object_id=str(row.pk)).count() == 1


def test_who_may_only_look_clears_nothing() -> None:
    looker = AdminFactory(is_staff=True, is_superuser=False)
    looker.user_permissions.add(Permission.objects.get(codename="view_addressstate"))
    client = Client()
    client.force_login(looker)
    row = AddressStateFactory()
    assert client.get(STATES).status_code == 200
    client.post(STATES, {"action": "clear", "_selected_action": [row.pk]})
    assert AddressState.objects.exists()
