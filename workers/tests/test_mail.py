"""Mail through a real relay, a real worker and a real server that misbehaves; what does not mail goes on beside it."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from multitask.mail.tests.server import Server
from multitask.testing.plugin import service_folder
from workers.tests.rig import Rig, wait_for

pytestmark = pytest.mark.stack
ONLY = ("relay", "worker-general", "worker-outside")
MAILS = 200


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture(scope="module")
def rig(server: Server) -> Iterator[Rig]:
    mail = {
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(server.port),
        "EMAIL_SECURITY": "none",
        "EMAIL_TIMEOUT": "2",
    }
    with (
        service_folder() as folder,
        Rig(folder, only=ONLY, app="workers.tests.jobs_app", **mail) as running,
    ):
        running.rows("CREATE TABLE test_effect (id bigserial PRIMARY KEY, key text)")
        yield running


@pytest.fixture(autouse=True)
def _well(rig: Rig, server: Server) -> Iterator[None]:
    server.behaviour = "accept"
    server.mails.clear()
    server.treated.clear()
    rig.rows("DELETE FROM mail_mailgate")
    yield
    server.behaviour = "accept"


def ask(rig: Rig, name: str, number: int = 1) -> None:
    """`number` people of this name each ask for a mail."""
    rig.python(
        "from django.db import transaction\n"
        "from multitask.accounts.models import User\n"
        "from multitask.outbox.emit import Event, emit_many\n"
        f"people = User.objects.bulk_create([User(username=f'{name}{{n}}', email=f'{name}{{n}}@example.com')"
        f" for n in range({number})])\n"
        "with transaction.atomic():\n"
        "    emit_many([Event('account.password_changed', f'user:{p.pk}', {'user': p.pk}) for p in people])\n"
    )


def other_work(rig: Rig, key: str, topic: str = "test.count") -> None:
    rig.python(
        "from django.db import transaction\n"
        "import workers.tests.jobs_app\n"
        "from multitask.outbox.emit import emit\n"
        f"with transaction.atomic(): emit({topic!r}, key={key!r})"
    )


def effects(rig: Rig, key: str) -> int:
    return int(rig.value("SELECT count(*) FROM test_effect WHERE key = %s", (key,)))


def hurry(rig: Rig) -> None:
    """What waits for its next attempt waits no longer: a test does not sit out minutes."""
    rig.rows("UPDATE mail_mailgate SET closed_until = NULL WHERE closed_until > now() + interval '2 seconds'")
    rig.rows(
        "UPDATE outbox_outboxdelivery SET available_at = now() "
        "WHERE status = 'pending' AND available_at > now() + interval '2 seconds'"
    )


def states(rig: Rig) -> dict[str, int]:
    return {
        state: int(number)
        for state, number in rig.rows("SELECT state, count(*) FROM mail_sentmail GROUP BY state")
    }


def wait_done(rig: Rig, timeout: float) -> None:
    """Until no mail is under way."""

    def done() -> bool:
        hurry(rig)
        return rig.unfinished() == 0

    wait_for(done, timeout=timeout, what="an end of every mail", pause=1)


def test_two_hundred_mails_to_a_server_that_misbehaves_at_random_arrive_once_each(
    rig: Rig, server: Server
) -> None:
    dice = random.Random(5)
    odds = {
        "accept": 60, "slow": 12, "refuse": 6, "hang": 1, "drop": 6, "drop_data": 6, "later": 6, "later_end": 4,
        "hang_end": 1,
    }  # fmt: skip
    server.slow = 0.3
    server.behaviour = lambda: dice.choices(list(odds), list(odds.values()))[0]
    ask(rig, "many", MAILS)
    for number in range(5):
        other_work(rig, f"beside:{number}")
        wait_for(lambda n=number: effects(rig, f"beside:{n}") == 1, timeout=10, what="other work beside it")
    wait_done(rig, 150)
    arrived = server.arrived()
    twice = {to: times for to, times in arrived.items() if times > 1}
    assert twice == {}
    assert len(arrived) == MAILS, f"{states(rig)}, {server.treated}"
    found = states(rig)
    assert set(found) == {"sent", "uncertain"}
    lost = server.treated["drop"] + server.treated["hang_end"]
    # Each that the server took without an answer is uncertain, and none that it did answer.
    assert found["uncertain"] == lost, server.treated
    assert found["sent"] == MAILS - lost
    assert Counter(rig.rows("SELECT status FROM outbox_outboxdelivery WHERE queue = 'mail'")) == {
        ("done",): MAILS
    }


def test_a_worker_killed_while_it_hands_a_mail_over_never_sends_it_again(rig: Rig, server: Server) -> None:
    server.behaviour = "hang_end"
    ask(rig, "killed")
    wait_for(lambda: len(server.mails) == 1, timeout=20, what="a mail at the server")
    rig.kill("worker-outside", signal.SIGKILL)
    server.behaviour = "accept"
    assert rig.value("SELECT state FROM mail_sentmail ORDER BY id DESC LIMIT 1") == "handing_over"
    rig.rows("UPDATE outbox_outboxdelivery SET lease_until = now() WHERE status = 'running'")
    rig.rows("UPDATE mail_sentmail SET busy_until = now() WHERE busy_until IS NOT NULL")
    wait_done(rig, 60)
    assert rig.value("SELECT state FROM mail_sentmail ORDER BY id DESC LIMIT 1") == "uncertain"
    assert server.arrived() == {"killed0@example.com": 1}


def test_a_worker_killed_before_that_leaves_a_mail_that_goes_once(rig: Rig, server: Server) -> None:
    server.behaviour = "hang"
    ask(rig, "early")
    wait_for(
        lambda: rig.value("SELECT state FROM mail_sentmail ORDER BY id DESC LIMIT 1") == "sending",
        timeout=20,
        what="a mail being sent",
    )
    rig.kill("worker-outside", signal.SIGKILL)
    server.behaviour = "accept"
    rig.rows("UPDATE outbox_outboxdelivery SET lease_until = now() WHERE status = 'running'")
    rig.rows("UPDATE mail_sentmail SET busy_until = now() WHERE busy_until IS NOT NULL")
    wait_done(rig, 60)
    assert server.arrived() == {"early0@example.com": 1}


def test_a_server_that_hangs_holds_up_nothing_else_and_is_asked_seldom(rig: Rig, server: Server) -> None:
    server.behaviour = "hang"
    before = server.connections
    ask(rig, "hung", 40)
    wait_for(lambda: server.treated["hang"] >= 1, timeout=20, what="a mail that hangs")
    for number in range(6):
        other_work(rig, f"general:{number}")
        other_work(rig, f"push:{number}", "test.push")
    wait_for(lambda: all(effects(rig, f"general:{n}") for n in range(6)), timeout=10, what="general work")
    wait_for(lambda: all(effects(rig, f"push:{n}") for n in range(6)), timeout=10, what="work outside")
    waits = rig.rows(
        "SELECT extract(epoch FROM d.done_at - e.created_at) FROM outbox_outboxdelivery d "
        "JOIN outbox_outboxevent e ON e.id = d.event_id WHERE d.key LIKE 'general:%%' OR d.key LIKE 'push:%%'"
    )
    assert max(waits)[0] < 5, waits
    assert server.connections - before < 15, "forty mails must not knock forty times"
    assert not server.mails
    server.behaviour = "accept"
    wait_done(rig, 90)
    assert len(server.arrived()) == 40
    assert set(server.arrived().values()) == {1}


def test_ten_minutes_without_a_server_lose_no_mail(rig: Rig, server: Server) -> None:
    server.behaviour = "refuse"
    ask(rig, "outage", 3)
    # What the backoff would take longer than ten minutes for.
    for _ in range(10):
        hurry(rig)
        time.sleep(0.7)
    assert rig.value("SELECT count(*) FROM outbox_outboxdelivery WHERE status = 'dead'") == 0
    server.behaviour = "accept"
    wait_done(rig, 60)
    assert server.arrived() == {f"outage{n}@example.com": 1 for n in range(3)}
