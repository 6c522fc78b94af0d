"""What of a model's answer may be shown, piece by piece, and which action of it is carried out.

The model answers by a schema: {"answer": text, "page": one of the pages that may be proposed, or NONE}. So the service
itself holds it to the list, and the two cannot be mixed up: a line at the end of plain text that means an action could
be smuggled in by what the model quotes. The names sort as they shall come, because the older library cannot say the
order, and without one the service sorts by name: the text streams first. A model that answers in plain text all the
same is read as that, and proposes nothing.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ml.chatbot.llm import Blocked, Chunk, Malformed, Model, Usage
from ml.chatbot.prompts import CLOSES, NO_PAGE, OPENS, Prompt

# As many words in a row are ours and no coincidence.
RUN = 10
HELD = 300
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Piece:
    """The next piece that may be shown. All pieces together are the reply's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The whole answer. `action` is None or checked: {"type": "NAVIGATE", "path": …, "label": …}.

    `truncated`: it was too long, and ends with "…".
    """

    text: str
    action: dict[str, str] | None
    usage: Usage
    truncated: bool = False


def reply(model: Model, prompt: Prompt) -> Iterator[Piece | Reply]:
    """Ask the model once. Pieces as they come, the Reply last; a ModelError where there is no answer.

    After an error the pieces that came before it are void. An answer that gives the instructions
    away raises Blocked("PROMPT") before it has shown more than some words of them.
    """
    answer, guard, cleaner = _Answer(), _Guard(prompt), _Cleaner(prompt.paths)
    shown: list[str] = []
    usage: Usage | None = None
    for part in model.stream(prompt):
        if isinstance(part, Chunk):
            text = cleaner.feed(guard.feed(answer.feed(part.text)))
            if not shown:
                text = text.lstrip()
            if text:
                shown.append(text)
                yield Piece(text)
        else:
            usage = part
    if usage is None:
        raise Malformed("the model said nothing of how it ended")
    truncated = usage.finish != "STOP"
    rest, page = answer.end(truncated=truncated)
    last = cleaner.feed(guard.feed(rest)) + cleaner.feed(guard.end()) + cleaner.end()
    last = (last if shown else last.lstrip()).rstrip() + (ELLIPSIS if truncated else "")
    if last:
        shown.append(last)
        yield Piece(last)
    text = "".join(shown)
    if not text.strip(ELLIPSIS + " \n"):
        raise Malformed("an answer without words")
    yield Reply(text=text, action=_action(page, prompt), usage=usage, truncated=truncated)


def _action(page: str | None, prompt: Prompt) -> dict[str, str] | None:
    for one in prompt.pages:
        if one.path == page:
            return {"type": "NAVIGATE", "path": one.path, "label": one.name(prompt.language)}
    return None


# --- Out of its JSON ------------------------------------------------------------------------------------------------

_FENCE = r"\s*(?:```\w*\s*)?"
_HEAD = re.compile(_FENCE + r'\{\s*(?:"page"\s*:\s*(?:"[^"\\]*"|null)\s*,\s*)?"answer"\s*:\s*"')
_INSIDE = re.compile(r'(?:[^"\\]|\\u[0-9a-fA-F]{4}|\\[^u])*', re.DOTALL)
_HALF = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}$")
_FENCED = re.compile(_FENCE + r"(\{.*\})\s*(?:```)?\s*", re.DOTALL)


class _Answer:
    """The text of "answer" as it grows."""

    def __init__(self) -> None:
        self._raw = ""
        self._at: int | None = None  # how far the text is read
        self._plain = False
        self._closed = False

    def feed(self, raw: str) -> str:
        self._raw += raw
        if self._plain:
            return raw
        if self._at is None:
            begins = re.match(_FENCE, self._raw)
            rest = self._raw[begins.end() if begins else 0 :]
            if rest and not rest.startswith(("{", "`")):
                self._plain = True
                return rest
            head = _HEAD.match(self._raw)
            if head is None:
                return ""
            self._at = head.end()
        return "" if self._closed else self._more()

    def _more(self) -> str:
        assert self._at is not None
        inside = _INSIDE.match(self._raw, self._at)
        assert inside is not None
        end = inside.end()
        self._closed = self._raw[end : end + 1] == '"'
        text = inside[0]
        if not self._closed and (half := _HALF.search(text)):
            # The other half of a character beyond the first plane is still to come.
            text = text[: half.start()]
        self._at += len(text)
        try:
            said = str(json.loads(f'"{text}"', strict=False))
        except ValueError as error:
            raise Malformed(f"an answer that is no JSON: {error}") from None
        return said.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def end(self, *, truncated: bool) -> tuple[str, str | None]:
        """What of the text is left, and the page."""
        if self._plain:
            return "", None
        fenced = _FENCED.fullmatch(self._raw)
        try:
            whole = json.loads(fenced[1] if fenced else self._raw, strict=False)
        except ValueError:
            if truncated and self._at is not None:
                return "", None
            raise Malformed("an answer that is no JSON") from None
        if not isinstance(whole, dict) or not isinstance(whole.get("answer"), str):
            raise Malformed("an answer without its text")
        page = whole.get("page")
        rest = whole["answer"] if self._at is None else ""
        return rest, page if isinstance(page, str) and page != NO_PAGE else None


# --- Nothing of the instructions ------------------------------------------------------------------------------------

_WORD = re.compile(r"\w+")


def _plainly(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _bare(text: str) -> str:
    return "".join(character for character in _plainly(text) if character.isalnum())


class _Guard:
    """Holds the last words back until it is certain that they do not begin to repeat the prompt's rules.

    What is repeated in another language or in a cipher passes: the rules hold no secret, they are only not for showing.
    """

    def __init__(self, prompt: Prompt) -> None:
        self._runs = set(_runs(_WORD.findall(_plainly(prompt.rules))))
        self._canary = _bare(prompt.canary)
        self._held = ""
        self._words: deque[str] = deque(maxlen=RUN)
        self._tail = ""

    def feed(self, text: str) -> str:
        self._held += text
        found = list(_WORD.finditer(self._held))
        # The last one may still grow.
        cut = found[-RUN].start() if len(found) >= RUN else 0
        self._check(self._held)
        free, self._held = self._held[:cut], self._held[cut:]
        self._note(free)
        return free

    def end(self) -> str:
        self._check(self._held)
        free, self._held = self._held, ""
        return free

    def _check(self, held: str) -> None:
        if self._canary and self._canary in self._tail + _bare(held):
            raise Blocked("PROMPT")
        words = [*self._words, *_WORD.findall(_plainly(held))]
        if not self._runs.isdisjoint(_runs(words)):
            raise Blocked("PROMPT")

    def _note(self, free: str) -> None:
        self._words.extend(_WORD.findall(_plainly(free)))
        if self._canary:
            self._tail = (self._tail + _bare(free))[-len(self._canary) :]


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1))


# --- No markup, no way out ------------------------------------------------------------------------------------------

_PICTURE = re.compile(r"!\[([^\[\]]*)\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])")
_LINK = re.compile(r"\[([^\[\]]*)\]\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_REFERENCE = re.compile(r"\[([^\[\]]*)\]\[[^\[\]]*\]")
_DEFINITION = re.compile(r"(?m)^([ \t]{0,3})\[([^\[\]]+)\]:[ \t]*")
_AUTOLINK = re.compile(r"<([a-zA-Z][a-zA-Z0-9+.-]*:[^\s<>]*)>")
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_OPEN_TAG = re.compile(r"<(?=[a-zA-Z/!?])")
_SCHEME = re.compile(r"(?i)\b[a-z][a-z0-9+.-]{0,30}:[/\\]{2,}")
_RUNS = re.compile(r"(?i)\b(?:javascript|vbscript|data|file|blob|mailto|tel|sms|intent|about)\s*:(?=\S)")
_HOSTLESS = re.compile(r"(?<![\w:/\\])[/\\]{2,}(?=\w)")
# What may become one of these: from here on it is not yet certain.
_OPEN = re.compile(
    r"<[a-zA-Z/!?][^<>]*\Z|<\Z|!?\[[^\[\]]*\Z"
    r"|!?\[[^\[\]]*\](?:\([^()]*(?:\([^()]*(?:\)[^()]*)?)?|\[[^\[\]]*)?\Z"
)
_SPACE = re.compile(r"\s")


def cleaned(text: str, paths: Iterable[str] = ()) -> str:
    """A text without HTML, pictures and links; only a link to one of `paths` stays one ("[My tasks](/my-tasks)").

    Of a link elsewhere its words and its address stay, the address without the scheme that would make it one.
    """
    own = frozenset(paths)
    text = "".join(
        character
        for character in text
        if character in "\n\t\u200c\u200d"
        or unicodedata.category(character) not in {"Cc", "Cf", "Co", "Cs", "Cn"}
    )
    for mark in (OPENS, CLOSES):
        text = text.replace(mark, "")
    kept: list[str] = []

    def link(found: re.Match[str]) -> str:
        label, target = found[1].strip(), (found[2].split() or [""])[0].strip("<>")
        if target in own:
            kept.append(f"[{_inert(label)}]({target})")
            return f"\ue000{len(kept) - 1}\ue001"
        return f"{label} ({target})" if target and target != label else label

    text = _PICTURE.sub(r"\1", text)
    text = _LINK.sub(link, text)
    text = _REFERENCE.sub(r"\1", text)
    text = _DEFINITION.sub(r"\1\2: ", text)
    text = _inert(text)
    return re.sub(r"\ue000(\d+)\ue001", lambda found: kept[int(found[1])], text)


def _inert(text: str) -> str:
    before = None
    # What is left when one is taken out of another may be one again: "<scr<b>ipt>", "hthttp://tp://".
    while text != before:
        before = text
        text = _AUTOLINK.sub(r"\1", text)
        text = _TAG.sub("", text)
        text = _SCHEME.sub("", text)
        text = _RUNS.sub("", text)
        text = _HOSTLESS.sub("", text)
    return _OPEN_TAG.sub("", text)


class _Cleaner:
    """`cleaned` of a text that comes in pieces: words are held back while they may be the beginning of something."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)
        self._held = ""

    def feed(self, text: str) -> str:
        self._held += text
        spaces = [found.start() for found in _SPACE.finditer(self._held)]
        cut = spaces[-1] if spaces else 0
        if opens := _OPEN.search(self._held, 0, cut):
            cut = opens.start()
        if len(self._held) - cut > HELD:
            # Nothing is that long but on purpose: what it opened is closed here, in both halves.
            cut = len(self._held)
        free, self._held = self._held[:cut], self._held[cut:]
        return cleaned(free, self._paths)

    def end(self) -> str:
        free, self._held = self._held, ""
        return cleaned(free, self._paths)
