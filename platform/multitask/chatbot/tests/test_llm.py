"""Both of Google's libraries, as they are, against a server that does what Gemini does on its worst days."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from ml.chatbot.llm import (
    GENAI,
    GENERATIVEAI,
    LIBRARIES,
    Blocked,
    Chunk,
    Gemini,
    Malformed,
    ModelError,
    Permanent,
    RateLimited,
    Transient,
    Usage,
)
from ml.chatbot.prompts import Line, Page, Prompt, build
from ml.chatbot.reading import Reply, reply
from multitask.testing.gemini import ANSWER, MODES, GeminiServer, said

pytest.importorskip("google.generativeai")
pytest.importorskip("google.genai")

# The last of the libraries warns about a word of the service that it does not know.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

KEY = "the-key-of-the-tests"
SECONDS = 1.0
PAGES = (Page("/my-tasks", "My tasks", "مهامي"), Page("/messages", "Messages", "الرسائل"))

# How each mode ends.
ERRORS: dict[str, type[ModelError]] = {
    "broken": Transient,
    "cut": Transient,
    "late_error": Transient,
    "limited": RateLimited,
    "quota": RateLimited,
    "error": Transient,
    "away": Transient,
    "key": Permanent,
    "login": Permanent,
    "model": Permanent,
    "blocked": Blocked,
    "unsafe": Blocked,
    "other": Malformed,
    "empty": Malformed,
    "silent": Malformed,
    "malformed": Malformed,
    "garbled": Malformed,
    "hanging": Transient,
    "stuck": Transient,
    "dripping": Transient,
    "flood": Transient,
}
FINISH = {"normal": "STOP", "slow": "STOP", "long": "MAX_TOKENS", "endless": "TOO_LONG"}


@dataclass
class Rig:
    server: GeminiServer
    gemini: Gemini

    def ask(self, prompt: Prompt | None = None) -> list[Chunk | Usage]:
        return list(self.gemini.stream(prompt or PROMPT))

    def reply(self, prompt: Prompt | None = None) -> Reply:
        *_, last = reply(self.gemini, prompt or PROMPT)
        assert isinstance(last, Reply)
        return last


PROMPT = build(
    message="اكتب لي عرضًا جيدًا — please",
    history=[Line("USER", "hello"), Line("BOT", "How can I help?")],
    language="en",
    user_type="freelancer",
    page="/messages",
    pages=PAGES,
    categories=[],
    canary="q7hz11kd83",
)


@pytest.fixture(scope="module", params=LIBRARIES)
def shared(request: pytest.FixtureRequest) -> Iterator[Rig]:
    with GeminiServer() as server:
        yield Rig(
            server,
            Gemini(key=KEY, library=request.param, endpoint=server.url, seconds=SECONDS, longest=2_000),
        )


@pytest.fixture
def rig(shared: Rig) -> Rig:
    shared.server.mode, shared.server.delay, shared.server.says = "normal", 0.0, lambda _: said(ANSWER)
    shared.server.modes.clear()
    shared.server.seen.clear()
    return shared


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "gemini"]


def test_every_mode_of_the_server_has_its_end() -> None:
    assert {*ERRORS, *FINISH} == set(MODES)


@pytest.mark.parametrize("mode", MODES)
def test_every_failure_has_its_name_comes_in_time_and_nothing_is_sent_twice(rig: Rig, mode: str) -> None:
    rig.server.mode = mode
    rig.server.delay = 0.02
    begun = time.monotonic()
    if mode in ERRORS:
        with pytest.raises(ModelError) as failed:
            rig.ask()
        assert type(failed.value) is ERRORS[mode]
        assert KEY not in str(failed.value)
    else:
        *chunks, usage = rig.ask()
        assert isinstance(usage, Usage)
        assert usage.finish == FINISH[mode]
        assert all(isinstance(chunk, Chunk) for chunk in chunks)
    assert time.monotonic() - begun < SECONDS + 0.7
    assert rig.server.count == 1
    deadline = time.monotonic() + 2
    while threads() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not threads()
    # And the next question is answered, on whatever is left of the connection.
    rig.server.mode = "normal"
    assert rig.reply().text == ANSWER
    assert rig.server.count == 2


def test_an_answer_comes_in_pieces_with_what_it_cost(rig: Rig) -> None:
    *chunks, usage = rig.ask()
    assert "".join(chunk.text for chunk in chunks if isinstance(chunk, Chunk)) == said(ANSWER)
    assert len(chunks) > 3
    # What the model thought (371 - 321 - 45) is paid for as well.
    assert usage == Usage(tokens_in=321, tokens_out=50, model="gemini-2.5-flash-001", finish="STOP")


def test_a_piece_is_handed_on_before_the_next_is_there(rig: Rig) -> None:
    rig.server.mode, rig.server.delay = "slow", 0.15
    begun = time.monotonic()
    stream = rig.gemini.stream(PROMPT)
    next(stream)
    assert time.monotonic() - begun < 0.29
    stream.close()


def test_the_request_carries_the_prompt_and_nothing_else(rig: Rig) -> None:
    rig.ask()
    (seen,) = rig.server.seen
    assert seen.key == KEY
    assert seen.path == "/v1beta/models/gemini-2.5-flash:streamGenerateContent"
    assert seen.system == PROMPT.system
    assert [(one["role"], one["parts"][0]["text"]) for one in seen.body["contents"]] == [
        (turn.role, turn.text) for turn in PROMPT.turns
    ]
    config = seen.body["generationConfig"]
    assert config["responseMimeType"] == "application/json"
    assert config["responseSchema"]["properties"]["page"]["enum"] == ["NONE", "/my-tasks", "/messages"]
    assert set(config["responseSchema"]["required"]) == {"answer", "page"}
    assert set(seen.body) <= {"contents", "systemInstruction", "generationConfig", "model"}


def test_without_pages_none_can_be_proposed(rig: Rig) -> None:
    bare = build(
        message="hi",
        history=[],
        language="en",
        user_type="client",
        page=None,
        pages=[],
        categories=[],
        canary="x1",
    )
    rig.server.says = lambda _: said("Hello.", "/my-tasks")
    assert rig.reply(bare).action is None
    assert "page" not in rig.server.seen[0].body["generationConfig"]["responseSchema"]["properties"]


@pytest.mark.parametrize(("mode", "seconds"), [("limited", 7.0), ("quota", 12.5)])
def test_a_service_that_is_asked_too_often_is_asked_again_when_it_says(
    rig: Rig, mode: str, seconds: float
) -> None:
    rig.server.mode = mode
    with pytest.raises(RateLimited) as limited:
        rig.ask()
    assert limited.value.retry_after == seconds


@pytest.mark.parametrize("mode", ["blocked", "unsafe"])
def test_a_withheld_answer_says_why(rig: Rig, mode: str) -> None:
    rig.server.mode = mode
    with pytest.raises(Blocked) as blocked:
        rig.ask()
    assert blocked.value.reason == "SAFETY"


def test_who_stops_listening_ends_the_call(rig: Rig) -> None:
    rig.server.mode = "stuck"
    stream = rig.gemini.stream(PROMPT)
    next(stream)
    stream.close()
    deadline = time.monotonic() + 0.5
    while threads() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not threads()


def test_a_call_ends_in_time_also_where_the_library_itself_hangs(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look-up of a name, for one, knows no time-out."""
    over = threading.Event()

    class Hangs:
        def parts(self, *_: object) -> Iterator[object]:
            over.wait(10)
            yield from ()

    monkeypatch.setattr(rig.gemini, "_library", Hangs())
    begun = time.monotonic()
    with pytest.raises(Transient):
        rig.ask()
    over.set()
    assert time.monotonic() - begun < SECONDS + 0.5


