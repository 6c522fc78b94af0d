"""Jobs through a real relay, a real worker, a real Redis and a real PostgreSQL."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from multitask.testing.plugin import service_folder
from workers.tests.rig import ROOT, Rig, wait_for

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    only = ("relay", "worker-general")
    with service_folder() as folder, Rig(folder, only=only, app="workers.tests.jobs_app") as running:
        running.rows("CREATE TABLE test_effect (id bigserial PRIMARY KEY, key text)")
        yield running


def emit(rig: Rig, topic: str, key: str, **payload: object) -> None:
    rig.python(
        "from django.db import transaction\n"
        "from multitask.outbox.emit import emit\n"
        f"with transaction.atomic(): emit({topic!r}, key={key!r}, **{payload!r})"
    )


def effects(rig: Rig, key: str) -> int:
    return int(rig.value("SELECT count(*) FROM test_effect WHERE key = %s", (key,)))


def delivery(rig: Rig, key: str) -> tuple[str, int, str]:
    """(status, attempts, last error) of the only delivery with this key."""
    ((status, attempts, error),) = rig.rows(
        "SELECT status, attempts, last_error FROM outbox_outboxdelivery WHERE key = %s", (key,)
    )
    return status, attempts, error


def wait_status(rig: Rig, key: str, status: str, timeout: float = 30) -> None:
    wait_for(lambda: delivery(rig, key)[0] == status, timeout=timeout, what=f"{key} {status}")


def test_a_committed_event_is_worked_off_once(rig: Rig) -> None:
    emit(rig, "test.count", "once:1")
    rig.wait_idle(30)
    assert effects(rig, "once:1") == 1
    assert delivery(rig, "once:1") == ("done", 1, "")


def test_an_event_outlives_a_process_killed_right_after_its_commit(rig: Rig) -> None:
    code = (
        "import os, signal\n"
        "from django.db import transaction\n"
        "from multitask.outbox.emit import emit\n"
        "with transaction.atomic(): emit('test.count', key='killed:1')\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    child = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}"],
        env=rig.environment,
        cwd=ROOT,
        check=False,
        capture_output=True,
    )
    assert child.returncode == -signal.SIGKILL
    wait_for(lambda: effects(rig, "killed:1") == 1, timeout=15, what="the effect")


def test_the_same_message_delivered_three_times_has_one_effect(rig: Rig) -> None:
    emit(rig, "test.slow", "thrice:1", seconds=1)
    wait_status(rig, "thrice:1", "running")
    identifier = rig.value("SELECT id FROM outbox_outboxdelivery WHERE key = 'thrice:1'")
    rig.python(
        "from workers.app import app\n"
        f"for _ in range(3): app.send_task('test.slow', args=[[[{identifier}, 1]]], queue='notify')"
    )
    rig.wait_idle(30)
    time.sleep(2)
    assert effects(rig, "thrice:1") == 1
    assert effects(rig, "begun thrice:1") == 1


def test_a_poison_job_runs_at_most_four_times_and_blocks_nobody(rig: Rig) -> None:
    emit(rig, "test.poison", "poison:1")
    for number in range(5):
        emit(rig, "test.count", f"beside:{number}")
    wait_for(
        lambda: all(effects(rig, f"beside:{n}") == 1 for n in range(5)),
        timeout=60,
        what="the others' effects",
    )
    # Four leases of a job whose worker died: shortened, as an operator would not wait for them in a test.
    end = time.monotonic() + 120
    while delivery(rig, "poison:1")[0] != "dead":
        assert time.monotonic() < end, delivery(rig, "poison:1")
        rig.rows(
            "UPDATE outbox_outboxdelivery SET lease_until = now() WHERE key = 'poison:1' AND status = 'running' "
            "AND started_at < now() - interval '2 seconds'"
        )
        time.sleep(0.5)
    status, attempts, error = delivery(rig, "poison:1")
    assert (status, attempts) == ("dead", 4)
    assert "died" in error
    assert effects(rig, "poison:1") == 4


def test_one_bad_delivery_of_a_batch_does_not_hold_up_the_others(rig: Rig) -> None:
    rig.python(
        "from django.db import transaction\n"
        "from multitask.outbox.emit import Event, emit_many\n"
        "with transaction.atomic():\n"
        "    emit_many([Event('test.batch', f'batch:{n}', {'bad': n == 3}) for n in range(10)])"
    )
    wait_for(
        lambda: all(effects(rig, f"batch:{n}") == 1 for n in range(10) if n != 3),
        timeout=60,
        what="the good nine",
    )
    wait_status(rig, "batch:3", "dead", timeout=90)
    assert effects(rig, "batch:3") == 0
    assert "this one is bad" in delivery(rig, "batch:3")[2]


def test_a_dead_letter_runs_again_when_an_operator_says_so(rig: Rig) -> None:
    emit(rig, "test.refuse", "refused:1")
    wait_status(rig, "refused:1", "dead")
    assert delivery(rig, "refused:1")[1:] == (1, "no use trying again")
    identifier = rig.value("SELECT id FROM outbox_outboxdelivery WHERE key = 'refused:1'")
    rig.rows("UPDATE outbox_outboxdelivery SET handler = 'test.count' WHERE id = %s", (identifier,))
    rig.python(f"from multitask.outbox.relay import retry_dead; assert retry_dead([{identifier}]) == 1")
    wait_for(lambda: effects(rig, "refused:1") == 1, timeout=30, what="the effect of the retry")


def test_a_job_no_worker_knows_is_a_dead_letter(rig: Rig) -> None:
    emit(rig, "test.count", "unknown:1")
    rig.wait_idle(30)
    identifier = rig.value("SELECT id FROM outbox_outboxdelivery WHERE key = 'unknown:1'")
    rig.rows(
        "UPDATE outbox_outboxdelivery SET status = 'sent', lease_until = now() + interval '1 hour' WHERE id = %s",
        (identifier,),
    )
    rig.python(
        "from workers.app import app\n"
        f"app.send_task('test.renamed_since', args=[[[{identifier}, 1]]], queue='default')"
    )
    wait_status(rig, "unknown:1", "dead")
    assert "test.renamed_since" in delivery(rig, "unknown:1")[2]


def test_a_job_past_its_time_limit_is_ended_and_tried_again(rig: Rig) -> None:
    emit(rig, "test.endless", "endless:1")
    wait_for(
        lambda: "time limit" in delivery(rig, "endless:1")[2], timeout=40, what="the end of an endless job"
    )
    rig.rows("UPDATE outbox_outboxdelivery SET status = 'dead' WHERE key = 'endless:1'")


def test_a_stop_lets_a_running_job_finish(rig: Rig) -> None:
    emit(rig, "test.slow", "graceful:1", seconds=4)
    wait_for(lambda: effects(rig, "begun graceful:1") == 1, timeout=30, what="the job's begin")
    rig.terminate("worker-general")
    wait_for(lambda: effects(rig, "graceful:1") == 1, timeout=30, what="the job's end")
    rig.wait_idle(60)
    assert effects(rig, "begun graceful:1") == 1
    assert delivery(rig, "graceful:1")[:2] == ("done", 1)


def test_a_broker_that_hangs_delays_and_loses_nothing(rig: Rig) -> None:
    pid = rig.redis.pid
    assert pid is not None
    subprocess.run(["kill", "-STOP", str(pid)], check=True)
    try:
        for number in range(5):
            emit(rig, "test.count", f"hung:{number}")
    finally:
        subprocess.run(["kill", "-CONT", str(pid)], check=True)
    wait_for(lambda: all(effects(rig, f"hung:{n}") == 1 for n in range(5)), timeout=90, what="the effects")
    assert all(effects(rig, f"hung:{n}") == 1 for n in range(5))


def test_connections_cut_in_bursts_are_made_again(rig: Rig) -> None:
    client = rig.redis.client()
    for number in range(8):
        emit(rig, "test.count", f"cut:{number}")
        for kind in ("normal", "pubsub"):
            client.client_kill_filter(_type=kind, skipme=True)
    wait_for(lambda: all(effects(rig, f"cut:{n}") == 1 for n in range(8)), timeout=90, what="the effects")
