"""Fixtures that tests of every app share."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from multitask.accounts.factories import AdminFactory, BothFactory, ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.accounts.services.tokens import tokens_issue
from multitask.testing.encoder import DIMENSIONS, HashedEncoder
from multitask.testing.pipeline import Pipeline
from multitask.testing.reference import reference_data_restore

AsUser = Callable[[User], APIClient]


@pytest.fixture(autouse=True)
def _reference_data(request: pytest.FixtureRequest) -> None:
    """A test in real transactions empties every table behind itself; the next one finds the nine categories."""
    if request.node.get_closest_marker("django_db") is not None:
        request.getfixturevalue("db")
        reference_data_restore()


@pytest.fixture
def api() -> APIClient:
    """Nobody: no token, English answers."""
    return APIClient(raise_request_exception=False, headers={"Accept-Language": "en"})


@pytest.fixture
def as_user() -> AsUser:
    """A client with the user's real access token, English answers."""

    def make(user: User) -> APIClient:
        client = APIClient(raise_request_exception=False, headers={"Accept-Language": "en"})
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens_issue(user=user).access}")
        return client

    return make


@pytest.fixture
def client_user(db: None) -> User:
    return ClientFactory()


@pytest.fixture
def freelancer(db: None) -> User:
    return FreelancerFactory()


@pytest.fixture
def both_user(db: None) -> User:
    return BothFactory()


@pytest.fixture
def admin_user(db: None) -> User:
    return AdminFactory()


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> HashedEncoder:
    """A deterministic encoder in place of the real one, which its own tests cover; queries are encoded by it too."""
    from multitask.recommendations.services import queries
    from multitask.recommendations.services.indexes import EncoderIdentity
    from workers import models

    fake = HashedEncoder()
    here = queries.InProcess()
    here.use(lambda index: fake.for_queries())
    monkeypatch.setattr(queries, "IN_PROCESS", here)
    monkeypatch.setattr(queries, "_kept", OrderedDict())
    monkeypatch.setattr(queries, "_paused_until", [0.0])
    monkeypatch.setattr(models, "encoder_for", lambda index: fake)
    monkeypatch.setattr(
        models, "configured_encoder", lambda: EncoderIdentity("hashed-words", "1", DIMENSIONS)
    )
    monkeypatch.setattr(models, "reads_arabic", lambda index: False)
    monkeypatch.setattr(models, "_lexical", {})
    return fake


@pytest.fixture
def pipeline(encoder: HashedEncoder) -> Pipeline:
    """The outbox, drained in this process with real jobs: `pipeline.drain()`."""
    return Pipeline()
