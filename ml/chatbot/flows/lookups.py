"""Conversations of one step: search, recommendations, how my tasks and applications stand, pages, the menu of help."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ml.chatbot.arabizi import soft
from ml.chatbot.flows.turns import Button, Go, Say, Show, Turn, button
from ml.chatbot.intents import Intent, Routed
from ml.chatbot.pages import PAGES, page_name
from ml.chatbot.slots import Slots
from ml.places import city_name
from ml.text import normalise

SEARCH, RECOMMENDATIONS, MY_TASKS, MY_APPLICATIONS = "tasks", "recommendations", "my_tasks", "my_applications"
# In the order in which they are told.
STATUSES = {
    MY_TASKS: ("OPEN", "IN_PROGRESS", "COMPLETED", "CANCELLED"),
    MY_APPLICATIONS: ("PENDING", "ACCEPTED", "REJECTED", "WITHDRAWN"),
}
_PATHS = {
    SEARCH: "/tasks",
    RECOMMENDATIONS: "/recommendations",
    MY_TASKS: "/my-tasks",
    MY_APPLICATIONS: "/applications",
}
_OFFERED = ("/dashboard", "/tasks", "/my-tasks", "/messages", "/notifications", "/profile")

_STATE = (
    r"status|state of|how (?:is|are) my|whats? (?:is )?(?:happening|up|new) with|any (?:news|updates?)|"
    r"حال[هة]|وصلت? لفين|اخبار|ايه اخبار|ما اخبار|ايه اللي حصل|حصل ايه|موقف|"
    r"7alet|7alat|halet|a5bar|akhbar|wesel le fen|7asal eh|status"
)
_MY_APPLICATIONS = re.compile(
    rf"\b(?:{_STATE})\b.*(?:\bmy (?:applications?|proposals?|offers?|bids?)\b|طلبات?ي|عروضي|عرضي|تقديماتي|تقديمي|"
    r"\btalab(?:at)?y\b|\b3ord?y\b|\bapplications?\b)|"
    r"\b(?:was|were|is|are|has|have) (?:my|any of my) (?:applications?|proposals?|offers?)\b.*\b(?:accepted|rejected|answered|seen)\b|"
    r"(?:طلبي|عرضي) (?:اتقبل|قبل|اترفض|رفض)"
)
_MY_TASKS = re.compile(
    rf"\b(?:{_STATE})\b.*(?:\bmy (?:tasks?|jobs?|posts?|drafts?|projects?)\b|مهامي|مهمتي|تاسكاتي|"
    r"\btasksy\b|\btasky\b|\btasks?\b)|"
    r"\b(?:did|has) (?:anyone|anybody|someone|somebody) (?:apply|applied)\b|"
    r"\bhow many (?:people )?(?:applied|applications)\b.*\bmy\b|(?:حد|كام واحد) قدم (?:علي|ل)"
)


def status_kind(text: str) -> str | None:
    """MY_TASKS or MY_APPLICATIONS where a message asks how the writer's own stand, None otherwise."""
    plain = normalise(text)[:200]
    if _MY_APPLICATIONS.search(plain):
        return MY_APPLICATIONS
    return MY_TASKS if _MY_TASKS.search(plain) else None


def filters_of(slots: Slots) -> dict[str, str]:
    """What the list of tasks takes, of what was said."""
    found: dict[str, str] = {}
    if slots.skills:
        found["search"] = " ".join(slots.skills)[:100]
    elif slots.category_hint:
        found["category"] = slots.category_hint
    most = slots.most if slots.most is not None else slots.budget
    if slots.least is not None:
        found["min_budget"] = str(slots.least)
    if most is not None:
        found["max_budget"] = str(most)
    if slots.city:
        found["city"] = city_name(slots.city, "en") or slots.city
    if slots.remote:
        found["is_remote"] = "true"
    return found


def lookup(slots: Slots) -> Turn:
    """Recommendations where nothing but work was asked for, a search where conditions were named."""
    filters = filters_of(slots)
    return Turn(None, effect=Show(SEARCH, filters) if filters else Show(RECOMMENDATIONS))


def status(kind: str) -> Turn:
    return Turn(None, effect=Show(kind))


def told(show: Show, *, count: int) -> Turn:
    """What to say once `show` has found `count` tasks: a search or recommendations."""
    code = "recommendations" if show.kind == RECOMMENDATIONS else "tasks"
    path = "/profile" if show.kind == RECOMMENDATIONS and count == 0 else _PATHS[show.kind]
    label = _page(path) if path == "/profile" else Say(f"{code}.view")
    return Turn(None, (Say(f"{code}.found", {"count": count}),), action=Go(path, label))


def told_status(show: Show, *, counts: Mapping[str, int]) -> Turn:
    """What to say of one's own tasks or applications: `counts` by status."""
    lines = tuple(
        Say("status.line", {"name": Say(f"status.{one}"), "count": counts[one]})
        for one in STATUSES[show.kind]
        if counts.get(one)
    )
    say = Say(f"{show.kind}.counts", {"lines": lines}) if lines else Say(f"{show.kind}.none")
    return Turn(None, (say,), action=Go(_PATHS[show.kind], Say(f"{show.kind}.view")))


def navigate(slots: Slots, *, language: str) -> Turn:
    """Go to the page that was named, or ask which."""
    if slots.page in PAGES:
        label = _page(slots.page)
        return Turn(None, (Say("navigate.opening", {"page": label}),), action=Go(slots.page, label))
    return Turn(
        None,
        (Say("navigate.where"),),
        tuple(Button(_page(path), _page(path).show(language)) for path in _OFFERED),
    )


def menu(*, language: str) -> Turn:
    """What the assistant can do."""
    return Turn(
        None,
        (Say("help.menu"),),
        tuple(button(f"choose.{code}", language) for code in ("RECOMMEND_TASKS", "CREATE_TASK")),
        action=Go("/help", _page("/help")),
    )


def _page(path: str) -> Say:
    return Say("as_is", {"en": page_name(path, "en"), "ar": page_name(path, "ar")})


# Asking which was meant ---------------------------------------------------------------------------------------------

CHOOSE = "CHOOSE"


def choose(text: str, *, routed: Routed, language: str, draft_id: str) -> Turn:
    """Two buttons for what the router is not sure of; the message waits in the state for the answer."""
    second = routed.runner_up or Intent.GENERAL_CHAT
    if second == routed.intent:
        second = Intent.GENERAL_CHAT if routed.intent != Intent.GENERAL_CHAT else Intent.HELP
    codes = [str(routed.intent), str(second)]
    state = {"flow": CHOOSE, "draft_id": draft_id, "turn": 0, "text": text[:2000], "codes": codes}
    return Turn(state, (Say("choose.which"),), tuple(button(f"choose.{code}", language) for code in codes))


def chosen(state: Mapping[str, object], text: str, *, routed: Routed) -> Turn:
    """The button that was pressed, its words or its number; anything else is a message of its own."""
    codes = state.get("codes")
    plain = _folded(text)
    for number, code in enumerate(codes if isinstance(codes, list) else [], start=1):
        if not isinstance(code, str) or code not in {str(one) for one in Intent}:
            continue
        label = Say(f"choose.{code}")
        if plain in {str(number), _folded(label.show("en")), _folded(label.show("ar"))}:
            return Turn(None, aside=Intent(code), replay=str(state.get("text") or "") or None)
    return Turn(None, aside=routed.intent)


def _folded(text: str) -> str:
    return " ".join(soft(word) if word.isascii() else word for word in normalise(text[:200]).split())
