"""The model's answers through a real relay and a real worker that is killed; the model is a server of our own."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from multitask.mail.tests.server import Server
from multitask.testing.gemini import ANSWER, PIECE, GeminiServer
from multitask.testing.plugin import service_folder
from workers.tests.rig import Rig, wait_for

pytestmark = pytest.mark.stack
CHATS = 40
MODEL_SECONDS = 2.0
ONLY = ("relay", "worker-outside", "worker-chat")


@pytest.fixture(scope="module")
def gemini() -> Iterator[GeminiServer]:
    with GeminiServer() as running:
        yield running


@pytest.fixture(scope="module")
def mails() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture(scope="module")
def rig(gemini: GeminiServer, mails: Server) -> Iterator[Rig]:
    more = {
        "GEMINI_API_KEY": "a-key",
        "GEMINI_ENDPOINT": gemini.url,
        "GEMINI_CALLS_PER_MINUTE": "0",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(mails.port),
        "EMAIL_SECURITY": "none",
    }
    with service_folder() as folder, Rig(folder, only=ONLY, **more) as running:
        yield running


@pytest.fixture(autouse=True)
def _as_new(gemini: GeminiServer) -> Iterator[None]:
    yield
    gemini.mode, gemini.delay, gemini.piece = "normal", 0.0, PIECE
    gemini.seen.clear()


def ask(rig: Rig, name: str) -> int:
    """Let a new user ask; the id of the answer that is to come."""
    return int(
        rig.python(
            "from multitask.accounts.models import User\n"
            "from multitask.chatbot.services.chat import chat_send\n"
            f"user = User.objects.create(username={name!r}, email={name + '@example.com'!r}, language='en')\n"
            "print(chat_send(actor=user, message='Tell me of the moon and of poetry').answer.pk)"
        ).split()[-1]
    )


def told(rig: Rig, number: int) -> list[str]:
    rows = rig.rows(
        "SELECT body->'message'->>'state' FROM realtime_userevent WHERE type = 'chatbot.message' "
        "AND (body->'message'->>'id')::bigint = %s ORDER BY seq",
        (number,),
    )
    return [row[0] for row in rows]


def state(rig: Rig, number: int) -> tuple[str, str, int]:
    ((kept, message, attempt),) = rig.rows(
        "SELECT state, message, attempt FROM chatbot_chatmessage WHERE id = %s", (number,)
    )
    return kept, message, attempt


def ask_together(rig: Rig, number: int) -> None:
    """`number` new users ask at once, and each is to get a mail besides."""
    rig.python(
        "from django.db import transaction\n"
        "from multitask.accounts.models import User\n"
        "from multitask.chatbot.services.chat import chat_send\n"
        "from multitask.outbox.emit import Event, emit_many\n"
        "people = User.objects.bulk_create([User(username=f'crowd{n}', email=f'crowd{n}@example.com', language='en')"
        f" for n in range({number})])\n"
        "with transaction.atomic():\n"
        "    for one in people: chat_send(actor=one, message='Tell me of the moon and of poetry')\n"
        "    emit_many([Event('account.password_changed', f'user:{p.pk}', {'user': p.pk}) for p in people])\n"
    )


CROWD = (
    "FROM chatbot_chatmessage m JOIN chatbot_chatsession s ON s.id = m.session_id "
    "JOIN accounts_user u ON u.id = s.user_id WHERE u.username LIKE 'crowd%%' AND m.sender = 'BOT'"
)


def test_forty_chats_with_a_slow_model_do_not_wait_for_each_other_and_no_mail_waits_for_them(
    rig: Rig, gemini: GeminiServer, mails: Server
) -> None:
    gemini.mode, gemini.delay, gemini.piece = "slow", MODEL_SECONDS, 100_000
    ask_together(rig, CHATS)
    wait_for(
        lambda: rig.value(f"SELECT count(*) {CROWD} AND m.state = 'done'") == CHATS,
        timeout=60,
        what="an answer to everybody",
    )
    # By the database's clock, from the moment at which all had asked.
    took, by_model = rig.rows(
        "SELECT extract(epoch FROM max(m.settled_at) - max(m.created_at))::float, "
        f"count(*) FILTER (WHERE m.outcome = 'model') {CROWD}"
    )[0]
    print(f"{CHATS} chats with a model of {MODEL_SECONDS:g} s: {took:.1f} s")
    assert (by_model, gemini.count) == (CHATS, CHATS)
    # Three rounds of the sixteen threads, twice over for what else the machine does; two at a time would take 40 s.
    assert took < 2 * 3 * MODEL_SECONDS
    wait_for(lambda: len(mails.arrived()) == CHATS, timeout=20, what="every mail")
    late = rig.value(
        "SELECT count(*) FROM outbox_outboxdelivery WHERE queue = 'mail' AND done_at >= "
        f"(SELECT max(m.settled_at) {CROWD})"
    )
    assert late == 0


def test_a_worker_killed_in_the_middle_of_an_answer_is_followed_by_one_that_gives_it_once(
    rig: Rig, gemini: GeminiServer
) -> None:
    gemini.mode, gemini.delay = "slow", 0.6
    number = ask(rig, "killed")
    wait_for(lambda: state(rig, number)[2] == 1 and gemini.count == 1, timeout=30, what="an answer begun")
    rig.kill("worker-chat", signal.SIGKILL)
    assert (state(rig, number)[0], told(rig, number)) == ("pending", [])
    gemini.mode = "normal"
    rig.rows("UPDATE outbox_outboxdelivery SET lease_until = now() WHERE status IN ('running', 'sent')")
    wait_for(lambda: state(rig, number)[0] == "done", timeout=60, what="the answer")
    assert state(rig, number) == ("done", ANSWER, 2)
    assert told(rig, number) == ["done"]
    assert gemini.count == 2


def test_a_question_that_kills_every_worker_is_given_up_and_its_user_told(
    rig: Rig, gemini: GeminiServer
) -> None:
    gemini.mode, gemini.delay = "slow", 0.6
    number = ask(rig, "poison")
    for attempt in range(1, 5):
        wait_for(
            lambda attempt=attempt: state(rig, number)[2] == attempt, timeout=60, what=f"attempt {attempt}"
        )
        rig.kill("worker-chat", signal.SIGKILL)
        rig.rows("UPDATE outbox_outboxdelivery SET lease_until = now() WHERE status IN ('running', 'sent')")
    wait_for(
        lambda: rig.value("SELECT count(*) FROM outbox_outboxdelivery WHERE status = 'dead'") == 1,
        timeout=30,
        what="a dead letter",
    )
    assert told(rig, number) == []
    rig.rows("UPDATE chatbot_chatmessage SET created_at = now() - interval '1 hour' WHERE id = %s", (number,))
    rig.python("from multitask.chatbot.services.answers import answers_sweep\nprint(answers_sweep())")
    assert state(rig, number)[0] == "failed"
    assert told(rig, number) == ["failed"]
