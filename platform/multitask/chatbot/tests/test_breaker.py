"""A model that fails is given a rest, for all workers; then one call tries whether it answers again."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import connections

from multitask.chatbot.gate import OPEN_SECONDS, ModelGate
from multitask.chatbot.selectors.gates import ModelFigures, model_figures
from multitask.chatbot.services import breaker, gates
from multitask.chatbot.services.breaker import (
    FAILURES,
    PROBE_SECONDS,
    WINDOW_SECONDS,
    Open,
    Pass,
    breaker_failed,
    breaker_pass,
    breaker_state,
    breaker_succeeded,
)
from multitask.chatbot.services.limiter import call_take
from multitask.chatbot.tests.test_limiter import Clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    made = Clock()
    monkeypatch.setattr(gates, "database_now", made)
    monkeypatch.setattr(breaker, "database_now", made)
    return made


def opened() -> None:
    assert [breaker_failed() for _ in range(FAILURES)] == [False] * (FAILURES - 1) + [True]


def test_it_opens_at_so_many_failures_and_not_before(clock: Clock) -> None:
    for _ in range(FAILURES - 1):
        assert not breaker_failed()
        assert breaker_pass() == Pass()
    assert breaker_failed()
    assert breaker_pass() == Open(OPEN_SECONDS)
    assert breaker_state() == "open"


def test_failures_that_lie_far_apart_open_nothing(clock: Clock) -> None:
    for _ in range(3 * FAILURES):
        assert not breaker_failed()
        clock.tick(WINDOW_SECONDS / (FAILURES - 1) + 1)
    assert breaker_state() == "closed"


def test_an_answer_in_between_lets_the_count_begin_anew(clock: Clock) -> None:
    for _ in range(3):
        for _ in range(FAILURES - 1):
            assert not breaker_failed()
        breaker_succeeded()
    assert breaker_state() == "closed"


def test_after_the_rest_one_call_passes_and_no_other(clock: Clock) -> None:
    opened()
    clock.tick(OPEN_SECONDS)
    assert breaker_state() == "half_open"
    assert breaker_pass() == Pass(probe=True)
    assert breaker_pass() == Open(PROBE_SECONDS)


def test_the_probes_answer_closes_it(clock: Clock) -> None:
    opened()
    clock.tick(OPEN_SECONDS)
    breaker_pass()
    breaker_succeeded()
    assert breaker_state() == "closed"
    assert breaker_pass() == Pass()
    # And what failed before is forgotten.
    assert not breaker_failed()


def test_the_probes_failure_opens_it_anew(clock: Clock) -> None:
    opened()
    clock.tick(OPEN_SECONDS)
    breaker_pass()
    assert breaker_failed()
    assert breaker_pass() == Open(OPEN_SECONDS)


def test_a_probe_of_which_nothing_is_heard_is_given_up(clock: Clock) -> None:
    opened()
    clock.tick(OPEN_SECONDS)
    breaker_pass()
    clock.tick(PROBE_SECONDS)
    assert breaker_pass() == Pass(probe=True)


def test_a_call_from_before_that_ends_late_proves_nothing(clock: Clock) -> None:
    opened()
    breaker_succeeded()
    assert breaker_state() == "open"
    assert not breaker_failed()
    clock.tick(OPEN_SECONDS)
    assert breaker_state() == "half_open"


def test_failures_and_rests_are_counted(clock: Clock) -> None:
    opened()
    row = ModelGate.objects.get()
    assert (row.failures_total, row.opened_total) == (FAILURES, 1)


def test_operators_see_how_it_goes_with_the_model() -> None:
    assert model_figures() == ModelFigures()
    for _ in range(5):
        call_take(limit=2)
    opened()
    assert model_figures() == ModelFigures(
        calls=2, waits=3, failures=FAILURES, rests=1, recent=2, waiting=3, resting=True
    )


@pytest.mark.django_db(transaction=True)
def test_of_workers_at_once_one_probes(clock: Clock) -> None:
    opened()
    clock.tick(OPEN_SECONDS)
    passes: list[object] = []
    ready = threading.Barrier(8)

    def worker() -> None:
        ready.wait()
        try:
            passes.append(breaker_pass())
        finally:
            connections.close_all()

    workers = [threading.Thread(target=worker) for _ in range(8)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert passes.count(Pass(probe=True)) == 1
    assert passes.count(Open(PROBE_SECONDS)) == 7
