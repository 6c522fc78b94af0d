"""The model's answers through a real relay and a real worker that is killed; the model is a server of our own."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from multitask.testing.gemini import ANSWER, GeminiServer
from multitask.testing.plugin import service_folder
from workers.tests.rig import Rig, wait_for

pytestmark = pytest.mark.stack
ONLY = ("relay", "worker-outside")


@pytest.fixture(scope="module")
def gemini() -> Iterator[GeminiServer]:
    with GeminiServer() as running:
        yield running


@pytest.fixture(scope="module")
def rig(gemini: GeminiServer) -> Iterator[Rig]:
    more = {"GEMINI_API_KEY": "a-key", "GEMINI_ENDPOINT": gemini.url, "GEMINI_CALLS_PER_MINUTE": "0"}
    with service_folder() as folder, Rig(folder, only=ONLY, **more) as running:
        yield running


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


def test_a_worker_killed_in_the_middle_of_an_answer_is_followed_by_one_that_gives_it_once(
    rig: Rig, gemini: GeminiServer
) -> None:
    gemini.mode, gemini.delay = "slow", 0.6
    number = ask(rig, "killed")
    wait_for(lambda: state(rig, number)[2] == 1 and gemini.count == 1, timeout=30, what="an answer begun")
    rig.kill("worker-outside", signal.SIGKILL)
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
        rig.kill("worker-outside", signal.SIGKILL)
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
