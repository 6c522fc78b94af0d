"""Answers from the help base, by words and, once it is ready in this process, by the project's own encoder."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.chatbot import help as base
from multitask.chatbot.texts import FROM_HELP, HELP_PAGE, STILL_CAN, WHY, spoken
from multitask.recommendations.services.queries import IN_PROCESS, serving_index
from multitask.settings.logs import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Helped:
    text: str
    action: dict[str, str] | None


class _Meaning:
    """The encoder of this process as the base takes it. Its wordings are encoded beside the requests: it takes seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._encoder: Any = None
        self._ready: base.Encode | None = None

    def encode(self) -> base.Encode | None:
        """The same function each time; None until it is ready, or where this process has no encoder."""
        index = serving_index()
        found = None if index is None or not index.dimensions else IN_PROCESS.encoder(index)
        if found is None:
            return None
        with self._lock:
            if found is not self._encoder:
                self._encoder, self._ready = found, None
                dimensions = index.dimensions if index is not None else 0
                threading.Thread(target=self._warm, args=(found, dimensions), daemon=True).start()
            return self._ready

    def _warm(self, encoder: Any, dimensions: int) -> None:
        def encode(text: str) -> NDArray[np.float32]:
            vector = encoder.encode(text)
            return np.asarray(vector if vector is not None else np.zeros(dimensions), dtype=np.float32)

        try:
            base.warm(encode)
        except Exception:
            log.exception("help_not_encoded")
            return
        with self._lock:
            if encoder is self._encoder:
                self._ready = encode


MEANING = _Meaning()


def _found(text: str) -> base.Found | None:
    return base.answer(text, encode=MEANING.encode())


def help_answer(text: str, *, language: str) -> Helped | None:
    """The answer of the help base to a question, None where it has none."""
    found = _found(text)
    return None if found is None else _helped(found, language)


def _helped(found: base.Found, language: str) -> Helped:
    tongue = spoken(language)
    turn = base.turn_of(found)
    go = turn.action
    action = None
    if go is not None:
        action = {"type": "NAVIGATE", "path": go.path, "label": go.label.show(tongue)}
    return Helped(turn.text(tongue), action)


def stand_in(text: str, *, why: str, language: str) -> Helped:
    """What is said in place of the model's answer, and that it is: `why` is a key of `texts.WHY`."""
    tongue = spoken(language)
    begun = WHY[why].show(tongue)
    found = _found(text) if why not in {"blocked", "lost"} else None
    page = {"type": "NAVIGATE", "path": "/help", "label": HELP_PAGE.show(tongue)}
    if found is None or not found.is_certain:
        return Helped(f"{begun}\n\n{STILL_CAN.show(tongue)}", page)
    answer = _helped(found, language)
    source = FROM_HELP.show(tongue, question=found.entry.question.of(tongue))
    return Helped(f"{begun}\n\n{source}\n\n{answer.text}", answer.action or page)


def help_listed(language: str) -> list[dict[str, Any]]:
    """The whole base as the help page shows it."""
    return base.listed(spoken(language))
