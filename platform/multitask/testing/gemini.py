"""A server on this machine that speaks Gemini's REST protocol, and fails in every way that Gemini can.

`generateContent` answers with one message; `streamGenerateContent` with an array of JSON objects, or with server-sent
events where `alt=sse` asks for them, as the two libraries do. Tests use `GeminiServer`; a bench or a try by hand
`python -m multitask.testing.gemini --port 8090 --delay 2`, with GEMINI_ENDPOINT=http://127.0.0.1:8090.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

MODES = (
    "normal",
    "slow",  # `delay` seconds before every piece
    "broken",  # the connection goes away after two pieces
    "cut",  # the answer ends in the middle of a sentence, politely
    "limited",  # 429, with a Retry-After
    "quota",  # 429 that says in its body alone when to come back
    "error",  # 500
    "away",  # 503
    "late_error",  # an error in the place of the third piece
    "key",  # 400, the key is wrong
    "login",  # 401
    "model",  # 404, no such model
    "blocked",  # the question is withheld
    "unsafe",  # the answer is withheld, after two pieces
    "other",  # it ends with a reason of which nobody has heard
    "long",  # MAX_TOKENS after three pieces
    "empty",  # no candidates at all
    "silent",  # a candidate without a word
    "malformed",  # HTML where JSON is expected
    "garbled",  # JSON that breaks off, and goes on as something else
    "hanging",  # takes the request and says nothing
    "stuck",  # two pieces, then nothing
    "dripping",  # a blank now and then, for ever
    "endless",  # pieces without end
    "flood",  # one string without end
)
ANSWER = "Begin with what the client needs, show one piece of similar work, and give a price and a date."
PIECE = 14

# As the protocol numbers them, for a client that asks for numbers.
_NUMBERS = {"STOP": 1, "MAX_TOKENS": 2, "SAFETY": 3, "OTHER": 5, "UNHEARD_OF": 4711}


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came."""

    path: str
    body: dict[str, Any]
    key: str
    at: float  # time.monotonic()

    @property
    def system(self) -> str:
        return str(self.body["systemInstruction"]["parts"][0]["text"])

    @property
    def last(self) -> str:
        return str(self.body["contents"][-1]["parts"][0]["text"])

    @property
    def whole(self) -> str:
        """All that was sent, as one text."""
        return json.dumps(self.body, ensure_ascii=False)


def said(answer: str, page: str = "NONE") -> str:
    """What a model writes that keeps to the schema."""
    return json.dumps({"answer": answer, "page": page}, ensure_ascii=False)


@dataclass
class GeminiServer:
    """`with GeminiServer() as server:` listens at `server.url`; what it does can be changed while it runs.

    `modes` are used up one a request before `mode` is. `says` makes the text of an answer of the request.
    """

    mode: str = "normal"
    delay: float = 0.0
    port: int = 0
    says: Callable[[Seen], str] = lambda _: said(ANSWER)
    modes: list[str] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)
    piece: int = PIECE

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"server_of": self})
        self._server = _Server(("127.0.0.1", self.port), handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.gone.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def count(self) -> int:
        return len(self.seen)

    def take(self, seen: Seen) -> str:
        """Note a request; its mode."""
        with self._lock:
            self.seen.append(seen)
            return self.modes.pop(0) if self.modes else self.mode


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *_: object) -> None:
        """A client that has gone away is what half of the modes are about."""


