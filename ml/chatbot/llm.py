"""Gemini behind one class: no other file knows which of Google's two libraries is asked.

A call is made once: neither library tries again by itself, and neither does this. It ends by its deadline whatever the
server does, because the library runs in a thread of its own: its time-outs are for one read each, so that a server
that sends a byte now and then would hold it for ever.
"""

from __future__ import annotations

import re
import socket
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from queue import Empty, SimpleQueue
from typing import Any, Final, Protocol

from ml.chatbot.prompts import NO_PAGE, Prompt, tokens_of

GENERATIVEAI: Final = "google-generativeai"
GENAI: Final = "google-genai"
LIBRARIES: Final = (GENERATIVEAI, GENAI)

SECONDS = 15.0
LONGEST = 6_000  # characters of an answer as it comes, JSON and all
MOST_BYTES = 1_000_000  # of an answer on the wire
TOKENS = 2_048  # what a model thinks counts too
# Kept open between calls, for the threads of one worker.
CONNECTIONS = 64

# Why Google withholds an answer.
BLOCKING = frozenset(
    {
        "SAFETY",
        "RECITATION",
        "LANGUAGE",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
    }
)
WHOLE = frozenset({"STOP", "MAX_TOKENS"})
TOO_LONG: Final = "TOO_LONG"


class ModelError(Exception):
    """The model gave no answer, or only a part of one. `str(error)` is for operators and holds no key."""


