"""What several tests of pushes need: a push service, somebody who is told, a clock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from multitask.accounts.factories import FreelancerFactory
from multitask.accounts.models import User
from multitask.notifications.push.keys import own_pair
from multitask.notifications.tests import push_service
from multitask.notifications.tests.push_service import PushService
from multitask.notifications.tests.push_steps import NOON


@pytest.fixture
def service(settings: Any) -> Iterator[PushService]:
    pair = own_pair()
    assert pair is not None
    with push_service.serving(pair.public) as found:
        settings.PUSH_HOSTS = [found.address]
        yield found


@pytest.fixture
def reader(db: None) -> User:
    return FreelancerFactory(language="ar")


@pytest.fixture
def clock(service: PushService) -> Iterator[Any]:
    """Stands at noon until it is moved; the pipeline's own clock is made due by hand."""
    with time_machine.travel(NOON, tick=False) as found:
        # The service looks at the signature's time by the same clock.
        yield found