_ERRORS = {
    "limited": (429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
    "quota": (429, "RESOURCE_EXHAUSTED", "You exceeded your current quota. Please retry in 12.5s."),
    "error": (500, "INTERNAL", "An internal error has occurred."),
    "away": (503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    "key": (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
    "login": (401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
    "model": (404, "NOT_FOUND", "models/none is not found for API version v1beta."),
}


class _Handler(BaseHTTPRequestHandler):
    server_of: GeminiServer
    protocol_version = "HTTP/1.1"
    # Else the first piece waits for the acknowledgement of the headers.
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        """Nothing: tests read `seen`."""

    def do_GET(self) -> None:
        self._json(200, {"status": "ok", "requests": self.server_of.count})

    def do_POST(self) -> None:
        address = urlsplit(self.path)
        query = parse_qs(address.query)
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length) or b"{}")
        key = self.headers.get("x-goog-api-key", "") or query.get("key", [""])[0]
        seen = Seen(address.path, body, key, time.monotonic())
        if not address.path.endswith((":generateContent", ":streamGenerateContent")):
            self._json(404, {"error": {"code": 404, "status": "NOT_FOUND", "message": "no such method"}})
            return
        mode = self.server_of.take(seen)
        numbers = "enum-encoding=int" in "".join(query.get("$alt", []))
        try:
            if mode in _ERRORS:
                self._error(mode)
            elif mode == "hanging":
                self.server_of.gone.wait(60)
                self.close_connection = True
            elif mode == "malformed":
                self._send(200, b"<html><body>Service Unavailable</body></html>", "text/html")
            elif address.path.endswith(":generateContent"):
                self._whole(seen, mode, numbers=numbers)
            else:
                self._stream(seen, mode, numbers=numbers, sse=query.get("alt") == ["sse"])
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    # --- What is said ---

    def _messages(self, seen: Seen, mode: str, *, numbers: bool) -> Iterator[dict[str, Any]]:
        def enum(name: str) -> int | str:
            return _NUMBERS[name] if numbers else name

        def message(text: str, finish: str = "") -> dict[str, Any]:
            candidate: dict[str, Any] = {"index": 0}
            if text:
                candidate["content"] = {"role": "model", "parts": [{"text": text}]}
            if finish:
                candidate["finishReason"] = enum(finish)
            tokens = {"promptTokenCount": 321, "candidatesTokenCount": 45, "totalTokenCount": 371}
            return {
                "candidates": [candidate],
                "usageMetadata": tokens if finish else {"promptTokenCount": 321, "totalTokenCount": 321},
                "modelVersion": seen.path.split("/")[-1].split(":")[0] + "-001",
            }

        if mode == "blocked":
            reason: int | str = 1 if numbers else "SAFETY"
            yield {"promptFeedback": {"blockReason": reason}, "usageMetadata": {"promptTokenCount": 321}}
            return
        if mode == "empty":
            yield {"usageMetadata": {"promptTokenCount": 321}}
            return
        if mode == "silent":
            yield message("", "STOP")
            return
        if mode == "endless":
            yield message('{"answer": "')
            while True:
                yield message("and so on, ")
        text, size = self.server_of.says(seen), self.server_of.piece
        pieces = [text[at : at + size] for at in range(0, len(text), size)] or [""]
        ends = {"unsafe": (2, "SAFETY"), "long": (3, "MAX_TOKENS"), "other": (2, "UNHEARD_OF")}
        number, finish = ends.get(mode, (len(pieces), "STOP"))
        for index, piece in enumerate(pieces[:number], start=1):
            # The reason comes with the last piece, but for one that takes it back.
            yield message(piece, finish if index == number and mode != "unsafe" else "")
        if mode == "unsafe":
            yield message("", finish)

    def _whole(self, seen: Seen, mode: str, *, numbers: bool) -> None:
        messages = list(self._messages(seen, mode, numbers=numbers))
        self._wait(self.server_of.delay)
        last = messages[-1]
        text = "".join(
            part["text"]
            for message in messages
            for candidate in message.get("candidates", ())
            for part in candidate.get("content", {}).get("parts", ())
        )
        if text and mode != "unsafe":
            last["candidates"][0]["content"] = {"role": "model", "parts": [{"text": text}]}
        self._json(200, last)

    def _stream(self, seen: Seen, mode: str, *, numbers: bool, sse: bool) -> None:
        kind = "text/event-stream" if sse else "application/json; charset=UTF-8"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if mode == "dripping":
            self._drip(sse=sse)
        if mode == "flood":
            self._flood(sse=sse)
        for number, message in enumerate(self._messages(seen, mode, numbers=numbers)):
            self._wait(self.server_of.delay if mode == "slow" or number == 0 else 0)
            if number == 2 and self._interrupted(mode, sse=sse):
                return
            text = json.dumps(message, ensure_ascii=False)
            self._chunk(f"data: {text}\r\n\r\n" if sse else ("[" if number == 0 else ",\r\n") + text)
        self._end("" if sse else "]")

    def _interrupted(self, mode: str, *, sse: bool) -> bool:
        """What goes wrong after two pieces; whether anything did."""
        if mode == "cut":
            self._end("" if sse else "]")
        elif mode == "broken":
            self.close_connection = True
        elif mode == "garbled":
            self._end('data: {"candidates": [{"cont\r\n\r\n' if sse else ',\r\n{"candidates" = [nothing]}]')
        elif mode == "stuck":
            self.server_of.gone.wait(60)
            self.close_connection = True
        elif mode == "late_error":
            error = json.dumps({"error": {"code": 503, "status": "UNAVAILABLE", "message": "overloaded"}})
            self._end(f"data: {error}\r\n\r\n" if sse else f",\r\n{error}]")
        else:
            return False
        return True

    def _drip(self, *, sse: bool) -> None:
        self._chunk("data: {" if sse else "[")
        while not self.server_of.gone.wait(0.05):
            self._chunk(" ")

    def _flood(self, *, sse: bool) -> None:
        self._chunk('data: {"candidates": "' if sse else '[{"candidates": "')
        while not self.server_of.gone.is_set():
            self._chunk("x" * 65_536)

    # --- How it is sent ---

    def _wait(self, seconds: float) -> None:
        if seconds:
            self.server_of.gone.wait(seconds)

    def _chunk(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _end(self, text: str) -> None:
        """The last chunk, if there is anything in it, and the end of the body."""
        if text:
            self._chunk(text)
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def _error(self, mode: str) -> None:
        status, name, message = _ERRORS[mode]
        error: dict[str, Any] = {"code": status, "status": name, "message": message}
        if mode == "quota":
            kind = "type.googleapis.com/google.rpc.RetryInfo"
            error["details"] = [{"@type": kind, "retryDelay": "12.5s"}]
        self._json(status, {"error": error}, {"Retry-After": "7"} if mode == "limited" else {})

    def _json(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self._send(
            status, json.dumps(body, ensure_ascii=False).encode(), "application/json; charset=UTF-8", headers
        )

    def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m multitask.testing.gemini", description=__doc__)
    parser.add_argument("--port", type=int, default=8090, help="on 127.0.0.1 (8090)")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before an answer begins (0)")
    parser.add_argument("--mode", choices=MODES, default="normal", help="how it behaves (normal)")
    parser.add_argument("--answer", default=ANSWER, help="what it answers")
    chosen = parser.parse_args()
    answer = said(chosen.answer)
    with GeminiServer(
        mode=chosen.mode, delay=chosen.delay, port=chosen.port, says=lambda _: answer
    ) as server:
        print(f"GEMINI_ENDPOINT={server.url}", flush=True)  # noqa: T201 - what its user asked for
        with suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)


if __name__ == "__main__":
    main()