def test_an_answer_without_end_is_cut(rig: Rig) -> None:
    rig.server.mode = "endless"
    answer = rig.reply()
    assert answer.truncated
    assert answer.text.endswith("…")
    assert len(answer.text) < 2_000


def test_calls_at_once_get_each_their_own_answer(rig: Rig) -> None:
    rig.server.says = lambda seen: said("About " + seen.last.strip("⟦⟧"))
    rig.server.delay = 0.1
    answers: dict[int, str] = {}

    def ask(number: int) -> None:
        prompt = build(
            message=f"question {number}",
            history=[],
            language="en",
            user_type="client",
            page=None,
            pages=PAGES,
            categories=[],
            canary=f"c{number}anary",
        )
        answers[number] = rig.reply(prompt).text

    callers = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert answers == {number: f"About question {number}" for number in range(6)}
    assert rig.server.count == 6


def test_a_service_that_is_not_there_is_not_there_at_once() -> None:
    for library in LIBRARIES:
        gemini = Gemini(key=KEY, library=library, endpoint="http://127.0.0.1:9", seconds=SECONDS)
        with pytest.raises(Transient):
            list(gemini.stream(PROMPT))


def test_a_library_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match=f"{GENERATIVEAI}, {GENAI}"):
        Gemini(key=KEY, library="openai")
