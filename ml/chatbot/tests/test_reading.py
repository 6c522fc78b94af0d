"""What of an answer is shown: its text without markup, links and instructions; one checked action."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.chatbot.llm import Blocked, Chunk, Malformed, Usage
from ml.chatbot.prompts import Page, Prompt, build
from ml.chatbot.reading import Piece, Reply, cleaned, reply

PAGES = (Page("/my-tasks", "My tasks", "مهامي"), Page("/messages", "Messages", "الرسائل"))
CANARY = "q7hz11kd83"


class Says:
    """A model that writes `text` in pieces of `size`."""

    def __init__(self, text: str, size: int = 7, finish: str = "STOP") -> None:
        self.text, self.size, self.finish = text, size, finish

    def stream(self, prompt: Prompt) -> Iterator[Chunk | Usage]:
        for at in range(0, len(self.text), self.size):
            yield Chunk(self.text[at : at + self.size])
        yield Usage(10, 20, "stub", self.finish)


def prompt(language: str = "en") -> Prompt:
    return build(
        message="hello",
        history=[],
        language=language,
        user_type="client",
        page=None,
        pages=PAGES,
        categories=[],
        canary=CANARY,
    )


def said(text: str, page: str = "NONE", **how: object) -> Reply:
    """The reply to an answer that keeps to the schema; its pieces are its text."""
    return whole(json.dumps({"answer": text, "page": page}, ensure_ascii=False), **how)


def whole(raw: str, *, size: int = 7, finish: str = "STOP", language: str = "en") -> Reply:
    *pieces, last = reply(Says(raw, size, finish), prompt(language))
    assert isinstance(last, Reply)
    assert "".join(piece.text for piece in pieces if isinstance(piece, Piece)) == last.text
    return last


@given(
    text=st.text(
        st.characters(categories=["L", "N", "Zs", "Po"], exclude_characters="\\/:<>[]()"), min_size=1
    )
    .map(str.strip)
    .filter(bool),
    size=st.integers(1, 9),
    ascii=st.booleans(),
)
def test_a_text_arrives_as_it_was_written_however_it_is_cut(text: str, size: int, ascii: bool) -> None:
    raw = json.dumps({"answer": text, "page": "NONE"}, ensure_ascii=ascii)
    assert whole(raw, size=size).text == text


@given(size=st.integers(1, 12))
def test_what_is_shown_does_not_depend_on_how_it_was_cut(size: int) -> None:
    text = (
        "See <b>this</b> 😀 [here](https://evil.example/a b) and [My tasks](/my-tasks)!\n\n1 < 2, and//or "
        "![x](http://a.b/c) <scr<b>ipt>x</script> hthttp://tp://evil.example"
    )
    assert said(text, size=size).text == cleaned(text, ["/my-tasks"])


def test_pieces_are_shown_before_the_answer_ends() -> None:
    raw = json.dumps({"answer": "word " * 60, "page": "NONE"})
    model = Says(raw)
    first = next(reply(model, prompt()))
    assert isinstance(first, Piece)
    assert len(first.text) < 60


def test_only_a_page_of_the_list_becomes_an_action() -> None:
    assert said("Here.", "/my-tasks").action == {"type": "NAVIGATE", "path": "/my-tasks", "label": "My tasks"}
    assert said("هنا.", "/messages", language="ar").action == {
        "type": "NAVIGATE",
        "path": "/messages",
        "label": "الرسائل",
    }
    for page in ("NONE", "/admin", "/my-tasks/", "/MY-TASKS", "https://a.b", "//a.b/my-tasks", ""):
        assert said("Here.", page).action is None


def test_the_page_may_come_before_the_text_and_stand_in_a_fence() -> None:
    assert whole('{"page": "/messages", "answer": "Look."}').action is not None
    fenced = whole('```json\n{"answer": "Look.", "page": "/messages"}\n```')
    assert (fenced.text, fenced.action is not None) == ("Look.", True)


def test_plain_text_is_an_answer_without_an_action() -> None:
    plain = whole('Just words. {"page": "/messages"}')
    assert plain.text == 'Just words. {"page": "/messages"}'
    assert plain.action is None


@pytest.mark.parametrize(
    "raw",
    [
        '{"answer": "half',
        '{"page": "/messages"}',
        '{"answer": 5}',
        '{"answer": ""}',
        '{"a',
        '{"answer": []}',
        " ",
        '{"answer": "\\x"}',
    ],
)
def test_an_answer_that_cannot_be_read_is_malformed(raw: str) -> None:
    with pytest.raises(Malformed):
        whole(raw)


def test_an_answer_that_was_too_long_ends_with_dots_and_proposes_nothing() -> None:
    cut = whole('{"answer": "One two thr', finish="MAX_TOKENS")
    assert (cut.text, cut.truncated, cut.action) == ("One two thr…", True, None)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[site](https://evil.example/a)", "site (evil.example/a)"),
        ("[My tasks](/my-tasks)", "[My tasks](/my-tasks)"),
        ("[My tasks](/my-tasks?next=//evil.example)", "My tasks (/my-tasks?next=evil.example)"),
        ("[<b>My</b> tasks](/my-tasks)", "[My tasks](/my-tasks)"),
        ("![alt](https://evil.example/x.png)", "alt"),
        ("<https://evil.example>", "evil.example"),
        ("<a href='https://evil.example'>x</a>", "x"),
        ("HTTPS:\\\\evil.example", "evil.example"),
        ("javascript:alert(1)", "alert(1)"),
        ("//evil.example", "evil.example"),
        ("a < b and b > c", "a < b and b > c"),
        ("<iframe src=x", "iframe src=x"),
        ("and//or, 24/7, Note: this", "and//or, 24/7, Note: this"),
        ("\ue0000\ue001 [My tasks](/my-tasks)", "0 [My tasks](/my-tasks)"),
    ],
)
def test_markup_and_foreign_links_are_shown_as_text(text: str, shown: str) -> None:
    assert cleaned(text, ["/my-tasks"]) == shown


@pytest.mark.parametrize("language", ["en", "ar"])
def test_an_answer_never_gives_the_instructions_away(language: str) -> None:
    rules = prompt(language).rules
    for leak in (
        rules,
        rules.upper(),
        "Well: " + rules[300:700],
        " ".join(CANARY),
        CANARY.upper(),
        "-".join(CANARY),
    ):
        shown: list[str] = []
        parts = reply(Says(json.dumps({"answer": leak, "page": "NONE"})), prompt(language))
        with pytest.raises(Blocked) as withheld:
            shown.extend(part.text for part in parts)
        assert withheld.value.reason == "PROMPT"
        assert len("".join(shown).split()) < 12
        assert CANARY not in "".join(shown).casefold()


def test_what_the_marketplace_is_may_be_told_word_for_word() -> None:
    fact = "Tasks are matched to freelancers by skills, city and price, and each recommendation says why."
    assert fact in prompt().system
    assert said(fact).text == fact
