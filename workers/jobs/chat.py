"""Let the model answer what people ask the assistant, word by word, and tell those whom nobody has answered."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings

from ml.chatbot.llm import Blocked, Gemini, Malformed, Model, ModelError, Permanent, RateLimited, Transient
from ml.chatbot.reading import Piece, Reply, reply
from multitask.chatbot.models import ChatMessage
from multitask.chatbot.selectors.prompts import prompt_for
from multitask.chatbot.services.answers import (
    Answered,
    answer_begin,
    answer_defer,
    answer_end,
    answer_stand_in,
    answers_sweep,
    sessions_end_idle,
)
from multitask.chatbot.services.breaker import (
    Open,
    breaker_failed,
    breaker_pass,
    breaker_state,
    breaker_succeeded,
)
from multitask.chatbot.services.limiter import Wait, call_take, calls_hold
from multitask.realtime.line import moments_send
from multitask.realtime.moments import ChatbotToken
from multitask.settings.logs import get_logger
from workers.base import Run, job
from workers.queues import QUEUES

log = get_logger(__name__)

QUEUE = "chat"
# A failure is tried once more, where it came this soon that the user has hardly waited.
AGAIN_SECONDS = 3.0
# Words are told together that come within this long of each other.
GATHER_SECONDS = 0.06
# Where the service says "too often" and not until when.
LIMITED_SECONDS = 15.0
PARTS = 20

_model: list[tuple[int, Model]] = []
_making = threading.Lock()


def model() -> Model:
    """This process's model, for all its threads; made after a fork, since it holds connections."""
    with _making:
        return _made()


def warm() -> None:
    """Load what asks the model, which takes seconds, before the first question does. Raises nothing."""
    if not settings.GEMINI_API_KEY:
        return
    try:
        model()
    except Exception:
        log.exception("model_not_ready")


def _made() -> Model:
    if not _model or _model[0][0] != os.getpid():
        made = Gemini(
            key=settings.GEMINI_API_KEY,
            model=settings.GEMINI_MODEL,
            library=settings.GEMINI_LIBRARY,
            endpoint=settings.GEMINI_ENDPOINT,
            seconds=settings.GEMINI_SECONDS,
        )
        _model[:] = [(os.getpid(), made)]
    return _model[0][1]


class Withheld(Exception):
    """The model gives no answer; `why` is a key of `texts.WHY`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Later(Exception):
    """Ask again in `wait` seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(wait)
        self.wait = wait


@job("chat.answer", queue=QUEUE)
def answer(run: Run) -> None:
    """Answer one question. A run that takes over from a worker that died begins anew, under the next attempt."""
    message_id = int(run.one.payload["message"])
    asked = answer_begin(message_id)
    if asked is None:
        return
    try:
        answered = _ask(asked, waited=bool(run.one.payload.get("waited")))
    except Later as later:
        _later(run, asked, later.wait)
    except Withheld as withheld:
        _stand_in(run, asked, withheld.why)
    except Exception:
        if run.one.attempt < QUEUES[QUEUE].attempts:
            raise
        # The last attempt: whatever is wrong with it, the user is told now.
        log.exception("question_lost", message=message_id)
        _stand_in(run, asked, "lost")
    else:
        with run.finish():
            answer_end(message_id=message_id, answered=answered)


def _later(run: Run, asked: ChatMessage, wait: float) -> None:
    with run.finish():
        if not answer_defer(message_id=asked.pk, wait=wait):
            answer_stand_in(message_id=asked.pk, why="busy")


def _stand_in(run: Run, asked: ChatMessage, why: str) -> None:
    with run.finish():
        answer_stand_in(message_id=asked.pk, why=why)


def _ask(asked: ChatMessage, *, waited: bool) -> Answered:
    """Ask the model, at most twice. Raises Withheld or Later."""
    begun = time.monotonic()
    first = True
    while True:
        attempt = asked.attempt
        if breaker_state() == "open":
            raise Withheld("away")
        place = call_take(waited=waited)
        if isinstance(place, Wait):
            raise Later(place.seconds) if first else Withheld("away")
        if isinstance(breaker_pass(), Open):
            raise Withheld("away")
        try:
            answered = _stream(asked, attempt)
        except RateLimited as error:
            # It answers, though with "too often": nobody asks until it wants to be asked.
            breaker_succeeded()
            wait = error.retry_after or LIMITED_SECONDS
            calls_hold(seconds=wait)
            raise Later(wait) from error
        except Blocked as error:
            breaker_succeeded()
            log.info("answer_withheld", reason=error.reason)
            raise Withheld("blocked") from error
        except ModelError as error:
            # An answer that came but says nothing is the question's doing: nobody may shut the model for everybody.
            if isinstance(error, Malformed) and error.__cause__ is None:
                breaker_succeeded()
            else:
                breaker_failed()
            log.warning("model_failed", kind=type(error).__name__, error=str(error)[:300])
            is_late = time.monotonic() - begun > AGAIN_SECONDS
            if isinstance(error, Permanent) or not first or is_late:
                raise Withheld("empty" if isinstance(error, Malformed) else "away") from error
        else:
            breaker_succeeded()
            return answered
        first = False
        time.sleep(random.uniform(0.1, 0.5))  # noqa: S311  (spreads load; no secret)
        again = answer_begin(asked.pk)
        if again is None:
            raise Withheld("lost")
        asked = again


def _stream(asked: ChatMessage, attempt: int) -> Answered:
    teller = Teller(asked, attempt)
    for part in reply(model(), prompt_for(asked)):
        if isinstance(part, Piece):
            teller.add(part.text)
        elif isinstance(part, Reply):
            teller.flush()
            return Answered(
                text=part.text,
                action=part.action,
                # As it is configured: what the service calls it changes with every one of its releases.
                model=settings.GEMINI_MODEL,
                tokens_in=part.usage.tokens_in,
                tokens_out=part.usage.tokens_out,
            )
    raise Transient("The answer had no end.")


class Teller:
    """Tells the user's sockets the words of one attempt, in order. Where they cannot be told the end will do."""

    def __init__(
        self, asked: ChatMessage, attempt: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._message, self._attempt, self._clock = asked, attempt, clock
        self._index, self._words, self._last = 0, "", float("-inf")
        self._mute = False

    def add(self, text: str) -> None:
        self._words += text
        if self._clock() - self._last >= GATHER_SECONDS:
            self.flush()

    def flush(self) -> None:
        if not self._words or self._mute:
            return
        token = ChatbotToken(
            message=self._message.pk, text=self._words, index=self._index, attempt=self._attempt
        )
        self._mute = not moments_send([self._message.session.user_id], token)
        self._index, self._words, self._last = self._index + 1, "", self._clock()


@job("chat.sweep", queue="default")
def sweep(run: Run) -> None:
    """Tell those whose question was lost, and end conversations that nobody goes on with."""
    told = 0
    for _ in range(PARTS):
        part = answers_sweep()
        told += part
        if not part:
            break
    if told:
        log.warning("questions_lost", number=told)
    sessions_end_idle()


__all__: list[Any] = ["answer", "model", "sweep"]