class RateLimited(ModelError):
    """Asked too often; `retry_after` seconds until it may be asked again, None where the server does not say."""

    def __init__(self, message: str, *, retry_after: float | None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Transient(ModelError):
    """It did not answer in time, broke off, or is down: another try may succeed."""


class Permanent(ModelError):
    """A wrong key, model or request: another try fails as well, an operator has to look."""


class Blocked(ModelError):
    """Google withheld the question's answer; `reason` is its word for why ("SAFETY"), or "PROMPT" for a leak of ours."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"withheld: {reason}")
        self.reason = reason


class Malformed(ModelError):
    """An answer that cannot be read, or an empty one. Asking again may help, once."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """The next piece of what the model writes, raw: see `ml.chatbot.reading.reply` for what may be shown."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call has cost; always the last of a stream. Tokens are estimated where the server does not tell them."""

    tokens_in: int
    tokens_out: int
    model: str
    finish: str  # STOP, MAX_TOKENS, or TOO_LONG where this side stopped listening


class Model(Protocol):
    """What is asked of a model: one call, its pieces in order, the usage last; a ModelError where there is no answer."""

    def stream(self, prompt: Prompt) -> Iterator[Chunk | Usage]: ...


@dataclass(slots=True)
class _Part:
    """What one message of the server says, in the terms of neither library."""

    text: str = ""
    blocked: str = ""
    finish: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    model: str = ""


@dataclass(slots=True)
class _Call:
    """One call under way: the thread that makes it looks here whether anybody still listens."""

    ends: float
    clock: Callable[[], float]
    parts: SimpleQueue[_Part | Exception | None] = field(default_factory=SimpleQueue)
    _over: bool = False
    _shut: Callable[[], None] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _bytes: int = 0

    def left(self) -> float:
        return max(0.0, self.ends - self.clock())

    def opened(self, shut: Callable[[], None]) -> None:
        """The server has begun to answer; `shut` ends a read that waits in another thread."""
        with self._lock:
            self._shut = shut
            over = self._over
        if over:
            shut()

    def done(self) -> None:
        """The answer is read: the connection serves the next call, and is not to be shut any more."""
        with self._lock:
            self._shut = None

    def close(self) -> None:
        with self._lock:
            self._over, shut = True, self._shut
        if shut is not None:
            shut()

    def received(self, data: bytes) -> bytes:
        """Count what came. Raises TimeoutError when it is too late or too much: the library's loop ends by it."""
        self._bytes += len(data)
        if self._over or self._bytes > MOST_BYTES or not self.left():
            raise TimeoutError("the call is over")
        return data


class Gemini:
    """Google's Gemini. Make it after a worker has forked, and keep it: it holds connections.

    `seconds` bounds a whole call, `longest` the characters and `tokens` the tokens of an answer. `endpoint` is another
    address of the service ("http://127.0.0.1:8090"). `library` is one of LIBRARIES; it is imported here and nowhere else.
    """

    def __init__(
        self,
        *,
        key: str,
        model: str = "gemini-2.5-flash",
        library: str = GENERATIVEAI,
        endpoint: str = "",
        seconds: float = SECONDS,
        longest: int = LONGEST,
        tokens: int = TOKENS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if library not in LIBRARIES:
            raise ValueError(f"{library!r} is none of {', '.join(LIBRARIES)}")
        self.model = model
        self.seconds = seconds
        self._longest = longest
        self._key = key
        self._clock = clock
        adapter = _GenerativeAI if library == GENERATIVEAI else _GenAI
        self._library: _Library = adapter(key=key, model=model, endpoint=endpoint, tokens=tokens)

    def stream(self, prompt: Prompt) -> Iterator[Chunk | Usage]:
        """Ask once. Pieces as they come, then the Usage; a ModelError wherever it ends otherwise.

        Whoever stops listening (closes the generator, or gets an exception in between) ends the call.
        """
        call = _Call(ends=self._clock() + self.seconds, clock=self._clock)
        threading.Thread(target=self._work, args=(prompt, call), name="gemini", daemon=True).start()
        try:
            yield from self._listen(prompt, call)
        finally:
            call.close()

    def _work(self, prompt: Prompt, call: _Call) -> None:
        try:
            for part in self._library.parts(prompt, call):
                call.parts.put(part)
            call.done()
            call.parts.put(None)
        except Exception as error:  # noqa: BLE001 - whatever a library raises is told to whoever waits
            call.parts.put(error)

    def _listen(self, prompt: Prompt, call: _Call) -> Iterator[Chunk | Usage]:
        whole = _Part(model=self.model)
        length = 0
        while (part := self._next(call)) is not None:
            if part.blocked:
                raise Blocked(part.blocked)
            for name in ("finish", "tokens_in", "tokens_out", "model"):
                setattr(whole, name, getattr(part, name) or getattr(whole, name))
            if part.text:
                text = part.text[: self._longest - length]
                length += len(text)
                yield Chunk(text)
                if length >= self._longest:
                    whole.finish = TOO_LONG
                    break
        if not whole.finish:
            raise Transient("the answer broke off") if length else Malformed("an empty answer")
        if whole.finish not in {*WHOLE, TOO_LONG}:
            raise Malformed(f"the answer ended with {whole.finish}")
        if not length:
            raise Malformed(f"an empty answer that ended with {whole.finish}")
        yield Usage(
            tokens_in=whole.tokens_in or prompt.tokens,
            tokens_out=whole.tokens_out or tokens_of("x" * length),
            model=whole.model.removeprefix("models/"),
            finish=whole.finish,
        )

    def _next(self, call: _Call) -> _Part | None:
        try:
            part = call.parts.get(timeout=call.left())
        except Empty:
            raise Transient(f"no whole answer within {self.seconds:g} s") from None
        if isinstance(part, Exception):
            raise _translated(part, key=self._key) from part
        return part


# --- The two libraries ----------------------------------------------------------------------------------------------


class _Library(Protocol):
    def parts(self, prompt: Prompt, call: _Call) -> Iterator[_Part]: ...


def _finish(candidate: Any) -> str:
    reason = getattr(candidate.finish_reason, "name", None) or str(candidate.finish_reason or "")
    return "" if reason in {"FINISH_REASON_UNSPECIFIED", "0"} else reason


def _part(message: Any, *, model: str) -> _Part:
    """A message of either library: they name its fields alike."""
    part = _Part(model=model)
    usage = message.usage_metadata
    if usage is not None:
        part.tokens_in = usage.prompt_token_count or 0
        # What the model thought is only in the total.
        part.tokens_out = max(
            usage.candidates_token_count or 0, (usage.total_token_count or 0) - part.tokens_in
        )
    feedback = message.prompt_feedback
    if feedback is not None and feedback.block_reason:
        part.blocked = getattr(feedback.block_reason, "name", None) or str(feedback.block_reason)
        return part
    # By index: a slice of the older library's list holds messages of another kind.
    candidate = message.candidates[0] if message.candidates else None
    if candidate is not None:
        part.finish = _finish(candidate)
        if part.finish in BLOCKING:
            part.blocked = part.finish
        for piece in (candidate.content.parts if candidate.content else None) or ():
            if not getattr(piece, "thought", False):
                part.text += piece.text or ""
    return part


class _GenerativeAI:
    """`google-generativeai`, over REST: its gRPC channel would not survive the worker's forks."""

    def __init__(self, *, key: str, model: str, endpoint: str, tokens: int) -> None:
        with warnings.catch_warnings():
            # It says of itself that it has been ended, and of Python that it ages.
            warnings.simplefilter("ignore")
            library: Any = import_module("google.generativeai")
            options = {"api_endpoint": endpoint} if endpoint else {}
            library.configure(api_key=key, transport="rest", client_options=options)
            # What is configured is the library's own, of the whole process: kept here as it is now.
            self._client: Any = import_module("google.generativeai.client").get_default_generative_client()
        self._protos: Any = library.protos
        self._model = model
        self._tokens = tokens
        self._here = threading.local()
        session = self._client.transport._session
        # As many threads as wait at a time keep their connections.
        session.mount("https://", import_module("requests.adapters").HTTPAdapter(pool_maxsize=CONNECTIONS))
        session.mount("http://", import_module("requests.adapters").HTTPAdapter(pool_maxsize=CONNECTIONS))
        session.hooks["response"].append(self._opened)
        # Else it sends a request that is refused for its key twice more.
        session._refresh_status_codes = ()

    def parts(self, prompt: Prompt, call: _Call) -> Iterator[_Part]:
        self._here.call = call
        # The stream of the client itself: the one of GenerativeModel holds every message back until the next is there.
        stream = self._client.stream_generate_content(
            self._request(prompt), retry=None, timeout=max(0.05, call.left())
        )
        for message in stream:
            yield _part(message, model=str(getattr(message, "model_version", "")) or self._model)

    def _request(self, prompt: Prompt) -> Any:
        protos = self._protos
        properties = {"answer": protos.Schema(type_=protos.Type.STRING)}
        if prompt.paths:
            properties["page"] = protos.Schema(
                type_=protos.Type.STRING, format_="enum", enum=[NO_PAGE, *prompt.paths]
            )
        return protos.GenerateContentRequest(
            model=f"models/{self._model.removeprefix('models/')}",
            system_instruction=protos.Content(parts=[protos.Part(text=prompt.system)]),
            contents=[
                protos.Content(role=turn.role, parts=[protos.Part(text=turn.text)]) for turn in prompt.turns
            ],
            generation_config=protos.GenerationConfig(
                candidate_count=1,
                max_output_tokens=self._tokens,
                response_mime_type="application/json",
                response_schema=protos.Schema(
                    type_=protos.Type.OBJECT, properties=properties, required=list(properties)
                ),
            ),
        )

    def _opened(self, response: Any, **_: Any) -> None:
        call: _Call = self._here.call
        raw = response.raw
        pieces = raw.stream

        def counted(*arguments: Any, **named: Any) -> Iterator[bytes]:
            return map(call.received, pieces(*arguments, **named))

        raw.stream = counted

        def shut() -> None:
            with suppress(Exception):
                raw.shutdown()

        call.opened(shut)


class _GenAI:
    """`google-genai`."""

    def __init__(self, *, key: str, model: str, endpoint: str, tokens: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            genai: Any = import_module("google.genai")
            types: Any = import_module("google.genai.types")

        self._types = types
        self._here = threading.local()
        self._client: Any = genai.Client(
            api_key=key,
            vertexai=False,
            http_options=types.HttpOptions(
                base_url=endpoint or None,
                # The version that knows schemas and system instructions; the library's default has changed before.
                api_version="v1beta",
                # Once and never again.
                retry_options=types.HttpRetryOptions(attempts=1),
                client_args={"event_hooks": {"response": [self._opened]}},
            ),
        )
        self._model = model
        self._tokens = tokens

    def parts(self, prompt: Prompt, call: _Call) -> Iterator[_Part]:
        self._here.call = call
        types = self._types
        stream = self._client.models.generate_content_stream(
            model=self._model,
            contents=[
                types.Content(role=turn.role, parts=[types.Part(text=turn.text)]) for turn in prompt.turns
            ],
            config=self._config(prompt, milliseconds=max(50, int(call.left() * 1000))),
        )
        for message in stream:
            yield _part(message, model=message.model_version or self._model)

    def _config(self, prompt: Prompt, *, milliseconds: int) -> Any:
        types = self._types
        properties = {"answer": types.Schema(type="STRING")}
        if prompt.paths:
            properties["page"] = types.Schema(type="STRING", format="enum", enum=[NO_PAGE, *prompt.paths])
        return types.GenerateContentConfig(
            system_instruction=prompt.system,
            candidate_count=1,
            max_output_tokens=self._tokens,
            response_mime_type="application/json",
            response_schema=types.Schema(
                type="OBJECT",
                properties=properties,
                required=list(properties),
                property_ordering=list(properties),
            ),
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
            http_options=types.HttpOptions(timeout=milliseconds),
        )

    def _opened(self, response: Any) -> None:
        call: _Call = self._here.call
        pieces = response.iter_raw

        def counted(*arguments: Any, **named: Any) -> Iterator[bytes]:
            return map(call.received, pieces(*arguments, **named))

        response.iter_raw = counted

        def shut() -> None:
            with suppress(Exception):
                connection = response.extensions["network_stream"].get_extra_info("socket")
                connection.shutdown(socket.SHUT_RD)

        call.opened(shut)


# --- Errors ---------------------------------------------------------------------------------------------------------

_SECONDS = re.compile(r"(?:retry in|retryDelay\W+|retry_delay\W+seconds:)\s*([0-9.]+)")
_NETWORK = frozenset({"requests", "urllib3", "httpx", "httpx2", "httpcore", "httpcore2"})
_TRY_AGAIN = frozenset({408, 409, 425})


def _translated(error: Exception, *, key: str) -> ModelError:
    """What a library raised, in our terms."""
    said = f"{type(error).__name__}: {error}"
    if key:
        said = said.replace(key, "***")
    said = said[:500]
    code = getattr(error, "code", None)
    status = int(code) if isinstance(code, int) else 0
    if status == 429:
        return RateLimited(said, retry_after=_retry_after(error))
    if status >= 500 or status in _TRY_AGAIN:
        return Transient(said)
    if status >= 400:
        return Permanent(said)
    if isinstance(error, ValueError) and str(error).startswith("Unfinished stream"):
        return Transient(said)
    of = type(error).__module__.split(".")[0]
    if isinstance(error, OSError) or (of in _NETWORK and not isinstance(error, ValueError)):
        return Transient(said)
    return Malformed(said)


def _retry_after(error: Exception) -> float | None:
    """From the header, or from what Google says in the body; seconds."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    with suppress(ValueError):
        # A date is allowed too; Google sends seconds.
        return max(0.0, float(headers.get("Retry-After") or "none"))
    found = _SECONDS.search(f"{error} {getattr(error, 'details', '')}")
    return float(found[1].strip(".")) if found else None
