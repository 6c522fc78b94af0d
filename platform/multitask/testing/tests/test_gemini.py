"""The server that stands for Gemini speaks its protocol in all three forms."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from typing import Any

import pytest

from multitask.testing.gemini import ANSWER, MODES, GeminiServer, said

BODY = {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]}


def post(url: str, method: str) -> str:
    request = urllib.request.Request(
        f"{url}/v1beta/models/some-model:{method}",
        data=json.dumps(BODY).encode(),
        headers={"x-goog-api-key": "k", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        return str(answer.read().decode())


def text_of(messages: list[dict[str, Any]]) -> str:
    return "".join(
        part["text"]
        for message in messages
        for candidate in message["candidates"]
        for part in candidate.get("content", {}).get("parts", [])
    )


def test_one_answer_comes_whole_as_an_array_or_as_events() -> None:
    with GeminiServer() as server:
        whole = json.loads(post(server.url, "generateContent"))
        array = json.loads(post(server.url, "streamGenerateContent"))
        events = [
            json.loads(line.removeprefix("data: "))
            for line in post(server.url, "streamGenerateContent?alt=sse").splitlines()
            if line
        ]
        assert text_of([whole]) == text_of(array) == text_of(events) == said(ANSWER)
        assert len(array) == len(events) > 3
        for last in (whole, array[-1], events[-1]):
            assert last["candidates"][0]["finishReason"] == "STOP"
            assert last["usageMetadata"]["totalTokenCount"] == 371
        assert server.count == 3
        assert {seen.key for seen in server.seen} == {"k"}
        assert server.seen[0].last == "hello"


def test_modes_are_used_up_one_a_request() -> None:
    with GeminiServer(modes=["error"]) as server:
        with pytest.raises(urllib.error.HTTPError, match="500"):
            post(server.url, "generateContent")
        assert post(server.url, "generateContent")


def test_it_runs_as_a_program_and_says_where() -> None:
    program = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "multitask.testing.gemini",
            "--port",
            "0",
            "--delay",
            "0.01",
            "--answer",
            "Hi.",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stdout is not None
        url = program.stdout.readline().strip().removeprefix("GEMINI_ENDPOINT=")
        assert text_of(json.loads(post(url, "streamGenerateContent"))) == said("Hi.")
    finally:
        program.terminate()
        program.wait(5)
    shown = subprocess.run(
        [sys.executable, "-m", "multitask.testing.gemini", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert all(mode in shown for mode in MODES)
